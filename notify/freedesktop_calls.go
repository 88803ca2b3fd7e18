//go:build linux || freebsd || netbsd || openbsd

package notify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
)

// pending is a Notify without an answer. It outlives the caller that gave up waiting: its id must be known when the
// daemon wakes, or the toast could be neither replaced nor withdrawn.
type pending struct {
	tag      string
	replaces string
	actions  []action
	call     *dbus.Call
	settled  chan struct{} // closed when err is set
	err      error
	withdraw bool // take the toast away as soon as it has an id
	m        message
	late     bool // whoever asked for it was told that there was no answer
}

func (f *freedesktop) show(ctx context.Context, m message) error {
	err := f.showInTurn(ctx, m)
	if errors.Is(err, ErrNoDaemon) {
		f.mu.Lock()
		f.missed = true
		f.mu.Unlock()
	}
	return err
}

func (f *freedesktop) showInTurn(ctx context.Context, m message) (err error) {
	if err := f.acquire(ctx); err != nil {
		return err
	}
	defer f.release()
	defer func() {
		if errors.Is(err, ErrTimeout) {
			f.awaitWaking()
		}
	}()
	bus, err := f.ready(ctx)
	if err != nil {
		return err
	}
	if f.cameLate(m) {
		return nil
	}
	caps, err := f.capabilities(ctx, bus)
	if err != nil {
		return err
	}
	return f.await(ctx, f.notify(bus, m, caps))
}

// cameLate says whether this very toast stands since an answer that came too late for whoever asked for it. It is not given
// to the daemon a second time then: it would sound again.
func (f *freedesktop) cameLate(m message) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.daemon.toasts[f.daemon.ids[m.tag]]
	if !ok || s.late == nil {
		return false
	}
	same := reflect.DeepEqual(*s.late, m)
	s.late = nil
	return same
}

// awaitWaking tells when a daemon that did not answer in time answers again: by the answer to the toast it was given and
// then by one question, both without a deadline. The caller has the turn.
func (f *freedesktop) awaitWaking() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.asleep || f.bus == nil {
		return
	}
	f.asleep = true
	bus, p := f.bus, f.pending
	f.wg.Go(func() {
		if p != nil {
			_ = f.await(f.ctx, p) // how it ended does not matter here: the question tells
		}
		call := <-bus.Object(daemonName, daemonPath).
			GoWithContext(f.ctx, daemonName+".GetServerInformation", dbus.FlagNoAutoStart, make(chan *dbus.Call, 1)).Done
		f.mu.Lock()
		f.asleep = false
		f.mu.Unlock()
		if err := classify(call.Err); err == nil || errors.Is(err, ErrRefused) {
			f.emit(Event{Kind: DaemonAnswers})
		}
	})
}

// ready returns the connection once the call before is over. The caller has the turn.
func (f *freedesktop) ready(ctx context.Context) (*busConn, error) {
	bus, err := f.connected(ctx)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	p := f.pending
	f.mu.Unlock()
	if p != nil {
		_ = f.await(ctx, p) // how it ended was told to whoever asked for it
		if ctx.Err() != nil {
			return nil, expired(ctx)
		}
	}
	if deadline, ok := ctx.Deadline(); ok {
		bus.raw.until.Store(deadline.UnixNano())
	}
	return bus, nil
}

// notify sends a toast. The caller has the turn, and nothing is pending.
func (f *freedesktop) notify(bus *busConn, m message, caps map[string]bool) *pending {
	p := &pending{tag: m.tag, replaces: m.replaces, m: m, settled: make(chan struct{})}
	keys := []string{}
	if caps["actions"] {
		p.actions = m.actions
		for _, a := range m.actions {
			keys = append(keys, a.key, a.label)
		}
	}
	icon := f.icon.path()
	if icon == "" {
		icon = appEntry // the theme's, where it is installed
	}
	f.mu.Lock() // until the call is noted: its answer may come before we run again
	defer f.mu.Unlock()
	id, ok := f.daemon.ids[m.tag]
	if !ok {
		id = f.daemon.ids[m.replaces]
	}
	// The call has no deadline of its own; await has. It ends at the latest with the connection.
	p.call = bus.Object(daemonName, daemonPath).GoWithContext(f.ctx, daemonName+".Notify", 0, make(chan *dbus.Call, 1),
		appName, id, icon, m.Title, m.Markup(), keys, hints(m), expiry(m))
	f.pending = p
	return p
}

// await waits for the answer to a Notify. Any number may wait for the same.
func (f *freedesktop) await(ctx context.Context, p *pending) error {
	select {
	case <-p.call.Context().Done(): // godbus ends it behind the answer
		f.mu.Lock()
		f.settleAnswered(p)
		f.mu.Unlock()
	case <-p.settled:
	case <-ctx.Done():
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.pending == p {
			p.late = true
			return expired(ctx)
		}
	}
	select {
	case <-p.settled:
		return p.err
	case <-f.ctx.Done(): // which ends it, too, and then no answer may have come
		return ErrClosed
	}
}

// settleAnswered settles a Notify whose answer has come. The answer is taken with mu held, so that no signal that came
// behind it is handled between the two. The caller holds mu.
func (f *freedesktop) settleAnswered(p *pending) {
	select {
	case call := <-p.call.Done:
		f.settle(p, call)
	default:
	}
}

// settle notes the answer to a Notify, or with nil that none will come. The caller holds mu.
func (f *freedesktop) settle(p *pending, call *dbus.Call) {
	if f.pending != p {
		return
	}
	f.pending, p.err = nil, ErrNoDaemon
	defer close(p.settled)
	if call == nil {
		return
	}
	if p.err = classify(call.Err); p.err != nil {
		if errors.Is(p.err, context.Canceled) {
			p.err = ErrClosed
		}
		return
	}
	id := uint32(0)
	if call.Store(&id) != nil || id == 0 {
		p.err = fmt.Errorf("%w: an answer without an id", ErrRefused)
		return
	}
	if call.ResponseSequence < f.changed {
		return // shown by a daemon that is gone, and the toast with it
	}
	if p.withdraw {
		f.closeUnasked(id)
		return
	}
	if old, ok := f.daemon.ids[p.tag]; ok {
		delete(f.daemon.toasts, old)
	}
	if f.daemon.ids[p.replaces] == id {
		delete(f.daemon.ids, p.replaces)
	}
	f.daemon.ids[p.tag] = id
	s := &standing{tag: p.tag, actions: p.actions}
	if p.late {
		s.late = &p.m
	}
	f.daemon.toasts[id] = s
}

// closeUnasked takes a toast away without waiting for an answer. The caller holds mu.
func (f *freedesktop) closeUnasked(id uint32) {
	f.bus.Object(daemonName, daemonPath).Go(daemonName+".CloseNotification", dbus.FlagNoReplyExpected, nil, id)
}

func (f *freedesktop) withdraw(ctx context.Context, tag string) error {
	if !f.stands(tag) {
		return nil
	}
	err := f.withdrawInTurn(ctx, tag)
	if err != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.pending != nil && f.pending.tag == tag {
			f.pending.withdraw = true
		}
	}
	return err
}

// stands says whether the tag's toast is there or on its way.
func (f *freedesktop) stands(tag string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.daemon.ids[tag]
	return ok || f.pending != nil && f.pending.tag == tag
}

func (f *freedesktop) withdrawInTurn(ctx context.Context, tag string) error {
	if err := f.acquire(ctx); err != nil {
		return err
	}
	defer f.release()
	bus, err := f.ready(ctx)
	if err != nil {
		return err
	}
	f.mu.Lock()
	id, ok := f.daemon.ids[tag]
	f.mu.Unlock()
	if !ok {
		return nil
	}
	err = classify(bus.Object(daemonName, daemonPath).CallWithContext(ctx, daemonName+".CloseNotification", 0, id).Err)
	if err != nil && !errors.Is(err, ErrRefused) { // some daemons refuse an id that has closed meanwhile
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forget(id)
	return nil
}

// forget drops a toast. The caller holds mu.
func (f *freedesktop) forget(id uint32) {
	s, ok := f.daemon.toasts[id]
	if !ok {
		return
	}
	delete(f.daemon.toasts, id)
	if f.daemon.ids[s.tag] == id {
		delete(f.daemon.ids, s.tag)
	}
}

// capabilities asks the daemon what it can, once for each daemon. The caller has the turn.
func (f *freedesktop) capabilities(ctx context.Context, bus *busConn) (map[string]bool, error) {
	f.mu.Lock()
	known := f.daemon.caps
	f.mu.Unlock()
	if known != nil {
		return known, nil
	}
	call := bus.Object(daemonName, daemonPath).CallWithContext(ctx, daemonName+".GetCapabilities", 0)
	var list []string
	if err := classify(call.Err); err != nil {
		if errors.Is(err, ErrRefused) {
			return nil, nil // a toast without actions is better than none; ask again next time
		}
		return nil, err
	}
	if call.Store(&list) != nil {
		return nil, nil
	}
	caps := make(map[string]bool, len(list))
	for _, c := range list {
		caps[c] = true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if call.ResponseSequence > f.changed && f.daemon.owner != "" {
		f.daemon.caps = caps
	}
	return caps, nil
}

func (f *freedesktop) server(ctx context.Context) (Server, error) {
	if err := f.acquire(ctx); err != nil {
		return Server{}, err
	}
	defer f.release()
	bus, err := f.ready(ctx)
	if err != nil {
		return Server{}, err
	}
	var s Server
	call := bus.Object(daemonName, daemonPath).CallWithContext(ctx, daemonName+".GetServerInformation", 0)
	if err := classify(call.Err); err != nil {
		return Server{}, err
	}
	if call.Store(&s.Name, &s.Vendor, &s.Version, &s.Spec) != nil {
		return Server{}, fmt.Errorf("%w: an answer of another kind", ErrRefused)
	}
	for _, text := range []*string{&s.Name, &s.Vendor, &s.Version, &s.Spec} {
		*text = Sanitise(*text, maxTitle)
	}
	caps, err := f.capabilities(ctx, bus)
	for c := range caps {
		s.Capabilities = append(s.Capabilities, Sanitise(c, maxTitle))
	}
	slices.Sort(s.Capabilities)
	return s, err
}

// classify turns a call's error into one of ours. The daemon's own words are left out: they may repeat the toast.
func classify(err error) error {
	if err == nil {
		return nil
	}
	name := errorName(err)
	switch short, _ := strings.CutPrefix(name, busName+".Error."); {
	case name == "" && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)),
		short == "Timeout", short == "TimedOut":
		return ErrTimeout
	case name == "" && errors.Is(err, context.Canceled):
		return err
	case name == "": // the connection is gone
		return fmt.Errorf("%w: %w", ErrNoDaemon, err)
	case short == "ServiceUnknown", short == "NameHasNoOwner", short == "NoReply", short == "NoServer",
		short == "Disconnected", strings.HasPrefix(short, "Spawn."):
		return fmt.Errorf("%w: %s", ErrNoDaemon, name)
	default:
		return fmt.Errorf("%w: %s", ErrRefused, name)
	}
}

// errorName is the name of a D-Bus error, "" for an error of another kind.
func errorName(err error) string {
	if e, ok := errors.AsType[dbus.Error](err); ok {
		return e.Name
	}
	return ""
}
