package agent

import (
	"slices"
	"sync"

	"securepush/agent/local"
)

// changeQueue is how many changes a slow client may be behind. Over it those are dropped that a newer one of the same kind and
// account stands for: every change says "ask again", so the newest is enough.
const changeQueue = 32

// changes spreads what happens to whoever watches. It is safe for concurrent use; publishing never blocks.
type changes struct {
	mu       sync.Mutex
	watchers map[*watcher]struct{}
}

// watcher is one stream of changes.
type watcher struct {
	window bool
	c      chan local.Change
}

// watch begins a stream; first, if any, is what it begins with.
func (c *changes) watch(window bool, first *local.Change) *watcher {
	w := &watcher{window: window, c: make(chan local.Change, changeQueue)}
	if first != nil {
		w.c <- *first
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watchers == nil {
		c.watchers = make(map[*watcher]struct{})
	}
	c.watchers[w] = struct{}{}
	return w
}

func (c *changes) drop(w *watcher) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.watchers, w)
}

// publish tells everybody; ChangeOpen goes to windows only. It returns how many were told.
func (c *changes) publish(ch local.Change) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	told := 0
	for w := range c.watchers {
		if ch.Kind == local.ChangeOpen && !w.window {
			continue
		}
		w.put(ch)
		told++
	}
	return told
}

// put makes room where there is none. Only publish calls it, under the lock, so two puts never race.
func (w *watcher) put(ch local.Change) {
	select {
	case w.c <- ch:
		return
	default:
	}
	var behind []local.Change
	for more := true; more; {
		select {
		case c := <-w.c:
			behind = append(behind, c)
		default:
			more = false
		}
	}
	for _, c := range newest(append(behind, ch)) {
		w.c <- c // there is room for as many
	}
}

// newest are the changes that no later one stands for, and of those as many as there is room for. It is a pure function.
func newest(list []local.Change) []local.Change {
	var out []local.Change
	for i, c := range list {
		if !slices.ContainsFunc(list[i+1:], func(later local.Change) bool { return later.Kind == c.Kind && later.Account == c.Account }) {
			out = append(out, c)
		}
	}
	return out[max(0, len(out)-changeQueue):]
}
