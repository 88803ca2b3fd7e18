// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// LinkAsk says: Open {host}?
func (w *Words) LinkAsk(host string) string { return w.fill("link.ask", "host", host) }

// LinkAskText says: This opens in your browser:
func (w *Words) LinkAskText() string { return w.say("link.ask_text") }

// LinkLetters says: The site's name has letters that can look like others. Open it only if you expect it.
func (w *Words) LinkLetters() string { return w.say("link.letters") }

// LinkNoBrowser says: The browser could not be started.
func (w *Words) LinkNoBrowser() string { return w.say("link.no_browser") }

// LinkOpen says: Open link
func (w *Words) LinkOpen() string { return w.say("link.open") }

// LinkPlain says: This site is not encrypted.
func (w *Words) LinkPlain() string { return w.say("link.plain") }

// LinkRefused says: This link cannot be opened: only http and https addresses are.
func (w *Words) LinkRefused() string { return w.say("link.refused") }

// LinkUser says: The part before the @ is not the site. The site is {host}.
func (w *Words) LinkUser(host string) string { return w.fill("link.user", "host", host) }
