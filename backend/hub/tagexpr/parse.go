package tagexpr

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"securepush/backend/hub/record"
)

const (
	maxAlternatives = 20 // tags in an expression that holds only ||
	maxTags         = 6  // in any other
	maxDepth        = 32 // parentheses within each other; 20 tags have a use for 19
	maxExpression   = 16 << 10
)

// Error says in words what is wrong with an expression, without repeating any of it.
type Error struct {
	// Words is a sentence without its full stop. Example: "A tag is expected at character 5"
	Words string
}

func (e *Error) Error() string { return e.Words }

// Parse reads an expression: at most 20 tags when it holds only ||, else at most 6; a tag that is there twice counts twice.
// Spaces may stand between all parts. The text has at most 16 KB and 32 parentheses within each other. The error is an
// [*Error]; an empty expression is one, too.
func Parse(s string) (*Expr, error) {
	if len(s) > maxExpression {
		return nil, &Error{"The tag expression is too long"}
	}
	p := parser{text: s}
	root, err := p.list(or)
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(s) {
		return nil, p.wrong("An operator or the end is expected")
	}
	switch {
	case p.tags > maxAlternatives:
		return nil, &Error{fmt.Sprintf("The tag expression has more than %d tags", maxAlternatives)}
	case p.tags > maxTags && p.mixed:
		return nil, &Error{fmt.Sprintf("A tag expression with more than %d tags may hold || only", maxTags)}
	}
	return &Expr{root}, nil
}

// parser descends by precedence. It goes down a level per parenthesis only, and there are at most maxDepth.
type parser struct {
	text  string
	at    int // bytes
	depth int
	tags  int
	mixed bool // there is an operator other than ||
}

// list reads what stands between || or, one level of precedence down, between &&.
func (p *parser) list(op operator) (*node, error) {
	sign, part := "||", func() (*node, error) { return p.list(and) }
	if op == and {
		sign, part = "&&", p.operand
	}
	first, err := part()
	if err != nil || !p.take(sign) {
		return first, err
	}
	n := &node{op: op, kids: []*node{first}}
	for more := true; more; more = p.take(sign) {
		kid, err := part()
		if err != nil {
			return nil, err
		}
		n.kids = append(n.kids, kid)
	}
	p.mixed = p.mixed || op == and
	return n, nil
}

// operand reads a tag or an expression in parentheses, with any number of ! before it.
func (p *parser) operand() (*node, error) {
	negated := false
	for p.take("!") {
		negated, p.mixed = !negated, true
	}
	n, err := p.group()
	switch {
	case err != nil:
		return nil, err
	case !negated:
		return n, nil
	case n.op == not:
		return n.kids[0], nil
	}
	return &node{op: not, kids: []*node{n}}, nil
}

func (p *parser) group() (*node, error) {
	if !p.take("(") {
		return p.tag()
	}
	if p.depth++; p.depth > maxDepth {
		return nil, p.wrong("There are too many parentheses within each other")
	}
	n, err := p.list(or)
	if err != nil {
		return nil, err
	}
	if !p.take(")") {
		return nil, p.wrong("An operator or a closing parenthesis is expected")
	}
	p.depth--
	return n, nil
}

func (p *parser) tag() (*node, error) {
	p.space()
	tag := p.text[p.at:][:scanTag(p.text[p.at:])]
	switch {
	case tag == "":
		return nil, p.wrong("A tag is expected")
	case utf8.RuneCountInString(tag) > maxTag:
		return nil, p.wrong(fmt.Sprintf("There is a tag of more than %d characters", maxTag))
	}
	p.at += len(tag)
	p.tags++
	return &node{tag: tag, folded: record.Fold(tag)}, nil
}

func (p *parser) space() { p.at = len(p.text) - len(strings.TrimLeft(p.text[p.at:], " \t")) }

// take goes past a sign if it comes next.
func (p *parser) take(sign string) bool {
	p.space()
	if !strings.HasPrefix(p.text[p.at:], sign) {
		return false
	}
	p.at += len(sign)
	return true
}

func (p *parser) wrong(what string) error {
	return &Error{fmt.Sprintf("%s at character %d of the tag expression", what, utf8.RuneCountInString(p.text[:p.at])+1)}
}
