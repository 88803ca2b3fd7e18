package api

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"testing"
)

// answering is a server that gives one answer to everything.
type answering struct {
	status int
	header http.Header
	body   []byte
}

// RoundTrip answers.
func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: a.status, Status: http.StatusText(a.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: -1, Request: r,
	}, nil
}

// FuzzAnswers holds that whatever a server answers is understood or is a problem in words, and that no ID of another form comes in.
func FuzzAnswers(f *testing.F) {
	id := `"` + string(testID) + `"`
	for _, seed := range []string{
		`{"id":` + id + `,"payload":"x","read":true}`, `{"items":[{"id":` + id + `,"payload":"x"}],"next":"c","unread":1}`,
		`{"access_token":"a","token_type":"Bearer","expires_in":900,"refresh_token":"r","account":"b","user":"anna"}`,
		`{"product":"SecurePush","name":"Clinic","limits":{}}`, `{"ids":[` + id + `]}`, `[{"installationId":"desk"}]`,
		`{"type":"about:blank","title":"t","status":429,"code":"too_many_requests","detail":"later"}`, `{"error":"invalid_grant"}`,
		`{"id":` + id + `,"state":"shown","to":"anna","devices":[{"device":"desk"}]}`, `null`, `[]`, `{"items":[{"id":"42"}]}`,
	} {
		for _, status := range []uint16{200, 401, 429} {
			f.Add(status, "120", []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, status uint16, retryAfter string, body []byte) {
		header := http.Header{"Content-Type": {"application/json"}, "Retry-After": {retryAfter}}
		a := answering{int(status), header, body}
		c := &Client{Base: &url.URL{Scheme: "https", Host: "push.example"}, HTTP: &http.Client{Transport: a}, Tokens: &tokens{}}
		check := func(err error) bool {
			if err == nil {
				return true
			}
			p, ok := errors.AsType[*Problem](err)
			if !ok || p.Code == "" || Words(err) == "" {
				t.Errorf("no problem in words: %#v", err)
			}
			if p != nil && p.RetryAfter < 0 {
				t.Errorf("wait for %v", p.RetryAfter)
			}
			return false
		}
		known := func(id ID) {
			if _, err := ParseID(string(id)); err != nil {
				t.Errorf("%q came in", id)
			}
		}
		if n, err := c.Notification(t.Context(), testID); check(err) {
			known(n.ID)
		}
		if page, err := c.Notifications(t.Context(), Query{}); check(err) {
			for i := range page.Items {
				known(page.Items[i].ID)
			}
		}
		if page, err := c.Sent(t.Context(), "", 0); check(err) {
			for i := range page.Items {
				known(page.Items[i].ID)
			}
		}
		_, err := c.Status(t.Context(), testID)
		check(err)
		if tokens, err := c.RefreshGrant(t.Context(), NewSecret("r")); check(err) && (tokens.AccessToken == "" || tokens.RefreshToken == "") {
			t.Errorf("no tokens: %+v", tokens)
		}
		_, err = c.WellKnown(t.Context())
		check(err)
		_, err = c.Installations(t.Context())
		check(err)
		_, err = c.Me(t.Context())
		check(err)
	})
}
