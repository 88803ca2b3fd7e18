package tray

import "slices"

// layout is the menu as hosts know it: a number for each line, which never becomes that of another line, so that a click
// on a menu of a moment ago does what it said.
type layout struct {
	revision uint32
	lines    []line
	last     int32 // number given out
}

type line struct {
	id int32
	entry
}

// set makes the entries the menu. An entry that stays keeps its number. Nothing happens when nothing changed.
func (l *layout) set(entries []entry) {
	for i, e := range entries {
		entries[i].label = label(e.label)
	}
	if slices.EqualFunc(l.lines, entries, func(have line, e entry) bool { return have.entry == e }) {
		return
	}
	lines := make([]line, 0, len(entries))
	for _, e := range entries {
		lines = append(lines, line{l.number(e.key), e})
	}
	l.lines = lines
	l.revision++
}

func (l *layout) number(key string) int32 {
	for _, have := range l.lines {
		if have.key == key {
			return have.id
		}
	}
	l.last++
	return l.last
}

// line finds a line by its number.
func (l *layout) line(id int32) (line, bool) {
	i := slices.IndexFunc(l.lines, func(have line) bool { return have.id == id })
	if i < 0 {
		return line{}, false
	}
	return l.lines[i], true
}
