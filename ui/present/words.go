package present

import (
	"securepush/agent/local"
	"securepush/api"
	"securepush/assets/words"
)

// Words is the language of the window.
func (s *Shell) Words() *words.Words { return s.opts.Words }

// Speak changes to the language that the person has chosen and says whether it is another. What was said about things past
// stays as it was said.
func (s *Shell) Speak() bool {
	tag := words.Choose(s.Settings.Values.Language, s.opts.Locale)
	if tag == s.opts.Words.Tag() {
		return false
	}
	s.opts.Words.Use(tag)
	s.Compose.Allow(s.status, s.registered)
	s.Quiet.tell(s.status)
	s.Settings.showHours()
	if s.SignIn.Why != "" {
		s.SignIn.explain()
	}
	return true
}

// SystemLanguage is the language that is spoken to a person who has chosen none.
func (s *Shell) SystemLanguage() string { return words.Choose(LanguageSystem, s.opts.Locale) }

// problemRunes is how much of a problem's words is shown.
const problemRunes = 600

// problemWords is what a person is told about an error. Errors come with their words in English; these are said in the
// person's language where it knows them, or else what the error's code means.
//
// A server may have written them, so they are made safe to show and cut.
func problemWords(w *words.Words, err error) string {
	return line(problemText(w, err), problemRunes)
}

func problemText(w *words.Words, err error) string {
	said := api.Words(err)
	if text, ok := w.Phrase(said); ok {
		return text
	}
	if w.Foreign() {
		if text, ok := w.Problem(string(api.CodeOf(err))); ok {
			return text
		}
	}
	return said
}

// conditionWords are those of a condition, which come from the agent in English too.
func conditionWords(w *words.Words, c local.Condition) (title, advice string) {
	title, advice = c.Title, c.Advice
	if !w.Foreign() {
		return title, advice
	}
	generalTitle, generalAdvice, known := w.Condition(c.Code)
	if text, ok := w.Phrase(title); ok {
		title = text
	} else if known {
		title = generalTitle
	}
	if text, ok := w.Phrase(advice); ok {
		advice = text
	} else if known {
		advice = generalAdvice
	}
	return title, advice
}
