package agent

import (
	"context"

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
			a.concealTray(s.Locked)
			a.tell(a.display())
		},
		Woke: func() {
			a.tell(a.display()) // a quiet time may have ended in sleep
			a.alarm.reset()
			a.tell(pushlistener.Woke{})
			if l := a.present(); l != nil {
				l.edge.Wake()
			}
		},
		ClockSet: a.alarm.reset,
	})
}

// display is how much toasts may show.
func (a *Agent) display() pushlistener.Display {
	a.mu.Lock()
	locked := a.locked
	a.mu.Unlock()
	s, q := a.settings.get(), a.quiet()
	return pushlistener.Display{
		Locked: locked, Quiet: q != nil, Urgent: q != nil && q.Urgent,
		Sender: s.ToastContent == local.ToastSender, Generic: s.ToastContent == local.ToastNothing,
	}
}
