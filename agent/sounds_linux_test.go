package agent

import (
	"slices"
	"testing"

	"securepush/agent/local"
	"securepush/api"
	"securepush/notify/notifytest"
)

func TestAChoiceOfSoundsHoldsForTheNextToast(t *testing.T) {
	w := newWorld(t)
	d := w.inTray()
	if _, err := d.SignIn(t.Context(), w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	w.until(func() bool { s, err := d.Status(t.Context()); return err == nil && s.Link == local.LinkConnected })
	for _, c := range []struct {
		sounds local.Sounds
		heard  bool
	}{{"", true}, {local.SoundsOff, false}, {local.SoundsOn, true}, {local.SoundsUrgent, false}} {
		s, err := d.Settings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.Sounds = c.sounds
		if err := d.SaveSettings(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		title := "sounds: " + string(c.sounds) + "."
		w.send("anna", title)
		w.until(func() bool {
			return slices.ContainsFunc(d.toasts.Standing(), func(s notifytest.Standing) bool { return s.Title == title })
		})
		if got := d.toasts.Heard(title); got != c.heard {
			t.Errorf("sounds %q: heard %v, want %v", c.sounds, got, c.heard)
		}
	}
}
