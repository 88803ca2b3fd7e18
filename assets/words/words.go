package words

import (
	"embed"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/pelletier/go-toml/v2"
)

//go:generate env SECUREPUSH_WRITE_WORDS=1 go test -count=1 -run TestTheMethodsAreMadeOfTheEnglishFile .

//go:embed *.toml
var files embed.FS

// english is the language in which words are written first, and what is said where a language lacks something.
const english = "en"

// Words say things in one language. The zero value speaks English; nothing is read before the first word. Words are safe for concurrent
// use and must not be copied.
type Words struct{ now atomic.Pointer[catalogue] }

// catalogue is one language, read.
type catalogue struct {
	tag   string
	form  func(n int) form
	texts map[string]string // "inbox.empty_title", "inbox.arrived#one", "date.months#0"
	known []phrase          // what is said elsewhere in English, the longest first; none in English
}

// New makes words in a language; one that is not among [Languages] gives English.
func New(tag string) *Words {
	w := &Words{}
	w.Use(tag)
	return w
}

// Use changes the language; one that is not among [Languages] gives English.
func (w *Words) Use(tag string) {
	if have := w.now.Load(); have == nil || have.tag != tag {
		w.now.Store(load(tag))
	}
}

// Tag is the language that is spoken, such as "de".
func (w *Words) Tag() string { return w.catalogue().tag }

func (w *Words) catalogue() *catalogue {
	if c := w.now.Load(); c != nil {
		return c
	}
	w.now.CompareAndSwap(nil, load(english))
	return w.now.Load()
}

// load reads a language on top of English.
func load(tag string) *catalogue {
	c := &catalogue{tag: english, texts: map[string]string{}}
	c.add(english)
	if tag != english && slices.Contains(tags(), tag) {
		c.tag, c.known = tag, phrases(c.texts)
		c.add(tag)
	}
	c.form = formsOf(c.tag)
	return c
}

// add takes the words of a file. A file that cannot be read adds none; the tests see to it that each can.
func (c *catalogue) add(tag string) {
	sections, err := read(tag)
	if err != nil {
		return
	}
	for section, words := range sections {
		for name, value := range words {
			key := section + "." + name
			switch v := value.(type) {
			case string:
				c.texts[key] = v
			case []any:
				for i, s := range v {
					c.texts[key+"#"+strconv.Itoa(i)], _ = s.(string)
				}
			case map[string]any:
				for form, s := range v {
					c.texts[key+"#"+form], _ = s.(string)
				}
			}
		}
	}
}

// read parses a language's file: sections, and in each a text, a list of texts or the forms of a number.
func read(tag string) (map[string]map[string]any, error) {
	b, err := fs.ReadFile(files, tag+".toml")
	if err != nil {
		return nil, err
	}
	var sections map[string]map[string]any
	err = toml.Unmarshal(b, &sections)
	return sections, err
}

// say is a text without placeholders.
func (w *Words) say(key string) string { return w.catalogue().texts[key] }

// fill is a text in which each {name} is replaced; pairs are names and values.
func (w *Words) fill(key string, pairs ...string) string {
	return replace(w.catalogue().texts[key], pairs)
}

// count is the form of a text that goes with a number, which stands in the place of {n}.
func (w *Words) count(key string, n int, pairs ...string) string {
	c := w.catalogue()
	text, ok := c.texts[key+"#"+string(c.form(n))]
	if !ok {
		text = c.texts[key+"#"+string(formOther)]
	}
	return replace(text, append(pairs, "n", strconv.Itoa(n)))
}

// item is the text at a place of a list, from 0.
func (w *Words) item(key string, i int) string {
	return w.catalogue().texts[key+"#"+strconv.Itoa(i)]
}

// replace puts values in the place of names, once: what a value holds is not looked at again.
func replace(text string, pairs []string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				b.WriteString(pairs[i+1])
			}
		}
		text = after
	}
}
