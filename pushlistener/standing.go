package pushlistener

import (
	"slices"

	"securepush/api"
)

// stand is a notification whose toast may stand.
type stand struct {
	id    api.ID
	rec   record
	live  bool // this process showed it
	relit bool // and once more after the screen was unlocked

	urgent bool
}

// standing lists the newest toasts that may stand, oldest first.
type standing struct {
	list []stand
	more [groupGeneric + 1]bool // members of this group's toast were left out of the list
}

func (l *standing) add(st stand) {
	l.remove(st.id)
	l.list = append(l.list, st)
	for len(l.list) > maxStanding {
		l.more[l.list[0].rec.group] = true
		l.list = slices.Delete(l.list, 0, 1)
	}
}

func (l *standing) index(id api.ID) int {
	return slices.IndexFunc(l.list, func(st stand) bool { return st.id == id })
}

func (l *standing) has(id api.ID) bool { return l.index(id) >= 0 }

func (l *standing) remove(id api.ID) (stand, bool) {
	i := l.index(id)
	if i < 0 {
		return stand{}, false
	}
	st := l.list[i]
	l.list = slices.Delete(l.list, i, i+1)
	return st, true
}

// any says whether a member of a group's toast is left, in the list or beyond it.
func (l *standing) any(g group) bool {
	return l.more[g] || slices.ContainsFunc(l.list, func(st stand) bool { return st.rec.group == g })
}

func (l *standing) removeGroup(g group) {
	l.more[g] = false
	l.list = slices.DeleteFunc(l.list, func(st stand) bool { return st.rec.group == g })
}

func (l *standing) clear() { *l = standing{} }

func (g group) tag(id api.ID) string {
	switch g {
	case groupDigest:
		return TagDigest
	case groupGeneric:
		return TagGeneric
	default:
		return Tag(id)
	}
}

// unstand takes a notification's toast away, if one may stand: its own, or the shared one with its last member.
func (s *state) unstand(id api.ID) {
	st, ok := s.standing.remove(id)
	if !ok {
		return
	}
	g := st.rec.group
	if g == groupDigest {
		s.toasts.digested = max(s.toasts.digested-1, 0)
		s.gather.unline(id)
	}
	if g == groupOwn || !s.standing.any(g) {
		s.emit(withdraw{g.tag(id)})
	}
}

// withdrawAll takes all toasts of notifications away.
func (s *state) withdrawAll() {
	for _, st := range s.standing.list {
		if st.rec.group == groupOwn {
			s.emit(withdraw{Tag(st.id)})
		}
	}
	for _, g := range []group{groupDigest, groupGeneric} {
		if s.standing.any(g) {
			s.emit(withdraw{g.tag("")})
		}
	}
	s.standing.clear()
	s.endDigest()
}

// onToastClosed forgets a toast that the person or the desktop took away.
func (s *state) onToastClosed(tag string) {
	switch id, ok := TagID(tag); {
	case ok:
		s.standing.remove(id)
	case tag == TagPrompt:
		s.prompt.stands = false
	case tag == TagDigest:
		s.standing.removeGroup(groupDigest)
		s.endDigest()
	case tag == TagGeneric:
		s.standing.removeGroup(groupGeneric)
	}
}

// onDaemonAnswers tries again what the daemon did not take in time. What it took late is replaced in place.
func (s *state) onDaemonAnswers() {
	if s.toaster.failures > 0 {
		s.toaster = retry{}
		s.release()
	}
}

// onDisplay follows the lock screen and the person's wishes.
func (s *state) onDisplay(d Display) {
	old, hid, loud := s.display, s.hiding(false), s.hiding(true)
	s.display = d
	if d.Locked && !old.Locked {
		s.cover()
	}
	level := d.Generic != old.Generic || d.Sender != old.Sender
	if level {
		s.gather.lines = nil // said what may not be said any more
	}
	taken := s.recall(level)
	if level && taken || hid && !s.hiding(false) || loud && !s.hiding(true) {
		s.release()
	}
}

// quiet says whether nothing may be shown because the person wants to be left alone.
func (s *state) quiet(urgent bool) bool { return s.display.Quiet && (!urgent || !s.display.Urgent) }

// hiding says whether toasts with content have to wait.
func (s *state) hiding(urgent bool) bool { return s.display.Locked || s.quiet(urgent) }

// cover takes away, when the screen is locked, the toasts with content that this process showed. They come back at
// unlock if they are still unread, each once: after that they are to be found in the inbox.
func (s *state) cover() {
	covered := slices.Clone(s.standing.list)
	digest := false
	for _, st := range covered {
		if !st.live || st.rec.group == groupGeneric {
			continue
		}
		s.standing.remove(st.id)
		if st.rec.group == groupOwn {
			s.emit(withdraw{Tag(st.id)})
		} else {
			digest = true
		}
		if !st.relit && s.items[st.id] == nil && len(s.items) < maxWaiting {
			s.add(st.id, &item{phase: phaseHidden, relight: true, onDisk: true, rec: st.rec, urgent: st.urgent})
		}
	}
	if digest {
		s.emit(withdraw{TagDigest})
		s.standing.removeGroup(groupDigest)
		s.endDigest()
	}
}
