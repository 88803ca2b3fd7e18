// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// HeaderCompose says: New
func (w *Words) HeaderCompose() string { return w.say("header.compose") }

// HeaderSearch says: Search notifications…
func (w *Words) HeaderSearch() string { return w.say("header.search") }

// HeaderSearchShort says: Search…
func (w *Words) HeaderSearchShort() string { return w.say("header.search_short") }
