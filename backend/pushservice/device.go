package pushservice

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// message is a push that a device has not acknowledged. It does not change once it is queued.
type message struct {
	id       uuid
	channel  uuid
	topic    string
	body     []byte
	encoding contentEncoding
	expires  time.Time
	once     bool // TTL 0: sent if the device is connected, and never kept
}

func (m *message) size() int64 { return int64(len(m.body) + len(m.topic) + overhead) }

// Reasons not to take a message.
var (
	errGone = errors.New("pushservice: no such subscription")
	errBusy = errors.New("pushservice: too many messages for a connected device")
	errFull = errors.New("pushservice: too many messages kept")
)

// device is one uaid. Its lock is never held during a write to the network.
type device struct {
	id uuid

	mu        sync.Mutex
	forgotten bool  // out of the registry; nothing may be added any more
	link      *link // nil: away
	ready     bool  // hello was answered on link
	pumping   bool  // somebody is sending; whoever queues a message leaves it to him
	channels  []uuid
	sent      []*message // on link and not acknowledged, at most maxInFlight
	waiting   []*message
	seen      time.Time // when it was last connected
}

// memory counts the bytes of all pending messages.
type memory struct {
	used atomic.Int64
	max  int64
}

// take counts a message. What is stored for later may fill half of the memory, so that devices that are away cannot keep
// others from getting theirs.
func (m *memory) take(n int64, stored bool) bool {
	limit := m.max
	if stored {
		limit /= 2
	}
	if m.used.Add(n) > limit {
		m.used.Add(-n)
		return false
	}
	return true
}

func (m *memory) give(n int64) { m.used.Add(-n) }

// attach makes l the device's connection and returns the one before, which is to be closed. What was not acknowledged
// will be sent again, topic messages first. It reports false when the device was forgotten meanwhile.
func (d *device) attach(l *link, mem *memory) (old *link, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.forgotten {
		return nil, false
	}
	old, d.link, d.ready = d.link, l, false
	d.recall(mem)
	slices.SortStableFunc(d.waiting, func(a, b *message) int {
		switch {
		case (a.topic != "") == (b.topic != ""):
			return 0
		case a.topic != "":
			return -1
		default:
			return 1
		}
	})
	return old, true
}

// recall puts what was sent back in front of what waits. What had to go out at once has missed its time.
func (d *device) recall(mem *memory) {
	d.waiting, d.sent = append(d.sent, d.waiting...), nil
	d.drop(mem, func(m *message) bool { return m.once })
}

// detach ends l's turn, unless another connection has taken over. It reports whether the device is to be forgotten.
func (d *device) detach(l *link, now time.Time, mem *memory) (forget bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.link != l {
		return false
	}
	d.link, d.ready, d.seen = nil, false, now
	d.recall(mem)
	return len(d.channels) == 0
}

// greet lets messages go to l, unless another connection has taken over: that one may have been greeted already.
func (d *device) greet(l *link) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.link == l {
		d.ready = true
	}
}

// subscribe adds a channel; one that is there already is no error. It reports false beyond limit channels.
func (d *device) subscribe(channel uuid, limit int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if slices.Contains(d.channels, channel) {
		return true
	}
	if len(d.channels) >= limit {
		return false
	}
	d.channels = append(slices.Clip(d.channels), channel) // no spare room: nearly every device has one channel
	return true
}

// unsubscribe removes a channel with its messages.
func (d *device) unsubscribe(channel uuid, mem *memory) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.channels = slices.DeleteFunc(d.channels, func(c uuid) bool { return c == channel })
	d.drop(mem, func(m *message) bool { return m.channel == channel })
}

// drop removes messages and returns how many there were.
func (d *device) drop(mem *memory, which func(*message) bool) int {
	count := 0
	filter := func(list []*message) []*message {
		list = slices.DeleteFunc(list, func(m *message) bool {
			if !which(m) {
				return false
			}
			mem.give(m.size())
			count++
			return true
		})
		if len(list) == 0 {
			return nil // gives the array back
		}
		return list
	}
	d.sent, d.waiting = filter(d.sent), filter(d.waiting)
	return count
}

// subscribed says whether the device has a channel.
func (d *device) subscribed(channel uuid) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.forgotten && slices.Contains(d.channels, channel)
}

// add queues a message, in place of an earlier one of the same topic. stored says that it cannot go out at once.
// The errors are errGone, errBusy and errFull.
func (d *device) add(m *message, now time.Time, limit int, mem *memory) (stored bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.forgotten || !slices.Contains(d.channels, m.channel) {
		return false, errGone
	}
	open := d.ready && len(d.sent)+len(d.waiting) < maxInFlight
	if m.topic != "" {
		d.drop(mem, func(old *message) bool { return old.channel == m.channel && old.topic == m.topic })
	}
	if m.once && !open {
		return false, nil // TTL 0 and nobody to take it: accepted and gone, RFC 8030 section 5.2
	}
	if len(d.sent)+len(d.waiting) >= limit {
		d.drop(mem, func(old *message) bool { return old.expired(now) })
	}
	if len(d.sent)+len(d.waiting) >= limit {
		if d.link != nil {
			return false, errBusy
		}
		return false, errFull
	}
	if !mem.take(m.size(), !open) {
		return false, errFull
	}
	d.waiting = append(d.waiting, m)
	return !open, nil
}

// expired says whether a message is too old to be sent. One with TTL 0 is only ever queued to go out at once.
func (m *message) expired(now time.Time) bool { return !m.once && !now.Before(m.expires) }

// next takes the next message to send, and where to. expired counts those that were too old. The caller holds the lock.
func (d *device) next(now time.Time, mem *memory) (m *message, l *link, expired int) {
	for d.ready && len(d.waiting) > 0 && len(d.sent) < maxInFlight {
		m = d.waiting[0]
		d.waiting[0] = nil
		if d.waiting = d.waiting[1:]; len(d.waiting) == 0 {
			d.waiting = nil
		}
		switch {
		case m.expired(now):
			mem.give(m.size())
			expired++
			continue
		case m.once:
			mem.give(m.size())
		default:
			d.sent = append(d.sent, m)
		}
		return m, d.link, expired
	}
	return nil, nil, expired
}

// settle removes a message and says whether it was there.
func (d *device) settle(id uuid, mem *memory) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.drop(mem, func(m *message) bool { return m.id == id }) > 0
}

// sweep drops expired messages and returns how many; stale says that the device has been away for too long.
func (d *device) sweep(now time.Time, mem *memory) (expired int, stale bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.sent)+len(d.waiting) > 0 {
		expired = d.drop(mem, func(m *message) bool { return m.expired(now) })
	}
	return expired, d.link == nil && now.Sub(d.seen) > recordLife
}
