package agent

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"securepush/api"
	"securepush/assets"
	"securepush/notify"
	"securepush/pushlistener"
	"securepush/secure"
)

// signOutRetry is how often an unfinished sign-out is tried again.
const signOutRetry = 10 * time.Minute

// Run listens until ctx ends: it serves the socket, keeps the push connection, shows the toasts. It returns when all that
// it started has ended.
func (a *Agent) Run(ctx context.Context) error {
	secure.DisableCoreDumps()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	socket, err := listenSocket(ctx, a.o.Paths.Socket())
	if err != nil {
		return err
	}
	// It is closed at the end, not with ctx: a toast that is on its way has to be noted as shown, or it comes again.
	desktop, err := notify.Open(context.WithoutCancel(ctx), notify.Options{
		Executable: a.o.Executable, Logger: a.log, Icon: assets.Icon(48), IconDir: a.o.Paths.RuntimeDir, Sounds: soundsOf(a.settings.get()),
	})
	if err != nil {
		return errors.Join(err, socket.Close())
	}
	l := &live{desktop: desktop, tasks: newTasks(), shift: newShift(ctx)}
	l.tray = a.newTray(ctx, l, cancel)
	defer a.standDown()
	for _, st := range a.all() {
		if err := st.takeUp(l); err != nil {
			return errors.Join(err, socket.Close(), desktop.Close())
		}
	}
	a.setLive(l)

	group, ctx := errgroup.WithContext(ctx)
	for _, st := range a.all() {
		l.shift.begin(st) //nolint:contextcheck // a listener lives as long as the shift, which has it
	}
	group.Go(func() error { return l.shift.watch(ctx) })
	group.Go(func() error { return a.serveSocket(ctx, socket) })
	group.Go(func() error { a.react(ctx, desktop.Events()); return nil })
	group.Go(func() error { a.followKeyring(ctx); return nil })
	group.Go(func() error { a.finishLater(ctx); return nil })
	group.Go(func() error { a.followScreen(ctx); return nil })
	group.Go(func() error { a.alarm.run(ctx); return nil })
	group.Go(func() error { l.tray.Run(ctx); return nil })
	group.Go(func() error { a.followTray(ctx, l.tray); return nil })
	err = group.Wait()
	l.shift.end()
	l.tasks.wait()
	if closed := desktop.Close(); err == nil {
		err = closed
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// standDown says that nobody listens any more.
func (a *Agent) standDown() {
	a.setLive(nil)
	for _, st := range a.all() {
		st.setDuty(nil)
	}
}

// installation describes this device to the back end.
func (st *seat) installation(ch api.PushChannel) api.Installation {
	return api.Installation{
		InstallationID: st.readProfile().Installation, Platform: "browser", PushChannel: ch, Name: deviceName(),
	}
}

// listenerChanged tells the clients, and that the inbox changed when it did.
func (st *seat) listenerChanged() func(pushlistener.Snapshot) {
	var revision int64
	return func(s pushlistener.Snapshot) { // called from one goroutine
		st.a.publishStatus()
		if s.Revision != revision {
			revision = s.Revision
			st.mu.Lock()
			st.inboxAt = st.a.now()
			st.mu.Unlock()
			st.publishInbox()
		}
	}
}

// serveSocket serves the local protocol until ctx ends.
func (a *Agent) serveSocket(ctx context.Context, socket net.Listener) error {
	server := &http.Server{
		Handler: a.Handler(), ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10,
		ErrorLog:    slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(socket) }() // ends with the shutdown below
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	a.stop() // streams of changes end first, or Shutdown would wait for them
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if server.Shutdown(grace) != nil {
		_ = server.Close()
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// followKeyring reads the sign-in at the start and again whenever the keyring may have been unlocked.
func (a *Agent) followKeyring(ctx context.Context) {
	a.loadSessions(ctx)
	if a.keyring == nil {
		return
	}
	a.keyring.Watch(ctx, func() { a.loadSessions(ctx) })
}

func (a *Agent) loadSessions(ctx context.Context) {
	for _, st := range a.all() {
		if st.id() != "" || st.number == firstSeat { // that of nobody is loaded, too, and says so
			st.loadSession(ctx)
		}
	}
}

// finishLater tries unfinished sign-outs again, at the start and then now and then.
func (a *Agent) finishLater(ctx context.Context) {
	for {
		a.finishSignOuts(ctx)
		timer := time.NewTimer(signOutRetry)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// backEnd is what the listener asks of whoever is signed in at the moment.
type backEnd struct{ st *seat }

// ask makes a call of whoever is signed in, and notes when the server does not take the sign-in any more.
func ask[Out any](st *seat, f func(*api.Client) (Out, error)) (Out, error) {
	c, err := st.client()
	if err != nil {
		var none Out
		return none, err
	}
	out, err := f(c)
	return out, st.judge(err)
}

// judge ends the session when a call was refused with a token that had just been renewed: the client asks once more with
// a new one before it reports a refusal.
func (st *seat) judge(err error) error {
	if api.CodeOf(err) == api.CodeUnauthorized {
		st.session.GiveUp(err)
	}
	return err
}

// Notification fetches one.
func (b backEnd) Notification(ctx context.Context, id api.ID) (api.Notification, error) {
	return ask(b.st, func(c *api.Client) (api.Notification, error) { return c.Notification(ctx, id) })
}

// Notifications fetches a page.
func (b backEnd) Notifications(ctx context.Context, q api.Query) (api.Page, error) {
	return ask(b.st, func(c *api.Client) (api.Page, error) { return c.Notifications(ctx, q) })
}

// PutInstallation registers this device.
func (b backEnd) PutInstallation(ctx context.Context, in api.Installation) (api.Installation, error) {
	return ask(b.st, func(c *api.Client) (api.Installation, error) { return c.PutInstallation(ctx, in) })
}
