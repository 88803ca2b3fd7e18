//go:build linux

package faults

import "sync"

// moment is a step on the way of a notification that the harness can see from outside.
type moment string

// The moments, in the order of the way.
const (
	pushPasses     moment = "the push passes by"
	ackPasses      moment = "its acknowledgement passes by"
	fetchPasses    moment = "the content is asked for"
	contentPasses  moment = "the content is on its way back"
	pagePasses     moment = "the cursor is asked for"
	itemsPass      moment = "a page is on its way back"
	renewalPasses  moment = "a new token is asked for"
	tokenPasses    moment = "the new token is on its way back"
	registerPasses moment = "the device is registered"
	toastArrives   moment = "the toast arrives"
	toastAnswered  moment = "the toast has been answered"
	reportPasses   moment = "the site is told what was shown"
)

// moments lets a scenario do something while a moment lasts: what passes by waits for it.
type moments struct {
	mu sync.Mutex
	do map[moment]func()
}

// once has f called at the next such moment.
func (m *moments) once(at moment, f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.do == nil {
		m.do = map[moment]func(){}
	}
	m.do[at] = f
}

// pass is the moment.
func (m *moments) pass(at moment) {
	m.mu.Lock()
	f := m.do[at]
	delete(m.do, at)
	m.mu.Unlock()
	if f != nil {
		f()
	}
}
