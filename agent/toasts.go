package agent

import (
	"context"
	"log/slog"

	"securepush/api"
	"securepush/notify"
	"securepush/pushlistener"
)

// toasts lets the listener show toasts through package notify, and brings back what the person does with them.
type toasts struct{ desktop *notify.Desktop }

// Show shows content.
func (t *toasts) Show(ctx context.Context, p pushlistener.Toast) error {
	return t.desktop.Show(ctx, notify.Toast{
		Tag: p.Tag, Replaces: p.Replaces, Title: p.Title, Body: p.Body, Sender: p.Sender, Hidden: p.Hidden, Lines: p.Lines,
		Priority: p.Priority, Actions: p.Actions,
	})
}

// ShowPrompt shows a prompt without content.
func (t *toasts) ShowPrompt(ctx context.Context, tag string, p pushlistener.Prompt) error {
	return t.desktop.ShowPrompt(ctx, tag, promptOf(p))
}

// Withdraw takes a toast away.
func (t *toasts) Withdraw(ctx context.Context, tag string) error { return t.desktop.Withdraw(ctx, tag) }

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
	id, item := pushlistener.TagID(e.Tag)
	switch e.Kind {
	case notify.DaemonRestarted:
		a.tell(pushlistener.DaemonBack{})
	case notify.Inhibited, notify.Uninhibited:
		a.setInhibited(e.Kind == notify.Inhibited)
	case notify.DaemonAnswers:
		a.tell(pushlistener.DaemonAnswers{})
	case notify.Dismissed:
		a.tell(pushlistener.ToastClosed{Tag: e.Tag})
	case notify.Opened:
		a.tell(pushlistener.ToastClosed{Tag: e.Tag})
		if err := a.openWindow(ctx, id, e.ActivationToken); err != nil {
			a.log.WarnContext(ctx, "the window cannot be opened", slog.Any("error", err))
		}
	case notify.MarkedRead:
		a.tell(pushlistener.ToastClosed{Tag: e.Tag})
		if !item {
			return
		}
		// Beside the loop: the answer may take half a minute, and the next click must not wait for it.
		a.present().tasks.start(ctx, func(ctx context.Context) {
			if err := a.setRead(ctx, api.ReadRequest{IDs: []api.ID{id}, Read: true}); err != nil {
				a.log.WarnContext(ctx, "a notification cannot be marked as read", slog.Any("id", id), slog.Any("error", err))
			}
		})
	}
}
