package store

import (
	"slices"
	"strings"
	"testing"
	"time"

	"securepush/api"
)

// TestEveryStatementFindsItsRowsByAnIndex keeps the cost of a step from growing with what is stored. The few that look
// at a whole table are those that list it.
func TestEveryStatementFindsItsRowsByAnIndex(t *testing.T) {
	s := openForTest(t, Options{})
	useAll(t, s)
	whole := []string{
		`FROM accounts ORDER BY folded`, `FROM sender_keys ORDER BY folded`, `SELECT COUNT(*) FROM secrets`,
		`WHERE ends <= ? OR used <= ?`, // sessions in the clean-up: as many as there are devices
	}
	var texts []string
	s.prepared.Range(func(text, _ any) bool { texts = append(texts, text.(string)); return true })
	err := s.write(t.Context(), func(tx *tx) error {
		for text := range tx.w.statements {
			texts = append(texts, text)
		}
		for _, text := range texts {
			if slices.ContainsFunc(whole, func(part string) bool { return strings.Contains(text, part) }) ||
				!strings.ContainsAny(text, "?") || strings.HasPrefix(text, "INSERT") {
				continue
			}
			checkPlan(t, tx, text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(texts) < 50 {
		t.Fatalf("only %d statements were looked at", len(texts))
	}
}

func checkPlan(t *testing.T, tx *tx, text string) {
	t.Helper()
	err := tx.query(func(scan scan) error {
		var id, parent, unused int
		var step string
		if err := scan(&id, &parent, &unused, &step); err != nil {
			return err
		}
		scans := strings.HasPrefix(step, "SCAN") && !strings.Contains(step, "json_each")
		sorts := strings.Contains(step, "TEMP B-TREE") && !strings.Contains(text, "json_each") && !strings.Contains(text, "ORDER BY u")
		// All of an account's are looked at only where all of them may change.
		all := strings.Contains(text, "UPDATE notifications SET read =") && !strings.Contains(text, "json_each")
		inbox := strings.HasPrefix(step, "SEARCH notifications ") && strings.HasSuffix(step, " (account=?)") && !all
		if scans || sorts || inbox {
			t.Errorf("%s\n    %s", text, step)
		}
		return nil
	}, `EXPLAIN QUERY PLAN `+text, make([]any, strings.Count(text, "?"))...)
	if err != nil {
		t.Error(text, err)
	}
}

// useAll calls every method, so that its statements are prepared.
func useAll(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	a, err := s.AddAccount(ctx, "anna", api.NewSecret("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	soon := time.Now().Add(time.Hour)
	id := api.NewID()
	to := []Recipient{{Account: a.ID, ID: id}}
	once := &Idempotency{Sender: a.ID, Key: "k"}
	in := api.Installation{InstallationID: "d", PushChannel: api.PushChannel{Endpoint: "e"}, Tags: []string{"t"}}
	g, err := s.StartSession(ctx, SignIn{Account: a.ID})
	if err != nil {
		t.Fatal(err)
	}
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	_, err = s.Send(ctx, Message{Key: "k", ExpiresAt: &soon}, to, once)
	note(err)
	for i := range 8 {
		q := PageQuery{Newest: i&1 != 0, Unread: i&2 != 0}
		if i&4 != 0 {
			q.Text = "x"
		}
		_, err = s.Page(ctx, a.ID, q)
		note(err)
	}
	_, err = s.Notification(ctx, a.ID, id)
	note(err)
	_, err = s.NotificationsByID(ctx, a.ID, []api.ID{id})
	note(err)
	_, err = s.SetRead(ctx, a.ID, id, true)
	note(err)
	_, err = s.SetReadMany(ctx, a.ID, []api.ID{id}, false)
	note(err)
	_, err = s.SetReadMany(ctx, a.ID, nil, true)
	note(err)
	note(s.DeleteNotification(ctx, a.ID, id))
	_, err = s.Account(ctx, a.ID)
	note(err)
	_, err = s.AccountByName(ctx, "anna")
	note(err)
	_, err = s.Accounts(ctx)
	note(err)
	note(s.SetClaims(ctx, a.ID, nil))
	_, secret, err := s.AddSenderKey(ctx, "lab", nil)
	note(err)
	_, err = s.Authenticate(ctx, secret)
	note(err)
	_, err = s.SenderKeys(ctx)
	note(err)
	note(s.RevokeSenderKey(ctx, "lab"))
	note(s.PutInstallation(ctx, a.ID, in))
	_, err = s.Installation(ctx, a.ID, "d")
	note(err)
	_, err = s.Installations(ctx, a.ID)
	note(err)
	_, err = s.InstallationsByTag(ctx, "t", "", 10)
	note(err)
	note(s.MarkInstallationGone(ctx, "d", "e"))
	note(s.DeleteInstallation(ctx, a.ID, "d"))
	next, err := s.RefreshSession(ctx, g.Refresh)
	note(err)
	_, err = s.Authenticate(ctx, next.Access)
	note(err)
	_, err = s.Sessions(ctx, a.ID)
	note(err)
	note(s.RevokeSession(ctx, a.ID, g.Session.ID))
	note(s.RevokeSessions(ctx, a.ID))
	note(s.RevokeToken(ctx, g.Access))
	note(s.RevokeToken(ctx, g.Refresh))
	note(s.SetPassword(ctx, a.ID, api.NewSecret("y")))
	note(s.SetDisabled(ctx, a.ID, true))
	note(s.Clean(ctx))
	note(s.Ping(ctx))
	for i, err := range errs {
		if err != nil {
			t.Fatal(i, err)
		}
	}
}
