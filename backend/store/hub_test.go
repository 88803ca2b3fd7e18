package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"securepush/backend/hub/record"
)

func TestRegistrationsShareATransactionAndOneThatIsRefusedHarmsNoOther(t *testing.T) {
	s := openForTest(t, Options{})
	release := hold(t, s)
	const count = 20
	errs := make([]error, count)
	var all sync.WaitGroup
	for i := range count {
		waiting := len(s.writer.queue)
		all.Go(func() {
			r := record.Registration{ID: fmt.Sprint(i / 2), Platform: record.Browser, Handle: "h", Tags: []string{"t"}}
			_, errs[i] = s.PutRegistration(t.Context(), r, []string{"", "7"}[i%2])
		})
		await(t, func() bool { return len(s.writer.queue) > waiting })
	}
	before := s.Stats()
	release()
	all.Wait()
	for i, err := range errs {
		if i%2 == 0 && err != nil || i%2 == 1 && !errors.Is(err, record.ErrMismatch) {
			t.Errorf("%d: %v", i, err)
		}
	}
	found, err := s.Targets(t.Context(), record.Audience{Platform: record.Browser, Tags: []string{"t"}})
	if err != nil || len(found) != count/2 {
		t.Fatal(len(found), err)
	}
	if after := s.Stats(); after.Commits > before.Commits+3 { // the held one, theirs, and perhaps one more on a slow machine
		t.Fatalf("%+v, then %+v", before, after)
	}
}

func TestWhatAHubKeepsIsNotFoundInAClosedStore(t *testing.T) {
	s := openForTest(t, Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := s.PutRegistration(t.Context(), record.Registration{}, "")
	_, err2 := s.Targets(t.Context(), record.Audience{})
	err3 := s.UpdateHubInstallation(t.Context(), "i", nil)
	for _, err := range []error{err, err2, err3} {
		if !errors.Is(err, ErrClosed) || !errors.Is(err, ErrUnavailable) {
			t.Error(err)
		}
	}
}

func TestOnlyEmptyKeysAreDrawn(t *testing.T) {
	s := openForTest(t, Options{})
	before, err := s.HubRules(t.Context())
	good(t, err)
	good(t, s.write(t.Context(), func(t *tx) error {
		return t.exec(`UPDATE hub_rules SET primary_key = '', secondary_key = '' WHERE name = ?`, record.DefaultListenRule)
	}))
	good(t, fillRules(t.Context(), s.writer.db, time.Now()))
	after, err := s.HubRules(t.Context())
	good(t, err)
	if after[0] != before[0] || after[1].Primary.Empty() || after[1].Primary.Equal(before[1].Primary) {
		t.Fatal(before, after)
	}
}

// crowd is a store with many installations, each of a user of its own and with a tag that all have.
func crowd(b *testing.B, count int) *Store {
	b.Helper()
	s, err := Open(b.Context(), Options{Path: filepath.Join(b.TempDir(), "securepush.db")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	now := s.now()
	err = s.write(b.Context(), func(t *tx) error {
		if err := t.exec(`PRAGMA cache_size = -400000`); err != nil { // so that each page is written once
			return err
		}
		for i := range count {
			in, derived := member(i)
			if err := t.writeInstallation(in, derived, now); err != nil {
				return err
			}
		}
		return t.exec(`PRAGMA cache_size = -2000`)
	})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func member(n int) (record.Installation, []record.Registration) {
	id := fmt.Sprintf("device-%06d", n)
	return record.Installation{ID: id, Document: make([]byte, 500)}, []record.Registration{{
		Platform: record.Browser, Handle: "https://push.example/" + id, P256DH: "BLx", Auth: "k3",
		Tags: []string{"$InstallationId:{" + id + "}", "username:" + id, "everybody"},
	}}
}

func BenchmarkHub(b *testing.B) {
	for _, stored := range []int{1000, 100_000} {
		s := crowd(b, stored)
		next := 0
		step := func() int { next = (next + 7919) % stored; return next }
		for _, step := range []struct {
			name string
			do   func() error
		}{
			{"targets of a user's tag", func() error {
				found, err := s.Targets(b.Context(), record.Audience{
					Platform: record.Browser, Tags: []string{fmt.Sprintf("username:device-%06d", step())}, Limit: 500,
				})
				if err == nil && len(found) != 1 {
					err = fmt.Errorf("%d found", len(found))
				}
				return err
			}},
			{"500 targets of everybody's tag", func() error {
				found, err := s.Targets(b.Context(), record.Audience{
					Platform: record.Browser, Tags: []string{"everybody"}, After: "5", Limit: 500,
				})
				if err == nil && len(found) < 300 {
					err = fmt.Errorf("%d found", len(found))
				}
				return err
			}},
			{"put installation", func() error {
				in, derived := member(step())
				return s.PutHubInstallation(b.Context(), in, derived)
			}},
		} {
			b.Run(fmt.Sprintf("%s/registrations=%d", step.name, stored), func(b *testing.B) {
				for b.Loop() {
					if err := step.do(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
