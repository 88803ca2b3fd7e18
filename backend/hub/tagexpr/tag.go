package tagexpr

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxTag is how long a tag may be, in characters.
const maxTag = 120

const (
	installationPrefix = "$InstallationId:{"
	userPrefix         = "$UserId:{"
)

// InstallationTag is the tag of the registrations that follow from an installation, which the hub gives them by itself. It is
// valid if the ID consists of letters, digits and -_@#.:= and is short enough.
func InstallationTag(id string) string { return installationPrefix + id + "}" }

// UserTag is likewise the tag of a user's installations.
func UserTag(id string) string { return userPrefix + id + "}" }

// Valid says whether a text is a tag: 1 to 120 letters, digits, marks and -_@#.: of any script, or what [InstallationTag] or
// [UserTag] make, in whatever case.
func Valid(tag string) bool {
	n := scanTag(tag)
	return n > 0 && n == len(tag) && utf8.RuneCountInString(tag) <= maxTag
}

// scanTag returns how many bytes at the beginning of a text are a tag, of whatever length; 0: none.
func scanTag(text string) int {
	for _, prefix := range []string{installationPrefix, userPrefix} {
		if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
			continue
		}
		n := scanName(text[len(prefix):], "=")
		if end := len(prefix) + n; n > 0 && strings.HasPrefix(text[end:], "}") {
			return end + 1
		}
	}
	return scanName(text, "")
}

// scanName returns how many bytes at the beginning of a text are characters of tags or those in also.
func scanName(text, also string) int {
	for i, r := range text {
		if !isTagRune(r) && !strings.ContainsRune(also, r) {
			return i
		}
	}
	return len(text)
}

// isTagRune is the class [-_@#.:\w] of .NET, whose \w goes beyond ASCII.
func isTagRune(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return true
	case r < utf8.RuneSelf:
		return strings.ContainsRune("-_@#.:", r)
	}
	return unicode.In(r, unicode.L, unicode.Mn, unicode.Nd, unicode.Pc)
}
