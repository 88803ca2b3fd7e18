package main_test

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestEveryDecoderThatIsFuzzedKeepsACorpus(t *testing.T) {
	function := regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)
	count := 0
	err := filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		for _, f := range function.FindAllStringSubmatch(read(t, path), -1) {
			count++
			kept, err := filepath.Glob(filepath.Join(filepath.Dir(path), "testdata", "fuzz", f[1], "*"))
			if err != nil || len(kept) == 0 {
				t.Errorf("%s keeps nothing of %s in testdata/fuzz, %v", filepath.Dir(path), f[1], err)
			}
		}
		return nil
	})
	if err != nil || count < 50 {
		t.Errorf("%d decoders are fuzzed, %v", count, err)
	}
}
