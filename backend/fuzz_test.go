package backend

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"securepush/api"
)

func post(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// FuzzSendRequest holds that whatever passes is what the sender wrote, within the limits, and can be said again.
func FuzzSendRequest(f *testing.F) {
	for _, seed := range []string{
		`{"payload":"x"}`, `{"to":["anna","ben"],"payload":"a\r\nb\tc","title":"t","sender":"s","priority":"high"}`,
		`{"payload":"x","url":"https://a.example/?b=c#d","key":"k","expiresAt":"2026-12-01T00:00:00Z"}`,
		`{"payload":null}`, `{"payload":"\ud83d\ude00"}`, `{"payload":"\ud83d"}`, `{"payload":"\\ud83d"}`, `{"payload":"x","payload":"y"}`,
		`{"Payload":"x"}`, `[]`, `{"payload":"x"}}`, "{\"payload\":\"\xff\"}", `{"payload":"x","url":"https://a@b/"}`, `{"to":{}}`,
	} {
		f.Add(seed)
	}
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body string) {
		var in api.SendRequest
		if err := readJSON(post(body), sendFields(&in)); err != nil {
			mustBeProblem(t, err)
			return
		}
		if err := validateSend(&in, defaultLimits, now); err != nil {
			mustBeProblem(t, err)
			return
		}
		if !utf8.ValidString(in.Payload) || strings.ContainsFunc(in.Title+in.Sender+in.Key+in.URL, unicode.IsControl) ||
			strings.ContainsAny(in.Payload, "\x00\r\x1b") || len(in.Payload) > defaultLimits.PayloadBytes {
			t.Errorf("passed: %+q", in)
		}
		if strings.Contains(in.Payload, "\ufffd") && !strings.Contains(body, "\ufffd") && !strings.Contains(strings.ToLower(body), `\ufffd`) {
			t.Errorf("mended: %q", in.Payload)
		}
		b, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		var again api.SendRequest
		if err := readJSON(post(string(b)), sendFields(&again)); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
	})
}

// FuzzInstallation holds that both forms of a channel give the same.
func FuzzInstallation(f *testing.F) {
	f.Add(`{"platform":"browser","pushChannel":{"endpoint":"https://a.example/x","p256dh":"BA","auth":"AA"},"tags":["topic:a"]}`)
	f.Add(`{"platform":"browser","pushChannel":"{\"endpoint\":\"https://a.example/x\"}"}`)
	f.Add(`{"pushChannel":"\"{}\""}`)
	f.Add(`{"installationId":"desk","lastUpdate":"2026-12-01T00:00:00Z","name":null}`)
	f.Fuzz(func(t *testing.T, body string) {
		r := post(body)
		r.SetPathValue("id", "desk")
		in, err := readInstallation(r)
		if err != nil {
			mustBeProblem(t, err)
			return
		}
		text, err := json.Marshal(in.PushChannel)
		if err != nil {
			t.Fatal(err)
		}
		quoted, err := json.Marshal(string(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range [][]byte{text, quoted} {
			var c api.PushChannel
			if err := readPushChannel(form, &c); err != nil || c != in.PushChannel {
				t.Errorf("%s: %+v %v", form, c, err)
			}
		}
	})
}

// FuzzForm holds that a form gives each parameter once, in valid UTF-8.
func FuzzForm(f *testing.F) {
	f.Add("grant_type=password&username=anna&password=a%20b")
	f.Add("a=1&a=2")
	f.Add("%zz=%ff;&&==")
	f.Fuzz(func(t *testing.T, body string) {
		form, err := parseForm(body)
		if err != nil {
			mustBeProblem(t, err)
			return
		}
		for name, values := range form {
			if len(values) != 1 || !utf8.ValidString(values[0]) {
				t.Errorf("%q: %q", name, values)
			}
		}
	})
}

// FuzzQuery holds that a page's parameters stay within their bounds.
func FuzzQuery(f *testing.F) {
	f.Add("after=1&limit=5&unread=true&q=x")
	f.Add("before=&ids=7Jb0m3Zl3oWm4m0x0n9L9w,7Jb0m3Zl3oWm4m0x0n9L9x")
	f.Add("limit=1&limit=2&%ff=%ff")
	s := &Server{limits: defaultLimits}
	f.Fuzz(func(t *testing.T, raw string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.RawQuery = raw
		q, ids, err := s.readQuery(r)
		if err != nil {
			mustBeProblem(t, err)
			return
		}
		if q.Limit < 1 || q.Limit > 200 || len(ids) > 200 || len(q.Text) > maxQueryText || !utf8.ValidString(q.Text) {
			t.Errorf("%+v %v", q, ids)
		}
	})
}

// FuzzPasswordHash holds that no stored text makes a check run away.
func FuzzPasswordHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=255$$")
	f.Fuzz(func(t *testing.T, s string) {
		if h, err := decodeHash(s); err == nil && (h.memory > 256<<10 || h.passes > 16 || h.lanes == 0 || len(h.key) > 255) {
			t.Errorf("%+v", h)
		}
	})
}

func mustBeProblem(t *testing.T, err error) {
	t.Helper()
	p := asProblem(err)
	if p.Status < 400 || p.Status >= 500 || p.Detail == "" || !utf8.ValidString(p.Field) || len(p.Field) > 64 {
		t.Errorf("%+v", p)
	}
}
