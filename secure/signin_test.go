package secure_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"securepush/api"
	"securepush/secure"
)

func TestSignInNeedsAServerOfThisKindBeforeItSendsThePassword(t *testing.T) {
	for name, answer := range map[string]func(w http.ResponseWriter){
		"another product": func(w http.ResponseWriter) { writeJSON(w, 200, map[string]any{"product": "else"}) },
		"a web site":      func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>")) },
		"another version": func(w http.ResponseWriter) {
			writeJSON(w, 200, api.WellKnown{Product: api.Product, API: api.APIVersion + 1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			var paths []string
			s := secure.OpenSession(secure.SessionOptions{Vault: secure.NewMemory(), Client: func(base *url.URL) *api.Client {
				return &api.Client{Base: base, HTTP: &http.Client{Transport: inProcess{http.HandlerFunc(
					func(w http.ResponseWriter, r *http.Request) { paths = append(paths, r.URL.Path); answer(w) })}}}
			}})
			defer s.Close()
			_, err := s.SignIn(t.Context(), origin, "anna", api.NewSecret("right"))
			wantCode(t, api.CodeUnknownServer, err)
			if !slices.Equal(paths, []string{"/.well-known/securepush"}) || s.State().State != secure.StateNever {
				t.Fatalf("asked for %v", paths)
			}
		})
	}
}

func TestAWrongPasswordChangesNothingAndHasWords(t *testing.T) {
	w, account := signedIn(t)
	must(t, w.session.Load(t.Context()))
	_, err := w.session.SignIn(t.Context(), origin, "anna", api.NewSecret("wrong"))
	wantCode(t, api.CodeInvalidGrant, err)
	if !strings.Contains(api.Words(err), "password") {
		t.Fatal(api.Words(err))
	}
	w.wantState(t, secure.StateActive, false)
	if !w.vault.has(t, account.ID) {
		t.Fatal("the earlier sign-in is gone")
	}
}

func TestAServerThatDoesNotSayWhoSignedInIsRefused(t *testing.T) {
	for _, id := range []string{"anna", "../../x", "6F1C0C1E8A554E0B9D520D9B7D1F2A33", strings.Repeat("a", 5000)} {
		w := newWorld(t)
		w.server.account = id
		_, err := w.session.SignIn(t.Context(), origin, "anna", api.NewSecret("right"))
		wantCode(t, api.CodeUnknownServer, err)
		w.wantState(t, secure.StateNever, false)
	}
}

func TestAnAccountThatIsNotWantedLeavesNothing(t *testing.T) {
	w, account := signedIn(t)
	must(t, w.session.Load(t.Context()))
	w.server.account, w.refusal = bob, errors.New("not here")
	if _, err := w.session.SignIn(t.Context(), origin, "bob", api.NewSecret("right")); !errors.Is(err, w.refusal) {
		t.Fatal(err)
	}
	if len(w.server.families) != 2 || w.server.families[0].over || !w.server.families[1].over {
		t.Fatal("the sign-in that is not wanted lives on, or the other one is over")
	}
	if w.vault.has(t, bob) || !w.vault.has(t, account.ID) {
		t.Fatal("the wrong sign-in is stored")
	}
	w.wantState(t, secure.StateActive, false)
	w.server.account = account.ID
	_, err := w.session.Token(t.Context())
	must(t, err)
}

func TestAnAccountInCapitalsIsTheSameAccount(t *testing.T) {
	w := newWorld(t)
	w.server.account = strings.ToUpper(alice)
	if account := w.signIn(t); account.ID != alice {
		t.Fatal(account.ID)
	}
	token, err := w.session.Token(t.Context())
	must(t, err)
	_, err = w.session.Renew(t.Context(), token)
	must(t, err)
}

func TestSigningInAgainGivesTheEarlierSignInBack(t *testing.T) {
	for _, next := range []string{alice, bob} {
		w, _ := signedIn(t) // as a new process, so that the earlier one stands in the vault alone
		w.server.account = next
		w.signIn(t)
		if len(w.server.families) != 2 || !w.server.families[0].over || w.server.families[1].over {
			t.Fatal("the earlier sign-in lives on, or the new one is over")
		}
		if !w.vault.has(t, next) || w.vault.has(t, alice) != (next == alice) {
			t.Fatal("the wrong sign-in is stored")
		}
		w.wantState(t, secure.StateActive, false)
	}
}
