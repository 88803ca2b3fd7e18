package agent

import (
	"slices"
	"testing"

	"securepush/agent/local"
	"securepush/api"
	"securepush/backend"
	"securepush/notify"
	"securepush/notify/notifytest"
)

// endSessions ends every sign-in of anna at the server, as setting her password does.
func (w *world) endSessions() {
	w.Helper()
	w.admin(func(a *backend.Admin) {
		if err := a.SetPassword(w.Context(), "anna", api.NewSecret(password)); err != nil {
			w.Fatal(err)
		}
	})
}

// stands waits until a toast with the title stands.
func (d *trayed) stands(w *world, title string) {
	w.Helper()
	w.until(func() bool {
		return slices.ContainsFunc(d.toasts.Standing(), func(s notifytest.Standing) bool { return s.Title == title })
	})
}

// watchAsWindow receives what the agent tells a window.
func (d *trayed) watchAsWindow(t *testing.T) <-chan local.Change {
	t.Helper()
	changes := make(chan local.Change, 256)
	go func() {
		_ = d.Changes(t.Context(), true, func(c local.Change) { changes <- c })
	}()
	<-changes // the first is the status: from here on it is a window that is open
	return changes
}

func opening(w *world, changes <-chan local.Change) (open local.Change) {
	w.Helper()
	w.until(func() bool {
		for {
			select {
			case c := <-changes:
				if c.Kind == local.ChangeOpen {
					open = c
					return true
				}
			default:
				return false
			}
		}
	})
	return open
}

func TestAfterASignInThatHadEndedWhatWaitedIsThere(t *testing.T) {
	w := newWorld(t)
	d := w.inTray()
	ctx := t.Context()
	account, err := d.SignIn(ctx, w.url, "anna", api.NewSecret(password))
	if err != nil {
		t.Fatal(err)
	}
	w.until(func() bool { s, err := d.Status(ctx); return err == nil && s.Link == local.LinkConnected })
	before := w.send("anna", "before")
	d.stands(w, "before")
	changes := d.watchAsWindow(t)

	w.endSessions()
	waits := w.send("anna", "waits")
	prompt, _ := notify.PromptSignIn.Words()
	d.stands(w, prompt)
	s, err := d.Status(ctx)
	if err != nil || s.SignIn != local.SignInEnded || s.Waiting != 1 || s.Account == nil || s.Account.User != "anna" || s.Account.Server != w.url {
		t.Fatalf("%+v, %v", s, err)
	}
	if !d.toasts.Do(prompt, notify.Opened) {
		t.Fatal("the prompt cannot be clicked")
	}
	if open := opening(w, changes); open.ID != "" {
		t.Errorf("the prompt opens %+v", open)
	}
	if !d.toasts.Do("before", notify.Opened) {
		t.Fatal("the toast cannot be clicked")
	}
	if open := opening(w, changes); open.ID != before || open.Account != account.ID {
		t.Errorf("the toast opens %+v", open)
	}

	if _, err := d.SignIn(ctx, w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	d.stands(w, "waits")
	if n, err := d.Notification(ctx, before); err != nil || n.Title != "before" {
		t.Errorf("what was clicked: %+v, %v", n, err)
	}
	in, err := d.Inbox(ctx, local.InboxQuery{})
	if err != nil || len(in.Items) != 2 || in.Items[0].ID != waits || in.Items[0].Read {
		t.Errorf("%+v, %v", in, err)
	}
	w.until(func() bool {
		s, err := d.Status(ctx)
		return err == nil && s.SignIn == local.SignInActive && s.Waiting == 0
	})
}
