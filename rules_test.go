package main_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows says which rooms a room may import, without the module's name. A room that is not here does not exist.
var arrows = map[string][]string{
	"":                         {"cli", "ui", "agent/local", "secure", "notify", "assets", "assets/words", "api"}, // main.go and gui.go
	"cli":                      {"agent", "agent/autostart", "agent/local", "backend", "backend/hub/record", "backend/store", "cli/desktop", "api", "assets", "assets/words"},
	"cli/desktop":              {},
	"ui":                       {"ui/present", "agent/local", "api", "assets", "assets/words"},
	"ui/present":               {"agent/local", "api", "assets", "assets/words"},
	"agent/autostart":          {"assets"},
	"agent/screen":             {},
	"agent":                    {"agent/autostart", "agent/local", "agent/screen", "agent/tray", "pushlistener", "pushlistener/autopush", "secure", "notify", "api", "assets", "assets/words"},
	"agent/local":              {"api"},
	"agent/tray":               {"api", "assets", "assets/words"},
	"pushlistener":             {"webpush", "api"},
	"pushlistener/autopush":    {"webpush", "api"},
	"secure":                   {"api"},
	"notify":                   {"api", "assets", "assets/words"},
	"backend":                  {"backend/hub", "backend/hub/delivery", "backend/hub/installation", "backend/hub/record", "backend/hub/sas", "backend/hub/tagexpr", "backend/hubclient", "backend/pushservice", "backend/store", "webpush", "api"},
	"backend/hub":              {"backend/hub/atom", "backend/hub/delivery", "backend/hub/installation", "backend/hub/record", "backend/hub/sas", "backend/hub/tagexpr", "backend/hub/template", "webpush", "api"},
	"backend/hub/atom":         {"backend/hub/record", "backend/hub/template"},
	"backend/hub/delivery":     {"webpush", "api"},
	"backend/hub/installation": {"backend/hub/record", "backend/hub/tagexpr", "backend/hub/template"},
	"backend/hub/record":       {"api"},
	"backend/hub/sas":          {"api"},
	"backend/hub/tagexpr":      {"backend/hub/record"},
	"backend/hub/template":     {},
	"backend/hubclient":        {"backend/hub/sas", "backend/hub/installation", "backend/hub/record", "api"},
	"backend/pushservice":      {"webpush", "api"},
	"backend/store":            {"backend/hub/record", "api"},
	"webpush":                  {},
	"api":                      {},
	"assets":                   {},
	"assets/words":             {},
}

// homes says which room alone may import a module.
var homes = map[string][]string{
	"fyne.io/fyne/v2/app":              {""},
	"fyne.io/fyne/v2":                  {"", "ui"},
	"github.com/zalando/go-keyring":    {"secure"},
	"github.com/gen2brain/beeep":       {"notify"},
	"git.sr.ht/~jackmordaunt/go-toast": {"notify"},
	"modernc.org/sqlite":               {"backend/store"},
	"github.com/spf13/cobra":           {"cli"},
}

// testRooms hold tests and what tests share; they may import anything.
func testRoom(dir string) bool {
	last := filepath.Base(dir)
	return dir == "interop" || dir == "e2e" || dir == "faults" || dir == "bench" || strings.HasPrefix(dir, "bench/") || strings.HasSuffix(last, "test") ||
		slices.Contains(strings.Split(dir, "/"), "internal") || slices.Contains(strings.Split(dir, "/"), "testdata")
}

// eachFile calls f for each Go file that is not a test.
func eachFile(t *testing.T, f func(dir, path string, src []byte)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := e.Name()
		if e.IsDir() && path != "." && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "build" || name == "testdata") {
			return filepath.SkipDir
		}
		if e.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		if dir == "." {
			dir = ""
		}
		f(dir, path, src)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestArrowsBetweenRoomsPointDown(t *testing.T) {
	eachFile(t, func(dir, path string, src []byte) {
		allowed, known := arrows[dir]
		if !known && !testRoom(dir) {
			t.Errorf("%s: the design has no room %q", path, dir)
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, src, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if local, ok := strings.CutPrefix(imported, "securepush/"); ok && known && !slices.Contains(allowed, local) {
				t.Errorf("%s imports %s: the design has no such arrow", path, local)
			}
			for module, rooms := range homes {
				if (imported == module || strings.HasPrefix(imported, module+"/")) && !slices.Contains(rooms, dir) {
					t.Errorf("%s imports %s, which lives in %q", path, imported, rooms)
				}
			}
		}
	})
}

func TestEachRoomSaysItsOneJob(t *testing.T) {
	seen := map[string]bool{}
	eachFile(t, func(dir, path string, src []byte) {
		seen[dir] = true
		if dir == "" || filepath.Base(path) != "doc.go" {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, src, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(file.Doc.Text(), "Package "+file.Name.Name+" ") {
			t.Errorf("%s does not say what the package is for", path)
		}
	})
	for dir := range seen {
		if _, err := os.Stat(filepath.Join(dir, "doc.go")); dir != "" && err != nil && !testRoom(dir) {
			t.Errorf("%s has no doc.go", dir)
		}
	}
}

func TestForbiddenWaysAreNotTaken(t *testing.T) {
	for _, rule := range []struct{ text, why string }{
		{"." + "SendNotification(", "Fyne builds scripts from a toast's text"},
		{"dbus." + "SessionBus(", "it is shared with go-keyring and beeep"},
		{"dbus." + "ConnectSessionBus(", "it starts a bus where there is none"},
		{"fyne." + "CurrentApp(", "take the app as a parameter"},
		{"log." + "Fatal", "only main exits"},
	} {
		eachFile(t, func(_, path string, src []byte) {
			text := strings.ReplaceAll(string(src), "fyne."+"CurrentApp().Driver()", "") // by which a control finds its window
			if strings.Contains(text, rule.text) {
				t.Errorf("%s uses %s: %s", path, rule.text, rule.why)
			}
		})
	}
}

func TestFilesHaveOneJob(t *testing.T) {
	const most = 420 // lines
	eachFile(t, func(_, path string, src []byte) {
		if n := strings.Count(string(src), "\n"); n > most {
			t.Errorf("%s has %d lines: it has two jobs", path, n)
		}
	})
}
