package agent

import (
	"cmp"
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
			a.displayAnew()
		},
		Woke: func() {
			a.displayAnew() // a quiet time may have ended in sleep
			a.alarm.reset()
			a.tellAll(pushlistener.Woke{})
			a.eachEdge((*edge).Wake)
		},
		ClockSet: a.alarm.reset,
	})
}

// display is how much toasts may show.
func (st *seat) display() pushlistener.Display {
	st.a.mu.Lock()
	locked := st.a.locked
	st.a.mu.Unlock()
	content, q := cmp.Or(st.choices().ToastContent, st.a.settings.get().ToastContent), st.quiet()
	return pushlistener.Display{
		Locked: locked, Quiet: q != nil, Urgent: q != nil && q.Urgent,
		Sender: content == local.ToastSender, Generic: content == local.ToastNothing,
	}
}
