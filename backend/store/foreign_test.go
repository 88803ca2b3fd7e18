package store

import (
	"errors"
	"maps"
	"testing"

	"securepush/api"
)

// What another person has and what nobody has are looked for by the same statement, which finds neither: so no answer can take longer for
// one of them by more than the reading of a row.
func TestTheSameStatementLooksForAnothersAndForAnUnknownOne(t *testing.T) {
	s := openForTest(t, Options{})
	anna, err := s.AddAccount(t.Context(), "anna", api.NewSecret("x"), nil)
	good(t, err)
	ben, err := s.AddAccount(t.Context(), "ben", api.NewSecret("x"), nil)
	good(t, err)
	id := api.NewID()
	_, err = s.Send(t.Context(), Message{Payload: "x"}, []Recipient{{Account: ben.ID, ID: id}}, nil)
	good(t, err)
	run := func() map[string]bool {
		all := map[string]bool{}
		s.prepared.Range(func(text, _ any) bool { all[text.(string)] = true; return true })
		return all
	}
	if _, err := s.Notification(t.Context(), anna.ID, api.NewID()); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	before := run()
	if _, err := s.Notification(t.Context(), anna.ID, id); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	if !maps.Equal(before, run()) {
		t.Errorf("another's: %v, an unknown one: %v", run(), before)
	}
	if _, err := s.Notification(t.Context(), ben.ID, id); err != nil {
		t.Error("its owner does not find it", err)
	}
}
