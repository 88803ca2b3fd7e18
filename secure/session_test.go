package secure_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"securepush/api"
	"securepush/secure"
)

var (
	locked      = &secure.VaultError{State: secure.VaultLocked, Words: "It is locked."}
	unavailable = &secure.VaultError{State: secure.VaultUnavailable, Words: "There is none.", Cause: secure.ErrNoService}
	notStored   = &secure.VaultError{State: secure.VaultUnavailable, Words: "It was not stored.", Cause: secure.ErrNotStored}
	hung        = &secure.VaultError{State: secure.VaultTimedOut, Words: "It does not answer."}
	full        = &secure.VaultError{State: secure.VaultFull, Words: "The disk is full."}
)

func TestAKeyringThatRefusesTheWriteLeavesTheSignInInMemoryAndIsTriedAgain(t *testing.T) {
	for _, cause := range []error{unavailable, full, hung, locked} {
		t.Run(secure.StateOf(cause).String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.vault.fail(cause, cause, cause)
				account := w.signIn(t)
				w.wantState(t, secure.StateActive, true)
				for range 3 { // renewals go on, out of memory
					token, err := w.session.Token(t.Context())
					must(t, err)
					_, err = w.session.Renew(t.Context(), token)
					must(t, err)
				}
				pass(time.Hour) // tries are spaced, not piled up
				if n := w.vault.sets.Load(); n < 10 || n > 40 {
					t.Fatalf("tried to store %d times in an hour", n)
				}
				w.vault.fail(nil, nil, nil)
				pass(6 * time.Minute)
				synctest.Wait()
				w.wantState(t, secure.StateActive, false)
				tried := w.vault.sets.Load()
				pass(time.Hour)
				if w.vault.sets.Load() != tried {
					t.Fatal("stored again and again")
				}
				w.restart(t, &account)
				must(t, w.session.Load(t.Context()))
				_, err := w.session.Token(t.Context())
				must(t, err)
				if w.server.reuses != 0 {
					t.Fatal("an old token was presented")
				}
				w.session.Close() // before the bubble ends
			})
		})
	}
}

func TestAPersonWhoSaidNoIsNotAskedAgainEveryFewMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.vault.fail(nil, notStored, nil)
		w.signIn(t)
		w.wantState(t, secure.StateActive, true)
		tried := w.vault.sets.Load()
		pass(time.Hour)
		if w.vault.sets.Load() != tried {
			t.Fatalf("asked %d times more", w.vault.sets.Load()-tried)
		}
	})
}

func TestWhatTheKeyringAnswersAtTheStartDecidesTheState(t *testing.T) {
	for _, c := range []struct {
		name  string
		cause error
		state secure.State
		code  api.Code
	}{
		{"there it is", nil, secure.StateActive, ""},
		{"locked", locked, secure.StateLocked, api.CodeKeyringLocked},
		{"no service", unavailable, secure.StateUnknown, api.CodeKeyringUnavailable},
		{"hung", hung, secure.StateUnknown, api.CodeKeyringUnavailable},
		{"full", full, secure.StateUnknown, api.CodeKeyringUnavailable},
		{"not there", &secure.VaultError{State: secure.VaultAbsent}, secure.StateEnded, api.CodeSignInNeeded},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, account := signedIn(t)
			w.wantState(t, secure.StateUnknown, false)
			w.vault.fail(c.cause, c.cause, c.cause)
			wantCode(t, c.code, w.session.Load(t.Context()))
			w.wantState(t, c.state, false)
			_, err := w.session.Token(t.Context())
			wantCode(t, c.code, err)
			w.wantState(t, c.state, false)
			if !w.vault.has(t, account.ID) {
				t.Fatal("the stored sign-in was deleted")
			}
			w.vault.fail(nil, nil, nil) // unlocked
			must(t, w.session.Load(t.Context()))
			w.wantState(t, secure.StateActive, false)
			_, err = w.session.Token(t.Context())
			must(t, err)
		})
	}
}

func TestAStoredSignInOfAnotherAccountOrServerIsNotUsedAndNotDeleted(t *testing.T) {
	for name, change := range map[string]func(*secure.Account){
		"account": func(a *secure.Account) { a.ID = bob },
		"server":  func(a *secure.Account) { a.Server = "https://elsewhere.example" },
	} {
		t.Run(name, func(t *testing.T) {
			w, account := signedIn(t)
			value, err := w.vault.Get(t.Context(), account.ID)
			must(t, err)
			change(&account)
			must(t, w.vault.Set(t.Context(), account.ID, value))
			w.restart(t, &account)
			_, err = w.session.Token(t.Context())
			wantCode(t, api.CodeSignInNeeded, err)
			w.wantState(t, secure.StateEnded, false)
			if w.server.refreshes != 0 || !w.vault.has(t, account.ID) {
				t.Fatalf("%d requests", w.server.refreshes)
			}
		})
	}
}

func TestARubbishValueInTheKeyringMeansSignInAgain(t *testing.T) {
	for _, value := range []string{"x", "eyJ2IjoxfQ", "bnVsbA", "!!!!", strings.Repeat("A", secure.MaxValue)} {
		w, account := signedIn(t)
		must(t, w.vault.Set(t.Context(), account.ID, api.NewSecret(value)))
		_, err := w.session.Token(t.Context())
		wantCode(t, api.CodeSignInNeeded, err)
	}
}

func TestATokenThatAnotherProcessRenewedIsTakenFromTheKeyring(t *testing.T) {
	w, account := signedIn(t)
	first := w.session
	_, err := first.Token(t.Context())
	must(t, err)
	other := &world{server: w.server, vault: w.vault, log: w.log, order: w.order}
	other.restart(t, &account)
	defer other.session.Close()
	var refused api.Secret
	for range 3 {
		refused, err = other.session.Renew(t.Context(), refused)
		must(t, err)
	}
	token, err := first.Token(t.Context())
	must(t, err)
	_, err = first.Renew(t.Context(), token)
	must(t, err)
	if w.server.reuses != 0 || w.server.graces != 0 {
		t.Fatalf("%d old tokens were presented", w.server.reuses+w.server.graces)
	}
}

func TestAfterGivingUpTheServerIsNotAskedAndTheTokenIsKept(t *testing.T) {
	w, account := signedIn(t)
	_, err := w.session.Token(t.Context())
	must(t, err)
	w.session.GiveUp(errors.New("401 again"))
	w.wantState(t, secure.StateEnded, false)
	asked := w.server.refreshes
	_, err = w.session.Token(t.Context())
	wantCode(t, api.CodeSignInNeeded, err)
	wantCode(t, api.CodeSignInNeeded, w.session.Load(t.Context()))
	if w.server.refreshes != asked || !w.vault.has(t, account.ID) {
		t.Fatal("asked again, or the token was deleted")
	}
	w.signIn(t)
	w.wantState(t, secure.StateActive, false)
}

func TestAClientOfTheSessionRenewsOnceAfterA401(t *testing.T) {
	w, _ := signedIn(t)
	var calls int
	c := &api.Client{Base: origin, Tokens: w.session, HTTP: &http.Client{Transport: inProcess{http.HandlerFunc(
		func(rw http.ResponseWriter, _ *http.Request) {
			calls++
			writeJSON(rw, http.StatusUnauthorized, api.NewProblem(api.CodeUnauthorized, ""))
		})}}}
	_, err := c.Me(t.Context())
	wantCode(t, api.CodeUnauthorized, err)
	if calls != 2 || w.server.refreshes != 2 { // one because there was no token yet, one because of the 401
		t.Fatalf("%d calls, %d renewals", calls, w.server.refreshes)
	}
}

func TestAClosedSessionEndsWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := signedIn(t)
		w.vault.block = make(chan struct{})
		done := make(chan error, 1)
		go func() {
			_, err := w.session.Token(t.Context())
			done <- err
		}()
		synctest.Wait()
		w.session.Close()
		wantCode(t, api.CodeKeyringUnavailable, <-done)
		_, err := w.session.Token(t.Context())
		wantCode(t, api.CodeUnavailable, err)
	})
}

func TestNobodySignedIn(t *testing.T) {
	w := newWorld(t)
	w.wantState(t, secure.StateNever, false)
	_, err := w.session.Token(t.Context())
	wantCode(t, api.CodeSignInNeeded, err)
	wantCode(t, api.CodeSignInNeeded, w.session.Load(t.Context()))
	if r := w.session.SignOut(t.Context()); r.Pending() {
		t.Fatalf("%+v", r)
	}
}

func TestTheStatusIsToldInOrderAndOnlyWhenItChanges(t *testing.T) {
	w := newWorld(t)
	w.signIn(t)
	token, err := w.session.Token(t.Context())
	must(t, err)
	token, err = w.session.Renew(t.Context(), token)
	must(t, err)
	w.vault.fail(nil, full, nil)
	_, err = w.session.Renew(t.Context(), token)
	must(t, err)
	w.vault.fail(nil, nil, nil)
	must(t, w.session.Load(t.Context()))
	w.server.with(func(a *authServer) { a.families[0].over = true })
	token, err = w.session.Token(t.Context())
	must(t, err)
	_, err = w.session.Renew(t.Context(), token)
	wantCode(t, api.CodeSignInNeeded, err)
	w.session.SignOut(t.Context())
	var got []string
	for _, s := range w.told {
		line := s.State.String()
		if s.MemoryOnly {
			line += " in memory"
		}
		got = append(got, line)
	}
	if want := []string{"active", "active in memory", "active", "ended", "never"}; !slices.Equal(got, want) {
		t.Fatalf("told %v", got)
	}
}
