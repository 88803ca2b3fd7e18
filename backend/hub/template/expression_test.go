package template

import (
	"errors"
	"strings"
	"testing"
)

func TestExpressions(t *testing.T) {
	for _, c := range []struct{ expression, want string }{
		{"", ""},
		{" ", " "},
		{"plain", "plain"},
		{"Hello $(name)", "Hello $(name)"},
		{"'quoted'", "'quoted'"},
		{"$(name)", "Anna"},
		{"$(NAME)", "Anna"},
		{"$( name )", "Anna"},
		{"$(missing)", ""},
		{"$(name, 2)", "An"},
		{"$(name,2)", "An"},
		{"$(name , 0 )", ""},
		{"$(name, 4)", "Anna"},
		{"$(name, 2147483647)", "Anna"},
		{"$(umlaut, 4)", "Grüß"},
		{".(umlaut, 6)", "Grü..."},
		{".(name, 4)", "Anna"},
		{".(name, 3)", "..."},
		{".(name, 2)", "An"},
		{".(name, 0)", ""},
		{".(missing, 5)", ""},
		{"%(spaces)", "a%20b%2Bc%2F%C3%BC~"},
		{"%(missing)", ""},
		{"#(count)", "40"},
		{"#(name)", "Anna"},
		{"$(missing:{nobody})", "nobody"},
		{"$(name:{nobody})", "Anna"},
		{"$(empty:{nobody})", ""},
		{"$(missing:{})", ""},
		{`$(missing:{a\}b\\c\d), (})`, `a}b\cd), (`},
		{"$(missing:{nobody}, 3)", "nob"},
		{"$(missing :{no} , 1)", "n"},
		{".(missing:{a long text}, 6)", "a l..."},
		{"%(missing:{a b})", "a%20b"},
		{"#(missing:{5})", "5"},
		{"{$(name)}", "Anna"},
		{"{ 'a' }", "a"},
		{"{''}", ""},
		{"{#(count)}", "40"},
		{"{'Hi, '+$(name)+\"!\"}", "Hi, Anna!"},
		{"{ 'it''s ' + \"\"\"it\"\"\" + ' }' }", `it's "it" }`},
		{"{$(name, 1) + .(title, 7) + %(spaces) + $(missing:{+})}", "AThis...a%20b%2Bc%2F%C3%BC~+"},
		{"$(" + strings.Repeat("a", 120) + ")", ""},
	} {
		e, err := ParseExpression(c.expression)
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
		} else if got := e.Eval(from(weather)); got != c.want {
			t.Errorf("%s: %q, want %q", c.expression, got, c.want)
		}
	}
}

func TestBadExpressions(t *testing.T) {
	for _, c := range []struct{ expression, words string }{
		{"$", "opening ("},
		{"$name", "opening ("},
		{"$(", "name has"},
		{"$()", "name has"},
		{"$( )", "name has"},
		{"$(a", "closing )"},
		{"$(a b)", "closing )"},
		{"$(a-b)", "closing )"},
		{"$(ä)", "name has"},
		{"$(" + strings.Repeat("a", 121) + ")", "name has"},
		{"$(a,)", "whole number"},
		{"$(a, )", "whole number"},
		{"$(a, -1)", "whole number"},
		{"$(a, +1)", "whole number"},
		{"$(a, x)", "whole number"},
		{"$(a, 1.5)", "closing )"},
		{"$(a, 2147483648)", "whole number"},
		{"$(a, 1, 2)", "closing )"},
		{".(a)", "number of characters"},
		{".5", "opening ("},
		{"%(a, 1)", "take no number"},
		{"#(a, 1)", "take no number"},
		{"%d", "opening ("},
		{"#1", "opening ("},
		{"$body", "$body"},
		{"$Body", "$body"},
		{"$body(a)", "$body"},
		{"{$BODY}", "$body"},
		{"$(a)+$(b)", "whole value"},
		{"$(a) ", "whole value"},
		{"$(a)}", "whole value"},
		{"$(a:b)", "within {"},
		{"$(a:", "within {"},
		{"$(a: {b})", "within {"},
		{"$(a:{b)", "closing } is missing"},
		{`$(a:{b\`, "closing } is missing"},
		{`$(a:{b\})`, "closing } is missing"},
		{"$(a:{b}x)", "closing )"},
		{"$(:{b})", "name has"},
		{"{", "closing }"},
		{"{}", "here must be"},
		{"{ }", "here must be"},
		{"{a}", "here must be"},
		{"{$(a)} ", "closing }"},
		{"{$(a)", "closing }"},
		{"{$(a) $(b)}", "must be a +"},
		{"{$(a) +}", "here must be"},
		{"{+ $(a)}", "here must be"},
		{"{$(a) + #(b)}", "number and cannot"},
		{"{'a}", "closing quote"},
		{"{'a''}", "closing quote"},
		{`{"a'}`, "closing quote"},
		{"{'a' 'b'}", "must be a +"},
		{"{{$(a)}}", "here must be"},
	} {
		_, err := ParseExpression(c.expression)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Words, c.words) || e.Offset < 0 || e.Offset > len(c.expression) {
			t.Errorf("%s: %v, want %q", c.expression, err, c.words)
		}
	}
}
