package secure_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"securepush/api"
	"securepush/secure"
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
		pass(61 * time.Second)
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
		pass(11 * time.Minute) // of 15
		if got, _ := w.session.Token(t.Context()); !got.Equal(first) || w.server.refreshes != 1 {
			t.Fatal("renewed too early")
		}
		pass(90 * time.Second)
		if got, _ := w.session.Token(t.Context()); !got.Equal(first) {
			t.Fatal("a token that is still good was not given out at once")
		}
		for range 10 { // the renewal may be done by now, or not: nobody starts another
			_, err := w.session.Token(t.Context())
			must(t, err)
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
		pass(13 * time.Minute)
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
		pass(3 * time.Minute) // now it has expired
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
