package pushservice

import (
	"maps"
	"slices"
	"sync"
)

// registry holds the devices by uaid. Its lock is taken before a device's, never after.
type registry struct {
	max int

	mu      sync.RWMutex
	devices map[uuid]*device
}

func newRegistry(limit int) *registry {
	return &registry{max: limit, devices: make(map[uuid]*device)}
}

// find returns a device, or nil.
func (r *registry) find(id uuid) *device {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.devices[id]
}

func (r *registry) count() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.devices)
}

// all returns the devices of this moment.
func (r *registry) all() []*device {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Collect(maps.Values(r.devices))
}

// create makes a device that is connected on l. Where there are too many, one that is away makes room: it will get a
// new name when it comes back. It returns nil when none is away.
func (r *registry) create(l *link, mem *memory) *device {
	d := &device{id: newUUID(), link: l}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.devices) >= r.max && !r.evict(mem) {
		return nil
	}
	r.devices[d.id] = d
	return d
}

// evict forgets the longest absent of a few devices. The order of a map is random enough to make them a sample.
func (r *registry) evict(mem *memory) bool {
	const sample, most = 8, 1000
	var oldest *device
	found, looked := 0, 0
	for _, d := range r.devices {
		if found == sample || looked == most {
			break
		}
		looked++
		d.mu.Lock()
		if d.link == nil {
			found++
			if oldest == nil || d.seen.Before(oldest.seen) {
				oldest = d
			}
		}
		d.mu.Unlock()
	}
	return oldest != nil && r.remove(oldest, mem, func(d *device) bool { return d.link == nil })
}

// forget removes a device that is away, if it still is as the caller saw it.
func (r *registry) forget(d *device, mem *memory, still func(*device) bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.remove(d, mem, still)
}

func (r *registry) remove(d *device, mem *memory, still func(*device) bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.forgotten || !still(d) {
		return false
	}
	d.forgotten = true
	d.drop(mem, func(*message) bool { return true })
	delete(r.devices, d.id)
	return true
}
