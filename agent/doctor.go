package agent

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/notify"
	"securepush/pushlistener"
	"securepush/secure"
)

// doctorPatience bounds each check.
const doctorPatience = 5 * time.Second

// doctor examines the way of a notification from its end to its beginning, for each of the seats. It shows nothing and changes
// nothing.
func (a *Agent) doctor(ctx context.Context, seats ...*seat) []local.Check {
	checks := []local.Check{a.checkAgent(), a.checkSettings()}
	for _, st := range seats {
		checks = append(checks, st.checkJournal())
	}
	checks = append(checks, a.checkKeyring(ctx))
	for _, st := range seats {
		of := append(append([]local.Check{st.checkSession(ctx)}, st.checkBackEnd(ctx)...), st.checkLink())
		if name := st.name(); name != "" && len(seats) > 1 {
			for i := range of {
				of[i].Detail = name + ": " + of[i].Detail
			}
		}
		checks = append(checks, of...)
	}
	return append(checks, a.checkToasts(ctx), a.checkTray())
}

// examined are the seats that a doctor's call is for: that of the account that it names, otherwise all.
func (a *Agent) examined(id string) ([]*seat, error) {
	if members := a.members(); id == "" && len(members) > 0 {
		return members, nil
	}
	st, err := a.named(id)
	return []*seat{st}, err
}

func check(name string, err error, good, advice string) local.Check {
	if err != nil {
		return local.Check{Name: name, Detail: api.Words(err), Advice: advice}
	}
	return local.Check{Name: name, OK: true, Detail: good}
}

func (a *Agent) checkAgent() local.Check {
	if a.running() == nil {
		return local.Check{
			Name: "listener", Detail: "not running, so notifications do not arrive",
			Advice: "securepush listen, or for good: securepush service install",
		}
	}
	return local.Check{Name: "listener", OK: true, Detail: "running, version " + a.o.Version}
}

func (a *Agent) checkSettings() local.Check {
	if bad := a.settings.conditions(); len(bad) > 0 {
		return local.Check{Name: "settings", Detail: bad[0].Title, Advice: bad[0].Advice}
	}
	s := a.settings.get()
	_, err := secure.Transport(secure.TrustOptions{CAFile: s.CAFile})
	good := "defaults"
	if s.CAFile != "" {
		good = "own certificate authority: " + s.CAFile
	}
	return check("settings", err, good, "Correct ca_file in "+a.o.Paths.Settings()+", or choose another file in the window.")
}

func (st *seat) checkJournal() local.Check {
	if aside := st.journal.SetAside(); aside != "" {
		return local.Check{
			Name: "journal", Detail: "was damaged and begun anew; the old one is " + aside,
			Advice: "Nothing is lost: what is unread comes back from the server. Remove the old file when you like.",
		}
	}
	return local.Check{Name: "journal", OK: true, Detail: filepath.Join(st.dir, journalName)}
}

func (a *Agent) checkKeyring(ctx context.Context) local.Check {
	if a.keyring == nil {
		return local.Check{Name: "keyring", OK: true, Detail: "in memory"}
	}
	r := a.keyring.Probe(ctx)
	if r.Err != nil {
		words := r.Err.Error()
		if v, ok := asVaultError(r.Err); ok {
			words = v.Words
		}
		return local.Check{
			Name: "keyring", Detail: fmt.Sprintf("%s (%s)", words, took(r.Took)),
			Advice: "Unlock it, or install and start a keyring service such as gnome-keyring.",
		}
	}
	return local.Check{Name: "keyring", OK: true, Detail: strings.TrimSpace(fmt.Sprintf("unlocked %s, answered in %s", r.Collection, took(r.Took)))}
}

func took(d time.Duration) string { return d.Round(100 * time.Microsecond).String() }

func (st *seat) checkSession(ctx context.Context) local.Check {
	if err := st.ready(ctx); err != nil && st.readProfile().Account == nil {
		return local.Check{Name: "sign-in", Detail: "nobody is signed in", Advice: "securepush login --server URL --user NAME"}
	}
	s := st.session.State()
	switch {
	case s.Account == nil:
		return local.Check{Name: "sign-in", Detail: "nobody is signed in", Advice: "securepush login --server URL --user NAME"}
	case s.State != secure.StateActive:
		return local.Check{Name: "sign-in", Detail: s.Words, Advice: "Open the window, or: securepush login"}
	case s.MemoryOnly:
		return local.Check{Name: "sign-in", Detail: s.Words, Advice: "Start a keyring service, then sign in again."}
	}
	return local.Check{Name: "sign-in", OK: true, Detail: s.Account.User + " at " + s.Account.Server}
}

// checkBackEnd asks the server who it is, what time it has, and whether it knows this device.
func (st *seat) checkBackEnd(ctx context.Context) []local.Check {
	c, err := st.client()
	if err != nil {
		return nil // the check of the sign-in says why
	}
	ctx, cancel := context.WithTimeout(ctx, 3*doctorPatience)
	defer cancel()
	start := time.Now()
	w, err := c.WellKnown(ctx)
	server := check("server", err, fmt.Sprintf("%s, version %s, answered in %s", w.Name, w.Version, took(time.Since(start))),
		"Check the network and the address, or ask whoever runs the server.")
	if err != nil {
		return []local.Check{server}
	}
	checks := []local.Check{server, check("clock", c.CheckClock(ctx), "agrees with the server's", "Turn on automatic time in the system's settings.")}
	p := st.readProfile()
	in, err := c.Installation(ctx, p.Installation)
	switch {
	case err != nil:
		checks = append(checks, check("registration", err, "", "Restart the listener: securepush service restart"))
	case in.PushChannel.Endpoint == "":
		checks = append(checks, local.Check{Name: "registration", Detail: "without a push channel", Advice: "Restart the listener: securepush service restart"})
	default:
		checks = append(checks, local.Check{Name: "registration", OK: true, Detail: "this device is known as " + in.Name})
	}
	return checks
}

func (st *seat) checkLink() local.Check {
	l := st.present()
	if l == nil {
		return local.Check{Name: "push", Detail: "no connection without the listener", Advice: "securepush listen"}
	}
	s := l.listener.Snapshot()
	if s.Link == pushlistener.LinkConnected {
		return local.Check{Name: "push", OK: true, Detail: "connected since " + s.LinkSince.Local().Format("15:04:05")}
	}
	detail := "not connected"
	if s.LinkTrouble.Words != "" {
		detail = s.LinkTrouble.Words
	}
	return local.Check{Name: "push", Detail: detail, Advice: "It tries again by itself. Check the network, and whether a proxy lets WebSockets pass."}
}

func (a *Agent) checkToasts(ctx context.Context) local.Check {
	var s notify.Server
	var err error
	if l := a.running(); l != nil {
		s, err = l.desktop.Server(ctx)
	} else {
		s, err = askToasts(ctx, a.o.Executable)
	}
	if err != nil {
		return local.Check{
			Name: "toasts", Detail: "no notification daemon answers",
			Advice: "Start one, such as dunst or your desktop's own. Until then notifications stand in the inbox.",
		}
	}
	detail := s.Name + " " + s.Version
	if len(s.Capabilities) > 0 {
		detail += " (" + strings.Join(s.Capabilities, ", ") + ")"
	}
	return local.Check{Name: "toasts", OK: true, Detail: detail}
}

// checkTray is content with a desktop that has none: then the window and the commands say how things are.
func (a *Agent) checkTray() local.Check {
	a.mu.Lock()
	there := a.tray
	a.mu.Unlock()
	detail := "this desktop shows none; the listener goes on without it"
	switch {
	case there:
		detail = "shows the listener"
	case a.running() == nil:
		detail = "not looked for without the listener"
	}
	return local.Check{Name: "tray", OK: true, Detail: detail}
}

func askToasts(ctx context.Context, executable string) (notify.Server, error) {
	d, err := notify.Open(ctx, notify.Options{Executable: executable})
	if err != nil {
		return notify.Server{}, err
	}
	defer func() { _ = d.Close() }()
	return d.Server(ctx)
}
