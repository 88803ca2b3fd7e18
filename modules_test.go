package main_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// mended are modules with holes that were mended, with the first version that has none of them.
var mended = map[string]string{
	"golang.org/x/image": "v0.43.0", // TIFF files that take all memory, reached by whatever draws pictures
}

func TestModulesAreNotOlderThanTheirMends(t *testing.T) {
	text := read(t, "go.mod")
	for module, least := range mended {
		found := regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(module) + ` (v[0-9.]+)`).FindStringSubmatch(text)
		if found == nil {
			t.Errorf("%s is not used any more", module)
		} else if older(found[1], least) {
			t.Errorf("%s is %s; before %s it has holes", module, found[1], least)
		}
	}
	if strings.Contains(text, "\nreplace ") {
		t.Error("a module is replaced: go.mod does not say any more what the program is made of")
	}
	if !older("v0.9.0", "v0.43.0") || older("v0.43.0", "v0.43.0") || older("v1.0.0", "v0.43.0") {
		t.Error("versions are compared wrongly")
	}
}

// older compares versions of numbers.
func older(a, b string) bool {
	x, y := strings.Split(a[1:], "."), strings.Split(b[1:], ".")
	for i := range min(len(x), len(y)) {
		m, _ := strconv.Atoi(x[i])
		n, _ := strconv.Atoi(y[i])
		if m != n {
			return m < n
		}
	}
	return false
}
