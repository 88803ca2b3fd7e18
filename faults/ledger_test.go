//go:build linux

package faults

import (
	"fmt"
	"sync"
	"time"

	"securepush/api"
)

// post is one notification. Its title is told by nothing else.
type post struct {
	title    string
	id       api.ID
	accepted time.Time // when the sender got its 201; zero: it did not
	shown    int       // toasts
	first    time.Time // the first of them
	repeated int       // more toasts, each in the place of the one before
	doubled  int       // more toasts, beside the one before or after it
}

// ledger accounts for every notification.
type ledger struct {
	mu      sync.Mutex
	posts   map[string]*post
	strange []toast // toasts that belong to none, such as digests
	late    int     // prompts for content that in fact could not be had for three seconds
	changed chan struct{}
}

func newLedger() *ledger { return &ledger{posts: map[string]*post{}, changed: make(chan struct{}, 1)} }

// begin enters a notification that is about to be sent.
func (l *ledger) begin() *post {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &post{title: fmt.Sprintf("Notification %06d", len(l.posts)+1)}
	l.posts[p.title] = p
	return p
}

// accept notes the 201.
func (l *ledger) accept(p *post, id api.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p.id, p.accepted = id, time.Now()
}

// see notes a toast.
func (l *ledger) see(c toast) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.prompt() {
		if l.waits(c.at.Add(-patienceForContent)) {
			l.late++
		}
		return
	}
	p := l.posts[c.summary]
	switch {
	case p == nil:
		l.strange = append(l.strange, c)
	case p.shown == 0:
		p.first = c.at
	case c.replaced:
		p.repeated++
	default:
		p.doubled++
	}
	if p != nil {
		p.shown++
	}
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// patienceForContent is after what time a person is told that content cannot be had, less what the harness may be late itself.
const patienceForContent = 2500 * time.Millisecond

// waits says whether something that was accepted before a time is not shown. The caller holds mu.
func (l *ledger) waits(before time.Time) bool {
	for _, p := range l.posts {
		if !p.accepted.IsZero() && p.accepted.Before(before) && p.shown == 0 {
			return true
		}
	}
	return false
}

// latePrompts counts the prompts that came because content was late, as it may be on a busy machine.
func (l *ledger) latePrompts() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.late
}

// missing lists what was accepted and is not shown.
func (l *ledger) missing() []*post {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []*post
	for _, p := range l.posts {
		if !p.accepted.IsZero() && p.shown == 0 {
			out = append(out, p)
		}
	}
	return out
}

// digests are the toasts that belong to no single notification.
func (l *ledger) digests() []toast {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]toast(nil), l.strange...)
}

// totals is what the ledger says at the end.
func (l *ledger) totals() (sent, lost, repeated, doubled int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.posts {
		if p.accepted.IsZero() {
			continue
		}
		sent++
		if p.shown == 0 {
			lost++
		}
		repeated += p.repeated
		doubled += p.doubled
	}
	return sent, lost, repeated, doubled
}

// stuck is the longest that a notification was waited for after a time, or after it was accepted.
func (l *ledger) stuck(since time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	var longest time.Duration
	for _, p := range l.posts {
		from := since
		if p.accepted.After(from) {
			from = p.accepted
		}
		if !p.accepted.IsZero() && p.shown > 0 {
			longest = max(longest, p.first.Sub(from))
		}
	}
	return longest
}
