package tray

import (
	"time"

	"securepush/assets/words"
)

// maxItems is how many unread notifications the menu names.
const maxItems = 5

// entry is a line of the menu. Two with the same key are the same line at different times.
type entry struct {
	key       string
	label     string // plain text
	separator bool
	disabled  bool
	action    Action
}

// menu decides what the menu says.
func menu(s State, w *words.Words) []entry {
	out := []entry{{key: "state", label: stateWords(s, w), disabled: true}, separator("about")}
	if s.Mode == SignedOut {
		return append(out, entry{key: "open", label: w.TrayOpen(), action: Action{Kind: ActOpen}},
			separator("end"), entry{key: "quit", label: w.TrayQuit(), action: Action{Kind: ActQuit}})
	}
	out = append(out, unread(s, w)...)
	out = append(out,
		entry{key: "open", label: w.TrayOpen(), action: Action{Kind: ActOpen}},
		entry{key: "read", label: w.InboxMarkAllRead(), disabled: s.Unread == 0, action: Action{Kind: ActMarkAllRead}},
		separator("quiet"))
	if resumable(s.Quiet) {
		out = append(out, entry{key: "resume", label: w.TrayResume(), action: Action{Kind: ActResume}})
	}
	return append(out,
		entry{key: "pause-30", label: w.TrayPauseHalfHour(), action: Action{Kind: ActPauseHalfHour}},
		entry{key: "pause-60", label: w.TrayPauseHour(), action: Action{Kind: ActPauseHour}},
		entry{key: "pause-tomorrow", label: w.TrayPauseTomorrow(), action: Action{Kind: ActPauseTomorrow}},
		separator("end"),
		entry{key: "quit", label: w.TrayQuit(), action: Action{Kind: ActQuit}})
}

func separator(key string) entry { return entry{key: "separator-" + key, separator: true} }

// unread are the lines of what is unread: each by its text, and how many there are where not all are named.
func unread(s State, w *words.Words) (out []entry) {
	items := s.Items[:min(len(s.Items), maxItems)]
	for _, i := range items {
		out = append(out, entry{key: "item-" + i.Account + "-" + string(i.ID), label: i.Text, action: Action{Kind: ActOpen, ID: i.ID, Account: i.Account}})
	}
	if s.Unread > len(items) {
		out = append(out, entry{key: "unread", label: w.TrayUnread(s.Unread), action: Action{Kind: ActOpen}})
	}
	if len(out) > 0 {
		out = append(out, separator("unread"))
	}
	return out
}

// stateWords say how the agent is.
func stateWords(s State, w *words.Words) string {
	switch s.Mode {
	case Connected:
		return w.StateConnected()
	case Paused:
		return quietWords(s.Quiet, s.Now, w)
	case Offline:
		return offlineWords(s.Since, s.Now, w)
	case Trouble:
		if title, _, ok := w.Condition(s.Trouble.Code); ok {
			return title
		}
		return s.Trouble.Title
	case KeyringLocked:
		return conditionWords("keyring_locked", w)
	case KeyringSilent:
		return conditionWords("keyring_unavailable", w)
	case SignInEnded:
		return conditionWords("sign_in_needed", w)
	case SignedOut:
		return w.StateSignedOut()
	case Connecting:
	}
	return w.StateConnecting()
}

func quietWords(q Quiet, now time.Time, w *words.Words) string {
	until := w.Since(q.Until, now)
	switch {
	case q.Reason == QuietDesktop:
		return w.TrayDesktopQuiet()
	case q.Reason == QuietMuted:
		return conditionWords("muted", w)
	case q.Reason == QuietHours && q.Until.IsZero():
		return w.TrayQuietHours()
	case q.Reason == QuietHours:
		return w.TrayQuietHoursUntil(until)
	case q.Until.IsZero():
		return conditionWords("paused", w)
	}
	return w.TrayPausedUntil(until)
}

func offlineWords(since, now time.Time, w *words.Words) string {
	if since.IsZero() {
		return w.StateOffline()
	}
	return w.NoticeOfflineSince(w.Since(since, now)) + " " + w.NoticeCatchingUp()
}

func conditionWords(code string, w *words.Words) string {
	title, _, _ := w.Condition(code)
	return title
}

// face is how the tray looks without its menu.
type face struct {
	icon  icon
	title string
	tip   string
}

// faceOf decides it.
func faceOf(s State, w *words.Words) face {
	f := face{icon: iconOf(s), title: w.CommonApp(), tip: stateWords(s, w)}
	if s.Unread > 0 && s.Mode != SignedOut {
		count := w.TrayUnreadShort(s.Unread)
		f.title += ": " + count
		f.tip += " · " + count
	}
	return f
}
