package agent

import (
	"context"
	"time"

	"securepush/agent/local"
	"securepush/agent/screen"
	"securepush/pushlistener"
)

// followScreen tells the listener when the screen is locked or unlocked, and when the machine woke up.
func (a *Agent) followScreen(ctx context.Context) {
	screen.Watch(ctx, screen.Options{
		Logger: a.log,
		Changed: func(s screen.State) {
			a.mu.Lock()
			a.locked = s.Locked
			a.mu.Unlock()
			if l := a.present(); l != nil {
				if s.Locked {
					l.tray.Conceal()
				}
				l.tray.Update()
			}
			a.tell(a.display())
		},
		Woke: func() {
			a.tell(a.display()) // a quiet time may have ended in sleep
			a.tell(pushlistener.Woke{})
			if l := a.present(); l != nil {
				l.edge.Wake()
			}
		},
	})
}

// display is how much toasts may show.
func (a *Agent) display() pushlistener.Display {
	a.mu.Lock()
	locked := a.locked
	a.mu.Unlock()
	s := a.settings.get()
	return pushlistener.Display{Locked: locked, Generic: s.ToastContent == local.ToastNothing, Quiet: a.now().Unix() < s.QuietUntil}
}

// followQuiet tells the listener when a quiet time ends.
func (a *Agent) followQuiet(ctx context.Context) {
	for {
		var over <-chan time.Time
		if left := time.Duration(a.settings.get().QuietUntil-a.now().Unix()) * time.Second; left > 0 {
			timer := time.NewTimer(left)
			defer timer.Stop() // one for each quiet time
			over = timer.C
		}
		select {
		case <-ctx.Done():
			return
		case <-a.settings.changed:
		case <-over:
		}
		a.tell(a.display())
		a.publishStatus()
	}
}
