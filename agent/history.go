package agent

import (
	"slices"
	"sync"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/pushlistener"
)

// Bounds of the history.
const (
	historyPushes    = 50
	historyLatencies = 10
	historyPrefix    = 6 // characters of an ID
)

// history remembers what came of the last pushes, and lets test runs watch. It holds no content. It is safe for concurrent use.
type history struct {
	mu       sync.Mutex
	pushes   []pastPush // oldest first
	watchers map[chan pushlistener.Mark]struct{}
}

type pastPush struct {
	id        api.ID
	at, since time.Time
	found     bool
	held      bool // it waited for something, so that its latency says nothing
	outcome   local.Outcome
	latency   time.Duration
}

// outcomeOf is what a mark means for the history; [pushlistener.StepPushed], StepFound and StepFetched are on the way.
func outcomeOf(s pushlistener.Step) (o local.Outcome, ok bool) {
	switch s {
	case pushlistener.StepPushed, pushlistener.StepFound, pushlistener.StepFetched:
		return local.OutcomeArriving, false
	case pushlistener.StepUnshown:
		return local.OutcomeWaitingDesktop, true
	default:
		return local.Outcome(s), true // the other names are the same
	}
}

// take notes a mark. It is what the listener's trace calls.
func (h *history) take(m pushlistener.Mark) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pushes = noteMark(h.pushes, m)
	for w := range h.watchers {
		select {
		case w <- m:
		default: // a flood: a test run that misses its own says so
		}
	}
}

// noteMark is a pure function of the list, which it may change in place.
func noteMark(list []pastPush, m pushlistener.Mark) []pastPush {
	outcome, ended := outcomeOf(m.Step)
	i := len(list) - 1
	for i >= 0 && (m.ID == "" || list[i].id != m.ID) {
		i--
	}
	begins := m.ID == "" || m.Step == pushlistener.StepPushed || m.Step == pushlistener.StepFound
	switch {
	case i >= 0 && (!begins || open(list[i].outcome)): // one that comes once more while it is on its way is the same
	case !begins:
		return list // it came before the start, or is too long ago
	default:
		if len(list) == historyPushes {
			list = slices.Delete(list, 0, 1)
		}
		list = append(list, pastPush{id: m.ID, at: m.At, since: m.At, found: m.Step == pushlistener.StepFound, outcome: outcome})
		i = len(list) - 1
	}
	p := &list[i]
	if !ended || wasShown(p.outcome) && outcome != local.OutcomeDismissed {
		return list // what is shown again at unlock was shown before
	}
	p.outcome, p.since = outcome, m.At
	switch outcome {
	case local.OutcomeQuiet, local.OutcomeLocked, local.OutcomeWaitingDesktop, local.OutcomeLater:
		p.held = true
	}
	if wasShown(outcome) && !p.held && !p.found {
		p.latency = m.At.Sub(p.at)
	}
	return list
}

// open says whether something is still to come of it.
func open(o local.Outcome) bool {
	switch o {
	case local.OutcomeArriving, local.OutcomeQuiet, local.OutcomeLocked, local.OutcomeWaitingDesktop, local.OutcomeLater:
		return true
	}
	return false
}

func wasShown(o local.Outcome) bool {
	return o == local.OutcomeShown || o == local.OutcomeDigest || o == local.OutcomeGeneric
}

// clear forgets an account's pushes.
func (h *history) clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pushes = nil
}

// watch lets a test run see the marks from now on, until stop is called.
func (h *history) watch() (marks <-chan pushlistener.Mark, stop func()) {
	const room = 256
	w := make(chan pushlistener.Mark, room)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watchers == nil {
		h.watchers = map[chan pushlistener.Mark]struct{}{}
	}
	h.watchers[w] = struct{}{}
	return w, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.watchers, w)
	}
}

// recent is a copy, oldest first.
func (h *history) recent() []pastPush {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.pushes)
}

// tellHistory puts what is remembered into the contract's form, newest first. What is still on its way waits for what the listener
// waits for. It is a pure function.
func tellHistory(list []pastPush, s pushlistener.Snapshot) local.History {
	out := local.History{Pushes: []local.Push{}, Latencies: []int64{}} // never null on the wire
	for _, p := range slices.Backward(list) {
		ms := p.latency.Milliseconds()
		if p.latency > 0 {
			ms = max(ms, 1)
		}
		if ms > 0 && len(out.Latencies) < historyLatencies {
			out.Latencies = append(out.Latencies, ms)
		}
		if p.outcome == local.OutcomeArriving {
			p.outcome = waitingFor(s)
		}
		out.Pushes = append(out.Pushes, local.Push{
			ID: string(p.id[:min(len(p.id), historyPrefix)]), At: p.at, Found: p.found, Outcome: p.outcome, Since: p.since, LatencyMS: ms,
		})
	}
	return out
}

// waitingFor says what content has to wait for.
func waitingFor(s pushlistener.Snapshot) local.Outcome {
	switch {
	case s.Access == pushlistener.AccessEnded:
		return local.OutcomeWaitingSignIn
	case s.Access == pushlistener.AccessLocked:
		return local.OutcomeWaitingKeyring
	case s.Server.Code != "":
		return local.OutcomeWaitingServer
	}
	return local.OutcomeArriving
}

func (st *seat) toldHistory() local.History {
	var s pushlistener.Snapshot
	if l := st.present(); l != nil {
		s = l.listener.Snapshot()
	}
	return tellHistory(st.history.recent(), s)
}
