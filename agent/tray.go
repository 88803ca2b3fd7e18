package agent

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"securepush/agent/local"
	"securepush/agent/tray"
	"securepush/api"
	"securepush/assets/words"
	"securepush/notify"
	"securepush/pushlistener"
)

// Bounds of what the tray's menu names.
const (
	trayItems   = 5
	trayLooks   = 20 // of the newest that are kept here, read and unread
	traySender  = 24 // runes
	trayTitle   = 40 // runes
	trayAccount = 16 // runes
)

// newTray makes the tray. quit ends the agent.
func (a *Agent) newTray(ctx context.Context, l *live, quit func()) *tray.Tray {
	spoken := &words.Words{}
	return tray.New(tray.Options{
		Words: spoken, Logger: a.log,
		State: func(ctx context.Context) tray.State {
			spoken.Use(words.Choose(a.settings.get().Language, words.Locale(os.Getenv)))
			return a.trayNow(ctx)
		},
		Act: func(act tray.Action) {
			if act.Kind == tray.ActQuit {
				a.log.InfoContext(ctx, "ended from the tray")
				quit()
				return
			}
			started := l.tasks.start(ctx, func(ctx context.Context) {
				if err := a.trayAct(ctx, act); err != nil {
					a.log.WarnContext(ctx, "what was asked for in the tray could not be done", slog.Any("error", err))
				}
			})
			if !started {
				a.log.WarnContext(ctx, "too much is asked for at once in the tray")
			}
		},
		Present: func(there bool) {
			a.mu.Lock()
			a.tray = there
			a.mu.Unlock()
			a.publishStatus()
		},
	})
}

// followTray tells the tray of whatever the other clients are told of.
func (a *Agent) followTray(ctx context.Context, t *tray.Tray) {
	w := a.changes.watch(false, nil)
	defer a.changes.drop(w)
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.c:
			t.Update()
		}
	}
}

// concealTray takes what is unread out of the menu at once when somebody else may see it now.
func (a *Agent) concealTray(seen bool) {
	l := a.running()
	if l == nil {
		return
	}
	if seen {
		l.tray.Conceal()
	}
	l.tray.Update()
}

// trayNow is what the tray shows of all accounts.
func (a *Agent) trayNow(ctx context.Context) tray.State {
	now := a.wallClock()
	seats, list := a.namedMembers()
	if len(seats) == 0 {
		return trayState(a.Status(), now)
	}
	names, quiet := accountNames(list), a.quiet()
	muted := !slices.ContainsFunc(list, func(n namedAccount) bool { return !n.chosen.Muted })
	if quiet == nil && muted {
		quiet = &local.Quiet{Reason: local.QuietMuted}
	}
	states := make([]tray.State, len(seats))
	for i, st := range seats {
		status := st.status()
		status.Quiet = quiet // an account that is muted beside others is nothing that all have to know of
		states[i] = trayState(status, now)
		st.nameUnread(ctx, &states[i])
		if len(seats) == 1 {
			continue
		}
		for j := range states[i].Items {
			states[i].Items[j].Text = notify.Sanitise(names[i], trayAccount) + " · " + states[i].Items[j].Text
		}
	}
	return trayOfAll(states)
}

// trayOfAll puts the accounts' states together: the worst of them, all that is unread, and the newest of it.
func trayOfAll(states []tray.State) tray.State {
	out := states[0]
	for _, s := range states[1:] {
		unread, items := out.Unread+s.Unread, append(slices.Clone(out.Items), s.Items...)
		if badness(s.Mode) > badness(out.Mode) {
			out = s
		}
		out.Unread, out.Items = unread, items
	}
	slices.SortStableFunc(out.Items, func(x, y tray.Item) int { return y.At.Compare(x.At) })
	out.Items = out.Items[:min(len(out.Items), trayItems)]
	return out
}

// badness orders modes: those that nobody has to know of come first.
func badness(m tray.Mode) int {
	if order := []tray.Mode{tray.Connected, tray.Paused, tray.Connecting}; slices.Contains(order, m) {
		return slices.Index(order, m) - len(order)
	}
	return int(m)
}

// trayState decides what the tray shows of a status.
func trayState(s local.Status, now time.Time) tray.State {
	out := tray.State{Unread: s.Unread, Now: now, Quiet: trayQuiet(s.Quiet)}
	trouble := slices.IndexFunc(s.Conditions, func(c local.Condition) bool {
		return slices.Contains([]string{"server", "registration", "toasts", "journal", "sign_in_ends"}, c.Code)
	})
	switch {
	case s.SignIn == local.SignInNever:
		out.Mode = tray.SignedOut
	case s.SignIn == local.SignInEnded:
		out.Mode = tray.SignInEnded
	case s.SignIn == local.SignInLocked:
		out.Mode = tray.KeyringLocked
	case s.SignIn == local.SignInUnknown:
		if slices.ContainsFunc(s.Conditions, func(c local.Condition) bool { return c.Code == string(api.CodeKeyringUnavailable) }) {
			out.Mode = tray.KeyringSilent
		}
	case s.Link == local.LinkOffline:
		out.Mode = tray.Offline
		if s.LinkSince != nil {
			out.Since = *s.LinkSince
		}
	case trouble >= 0:
		out.Mode, out.Trouble = tray.Trouble, tray.Problem{Code: s.Conditions[trouble].Code, Title: s.Conditions[trouble].Title}
	case s.Link != local.LinkConnected:
	case s.Quiet != nil:
		out.Mode = tray.Paused
	default:
		out.Mode = tray.Connected
	}
	return out
}

func trayQuiet(q *local.Quiet) (out tray.Quiet) {
	if q == nil {
		return out
	}
	switch q.Reason {
	case local.QuietPause:
		out.Reason = tray.QuietPause
	case local.QuietMuted:
		out.Reason = tray.QuietMuted
	case local.QuietHoursOn:
		out.Reason = tray.QuietHours
	case local.QuietDesktop:
		out.Reason = tray.QuietDesktop
	}
	if q.Until != nil {
		out.Until = *q.Until
	}
	return out
}

// nameUnread adds the newest unread notifications, as far as a toast might show them now: nothing while the screen is
// locked or may be shared, while nobody is signed in, or when the person wants no content in toasts.
func (st *seat) nameUnread(ctx context.Context, s *tray.State) {
	st.a.mu.Lock()
	seen := st.a.locked || st.a.inhibited
	st.a.mu.Unlock()
	d := st.display()
	if s.Mode >= tray.KeyringLocked || seen || d.Generic {
		return
	}
	counted := st.counted()
	if counted && s.Unread == 0 {
		return
	}
	for _, n := range st.newestUnread(ctx, s.Now) {
		if line := trayLine(n, d); line != "" {
			s.Items = append(s.Items, tray.Item{ID: n.ID, Text: line, Account: st.id(), At: n.CreatedAt})
		}
	}
	if !counted {
		s.Unread = max(s.Unread, len(s.Items))
	}
	s.Items = s.Items[:min(len(s.Items), s.Unread, trayItems)]
}

// counted says whether the server has counted what is unread since the inbox last changed. It is asked some seconds
// after a push, and a toast and the tray should not contradict each other as long.
func (st *seat) counted() bool {
	l := st.present()
	if l == nil {
		return false
	}
	st.mu.Lock()
	changed := st.inboxAt
	st.mu.Unlock()
	return l.listener.Snapshot().Synced.After(changed.Add(-time.Second)) // the count itself may be the change
}

// newestUnread are those of the newest that are kept here.
func (st *seat) newestUnread(ctx context.Context, now time.Time) []api.Notification {
	sealer := st.keptSealer(ctx)
	if sealer == nil {
		return nil
	}
	page, _, err := st.journal.Kept(ctx, sealer, trayLooks, "")
	if err != nil {
		st.log.InfoContext(ctx, "the tray cannot name what is unread", slog.Any("error", err))
		return nil
	}
	return slices.DeleteFunc(page.Items, func(n api.Notification) bool {
		return n.Read || n.ExpiresAt != nil && !now.Before(*n.ExpiresAt)
	})
}

// trayLine is a notification on one line, as much of it as a toast might show; "": nothing.
func trayLine(n api.Notification, d pushlistener.Display) string {
	from := notify.Sanitise(n.Sender, traySender)
	if d.Sender {
		return from
	}
	title := cmp.Or(notify.Sanitise(n.Title, trayTitle), notify.Sanitise(n.Payload, trayTitle))
	if from == "" || title == "" || from == title {
		return cmp.Or(title, from)
	}
	return strings.Join([]string{from, title}, ": ")
}

// trayAct does what the person asked for in the tray.
func (a *Agent) trayAct(ctx context.Context, act tray.Action) error {
	switch act.Kind {
	case tray.ActOpen:
		return a.openWindow(ctx, local.Change{ID: act.ID, Account: act.Account, Token: act.Token})
	case tray.ActMarkAllRead:
		var errs []error
		for _, st := range a.members() {
			errs = append(errs, st.setRead(ctx, api.ReadRequest{Read: true}))
		}
		return errors.Join(errs...)
	case tray.ActPauseHalfHour:
		return a.pause(a.now().Add(30 * time.Minute))
	case tray.ActPauseHour:
		return a.pause(a.now().Add(time.Hour))
	case tray.ActPauseTomorrow:
		return a.pause(local.Tomorrow(a.wallClock()))
	case tray.ActResume:
		return a.resume()
	case tray.ActNothing, tray.ActQuit:
	}
	return nil
}
