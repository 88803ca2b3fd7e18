package backend

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"securepush/api"
)

func TestBadSendsGetACodeAndAField(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	long := func(n int) string { return strings.Repeat("a", n) }
	tests := []struct {
		name, body string
		code       api.Code
		field      string
	}{
		{"no body", ``, api.CodeBadRequest, ""},
		{"not JSON", `payload=x`, api.CodeBadRequest, ""},
		{"null", `null`, api.CodeBadRequest, ""},
		{"a list", `[]`, api.CodeBadRequest, ""},
		{"a string", `"x"`, api.CodeBadRequest, ""},
		{"half a body", `{"payload":"x"`, api.CodeBadRequest, ""},
		{"two bodies", `{"payload":"x"}{"payload":"y"}`, api.CodeBadRequest, ""},
		{"rubbish behind", `{"payload":"x"} x`, api.CodeBadRequest, ""},
		{"deep", `{"payload":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, api.CodeBadRequest, ""},
		{"invalid UTF-8", "{\"payload\":\"\xff\"}", api.CodeBadRequest, ""},
		{"half a surrogate pair", `{"payload":"\ud800"}`, api.CodeBadRequest, ""},
		{"the other half", `{"payload":"\udc00x"}`, api.CodeBadRequest, ""},
		{"unknown field", `{"payload":"x","tittle":"y"}`, api.CodeInvalidField, "tittle"},
		{"field in another case", `{"Payload":"x"}`, api.CodeInvalidField, "Payload"},
		{"field twice", `{"payload":"x","payload":"y"}`, api.CodeInvalidField, "payload"},
		{"huge unknown field", `{"` + long(5000) + `":1}`, api.CodeInvalidField, long(64)},
		{"wrong type", `{"payload":1}`, api.CodeInvalidField, "payload"},
		{"wrong type of to", `{"payload":"x","to":7}`, api.CodeInvalidField, "to"},
		{"wrong type in to", `{"payload":"x","to":[7]}`, api.CodeInvalidField, "to"},
		{"title an object", `{"payload":"x","title":{}}`, api.CodeInvalidField, "title"},
		{"no payload", `{}`, api.CodeInvalidField, "payload"},
		{"null payload", `{"payload":null}`, api.CodeInvalidField, "payload"},
		{"empty payload", `{"payload":""}`, api.CodeInvalidField, "payload"},
		{"blank payload", `{"payload":" \n\t "}`, api.CodeInvalidField, "payload"},
		{"NUL in payload", `{"payload":"a\u0000b"}`, api.CodeInvalidField, "payload"},
		{"escape in payload", `{"payload":"a\u001bb"}`, api.CodeInvalidField, "payload"},
		{"carriage return alone", `{"payload":"a\rb"}`, api.CodeInvalidField, "payload"},
		{"C1 control", `{"payload":"a\u0085b"}`, api.CodeInvalidField, "payload"},
		{"line feed in title", `{"payload":"x","title":"a\nb"}`, api.CodeInvalidField, "title"},
		{"NUL in title", `{"payload":"x","title":"a\u0000"}`, api.CodeInvalidField, "title"},
		{"control in sender", `{"payload":"x","sender":"a\u0007"}`, api.CodeInvalidField, "sender"},
		{"control in key", `{"payload":"x","key":"a\u007f"}`, api.CodeInvalidField, "key"},
		{"long payload", `{"payload":"` + long(16<<10+1) + `"}`, api.CodeInvalidField, "payload"},
		{"long title", `{"payload":"x","title":"` + long(257) + `"}`, api.CodeInvalidField, "title"},
		{"long sender", `{"payload":"x","sender":"` + long(129) + `"}`, api.CodeInvalidField, "sender"},
		{"long key", `{"payload":"x","key":"` + long(65) + `"}`, api.CodeInvalidField, "key"},
		{"long url", `{"payload":"x","url":"https://a.example/` + long(2048) + `"}`, api.CodeInvalidField, "url"},
		{"bytes, not characters", `{"payload":"x","title":"` + strings.Repeat("ä", 129) + `"}`, api.CodeInvalidField, "title"},
		{"plain url", `{"payload":"x","url":"http://a.example"}`, api.CodeInvalidField, "url"},
		{"script url", `{"payload":"x","url":"javascript:alert(1)"}`, api.CodeInvalidField, "url"},
		{"file url", `{"payload":"x","url":"file:///etc/passwd"}`, api.CodeInvalidField, "url"},
		{"mail url", `{"payload":"x","url":"mailto:a@b.example"}`, api.CodeInvalidField, "url"},
		{"our scheme", `{"payload":"x","url":"securepush://x"}`, api.CodeInvalidField, "url"},
		{"relative url", `{"payload":"x","url":"/x"}`, api.CodeInvalidField, "url"},
		{"url with a user", `{"payload":"x","url":"https://bank.example@evil.example/"}`, api.CodeInvalidField, "url"},
		{"url with a line feed", `{"payload":"x","url":"https://a.example/\nx"}`, api.CodeInvalidField, "url"},
		{"url with a quote", `{"payload":"x","url":"https://a.example/\"x"}`, api.CodeInvalidField, "url"},
		{"unknown priority", `{"payload":"x","priority":"HIGH"}`, api.CodeInvalidField, "priority"},
		{"expired", `{"payload":"x","expiresAt":"2001-01-01T00:00:00Z"}`, api.CodeInvalidField, "expiresAt"},
		{"expires in a thousand years", `{"payload":"x","expiresAt":"3026-01-01T00:00:00Z"}`, api.CodeInvalidField, "expiresAt"},
		{"expires at a number", `{"payload":"x","expiresAt":1700000000}`, api.CodeInvalidField, "expiresAt"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp, body := st.ask(http.MethodPost, "/api/notifications", anna.tokens.AccessToken, tt.body)
			if resp.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("content type %q", resp.Header.Get("Content-Type"))
			}
			if code(body) != tt.code || resp.StatusCode != tt.code.Status() {
				t.Errorf("got %d %s, want %s", resp.StatusCode, body, tt.code)
			}
			if tt.field != "" && !strings.Contains(body, fmt.Sprintf(`"field":%q`, tt.field)) {
				t.Errorf("got %s, want field %s", body, tt.field)
			}
		})
	}
	page, err := anna.Notifications(t.Context(), api.Query{})
	if err != nil || len(page.Items) != 0 {
		t.Errorf("%d notifications were stored, %v", len(page.Items), err)
	}
}

func TestLargestRequestIsTaken(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna", api.ClaimSend)
	in := api.SendRequest{
		Payload: strings.Repeat("\n", 16<<10), Title: strings.Repeat("t", 256), Sender: strings.Repeat("s", 128),
		URL: "https://a.example/" + strings.Repeat("u", 2030), Key: strings.Repeat("k", 64),
	}
	in.Payload = "x" + in.Payload[1:]
	id := st.sendTo(anna, in)
	got, err := anna.Notification(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if got.Payload != in.Payload || got.Title != in.Title || got.Sender != in.Sender || got.URL != in.URL || got.Key != in.Key {
		t.Errorf("came back changed: %+v", got)
	}
}

func TestLineEndsOfWindowsBecomeLineFeeds(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	n, err := anna.Notification(t.Context(), st.sendTo(anna, api.SendRequest{Payload: "a\r\nb\tc"}))
	if err != nil || n.Payload != "a\nb\tc" {
		t.Errorf("%q %v", n.Payload, err)
	}
}

func TestBodiesOverTheLimitAreRefused(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	mega := strings.Repeat("a", 1<<20)
	for _, tt := range []struct{ method, path string }{
		{http.MethodPost, "/api/notifications"},
		{http.MethodPost, "/api/notifications/read"},
		{http.MethodPost, "/api/notifications/test"},
		{http.MethodPatch, "/api/notifications/" + string(api.NewID())},
		{http.MethodPut, "/api/installations/desk"},
	} {
		resp, body := st.ask(tt.method, tt.path, anna.tokens.AccessToken, `{"payload":"`+mega+`"}`)
		if resp.StatusCode != http.StatusRequestEntityTooLarge || code(body) != api.CodeTooLarge {
			t.Errorf("%s %s: %d %s", tt.method, tt.path, resp.StatusCode, body)
		}
	}
	resp, body := st.ask(http.MethodPost, "/oauth/token", "", url.Values{"grant_type": {mega}})
	if resp.StatusCode != http.StatusRequestEntityTooLarge || code(body) != api.CodeInvalidRequest {
		t.Errorf("/oauth/token: %d %s", resp.StatusCode, body)
	}
}

func TestBodyOfUnknownLengthIsCutOff(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, st.url+"/api/notifications", &endless{})
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+anna.tokens.AccessToken)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return // the server hung up on the flood; that is an answer, too
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", resp.StatusCode)
	}
}

// endless is a body of 8 MiB that does not say how long it is.
type endless struct{ n int }

// Read gives blanks.
func (e *endless) Read(b []byte) (int, error) {
	if e.n += len(b); e.n > 8<<20 {
		return 0, fmt.Errorf("the server read everything")
	}
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

func TestOtherTypesThanJSONAreRefused(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "application/json;;;"} {
		resp, body := st.ask(http.MethodPost, "/api/notifications", anna.tokens.AccessToken, `{"payload":"x"}`, "Content-Type", contentType)
		if resp.StatusCode != http.StatusUnsupportedMediaType || code(body) != api.CodeUnsupportedMedia {
			t.Errorf("%q: %d %s", contentType, resp.StatusCode, body)
		}
	}
	if resp, body := st.ask(http.MethodPost, "/api/notifications", anna.tokens.AccessToken, `{"payload":"x"}`,
		"Content-Type", "application/json; charset=utf-8"); resp.StatusCode != http.StatusCreated {
		t.Errorf("with charset: %d %s", resp.StatusCode, body)
	}
}

func TestBadQueriesNameTheirParameter(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	for query, field := range map[string]string{
		"limit=0": "limit", "limit=-1": "limit", "limit=201": "limit", "limit=x": "limit", "limit=99999999999999999999": "limit",
		"unread=1": "unread", "after=x&before=y": "before", "after=%00": "after", "before='--": "before", "limt=3": "limt",
		"limit=1&limit=2": "limit", "ids=42": "ids", "ids=" + strings.Repeat("AAAAAAAAAAAAAAAAAAAAAA,", 300): "ids",
		"q=" + strings.Repeat("a", 257): "q", "q=%00": "q", "q=%ff": "q",
	} {
		resp, body := st.ask(http.MethodGet, "/api/notifications?"+query, anna.tokens.AccessToken, nil)
		if resp.StatusCode != http.StatusBadRequest || !strings.Contains(body, `"field":"`+field+`"`) {
			t.Errorf("%.40s: %d %s", query, resp.StatusCode, body)
		}
	}
}

func TestTricksWithPathsFindNothing(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	id := string(st.sendTo(anna, api.SendRequest{Payload: "x"}))
	for _, path := range []string{
		"//api/me", "/api//me", "/api/./me", "/api/notifications/../me", "/api/notifications/..%2fme", "/api/notifications/%2e%2e/me",
		"/api/me/", "/API/me", "/api/notifications/" + id + "%00", "/api/notifications/" + id + "%2f..", "/api/notifications/" + id + "/x",
		"/api/notifications/" + id + "%0d%0aX:%20y", "/wpush", "/wpush/../api/me", "/%61pi%2fme", "/api/me;x=1", "/..",
	} {
		resp, body := st.ask(http.MethodGet, path, anna.tokens.AccessToken, nil)
		if resp.StatusCode != http.StatusNotFound || code(body) != api.CodeNotFound {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
}

func TestMethodsThatAPathDoesNotHave(t *testing.T) {
	st := newSite(t)
	tests := []struct {
		method, path string
		status       int
		allow        string
	}{
		{http.MethodPost, "/api/me", 405, "GET, HEAD, OPTIONS"},
		{http.MethodDelete, "/api/notifications", 405, "GET, POST, HEAD, OPTIONS"},
		{"BREW", "/api/me", 405, "GET, HEAD, OPTIONS"},
		{http.MethodTrace, "/healthz", 405, "GET, HEAD, OPTIONS"},
		{http.MethodOptions, "/api/notifications", 204, "GET, POST, HEAD, OPTIONS"},
		{http.MethodOptions, "/oauth/token", 204, "POST, OPTIONS"},
		{http.MethodGet, "/oauth/token", 405, "POST, OPTIONS"},
		{http.MethodOptions, "/nothing", 404, ""},
		{http.MethodPost, "/nothing", 404, ""},
	}
	for _, tt := range tests {
		resp, body := st.ask(tt.method, tt.path, "", nil, "Origin", "https://evil.example", "Access-Control-Request-Method", "POST")
		if resp.StatusCode != tt.status || resp.Header.Get("Allow") != tt.allow {
			t.Errorf("%s %s: %d, Allow %q, %s", tt.method, tt.path, resp.StatusCode, resp.Header.Get("Allow"), body)
		}
		for name := range resp.Header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s %s grants %s", tt.method, tt.path, name)
			}
		}
	}
	resp, body := st.ask(http.MethodHead, "/healthz", "", nil)
	if resp.StatusCode != http.StatusOK || body != "" || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("HEAD: %d %q %v", resp.StatusCode, body, resp.Header)
	}
}

func TestEveryAnswerHasTheSafeHeaders(t *testing.T) {
	st := newSite(t)
	for _, path := range []string{"/api/me", "/healthz", "/nothing", "//", "/.well-known/securepush"} {
		resp, _ := st.ask(http.MethodGet, path, "", nil)
		if resp.Header.Get("X-Content-Type-Options") != "nosniff" || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, resp.Header)
		}
	}
}

func TestAuthorizationHeadersThatAreNone(t *testing.T) {
	st := newSite(t)
	for _, h := range []string{"Bearer", "Bearer ", "Basic YTpi", "bearer\tx", "Bearer a b", "Bearer ä", "Bearer " + strings.Repeat("a", 4000)} {
		resp, body := st.ask(http.MethodGet, "/api/me", "", nil, "Authorization", h)
		if resp.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%.20q: %d %v %s", h, resp.StatusCode, resp.Header, body)
		}
	}
}

func TestPanicIsA500WithoutWords(t *testing.T) {
	st := newSite(t)
	h := st.serve(route{http.MethodGet, "/panic", anyone, nil}) // calling a nil handler panics
	hs := serveHandler(t, h)
	resp, err := http.Get(hs + "/panic")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusInternalServerError || !strings.Contains(st.logs.String(), "request panicked") {
		t.Errorf("%d %s", resp.StatusCode, st.logs.String())
	}
}

func TestTenThousandRequestsOfOneClientDoNoHarm(t *testing.T) {
	clock := newClock()
	st := newSite(t, func(c *Config) { c.Now = clock.now }) // the clock stands: nothing refills
	anna, ben := st.addUser("anna"), st.addUser("ben")
	for _, who := range []struct{ name, token, address string }{
		{"with a sign-in", anna.tokens.AccessToken, "192.0.2.1"},
		{"without", "", "192.0.2.2"},
		{"with invented tokens", "AAAA", "192.0.2.3"},
	} {
		t.Run(who.name, func(t *testing.T) {
			h := st.Handler()
			count := map[int]int{}
			for range 10_000 {
				r := rawRequest(http.MethodPost, "/api/notifications", `{"payload":"x"}`, who.token)
				r.Header.Set("X-Forwarded-For", who.address)
				w := newDiscard()
				h.ServeHTTP(w, r)
				count[w.status]++
				if w.status == http.StatusTooManyRequests && w.h.Get("Retry-After") == "" {
					t.Fatal("429 without Retry-After")
				}
			}
			if count[http.StatusTooManyRequests] < 10_000-defaultLimits.RequestBurst-1 || count[500] != 0 {
				t.Errorf("statuses %v", count)
			}
		})
	}
	if _, err := ben.Me(t.Context()); err != nil {
		t.Errorf("others suffer: %v", err)
	}
}
