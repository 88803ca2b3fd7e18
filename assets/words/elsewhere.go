package words

import (
	"slices"
	"strings"
)

// Agent and server say what is wrong in English, each with a code. The window says it in the person's language, as exactly as it can.

// Foreign says whether another language than English is spoken.
func (w *Words) Foreign() bool { return w.Tag() != english }

// Condition says what the code of a condition of the agent means and what to do about it; false when the language does
// not know it.
func (w *Words) Condition(code string) (title, advice string, ok bool) {
	texts := w.catalogue().texts
	title, ok = texts["condition."+code+"_title"]
	return title, texts["condition."+code+"_advice"], ok
}

// Problem says what the code of a problem means; false when the language does not know it.
func (w *Words) Problem(code string) (string, bool) {
	text, ok := w.catalogue().texts["problem."+code]
	return text, ok
}

// Phrase says what somebody has said in English; false when it is none of the phrases known, or English is spoken.
func (w *Words) Phrase(said string) (string, bool) {
	c := w.catalogue()
	for _, p := range c.known {
		if pairs, ok := p.match(said); ok {
			return replace(c.texts[p.key], pairs), true
		}
	}
	return "", false
}

// phrase is an English text, taken apart: what stands before, between and after its placeholders.
type phrase struct {
	key   string
	fixed []string
	names []string // one less
}

// phrases are those of the section for it, the longest first: what fits exactly comes before what fits anything.
func phrases(texts map[string]string) (out []phrase) {
	length := func(p phrase) int { return len(strings.Join(p.fixed, "")) }
	for key, text := range texts {
		if !strings.HasPrefix(key, "phrase.") {
			continue
		}
		p := phrase{key: key}
		for {
			before, rest, found := strings.Cut(text, "{")
			p.fixed = append(p.fixed, before)
			if !found {
				break
			}
			name, after, _ := strings.Cut(rest, "}")
			p.names, text = append(p.names, name), after
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b phrase) int { return length(b) - length(a) })
	return out
}

// match finds what stands in the places of the names.
func (p phrase) match(said string) (pairs []string, ok bool) {
	rest, ok := strings.CutPrefix(said, p.fixed[0])
	if !ok || len(p.names) == 0 {
		return nil, ok && rest == ""
	}
	for i, name := range p.names {
		next, last := p.fixed[i+1], i == len(p.names)-1
		value, after, found := strings.Cut(rest, next)
		if last { // up to the end
			value, found = strings.CutSuffix(rest, next)
		}
		if !found || value == "" {
			return nil, false
		}
		pairs, rest = append(pairs, name, value), after
	}
	return pairs, true
}
