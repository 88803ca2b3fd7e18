// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// SigninAddAuthority says: Add its authority…
func (w *Words) SigninAddAuthority() string { return w.say("signin.add_authority") }

// SigninChecking says: Looking for the server…
func (w *Words) SigninChecking() string { return w.say("signin.checking") }

// SigninDetails says: Certificate
func (w *Words) SigninDetails() string { return w.say("signin.details") }

// SigninEarly says: The certificate of {host} is valid from {day} on. If that day is over, set this computer'…
func (w *Words) SigninEarly(host string, day string) string {
	return w.fill("signin.early", "host", host, "day", day)
}

// SigninEnded says: Your sign-in has ended. Sign in again to read your notifications.
func (w *Words) SigninEnded() string { return w.say("signin.ended") }

// SigninExpired says: The certificate of {host} was valid until {day}. Whoever runs the server has to renew it.…
func (w *Words) SigninExpired(host string, day string) string {
	return w.fill("signin.expired", "host", host, "day", day)
}

// SigninFingerprint says: Fingerprint (SHA-256)
func (w *Words) SigninFingerprint() string { return w.say("signin.fingerprint") }

// SigninGood says: {name} · certificate of {host} by {issuer}, valid until {day}
func (w *Words) SigninGood(name string, host string, issuer string, day string) string {
	return w.fill("signin.good", "name", name, "host", host, "issuer", issuer, "day", day)
}

// SigninGoodLocal says: {name} · on this computer
func (w *Words) SigninGoodLocal(name string) string { return w.fill("signin.good_local", "name", name) }

// SigninIssuer says: Issued by
func (w *Words) SigninIssuer() string { return w.say("signin.issuer") }

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

// SigninOddPassword says: It begins or ends with a space, or holds a character that cannot be seen: perhaps that wa…
func (w *Words) SigninOddPassword() string { return w.say("signin.odd_password") }

// SigninOtherHost says: This server's certificate is for {subject}, not for {host}. Check the address, or ask who…
func (w *Words) SigninOtherHost(subject string, host string) string {
	return w.fill("signin.other_host", "subject", subject, "host", host)
}

// SigninPassword says: Password
func (w *Words) SigninPassword() string { return w.say("signin.password") }

// SigninServer says: Server
func (w *Words) SigninServer() string { return w.say("signin.server") }

// SigninSpan says: {from} to {until}
func (w *Words) SigninSpan(from string, until string) string {
	return w.fill("signin.span", "from", from, "until", until)
}

// SigninSubject says: For
func (w *Words) SigninSubject() string { return w.say("signin.subject") }

// SigninSubmitting says: Signing in…
func (w *Words) SigninSubmitting() string { return w.say("signin.submitting") }

// SigninText says: Your notifications come straight from your server.
func (w *Words) SigninText() string { return w.say("signin.text") }

// SigninTitle says: Sign in to SecurePush
func (w *Words) SigninTitle() string { return w.say("signin.title") }

// SigninTrust says: Vouched for by
func (w *Words) SigninTrust() string { return w.say("signin.trust") }

// SigninTrustFile says: Your certificate file
func (w *Words) SigninTrustFile() string { return w.say("signin.trust_file") }

// SigninTrustNobody says: Nobody whom this computer trusts
func (w *Words) SigninTrustNobody() string { return w.say("signin.trust_nobody") }

// SigninTrustSystem says: Authorities that this computer knows
func (w *Words) SigninTrustSystem() string { return w.say("signin.trust_system") }

// SigninUnknownIssuer says: The certificate of {host} comes from {issuer}, which this computer does not know. If that…
func (w *Words) SigninUnknownIssuer(host string, issuer string) string {
	return w.fill("signin.unknown_issuer", "host", host, "issuer", issuer)
}

// SigninUser says: User name
func (w *Words) SigninUser() string { return w.say("signin.user") }

// SigninValid says: Valid
func (w *Words) SigninValid() string { return w.say("signin.valid") }

// SigninWaiting says: One is waiting. · {n} are waiting.
func (w *Words) SigninWaiting(n int) string { return w.count("signin.waiting", n) }

// SigninWrongPassword says: That user name and password do not match.
func (w *Words) SigninWrongPassword() string { return w.say("signin.wrong_password") }
