package hubclient

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"securepush/api"
	"securepush/backend/hub/sas"
)

func TestPutInstallation(t *testing.T) {
	h, c := serve(t, reply{status: 200, header: map[string]string{"Content-Location": "https://localhost:9443/hub1/installations/dev-1?api-version=2020-06"}})
	if err := c.PutInstallation(t.Context(), browser); err != nil {
		t.Fatal(err)
	}
	got := h.requests()[0]
	const body = `{"installationId":"dev-1","userId":"alice","platform":"browser","pushChannel":{"endpoint":"https://push.example/abc","p256dh":"BPUB","auth":"AUTH"},"tags":["username:alice","news"]}`
	if got.method != http.MethodPut || got.uri != "/hub1/installations/dev-1?api-version=2020-06" || got.body != body || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("%+v", got)
	}
}

func TestEachRequestIsAuthorisedAndNamed(t *testing.T) {
	h, c := serve(t, reply{status: 200, body: `{}`})
	for _, op := range operations {
		if err := op.do(t.Context(), c); err != nil {
			t.Fatalf("%s: %v", op.name, err)
		}
	}
	ids := map[string]bool{}
	for _, got := range h.requests() {
		token, err := sas.Parse(got.header.Get("Authorization"))
		if err != nil {
			t.Fatal(err)
		}
		u, _ := url.Parse(got.uri)
		if token.Rule() != testRule || !token.SignedBy(api.NewSecret(testKey)) || token.Expired(time.Now()) || !token.Expired(time.Now().Add(tokenLife+time.Second)) ||
			!token.Covers(func(host string) bool { return host == "127.0.0.1" }, u.Path) {
			t.Errorf("%s: the token does not open it: %v", got.uri, token)
		}
		if _, err := uuid.Parse(got.header.Get("x-ms-client-request-id")); err != nil || got.header.Get("x-ms-version") != "2020-06" || got.header.Get("User-Agent") != "SecurePush" {
			t.Errorf("%s: %v", got.uri, got.header)
		}
		ids[got.header.Get("x-ms-client-request-id")] = true
	}
	if len(ids) != len(operations) {
		t.Errorf("requests share an ID: %v", ids)
	}
}

func TestInstallationIsReadInEveryForm(t *testing.T) {
	want := Installation{ID: "dev-1", Channel: browser.Channel}
	for _, c := range []struct {
		name, body string
		want       func(*Installation)
	}{
		{"an object", `{"installationId":"dev-1","pushChannel":{"endpoint":"https://push.example/abc","p256dh":"BPUB","auth":"AUTH"},"pushChannelExpired":false,"platform":"browser"}`, func(*Installation) {}},
		{"a string", `{"installationId":"dev-1","pushChannel":"{\"endpoint\":\"https://push.example/abc\",\"p256dh\":\"BPUB\",\"auth\":\"AUTH\"}","platform":"browser"}`, func(*Installation) {}},
		{"expired", `{"installationId":"dev-1","pushChannel":{"endpoint":"https://push.example/abc","p256dh":"BPUB","auth":"AUTH"},"pushChannelExpired":true}`, func(i *Installation) { i.Expired = true }},
		{"expired as documented", `{"installationId":"dev-1","pushChannel":{"endpoint":"https://push.example/abc","p256dh":"BPUB","auth":"AUTH"},"expiredPushChannel":true}`, func(i *Installation) { i.Expired = true }},
		{"with nulls", `{"installationId":"dev-1","userId":null,"tags":null,"pushChannel":{"endpoint":"https://push.example/abc","p256dh":"BPUB","auth":"AUTH"},"pushChannelExpired":null,"expirationTime":null}`, func(*Installation) {}},
		{
			"another platform's", `{"installationId":"8b3e","pushChannel":"62BCD3","pushChannelExpired":false,"platform":"apns","expirationTime":"9999-12-31T23:59:59.9999999Z","tags":["tag1"],"userId":"u"}`,
			func(i *Installation) { *i = Installation{ID: "8b3e", Tags: []string{"tag1"}, UserID: "u"} },
		},
		{"without a channel", `{"installationId":"dev-1"}`, func(i *Installation) { i.Channel = api.PushChannel{} }},
		{"with a broken channel", `{"installationId":"dev-1","pushChannel":[1]}`, func(i *Installation) { i.Channel = api.PushChannel{} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := want
			c.want(&want)
			_, client := serve(t, reply{status: 200, header: map[string]string{"Content-Type": "application/xml; charset=utf-8"}, body: c.body})
			got, err := client.Installation(t.Context(), "dev-1")
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%+v %v, want %+v", got, err, want)
			}
		})
	}
}

func TestAnAnswerThatIsNoInstallation(t *testing.T) {
	for _, body := range []string{``, `null and more`, `<html>`, `[]`, `{"installationId":7}`, `{"tags":"` + strings.Repeat("x", maxAnswer) + `"}`} {
		_, client := serve(t, reply{status: 200, body: body})
		if got, err := client.Installation(t.Context(), "dev-1"); err == nil || len(err.Error()) > 100 {
			t.Errorf("%.20q: %v %v", body, got, err)
		}
	}
}

func TestDeleteInstallationSucceedsWhenThereIsNone(t *testing.T) {
	for _, status := range []int{204, 200, 404} {
		h, c := serve(t, reply{status: status})
		if err := c.DeleteInstallation(t.Context(), "a b#c"); err != nil {
			t.Errorf("%d: %v", status, err)
		}
		if got := h.requests()[0]; got.method != http.MethodDelete || got.uri != "/hub1/installations/a%20b%23c?api-version=2020-06" {
			t.Errorf("%+v", got)
		}
	}
}

func TestSend(t *testing.T) {
	h, c := serve(t, reply{status: 201, header: map[string]string{
		"Content-Type": "application/xml; charset=utf-8",
		"Location":     "https://localhost:9443/hub1/messages/4651c1ec2b614f14bfec41c62ca000b1-20181107001828-33331921-15?api-version=2020-06",
	}})
	id, err := c.Send(t.Context(), Message{
		Tags: "username:älice && !news", Body: []byte(`{"id":"7"}`), TTL: time.Minute + 1, Urgency: "high", Topic: "t1", RequestID: "fdb3a873-afac-43c1-9a47-a47a9cccebc9",
	})
	if err != nil || id != "4651c1ec2b614f14bfec41c62ca000b1-20181107001828-33331921-15" {
		t.Errorf("%q %v", id, err)
	}
	got := h.requests()[0]
	if got.method != http.MethodPost || got.uri != "/hub1/messages?api-version=2020-06" || got.body != `{"id":"7"}` {
		t.Errorf("%+v", got)
	}
	for name, want := range map[string]string{
		"ServiceBusNotification-Format": "browser", "ServiceBusNotification-Tags": "username:älice && !news", "Content-Type": "application/json;charset=utf-8",
		"TTL": "61", "Urgency": "high", "Topic": "t1", "x-ms-client-request-id": "fdb3a873-afac-43c1-9a47-a47a9cccebc9",
	} {
		if v := got.header.Get(name); v != want {
			t.Errorf("%s: %q, want %q", name, v, want)
		}
	}
}

func TestTTLIsWholeSecondsRoundedUp(t *testing.T) {
	h, c := serve(t, reply{status: 201})
	want := []string{"0", "0", "1", "1", "2", "2419200", "9223372037"}
	for _, ttl := range []time.Duration{-time.Hour, 0, 1, time.Second, time.Second + 1, 28 * 24 * time.Hour, 1<<63 - 1} {
		if _, err := c.Send(t.Context(), Message{Tags: "a", TTL: ttl}); err != nil {
			t.Fatal(err)
		}
	}
	for i, got := range h.requests() {
		if ttl := got.header.Get("TTL"); ttl != want[i] {
			t.Errorf("%q, want %q", ttl, want[i])
		}
		if _, ok := got.header["Urgency"]; ok || got.header.Get("Topic") != "" {
			t.Errorf("%v", got.header)
		}
	}
}

func TestTheIDOfANotificationIsTheLastSegment(t *testing.T) {
	for location, want := range map[string]string{
		"":                                "",
		"https://h":                       "",
		"https://h/":                      "",
		"%zz":                             "",
		"https://h/hub1/messages/4-1":     "4-1",
		"https://h/hub1/messages/4-1/?a":  "4-1",
		"/hub1/messages/$batch/4-1?x=/y/": "4-1",
	} {
		_, c := serve(t, reply{status: 201, header: map[string]string{"Location": location}})
		if id, err := c.Send(t.Context(), message); err != nil || id != want {
			t.Errorf("%q: %q %v, want %q", location, id, err, want)
		}
	}
}

func TestBadRequestsAreNotMade(t *testing.T) {
	h, c := serve(t, reply{status: 200})
	for _, id := range []string{"", ".", "..", "a/b", `a\b`, "a\nb", "a\xffb", strings.Repeat("a", 257)} {
		if _, err := c.Installation(t.Context(), id); err == nil {
			t.Errorf("get %q", id)
		}
		if c.DeleteInstallation(t.Context(), id) == nil || c.PutInstallation(t.Context(), Installation{ID: id}) == nil {
			t.Errorf("put, delete %q", id)
		}
	}
	for _, m := range []Message{{}, {Tags: "a\r\nX: y"}, {Tags: "a", Topic: "a\nb"}, {Tags: "a", Urgency: "\x7f"}, {Tags: "a", RequestID: "\n"}} {
		if _, err := c.Send(t.Context(), m); err == nil {
			t.Errorf("send %+v", m)
		}
	}
	if n := len(h.requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestBadOptionsAreRefused(t *testing.T) {
	good := connection(t, "ns.servicebus.windows.net")
	plain := good
	plain.Endpoint = &url.URL{Scheme: "http", Host: "example.org", Path: "/"}
	noKey := good
	noKey.Key = api.Secret{}
	for name, o := range map[string]Options{
		"nothing": {}, "no hub": {Connection: good}, "a path": {Connection: good, Hub: "a/b"}, "a parent": {Connection: good, Hub: ".."},
		"a long name": {Connection: good, Hub: strings.Repeat("a", 261)}, "no encryption": {Connection: plain, Hub: "a"}, "no key": {Connection: noKey, Hub: "a"},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestAnEndpointMayHaveAPathAndBeThisMachine(t *testing.T) {
	h := &hub{replies: []reply{{status: 201}}}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	cs := connection(t, "ns")
	cs.Endpoint, _ = url.Parse(s.URL + "/base/")
	c, err := New(Options{Connection: cs, Hub: "hub 1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	got := h.requests()[0]
	token, err := sas.Parse(got.header.Get("Authorization"))
	if err != nil || got.uri != "/base/hub%201/messages?api-version=2020-06" || !token.Covers(func(string) bool { return true }, "/base/hub 1/messages") {
		t.Errorf("%s %v", got.uri, err)
	}
}

func TestATokenServesUntilHalfItsLife(t *testing.T) {
	var mu sync.Mutex
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	h := &hub{replies: []reply{{status: 201}}}
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	c, err := New(Options{
		Connection: connection(t, s.Listener.Addr().String()), Hub: "hub1", HTTP: s.Client().Transport,
		Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []time.Duration{0, tokenRenew - time.Second, time.Second, tokenLife} {
		mu.Lock()
		now = now.Add(step)
		mu.Unlock()
		if _, err := c.Send(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	var tokens []string
	for _, got := range h.requests() {
		tokens = append(tokens, got.header.Get("Authorization"))
	}
	if tokens[0] != tokens[1] || tokens[1] == tokens[2] || tokens[2] == tokens[3] {
		t.Error(tokens)
	}
}

func TestTheNetworkIsUsedWithTLSThatIsChecked(t *testing.T) {
	h := &hub{replies: []reply{{status: 201}}}
	s := httptest.NewUnstartedServer(h)
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	s.StartTLS()
	t.Cleanup(s.Close)
	old := newTransport()
	old.TLSClientConfig.RootCAs = x509.NewCertPool()
	old.TLSClientConfig.RootCAs.AddCert(s.Certificate())
	req, _ := http.NewRequest(http.MethodGet, s.URL, nil)
	if resp, err := old.RoundTrip(req); err == nil || !strings.Contains(err.Error(), "version") {
		t.Errorf("%v %v", resp, err)
	}

	good := httptest.NewTLSServer(h)
	t.Cleanup(good.Close)
	c, err := New(Options{Connection: connection(t, good.Listener.Addr().String()), Hub: "hub1"}) // does not know the certificate
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Send(t.Context(), message)
	if untrusted := (*tls.CertificateVerificationError)(nil); !errors.As(err, &untrusted) || !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrUnclear) {
		t.Errorf("%v", err)
	}
	if _, again := retry(err); again || len(h.requests()) > 0 {
		t.Errorf("%d requests, another: %v", len(h.requests()), again)
	}
}

func BenchmarkAuthorization(b *testing.B) {
	_, c := inMemory(b, &buffer{}, answers(201, ""))
	for b.Loop() {
		_ = c.authorization()
	}
}
