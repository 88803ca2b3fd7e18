package ui

import "sync"

// door is the way onto the drawing goroutine. All that waits goes through at once: the toolkit lets in one function a frame
// while it has much to draw, so that what comes faster than frames would wait longer and longer.
type door struct {
	open func(func()) // queues one function for the drawing goroutine

	mu      sync.Mutex
	waiting []func()
}

// post queues a function and returns. It may be called from any goroutine; functions are called in the order of their coming.
func (d *door) post(f func()) {
	d.mu.Lock()
	d.waiting = append(d.waiting, f)
	first := len(d.waiting) == 1
	d.mu.Unlock()
	if first {
		d.open(d.pass)
	}
}

// pass calls what waits. What these functions post comes with the next opening.
func (d *door) pass() {
	d.mu.Lock()
	all := d.waiting
	d.waiting = nil
	d.mu.Unlock()
	for _, f := range all {
		f()
	}
}
