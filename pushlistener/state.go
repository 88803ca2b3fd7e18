package pushlistener

import (
	"time"

	"securepush/api"
)

// Bounds of the state machine.
const (
	maxWaiting     = 1_000  // IDs held; what comes beyond is left to the next catch-up
	maxMembers     = 10_000 // notifications gathered for one digest before it is shown and gathering goes on
	maxWorkers     = 4
	batchSize      = 100 // IDs of one request, items of one page
	singleToasts   = 3   // more than these, found together, make a digest
	minuteToasts   = 5
	budget         = 3 * time.Second // of a fetch, before the person is told that it does not work
	giveUp         = 24 * time.Hour
	promptAgain    = 24 * time.Hour
	gatherTime     = 10 * time.Second // at most, before what was found together is shown
	digestDelay    = time.Second      // gathering for the first digest of a flood
	digestSpacing  = 15 * time.Second // between one state of it and the next
	settleDelay    = 5 * time.Second  // after something happened, until the cursor is brought up to date
	pollConnected  = 30 * time.Minute // catch-up all the same, give or take a sixth
	pollOffline    = 2 * time.Minute  // the same while no push can arrive
	journalRetry   = 30 * time.Second
	probeSpacing   = time.Second // between attempts while the server is down, however many pushes come
	digestLines    = 3
	digestLineSize = 80 // runes
)

// phase is where an item is on its way.
type phase uint8

const (
	phaseQueued    phase = iota // to be fetched
	phaseFetching               // a worker has it
	phaseRetrying               // a fetch failed
	phaseHidden                 // unread; nothing may be shown now
	phaseUnshown                // unread; the toast could not be shown
	phaseReady                  // its content is at hand
	phaseGeneric                // unread; to be shown without content
	phaseDigesting              // to be shown in the digest
	phaseShowing                // the toaster has it
	phaseNoting                 // its fate is on the way to the journal
	phaseUnnoted                // the journal did not take it
	phases
)

// item is one ID on its way. It leaves the state only when its fate is on disk, so that state and journal together know
// every ID.
type item struct {
	phase    phase
	unproven bool // only a push speaks of it: it may be older than what the journal remembers
	onDisk   bool // the journal has it
	recheck  bool // shown or settled before: it may be withdrawn, not shown
	relight  bool // shown, and taken away by us when the screen was locked: may be shown once more
	again    bool // pushed again meanwhile: ask once more when done
	covered  bool // the screen was locked while it was being shown, so it was taken away
	settled  bool // read or removed by the person meanwhile: never show
	held     bool // hidden before
	urgent   bool // by its priority, as far as it was fetched
	alone    bool // ask for it by itself
	busy     bool // the last failure was a request to wait
	attempts int
	first    time.Time         // when it was first asked for
	asked    time.Time         // the same since the server last answered; the budget runs from here
	next     time.Time         // not before: the server failed over it
	rec      record            // as the journal has it, or shall have
	content  *api.Notification // of phaseReady only
}

// fresh says whether the person is waiting for it.
func (it *item) fresh() bool { return !it.recheck && !it.relight }

// state is everything that the listener decides by. Only step changes it, and it touches nothing else: no clock, no
// disk, no network. It is not safe for concurrent use.
type state struct {
	rnd   func() float64 // in [0, 1)
	limit int            // toasts a minute; 0: no limit

	now  time.Time // of the event in hand
	out  []effect
	wake time.Time // when step wants to be called again; zero: only by an event

	gen      int // of the account: answers of another are not for us
	account  string
	access   Access
	display  Display
	plain    bool // this system has no safe way for content
	quieted  bool // what waits came in a quiet time: it is shown as one digest
	stopping bool
	clearing func(error) // not nil: the journal is to be cleared when the edge has stopped

	items  map[api.ID]*item
	count  [phases]int // of all items
	fresh  [phases]int // of those that the person is waiting for
	queue  []api.ID    // of phaseQueued, in order; may name others
	lookAt time.Time   // when an item may go over its budget; zero: when one is asked for
	late   bool        // an item is over its budget

	running  int // fetches
	down     retry
	gate     retry // the server asked to wait until gate.at
	keyring  retry
	unnoted  retry
	toaster  retry
	scan     scanState
	edge     edgeState
	reg      registration
	gather   gathering
	toasts   toastState
	prompt   promptState
	standing standing
	reports  reports

	keep    []api.Notification // content for the next note
	horizon time.Time          // see Journal.prune
	seen    Snapshot           // of which the derived fields are filled in by snapshot

	traced bool   // somebody wants marks
	marks  []Mark // since they were last taken
}

// retry is a failure that lasts.
type retry struct {
	failures int
	at       time.Time // when to try again
	last     time.Time // when it failed last
	trouble  Trouble
	err      error // for the log
}

// fail counts one more failure.
func (r *retry) fail(now time.Time, wait time.Duration, t Trouble) {
	t.Since = r.trouble.Since
	if r.failures == 0 {
		t.Since = now
	}
	r.failures++
	r.last, r.at, r.trouble = now, now.Add(wait), t
}

// pending says whether the next try is still to come.
func (r *retry) pending(now time.Time) bool { return r.failures > 0 && now.Before(r.at) }

// newState begins with what the journal has.
func newState(l loaded, d Display, toastsPerMinute int, rnd func() float64) *state {
	s := &state{rnd: rnd, limit: toastsPerMinute, account: l.owner, display: d, horizon: l.horizon, items: map[api.ID]*item{}}
	if l.owner != "" {
		s.access = AccessActive
	}
	s.seen.Synced = l.synced
	s.scan.reset(l.cursor)
	s.scan.again = l.more
	s.prompt.rec = l.prompt
	s.prompt.stands = l.prompt.prompt != PromptNone
	for _, e := range l.waiting {
		s.add(e.id, &item{onDisk: true, rec: e.rec})
	}
	for _, e := range l.standing {
		s.standing.add(stand{id: e.id, rec: e.rec})
	}
	return s
}

// step takes one event and says what to do. The effects are valid until the next step.
func (s *state) step(e Event, now time.Time) []effect {
	s.now, s.out, s.wake = now, s.out[:0], time.Time{}
	s.take(e)
	s.listens()
	s.budgets()
	s.fetches()
	s.scans()
	s.registers()
	s.gathers()
	s.shows()
	s.prompts()
	s.cursors()
	s.renotes()
	s.report()
	if len(s.keep) >= batchSize {
		s.remember(note{})
	}
	return s.out
}

// take changes the state by an event; what follows from it is found by the rest of step.
func (s *state) take(e Event) {
	switch e := e.(type) {
	case started:
		s.release()
	case stopping:
		s.newGeneration()
		s.stopping = true
		if len(s.keep) > 0 && s.clearing == nil {
			s.remember(note{}) // what could not be shown yet is at least there to be read
		}
	case pushed:
		s.onPush(e)
	case flooded:
		s.onFlood(e)
	case dropped:
		s.seen.Counters.Pushes++
		s.seen.Counters.Dropped++
		s.mark("", StepNotAnID)
	case undecryptable:
		s.seen.Counters.Pushes++
		s.seen.Counters.Undecryptable++
		s.mark("", StepUndecryptable)
	case fetched:
		s.onFetched(e)
	case paged:
		s.onPaged(e)
	case registered:
		s.onRegistered(e)
	case reported:
		s.onReported(e)
	case linked:
		s.onLinked(e)
	case subscribed:
		s.onSubscribed(e)
	case edgeStopped:
		s.onEdgeStopped(e.err)
	case toasted:
		s.onToasted(e)
	case prompted:
		s.onPrompted(e)
	case noted:
		s.onNoted(e)
	default:
		s.takeTold(e)
	}
}

// takeTold takes the events that the agent tells.
func (s *state) takeTold(e Event) {
	switch e := e.(type) {
	case SignedIn:
		s.onSignedIn(e.Account)
	case SignedOut:
		s.onSignedOut(e)
	case SignInEnded:
		if s.access == AccessActive || s.access == AccessLocked {
			s.access = AccessEnded
		}
	case KeyringUnlocked:
		if s.access == AccessLocked || s.access == AccessEnded { // ended: for want of a sign-in that is there now
			s.access, s.keyring = AccessActive, retry{}
			s.release()
		}
	case Display:
		s.onDisplay(e)
	case DaemonBack:
		s.onDaemonBack()
	case DaemonAnswers:
		s.onDaemonAnswers()
	case ToastClosed:
		s.onToastClosed(e.Tag)
	case MarkedRead:
		s.onMarkedRead(e)
	case MarkedUnread:
		s.remember(note{unread: e.IDs})
		s.changed()
	case Deleted:
		s.remember(note{drop: e.IDs})
		s.dismiss(e.IDs)
	case Woke:
		s.down.at, s.keyring.at = s.now, s.now
		s.emit(wakeEdge{})
		s.release()
	case Refresh:
		s.scan.want = true
	}
}

func (s *state) emit(e effect) { s.out = append(s.out, e) }

// remember writes a note, and with it the content that is to be kept.
func (s *state) remember(n note) {
	n.keep, s.keep = s.keep, nil
	s.emit(remember{n})
}

// wakeAt asks for a step at t, if none is asked for before.
func (s *state) wakeAt(t time.Time) {
	if s.wake.IsZero() || t.Before(s.wake) {
		s.wake = t
	}
}

// changed says that the inbox may look different, and that the cursor should be brought up to date soon.
func (s *state) changed() {
	s.seen.Revision++
	s.scan.soon(s.now.Add(settleDelay))
}

// add makes an item, which is queued.
func (s *state) add(id api.ID, it *item) {
	s.items[id] = it
	s.count[it.phase]++
	if it.fresh() {
		s.fresh[it.phase]++
	}
	if it.phase == phaseQueued {
		s.queue = append(s.queue, id)
	}
}

// move brings an item into another phase.
func (s *state) move(id api.ID, it *item, p phase) {
	s.count[it.phase]--
	s.count[p]++
	if it.fresh() {
		s.fresh[it.phase]--
		s.fresh[p]++
	}
	it.phase = p
	if p != phaseReady {
		it.content = nil
	}
	if p == phaseQueued {
		s.queue = append(s.queue, id)
	}
}

// remove forgets an item.
func (s *state) remove(id api.ID, it *item) {
	s.count[it.phase]--
	if it.fresh() {
		s.fresh[it.phase]--
	}
	delete(s.items, id)
}

// each calls f for every item in a phase, in the order in which they were heard of.
func (s *state) each(p phase, f func(api.ID, *item)) {
	if s.count[p] == 0 {
		return
	}
	for _, id := range s.inOrder(p) {
		f(id, s.items[id])
	}
}
