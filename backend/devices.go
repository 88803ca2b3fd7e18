package backend

import (
	"sync"
)

// devices remembers which device a sign-in has registered last, so that what a person does on one device is told to the
// others only. It is a courtesy: forgotten at a restart, it costs the device one fetch more.
type devices struct {
	mu     sync.Mutex
	latest map[string]string // session → installation
}

func newDevices() *devices { return &devices{latest: map[string]string{}} }

func (d *devices) set(session, installation string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.latest) >= maxBuckets {
		clear(d.latest)
	}
	d.latest[session] = installation
}

func (d *devices) of(session string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.latest[session]
}
