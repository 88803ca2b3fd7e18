package notify_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"securepush/notify"
)

// sources parses the package's files for every system, without tests.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]*ast.File)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if out[name], err = parser.ParseFile(token.NewFileSet(), name, src, 0); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// importers lists the files that import a path.
func importers(t *testing.T, path string) (files []string) {
	t.Helper()
	for name, f := range sources(t) {
		for _, i := range f.Imports {
			if i.Path.Value == strconv.Quote(path) {
				files = append(files, name)
			}
		}
	}
	slices.Sort(files)
	return files
}

// calls lists the calls of a function of an imported package, with their files.
func calls(t *testing.T, pkg, function string) map[string][]*ast.CallExpr {
	t.Helper()
	out := make(map[string][]*ast.CallExpr)
	for name, f := range sources(t) {
		ast.Inspect(f, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			s, ok := c.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && x.Name == pkg && (function == "" || s.Sel.Name == function) {
				out[name] = append(out[name], c)
			}
			return true
		})
	}
	return out
}

func TestNoTextReachesAnotherProgram(t *testing.T) {
	if got := importers(t, "github.com/gen2brain/beeep"); !slices.Equal(got, []string{"beeep.go"}) {
		t.Errorf("beeep is imported by %v, want one file", got)
	}
	if got := importers(t, "os/exec"); !slices.Equal(got, []string{"promptchild.go", "promptgroup_other.go", "promptgroup_unix.go"}) {
		t.Errorf("os/exec is imported by %v", got)
	}
	started := calls(t, "exec", "")
	if len(started) != 1 || len(started["promptchild.go"]) != 1 {
		t.Errorf("programs are started in %v, want once", started)
	}
	pushed := calls(t, "wintoast", "Push")
	if len(pushed) != 1 || len(pushed["sender_windows.go"]) != 1 || len(pushed["sender_windows.go"][0].Args) != 1 {
		t.Errorf("wintoast.Push must be called once, without any option: an option is a PowerShell script")
	}
	shown := calls(t, "beeep", "")
	if len(shown) != 1 || len(shown["beeep.go"]) != 1 {
		t.Errorf("beeep is called in %v, want once", shown)
	}
}

func TestOnlyPrivateConnectionsToTheBus(t *testing.T) {
	for _, shared := range []string{"SessionBus", "ConnectSessionBus", "SessionBusPrivate", "SystemBus", "Dial", "Connect"} {
		if got := calls(t, "dbus", shared); len(got) > 0 {
			t.Errorf("dbus.%s is called in %v: it shares a connection, or starts a bus", shared, got)
		}
	}
}

func TestPromptsHaveNoCharacterWithAMeaning(t *testing.T) {
	if len(notify.Prompts()) == 0 {
		t.Fatal("no prompts")
	}
	for _, p := range notify.Prompts() {
		title, body := p.Words()
		for text, limit := range map[string]int{title: 64, body: 240} {
			if text == "" || utf8.RuneCountInString(text) > limit {
				t.Errorf("%v: %q is empty or over %d", p, text, limit)
			}
			if strconv.Quote(text) != `"`+text+`"` {
				t.Errorf("%v: %q is not the same in quotes", p, text)
			}
			if strings.ContainsAny(text, "$`\u201c\u201d\u201e&<>") || strings.Contains(text, "]]>") {
				t.Errorf("%v: %q has a character with a meaning", p, text)
			}
			if strings.ContainsRune("-@[({<", rune(text[0])) {
				t.Errorf("%v: %q begins like an option", p, text)
			}
			if notify.Sanitise(text, limit) != text {
				t.Errorf("%v: %q is changed by the sanitiser", p, text)
			}
		}
	}
}
