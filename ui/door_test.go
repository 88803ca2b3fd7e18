package ui

import (
	"slices"
	"sync"
	"testing"
)

func TestAllThatWaitsGoesThroughTheDoorAtOnceAndInOrder(t *testing.T) {
	var queue []func()
	d := &door{open: func(f func()) { queue = append(queue, f) }}
	var done []int
	for i := range 100 {
		d.post(func() { done = append(done, i) })
	}
	d.post(func() { d.post(func() { done = append(done, 100) }) })
	if len(queue) != 1 {
		t.Fatalf("%d openings", len(queue))
	}
	queue[0]()
	if len(done) != 100 || !slices.IsSorted(done) {
		t.Errorf("done: %v", done)
	}
	if len(queue) != 2 {
		t.Fatalf("%d openings", len(queue))
	}
	queue[1]()
	if len(done) != 101 {
		t.Error("what was posted on the way was lost")
	}
}

func TestNothingIsLostAtTheDoor(t *testing.T) {
	inside := make(chan func(), 1000)
	d := &door{open: func(f func()) { inside <- f }}
	n := 0
	var all, drawing sync.WaitGroup
	drawing.Go(func() {
		for f := range inside {
			f()
		}
	})
	for range 10 {
		all.Go(func() {
			for range 100 {
				d.post(func() { n++ })
			}
		})
	}
	all.Wait()
	close(inside) // what was posted last has opened the door already
	drawing.Wait()
	if n != 1000 {
		t.Errorf("%d of 1000", n)
	}
}
