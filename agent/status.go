package agent

import (
	"cmp"
	"os"
	"reflect"
	"slices"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/pushlistener"
	"securepush/secure"
)

// Status is how the agent is, as a call sees it that names no account. It asks nobody, so it answers at once.
func (a *Agent) Status() local.Status { return a.usual().status() }

// statusOf is the same of an account; of one that is gone it is that of nobody.
func (a *Agent) statusOf(id string) local.Status {
	if st, err := a.named(id); err == nil {
		return st.status()
	}
	return a.fullStatus(secure.Status{}, pushlistener.Snapshot{}, a.quiet())
}

func (st *seat) status() local.Status {
	session := st.session.State()
	var snapshot pushlistener.Snapshot
	if d := st.present(); d != nil {
		snapshot = d.listener.Snapshot()
	}
	s := st.a.fullStatus(session, snapshot, st.quiet())
	if session.Account != nil {
		account := localAccount(*session.Account)
		if p := st.readProfile(); p.Account != nil {
			account.ServerName = p.Account.ServerName
		}
		s.Account = &account
	}
	return s
}

// fullStatus is the status of an account whose session and listener are so.
func (a *Agent) fullStatus(session secure.Status, snapshot pushlistener.Snapshot, q *local.Quiet) local.Status {
	s := local.Status{
		Version: a.o.Version, PID: os.Getpid(), Listening: a.running() != nil, SignIn: signInState(session.State), Link: local.LinkOff,
		Accounts: a.accountStatuses(),
	}
	if len(s.Accounts) == 0 {
		s.Last = a.first().readProfile().Last
	}
	if s.Listening {
		fillStatus(&s, snapshot)
	}
	s.Conditions = append(conditions(session, snapshot, a.now()), a.settings.conditions()...)
	a.mu.Lock()
	unopened := a.unopened
	s.Tray = a.tray
	a.mu.Unlock()
	if unopened > 0 {
		s.Conditions = append(s.Conditions, local.Condition{
			Code: "account_unopened", Severity: local.SeverityError, Since: a.now(), Title: "An account on this device cannot be opened",
			Advice: "Restart the listener: securepush service restart. Its log has the cause.",
		})
	}
	fillQuiet(&s, q, a.now())
	worstFirst(s.Conditions)
	return s
}

func signInState(s secure.State) local.SignIn {
	switch s {
	case secure.StateActive:
		return local.SignInActive
	case secure.StateEnded:
		return local.SignInEnded
	case secure.StateLocked:
		return local.SignInLocked
	case secure.StateUnknown:
		return local.SignInUnknown
	case secure.StateNever:
	}
	return local.SignInNever
}

func fillStatus(s *local.Status, p pushlistener.Snapshot) {
	switch p.Link {
	case pushlistener.LinkConnecting:
		s.Link = local.LinkConnecting
	case pushlistener.LinkConnected:
		s.Link = local.LinkConnected
	case pushlistener.LinkOffline:
		s.Link = local.LinkOffline
	case pushlistener.LinkOff:
	}
	s.LinkSince, s.LastPush = optional(p.LinkSince), optional(p.LastPush)
	s.Unread, s.Waiting = p.Unread, p.Waiting
	s.Counters = local.Counters{
		Pushes: p.Counters.Pushes, Shown: p.Counters.Shown, Prompts: p.Counters.Prompts, Settled: p.Counters.Settled,
		Dropped: p.Counters.Dropped, Undecryptable: p.Counters.Undecryptable,
	}
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// linkPatience is how long the connection may be away before the person is told.
const linkPatience = 10 * time.Second

// conditions says in words why notifications do not arrive as they should, worst first. It is a pure function.
func conditions(session secure.Status, p pushlistener.Snapshot, now time.Time) []local.Condition {
	found := []local.Condition{} // never null on the wire
	add := func(code string, severity local.Severity, since time.Time, title, advice string) {
		found = append(found, local.Condition{Code: code, Severity: severity, Title: title, Advice: advice, Since: since})
	}
	switch session.State {
	case secure.StateEnded:
		add(string(api.CodeSignInNeeded), local.SeverityError, now, "Your sign-in has ended",
			"Sign in again to read your notifications.")
	case secure.StateLocked:
		add(string(api.CodeKeyringLocked), local.SeverityAttention, now, "Your keyring is locked",
			"Unlock it to read your notifications.")
	case secure.StateUnknown:
		if session.Cause == nil {
			break // it was not asked yet
		}
		add(string(api.CodeKeyringUnavailable), local.SeverityError, now, "Your keyring cannot be asked",
			cmp.Or(session.Words, "Start a keyring service, or sign in again to go on without one."))
	case secure.StateActive:
		if session.MemoryOnly {
			add("sign_in_not_kept", local.SeverityAttention, now, "The sign-in is kept only until SecurePush ends",
				cmp.Or(session.Words, "The keyring did not take it."))
		}
		if !session.Ends.IsZero() {
			add("sign_in_ends", local.SeverityAttention, now, "Your sign-in ends "+session.Ends.Local().Format("on Monday at 15:04"),
				"Sign in again before, when it suits you.")
		}
	case secure.StateNever:
	}
	switch away := p.Link == pushlistener.LinkOffline && now.Sub(p.LinkSince) >= linkPatience; {
	case away && p.Synced.After(p.LinkSince): // the server answers, so something lets no pushes through
		add("polling", local.SeverityAttention, p.LinkSince, "Notifications come late",
			"The connection for pushes cannot be made. The server is asked every two minutes instead.")
	case away:
		add("offline", local.SeverityAttention, p.LinkSince, "Offline since "+p.LinkSince.Local().Format("15:04"),
			cmp.Or(p.LinkTrouble.Words, "Catching up by itself."))
	}
	for _, t := range []struct {
		trouble       pushlistener.Trouble
		code          string
		severity      local.Severity
		title, advice string
	}{
		{p.Server, "server", local.SeverityAttention, "The server cannot be asked", "Catching up by itself."},
		{p.Registration, "registration", local.SeverityError, "This device is not registered", "Trying again by itself. More: securepush doctor."},
		{p.Toasts, "toasts", local.SeverityAttention, "Toasts cannot be shown", "Notifications stand in the inbox."},
		{p.Journal, "journal", local.SeverityError, "The journal cannot be written", "Look whether the disk is full."},
	} {
		if t.trouble != (pushlistener.Trouble{}) {
			add(t.code, t.severity, t.trouble.Since, t.title, cmp.Or(t.trouble.Words, t.advice))
		}
	}
	worstFirst(found)
	return found
}

func worstFirst(c []local.Condition) {
	slices.SortStableFunc(c, func(x, y local.Condition) int { return weight(y.Severity) - weight(x.Severity) })
}

func weight(s local.Severity) int {
	switch s {
	case local.SeverityError:
		return 2
	case local.SeverityAttention:
		return 1
	case local.SeverityInfo:
	}
	return 0
}

// publishStatus tells everybody who watches. Each stream fills in the status of its account.
func (a *Agent) publishStatus() { a.changes.publish(local.Change{Kind: local.ChangeStatus}) }

// saveSettings replaces the settings and applies them.
func (a *Agent) saveSettings(n local.Settings) error {
	return a.changeSettings(func(s *local.Settings) {
		if !reflect.DeepEqual(s.QuietHours, n.QuietHours) {
			n.ResumedUntil = 0 // was said of other hours
		}
		*s = n
	})
}

// changeSettings changes the settings and applies them.
func (a *Agent) changeSettings(f func(*local.Settings)) error {
	n := a.settings.get()
	file := n.CAFile
	f(&n)
	transport, err := secure.Transport(secure.TrustOptions{CAFile: n.CAFile})
	if err != nil && n.CAFile != file { // one that has gone since keeps nobody from another choice
		return err
	}
	before, after, err := a.settings.change(f)
	if err != nil {
		return err
	}
	if after.CAFile != before.CAFile && transport != nil {
		a.mu.Lock()
		old := a.transport
		a.transport = transport
		a.mu.Unlock()
		old.CloseIdleConnections()
		a.eachEdge((*edge).restart)
	}
	if l := a.running(); l != nil {
		l.desktop.SetSounds(soundsOf(after))
	}
	a.displayAnew()
	a.alarm.reset()
	a.changes.publish(local.Change{Kind: local.ChangeSettings})
	return nil
}
