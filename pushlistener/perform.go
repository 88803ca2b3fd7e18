package pushlistener

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"securepush/api"
)

// toastTimeout ends a call of the toaster that has no deadline of its own.
const toastTimeout = 15 * time.Second

// perform begins an effect. Nothing here waits.
func (l *Listener) perform(e effect) {
	switch e := e.(type) {
	case fetch:
		l.work(func(ctx context.Context) Event { return l.fetch(ctx, e) })
	case scan:
		l.work(func(ctx context.Context) Event { return l.scan(ctx, e) })
	case register:
		l.work(func(ctx context.Context) Event { return l.register(ctx, e) })
	case report:
		l.work(func(ctx context.Context) Event { return l.tellShown(ctx, e) })
	case abandon:
		l.abandon()
		l.calls, l.abandon = context.WithCancel(l.base)
	case listen:
		l.listen(e.on)
	case resubscribe:
		l.log.Info("push channel is gone, asking for another")
		l.o.Edge.Resubscribe()
	case wakeEdge:
		l.o.Edge.Wake()
	case show, showPrompt:
		l.owed++
		l.toasts.put(e, 0)
	case withdraw:
		l.toasts.put(e, 0)
	case remember:
		l.owed++
		l.notes.put(e.note, 0)
	}
}

// work runs a call of the back end; its answer comes back as an event.
func (l *Listener) work(call func(context.Context) Event) {
	l.owed++
	ctx := l.calls
	l.workers.Go(func() { l.inbox.put(call(ctx), 0) })
}

func (l *Listener) listen(on bool) {
	if !on {
		l.stopEdge()
		return
	}
	l.owed++
	ctx, stop := context.WithCancel(l.base)
	l.stopEdge = stop
	l.workers.Go(func() {
		defer stop()
		err := l.o.Edge.Run(ctx, intake{l})
		if ctx.Err() != nil {
			err = nil
		}
		if err != nil {
			l.log.Error("push link cannot be made", "err", cause(err))
		}
		l.inbox.put(edgeStopped{err}, 0)
	})
}

func (l *Listener) fetch(ctx context.Context, e fetch) Event {
	out := fetched{gen: e.gen, ids: e.ids}
	if len(e.ids) == 1 {
		n, err := l.o.Backend.Notification(ctx, e.ids[0])
		if err == nil {
			n.ID = e.ids[0]
			out.items = []api.Notification{n}
		}
		out.err = err
	} else {
		var page api.Page
		page, out.err = l.o.Backend.Notifications(ctx, api.Query{IDs: e.ids, Limit: len(e.ids)})
		if out.err == nil {
			out.items = slices.DeleteFunc(page.Items, func(n api.Notification) bool { return !slices.Contains(e.ids, n.ID) })
		}
	}
	if out.err != nil && ctx.Err() == nil {
		l.log.Info("content was not fetched", "id", e.ids[0], "ids", len(e.ids), "code", api.CodeOf(out.err), "err", cause(out.err))
	}
	return out
}

func (l *Listener) scan(ctx context.Context, e scan) Event {
	q := api.Query{After: e.after, Limit: batchSize}
	if e.newest {
		q = api.Query{Newest: true, Limit: batchSize}
	}
	page, err := l.o.Backend.Notifications(ctx, q)
	if err != nil && ctx.Err() == nil {
		l.log.Info("catch-up failed", "code", api.CodeOf(err), "err", cause(err))
	}
	return paged{gen: e.gen, newest: e.newest, page: page, err: err}
}

func (l *Listener) register(ctx context.Context, e register) Event {
	var in api.Installation
	if l.o.Installation != nil {
		in = l.o.Installation(e.channel)
	}
	in.PushChannel = e.channel
	_, err := l.o.Backend.PutInstallation(ctx, in)
	if err != nil && ctx.Err() == nil {
		l.log.Warn("device is not registered", "code", api.CodeOf(err), "err", cause(err))
	}
	return registered{gen: e.gen, channel: e.channel, err: err}
}

func (l *Listener) tellShown(ctx context.Context, e report) Event {
	err := l.o.Report(ctx, e.ids)
	if err != nil && ctx.Err() == nil {
		l.log.Debug("back end was not told what was shown", "ids", len(e.ids), "code", api.CodeOf(err), "err", cause(err))
	}
	return reported{gen: e.gen, err: err}
}

// cause is what of an error may stand in the log: an [*url.Error] names the address, and with it whole IDs.
func cause(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// toast is the goroutine that shows and withdraws, in order.
func (l *Listener) toast(ctx context.Context) {
	var spare []effect
	for {
		effects := l.toasts.take(spare)
		for _, e := range effects {
			l.toastOne(ctx, e)
		}
		spare = effects
		if len(effects) > 0 {
			continue
		}
		select {
		case <-l.toasts.ready:
		case <-ctx.Done():
			for _, e := range l.toasts.take(nil) {
				l.toastOne(ctx, e)
			}
			return
		}
	}
}

func (l *Listener) toastOne(ctx context.Context, e effect) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), toastTimeout)
	defer cancel()
	var err error
	switch e := e.(type) {
	case show:
		err = l.o.Toasts.Show(ctx, e.toast)
		l.inbox.put(toasted{err}, 0)
	case showPrompt:
		err = l.o.Toasts.ShowPrompt(ctx, e.tag, e.prompt)
		if e.tag == TagPrompt {
			l.inbox.put(prompted{e.prompt, err}, 0)
		} else {
			l.inbox.put(toasted{err}, 0)
		}
	case withdraw:
		err = l.o.Toasts.Withdraw(ctx, e.tag)
	}
	if err != nil {
		l.log.Warn("desktop did not take it", "err", err)
	}
}

// write is the goroutine that writes the journal: what waits together shares a transaction.
func (l *Listener) write(ctx context.Context) {
	for {
		if notes := l.gatherNotes(); len(notes) > 0 {
			l.writeAll(notes)
			continue
		}
		select {
		case <-l.notes.ready:
		case <-ctx.Done():
			return
		}
	}
}

// noteDelay is how long an ID that was heard of may wait for its fate, so that both cost one write. That is short
// enough for the push service, which waits for the acknowledgement, and as long as a fetch from a server nearby takes.
const noteDelay = 3 * time.Millisecond

// gatherNotes takes the notes that wait. If none of them is urgent, more are waited for.
func (l *Listener) gatherNotes() []note {
	notes := l.notes.take(nil)
	if len(notes) == 0 || len(notes) > maxWorkers || slices.ContainsFunc(notes, note.urgent) {
		return notes
	}
	timer := time.NewTimer(noteDelay)
	defer timer.Stop()
	for {
		select {
		case <-l.notes.ready:
			more := l.notes.take(nil)
			notes = append(notes, more...)
			if slices.ContainsFunc(more, note.urgent) {
				return notes
			}
		case <-timer.C:
			return notes
		}
	}
}

func (l *Listener) writeAll(notes []note) {
	out := noted{count: len(notes)}
	if slices.ContainsFunc(notes, func(n note) bool { return !n.empty() }) {
		var sealer Sealer
		if l.o.Sealer != nil {
			sealer = l.o.Sealer()
		}
		out.horizon, out.err = l.o.Journal.apply(notes, sealer)
		if out.err != nil {
			l.log.Error("journal cannot be written", "err", out.err)
		}
	}
	for i := range notes {
		out.finishes = append(out.finishes, notes[i].finishes...)
		for _, done := range notes[i].done {
			done(out.err)
		}
	}
	l.inbox.put(out, 0)
}

// intake is the listener as an edge sees it.
type intake struct{ l *Listener }

var _ Handler = intake{}

// SaveState writes it to the journal.
func (h intake) SaveState(state []byte) error { return h.l.o.Journal.SetEdgeState(state) }

// Subscribed tells the state.
func (h intake) Subscribed(ch api.PushChannel) { h.l.inbox.put(subscribed{ch}, 0) }

// Undecryptable counts.
func (h intake) Undecryptable() { h.l.count(undecryptable{}) }

// Link tells the state.
func (h intake) Link(connected bool, err error) {
	e := linked{connected: connected}
	if err != nil {
		e.trouble = troubleOf(err)
	}
	h.l.inbox.put(e, 0)
}

// Push tells the state and waits for the journal.
func (h intake) Push(ctx context.Context, body []byte) error {
	id, err := api.DecodePush(body)
	if err != nil {
		h.l.count(dropped{})
		return err
	}
	done := make(chan error, 1)
	if !h.l.inbox.put(pushed{id: id, done: func(err error) { done <- err }}, maxMailbox) {
		h.l.flood.Add(1) // the cursor will find it
		return nil
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// count hands over an event that may get lost in a flood.
func (l *Listener) count(e Event) { l.inbox.put(e, maxMailbox) }
