package tagexpr

import (
	"strings"
	"testing"
)

func TestATagHasTheCharactersOfTheService(t *testing.T) {
	for tag, want := range map[string]bool{
		"Beatles":                        true,
		"uid:Alice":                      true,
		"username:alice@example.org":     true,
		"#news":                          true,
		"-_@#.:":                         true,
		"7":                              true,
		"undefined":                      true,
		"ÄNNE":                           true,
		"новости":                        true,
		"新闻":                             true,
		"e\u0301":                        true, // a mark, Mn
		"\u0663":                         true, // a digit, Nd
		"a\u203fb":                       true, // a connector, Pc
		strings.Repeat("ä", 120):         true,
		"$InstallationId:{dev-1}":        true,
		"$installationid:{dev-1}":        true,
		"$USERID:{a=b}":                  true,
		"$UserId:{Änne}":                 true,
		InstallationTag("a_b@c#d.e:f=g"): true,
		UserTag("alice"):                 true,

		"":                                false,
		" ":                               false,
		"Template Name":                   false,
		" a":                              false,
		"a ":                              false,
		"a,b":                             false,
		"a=b":                             false,
		"a!":                              false,
		"(a)":                             false,
		"a&b":                             false,
		"a|b":                             false,
		"a+b":                             false,
		"a/b":                             false,
		"{a}":                             false,
		"$a":                              false,
		"a$":                              false,
		"a\x00":                           false,
		"a\xff":                           false,
		"a\ufffd":                         false,
		"Ⅷ":                               false, // Nl
		"²":                               false, // No
		"\u0903":                          false, // Mc
		"🦊":                               false,
		strings.Repeat("a", 121):          false,
		strings.Repeat("ä", 121):          false,
		"$InstallationId:{}":              false,
		"$InstallationId:{a":              false,
		"$InstallationId:{a}b":            false,
		"$InstallationId:{a b}":           false,
		"$InstallationId:{a}}":            false,
		"$InstallationId:a":               false,
		"$InstallationId{a}":              false,
		"$UserId:{{a}}":                   false,
		"$Other:{a}":                      false,
		"$":                               false,
		UserTag(strings.Repeat("a", 110)): true,
		UserTag(strings.Repeat("a", 111)): false,
	} {
		if Valid(tag) != want {
			t.Errorf("%q is a tag: %v", tag, !want)
		}
	}
}

func TestTagsOfInstallationsAndUsersHaveTheFormOfTheService(t *testing.T) {
	if got := InstallationTag("dev-1"); got != "$InstallationId:{dev-1}" {
		t.Error(got)
	}
	if got := UserTag("alice"); got != "$UserId:{alice}" {
		t.Error(got)
	}
}
