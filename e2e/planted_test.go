//go:build linux

package e2e

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/godbus/dbus/v5"
)

// everyPlaceIsSearched plants something in each place and form, and finds it.
func (k *marked) everyPlaceIsSearched() {
	k.Helper()
	argument, variable, logged, filed, called, pushed := word(), word(), word(), word(), word(), word()
	seen := k.lookAtProcesses()
	child := exec.CommandContext(k.Context(), "sleep", "60")
	child.Args = []string{"sleep", "60"}
	child.Env = append(slices.Clone(k.env), "PLANTED="+base64.StdEncoding.EncodeToString([]byte("x"+variable)))
	shell := exec.CommandContext(k.Context(), "sh", "-c", "read wait", hex.EncodeToString([]byte(argument)))
	shell.Env = k.env
	held, err := shell.StdinPipe()
	if err != nil {
		k.Fatal(err)
	}
	for _, cmd := range []*exec.Cmd{child, shell} {
		if err := cmd.Start(); err != nil {
			k.Fatal(err)
		}
	}
	k.until("both are seen", func() bool { return seen.holds(argument) != "" && seen.holds(variable) != "" })
	seen.end()
	_ = held.Close()
	_ = child.Process.Kill()
	_, _ = child.Wait(), shell.Wait()

	_, _ = k.listener.out.Write([]byte("level=DEBUG msg=" + url.QueryEscape("ü"+logged)))
	if err := os.WriteFile(filepath.Join(k.dir, "left"), []byte(base64.URLEncoding.EncodeToString([]byte("ab"+filed+"c"))), 0o600); err != nil {
		k.Fatal(err)
	}
	if err := k.bus().Emit("/x", "io.example.Planted", map[string]dbus.Variant{"a": dbus.MakeVariant([]byte(called))}); err != nil {
		k.Fatal(err)
	}
	k.site.capture.post(k.stack, push{path: "/wpush/none", header: http.Header{"X-Planted": {pushed}}})
	k.until("the bus has carried it", func() bool { b, _ := k.traffic.all(); return find(b, called) != "" })
	l := k.trail()
	l.processes = seen
	for place, text := range map[string]string{
		"an argument": argument, "the environment": variable, "a log": logged, "a file": filed, "the bus": called, "the push service": pushed,
	} {
		if len(l.search(text)) != 1 {
			k.Errorf("what was planted in %s is found in %q", place, l.search(text))
		}
	}
}
