package hub

import (
	"slices"
	"strings"
	"sync"
	"time"

	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
)

// States of a notification: "Notification Hubs REST API, Get notification message telemetry". Clients fail on any other.
const (
	stateEnqueued  = "Enqueued"
	stateScheduled = "Scheduled"
	stateRunning   = "Processing"
	stateCompleted = "Completed"
	stateAbandoned = "Abandoned"
	stateNoTarget  = "NoTargetFound"
	stateCanceled  = "Canceled"
)

// Outcomes beside those of package delivery.
const (
	outcomeSkipped   = "Skipped"                       // the device has this notification already
	outcomeAbandoned = "AbandonedNotificationMessages" // the hub ended before it was queued
)

// account counts what becomes of one notification: every push that is expected ends in one outcome. The methods of a nil
// account do nothing.
type account struct {
	id, tags string

	mu                       sync.Mutex
	state                    string
	enqueued, started, ended time.Time
	open                     int  // pushes without an outcome
	whole                    bool // no more pushes will be expected
	abandoned                bool // some push was given up
	tallies                  []tally
}

// tally is how many pushes of a platform had an outcome.
type tally struct {
	platform record.Platform
	outcome  string
	n        int64
}

func newAccount(n *record.Notification, state string) *account {
	return &account{id: n.ID, tags: n.Tags, state: state, enqueued: n.Enqueued}
}

// begin notes that the notification's targets are being looked up.
func (a *account) begin(now time.Time) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.started.IsZero() {
		a.state, a.started = stateRunning, now
	}
}

// expect announces a push.
func (a *account) expect() {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open++
}

// settle gives the outcome of a push that was expected.
func (a *account) settle(p record.Platform, outcome string, abandoned bool, now time.Time) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open--
	a.abandoned = a.abandoned || abandoned
	a.add(p, outcome)
	a.end(now)
}

// count gives the outcome of a push that was not worth announcing.
func (a *account) count(p record.Platform, outcome string) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.add(p, outcome)
}

// add counts an outcome. The caller holds the lock.
func (a *account) add(p record.Platform, outcome string) {
	for i := range a.tallies {
		if t := &a.tallies[i]; t.platform == p && t.outcome == outcome {
			t.n++
			return
		}
	}
	a.tallies = append(a.tallies, tally{platform: p, outcome: outcome, n: 1})
}

// complete says that no more pushes will be expected. With abandoned, some target was not even looked at.
func (a *account) complete(abandoned bool, now time.Time) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.whole = true
	a.abandoned = a.abandoned || abandoned
	a.end(now)
}

// end finds out how the notification ended, once everything has an outcome. One counts as abandoned when something was given
// up and nothing arrived. The caller holds the lock.
func (a *account) end(now time.Time) {
	if !a.whole || a.open > 0 {
		return
	}
	a.ended = now
	switch success := slices.ContainsFunc(a.tallies, func(t tally) bool { return t.outcome == delivery.Success }); {
	case a.abandoned && !success:
		a.state = stateAbandoned
	case len(a.tallies) == 0:
		a.state = stateNoTarget
	default:
		a.state = stateCompleted
	}
}

// cancel ends a notification that was to be sent later.
func (a *account) cancel(now time.Time) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state, a.ended = stateCanceled, now
}

// enqueue brings a notification that was to be sent later among those to be sent now.
func (a *account) enqueue() {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state = stateEnqueued
}

// report is what an account says at one moment.
type report struct {
	id, tags, state, platforms string
	enqueued, started, ended   time.Time
	counts                     map[record.Platform]map[string]int64
}

func (a *account) report() report {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := report{id: a.id, tags: a.tags, state: a.state, enqueued: a.enqueued, started: a.started, ended: a.ended, counts: map[record.Platform]map[string]int64{}}
	var platforms []string
	for _, t := range a.tallies {
		if r.counts[t.platform] == nil {
			r.counts[t.platform] = map[string]int64{}
			platforms = append(platforms, string(t.platform))
		}
		r.counts[t.platform][t.outcome] = t.n
	}
	slices.Sort(platforms)
	r.platforms = strings.Join(platforms, ",")
	return r
}

func (a *account) old(before time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.ended.IsZero() && a.ended.Before(before)
}

// Bounds of a ledger.
const (
	keepAccounts = 24 * time.Hour // after the end
	accountSize  = 512            // bytes, about, beside the tags
	maxAccounts  = 20_000         // of one rule, when tags are short
)

// ledger remembers the accounts of notifications in memory, so many for each rule that none crowds out another's.
type ledger struct {
	most int // bytes for each rule

	mu     sync.Mutex
	byID   map[string]*account
	byRule map[string]*accounts
}

// accounts are those of one rule, the oldest first.
type accounts struct {
	list []*account
	size int
}

func newLedger() *ledger {
	return &ledger{most: maxAccounts * accountSize, byID: make(map[string]*account), byRule: make(map[string]*accounts)}
}

// add remembers an account.
func (l *ledger) add(rule string, a *account, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	of := l.byRule[rule]
	if of == nil {
		of = &accounts{}
		l.byRule[rule] = of
	}
	of.list = append(of.list, a)
	of.size += a.size()
	l.byID[a.id] = a
	for len(of.list) > 1 && (of.size > l.most || of.list[0].old(now.Add(-keepAccounts))) {
		first := of.list[0]
		of.list[0], of.list = nil, of.list[1:]
		of.size -= first.size()
		delete(l.byID, first.id)
	}
}

func (a *account) size() int { return accountSize + len(a.tags) }

// find returns the account of a notification, or nil.
func (l *ledger) find(id string, now time.Time) *account {
	l.mu.Lock()
	a := l.byID[id]
	l.mu.Unlock()
	if a == nil || a.old(now.Add(-keepAccounts)) {
		return nil
	}
	return a
}
