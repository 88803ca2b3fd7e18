package ui

import "slices"

// rowStore gives a list its rows, and gives those again that the toolkit has let go. Fyne's list makes one row to measure it
// each time that it draws everything, and then drops all that are out of sight. The toolkit would keep each of them, with all
// that it is drawn with, for a minute more, which is most of the memory of a window at work.
type rowStore[R comparable] struct {
	create     func() R
	all, spare []R
	seen       map[R]bool // drawn since the list began to draw everything
}

func newRowStore[R comparable](create func() R) *rowStore[R] {
	return &rowStore[R]{create: create, seen: make(map[R]bool)}
}

// take is a row that nobody holds.
func (s *rowStore[R]) take() R {
	if n := len(s.spare); n > 0 {
		r := s.spare[n-1]
		s.spare = s.spare[:n-1]
		return r
	}
	r := s.create()
	s.all = append(s.all, r)
	return r
}

// drawn says that the list holds the row.
func (s *rowStore[R]) drawn(r R) { s.seen[r] = true }

// around takes back what the list has let go when it has drawn everything, which is all that it did not draw. A list that drew
// nothing although it is not empty has no room yet, and lets nothing go.
func (s *rowStore[R]) around(drawAll func(), empty bool) {
	clear(s.seen)
	drawAll()
	if len(s.seen) > 0 || empty {
		s.spare = slices.DeleteFunc(slices.Clone(s.all), func(r R) bool { return s.seen[r] })
	}
}
