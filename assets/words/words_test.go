package words

import (
	"bytes"
	"fmt"
	"go/format"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// byCode are the sections that are looked up by what comes from agent and server, without a method for each text.
var byCode = []string{"condition", "problem", "phrase", "outcome", "step"}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

// must reads a language, or fails.
func must(t *testing.T, tag string) map[string]map[string]any {
	t.Helper()
	sections, err := read(tag)
	if err != nil {
		t.Fatalf("%s.toml: %v", tag, err)
	}
	return sections
}

// texts are all the texts of a value.
func texts(value any) (out []string) {
	switch v := value.(type) {
	case string:
		out = append(out, v)
	case []any:
		for _, s := range v {
			out = append(out, fmt.Sprint(s))
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			out = append(out, fmt.Sprint(v[name]))
		}
	}
	return out
}

// names are the placeholders of a text, in their order, each once.
func names(text string) (out []string) {
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// placeholdersOf are those of a value: of all its forms together, for one that counts.
func placeholdersOf(value any) []string { return names(strings.Join(texts(value), " ")) }

func camel(s string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(s, "_") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

func methodName(section, name string) string { return camel(section) + camel(name) }

// method is the source of one text's method.
func method(section, name string, value any) string {
	key, short := section+"."+name, strings.Join(texts(value), " · ")
	if runes := []rune(short); len(runes) > 90 {
		short = strings.TrimSpace(string(runes[:89])) + "…"
	}
	params, pairs := "", ""
	for _, p := range placeholdersOf(value) {
		if p != "n" || !counts(value) {
			params += ", " + p + " string"
			pairs += fmt.Sprintf(", %q, %s", p, p)
		}
	}
	call := fmt.Sprintf("say(%q)", key)
	switch value.(type) {
	case []any:
		params, call = ", i int", fmt.Sprintf("item(%q, i)", key)
	case map[string]any:
		params, call = ", n int"+params, fmt.Sprintf("count(%q, n%s)", key, pairs)
	default:
		if pairs != "" {
			call = fmt.Sprintf("fill(%q%s)", key, pairs)
		}
	}
	m := methodName(section, name)
	return fmt.Sprintf("// %s says: %s\nfunc (w *Words) %s(%s) string { return w.%s }\n", m, short, m, strings.TrimPrefix(params, ", "), call)
}

func counts(value any) bool { _, ok := value.(map[string]any); return ok }

// sources are the files of methods that the English file makes.
func sources(t *testing.T) map[string][]byte {
	out := map[string][]byte{}
	sections := must(t, english)
	for section, words := range sections {
		if slices.Contains(byCode, section) {
			continue
		}
		var b bytes.Buffer
		b.WriteString("// Code generated from en.toml by go generate; DO NOT EDIT.\n\npackage words\n\n")
		for _, name := range slices.Sorted(maps.Keys(words)) {
			b.WriteString(method(section, name, words[name]))
		}
		src, err := format.Source(b.Bytes())
		if err != nil {
			t.Fatalf("[%s]: %v", section, err)
		}
		out["say_"+section+".go"] = src
	}
	return out
}

func TestTheMethodsAreMadeOfTheEnglishFile(t *testing.T) {
	want := sources(t)
	write := os.Getenv("SECUREPUSH_WRITE_WORDS") != ""
	old, err := filepath.Glob("say_*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range old {
		if want[name] != nil {
			continue
		}
		if !write {
			t.Errorf("%s belongs to no section: run go generate ./assets/words", name)
		} else if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	for name, src := range want {
		have, _ := os.ReadFile(name)
		if bytes.Equal(have, src) {
			continue
		}
		if !write {
			t.Errorf("%s is not what en.toml makes: run go generate ./assets/words", name)
		} else if err := os.WriteFile(name, src, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// same are the texts that a language may share with English, by its tag: names, and words that are the same in both.
var same = map[string][]string{
	"de": {
		"account.name", "account.orange",
		"common.app", "date.clock", "date.clock_seconds", "date.full", "date.moment", "state.offline", "menu.account", "inbox.window_title", "inbox.filter", "keys.esc", "condition.offline_title",
		"priority.normal", "signin.server", "compose.text", "settings.theme_system", "settings.percent", "settings.about_version",
		"inbox.page_title", "connection.server", "connection.server_words", "connection.milliseconds", "connection.seconds",
	},
}

func TestEveryLanguageSaysEverything(t *testing.T) {
	en := must(t, english)
	for _, tag := range tags() {
		have := must(t, tag)
		for section, words := range en {
			for name, value := range words {
				other, ok := have[section][name]
				switch {
				case !ok:
					t.Errorf("%s.toml lacks %s.%s", tag, section, name)
				case fmt.Sprintf("%T", value) != fmt.Sprintf("%T", other):
					t.Errorf("%s.toml: %s.%s is of another kind than the English", tag, section, name)
				default:
					compare(t, tag, section+"."+name, value, other)
				}
			}
		}
		for section, words := range have {
			for name := range words {
				if en[section][name] == nil {
					t.Errorf("%s.toml says %s.%s, which the English does not", tag, section, name)
				}
			}
		}
	}
}

func compare(t *testing.T, tag, key string, en, other any) {
	t.Helper()
	if a, b := slices.Sorted(slices.Values(placeholdersOf(en))), slices.Sorted(slices.Values(placeholdersOf(other))); !slices.Equal(a, b) {
		t.Errorf("%s.toml: %s has the placeholders %v, the English %v", tag, key, b, a)
	}
	if list, ok := en.([]any); ok && len(list) != len(texts(other)) {
		t.Errorf("%s.toml: %s has %d texts, the English %d", tag, key, len(texts(other)), len(list))
	}
	if text, ok := en.(string); ok && tag != english && text == other && !slices.Contains(same[tag], key) {
		t.Errorf("%s.toml: %s is still in English; if it is to be, add it to same in words_test.go", tag, key)
	}
	if counts(other) {
		checkForms(t, tag, key, other.(map[string]any))
	}
}

func checkForms(t *testing.T, tag, key string, have map[string]any) {
	t.Helper()
	want := map[string]bool{string(formOther): true}
	for n := range 1_000_001 {
		if n < 300 || n%100_000 == 0 {
			want[string(formsOf(tag)(n))] = true
		}
	}
	if !maps.EqualFunc(have, want, func(any, bool) bool { return true }) {
		t.Errorf("%s.toml: %s has the forms %v, the language has %v", tag, key,
			slices.Sorted(maps.Keys(have)), slices.Sorted(maps.Keys(want)))
	}
}

func TestTextsKeepTheVoice(t *testing.T) {
	for _, tag := range tags() {
		for section, words := range must(t, tag) {
			for name, value := range words {
				for _, text := range texts(value) {
					wrong := ""
					rest := placeholder.ReplaceAllString(text, "")
					switch {
					case strings.TrimSpace(text) != text || text == "" || strings.Contains(text, "  ") || !utf8.ValidString(text):
						wrong = "is empty, or has spaces where none belong"
					case strings.ContainsAny(rest, "{}"):
						wrong = "has a brace that belongs to no placeholder"
					case strings.Contains(rest, "!"):
						wrong = "has an exclamation mark"
					case strings.Contains(rest, "...") || strings.Contains(rest, `"`):
						wrong = "has … or quotation marks as a typewriter has them"
					}
					if wrong != "" {
						t.Errorf("%s.toml: %s.%s %s: %q", tag, section, name, wrong, text)
					}
				}
			}
		}
	}
}

func TestFormsAreThoseOfUnicode(t *testing.T) {
	names := map[plural.Form]form{
		plural.Zero: formZero, plural.One: formOne, plural.Two: formTwo, plural.Few: formFew, plural.Many: formMany, plural.Other: formOther,
	}
	bases := []string{
		"en", "de", "nl", "sv", "da", "nb", "fi", "hu", "tr", "el", "bg", "et", "fr", "pt", "es", "it", "ca", "ru", "uk", "be", "pl", "cs", "sk", "hr",
		"sr", "bs", "sl", "ro", "lt", "ar", "fa", "hi", "bn", "ja", "ko", "zh", "vi", "th", "id", "ms",
	}
	for _, base := range bases {
		for _, n := range append(numbers(1300), 100_000, 1_000_000, 1_000_001, 2_000_000) {
			want := names[plural.Cardinal.MatchPlural(language.Make(base), n, 0, 0, 0, 0)]
			if got := formsOf(base)(n); got != want && (n < 1_000_000 || want != formOther) {
				t.Fatalf("%s: %d is %s, want %s", base, n, got, want)
			}
		}
	}
}

func numbers(n int) (out []int) {
	for i := range n {
		out = append(out, i)
	}
	return out
}
