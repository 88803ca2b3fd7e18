// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// SignoutAction says: Sign out
func (w *Words) SignoutAction() string { return w.say("signout.action") }

// SignoutAsk says: Sign out?
func (w *Words) SignoutAsk() string { return w.say("signout.ask") }

// SignoutFailed says: You are still signed in. {why}
func (w *Words) SignoutFailed(why string) string { return w.fill("signout.failed", "why", why) }

// SignoutText says: This computer stops receiving notifications, and what is kept here is removed, but for th…
func (w *Words) SignoutText() string { return w.say("signout.text") }
