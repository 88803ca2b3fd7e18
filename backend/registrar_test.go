package backend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"securepush/api"
	"securepush/backend/hub/record"
	"securepush/backend/hub/sas"
	"securepush/backend/hubclient"
	"securepush/backend/store"
)

func TestADeviceChangesHandsThoughTheHubCouldNotBeTold(t *testing.T) {
	st, far, way := newElsewhere(t)
	anna, ben := st.addUser("anna"), st.addUser("ben")
	st.addDevice(anna, "desk")
	way.set(http.StatusUnauthorized, false)
	if err := anna.DeleteInstallation(t.Context(), "desk"); err != nil {
		t.Fatal(err)
	}
	way.set(0, false)
	st.addDevice(ben, "desk")
	if in, err := far.store.HubInstallation(t.Context(), "desk"); err != nil || !strings.Contains(string(in.Document), "username:ben") {
		t.Errorf("the hub has %s, %v", in.Document, err)
	}
}

// trip is a hub that is a function.
type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answerOf(r *http.Request, status int) (*http.Response, error) {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
}

// newRegistrarOf returns one that has as many devices to tell a hub of as named, a-0000 and on.
func newRegistrarOf(t *testing.T, devices int, hub trip) *registrar {
	t.Helper()
	st, err := store.Open(t.Context(), store.Options{Path: t.TempDir() + "/db"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	account, err := st.AddAccount(t.Context(), "anna", api.NewSecret("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range devices {
		in := api.Installation{InstallationID: fmt.Sprintf("a-%04d", i), Platform: "browser", PushChannel: api.PushChannel{Endpoint: "https://push/"}}
		if err := st.PutInstallation(t.Context(), account.ID, in); err != nil {
			t.Fatal(err)
		}
	}
	client, err := hubclient.New(hubclient.Options{
		Connection: sas.ConnectionString{Endpoint: mustURL(t, "https://hub.example"), Rule: "r", Key: record.NewRuleKey()}, Hub: "h", HTTP: hub,
	})
	if err != nil {
		t.Fatal(err)
	}
	return newRegistrar(st, client, discardLog())
}

func (r *registrar) due(t *testing.T) int {
	t.Helper()
	due, err := r.store.DueInstallations(t.Context(), "", 10_000)
	if err != nil {
		t.Fatal(err)
	}
	return len(due)
}

func TestDevicesThatTheHubDoesNotTakeKeepNoOtherFromIt(t *testing.T) {
	for _, status := range []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusNotImplemented} {
		r := newRegistrarOf(t, 2*registerPage, func(req *http.Request) (*http.Response, error) {
			if strings.HasSuffix(req.URL.Path, "a-0000") {
				return answerOf(req, status)
			}
			return answerOf(req, http.StatusOK)
		})
		if err := r.settleAll(t.Context()); err != nil || r.due(t) != 1 {
			t.Errorf("%d: %d devices left, %v", status, r.due(t), err)
		}
	}
}

func TestAHubThatRefusesUsIsNotToldOfEveryDevice(t *testing.T) {
	var asked atomic.Int64
	r := newRegistrarOf(t, 2*registerPage, func(req *http.Request) (*http.Response, error) {
		asked.Add(1)
		return answerOf(req, http.StatusUnauthorized)
	})
	if err := r.settleAll(t.Context()); !errors.Is(err, hubclient.ErrRefused) {
		t.Error(err)
	}
	if n := asked.Load(); n > 2*registerAtOnce {
		t.Errorf("%d requests", n)
	}
}

func TestWhoWaitsForTheTurnOfADeviceWaitsNoLongerThanItMay(t *testing.T) {
	release := make(chan struct{})
	began := make(chan struct{})
	r := newRegistrarOf(t, 1, func(req *http.Request) (*http.Response, error) {
		close(began)
		<-release
		return answerOf(req, http.StatusOK)
	})
	done := make(chan error, 1)
	go func() { done <- r.settle(t.Context(), "a-0000") }()
	<-began
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.settle(ctx, "a-0000"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(release)
	if err := <-done; err != nil || r.due(t) != 0 {
		t.Error(err)
	}
}

func TestAHubThatDoesNotAnswerHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{log: discardLog()}
		s.registrar = newRegistrarOf(t, 1, func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		})
		s.store = s.registrar.store
		account, err := s.store.AccountByName(t.Context(), "anna")
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		err = s.register(t.Context(), account.ID, api.Installation{InstallationID: "a-0000", Platform: "browser"})
		if took := time.Since(start); took > writeTimeout-5*time.Second || api.CodeOf(err) != api.CodeUnavailable {
			t.Errorf("PUT: %v after %v: there must be time for an answer", err, took)
		}
		start = time.Now()
		if err := s.unregister(t.Context(), account.ID, "a-0000"); err != nil || time.Since(start) > 6*time.Second {
			t.Errorf("whoever signs out waits for %v, %v", time.Since(start), err)
		}
		if s.registrar.due(t) != 1 {
			t.Error("the hub is not told later")
		}
	})
}
