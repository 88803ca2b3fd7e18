package agent

import (
	"cmp"
	"context"
	"log/slog"
	"strings"

	"securepush/agent/local"
	"securepush/api"
	"securepush/notify"
	"securepush/pushlistener"
)

// toasts lets the listener of a seat show toasts through package notify, which all seats share.
type toasts struct {
	desktop *notify.Desktop
	st      *seat
}

// Show shows content, and with several accounts which one it is of.
func (t *toasts) Show(ctx context.Context, p pushlistener.Toast) error {
	return t.desktop.Show(ctx, notify.Toast{
		Tag: t.tag(p.Tag), Replaces: t.tag(p.Replaces), Title: p.Title, Body: p.Body, Sender: senderLine(t.st.name(), p.Sender),
		Hidden: p.Hidden, Lines: p.Lines, Priority: p.Priority, Actions: p.Actions,
	})
}

// ShowPrompt shows a prompt without content.
func (t *toasts) ShowPrompt(ctx context.Context, tag string, p pushlistener.Prompt) error {
	return t.desktop.ShowPrompt(ctx, t.tag(tag), promptOf(p))
}

// Withdraw takes a toast away.
func (t *toasts) Withdraw(ctx context.Context, tag string) error {
	return t.desktop.Withdraw(ctx, t.tag(tag))
}

// tag tells the toasts of this seat from those of others.
func (t *toasts) tag(tag string) string {
	if tag == "" {
		return ""
	}
	return t.st.tagPrefix() + tag
}

// senderLine names the account before the sender: of a long line the end is cut off.
func senderLine(account, sender string) string {
	if account == "" || sender == "" || account == sender {
		return cmp.Or(account, sender)
	}
	return account + " · " + sender
}

// ofTag leads a toast's tag back to its seat and the tag that this seat gave it. The seat is nil when it is gone.
func (a *Agent) ofTag(tag string) (*seat, string) {
	prefix := ""
	if number, rest, ok := strings.Cut(tag, "."); ok {
		prefix, tag = number+".", rest
	}
	for _, st := range a.all() {
		if st.tagPrefix() == prefix {
			return st, tag
		}
	}
	return nil, tag
}

// soundsOf are the sounds that the person has chosen.
func soundsOf(s local.Settings) notify.Sounds {
	switch s.Sounds {
	case local.SoundsUrgent:
		return notify.SoundsUrgent
	case local.SoundsOff:
		return notify.SoundsOff
	case local.SoundsOn:
	}
	return notify.SoundsOn
}

func promptOf(p pushlistener.Prompt) notify.Prompt {
	switch p {
	case pushlistener.PromptSignIn:
		return notify.PromptSignIn
	case pushlistener.PromptKeyring:
		return notify.PromptKeyring
	case pushlistener.PromptUnreachable:
		return notify.PromptUnreachable
	case pushlistener.PromptHidden, pushlistener.PromptNone:
	}
	return notify.PromptHidden
}

// react does what the person asked for on a toast, until ctx ends.
func (a *Agent) react(ctx context.Context, events <-chan notify.Event) {
	for {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-events:
			if !ok {
				return
			}
			a.reactTo(ctx, e)
		}
	}
}

func (a *Agent) reactTo(ctx context.Context, e notify.Event) {
	switch e.Kind {
	case notify.DaemonRestarted:
		a.tellAll(pushlistener.DaemonBack{})
		return
	case notify.DaemonAnswers:
		a.tellAll(pushlistener.DaemonAnswers{})
		return
	case notify.Inhibited, notify.Uninhibited:
		a.setInhibited(e.Kind == notify.Inhibited)
		return
	case notify.Opened, notify.MarkedRead, notify.Dismissed:
	}
	st, tag := a.ofTag(e.Tag)
	if st == nil { // of an account that is gone: the window is all that there is to show
		if e.Kind == notify.Opened {
			a.showWindow(ctx, local.Change{Token: e.ActivationToken})
		}
		return
	}
	st.tell(pushlistener.ToastClosed{Tag: tag})
	id, item := pushlistener.TagID(tag)
	if !item {
		id = "" // a prompt or a digest
	}
	switch {
	case e.Kind == notify.Opened:
		a.showWindow(ctx, local.Change{ID: id, Account: st.id(), Token: e.ActivationToken})
	case e.Kind == notify.MarkedRead && item:
		// Beside the loop: the answer may take half a minute, and the next click must not wait for it.
		a.running().tasks.start(ctx, func(ctx context.Context) {
			if err := st.setRead(ctx, api.ReadRequest{IDs: []api.ID{id}, Read: true}); err != nil {
				st.log.WarnContext(ctx, "a notification cannot be marked as read", slog.Any("id", id), slog.Any("error", err))
			}
		})
	}
}

// showWindow opens the window for a click, to which there is no answer.
func (a *Agent) showWindow(ctx context.Context, change local.Change) {
	if err := a.openWindow(ctx, change); err != nil {
		a.log.WarnContext(ctx, "the window cannot be opened", slog.Any("error", err))
	}
}
