package main_test

import (
	"go/build"
	"path/filepath"
	"regexp"
	"testing"
)

// failureModes is the document that says what becomes of everything that can go wrong.
const failureModes = "docs/failure-modes.md"

// failures are the groups of rows that it has to have, with how many.
var failures = map[string]int{"F": 42, "X": 33, "W": 16, "S": 9, "V": 28, "E": 25}

func TestEveryFailureIsThereAndNamesATestOrSaysWhyNot(t *testing.T) {
	rowsAreThere(t, failureModes, failures, "cannot occur:", "not done:")
}

func TestEveryTestThatAFailureNamesExists(t *testing.T) { namesExist(t, failureModes, 250) }

// A test that a document names has to run where the tests run: on Linux, without the window.
func TestEveryTestThatADocumentNamesIsBuilt(t *testing.T) {
	system := build.Default
	system.GOOS, system.BuildTags = "linux", []string{"headless"}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	built := map[string]bool{}
	for _, document := range []string{promises, failureModes} {
		for _, name := range promiseTest.FindAllStringSubmatch(read(t, document), -1) {
			dir := name[1]
			if dir == "main" {
				dir = "."
			}
			if _, looked := built[dir]; !looked {
				built[dir] = true
				for f := range testsIn(t, system, function, dir) {
					built[dir+"."+f] = true
				}
			}
			if !built[dir+"."+name[2]] {
				t.Errorf("%s names %s.%s, which is not built for Linux", document, name[1], name[2])
			}
		}
	}
}

// testsIn are the tests of a folder that a system builds.
func testsIn(t *testing.T, system build.Context, function *regexp.Regexp, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no tests: %v", dir, err)
	}
	found := map[string]bool{}
	for _, file := range files {
		ok, err := system.MatchFile(dir, filepath.Base(file))
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			continue
		}
		for _, f := range function.FindAllStringSubmatch(read(t, file), -1) {
			found[f[1]] = true
		}
	}
	return found
}
