// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// LanguageName says: English
func (w *Words) LanguageName() string { return w.say("language.name") }
