package api

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Bounds on what the client reads, in bytes after decompression.
const (
	maxItemBytes   = 64 << 10 // one notification, a problem, a token answer
	maxPageBytes   = 16 << 20 // a page of 200 of the largest notifications, with room for JSON escapes
	requestTimeout = 30 * time.Second
)

// TokenSource gives the access token for a request.
type TokenSource interface {
	// Token returns the token to send. Its errors are returned by the call unchanged.
	Token(ctx context.Context) (Secret, error)
	// Renew is called after a 401 with the token that was refused, and returns another one.
	Renew(ctx context.Context, refused Secret) (Secret, error)
}

// Client calls a back end. The zero values of Tokens, HTTP and Now work, for the calls that need no sign-in.
// A Client is safe for concurrent use. Every call is bounded in time and bytes, follows no redirect, and fails with a
// [*Problem] or the TokenSource's error.
type Client struct {
	Base   *url.URL // origin, with an optional path prefix; see ParseServer
	HTTP   *http.Client
	Tokens TokenSource
	Now    func() time.Time
}

// call describes one request.
type call struct {
	method string
	path   []string // segments, escaped one by one
	query  url.Values
	body   any // JSON, or url.Values for a form
	header http.Header
	limit  int64
	anyone bool                  // without a token
	date   *time.Time            // receives the server's clock
	tls    **tls.ConnectionState // receives that of the connection
}

// WellKnown asks who the server is. An answer that is not a SecurePush server's is CodeUnknownServer.
func (c *Client) WellKnown(ctx context.Context) (WellKnown, error) {
	w, _, err := c.Meet(ctx)
	return w, err
}

// Meet asks who the server is, as [Client.WellKnown] does, and tells of the very connection by which the answer came; nil for one
// without TLS, and without an answer. With CodeUntrusted the error's cause is a [*tls.CertificateVerificationError].
func (c *Client) Meet(ctx context.Context) (WellKnown, *tls.ConnectionState, error) {
	var state *tls.ConnectionState
	b, err := c.do(ctx, call{method: http.MethodGet, path: []string{".well-known", "securepush"}, anyone: true, tls: &state})
	if err != nil {
		if code := CodeOf(err); code == CodeNotFound || code == CodeForbidden || code == CodeMethodNotAllowed {
			return WellKnown{}, state, unknownServer(err)
		}
		return WellKnown{}, state, err
	}
	var w WellKnown
	if err := DecodeStrict(b, &w); err != nil {
		return WellKnown{}, state, unknownServer(err)
	}
	if w.Product != Product {
		return WellKnown{}, state, unknownServer(errShape)
	}
	return w, state, nil
}

// CheckClock compares this machine's clock with the server's: CodeClockSkew when they differ by over five minutes.
func (c *Client) CheckClock(ctx context.Context) error {
	var date time.Time
	k := call{method: http.MethodGet, path: []string{".well-known", "securepush"}, anyone: true, date: &date}
	if _, err := c.do(ctx, k); err != nil {
		return err
	}
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	if p := clockProblem(date, now()); p != nil {
		return p
	}
	return nil
}

// PasswordGrant signs in (RFC 6749 section 4.3). A wrong password is CodeInvalidGrant.
func (c *Client) PasswordGrant(ctx context.Context, user string, password Secret) (Tokens, error) {
	return c.grant(ctx, url.Values{"grant_type": {"password"}, "username": {user}, "password": {password.Reveal()}})
}

// RefreshGrant rotates a refresh token (RFC 6749 section 6). CodeInvalidGrant means that the sign-in has ended.
func (c *Client) RefreshGrant(ctx context.Context, refresh Secret) (Tokens, error) {
	return c.grant(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh.Reveal()}})
}

func (c *Client) grant(ctx context.Context, form url.Values) (Tokens, error) {
	b, err := c.do(ctx, call{method: http.MethodPost, path: []string{"oauth", "token"}, body: form, anyone: true})
	if err != nil {
		return Tokens{}, err
	}
	var t Tokens
	if err := DecodeStrict(b, &t); err != nil {
		return Tokens{}, unknownServer(err)
	}
	if t.AccessToken == "" || t.RefreshToken == "" || t.ExpiresIn <= 0 || !strings.EqualFold(t.TokenType, "Bearer") {
		return Tokens{}, unknownServer(errShape)
	}
	return t, nil
}

// Revoke ends the sign-in that a token belongs to (RFC 7009), and unregisters the device that it was for; installation may
// be empty.
func (c *Client) Revoke(ctx context.Context, token Secret, installation string) error {
	form := url.Values{"token": {token.Reveal()}}
	if installation != "" {
		form.Set("installation_id", installation)
	}
	_, err := c.do(ctx, call{method: http.MethodPost, path: []string{"oauth", "revoke"}, anyone: true, body: form})
	return err
}

// Me tells who the token belongs to.
func (c *Client) Me(ctx context.Context) (Me, error) {
	var m Me
	err := c.json(ctx, call{method: http.MethodGet, path: []string{"api", "me"}}, &m)
	return m, err
}

// PutInstallation registers this device. CodeInstallationGone means that its push channel is dead: subscribe anew.
func (c *Client) PutInstallation(ctx context.Context, in Installation) (Installation, error) {
	var out Installation
	err := c.json(ctx, call{method: http.MethodPut, path: []string{"api", "installations", in.InstallationID}, body: in}, &out)
	return out, err
}

// Installation reads back one of the caller's devices.
func (c *Client) Installation(ctx context.Context, id string) (Installation, error) {
	var out Installation
	err := c.json(ctx, call{method: http.MethodGet, path: []string{"api", "installations", id}}, &out)
	return out, err
}

// DeleteInstallation unregisters a device. One that is gone already is no error.
func (c *Client) DeleteInstallation(ctx context.Context, id string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: []string{"api", "installations", id}})
	if code := CodeOf(err); code == CodeNotFound || code == CodeInstallationGone {
		return nil
	}
	return err
}

// Installations lists the caller's devices.
func (c *Client) Installations(ctx context.Context) ([]Installation, error) {
	var out []Installation
	err := c.json(ctx, call{method: http.MethodGet, path: []string{"api", "installations"}}, &out)
	return out, err
}

// ListenToken asks for the right to keep one of the caller's own devices at the hub itself, new or registered already.
func (c *Client) ListenToken(ctx context.Context, installationID string) (ListenToken, error) {
	var out ListenToken
	err := c.json(ctx, call{method: http.MethodGet, path: []string{"api", "listen-token"}, query: url.Values{"installationId": {installationID}}}, &out)
	return out, err
}

// Notification fetches one. CodeNotFound and CodeGone mean that there is nothing to show.
func (c *Client) Notification(ctx context.Context, id ID) (Notification, error) {
	b, err := c.do(ctx, call{method: http.MethodGet, path: []string{"api", "notifications", string(id)}})
	if err != nil {
		return Notification{}, err
	}
	n, err := decodeNotification(b, id)
	if err != nil {
		return Notification{}, unknownServer(err)
	}
	return n, nil
}

// Query selects notifications.
type Query struct {
	After  Cursor // those that came after it, in order of arrival
	Before Cursor // or, with Newest, those that came before it, newest first
	Newest bool
	Limit  int // 0: the server's own
	Unread bool
	Text   string
	IDs    []ID
}

func (q Query) values() url.Values {
	v := url.Values{}
	if q.Newest {
		v.Set("before", string(q.Before))
	} else {
		v.Set("after", string(q.After))
	}
	if q.Limit > 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	if q.Unread {
		v.Set("unread", "true")
	}
	if q.Text != "" {
		v.Set("q", q.Text)
	}
	if len(q.IDs) > 0 {
		ids := make([]string, len(q.IDs))
		for i, id := range q.IDs {
			ids[i] = string(id)
		}
		v.Set("ids", strings.Join(ids, ","))
	}
	return v
}

// Notifications fetches a page.
func (c *Client) Notifications(ctx context.Context, q Query) (Page, error) {
	var p Page
	k := call{method: http.MethodGet, path: []string{"api", "notifications"}, query: q.values(), limit: maxPageBytes}
	if err := c.json(ctx, k, &p); err != nil {
		return Page{}, err
	}
	for i := range p.Items {
		if _, err := ParseID(string(p.Items[i].ID)); err != nil {
			return Page{}, unknownServer(err)
		}
		p.Items[i].normalise()
	}
	return p, nil
}

// Send sends. idempotencyKey may be empty; with one, a repeat of the same request makes nothing new.
func (c *Client) Send(ctx context.Context, r SendRequest, idempotencyKey string) (SendResult, error) {
	h := http.Header{}
	if idempotencyKey != "" {
		h.Set("Idempotency-Key", idempotencyKey)
	}
	var out SendResult
	err := c.json(ctx, call{
		method: http.MethodPost, path: []string{"api", "notifications"}, body: r, header: h,
		limit: maxPageBytes, // a tag may reach thousands
	}, &out)
	return out, err
}

// SetRead marks several notifications; no IDs means all.
func (c *Client) SetRead(ctx context.Context, r ReadRequest) error {
	_, err := c.do(ctx, call{method: http.MethodPost, path: []string{"api", "notifications", "read"}, body: r})
	return err
}

// Delete removes a notification. One that is gone already is no error.
func (c *Client) Delete(ctx context.Context, id ID) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: []string{"api", "notifications", string(id)}})
	if code := CodeOf(err); code == CodeNotFound || code == CodeGone {
		return nil
	}
	return err
}

// Test asks for a test notification to one of the caller's devices.
func (c *Client) Test(ctx context.Context, installationID string) (SendResult, error) {
	var out SendResult
	err := c.json(ctx, call{
		method: http.MethodPost, path: []string{"api", "notifications", "test"},
		body: map[string]string{"installationId": installationID},
	}, &out)
	return out, err
}

func (c *Client) json(ctx context.Context, k call, out any) error {
	b, err := c.do(ctx, k)
	if err != nil {
		return err
	}
	if err := DecodeStrict(b, out); err != nil {
		return unknownServer(err)
	}
	return nil
}

// do sends the request; after a 401 it asks for another token and sends it once more.
func (c *Client) do(ctx context.Context, k call) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	if k.anyone {
		return c.once(ctx, k, Secret{})
	}
	if c.Tokens == nil {
		return nil, NewProblem(CodeSignInNeeded, "Sign in first.")
	}
	token, err := c.Tokens.Token(ctx)
	if err != nil {
		return nil, err
	}
	b, err := c.once(ctx, k, token)
	if CodeOf(err) != CodeUnauthorized {
		return b, err
	}
	if token, err = c.Tokens.Renew(ctx, token); err != nil {
		return nil, err
	}
	return c.once(ctx, k, token)
}

func (c *Client) once(ctx context.Context, k call, token Secret) ([]byte, error) {
	req, err := c.request(ctx, k, token)
	if err != nil {
		return nil, NewProblem(CodeBadRequest, "").Because(err)
	}
	hc := http.Client{Timeout: requestTimeout}
	if c.HTTP != nil {
		hc = *c.HTTP
	}
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := hc.Do(req)
	if err != nil {
		return nil, transportProblem(c.Base, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if k.date != nil {
		*k.date, _ = http.ParseTime(resp.Header.Get("Date"))
	}
	if k.tls != nil {
		*k.tls = resp.TLS
	}
	limit := k.limit
	if limit == 0 {
		limit = maxItemBytes
	}
	b, err := io.ReadAll(http.MaxBytesReader(nil, resp.Body, limit))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, unknownServer(err)
		}
		return nil, transportProblem(c.Base, err)
	}
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return b, nil
	}
	return nil, c.problem(resp, b)
}

func (c *Client) request(ctx context.Context, k call, token Secret) (*http.Request, error) {
	var body io.Reader
	contentType := ""
	switch v := k.body.(type) {
	case nil:
	case url.Values:
		body, contentType = strings.NewReader(v.Encode()), "application/x-www-form-urlencoded"
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		body, contentType = bytes.NewReader(b), "application/json"
	}
	segments := make([]string, len(k.path))
	for i, s := range k.path {
		segments[i] = url.PathEscape(s) // JoinPath resolves dots: a segment must not be able to climb
		if s == "." || s == ".." {
			return nil, ErrBadID
		}
	}
	u := c.Base.JoinPath(segments...)
	u.RawQuery = k.query.Encode()
	req, err := http.NewRequestWithContext(ctx, k.method, u.String(), body)
	if err != nil {
		return nil, err
	}
	for name, values := range k.header {
		req.Header[name] = values
	}
	req.Header.Set("Accept", "application/json, application/problem+json")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if !token.Empty() {
		req.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	return req, nil
}
