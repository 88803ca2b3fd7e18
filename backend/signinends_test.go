package backend

import (
	"testing"
	"time"

	"securepush/api"
)

func TestARenewalSaysHowLongTheSignInLasts(t *testing.T) {
	const day = 24 * time.Hour
	clock := newClock()
	st := newSite(t, func(c *Config) { c.Now = clock.now })
	tokens := st.addUser("anna").tokens
	client := st.client()
	passed := time.Duration(0)
	for _, c := range []struct{ after, lasts time.Duration }{{0, 30 * day}, {25 * day, 30 * day}, {25 * day, 30 * day}, {25 * day, 15 * day}, {13 * day, 2 * day}} {
		clock.pass(c.after)
		passed += c.after
		if c.after > 0 {
			var err error
			if tokens, err = client.RefreshGrant(t.Context(), api.NewSecret(tokens.RefreshToken)); err != nil {
				t.Fatal(err)
			}
		}
		if lasts := time.Duration(tokens.RefreshExpiresIn) * time.Second; (lasts - c.lasts).Abs() > time.Minute {
			t.Errorf("after %v it lasts %v, want %v", passed, lasts, c.lasts)
		}
	}
	clock.pass(2*day + time.Second)
	if _, err := client.RefreshGrant(t.Context(), api.NewSecret(tokens.RefreshToken)); api.CodeOf(err) != api.CodeInvalidGrant {
		t.Errorf("after its end: %v", err)
	}
}
