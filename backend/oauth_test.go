package backend

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"securepush/api"
)

func TestSignInRenewAndRevoke(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("Anna", api.ClaimSend)
	if anna.tokens.User != "Anna" || anna.tokens.ExpiresIn != 900 || anna.tokens.TokenType != "Bearer" || len(anna.tokens.Claims) != 1 {
		t.Errorf("tokens %+v", anna.tokens)
	}
	me, err := anna.Me(t.Context())
	if err != nil || me.User != "Anna" || me.Account != anna.account {
		t.Errorf("me %+v %v", me, err)
	}
	next, err := anna.RefreshGrant(t.Context(), api.NewSecret(anna.tokens.RefreshToken))
	if err != nil || next.RefreshToken == anna.tokens.RefreshToken {
		t.Fatalf("refresh: %v", err)
	}
	again, err := anna.RefreshGrant(t.Context(), api.NewSecret(anna.tokens.RefreshToken))
	if err != nil || again.RefreshToken != next.RefreshToken {
		t.Errorf("a lost answer cannot be had again: %v", err)
	}
	anna.tokens = next
	if err := anna.Revoke(t.Context(), api.NewSecret(next.RefreshToken), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.Me(t.Context()); api.CodeOf(err) != api.CodeUnauthorized {
		t.Errorf("revoked access token: %v", err)
	}
	if _, err := anna.RefreshGrant(t.Context(), api.NewSecret(next.RefreshToken)); api.CodeOf(err) != api.CodeInvalidGrant {
		t.Errorf("revoked refresh token: %v", err)
	}
	if err := anna.Revoke(t.Context(), api.NewSecret("no such token"), ""); err != nil {
		t.Errorf("an unknown token is as good as revoked: %v", err)
	}
}

func TestRefreshTokenOfThePastEndsTheSignIn(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	first := api.NewSecret(anna.tokens.RefreshToken)
	second, err := anna.RefreshGrant(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	third, err := anna.RefreshGrant(t.Context(), api.NewSecret(second.RefreshToken))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := anna.RefreshGrant(t.Context(), first); api.CodeOf(err) != api.CodeInvalidGrant {
		t.Errorf("old token: %v", err)
	}
	if _, err := anna.RefreshGrant(t.Context(), api.NewSecret(third.RefreshToken)); api.CodeOf(err) != api.CodeInvalidGrant {
		t.Errorf("newest token after reuse: %v", err)
	}
	if !strings.Contains(st.logs.String(), "refresh token used again") {
		t.Error("not in the log")
	}
}

func TestTokenEndpointErrors(t *testing.T) {
	st := newSite(t)
	st.addUser("anna")
	st.addUser("ben")
	if err := st.admin.SetDisabled(t.Context(), "ben", true); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		body   any
		status int
		code   api.Code
	}{
		{"wrong password", url.Values{"grant_type": {"password"}, "username": {"anna"}, "password": {"wrong"}}, 400, api.CodeInvalidGrant},
		{"unknown user", url.Values{"grant_type": {"password"}, "username": {"zoe"}, "password": {testPassword}}, 400, api.CodeInvalidGrant},
		{"impossible user", url.Values{"grant_type": {"password"}, "username": {"' OR 1=1 --"}, "password": {"x"}}, 400, api.CodeInvalidGrant},
		{"disabled user", url.Values{"grant_type": {"password"}, "username": {"ben"}, "password": {testPassword}}, 400, api.CodeInvalidGrant},
		{"unknown refresh token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"x"}}, 400, api.CodeInvalidGrant},
		{"no grant", url.Values{}, 400, api.CodeInvalidRequest},
		{"no password", url.Values{"grant_type": {"password"}, "username": {"anna"}}, 400, api.CodeInvalidRequest},
		{"no refresh token", url.Values{"grant_type": {"refresh_token"}}, 400, api.CodeInvalidRequest},
		{"other grant", url.Values{"grant_type": {"client_credentials"}}, 400, api.CodeUnsupportedGrant},
		{"twice", url.Values{"grant_type": {"password", "password"}, "username": {"anna"}, "password": {testPassword}}, 400, api.CodeInvalidRequest},
		{"huge password", url.Values{"grant_type": {"password"}, "username": {"anna"}, "password": {strings.Repeat("a", 2000)}}, 400, api.CodeInvalidRequest},
		{"invalid UTF-8", url.Values{"grant_type": {"password"}, "username": {"anna"}, "password": {"\xff"}}, 400, api.CodeInvalidRequest},
		{"JSON", `{"grant_type":"password"}`, 415, api.CodeInvalidRequest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp, body := st.ask(http.MethodPost, "/oauth/token", "", tt.body)
			if resp.StatusCode != tt.status || code(body) != tt.code {
				t.Errorf("%d %s, want %d %s", resp.StatusCode, body, tt.status, tt.code)
			}
			if resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Content-Type") != "application/json" {
				t.Errorf("headers %v", resp.Header)
			}
		})
	}
	resp, body := st.ask(http.MethodPost, "/oauth/token?grant_type=password&username=anna&password="+url.QueryEscape(testPassword), "", url.Values{})
	if resp.StatusCode != 400 {
		t.Errorf("parameters of the address count: %s", body)
	}
	resp, body = st.ask(http.MethodPost, "/oauth/revoke", "", url.Values{})
	if resp.StatusCode != 400 || code(body) != api.CodeInvalidRequest {
		t.Errorf("revoke without a token: %d %s", resp.StatusCode, body)
	}
}

func TestWrongPasswordStartsNoSession(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	if _, err := anna.PasswordGrant(t.Context(), "anna", api.NewSecret("wrong")); api.CodeOf(err) != api.CodeInvalidGrant {
		t.Errorf("wrong password: %v", err)
	}
	if all, err := st.store.Sessions(t.Context(), anna.account); err != nil || len(all) != 1 {
		t.Errorf("%d sessions, %v", len(all), err)
	}
}

func TestDisablingAndNewPasswordEndSessionsAtOnce(t *testing.T) {
	st := newSite(t)
	anna, ben := st.addUser("anna"), st.addUser("ben")
	admin, err := OpenAdmin(t.Context(), st.dir, "") // as another process does
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close() }()
	if err := admin.SetDisabled(t.Context(), "anna", true); err != nil {
		t.Fatal(err)
	}
	if err := admin.SetPassword(t.Context(), "ben", api.NewSecret("another password")); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*person{anna, ben} {
		if _, err := p.Me(t.Context()); api.CodeOf(err) != api.CodeUnauthorized {
			t.Errorf("%s: access token: %v", p.tokens.User, err)
		}
		if _, err := p.RefreshGrant(t.Context(), api.NewSecret(p.tokens.RefreshToken)); api.CodeOf(err) != api.CodeInvalidGrant {
			t.Errorf("%s: refresh token: %v", p.tokens.User, err)
		}
	}
	if err := admin.SetDisabled(t.Context(), "anna", false); err != nil {
		t.Fatal(err)
	}
	st.signIn("anna")
}

func TestGuessingIsSlowedPerAccount(t *testing.T) {
	clock := newClock()
	st := newSite(t, func(c *Config) { c.Now = clock.now })
	st.addUser("anna")
	st.addUser("ben")
	try := func(user, password, address string) (*http.Response, string) {
		return st.ask(http.MethodPost, "/oauth/token", "", url.Values{"grant_type": {"password"}, "username": {user}, "password": {password}},
			"X-Forwarded-For", address)
	}
	for i := range 5 {
		if resp, body := try("Anna", "guess", "192.0.2."+string(rune('1'+i))); resp.StatusCode != 400 {
			t.Fatalf("attempt %d: %d %s", i, resp.StatusCode, body)
		}
	}
	resp, body := try("anna", testPassword, "192.0.2.99")
	if resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "12" || code(body) != api.CodeTooManyRequests {
		t.Errorf("sixth attempt: %d %v %s", resp.StatusCode, resp.Header, body)
	}
	if resp, _ := try("ben", testPassword, "192.0.2.99"); resp.StatusCode != 200 {
		t.Errorf("another account: %d", resp.StatusCode)
	}
	clock.pass(12 * time.Second)
	if resp, _ := try("anna", testPassword, "192.0.2.99"); resp.StatusCode != 200 {
		t.Errorf("after the wait: %d", resp.StatusCode)
	}
}

func TestGuessingIsSlowedPerAddress(t *testing.T) {
	clock := newClock()
	in := newSignIns(defaultLimits, clock.now)
	for i := range 30 {
		if _, wait := in.attempt("user"+string(rune('A'+i)), "192.0.2.1"); wait != 0 {
			t.Fatalf("attempt %d has to wait %v", i, wait)
		}
	}
	if _, wait := in.attempt("another", "192.0.2.1"); wait != 2*time.Second {
		t.Errorf("attempt 31 has to wait %v", wait)
	}
	if _, wait := in.attempt("another", "192.0.2.2"); wait != 0 {
		t.Errorf("another address has to wait %v", wait)
	}
}

func TestSigningInOftenIsNoAttack(t *testing.T) {
	clock := newClock()
	st := newSite(t, func(c *Config) { c.Now = clock.now })
	st.addUser("anna")
	for range 8 {
		st.signIn("anna")
	}
}

func TestManySignInsAtOnceAreBounded(t *testing.T) {
	h := newHasher()
	for range hashesAtOnce { // all places are taken
		h.slots <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	errs := make(chan error)
	const more = 10
	for range hashesQueued + more {
		go func() {
			_, err := h.verify(ctx, "", api.NewSecret("x"))
			errs <- err
		}()
	}
	for range more {
		if err := <-errs; api.CodeOf(err) != api.CodeUnavailable {
			t.Errorf("one too many: %v", err)
		}
	}
	cancel()
	for range hashesQueued {
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("one that waited: %v", err)
		}
	}
	if n := h.waiting.Load(); n != 0 {
		t.Errorf("%d still wait", n)
	}
}

func TestPasswordsAndTokensAreNotLogged(t *testing.T) {
	st := newSite(t)
	const marker = "pass-MARKER-word"
	if _, err := st.admin.AddUser(t.Context(), "anna", api.NewSecret(marker), nil); err != nil {
		t.Fatal(err)
	}
	tokens, err := st.client().PasswordGrant(t.Context(), "anna", api.NewSecret(marker))
	if err != nil {
		t.Fatal(err)
	}
	st.ask(http.MethodPost, "/oauth/token", "", url.Values{"grant_type": {"password"}, "username": {"anna"}, "password": {marker + "x"}})
	st.ask(http.MethodPost, "/oauth/token", "", "grant_type=password&password="+marker+"%zz", "Content-Type", "application/x-www-form-urlencoded")
	st.ask(http.MethodPost, "/oauth/token", "", url.Values{"grant_type": {marker}, "password": {marker}})
	st.ask(http.MethodPost, "/api/notifications", tokens.AccessToken, `{"payload":"`+marker+`","title":"`+marker+`","url":"`+marker+`"}`)
	st.ask(http.MethodPost, "/api/notifications", tokens.AccessToken, `{"payload":"`+marker+`","title":"`+marker+`"}`)
	st.ask(http.MethodPost, "/api/notifications", tokens.AccessToken, `{"`+marker+`":1}`)
	st.ask(http.MethodGet, "/api/notifications?q="+marker, tokens.AccessToken, nil)
	st.ask(http.MethodGet, "/api/notifications/"+strings.Repeat(marker, 2), tokens.AccessToken, nil)
	st.ask(http.MethodGet, "/"+marker, tokens.AccessToken, nil)
	st.ask(marker, "/api/me", tokens.AccessToken, nil)
	st.ask(http.MethodGet, "/api/me", marker, nil)
	if _, err := st.client().RefreshGrant(t.Context(), api.NewSecret(tokens.RefreshToken)); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{marker, tokens.AccessToken, tokens.RefreshToken} {
		if strings.Contains(st.logs.String(), secret) {
			t.Errorf("%.8s… is in the log:\n%s", secret, st.logs)
		}
	}
	if !strings.Contains(st.logs.String(), "route=/oauth/token") {
		t.Error("the log is empty: this test proves nothing")
	}
	b, err := json.Marshal(api.NewSecret(marker))
	if err != nil || strings.Contains(string(b), marker) {
		t.Errorf("%s %v", b, err)
	}
}

func TestPasswordHashes(t *testing.T) {
	h := newHasher()
	hash, err := h.hash(t.Context(), api.NewSecret("secret"))
	if err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{"secret": true, "Secret": false, "": false} {
		if ok, err := h.verify(t.Context(), hash, api.NewSecret(password)); ok != want || err != nil {
			t.Errorf("%q: %v %v", password, ok, err)
		}
	}
	if other, _ := h.hash(t.Context(), api.NewSecret("secret")); other == hash {
		t.Error("two hashes of a password are the same")
	}
	// made with the reference program: echo -n password | argon2 somesalt -id -t 2 -k 256 -p 1 -l 24 -e
	const reference = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	if ok, err := h.verify(t.Context(), reference, api.NewSecret("password")); !ok || err != nil {
		t.Errorf("a hash of another program: %v %v", ok, err)
	}
	for _, bad := range []string{
		"x", "$argon2id$v=19$m=1,t=1,p=1$$", "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$" + strings.Repeat("A", 43),
		"$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$" + strings.Repeat("A", 43), "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$AA",
	} {
		if _, err := h.verify(t.Context(), bad, api.NewSecret("password")); err == nil {
			t.Errorf("%s is taken for a hash", bad)
		}
	}
}

func TestRevokingCanUnregisterTheDeviceThatSignsOut(t *testing.T) {
	st := newSite(t)
	anna, bob := st.addUser("anna"), st.addUser("bob")
	st.addDevice(anna, "annas-desk")
	st.addDevice(bob, "bobs-desk")
	for _, foreign := range []string{"bobs-desk", "no-such-desk", "../x"} {
		other := st.signIn("anna")
		if err := other.Revoke(t.Context(), api.NewSecret(other.tokens.RefreshToken), foreign); err != nil {
			t.Errorf("%s: %v", foreign, err)
		}
	}
	if err := anna.Revoke(t.Context(), api.NewSecret("no such token"), "annas-desk"); err != nil {
		t.Error(err)
	}
	for _, p := range []*person{anna, bob} {
		if in, err := p.Installations(t.Context()); err != nil || len(in) != 1 {
			t.Fatalf("%+v, %v", in, err)
		}
	}
	other := st.signIn("anna")
	if err := other.Revoke(t.Context(), api.NewSecret(other.tokens.RefreshToken), "annas-desk"); err != nil {
		t.Fatal(err)
	}
	if in, err := anna.Installations(t.Context()); err != nil || len(in) != 0 {
		t.Errorf("%+v, %v", in, err)
	}
}
