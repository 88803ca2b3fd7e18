package local

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"securepush/api"
)

const (
	callTimeout = 90 * time.Second // a sign-in may wait a minute for the person to unlock the keyring
	maxAnswer   = 32 << 20
)

// Client talks to the agent. It is safe for concurrent use. Every call fails with an [*api.Problem];
// api.CodeUnavailable means that no agent answers.
type Client struct {
	// Transport reaches the agent. See Dial for the socket; a command without an agent gives the handler itself.
	Transport http.RoundTripper

	account string
}

// Dial makes a client of the agent that listens at the socket. It does not connect yet.
func Dial(socket string) *Client {
	d := net.Dialer{Timeout: 5 * time.Second}
	return &Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", socket) },
	}}
}

// Close ends idle connections.
func (c *Client) Close() { (&http.Client{Transport: c.Transport}).CloseIdleConnections() }

// Status asks how the agent is.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var out Status
	return out, c.call(ctx, http.MethodGet, "/v1/status", nil, &out)
}

// CheckServer looks whether a SecurePush server answers at an address. With api.CodeUntrusted the certificate is told all the same.
func (c *Client) CheckServer(ctx context.Context, address string) (ServerInfo, error) {
	var out ServerInfo
	err := c.call(ctx, http.MethodGet, "/v1/server?"+url.Values{"url": {address}}.Encode(), nil, &out)
	if err == nil && out.Untrusted != nil {
		err = out.Untrusted
	}
	return out, err
}

// SignIn signs in and registers this device.
func (c *Client) SignIn(ctx context.Context, server, user string, password api.Secret) (Account, error) {
	var out Account
	in := SignInRequest{Server: server, User: user, Password: password.Reveal()}
	return out, c.call(ctx, http.MethodPost, "/v1/sign-in", in, &out)
}

// SignOut unregisters this device, revokes the sign-in and clears what was kept here.
func (c *Client) SignOut(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "/v1/sign-out", nil, nil)
}

// Unlock asks the keyring that holds the sign-in to open. The desktop may ask the person for a password, for up to a
// minute: call it on a person's click only. api.CodeKeyringLocked means that it is still locked.
func (c *Client) Unlock(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "/v1/unlock", nil, nil)
}

// InboxQuery selects a page of the inbox.
type InboxQuery struct {
	Before api.Cursor // empty: from the newest
	Limit  int        // 0: 50
	Unread bool
	Text   string
}

// Inbox fetches a page, newest first.
func (c *Client) Inbox(ctx context.Context, q InboxQuery) (Inbox, error) {
	v := url.Values{}
	if q.Before != "" {
		v.Set("before", string(q.Before))
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
	var out Inbox
	return out, c.call(ctx, http.MethodGet, "/v1/notifications?"+v.Encode(), nil, &out)
}

// Notification fetches one.
func (c *Client) Notification(ctx context.Context, id api.ID) (api.Notification, error) {
	var out api.Notification
	return out, c.call(ctx, http.MethodGet, itemPath(id), nil, &out)
}

// SetRead marks one as read or unread and takes its toast away.
func (c *Client) SetRead(ctx context.Context, id api.ID, read bool) error {
	return c.call(ctx, http.MethodPatch, itemPath(id), api.ReadRequest{Read: read}, nil)
}

// MarkRead marks several as read or unread.
func (c *Client) MarkRead(ctx context.Context, ids []api.ID, read bool) error {
	if len(ids) == 0 {
		return nil // to the agent none means all
	}
	return c.call(ctx, http.MethodPost, "/v1/notifications/read", api.ReadRequest{IDs: ids, Read: read}, nil)
}

// MarkAllRead marks everything as read.
func (c *Client) MarkAllRead(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "/v1/notifications/read", api.ReadRequest{Read: true}, nil)
}

// Delete removes one everywhere.
func (c *Client) Delete(ctx context.Context, id api.ID) error {
	return c.call(ctx, http.MethodDelete, itemPath(id), nil, nil)
}

// Send sends a notification.
func (c *Client) Send(ctx context.Context, r api.SendRequest) (api.SendResult, error) {
	var out api.SendResult
	return out, c.call(ctx, http.MethodPost, "/v1/notifications", r, &out)
}

// Delivery tells how far a notification has come that this account has sent or received.
func (c *Client) Delivery(ctx context.Context, id api.ID) (api.Delivery, error) {
	var out api.Delivery
	return out, c.call(ctx, http.MethodGet, itemPath(id)+"/status", nil, &out)
}

// Sent fetches a page of what this account has sent, newest first. before is empty, or Next of the page before; limit may be 0.
func (c *Client) Sent(ctx context.Context, before api.Cursor, limit int) (api.SentPage, error) {
	v := url.Values{"before": {string(before)}, "limit": {strconv.Itoa(limit)}}
	var out api.SentPage
	return out, c.call(ctx, http.MethodGet, "/v1/sent?"+v.Encode(), nil, &out)
}

// SendOnce sends a notification; a repeat of the same request with the same key makes nothing new, for a day. It is for who
// got no answer and asks again.
func (c *Client) SendOnce(ctx context.Context, r api.SendRequest, key string) (api.SendResult, error) {
	var out api.SendResult
	return out, c.call(ctx, http.MethodPost, "/v1/notifications?"+url.Values{"once": {key}}.Encode(), r, &out)
}

// Test asks the server for a test notification to this device.
func (c *Client) Test(ctx context.Context) (api.SendResult, error) {
	var out api.SendResult
	return out, c.call(ctx, http.MethodPost, "/v1/test", nil, &out)
}

// Settings reads the person's choices.
func (c *Client) Settings(ctx context.Context) (Settings, error) {
	var out Settings
	return out, c.call(ctx, http.MethodGet, "/v1/settings", nil, &out)
}

// SaveSettings replaces them.
func (c *Client) SaveSettings(ctx context.Context, s Settings) error {
	return c.call(ctx, http.MethodPut, "/v1/settings", s, nil)
}

// Pause shows nothing before until.
func (c *Client) Pause(ctx context.Context, until time.Time) (Status, error) {
	var out Status
	return out, c.call(ctx, http.MethodPost, "/v1/pause", PauseRequest{Until: until}, &out)
}

// Resume ends a pause, and the quiet hours of this time.
func (c *Client) Resume(ctx context.Context) (Status, error) {
	var out Status
	return out, c.call(ctx, http.MethodPost, "/v1/resume", nil, &out)
}

// Open brings the window up.
func (c *Client) Open(ctx context.Context, r OpenRequest) error {
	return c.call(ctx, http.MethodPost, "/v1/window", r, nil)
}

// Doctor examines the whole way of a notification.
func (c *Client) Doctor(ctx context.Context) ([]Check, error) {
	var out []Check
	return out, c.call(ctx, http.MethodGet, "/v1/doctor", nil, &out)
}

// Changes calls f for each change until ctx ends or the agent goes away. window says that the caller is the window:
// it then gets ChangeOpen. The first change is always the status.
func (c *Client) Changes(ctx context.Context, window bool, f func(Change)) error {
	path := "/v1/changes"
	if window {
		path += "?window=true"
	}
	resp, err := c.send(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var ch Change
		if err := json.Unmarshal(lines.Bytes(), &ch); err != nil {
			return api.NewProblem(api.CodeInternal, "").Because(err)
		}
		f(ch)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return noAgent(lines.Err())
}

func itemPath(id api.ID) string { return "/v1/notifications/" + url.PathEscape(string(id)) }

func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	resp, err := c.send(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(http.MaxBytesReader(nil, resp.Body, maxAnswer))
	if err != nil {
		return noAgent(err)
	}
	if out == nil {
		return nil
	}
	if err := api.DecodeStrict(b, out); err != nil {
		return api.NewProblem(api.CodeInternal, "").Because(err)
	}
	return nil
}

// send returns an answer of success, or a problem.
func (c *Client) send(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, api.NewProblem(api.CodeBadRequest, "").Because(err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://agent"+path, body)
	if err != nil {
		return nil, api.NewProblem(api.CodeBadRequest, "").Because(err)
	}
	req.Header.Set(VersionHeader, strconv.Itoa(Version))
	req.Header.Set("Content-Type", "application/json")
	if c.account != "" {
		req.Header.Set(AccountHeader, c.account)
	}
	resp, err := (&http.Client{Transport: c.Transport}).Do(req)
	if err != nil {
		return nil, noAgent(err)
	}
	if got := resp.Header.Get(VersionHeader); got != strconv.Itoa(Version) {
		_ = resp.Body.Close()
		return nil, api.NewProblem(api.CodeInternal, "The running agent is of another version. Restart it: securepush service restart.")
	}
	if resp.StatusCode >= 300 {
		defer func() { _ = resp.Body.Close() }()
		b, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
		p := &api.Problem{}
		if err := api.DecodeStrict(b, p); err != nil || p.Code == "" {
			p = api.NewProblem(api.CodeInternal, "").Because(err)
		}
		return nil, p
	}
	return resp, nil
}

func noAgent(err error) error {
	return api.NewProblem(api.CodeUnavailable, "The SecurePush agent does not answer. Start it: securepush listen.").Because(err)
}
