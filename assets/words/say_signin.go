// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// SigninAddAuthority says: Add its authority…
func (w *Words) SigninAddAuthority() string { return w.say("signin.add_authority") }

// SigninChecking says: Looking for the server…
func (w *Words) SigninChecking() string { return w.say("signin.checking") }

// SigninEnded says: Your sign-in has ended. Sign in again to read your notifications.
func (w *Words) SigninEnded() string { return w.say("signin.ended") }

// SigninGood says: {name} · encrypted, certificate trusted
func (w *Words) SigninGood(name string) string { return w.fill("signin.good", "name", name) }

// SigninGoodLocal says: {name} · on this computer
func (w *Words) SigninGoodLocal(name string) string { return w.fill("signin.good_local", "name", name) }

// SigninKeyringAway says: Your keyring cannot be asked for the sign-in. Sign in again; it then lasts until you log…
func (w *Words) SigninKeyringAway() string { return w.say("signin.keyring_away") }

// SigninNameless says: A SecurePush server
func (w *Words) SigninNameless() string { return w.say("signin.nameless") }

// SigninNoPassword says: Enter your password.
func (w *Words) SigninNoPassword() string { return w.say("signin.no_password") }

// SigninNoServer says: Enter the address of your organisation's server.
func (w *Words) SigninNoServer() string { return w.say("signin.no_server") }

// SigninNoUser says: Enter your user name.
func (w *Words) SigninNoUser() string { return w.say("signin.no_user") }

// SigninPassword says: Password
func (w *Words) SigninPassword() string { return w.say("signin.password") }

// SigninServer says: Server
func (w *Words) SigninServer() string { return w.say("signin.server") }

// SigninSubmitting says: Signing in…
func (w *Words) SigninSubmitting() string { return w.say("signin.submitting") }

// SigninText says: Your notifications come straight from your server.
func (w *Words) SigninText() string { return w.say("signin.text") }

// SigninTitle says: Sign in to SecurePush
func (w *Words) SigninTitle() string { return w.say("signin.title") }

// SigninUser says: User name
func (w *Words) SigninUser() string { return w.say("signin.user") }

// SigninWaiting says: One is waiting. · {n} are waiting.
func (w *Words) SigninWaiting(n int) string { return w.count("signin.waiting", n) }

// SigninWrongPassword says: That user name and password do not match.
func (w *Words) SigninWrongPassword() string { return w.say("signin.wrong_password") }
