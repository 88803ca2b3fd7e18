package api

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const testID = ID("7Jb0m3Zl3oWm4m0x0n9L9w")

// tokens counts how often it is asked.
type tokens struct {
	renewed atomic.Int32
	err     error
}

func (s *tokens) Token(context.Context) (Secret, error) { return NewSecret("first"), nil }

func (s *tokens) Renew(_ context.Context, refused Secret) (Secret, error) {
	s.renewed.Add(1)
	if refused.Reveal() != "first" {
		return Secret{}, errors.New("asked to renew another token")
	}
	return NewSecret("second"), s.err
}

func serve(t *testing.T, h http.HandlerFunc) (*Client, *tokens) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	base, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	src := &tokens{}
	return &Client{Base: base, HTTP: srv.Client(), Tokens: src}, src
}

func TestA401RenewsOnceAndAsksOnceMore(t *testing.T) {
	var calls atomic.Int32
	c, src := serve(t, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if r.Header.Get("Authorization") != "Bearer second" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = fmt.Fprintf(w, `{"id":%q,"payload":"hi","priority":"strange"}`, testID)
	})
	n, err := c.Notification(t.Context(), testID)
	if err != nil || n.Payload != "hi" || n.Priority != PriorityNormal {
		t.Fatalf("%+v, %v", n, err)
	}
	if calls.Load() != 2 || src.renewed.Load() != 1 {
		t.Errorf("%d calls, %d renewals", calls.Load(), src.renewed.Load())
	}
}

func TestASecond401IsTheAnswer(t *testing.T) {
	var calls atomic.Int32
	c, src := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusUnauthorized)
	})
	_, err := c.Notification(t.Context(), testID)
	if CodeOf(err) != CodeUnauthorized || calls.Load() != 2 || src.renewed.Load() != 1 {
		t.Errorf("%v after %d calls and %d renewals", err, calls.Load(), src.renewed.Load())
	}
}

func TestTheErrorOfARenewalIsPassedOn(t *testing.T) {
	c, src := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	src.err = NewProblem(CodeSignInNeeded, "")
	if _, err := c.Notification(t.Context(), testID); CodeOf(err) != CodeSignInNeeded {
		t.Error(err)
	}
}

func TestTheTokenFollowsNoRedirect(t *testing.T) {
	var other atomic.Int32
	second := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { other.Add(1) }))
	defer second.Close()
	for _, status := range []int{301, 302, 307, 308} {
		c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, second.URL+r.URL.Path, status) })
		if _, err := c.Notification(t.Context(), testID); CodeOf(err) != CodeUnknownServer {
			t.Errorf("%d: %v", status, err)
		}
	}
	if other.Load() != 0 {
		t.Errorf("%d requests arrived at the second server", other.Load())
	}
}

func TestAnAnswerOfAnotherShapeIsNoNotification(t *testing.T) {
	for name, body := range map[string]string{
		"null":           `null`,
		"nothing":        ``,
		"a page of HTML": `<html>Sign in to this network</html>`,
		"another ID":     `{"id":"aaaaaaaaaaaaaaaaaaaaaa","payload":"x"}`,
		"trailing data":  `{"id":"` + string(testID) + `"} {}`,
		"a number":       `{"id":3}`,
		"deep nesting":   strings.Repeat("[", 20000),
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
			if _, err := c.Notification(t.Context(), testID); CodeOf(err) != CodeUnknownServer {
				t.Error(err)
			}
		})
	}
}

func TestTheOlderTutorialsShapeIsRead(t *testing.T) {
	id, err := ParseTutorialID("3")
	if err != nil {
		t.Fatal(err)
	}
	n, err := decodeNotification([]byte(`{"Id":3,"Payload":"Secure confirmation.","Read":true}`), id)
	if err != nil || n.Payload != "Secure confirmation." || !n.Read {
		t.Errorf("%+v, %v", n, err)
	}
	if _, err := decodeNotification([]byte(`{"Id":4,"Payload":"x"}`), id); err == nil {
		t.Error("another number was taken")
	}
	for _, s := range []string{"", "-1", "1/2", "12345678901234567890"} {
		if _, err := ParseTutorialID(s); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}

func TestAGzipBombIsCutOff(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		zeros := make([]byte, 1<<20)
		for range 64 {
			if _, err := z.Write(zeros); err != nil {
				return
			}
		}
		_ = z.Close()
	})
	if _, err := c.Notification(t.Context(), testID); CodeOf(err) != CodeUnknownServer {
		t.Error(err)
	}
}

func TestAnIDCannotChangeThePath(t *testing.T) {
	var got []string
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.URL.EscapedPath())
		w.WriteHeader(http.StatusNotFound)
	})
	for _, id := range append(hostileIDs, "..", ".") {
		_, _ = c.Notification(t.Context(), ID(id))
	}
	for _, path := range got {
		if !strings.HasPrefix(path, "/api/notifications") {
			t.Errorf("asked for %s", path)
		}
	}
}

func TestAFailureHasItsCode(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		header http.Header
		body   string
		code   Code
		retry  time.Duration
	}{
		{"a problem document", 403, nil, `{"code":"forbidden","detail":"No.","status":403}`, CodeForbidden, 0},
		{"an OAuth error", 400, nil, `{"error":"invalid_grant","error_description":"No."}`, CodeInvalidGrant, 0},
		{"a bare 404", 404, nil, ``, CodeNotFound, 0},
		{"a bare 410", 410, nil, ``, CodeGone, 0},
		{"a 429 with seconds", 429, http.Header{"Retry-After": {"7"}}, ``, CodeTooManyRequests, 7 * time.Second},
		{"a 503 with too long a wait", 503, http.Header{"Retry-After": {"999999"}}, ``, CodeUnavailable, time.Hour},
		{"a 503 with rubbish", 503, http.Header{"Retry-After": {"soon"}}, ``, CodeUnavailable, 0},
		{"a proxy's 502", 502, nil, `<html>`, CodeInternal, 0},
		{"a teapot", 418, nil, ``, CodeUnknownServer, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				for k, v := range c.header {
					w.Header()[k] = v
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			_, err := client.Notification(t.Context(), testID)
			p, ok := errors.AsType[*Problem](err)
			if !ok || p.Code != c.code || p.RetryAfter != c.retry || p.Detail == "" {
				t.Errorf("%#v", err)
			}
		})
	}
}

func TestWhyNoAnswerCame(t *testing.T) {
	base := func(s string) *url.URL {
		u, err := url.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	_ = l.Close()
	tlsServer := httptest.NewTLSServer(http.NotFoundHandler())
	defer tlsServer.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	for _, c := range []struct {
		name, url string
		code      Code
		words     string
	}{
		{"nobody listens", "http://" + closed, CodeUnreachable, "cannot be reached"},
		{"a certificate of nobody", tlsServer.URL, CodeUntrusted, "not trusted"},
		{"https to a plain port", "https://" + base(plain.URL).Host, CodeUnknownServer, "does not speak https"},
		{"a server of another kind", plain.URL, CodeUnknownServer, "not as a SecurePush server"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := (&Client{Base: base(c.url)}).WellKnown(t.Context())
			if CodeOf(err) != c.code || !strings.Contains(Words(err), c.words) {
				t.Errorf("%v: %s", err, Words(err))
			}
		})
	}
}

func TestAProxyIsToldFromAServer(t *testing.T) {
	base := &url.URL{Scheme: "https", Host: "push.example.org"}
	for _, c := range []struct {
		name  string
		err   error
		words string
	}{
		{
			"wants a sign-in", &ProxyRefusal{Proxy: "proxy:3128", Status: http.StatusProxyAuthRequired},
			"The proxy proxy:3128 wants a sign-in. Put the right user and password into HTTPS_PROXY, and restart the listener.",
		},
		{"refuses", &ProxyRefusal{Proxy: "proxy:3128", Status: http.StatusForbidden}, "The proxy proxy:3128 does not lead to push.example.org: it answers 403."},
		{
			"has a name that nobody knows", &net.OpError{Op: "proxyconnect", Net: "tcp", Err: &net.DNSError{IsNotFound: true, Name: "proxy"}},
			"The proxy on the way to push.example.org cannot be reached. Check the network, and HTTPS_PROXY.",
		},
		{"is not there at all", &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{IsNotFound: true}}, "There is no server called push.example.org."},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := TransportProblem(base, &url.Error{Op: "Get", URL: base.String(), Err: c.err})
			if p.Code != CodeUnreachable || p.Detail != c.words {
				t.Errorf("%s: %s", p.Code, p.Detail)
			}
		})
	}
}

func TestTheConnectionOfACheckedServerIsHandedOut(t *testing.T) {
	for name, c := range map[string]struct {
		start func(http.Handler) *httptest.Server
		body  string
		code  Code
		tls   bool
	}{
		"plain":                    {httptest.NewServer, `{"product":"securepush"}`, "", false},
		"with TLS":                 {httptest.NewTLSServer, `{"product":"securepush"}`, "", true},
		"a server of another kind": {httptest.NewTLSServer, `{}`, CodeUnknownServer, true},
	} {
		t.Run(name, func(t *testing.T) {
			srv := c.start(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, c.body) }))
			defer srv.Close()
			base, err := url.Parse(srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			_, state, err := (&Client{Base: base, HTTP: srv.Client()}).Meet(t.Context())
			if CodeOf(err) != c.code || (state != nil) != c.tls {
				t.Fatalf("%v, %v", state, err)
			}
			if c.tls && !state.PeerCertificates[0].Equal(srv.Certificate()) {
				t.Error("another certificate")
			}
		})
	}
}

func TestTheCauseOfAFailureNamesNoIDAndNoSearchedWord(t *testing.T) {
	c, _ := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	_, byID := c.Notification(t.Context(), testID)
	_, bySearch := c.Notifications(t.Context(), Query{Text: "potassium"})
	for _, err := range []error{byID, bySearch} {
		text := fmt.Sprintf("%v %+v", err, errors.Unwrap(err))
		if err == nil || strings.Contains(text, string(testID)) || strings.Contains(text, "potassium") {
			t.Error(text)
		}
	}
}

func TestAClockThatIsOffIsNamed(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"product":"securepush"}`) })
	if err := c.CheckClock(t.Context()); err != nil {
		t.Error(err)
	}
	c.Now = func() time.Time { return time.Now().Add(24 * time.Hour) }
	if err := c.CheckClock(t.Context()); CodeOf(err) != CodeClockSkew || !strings.Contains(Words(err), "24h0m") {
		t.Errorf("%v: %s", err, Words(err))
	}
}

func TestAServersAddress(t *testing.T) {
	for _, c := range []struct {
		in, out string
		code    Code
	}{
		{"clinic.example", "https://clinic.example", ""},
		{" https://clinic.example/push/ ", "https://clinic.example/push", ""},
		{"localhost:8700", "http://localhost:8700", ""},
		{"127.0.0.1:8700", "http://127.0.0.1:8700", ""},
		{"http://[::1]:8700", "http://[::1]:8700", ""},
		{"http://clinic.example", "", CodePlainHTTP},
		{"http://127.0.0.1.evil.example", "", CodePlainHTTP},
		{"https://anna:secret@clinic.example", "", CodeInvalidField},
		{"https://clinic.example?x=1", "", CodeInvalidField},
		{"ftp://clinic.example", "", CodeInvalidField},
		{"javascript://alert(1)", "", CodeInvalidField},
		{"https://", "", CodeInvalidField},
		{"two words", "", CodeInvalidField},
		{"<script>alert('x')</script>", "", CodeInvalidField},
		{"clinic\u202eelpmaxe.", "", CodeInvalidField},
		{"clinic\u200b.example", "", CodeInvalidField},
		{"clinic\xff.example", "", CodeInvalidField},
		{"\U0001f389.example", "", CodeInvalidField},
		{"münchen.example", "https://m%C3%BCnchen.example", ""},
		{"https://[fd00::1]:8700", "https://[fd00::1]:8700", ""},
		{"", "", CodeInvalidField},
		{strings.Repeat("a", 1<<20), "", CodeInvalidField},
	} {
		u, err := ParseServer(c.in)
		if CodeOf(err) != c.code || (c.code == "" && u.String() != c.out) {
			t.Errorf("ParseServer(%.40q) = %v, %v", c.in, u, err)
		}
	}
}

func TestRecipientsAreAStringOrAList(t *testing.T) {
	for _, c := range []struct {
		in   string
		want string
	}{{`"anna"`, "[anna]"}, {`["anna","bob"]`, "[anna bob]"}, {`""`, "[]"}} {
		var r Recipients
		if err := r.UnmarshalJSON([]byte(c.in)); err != nil || fmt.Sprint(r) != c.want {
			t.Errorf("%s: %v, %v", c.in, r, err)
		}
	}
	var r Recipients
	if err := r.UnmarshalJSON([]byte(`{"a":1}`)); err == nil {
		t.Error("an object was taken")
	}
}

func TestEveryCodeHasAStatusThatIsAnError(t *testing.T) {
	for _, c := range []Code{
		CodeBadRequest, CodeInvalidField, CodeUnauthorized, CodeForbidden, CodeNotFound, CodeMethodNotAllowed, CodeConflict, CodeGone,
		CodeTooLarge, CodeUnsupportedMedia, CodeUnknownRecipient, CodeInstallationGone, CodeTooManyRequests, CodeInternal, CodeUnavailable,
		CodeInvalidGrant, CodeUnknownServer, CodeKeyringLocked, Code("never heard of"),
	} {
		if s := c.Status(); s < 400 || s > 599 {
			t.Errorf("%s: %d", c, s)
		}
	}
}

func FuzzDecodeNotification(f *testing.F) {
	f.Add([]byte(`{"id":"7Jb0m3Zl3oWm4m0x0n9L9w","payload":"hi"}`))
	f.Add([]byte(`{"Id":3,"Payload":"Secure confirmation.","Read":false}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := decodeNotification(b, testID)
		if err == nil && (n.ID != testID || !n.Priority.Valid() || n.Priority == "") {
			t.Fatalf("%+v", n)
		}
	})
}

func FuzzParseServer(f *testing.F) {
	f.Add("https://clinic.example")
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseServer(s)
		if err != nil {
			return
		}
		if u.Scheme == "http" && !IsLoopback(u.Hostname()) || u.User != nil || u.Host == "" {
			t.Fatalf("%q became %v", s, u)
		}
	})
}
