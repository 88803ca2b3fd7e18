package tagexpr

import "slices"

// Expr is an expression as [Parse] has read it. It is never written to, so it is safe for concurrent use.
type Expr struct{ root *node }

type operator byte

const (
	leaf operator = iota
	not
	and
	or
)

// node is a tag, or an operator over others: one below not, two and more below and and or.
type node struct {
	op          operator
	tag, folded string
	kids        []*node
}

// Match says whether the expression describes a set of tags. has is asked with folded tags, with each as often as it takes.
func (e *Expr) Match(has func(tag string) bool) bool { return e.root.match(has) }

func (n *node) match(has func(tag string) bool) bool {
	switch n.op {
	case leaf:
		return has(n.folded)
	case not:
		return !n.kids[0].match(has)
	}
	for _, kid := range n.kids {
		if kid.match(has) == (n.op == or) {
			return n.op == or
		}
	}
	return n.op == and
}

// Drivers returns folded tags of which every set that the expression describes has at least one, so that whoever looks
// for such sets looks under these alone; few where there is a choice. ok is false when there are no such tags, as
// for "!a": then every set has to be looked at.
func (e *Expr) Drivers() (tags []string, ok bool) {
	tags = e.root.drivers(false)
	return tags, tags != nil
}

// drivers are those of a node or, with negated, of its negation, in which de Morgan swaps and with or. nil: there are none.
func (n *node) drivers(negated bool) []string {
	switch n.op {
	case leaf:
		if negated {
			return nil
		}
		return []string{n.folded}
	case not:
		return n.kids[0].drivers(!negated)
	}
	if (n.op == and) != negated {
		return n.fewest(negated)
	}
	var union []string
	for _, kid := range n.kids {
		tags := kid.drivers(negated)
		if tags == nil {
			return nil
		}
		union = appendNew(union, tags)
	}
	return union
}

// fewest are the drivers of one of the nodes below, as all of them have to match.
func (n *node) fewest(negated bool) []string {
	var best []string
	for _, kid := range n.kids {
		if tags := kid.drivers(negated); tags != nil && (best == nil || len(tags) < len(best)) {
			best = tags
		}
	}
	return best
}

// Tags returns the folded tags that the expression names, each once, in order of appearance.
func (e *Expr) Tags() []string { return e.root.tags(nil) }

func (n *node) tags(found []string) []string {
	if n.op == leaf {
		return appendNew(found, []string{n.folded})
	}
	for _, kid := range n.kids {
		found = kid.tags(found)
	}
	return found
}

func appendNew(to, tags []string) []string {
	for _, tag := range tags {
		if !slices.Contains(to, tag) {
			to = append(to, tag)
		}
	}
	return to
}

// String writes the expression with its tags as they were given, one space around && and ||, and no parentheses but those it
// needs. [Parse] reads that as the same expression.
func (e *Expr) String() string { return string(e.root.append(nil)) }

func (n *node) append(b []byte) []byte {
	between := " && "
	switch n.op {
	case leaf:
		return append(b, n.tag...)
	case not:
		return n.appendKid(append(b, '!'), n.kids[0])
	case or:
		between = " || "
	}
	for i, kid := range n.kids {
		if i > 0 {
			b = append(b, between...)
		}
		b = n.appendKid(b, kid)
	}
	return b
}

// appendKid sets in parentheses what binds less than the operator above it. It needs none below the same operator.
func (n *node) appendKid(b []byte, kid *node) []byte {
	if kid.op <= n.op { // in order of precedence
		return kid.append(b)
	}
	return append(kid.append(append(b, '(')), ')')
}
