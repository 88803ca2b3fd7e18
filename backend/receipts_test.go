package backend

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"securepush/api"
	"securepush/backend/store"
)

// reaches waits until a notification has come as far as wanted, in the words of summary.
func (st *site) reaches(p *person, id api.ID, want string) api.Delivery {
	st.t.Helper()
	again := time.NewTicker(25 * time.Millisecond) // within the limit of requests
	defer again.Stop()
	for end := time.Now().Add(10 * time.Second); ; <-again.C {
		d, err := p.Status(st.t.Context(), id)
		if err != nil {
			st.t.Fatal(err)
		}
		if got := summary(d); got == want {
			return d
		} else if time.Now().After(end) {
			st.t.Fatalf("it is %s, want %s", got, want)
		}
	}
}

// in is the site as a subtest uses it.
func (st *site) in(t *testing.T) *site {
	sub := *st
	sub.t = t
	return &sub
}

func summary(d api.Delivery) string {
	return fmt.Sprintf("%s %d/%d", d.State, d.DeliveredTo, d.ShownOn)
}

func TestTheSenderLearnsHowFarItHasComeAndNotOnWhichDevices(t *testing.T) {
	st := newSite(t)
	root, desk, laptop := st.addUser("root", api.ClaimSend), st.addUser("anna"), st.signIn("anna")
	st.addDevice(desk, "annas-desk")
	st.addDevice(laptop, "annas-laptop")
	id := st.sendTo(root, api.SendRequest{To: api.Recipients{"anna"}, Title: "Potassium", Payload: "x"})
	if d := st.reaches(root, id, "sent 0/0"); d.To != "anna" || d.Title != "Potassium" || d.Gone {
		t.Errorf("%+v", d)
	}
	if _, err := desk.Notification(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	st.reaches(root, id, "delivered 1/0")
	if err := desk.Receipts(t.Context(), api.Receipts{InstallationID: "annas-desk", Shown: []api.ID{id, api.NewID()}}); err != nil {
		t.Fatal(err)
	}
	st.reaches(root, id, "shown 1/1")
	if err := laptop.SetRead(t.Context(), api.ReadRequest{IDs: []api.ID{id}, Read: true}); err != nil {
		t.Fatal(err)
	}
	d := st.reaches(root, id, "read 1/1")
	if d.Delivered == nil || d.Shown == nil || d.Read == nil {
		t.Errorf("without times: %+v", d)
	}
	own := st.reaches(desk, id, "read 1/1")
	if own.ReadOn != "Desk" || len(own.Devices) != 2 || own.Devices[0].Name != "Desk" {
		t.Errorf("anna's own: %+v", own)
	}
	for _, path := range []string{"/api/notifications/" + string(id) + "/status", "/api/sent"} {
		_, body := st.ask(http.MethodGet, path, root.tokens.AccessToken, nil)
		if strings.Contains(body, "Desk") || strings.Contains(body, "annas") || !strings.Contains(body, `"state":"read"`) {
			t.Errorf("the sender sees %s", body)
		}
	}
}

func TestASenderKeyMayAskForWhatItHasSentAlone(t *testing.T) {
	st := newSite(t)
	anna, root := st.addUser("anna"), st.addUser("root", api.ClaimSend)
	_, body := st.ask(http.MethodPost, "/api/notifications", st.key, `{"to":"anna","payload":"x"}`)
	var sent api.SendResult
	if err := json.Unmarshal([]byte(body), &sent); err != nil {
		t.Fatal(err)
	}
	if resp, body := st.ask(http.MethodGet, "/api/notifications/"+string(sent.IDs[0])+"/status", st.key, nil); resp.StatusCode != http.StatusOK ||
		!strings.Contains(body, `"state":"sent"`) || strings.Contains(body, "devices") {
		t.Errorf("its own: %d %s", resp.StatusCode, body)
	}
	_, unknown := st.ask(http.MethodGet, "/api/notifications/"+string(api.NewID())+"/status", st.key, nil)
	for _, other := range []api.ID{st.sendTo(root, api.SendRequest{To: api.Recipients{"anna"}, Payload: "x"}), st.sendTo(anna, api.SendRequest{Payload: "x"})} {
		if resp, body := st.ask(http.MethodGet, "/api/notifications/"+string(other)+"/status", st.key, nil); resp.StatusCode != http.StatusNotFound || body != unknown {
			t.Errorf("another's: %d %s", resp.StatusCode, body)
		}
	}
	if _, err := root.Status(t.Context(), sent.IDs[0]); api.CodeOf(err) != api.CodeNotFound {
		t.Errorf("root, who may send to anyone, asks for what the key has sent: %v", err)
	}
}

func TestATestNotificationIsNobodysSend(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	st.addDevice(anna, "desk")
	if _, err := anna.Test(t.Context(), "desk"); err != nil {
		t.Fatal(err)
	}
	id := st.sendTo(anna, api.SendRequest{Payload: "x"})
	page, err := anna.Sent(t.Context(), "", 0)
	if err != nil || len(page.Items) != 1 || page.Items[0].ID != id {
		t.Errorf("%+v %v", page, err)
	}
}

func TestWhatADeviceFetchesIsDeliveredHoweverItAsks(t *testing.T) {
	st := newSite(t)
	anna, browser := st.addUser("anna"), st.signIn("anna")
	st.addDevice(anna, "desk")
	for name, tt := range map[string]struct {
		as    *person
		query api.Query
		want  string
	}{
		"a page in order of arrival": {anna, api.Query{}, "delivered 1/0"},
		"those that are unread":      {anna, api.Query{Unread: true}, "delivered 1/0"},
		"by ID":                      {anna, api.Query{IDs: []api.ID{"?"}}, "delivered 1/0"},
		"looking back":               {anna, api.Query{Newest: true}, "sent 0/0"},
		"without a device":           {browser, api.Query{}, "sent 0/0"},
	} {
		t.Run(name, func(t *testing.T) {
			st := st.in(t)
			id := st.sendTo(anna, api.SendRequest{Payload: "x"})
			later := st.sendTo(anna, api.SendRequest{Payload: "y"})
			if tt.query.IDs != nil {
				tt.query.IDs[0] = id
			}
			if page, err := tt.as.Notifications(t.Context(), tt.query); err != nil || len(page.Items) == 0 {
				t.Fatal(page, err)
			}
			if _, err := anna.Notification(t.Context(), later); err != nil {
				t.Fatal(err)
			}
			st.reaches(anna, later, "delivered 1/0") // so what came before it is noted, if it ever will be
			st.reaches(anna, id, tt.want)
		})
	}
}

func TestASignInWhoseDeviceIsNotKnownSaysWhichItIs(t *testing.T) {
	st := newSite(t)
	desk, older := st.addUser("anna"), st.signIn("anna")
	st.addDevice(desk, "desk")
	id := st.sendTo(desk, api.SendRequest{Payload: "x"})
	if err := older.Receipts(t.Context(), api.Receipts{Shown: []api.ID{id}}); api.CodeOf(err) != api.CodeInvalidField {
		t.Errorf("without a device: %v", err)
	}
	if err := older.Receipts(t.Context(), api.Receipts{InstallationID: "desk", Shown: []api.ID{id}}); err != nil {
		t.Fatal(err)
	}
	st.reaches(desk, id, "shown 1/1")
	next := st.sendTo(desk, api.SendRequest{Payload: "x"})
	if _, err := older.Notification(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	st.reaches(desk, next, "delivered 1/0")
}

func TestReceiptsPushNothingAndLeaveNoIDInTheLog(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	st.addDevice(anna, "desk")
	st.addDevice(st.signIn("anna"), "laptop")
	id := st.sendTo(anna, api.SendRequest{Payload: "x"})
	st.push.expect("desk "+string(id), "laptop "+string(id))
	if err := anna.Receipts(t.Context(), api.Receipts{Shown: []api.ID{id}}); err != nil {
		t.Fatal(err)
	}
	st.reaches(anna, id, "shown 1/1")
	next := st.sendTo(anna, api.SendRequest{Payload: "x"})
	st.push.expect("desk "+string(next), "laptop "+string(next)) // and nothing before them
	if strings.Contains(st.logs.String(), string(id)) {
		t.Errorf("the log has the ID:\n%s", st.logs)
	}
}

func TestBadReceiptsAreRefused(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	st.addDevice(anna, "desk")
	many := func(n int) string {
		return `{"shown":[` + strings.Repeat(`"AAAAAAAAAAAAAAAAAAAAAA",`, n-1) + `"AAAAAAAAAAAAAAAAAAAAAA"]}`
	}
	for _, tt := range []struct {
		name, body string
		status     int
	}{
		{"as many as may be", many(api.MaxReceipts), http.StatusNoContent},
		{"one more", many(api.MaxReceipts + 1), http.StatusBadRequest},
		{"none", `{"shown":[]}`, http.StatusNoContent},
		{"not said", `{}`, http.StatusBadRequest},
		{"null", `{"shown":null}`, http.StatusBadRequest},
		{"no list", `{"shown":"AAAAAAAAAAAAAAAAAAAAAA"}`, http.StatusBadRequest},
		{"no ID", `{"shown":["../../etc"]}`, http.StatusBadRequest},
		{"an unknown field", `{"shown":[],"read":[]}`, http.StatusBadRequest},
		{"a device with a slash", `{"installationId":"a/b","shown":[]}`, http.StatusBadRequest},
		{"an unknown device", `{"installationId":"phone","shown":[]}`, http.StatusNotFound},
		{"too long", many(4000), http.StatusRequestEntityTooLarge},
	} {
		if resp, body := st.ask(http.MethodPost, "/api/notifications/receipts", anna.tokens.AccessToken, tt.body); resp.StatusCode != tt.status {
			t.Errorf("%s: %d %s", tt.name, resp.StatusCode, body)
		}
	}
}

func TestWhatWasSentIsListedPageByPage(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	var want, got []api.ID
	for range 7 {
		want = append(want, st.sendTo(anna, api.SendRequest{Payload: "x"}))
	}
	for before, more := api.Cursor(""), true; more; {
		page, err := anna.Sent(t.Context(), before, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page.Items {
			got = append(got, d.ID)
		}
		before, more = page.Next, page.More
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for query, field := range map[string]string{"before=x": "before", "limit=0": "limit", "limit=201": "limit", "after=": "after"} {
		resp, body := st.ask(http.MethodGet, "/api/sent?"+query, anna.tokens.AccessToken, nil)
		if resp.StatusCode != http.StatusBadRequest || !strings.Contains(body, fmt.Sprintf(`"field":%q`, field)) {
			t.Errorf("%s: %d %s", query, resp.StatusCode, body)
		}
	}
}

// newLedgerOf returns a ledger that nothing empties, and a notification with its device.
func newLedgerOf(t *testing.T) (*ledger, *store.Store, store.Receipt) {
	t.Helper()
	st, err := store.Open(t.Context(), store.Options{Path: t.TempDir() + "/db"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	a, err := st.AddAccount(t.Context(), "anna", api.NewSecret("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.PutInstallation(t.Context(), a.ID, api.Installation{InstallationID: "desk"}); err != nil {
		t.Fatal(err)
	}
	r := store.Receipt{Account: a.ID, Installation: "desk", ID: api.NewID(), Shown: true, At: time.Now()}
	if _, err := st.Send(t.Context(), store.Message{}, []store.Recipient{{Account: a.ID, ID: r.ID}}, nil); err != nil {
		t.Fatal(err)
	}
	return newLedger(st, slog.New(slog.DiscardHandler), newMetrics()), st, r
}

// counted is how many receipts had a result.
func (l *ledger) counted(t *testing.T, result string) float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(l.count)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range families[0].GetMetric() {
		if m.GetLabel()[0].GetValue() == result {
			return m.GetCounter().GetValue()
		}
	}
	return 0
}

func TestReceiptsThatWaitWhenTheServerEndsAreNoted(t *testing.T) {
	l, st, r := newLedgerOf(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- l.run(ctx) }()
	l.add([]store.Receipt{r})
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if d, err := st.Status(t.Context(), r.Account, r.ID); err != nil || d.State != api.StageShown {
		t.Errorf("%+v %v", d, err)
	}
}

func TestMoreReceiptsThanMayWaitAreCountedAndForgotten(t *testing.T) {
	l, st, r := newLedgerOf(t)
	l.add(slices.Repeat([]store.Receipt{r}, receiptQueue-1))
	l.add([]store.Receipt{r, r, r})
	l.add([]store.Receipt{r})
	if n := l.counted(t, receiptOverflow); n != 3 || len(l.waiting) != receiptQueue {
		t.Errorf("%v too many, %d wait", n, len(l.waiting))
	}
	l.waiting = l.waiting[:receiptBatch+1]
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	l.flush(t.Context())
	if n := l.counted(t, receiptLost); n != receiptBatch+1 || len(l.waiting) != 0 {
		t.Errorf("%v lost, %d wait", n, len(l.waiting))
	}
}
