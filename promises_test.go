package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// promises is the document that says which test holds which promise.
const promises = "docs/promises.md"

var (
	promiseRow  = regexp.MustCompile(`(?m)^\| ([A-Z]\d+) \|.*$`)
	promiseTest = regexp.MustCompile("`([a-z0-9/]+)\\.((?:Test|Fuzz|Benchmark)\\w+)((?:/[^`]+)?)`")
)

// rows are the groups of rows that the document has to have, with how many.
var rows = map[string]int{"P": 8, "D": 11, "B": 12, "C": 12, "H": 15, "R": 25}

func TestEveryPromiseIsThereAndNamesATestOrSaysNotYet(t *testing.T) {
	rowsAreThere(t, promises, rows, "not yet:")
}

// rowsAreThere checks that a document has the rows of each group, and that each names a test or has an excuse.
func rowsAreThere(t *testing.T, document string, groups map[string]int, excuses ...string) {
	t.Helper()
	var want, got []string
	for group, n := range groups {
		for i := range n {
			want = append(want, group+strconv.Itoa(i+1))
		}
	}
	for _, row := range promiseRow.FindAllStringSubmatch(read(t, document), -1) {
		got = append(got, row[1])
		excused := slices.ContainsFunc(excuses, func(excuse string) bool { return strings.Contains(row[0], excuse) })
		if !promiseTest.MatchString(row[0]) && !excused {
			t.Errorf("%s has neither a test nor a word on why not", row[1])
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the document has the rows\n%s, want\n%s", got, want)
	}
}

func TestEveryTestThatAPromiseNamesExists(t *testing.T) { namesExist(t, promises, 100) }

// namesExist checks that a document names at least so many tests, and none that is not there.
func namesExist(t *testing.T, document string, least int) {
	t.Helper()
	sources := map[string]testSource{}
	named := promiseTest.FindAllStringSubmatch(read(t, document), -1)
	if len(named) < least {
		t.Fatalf("only %d tests are named", len(named))
	}
	for _, name := range named {
		dir, function, sub := name[1], name[2], name[3]
		src, read := sources[dir]
		if !read {
			src = readTests(t, dir)
			sources[dir] = src
		}
		if !src.functions[function] {
			t.Errorf("%s has no %s", dir, function)
		}
		for _, part := range strings.Split(sub, "/")[1:] {
			if !src.texts[part] {
				t.Errorf("%s.%s has no %q", dir, function, part)
			}
		}
	}
	text := promiseTest.ReplaceAllString(read(t, document), "")
	if loose := regexp.MustCompile(`\b(Test|Fuzz|Benchmark)[A-Z]\w+`).FindString(text); loose != "" {
		t.Errorf("%s stands without its package", loose)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// testSource is what the tests of a folder are made of. Texts are names of subtests, among others.
type testSource struct{ functions, texts map[string]bool }

// readTests reads the tests of a folder, and the suites in the folders below it. "main" is the root.
func readTests(t *testing.T, dir string) testSource {
	t.Helper()
	if dir == "main" {
		dir = "."
	}
	src := testSource{map[string]bool{}, map[string]bool{}}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && path != dir && !strings.HasSuffix(e.Name(), "test"):
			return filepath.SkipDir
		case e.IsDir(), filepath.Ext(path) != ".go":
			return nil
		}
		return src.read(path, filepath.Dir(path) == filepath.Clean(dir))
	})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func (s testSource) read(path string, own bool) error {
	if own && !strings.HasSuffix(path, "_test.go") {
		return nil
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			s.functions[n.Name.Name] = s.functions[n.Name.Name] || own && n.Recv == nil
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
				s.texts[text] = true
			}
		}
		return true
	})
	return nil
}
