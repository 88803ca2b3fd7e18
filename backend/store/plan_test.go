package store

import (
	"slices"
	"strings"
	"testing"
	"time"

	"securepush/api"
	"securepush/backend/hub/record"
)

// TestEveryStatementFindsItsRowsByAnIndex keeps the cost of a step from growing with what is stored. The few that look
// at a whole table are those that list it.
func TestEveryStatementFindsItsRowsByAnIndex(t *testing.T) {
	s := openForTest(t, Options{})
	useAll(t, s)
	whole := []string{`WHERE ends <= ? OR used <= ?`} // sessions in the clean-up: as many as there are devices
	var texts []string
	s.prepared.Range(func(text, _ any) bool { texts = append(texts, text.(string)); return true })
	err := s.write(t.Context(), func(tx *tx) error {
		for text := range tx.w.statements {
			texts = append(texts, text)
		}
		for _, text := range texts {
			if slices.ContainsFunc(whole, func(part string) bool { return strings.Contains(text, part) }) ||
				!strings.ContainsAny(text, "?") || strings.HasPrefix(text, "INSERT") && !strings.Contains(text, "SELECT") {
				continue
			}
			checkPlan(t, tx, text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(texts) < 150 {
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
	a, err := s.AddAccount(t.Context(), "anna", api.NewSecret("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	useInbox(t, s, a.ID)
	useDevices(t, s, a.ID)
	useReceipts(t, s, a.ID)
	useHub(t, s)
	useHubSends(t, s)
	useSignIns(t, s, a.ID)
	good(t, s.Clean(t.Context()))
	good(t, s.Ping(t.Context()))
}

func good(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func useInbox(t *testing.T, s *Store, account string) {
	t.Helper()
	ctx, soon, id := t.Context(), time.Now().Add(time.Hour), api.NewID()
	to := []Recipient{{Account: account, ID: id}}
	_, err := s.Send(ctx, Message{Key: "k", ExpiresAt: &soon}, to, &Idempotency{Sender: account, Key: "k"})
	good(t, err)
	for i := range 8 {
		q := PageQuery{Newest: i&1 != 0, Unread: i&2 != 0}
		if i&4 != 0 {
			q.Text = "x"
		}
		_, err = s.Page(ctx, account, q)
		good(t, err)
	}
	_, err = s.Notification(ctx, account, id)
	good(t, err)
	_, err = s.NotificationsByID(ctx, account, []api.ID{id})
	good(t, err)
	_, err = s.SetRead(ctx, account, id, true, "d")
	good(t, err)
	for _, ids := range [][]api.ID{{id}, nil} {
		for _, read := range []bool{false, true} {
			_, err = s.SetReadMany(ctx, account, ids, read, "d")
			good(t, err)
		}
	}
	good(t, s.DeleteNotification(ctx, account, id))
}

func useReceipts(t *testing.T, s *Store, account string) {
	t.Helper()
	ctx, id := t.Context(), api.NewID()
	_, err := s.Send(ctx, Message{By: account}, []Recipient{{Account: account, ID: id}}, nil)
	good(t, err)
	good(t, s.AddReceipts(ctx, []Receipt{{Account: account, Installation: "d", ID: id, At: time.Now()}}))
	_, err = s.Status(ctx, account, id)
	good(t, err)
	_, err = s.SentBy(ctx, account, "", 1)
	good(t, err)
	good(t, s.SetSessionInstallation(ctx, "s", "d"))
	good(t, s.EndSessionsOn(ctx, account, "d", "s"))
}

func useDevices(t *testing.T, s *Store, account string) {
	t.Helper()
	ctx := t.Context()
	in := api.Installation{InstallationID: "d", PushChannel: api.PushChannel{Endpoint: "e"}, Tags: []string{"t"}}
	good(t, s.PutInstallation(ctx, account, in))
	_, err := s.Installation(ctx, account, "d")
	good(t, err)
	_, err = s.Installations(ctx, account)
	good(t, err)
	_, err = s.InstallationsByTag(ctx, "t", "", 10)
	good(t, err)
	good(t, s.MarkInstallationGone(ctx, "d", "e"))
	in.PushChannel.Endpoint = "another"
	good(t, s.PutInstallation(ctx, account, in))
	_, err = s.DueInstallations(ctx, "", 10)
	good(t, err)
	good(t, s.SettleInstallation(ctx, "d", 1))
	good(t, s.SetHub(ctx, "h"))
	_, err = s.CountInstallations(ctx, []string{account})
	good(t, err)
	good(t, s.ForgetInstallation(ctx, account, "d"))
	_, err = s.Setting(ctx, "hub")
	good(t, err)
}

func useHub(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	rule := record.Rule{Name: "r", Primary: record.NewRuleKey(), Secondary: record.NewRuleKey()}
	good(t, s.AddHubRule(ctx, rule))
	good(t, s.SetHubRule(ctx, rule))
	_, err := s.HubRule(ctx, "r")
	good(t, err)
	good(t, s.DeleteHubRule(ctx, "r"))
	r := record.Registration{ID: "r", Platform: record.Browser, Handle: "h", Tags: []string{"t"}}
	for range 2 {
		_, err = s.PutRegistration(ctx, r, "")
		good(t, err)
	}
	_, err = s.Registration(ctx, "r")
	good(t, err)
	for i := range 64 {
		some := func(bit int, value string) string { return value[:i>>bit&1] }
		q := record.Query{Tag: some(0, "t"), P256DH: some(1, "p"), Auth: some(2, "a"), BaiduUserID: some(3, "b"), After: "0"}
		if i&16 != 0 {
			q.Handles = []string{"h", "i"}[:1+i>>5]
		}
		_, err = s.Registrations(ctx, q)
		good(t, err)
		a := record.Audience{Platform: record.Platform(some(0, "x")), Template: i&2 != 0, Tags: make([]string, i>>2)}
		for j := range a.Tags {
			a.Tags[j] = string(rune('a' + j))
		}
		_, err = s.Targets(ctx, a)
		good(t, err)
	}
	good(t, s.DeleteRegistration(ctx, "r", "2"))
	good(t, s.PutHubInstallation(ctx, record.Installation{ID: "i"}, []record.Registration{r}))
	good(t, s.UpdateHubInstallation(ctx, "i", func(in record.Installation) (record.Installation, []record.Registration, error) {
		return in, []record.Registration{{Slot: "new", Platform: record.Browser, Handle: "h"}}, nil
	}))
	good(t, s.ExpireHandle(ctx, record.Feedback{Platform: record.Browser, Handle: "h"}))
	good(t, s.DeleteHubInstallation(ctx, "i"))
}

func useHubSends(t *testing.T, s *Store) {
	t.Helper()
	ctx, now := t.Context(), time.Now()
	good(t, s.AddScheduled(ctx, record.Scheduled{Due: now, Notification: record.Notification{ID: "s"}}))
	_, _, err := s.NextScheduled(ctx)
	good(t, err)
	_, err = s.TakeScheduled(ctx, now.Add(-time.Hour), 1)
	good(t, err)
	good(t, s.DeleteScheduled(ctx, "s"))
	_, _, err = s.Feedback(ctx, now, 0, 1)
	good(t, err)
	_, err = s.FeedbackDays(ctx)
	good(t, err)
	good(t, s.PutJob(ctx, record.Job{ID: "j"}))
	_, err = s.Job(ctx, "j")
	good(t, err)
	_, err = s.Jobs(ctx)
	good(t, err)
}

func useSignIns(t *testing.T, s *Store, account string) {
	t.Helper()
	ctx := t.Context()
	_, err := s.Account(ctx, account)
	good(t, err)
	_, err = s.AccountByName(ctx, "anna")
	good(t, err)
	good(t, s.SetClaims(ctx, account, nil))
	_, secret, err := s.AddSenderKey(ctx, "lab", nil)
	good(t, err)
	_, err = s.Authenticate(ctx, secret)
	good(t, err)
	good(t, s.RevokeSenderKey(ctx, "lab"))
	g, err := s.StartSession(ctx, SignIn{Account: account})
	good(t, err)
	g, err = s.RefreshSession(ctx, g.Refresh)
	good(t, err)
	_, err = s.Authenticate(ctx, g.Access)
	good(t, err)
	_, err = s.Sessions(ctx, account)
	good(t, err)
	good(t, s.RevokeSession(ctx, account, g.Session.ID))
	good(t, s.RevokeSessions(ctx, account))
	for _, token := range []api.Secret{g.Access, g.Refresh} {
		_, err := s.RevokeToken(ctx, token)
		good(t, err)
	}
	good(t, s.SetPassword(ctx, account, api.NewSecret("y")))
	good(t, s.SetDisabled(ctx, account, true))
}
