package secure_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
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

func TestWhatAServerAnswersToARenewalAndWhatThatMakesOfTheSignIn(t *testing.T) {
	text := func(status int, body string, header ...string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
			return true
		}
	}
	for _, c := range []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request) bool
		want   api.Code
		ended  bool
		kept   bool // the stored token is still there
	}{
		{name: "a new pair", kept: true},
		{"invalid_grant", text(400, `{"error":"invalid_grant"}`), api.CodeSignInNeeded, true, false},
		{"invalid_request", text(400, `{"error":"invalid_request"}`), api.CodeUnavailable, false, true},
		{"invalid_client", text(401, `{"error":"invalid_client"}`), api.CodeUnavailable, false, true},
		{"unsupported_grant_type", text(400, `{"error":"unsupported_grant_type"}`), api.CodeUnavailable, false, true},
		{"401 of a proxy", text(401, "<html>"), api.CodeUnavailable, false, true},
		{"403", text(403, `{"code":"forbidden"}`), api.CodeUnavailable, false, true},
		{"404", text(404, "not here"), api.CodeUnavailable, false, true},
		{"410", text(410, `{"code":"gone"}`), api.CodeUnavailable, false, true},
		{"429", text(429, "", "Retry-After", "60"), api.CodeTooManyRequests, false, true},
		{"500", text(500, "oops"), api.CodeInternal, false, true},
		{"503", text(503, "", "Retry-After", "60"), api.CodeUnavailable, false, true},
		{"a log-in page of a captive portal", text(200, "<html>hello"), api.CodeUnknownServer, false, true},
		{"a redirect", text(302, "", "Location", "https://elsewhere.example"), api.CodeUnknownServer, false, true},
		{"null", text(200, "null"), api.CodeUnknownServer, false, true},
		{"no refresh token", text(200, `{"access_token":"a","token_type":"Bearer","expires_in":1}`), api.CodeUnknownServer, false, true},
		{
			"somebody else's tokens",
			text(200, `{"access_token":"a","token_type":"Bearer","expires_in":900,"refresh_token":"r","account":"`+bob+`"}`),
			api.CodeSignInNeeded, true, true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, account := signedIn(t)
			w.server.with(func(a *authServer) { a.answer = c.answer })
			token, err := w.session.Token(t.Context())
			wantCode(t, c.want, err)
			if (c.want == "") == token.Empty() {
				t.Fatalf("token empty: %v", token.Empty())
			}
			if c.want != "" && api.Words(err) == api.Words(nil) {
				t.Errorf("no words for %v", err)
			}
			want := secure.StateActive
			if c.ended {
				want = secure.StateEnded
			}
			w.wantState(t, want, false)
			if w.vault.has(t, account.ID) != c.kept {
				t.Fatalf("the stored token is kept: %v", !c.kept)
			}
			w.server.with(func(a *authServer) {
				if a.refreshes != 1 {
					t.Errorf("%d requests", a.refreshes)
				}
			})
		})
	}
}

func TestAServerThatAsksToWaitIsLeftAloneUntilThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := signedIn(t)
		w.server.with(func(a *authServer) {
			a.answer = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Retry-After", "60")
				w.WriteHeader(http.StatusServiceUnavailable)
				return true
			}
		})
		for range 5 {
			_, err := w.session.Token(t.Context())
			wantCode(t, api.CodeUnavailable, err)
		}
		if w.server.refreshes != 1 {
			t.Fatalf("%d requests", w.server.refreshes)
		}
		time.Sleep(61 * time.Second) // virtual
		w.server.with(func(a *authServer) { a.answer = nil })
		_, err := w.session.Token(t.Context())
		must(t, err)
	})
}

func TestHoweverManyAskOneRenewalIsMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := signedIn(t)
		var wg sync.WaitGroup
		var mu sync.Mutex
		seen := map[string]bool{}
		ask := func(call func() (api.Secret, error)) {
			for range 50 {
				wg.Go(func() {
					token, err := call()
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					seen[token.Reveal()] = true
				})
			}
			wg.Wait()
		}
		ask(func() (api.Secret, error) { return w.session.Token(t.Context()) })
		refused, err := w.session.Token(t.Context())
		must(t, err)
		ask(func() (api.Secret, error) { return w.session.Renew(t.Context(), refused) })
		if w.server.refreshes != 2 || len(seen) != 2 {
			t.Fatalf("%d renewals, %d tokens; want 2 and 2", w.server.refreshes, len(seen))
		}
	})
}

func TestATokenIsRenewedBeforeItExpiresWithoutKeepingAnyoneWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := signedIn(t)
		first, err := w.session.Token(t.Context())
		must(t, err)
		time.Sleep(11 * time.Minute) // virtual; of 15
		if got, _ := w.session.Token(t.Context()); !got.Equal(first) || w.server.refreshes != 1 {
			t.Fatal("renewed too early")
		}
		time.Sleep(90 * time.Second) // virtual
		for range 10 {
			if got, _ := w.session.Token(t.Context()); !got.Equal(first) {
				t.Fatal("a token that is still good was not given out at once")
			}
		}
		synctest.Wait()
		got, err := w.session.Token(t.Context())
		must(t, err)
		if got.Equal(first) || w.server.refreshes != 2 {
			t.Fatalf("%d renewals", w.server.refreshes)
		}
	})
}

func TestAFailedEarlyRenewalIsNotTriedAgainAtEachCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := signedIn(t)
		_, err := w.session.Token(t.Context())
		must(t, err)
		time.Sleep(13 * time.Minute) // virtual
		w.server.with(func(a *authServer) { a.down = true })
		var asked int
		for range 20 {
			_, err := w.session.Token(t.Context())
			must(t, err)
			synctest.Wait()
		}
		w.server.with(func(a *authServer) { a.down = false; asked = a.refreshes })
		if asked != 1 || strings.Count(w.log.String(), "could not be renewed") != 1 {
			t.Fatalf("tried %d times", strings.Count(w.log.String(), "could not be renewed"))
		}
		time.Sleep(3 * time.Minute) // virtual; now it has expired
		_, err = w.session.Token(t.Context())
		must(t, err)
	})
}

func TestACallerThatGivesUpDoesNotCutARotationInHalf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := signedIn(t)
		w.vault.block = make(chan struct{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := w.session.Token(ctx)
		wantCode(t, api.CodeUnavailable, err)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		close(w.vault.block)
		synctest.Wait()
		if got, err := w.session.Token(t.Context()); err != nil || got.Empty() || w.server.refreshes != 1 {
			t.Fatalf("%v, %d renewals", err, w.server.refreshes)
		}
	})
}

func TestTheSuccessorIsStoredBeforeItIsPresented(t *testing.T) {
	w, _ := signedIn(t)
	var refused api.Secret
	for range 3 {
		token, err := w.session.Renew(t.Context(), refused)
		must(t, err)
		refused = token
	}
	want := []string{"presented " + tokenMark + "refresh-1", "stored", "presented " + tokenMark + "refresh-3", "stored", "presented " + tokenMark + "refresh-5", "stored"}
	if got := w.order.take(); !slices.Equal(got, want) {
		t.Fatalf("got %q", got)
	}
	// A token that the vault refused is offered to it once more before it is presented.
	w.vault.fail(nil, full, nil)
	token, err := w.session.Renew(t.Context(), refused)
	must(t, err)
	w.wantState(t, secure.StateActive, true)
	w.vault.fail(nil, nil, nil)
	_, err = w.session.Renew(t.Context(), token)
	must(t, err)
	want = []string{"presented " + tokenMark + "refresh-7", "refused", "stored", "presented " + tokenMark + "refresh-9", "stored"}
	if got := w.order.take(); !slices.Equal(got, want) {
		t.Fatalf("got %q", got)
	}
	w.wantState(t, secure.StateActive, false)
}

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
				time.Sleep(time.Hour) // virtual: tries are spaced, not piled up
				if n := w.vault.sets.Load(); n < 10 || n > 40 {
					t.Fatalf("tried to store %d times in an hour", n)
				}
				w.vault.fail(nil, nil, nil)
				time.Sleep(6 * time.Minute) // virtual
				synctest.Wait()
				w.wantState(t, secure.StateActive, false)
				tried := w.vault.sets.Load()
				time.Sleep(time.Hour) // virtual
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
		time.Sleep(time.Hour) // virtual
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
