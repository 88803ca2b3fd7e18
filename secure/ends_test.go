package secure_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"securepush/api"
	"securepush/secure"
)

// lasting makes a server say how long a sign-in lasts; 0: it says nothing.
func (w *world) lasting(d func() time.Duration) {
	w.server.with(func(a *authServer) {
		a.answer = func(rw http.ResponseWriter, r *http.Request) bool {
			rw.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(rw).Encode(api.Tokens{
				AccessToken: "a", TokenType: "Bearer", ExpiresIn: 900, RefreshToken: "r", RefreshExpiresIn: int(d() / time.Second), User: "anna", Account: alice,
			})
			return true
		}
	})
}

func TestTheEndOfASignInIsSaidDaysBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := signedIn(t)
		end := time.Now().Add(10 * 24 * time.Hour).Round(time.Minute)
		w.lasting(func() time.Duration { return time.Until(end) })
		said := 0
		for day := range 10 {
			_, err := w.session.Renew(t.Context(), api.Secret{})
			must(t, err)
			left := time.Until(end)
			st := w.session.State()
			if st.State != secure.StateActive {
				t.Fatalf("day %d: %v", day, st.State)
			}
			if soon := left <= 3*24*time.Hour; soon != st.Ends.Equal(end) || soon == st.Ends.IsZero() {
				t.Errorf("day %d: ends %v, with %v left", day, st.Ends, left)
			} else if soon {
				said++
			}
			pass(24 * time.Hour)
		}
		if said != 3 {
			t.Errorf("said on %d days", said)
		}
		w.lasting(func() time.Duration { return 30 * 24 * time.Hour }) // signed in again
		_, err := w.session.Renew(t.Context(), api.Secret{})
		must(t, err)
		if st := w.session.State(); !st.Ends.IsZero() {
			t.Errorf("still said: %v", st.Ends)
		}
		w.lasting(func() time.Duration { return 0 }) // a server that says nothing
		_, err = w.session.Renew(t.Context(), api.Secret{})
		must(t, err)
		if st := w.session.State(); !st.Ends.IsZero() {
			t.Errorf("guessed: %v", st.Ends)
		}
	})
}
