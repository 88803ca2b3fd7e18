package hub

import (
	"context"
	"errors"
	"sync"

	"securepush/backend/hub/record"
)

// Bounds of what is accepted and not yet handed on, in bytes. One rule may take half of it.
const (
	maxAccepted = 64 << 20
	messageSize = 4096 // of a message, about, beside the body and the handles
	// propertySize is of a property of a template notification, about, beside its text: of short ones 64 KB hold ten thousand.
	propertySize = 128
)

// maxWide is how many messages may be past their first turn at once. They remember whom they have reached, which the size of
// a message does not count.
const maxWide = 64

var (
	errFull  = errors.New("hub: too much waits to be sent")
	errShare = errors.New("hub: too much of this rule waits to be sent")
	errEnded = errors.New("hub: nothing more is sent")
)

// message is an accepted notification on its way through the inbox.
type message struct {
	record.Notification
	rule    string
	account *account // nil: nobody asks for it
	work    *expansion
}

// size is what a message takes of the memory for accepted ones.
func (m *message) size() int {
	n := messageSize + len(m.Body)
	if m.work != nil {
		n += len(m.work.properties) * propertySize
	}
	for _, h := range m.Handles {
		n += len(h.Handle) + len(h.P256DH) + len(h.Auth) + 64
	}
	return n
}

// lane holds the messages of one rule to the same targets. They are handed on one after the other, so that they reach a
// device in the order in which they came.
type lane struct {
	key      laneKey
	messages []*message
	wide     bool // its first message is past its first turn
}

type laneKey struct{ rule, format, tags, handle string }

func (m *message) lane() laneKey {
	k := laneKey{rule: m.rule, format: m.Format, tags: m.Tags}
	if len(m.Handles) > 0 {
		k.handle = m.Handles[0].Handle
	}
	return k
}

// inbox holds what is accepted. Its lanes take turns: a message to many targets does not hold up those to one.
type inbox struct {
	most int // bytes

	mu     sync.Mutex
	work   sync.Cond     // a lane is ready, or closed
	room   chan struct{} // closed when there is more room than before; nil while nobody waits for it
	closed bool
	size   int
	byRule map[string]int // size
	lanes  map[laneKey]*lane
	ready  []*lane // a lane that is neither here nor parked and has messages is being worked on
	wide   int     // lanes
	parked []*lane // wait until one of the wide ones has come to its end
}

func newInbox() *inbox {
	b := &inbox{most: maxAccepted, byRule: make(map[string]int), lanes: make(map[laneKey]*lane)}
	b.work.L = &b.mu
	return b
}

// put takes a message in, or returns errFull, errShare or errEnded.
func (b *inbox) put(m *message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.add(m)
}

// wait is put that waits for room, until ctx ends.
func (b *inbox) wait(ctx context.Context, m *message) error {
	for {
		b.mu.Lock()
		err := b.add(m)
		if err == nil || errors.Is(err, errEnded) {
			b.mu.Unlock()
			return err
		}
		if b.room == nil {
			b.room = make(chan struct{})
		}
		room := b.room
		b.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (b *inbox) add(m *message) error {
	size := m.size()
	switch {
	case b.closed:
		return errEnded
	case b.size+size > b.most:
		return errFull
	case b.byRule[m.rule]+size > b.most/2:
		return errShare
	}
	b.size += size
	b.byRule[m.rule] += size
	key := m.lane()
	l := b.lanes[key]
	if l == nil {
		l = &lane{key: key}
		b.lanes[key] = l
		b.list(l)
	}
	l.messages = append(l.messages, m)
	return nil
}

func (b *inbox) list(l *lane) {
	b.ready = append(b.ready, l)
	b.work.Signal()
}

// take waits for the message whose turn it is. It reports false when the inbox is closed and empty. What is taken has to be
// given back.
func (b *inbox) take() (*message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.ready) == 0 {
		if b.closed && b.size == 0 {
			return nil, false
		}
		b.work.Wait()
	}
	l := b.ready[0]
	b.ready[0] = nil
	if b.ready = b.ready[1:]; len(b.ready) == 0 {
		b.ready = nil
	}
	return l.messages[0], true
}

// give gives a message back: done, or for another turn.
func (b *inbox) give(m *message, done bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := m.lane()
	l := b.lanes[key]
	if !done {
		b.widen(l)
		return
	}
	b.narrow(l)
	l.messages[0], l.messages = nil, l.messages[1:]
	b.remove(m)
	if len(l.messages) > 0 {
		b.list(l)
		return
	}
	delete(b.lanes, key)
	if b.closed && b.size == 0 {
		b.work.Broadcast()
	}
}

// widen gives a lane another turn for the message that it is at. It waits while that takes too much memory.
func (b *inbox) widen(l *lane) {
	if !l.wide && b.wide >= maxWide {
		b.parked = append(b.parked, l)
		return
	}
	if !l.wide {
		l.wide = true
		b.wide++
	}
	b.list(l)
}

// narrow ends a lane's message, and lets one that is parked go on in its stead.
func (b *inbox) narrow(l *lane) {
	if !l.wide {
		return
	}
	l.wide = false
	b.wide--
	if len(b.parked) > 0 {
		next := b.parked[0]
		b.parked[0], b.parked = nil, b.parked[1:]
		b.widen(next)
	}
}

func (b *inbox) remove(m *message) {
	size := m.size()
	b.size -= size
	if b.byRule[m.rule] -= size; b.byRule[m.rule] == 0 {
		delete(b.byRule, m.rule)
	}
	b.wake()
}

// wake tells those who wait for room to look again.
func (b *inbox) wake() {
	if b.room != nil {
		close(b.room)
		b.room = nil
	}
}

// used is how much of the memory for messages is taken, in bytes.
func (b *inbox) used() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.size
}

// close lets no more in. What is in it is still to be taken.
func (b *inbox) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.wake()
	b.work.Broadcast()
}
