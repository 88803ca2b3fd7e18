package backend

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"securepush/api"
	"securepush/backend/hub/record"
	"securepush/backend/store"
)

// road is the way to a hub elsewhere. It can be cut, also behind the request, and notes the IDs of requests.
type road struct {
	to http.RoundTripper

	mu     sync.Mutex
	status int  // what the hub answers to everything; 0: what it would
	lose   bool // the hub gets what is sent, and its answer to that gets lost
	ids    []string
}

func (r *road) set(status int, lose bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status, r.lose = status, lose
}

func (r *road) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	status, lose := r.status, r.lose && req.Method == http.MethodPost
	if req.Method == http.MethodPost {
		r.ids = append(r.ids, req.Header.Get("x-ms-client-request-id"))
		r.lose = false
	}
	r.mu.Unlock()
	if status != 0 {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: req}, nil
	}
	resp, err := r.to.RoundTrip(req)
	if err == nil && lose {
		_ = resp.Body.Close()
		return nil, errors.New("connection lost")
	}
	return resp, err
}

// newElsewhere starts a site whose devices are kept by the hub of another one, over TLS, as if that were Azure's. Both send to the
// same push service.
func newElsewhere(t *testing.T) (st, elsewhere *site, way *road) {
	t.Helper()
	hs := httptest.NewUnstartedServer(nil)
	pushes := newPushes(t)
	far := &site{t: t, url: "https://" + hs.Listener.Addr().String(), push: pushes}
	s, err := Open(t.Context(), Config{
		PublicURL: mustURL(t, far.url), DataDir: filepath.Join(t.TempDir(), "far"), PushService: mustURL(t, pushes.url), HubName: "Clinic",
	})
	if err != nil {
		t.Fatal(err)
	}
	far.Server, far.admin = s, &Admin{store: s.store, hasher: s.hasher}
	hs.Config.Handler = s.Handler()
	hs.StartTLS()
	far.runUntilTheEnd(hs)
	rule, err := far.admin.AddRule(t.Context(), "back-end", record.Listen|record.Send)
	if err != nil {
		t.Fatal(err)
	}
	connection, name, err := far.admin.ConnectionString(t.Context(), rule, true, nil)
	if err != nil || name != "Clinic" {
		t.Fatal(name, err)
	}
	way = &road{to: hs.Client().Transport}
	st = newSite(t, func(c *Config) {
		c.PushService, c.Hub, c.HubName, c.HubTransport = mustURL(t, pushes.url), api.NewSecret(connection), "clinic", way
	})
	st.push = pushes
	return st, far, way
}

// runUntilTheEnd does a site's background work until the test ends.
func (st *site) runUntilTheEnd(hs *httptest.Server) {
	ctx, stop := context.WithCancel(context.WithoutCancel(st.t.Context()))
	done := make(chan error, 1)
	go func() { done <- st.Run(ctx) }()
	st.t.Cleanup(func() {
		hs.Close()
		stop()
		if err := errors.Join(<-done, st.Close()); err != nil {
			st.t.Error(err)
		}
	})
}

func TestAHubElsewhereIsUsedAsOurOwn(t *testing.T) {
	st, far, _ := newElsewhere(t)
	anna := st.addUser("anna")
	st.addDevice(anna, "desk", "topic:lunch")
	in, err := far.store.HubInstallation(t.Context(), "desk")
	if err != nil || !strings.Contains(string(in.Document), "username:anna") {
		t.Fatalf("the hub has %s, %v", in.Document, err)
	}
	id := st.sendTo(anna, api.SendRequest{Payload: "x"})
	st.push.expect("desk " + string(id))
	st.addDevice(anna, "phone")
	if err := anna.SetRead(t.Context(), api.ReadRequest{IDs: []api.ID{id}, Read: true}); err != nil { // done on the phone
		t.Fatal(err)
	}
	st.push.expect("desk " + string(id))
	if err := anna.DeleteInstallation(t.Context(), "desk"); err != nil {
		t.Fatal(err)
	}
	if _, err := far.store.HubInstallation(t.Context(), "desk"); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("the hub still has the device: %v", err)
	}
	if resp, _ := st.ask(http.MethodGet, "/securepush/registrations", "", nil); resp.StatusCode != http.StatusNotFound {
		t.Errorf("the embedded hub answers %d although it is off", resp.StatusCode)
	}
	if _, err := anna.ListenToken(t.Context(), "phone"); api.CodeOf(err) != api.CodeNotFound {
		t.Errorf("listen token for a hub that cannot hold a device to its tags: %v", err)
	}
}

func TestADeviceThatTheHubElsewhereKnowsAsDeadSubscribesAnew(t *testing.T) {
	st, far, _ := newElsewhere(t)
	anna := st.addUser("anna")
	st.addDevice(anna, "desk")
	st.push.gone.Store("desk", true)
	st.sendTo(anna, api.SendRequest{Payload: "x"})
	st.waitUntilDead(far, "desk")
	if _, err := anna.PutInstallation(t.Context(), st.push.device("desk")); api.CodeOf(err) != api.CodeInstallationGone {
		t.Fatalf("PUT of a dead channel: %v", err)
	}
	again := st.push.device("desk-2")
	again.InstallationID = "desk"
	if _, err := anna.PutInstallation(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	st.push.expect("desk-2 " + string(st.sendTo(anna, api.SendRequest{Payload: "y"})))
}

func TestAnAnswerThatGotLostIsAskedForWithTheSameID(t *testing.T) {
	st, _, way := newElsewhere(t)
	anna := st.addUser("anna")
	st.addDevice(anna, "desk")
	way.set(0, true)
	first := st.sendTo(anna, api.SendRequest{Payload: "x"})
	second := st.sendTo(anna, api.SendRequest{Payload: "y"})
	st.push.expect("desk "+string(first), "desk "+string(second)) // and no third
	for len(way.requests()) < 3 {
		select {
		case <-t.Context().Done():
			t.Fatal("the send was not repeated")
		case <-time.After(10 * time.Millisecond):
		}
	}
	ids := way.requests()
	slices.Sort(ids)
	if len(ids) != 3 || len(slices.Compact(ids)) != 2 {
		t.Errorf("requests %v: want one repeated with its ID, and another", ids)
	}
}

func (r *road) requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ids)
}

func TestWhatTheHubCouldNotBeToldItIsToldLater(t *testing.T) {
	st, far, way := newElsewhere(t)
	ctx := t.Context()
	anna := st.addUser("anna")
	st.addDevice(anna, "old")

	way.set(http.StatusUnauthorized, false)
	_, err := anna.PutInstallation(ctx, st.push.device("new"))
	if p, ok := errors.AsType[*api.Problem](err); !ok || p.Code != api.CodeUnavailable || p.RetryAfter == 0 {
		t.Fatalf("PUT with a hub that refuses us: %v", err)
	}
	if err := anna.DeleteInstallation(ctx, "old"); err != nil {
		t.Fatalf("whoever signs out need not wait for the hub: %v", err)
	}
	if _, err := anna.Installation(ctx, "old"); api.CodeOf(err) != api.CodeNotFound {
		t.Errorf("a forgotten device: %v", err)
	}
	if _, err := far.store.HubInstallation(ctx, "old"); err != nil {
		t.Fatalf("the hub was told: %v", err)
	}

	way.set(0, false)
	if err := st.registrar.settleAll(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := far.store.HubInstallation(ctx, "old"); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("the hub still has what was forgotten: %v", err)
	}
	if due, err := st.store.DueInstallations(ctx, "", 10); err != nil || len(due) != 0 {
		t.Errorf("still due: %v %v", due, err)
	}
}

func TestDevicesFollowTheServerToAnotherHub(t *testing.T) {
	st, far, _ := newElsewhere(t)
	ctx := t.Context()
	anna := st.addUser("anna")
	for _, id := range []string{"a", "b", "c"} {
		st.addDevice(anna, id)
		if err := far.store.DeleteHubInstallation(ctx, id); err != nil { // as if the hub were a new one
			t.Fatal(err)
		}
	}
	if err := st.registrar.settleAll(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := far.store.HubInstallation(ctx, "a"); !errors.Is(err, record.ErrNotFound) {
		t.Fatal("without a change of the hub it is told of every device again and again")
	}
	if err := st.store.SetHub(ctx, "another"); err != nil {
		t.Fatal(err)
	}
	if err := st.registrar.settleAll(ctx); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b", "c"} {
		if _, err := far.store.HubInstallation(ctx, id); err != nil {
			t.Errorf("device %s did not follow: %v", id, err)
		}
	}
}

func TestAnIDThatAnotherProgramHasAtTheHubIsNobodys(t *testing.T) {
	for name, newSites := range map[string]func(*testing.T) (st, hub *site){
		"embedded":  func(t *testing.T) (*site, *site) { st := newSite(t); return st, st },
		"elsewhere": func(t *testing.T) (*site, *site) { st, far, _ := newElsewhere(t); return st, far },
	} {
		t.Run(name, func(t *testing.T) {
			st, hub := newSites(t)
			anna := st.addUser("anna")
			in := record.Installation{ID: "kiosk", Document: []byte(`{"installationId":"kiosk","platform":"fcmv1","pushChannel":"x"}`)}
			if err := hub.store.PutHubInstallation(t.Context(), in, nil); err != nil {
				t.Fatal(err)
			}
			if _, err := anna.PutInstallation(t.Context(), st.push.device("kiosk")); api.CodeOf(err) != api.CodeNotFound {
				t.Errorf("somebody took over another program's device: %v", err)
			}
			if _, err := st.store.Installation(t.Context(), anna.account, "kiosk"); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("it stands in the directory: %v", err)
			}
		})
	}
}

func TestAWrongConnectionStringEndsTheStart(t *testing.T) {
	_, far, way := newElsewhere(t)
	good := "Endpoint=sb://" + strings.TrimPrefix(far.url, "https://") + "/;SharedAccessKeyName=back-end;SharedAccessKey=AAAA"
	for name, tt := range map[string]struct {
		connection, hub string
		want            api.Code
	}{
		"nothing of the kind": {"https://example.org", "clinic", api.CodeInvalidField},
		"wrong key":           {good, "clinic", api.CodeForbidden},
		"no such hub":         {good, "other", api.CodeForbidden},
		"no name of a hub":    {good, "a/b", api.CodeInvalidField},
		"the API's own path":  {good, "API", api.CodeInvalidField},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), Config{
				PublicURL: mustURL(t, "https://here.example"), DataDir: t.TempDir(), Hub: api.NewSecret(tt.connection), HubName: tt.hub, HubTransport: way,
			})
			if api.CodeOf(err) != tt.want || strings.Contains(err.Error(), "AAAA") {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}
