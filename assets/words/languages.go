package words

import (
	"io/fs"
	"slices"
	"strings"
)

// Language is one that can be chosen.
type Language struct {
	Tag  string // "de"
	Name string // in itself: "Deutsch"
}

// Languages are those that can be chosen, by name.
func Languages() []Language {
	var out []Language
	for _, tag := range tags() {
		if sections, err := read(tag); err == nil {
			name, _ := sections["language"]["name"].(string)
			out = append(out, Language{tag, name})
		}
	}
	slices.SortFunc(out, func(a, b Language) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// tags are the languages that there are files of.
func tags() []string {
	names, err := fs.Glob(files, "*.toml")
	if err != nil {
		return nil
	}
	for i, name := range names {
		names[i] = strings.TrimSuffix(name, ".toml")
	}
	return names
}

// Locale is the language of a process's environment, as POSIX has it: "de_DE.UTF-8", or "" when it names none.
func Locale(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			return v
		}
	}
	return ""
}

// Choose is the language to speak. setting is the person's: a tag, or "system" or "" for the locale's, which may be a tag or as
// in [Locale]. A language that there is no file of gives the next best: of its family, and then English.
func Choose(setting, locale string) string {
	if setting != "" && setting != "system" {
		locale = setting
	}
	locale, _, _ = strings.Cut(locale, ".") // the encoding
	locale, _, _ = strings.Cut(locale, "@") // the variant
	locale = strings.ReplaceAll(locale, "_", "-")
	for locale != "" {
		for _, tag := range tags() {
			if strings.EqualFold(tag, locale) {
				return tag
			}
		}
		locale = locale[:max(strings.LastIndex(locale, "-"), 0)]
	}
	return english
}
