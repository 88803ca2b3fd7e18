package presenttest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"securepush/agent/local"
	"securepush/api"
)

// Agent is an agent made of memory. Its fields may be set before it is used; afterwards they are changed through
// [Agent.Do] only. It is safe for concurrent use.
//
// The keys of Fail and Block are names of calls: changes, status, check ADDRESS, sign-in, sign-out, unlock, inbox CURSOR,
// notification, set-read, mark-read, all-read, delete, send, test, settings, save-settings.
type Agent struct {
	Now      local.Status
	Items    []api.Notification // newest first
	Offline  *time.Time         // the inbox is what was kept at that time
	Choices  local.Settings
	Server   local.ServerInfo
	Result   api.SendResult
	Requests []api.SendRequest        // to send, each key once
	Out      []api.Delivery           // what was sent, newest first
	Keys     []string                 // of the requests to send, each time
	Fail     map[string]error         // calls that fail
	Block    map[string]bool          // calls that wait for the end of their context
	Hold     map[string]chan struct{} // calls that wait until the channel is closed
	Down     bool                     // nobody answers
	Way      Connection

	house    *House // nil: it has one account only
	mu       sync.Mutex
	calls    []string
	watchers []chan local.Change
	hangUp   chan struct{}
}

// NewAgent makes an agent with which nobody is signed in.
func NewAgent() *Agent {
	return &Agent{
		Now:     local.Status{Version: "0.1.0", Listening: true, SignIn: local.SignInNever, Link: local.LinkOff, Tray: true},
		Choices: local.Settings{ToastContent: local.ToastEverything, Theme: "system", Language: "system", TextSize: 100},
		Server:  local.ServerInfo{URL: "https://push.clinic.example", Name: "St. Anna Clinic", Version: "0.1.0", Certificate: Certificate(local.TrustSystem)},
		Way:     Connection{Start: local.Autostart{Supported: true, Enabled: true, Way: "systemd"}},
		Fail:    map[string]error{}, Block: map[string]bool{}, hangUp: make(chan struct{}),
	}
}

// errDown is what a client says when no agent answers.
var errDown = api.NewProblem(api.CodeUnavailable, "The SecurePush agent does not answer. Start it: securepush listen.")

// enter notes a call, waits if it is to wait, and fails if it is to fail.
func (f *Agent) enter(ctx context.Context, name string) error {
	f.mu.Lock()
	f.calls = append(f.calls, name)
	block, hold, err, down := f.Block[name], f.Hold[name], f.Fail[name], f.Down
	f.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
		}
	}
	if block {
		<-ctx.Done()
		return ctx.Err()
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case down:
		return errDown
	default:
		return err
	}
}

// Do changes the agent's fields.
func (f *Agent) Do(change func(*Agent)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

// Called counts the calls whose name begins so.
func (f *Agent) Called(name string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.calls {
		if strings.HasPrefix(c, name) {
			n++
		}
	}
	return n
}

// Status answers with Now.
func (f *Agent) Status(ctx context.Context) (local.Status, error) {
	if err := f.enter(ctx, "status"); err != nil {
		return local.Status{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.Now, nil
}

// Changes streams what Tell is given.
func (f *Agent) Changes(ctx context.Context, _ bool, do func(local.Change)) error {
	if err := f.enter(ctx, "changes"); err != nil {
		return err
	}
	c := make(chan local.Change, 16)
	f.mu.Lock()
	f.watchers = append(f.watchers, c)
	status, hangUp := f.Now, f.hangUp
	f.mu.Unlock()
	defer f.Do(func(f *Agent) {
		f.watchers = slices.DeleteFunc(f.watchers, func(w chan local.Change) bool { return w == c })
	})
	do(local.Change{Kind: local.ChangeStatus, Status: &status})
	for {
		select {
		case ch := <-c:
			do(ch)
		case <-hangUp:
			return errDown
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Tell sends a change to the window.
func (f *Agent) Tell(ch local.Change) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, w := range f.watchers {
		w <- ch
	}
}

// Become changes the status and tells.
func (f *Agent) Become(change func(*local.Status)) {
	f.mu.Lock()
	change(&f.Now)
	s := f.Now
	f.mu.Unlock()
	f.Tell(local.Change{Kind: local.ChangeStatus, Status: &s})
}

// Die ends every stream and fails every later call.
func (f *Agent) Die() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Down = true
	close(f.hangUp)
	f.hangUp, f.watchers = make(chan struct{}), nil
}

// Live makes the agent answer again.
func (f *Agent) Live() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Down = false
}

// Certificate is one that a server may show.
func Certificate(trust local.Trust) *local.Certificate {
	return &local.Certificate{
		Subject: "push.clinic.example", Issuer: "Example Trust (R11)", Trust: trust,
		NotBefore: time.Date(2026, time.October, 3, 6, 20, 0, 0, time.UTC), NotAfter: time.Date(2027, time.January, 1, 6, 19, 59, 0, time.UTC),
		Fingerprint: "9B:1F:0C:77:E2:41:AA:5D:30:88:F6:02:C9:D4:13:6E:B7:5A:EC:29:04:91:7D:F8:66:3B:A0:CE:58:12:E5:9F",
	}
}

// CheckServer answers with Server.
func (f *Agent) CheckServer(ctx context.Context, address string) (local.ServerInfo, error) {
	return f.Server, f.enter(ctx, "check "+address)
}

// SignIn signs in whoever comes.
func (f *Agent) SignIn(ctx context.Context, server, user string, _ api.Secret) (local.Account, error) {
	if err := f.enter(ctx, "sign-in"); err != nil {
		return local.Account{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	a := local.Account{ID: "6f1c", Server: server, ServerName: f.Server.Name, User: user, Device: "Desk-12"}
	f.Now.SignIn, f.Now.Link, f.Now.Account = local.SignInActive, local.LinkConnected, &a
	return a, nil
}

// SignOut signs out.
func (f *Agent) SignOut(ctx context.Context) error {
	if err := f.enter(ctx, "sign-out"); err != nil {
		return err
	}
	f.Do(func(f *Agent) {
		if a := f.Now.Account; a != nil {
			f.Now.Last = &local.LastSignIn{Server: a.Server, User: a.User}
		}
		f.Now.SignIn, f.Now.Link, f.Now.Account = local.SignInNever, local.LinkOff, nil
	})
	if f.house != nil {
		f.house.leave(f)
	}
	return nil
}

// Unlock unlocks.
func (f *Agent) Unlock(ctx context.Context) error {
	if err := f.enter(ctx, "unlock"); err != nil {
		return err
	}
	f.Do(func(f *Agent) { f.Now.SignIn = local.SignInActive })
	return nil
}

// Inbox pages through Items.
func (f *Agent) Inbox(ctx context.Context, q local.InboxQuery) (local.Inbox, error) {
	if err := f.enter(ctx, "inbox "+string(q.Before)); err != nil {
		return local.Inbox{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var out local.Inbox
	started := q.Before == ""
	for _, n := range f.Items {
		if !n.Read {
			out.Unread++
		}
		hit := (!q.Unread || !n.Read) && (q.Text == "" || strings.Contains(n.Title+n.Payload, q.Text))
		if started && hit {
			if q.Limit > 0 && len(out.Items) == q.Limit {
				out.More = true
			} else {
				out.Items = append(out.Items, n)
				out.Next = api.Cursor(n.ID)
			}
		}
		started = started || string(n.ID) == string(q.Before)
	}
	out.Offline, out.AsOf = f.Offline != nil, f.Offline
	return out, nil
}

func (f *Agent) at(id api.ID) int {
	return slices.IndexFunc(f.Items, func(n api.Notification) bool { return n.ID == id })
}

// Notification finds one of Items.
func (f *Agent) Notification(ctx context.Context, id api.ID) (api.Notification, error) {
	if err := f.enter(ctx, "notification"); err != nil {
		return api.Notification{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := f.at(id); i >= 0 {
		return f.Items[i], nil
	}
	return api.Notification{}, api.NewProblem(api.CodeNotFound, "There is no such notification.")
}

// SetRead marks one of Items.
func (f *Agent) SetRead(ctx context.Context, id api.ID, read bool) error {
	if err := f.enter(ctx, "set-read"); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := f.at(id); i >= 0 {
		f.Items[i].Read = read
	}
	return nil
}

// MarkRead marks several of Items.
func (f *Agent) MarkRead(ctx context.Context, ids []api.ID, read bool) error {
	if err := f.enter(ctx, "mark-read"); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		if i := f.at(id); i >= 0 {
			f.Items[i].Read = read
		}
	}
	return nil
}

// MarkAllRead marks all Items.
func (f *Agent) MarkAllRead(ctx context.Context) error {
	if err := f.enter(ctx, "all-read"); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.Items {
		f.Items[i].Read = true
	}
	return nil
}

// Delete removes one of Items.
func (f *Agent) Delete(ctx context.Context, id api.ID) error {
	if err := f.enter(ctx, "delete"); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := f.at(id); i >= 0 {
		f.Items = slices.Delete(slices.Clone(f.Items), i, i+1)
	}
	return nil
}

// SendOnce notes the request in Requests and its key in Keys. As with a lost answer, a request for which "send" fails is noted
// too.
func (f *Agent) SendOnce(ctx context.Context, r api.SendRequest, key string) (api.SendResult, error) {
	err := f.enter(ctx, "send")
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() == nil && !slices.Contains(f.Keys, key) {
		f.Requests = append(f.Requests, r)
	}
	f.Keys = append(f.Keys, key)
	if err != nil {
		return api.SendResult{}, err
	}
	return f.Result, nil
}

// Sent pages through Out.
func (f *Agent) Sent(ctx context.Context, before api.Cursor, limit int) (api.SentPage, error) {
	if err := f.enter(ctx, "sent "+string(before)); err != nil {
		return api.SentPage{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	first := 1 + slices.IndexFunc(f.Out, func(d api.Delivery) bool { return string(d.ID) == string(before) })
	var page api.SentPage
	for _, d := range f.Out[first:min(first+limit, len(f.Out))] {
		d.Devices = nil
		page.Items, page.Next = append(page.Items, d), api.Cursor(d.ID)
	}
	page.More = first+limit < len(f.Out)
	return page, nil
}

// Delivery finds one of Out.
func (f *Agent) Delivery(ctx context.Context, id api.ID) (api.Delivery, error) {
	if err := f.enter(ctx, "delivery"); err != nil {
		return api.Delivery{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.Out {
		if d.ID == id {
			return d, nil
		}
	}
	return api.Delivery{}, api.NewProblem(api.CodeNotFound, "There is no such notification.")
}

// Test answers with Result.
func (f *Agent) Test(ctx context.Context) (api.SendResult, error) {
	return f.Result, f.enter(ctx, "test")
}

// Settings answers with Choices.
func (f *Agent) Settings(ctx context.Context) (local.Settings, error) {
	err := f.enter(ctx, "settings")
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.Choices, err
}

// SaveSettings replaces Choices.
func (f *Agent) SaveSettings(ctx context.Context, s local.Settings) error {
	if err := f.enter(ctx, "save-settings"); err != nil {
		return err
	}
	f.Do(func(f *Agent) { f.Choices = s })
	if f.house != nil {
		f.house.choose(s)
	}
	return nil
}
