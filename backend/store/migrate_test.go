package store_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"securepush/api"
	"securepush/backend/hub/record"
	"securepush/backend/store"
)

// What the database of testdata/version1.sql holds, as that version made it.
const (
	v1Account = "f93e3b40-2b7d-49c3-bf1b-a86727dc38dc"
	v1First   = "spr_3dk2mYC2loBtyiZNkUGieAVD1jt0R1H2CqYy1ga0FV4hRByUK_qVeGpFfUJsHxPRs"
	v1Next    = "spr_3dk2mYC2loBtyiZNkUGieAJA_tumpHwkuF5sWvbFj7K1h-JhK7-yhT08FBuyGfWNg" // successor of v1First, never presented
	v1Access  = "spa_zxo0gGXPaWE6BfWCVOPuePVgo2fhUfXO3GLE4rToKt4"
	v1Key     = "spk_7k7qrXDcULL1BKPDSvTNqabPGO6Jyyw-4_znSdPeJ7E"
	v1Unread  = api.ID("ULaPxYQKRTAxkU0e84OlNw")
	v1Read    = api.ID("-penvL524AZnxG9oDMucgg")
	v1Deleted = api.ID("R0OpKJJzNIqNYwJ7rVY_Qg")
	v1Expired = api.ID("x3HMdqv9aQjxy74Y72dDcg")
)

// version1 opens a database that the first version made, ten minutes after it was used last.
func version1(t *testing.T) *store.Store {
	t.Helper()
	text, err := os.ReadFile("testdata/version1.sql")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "securepush.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), string(text)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 21, 14, 43, 8, 0, time.UTC)
	return open(t, store.Options{Path: path, Now: func() time.Time { return at }})
}

func TestADatabaseOfVersion1KeepsItsSignInsAndKeys(t *testing.T) {
	s := version1(t)
	a, err := s.AccountByName(t.Context(), "ÄNNE")
	if err != nil || a.ID != v1Account || a.PasswordHash.Reveal() != "$argon2id$anna" || len(a.Claims) != 2 {
		t.Fatal(a, err)
	}
	if b, err := s.AccountByName(t.Context(), "bob"); err != nil || !b.Disabled {
		t.Fatal(b, err)
	}
	if p, err := s.Authenticate(t.Context(), api.NewSecret(v1Access)); err != nil || p.Account != v1Account {
		t.Fatal(p, err)
	}
	if p, err := s.Authenticate(t.Context(), api.NewSecret(v1Key)); err != nil || p.Name != "Lab" || !p.Has(api.ClaimSend) {
		t.Fatal(p, err)
	}
	g, err := s.RefreshSession(t.Context(), api.NewSecret(v1First))
	if err != nil || !g.Repeated || g.Refresh.Reveal() != v1Next {
		t.Fatal(g.Repeated, err)
	}
	if _, err := s.RefreshSession(t.Context(), api.NewSecret(v1Next)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RefreshSession(t.Context(), api.NewSecret(v1First)); !errors.Is(err, store.ErrReused) {
		t.Fatal(err)
	}
}

func TestADatabaseOfVersion1KeepsItsNotifications(t *testing.T) {
	s := version1(t)
	n, err := s.Notification(t.Context(), v1Account, v1Unread)
	if err != nil || n.Payload != "K 4.1 mmol/l" || n.Key != "alarm" || n.Priority != api.PriorityHigh || n.ExpiresAt == nil {
		t.Fatal(n, err)
	}
	if n, err := s.Notification(t.Context(), v1Account, v1Read); err != nil || !n.Read {
		t.Fatal(n, err)
	}
	for _, id := range []api.ID{v1Deleted, v1Expired} {
		if _, err := s.Notification(t.Context(), v1Account, id); !errors.Is(err, store.ErrGone) {
			t.Fatal(id, err)
		}
	}
	to := []store.Recipient{{Account: v1Account, ID: api.NewID()}}
	sent, err := s.Send(t.Context(), store.Message{}, to, &store.Idempotency{Sender: "lab", Key: "k1", Hash: [32]byte{1}})
	if err != nil || !sent.Replayed || sent.Items[0].ID != v1Unread {
		t.Fatal(sent, err)
	}
	sent, err = s.Send(t.Context(), store.Message{Title: "new", Key: "alarm"}, to, nil)
	if err != nil || len(sent.Items[0].Replaced) != 1 || sent.Items[0].Replaced[0] != v1Unread {
		t.Fatal(sent, err)
	}
	p, err := s.Page(t.Context(), v1Account, store.PageQuery{Cursor: "4"})
	if err != nil || len(p.Items) != 1 || p.Items[0].Title != "new" || p.Unread != 1 {
		t.Fatal(p, err)
	}
}

func TestADatabaseOfVersion1KnowsWhatWasReadAndNotWhenOrWhere(t *testing.T) {
	s := version1(t)
	for id, want := range map[api.ID]api.Stage{v1Unread: api.StageSent, v1Read: api.StageRead} {
		d, err := s.Status(t.Context(), v1Account, id)
		if err != nil || d.State != want || d.Read != nil || d.ReadOn != "" || d.Gone || d.DeliveredTo != 0 {
			t.Fatal(d, err)
		}
	}
	if page, err := s.SentBy(t.Context(), v1Account, "", 0); err != nil || len(page.Items) != 0 {
		t.Fatal(page, err)
	}
}

func TestADatabaseOfVersion1KeepsItsDevicesAndSecrets(t *testing.T) {
	s := version1(t)
	found, err := s.InstallationsByTag(t.Context(), "ward:7", "", 10)
	if err != nil || len(found) != 1 || found[0].InstallationID != "d0" || found[0].Account != v1Account {
		t.Fatal(found, err)
	}
	if in, err := s.Installation(t.Context(), v1Account, "d1"); err != nil || !in.Gone || len(in.Tags) != 2 {
		t.Fatal(in, err)
	}
	secret, err := s.Secret(t.Context(), "vapid", func() ([]byte, error) { return nil, errors.New("made anew") })
	if err != nil || string(secret) != "\x01\x02\x03" {
		t.Fatal(secret, err)
	}
}

func TestADatabaseOfVersion1HasItsLivingDevicesPutAtTheHub(t *testing.T) {
	s := version1(t)
	due, err := s.DueInstallations(t.Context(), "", 10)
	if err != nil || len(due) != 1 || due[0].InstallationID != "d0" || due[0].Due != store.DuePut || due[0].Account != v1Account {
		t.Fatal(due, err)
	}
	if err := s.SettleInstallation(t.Context(), "d0", due[0].Version); err != nil {
		t.Fatal(err)
	}
	if due, err = s.DueInstallations(t.Context(), "", 10); err != nil || len(due) != 0 {
		t.Fatal(due, err)
	}
}

func TestADatabaseOfVersion1GetsTheRulesOfAHub(t *testing.T) {
	s := version1(t)
	for name, rights := range map[string]record.Rights{
		record.DefaultListenRule: record.Listen,
		record.DefaultFullRule:   record.Listen | record.Manage | record.Send,
	} {
		r, err := s.HubRule(t.Context(), name)
		if err != nil || r.Name != name || r.Rights != rights || r.Primary.Empty() || r.Secondary.Empty() || r.Primary.Equal(r.Secondary) {
			t.Fatal(r, err)
		}
	}
}

func TestRulesAreDrawnOnceAndStayRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "securepush.db")
	s := open(t, store.Options{Path: path})
	before, err := s.HubRule(t.Context(), record.DefaultFullRule)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteHubRule(t.Context(), record.DefaultListenRule); err != nil {
		t.Fatal(err)
	}
	again := open(t, store.Options{Path: path})
	after, err := again.HubRules(t.Context())
	if err != nil || len(after) != 1 || after[0] != before {
		t.Fatal(after, err)
	}
}

func TestThoseWhoOpenANewDatabaseAtOnceFindTheSameRules(t *testing.T) {
	path := filepath.Join(t.TempDir(), "securepush.db")
	found := make([][]record.Rule, 4)
	var all sync.WaitGroup
	for i := range found {
		all.Go(func() {
			s, err := store.Open(t.Context(), store.Options{Path: path})
			if err != nil {
				t.Error(err)
				return
			}
			found[i], err = s.HubRules(t.Context())
			if err := errors.Join(err, s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, rules := range found {
		if len(rules) != 2 || !slices.Equal(rules, found[0]) || rules[0].Primary.Empty() || rules[1].Primary.Empty() {
			t.Errorf("%d rules, as the first has: %v", len(rules), slices.Equal(rules, found[0]))
		}
	}
}
