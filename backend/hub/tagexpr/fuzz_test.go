package tagexpr

import (
	"errors"
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"securepush/backend/hub/record"
)

// randomText is an expression of up to the given number of tags, of names from "a" to "f".
func randomText(r *rand.Rand, tags int) string {
	space := func() string { return []string{"", "", " ", "\t "}[r.IntN(4)] }
	switch {
	case r.IntN(6) == 0:
		return "!" + space() + "(" + randomText(r, tags) + ")"
	case r.IntN(6) == 0:
		return "(" + space() + randomText(r, tags) + space() + ")"
	case tags == 1:
		return []string{"", "!"}[r.IntN(2)] + string(rune('a'+r.IntN(6)))
	}
	left := 1 + r.IntN(tags-1)
	return randomText(r, left) + space() + []string{"&&", "||"}[r.IntN(2)] + space() + randomText(r, tags-left)
}

var name = regexp.MustCompile(`[a-f]`)

// evaluate asks the Go compiler, in which the operators have the same precedence.
func evaluate(t *testing.T, text string, has func(string) bool) bool {
	t.Helper()
	text = name.ReplaceAllStringFunc(text, func(tag string) string { return fmt.Sprint(has(record.Fold(tag))) })
	v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, text)
	if err != nil {
		t.Fatal(err)
	}
	return constant.BoolVal(v.Value)
}

func TestExpressionsMeanWhatTheyMeanInGo(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		text := randomText(r, 1+r.IntN(maxTags))
		e, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		has := some(r, e)
		if got := e.Match(has); got != evaluate(t, text, has) {
			t.Errorf("%s: %v", text, got)
		}
		holds(t, e, r)
	}
}

// some is a set of some of the tags of an expression.
func some(r *rand.Rand, e *Expr) func(string) bool {
	picked := map[string]bool{}
	for _, tag := range e.Tags() {
		picked[tag] = r.IntN(2) == 0
	}
	return func(tag string) bool { return picked[tag] }
}

// holds checks what is true of every expression, for some sets.
func holds(t *testing.T, e *Expr, r *rand.Rand) {
	t.Helper()
	again, err := Parse(e.String())
	if err != nil || again.String() != e.String() || !slices.Equal(again.Tags(), e.Tags()) {
		t.Fatalf("%s came back as %v, %v", e, again, err)
	}
	drivers, ok := e.Drivers()
	if ok != (len(drivers) > 0) {
		t.Fatalf("%s: %q, %v", e, drivers, ok)
	}
	for range 16 {
		has := some(r, e)
		match := e.Match(has)
		if again.Match(has) != match {
			t.Errorf("%s means something else when it is read again", e)
		}
		if match && ok && !slices.ContainsFunc(drivers, has) {
			t.Errorf("%s describes a set without any of %q", e, drivers)
		}
	}
	if !ok { // then there is no need to have any tag
		return
	}
	if e.Match(func(string) bool { return false }) {
		t.Errorf("%s describes the empty set, which has none of %q", e, drivers)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"(follows_RedSox || follows_Cardinals) && location_Boston", "!!(a||!b)&&$UserId:{x=y}", "", "((", "ä\t||\xff", numbered(20, "||"),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Parse(text)
		if err != nil {
			var typed *Error
			if e != nil || !errors.As(err, &typed) {
				t.Errorf("%v, %v", e, err)
			}
			return
		}
		for _, tag := range e.Tags() {
			if record.Fold(tag) != tag || !strings.Contains(record.Fold(text), tag) {
				t.Errorf("%q is not a folded tag of %q", tag, text)
			}
		}
		holds(t, e, rand.New(rand.NewPCG(uint64(len(text)), 1)))
	})
}

func FuzzValid(f *testing.F) {
	f.Add("$InstallationId:{a}")
	f.Add("a:b")
	f.Add("a||b")
	f.Fuzz(func(t *testing.T, tag string) {
		e, err := Parse(tag)
		alone := err == nil && e.String() == tag && len(e.Tags()) == 1 && !strings.ContainsAny(tag, "!| ")
		if Valid(tag) != alone {
			t.Errorf("%q is a tag: %v, is an expression of one tag: %v", tag, Valid(tag), alone)
		}
	})
}
