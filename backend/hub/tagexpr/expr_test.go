package tagexpr

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"securepush/backend/hub/record"
)

func mustParse(tb testing.TB, s string) *Expr {
	tb.Helper()
	e, err := Parse(s)
	if err != nil {
		tb.Fatalf("%s: %v", s, err)
	}
	return e
}

// set is tags as a device may have them, in any case.
func set(tags ...string) func(string) bool {
	folded := map[string]bool{}
	for _, tag := range tags {
		folded[record.Fold(tag)] = true
	}
	return func(tag string) bool { return folded[tag] }
}

func TestExpressionsDescribeSetsOfTags(t *testing.T) {
	for _, c := range []struct {
		name, text string
		tags       []string
		want       bool
	}{
		// Those of "Routing and tag expressions".
		{"a fan in Boston", "(follows_RedSox || follows_Cardinals) && location_Boston", []string{"follows_RedSox", "location_Boston"}, true},
		{"a fan of the others in Boston", "(follows_RedSox || follows_Cardinals) && location_Boston", []string{"location_Boston", "follows_Cardinals"}, true},
		{"a fan elsewhere", "(follows_RedSox || follows_Cardinals) && location_Boston", []string{"follows_RedSox", "follows_Cardinals"}, false},
		{"nobody's fan in Boston", "(follows_RedSox || follows_Cardinals) && location_Boston", []string{"location_Boston"}, false},
		{"Boston, but not a fan of the Cardinals", "(location_Boston && !follows_Cardinals)", []string{"location_Boston", "follows_RedSox"}, true},
		{"Boston, and a fan of the Cardinals", "(location_Boston && !follows_Cardinals)", []string{"location_Boston", "follows_Cardinals"}, false},
		{"all the devices of a user", "uid:Alice", []string{"Beatles", "uid:Alice"}, true},
		// Those seen from official clients.
		{"@azure/notification-hubs joins without spaces", "a||b", []string{"b"}, true},
		{"azure-sb joins with spaces", "a || b", []string{"a"}, true},
		{"and not", "username:alice && !news", []string{"username:alice"}, true},
		{"and not, with that", "username:alice && !news", []string{"username:alice", "news"}, false},
		{"undefined is a tag that nobody has", "undefined", []string{"a"}, false},
		{"undefined is a tag that somebody has", "undefined", []string{"undefined"}, true},

		{"tags have no case", "UserName:ALICE", []string{"username:alice"}, true},
		{"in no script", "username:ÄNNE", []string{"Username:änne"}, true},
		{"an installation's own tag", "$InstallationId:{dev-1} && !$UserId:{a=b}", []string{InstallationTag("DEV-1")}, true},
		{"a user's own tag", "$userid:{alice}", []string{UserTag("Alice")}, true},
		{"a user's own tag is not a tag without the braces", "alice", []string{UserTag("alice")}, false},
		{"a tag that begins alike is another", "a", []string{"ab"}, false},
		{"spaces and tabs anywhere", " \t! ( a||b )&&\tc ", []string{"c"}, true},
		{"no spaces at all", "!(a||b)&&c", []string{"a", "c"}, false},
		{"and before or", "a || b && c", []string{"a"}, true},
		{"and before or, from the left", "a && b || c", []string{"c"}, true},
		{"not before and", "!a && b", []string{"b"}, true},
		{"parentheses first", "(a || b) && c", []string{"a"}, false},
		{"not of parentheses", "!(a && b)", []string{"a"}, true},
		{"not not", "!!a", []string{"a"}, true},
		{"not not not", "! ! !a", []string{"a"}, false},
		{"not of not in parentheses", "!(!a)", []string{"a"}, true},
		{"a tag and its opposite", "a && !a", []string{"a"}, false},
		{"a tag or its opposite", "a || !a", nil, true},
		{"nothing has no tag", "!a", nil, true},
		{"parentheses around all", "((((a))))", []string{"a"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := mustParse(t, c.text)
			if e.Match(set(c.tags...)) != c.want {
				t.Errorf("%s with %q: %v", c.text, c.tags, !c.want)
			}
			if mustParse(t, e.String()).Match(set(c.tags...)) != c.want {
				t.Errorf("%s, written as %s, with %q: %v", c.text, e, c.tags, !c.want)
			}
		})
	}
}

// numbered joins n tags t1, t2, …
func numbered(n int, by string) string {
	tags := make([]string, n)
	for i := range tags {
		tags[i] = fmt.Sprintf("t%d", i+1)
	}
	return strings.Join(tags, by)
}

func TestExpressionsUpToTheLimitsAreRead(t *testing.T) {
	for name, text := range map[string]string{
		"20 tags with or alone":               numbered(20, "||"),
		"20 tags with or and parentheses":     "((" + numbered(10, "||") + ")||(" + numbered(10, " || ") + "))",
		"20 times the same tag":               strings.TrimSuffix(strings.Repeat("a||", 20), "||"),
		"20 tags, one parenthesis each":       strings.Repeat("(", 19) + "t" + strings.Repeat("||t)", 19),
		"6 tags with and":                     numbered(6, " && "),
		"6 tags with all operators":           "!(t1 || t2) && t3 || (t4 && !t5) || t6",
		"20 tags of 120 characters":           strings.TrimSuffix(strings.Repeat(strings.Repeat("語", 120)+" || ", 20), " || "),
		"as many parentheses as there may be": strings.Repeat("(", maxDepth) + "a" + strings.Repeat(")", maxDepth),
		"parentheses that follow each other":  strings.TrimSuffix(strings.Repeat("(((a)))||", 20), "||"),
		"a thousand nots":                     strings.Repeat("!", 1000) + "a",
	} {
		if _, err := Parse(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestIllegalExpressionsAreRefusedInWords(t *testing.T) {
	const (
		tag   = "A tag is expected at character %d of the tag expression"
		next  = "An operator or the end is expected at character %d of the tag expression"
		close = "An operator or a closing parenthesis is expected at character %d of the tag expression"
	)
	at := fmt.Sprintf
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", at(tag, 1)},
		{"a space", " ", at(tag, 2)},
		{"an operator alone", "||", at(tag, 1)},
		{"an operator first", "&& a", at(tag, 1)},
		{"an operator last", "a ||", at(tag, 5)},
		{"two operators", "a || && b", at(tag, 6)},
		{"half an operator", "a | b", at(next, 3)},
		{"half of the other", "a & b", at(next, 3)},
		{"an operator and a half", "a &&& b", at(tag, 5)},
		{"an operator in words", "a and b", at(next, 3)},
		{"two tags", "a b", at(next, 3)},
		{"a comma", "a,b", at(next, 2)},
		{"not at the end", "a && !", at(tag, 7)},
		{"not after a tag", "a!", at(next, 2)},
		{"not between tags", "a ! b", at(next, 3)},
		{"nothing in parentheses", "()", at(tag, 2)},
		{"a parenthesis that stays open", "(a || b", at(close, 8)},
		{"another that stays open", "((a)", at(close, 5)},
		{"a parenthesis that was not open", "a)", at(next, 2)},
		{"a tag before a parenthesis", "a (b)", at(next, 3)},
		{"a tag after a parenthesis", "(a) b", at(next, 5)},
		{"another dollar", "$Tag:{a}", at(tag, 1)},
		{"an installation without an ID", "$InstallationId:{}", at(tag, 1)},
		{"an installation that stays open", "$InstallationId:{a || b", at(tag, 1)},
		{"a space within a tag's braces", "$InstallationId:{a b}", at(tag, 1)},
		{"something after the braces", "$UserId:{a}b", at(next, 12)},
		{"a line break", "a\n|| b", at(next, 2)},
		{"a space that is none", "a\u00a0|| b", at(next, 2)},
		{"quotes", `"a"`, at(tag, 1)},
		{"characters are counted, not bytes", "ää öö", at(next, 4)},
		{"not UTF-8", "a\xff", at(next, 2)},
		{"null", "a || \x00", at(tag, 6)},
		{"a tag of 121 characters", "a || " + strings.Repeat("ä", 121), "There is a tag of more than 120 characters at character 6 of the tag expression"},
		{"21 tags with or alone", numbered(21, " || "), "The tag expression has more than 20 tags"},
		{"21 tags with and", numbered(21, " && "), "The tag expression has more than 20 tags"},
		{"21 times the same tag", strings.TrimSuffix(strings.Repeat("a||", 21), "||"), "The tag expression has more than 20 tags"},
		{"7 tags with and", numbered(7, "&&"), "A tag expression with more than 6 tags may hold || only"},
		{"7 times the same tag", strings.TrimSuffix(strings.Repeat("a&&", 7), "&&"), "A tag expression with more than 6 tags may hold || only"},
		{"7 tags with one and", numbered(6, " || ") + " && t7", "A tag expression with more than 6 tags may hold || only"},
		{"7 tags with one not", "!" + numbered(7, " || "), "A tag expression with more than 6 tags may hold || only"},
		{"7 tags with two nots", "!!" + numbered(7, " || "), "A tag expression with more than 6 tags may hold || only"},
		{"a parenthesis too many", strings.Repeat("(", 33) + "a" + strings.Repeat(")", 33), "There are too many parentheses within each other at character 34 of the tag expression"},
		{"a thousand parentheses", strings.Repeat("!(", 8000), "There are too many parentheses within each other at character 67 of the tag expression"},
		{"17 KB", strings.Repeat(" ", 17<<10), "The tag expression is too long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := Parse(c.text)
			var typed *Error
			if e != nil || !errors.As(err, &typed) || typed.Words != c.want || err.Error() != c.want {
				t.Errorf("%v, %v, not %s", e, err, c.want)
			}
		})
	}
}

func TestAnExpressionIsWrittenInOneWay(t *testing.T) {
	for text, want := range map[string]string{
		"a":                               "a",
		" ( a||B ) ":                      "a || B",
		"a||(b||(c||d))":                  "a || b || c || d",
		"(a&&b)&&(c&&d)":                  "a && b && c && d",
		"(a&&b)||c":                       "a && b || c",
		"a&&(b||c)":                       "a && (b || c)",
		"!(a)":                            "!a",
		"!(a||b)":                         "!(a || b)",
		"!(a&&b)":                         "!(a && b)",
		"!!a":                             "a",
		"!(!(a||b))&&c":                   "(a || b) && c",
		"!(!(a&&b))&&c":                   "a && b && c",
		"a&&!(!(b&&c))":                   "a && b && c",
		"a||a":                            "a || a",
		"$installationid:{Dev}&&!User:Ä":  "$installationid:{Dev} && !User:Ä",
		"((a||b)&&(c||d))||!(e&&(f||!g))": "", // one tag too many
	} {
		e, err := Parse(text)
		if want == "" {
			if err == nil {
				t.Errorf("%s is read", text)
			}
			continue
		}
		if err != nil || e.String() != want {
			t.Errorf("%s is written as %v, %v", text, e, err)
		}
	}
}

func TestTagsAreListedFoldedAndOnce(t *testing.T) {
	e := mustParse(t, "b && (a || !B) && $UserId:{x}")
	if got := e.Tags(); !slices.Equal(got, []string{"B", "A", "$USERID:{X}"}) {
		t.Errorf("%q", got)
	}
}

func TestDriversAreWhereToLook(t *testing.T) {
	for text, want := range map[string]string{
		"a":                             "A",
		"a || b":                        "A B",
		"a || b || A":                   "A B",
		"a && b":                        "A",
		"(a || b) && c":                 "C",
		"(a || b) && (c || d || e)":     "A B",
		"(a || b || c) && (d || D)":     "D",
		"a && !b":                       "A",
		"!b && a":                       "A",
		"a || b && c":                   "A B",
		"!(!a)":                         "A",
		"!(!a || !b)":                   "A",
		"!(!a && !b)":                   "A B",
		"!(!a && (!b || c))":            "A B",
		"!(a || !(b || c))":             "B C",
		"a && !a":                       "A",
		"$InstallationId:{x} && !y":     "$INSTALLATIONID:{X}",
		"!a":                            "",
		"a || !b":                       "",
		"!a && !b":                      "",
		"!(a && b)":                     "",
		"!(a || b)":                     "",
		"(a || !b) && !c":               "",
		"!(a && !b)":                    "",
		"(a || !a) && (b || !c) && !!d": "D",
	} {
		tags, ok := mustParse(t, text).Drivers()
		if got := strings.Join(tags, " "); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", text, got, ok)
		}
	}
}
