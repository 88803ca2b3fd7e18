package present

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"securepush/api"
	"securepush/assets/words"
)

const (
	sentPage    = 50
	sentRefresh = 15 * time.Second // how often it is looked at again while somebody looks
)

// Tracker tells how far what was sent has come.
type Tracker interface {
	Sent(ctx context.Context, before api.Cursor, limit int) (api.SentPage, error)
	Delivery(ctx context.Context, id api.ID) (api.Delivery, error)
}

// Sent presents what the account has sent and who has it. It asks while somebody looks, and not otherwise.
type Sent struct {
	Changed func()

	Items    []api.Delivery // newest first
	Loaded   bool           // the list has been had once
	Older    bool           // older ones are on their way
	Bad      string         // why the list cannot be had, or not anew
	Selected api.ID         // "" for the list
	Open     *api.Delivery  // the chosen one, as soon as it is known
	OpenBad  string

	tracker Tracker
	work    *Work
	w       *words.Words
	more    bool
	next    api.Cursor
	looking bool
	turn    int // answers to what was asked in an earlier one are dropped
	stop    func()
}

// NewSent makes one.
func NewSent(tracker Tracker, work *Work, w *words.Words) *Sent {
	return &Sent{Changed: func() {}, tracker: tracker, work: work, w: w, stop: func() {}}
}

// Look says whether somebody looks. Whoever begins to sees what is known, and soon what is so now.
func (s *Sent) Look(looking bool) {
	if s.looking == looking {
		return
	}
	s.looking = looking
	s.stop()
	s.stop = func() {}
	if looking {
		s.Reload()
	} else {
		s.Selected, s.Open, s.OpenBad = "", nil, ""
		s.turn++
	}
}

// Reset forgets everything: another account.
func (s *Sent) Reset() {
	s.turn++
	s.Items, s.Loaded, s.Older, s.Bad, s.more, s.next = nil, false, false, "", false, ""
	s.Selected, s.Open, s.OpenBad = "", nil, ""
	if s.looking {
		s.Reload()
	}
}

// Reload asks again, for the list or the chosen one.
func (s *Sent) Reload() {
	s.stop()
	s.stop = s.work.After(sentRefresh, s.Reload)
	if s.Selected != "" {
		s.load(s.Selected)
		return
	}
	s.turn++
	s.Older = false
	turn := s.turn
	s.work.Go(func(ctx context.Context) func() {
		page, err := s.tracker.Sent(ctx, "", sentPage)
		return func() {
			if turn != s.turn {
				return
			}
			s.Bad = ""
			if err != nil {
				s.Bad = problemWords(s.w, err)
			} else {
				s.Loaded = true
				s.take(page)
			}
			s.Changed()
		}
	})
	s.Changed()
}

// take puts the newest page above what was there before, as far as both meet.
func (s *Sent) take(page api.SentPage) {
	if n := len(page.Items); n > 0 && page.More {
		last := page.Items[n-1].ID
		if i := slices.IndexFunc(s.Items, func(d api.Delivery) bool { return d.ID == last }); i >= 0 {
			s.Items = append(page.Items, s.Items[i+1:]...)
			return
		}
	}
	s.Items, s.more, s.next = page.Items, page.More, page.Next
}

// NeedOlder asks for what was sent before the last of the list.
func (s *Sent) NeedOlder() {
	if !s.more || s.Older {
		return
	}
	s.Older = true
	turn, before := s.turn, s.next
	s.work.Go(func(ctx context.Context) func() {
		page, err := s.tracker.Sent(ctx, before, sentPage)
		return func() {
			if turn != s.turn {
				return
			}
			s.Older = false
			if err != nil {
				s.Bad, s.more = problemWords(s.w, err), false // until the next look
			} else {
				s.Items, s.more, s.next = append(s.Items, page.Items...), page.More, page.Next
			}
			s.Changed()
		}
	})
}

// Select opens one; "" goes back to the list.
func (s *Sent) Select(id api.ID) {
	s.Selected, s.Open, s.OpenBad = id, nil, ""
	if i := slices.IndexFunc(s.Items, func(d api.Delivery) bool { return d.ID == id }); i >= 0 {
		d := s.Items[i]
		s.Open = &d
	}
	s.Reload()
}

func (s *Sent) load(id api.ID) {
	s.work.Go(func(ctx context.Context) func() {
		d, err := s.tracker.Delivery(ctx, id)
		return func() {
			if s.Selected != id {
				return
			}
			s.OpenBad = ""
			if err != nil {
				s.OpenBad = problemWords(s.w, err)
			} else {
				s.Open = &d
			}
			s.Changed()
		}
	})
	s.Changed()
}

// SentRow is what the list shows of something sent: ready to draw.
type SentRow struct {
	ID    api.ID
	Title string
	To    string
	When  string
	State string
	Tone  Tone
}

// SentRowOf makes the row.
func SentRowOf(w *words.Words, d api.Delivery, now time.Time) SentRow {
	r := SentRow{ID: d.ID, Title: Line(d.Title), To: w.SentTo(Line(d.To)), When: w.Moment(d.CreatedAt, now)}
	if r.Title == "" {
		r.Title = w.ItemUntitled()
	}
	r.State, r.Tone = stateOf(w, d)
	if d.Gone {
		r.Title = w.SentGoneTitle()
		if title := Line(d.Title); title != "" {
			r.Title = title
		}
		r.State += " · " + w.SentGone()
	}
	return r
}

// stateOf says how far a notification has come, in words and numbers.
func stateOf(w *words.Words, d api.Delivery) (string, Tone) {
	delivered := max(d.DeliveredTo, d.ShownOn)
	shown := w.SentShownOf(delivered, strconv.Itoa(d.ShownOn))
	if d.ShownOn == delivered {
		shown = w.SentShown(d.ShownOn)
	}
	switch {
	case d.State == api.StageRead && d.ShownOn > 0:
		return w.SentRead() + " · " + shown, ToneGood
	case d.State == api.StageRead:
		return w.SentRead(), ToneGood
	case d.State == api.StageShown:
		return shown, ToneGood
	case d.State == api.StageDelivered:
		return w.SentDelivered(delivered), ToneWorking
	default:
		return w.SentWaiting(), ToneQuiet
	}
}

// SentStep is a step on the way of a notification.
type SentStep struct {
	Name, When, On string
	Done           bool
}

// SentDetail is what is shown of one that is open.
type SentDetail struct {
	SentRow
	Steps   []SentStep
	Devices []SentStep // for what the account has sent to itself
}

// SentDetailOf makes it.
func SentDetailOf(w *words.Words, d api.Delivery, now time.Time) SentDetail {
	moment := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		at := t.In(now.Location())
		if daysBetween(at, d.CreatedAt.In(now.Location())) == 0 {
			return w.ClockSeconds(at)
		}
		return w.DateMoment(w.Date(at), w.ClockSeconds(at))
	}
	step := func(name string, at *time.Time, on string, done bool) SentStep {
		s := SentStep{Name: name, When: moment(at), On: on, Done: done}
		if s.When == "" && done {
			s.When = w.SentSometime()
		} else if s.When == "" {
			s.When, s.On = w.SentNotYet(), ""
		}
		return s
	}
	rank := stageRank(d.State)
	out := SentDetail{SentRow: SentRowOf(w, d, now)}
	out.When = w.Full(d.CreatedAt.In(now.Location()))
	readOn := ""
	if name := Line(d.ReadOn); name != "" {
		readOn = w.SentOn(name)
	}
	out.Steps = []SentStep{
		step(w.SentStepDelivered(), d.Delivered, w.SentDevices(max(d.DeliveredTo, 0)), rank >= 1),
		step(w.SentStepShown(), d.Shown, w.SentDevices(max(d.ShownOn, 0)), rank >= 2 || d.ShownOn > 0),
		step(w.SentStepRead(), d.Read, readOn, rank >= 3),
	}
	for i, st := range out.Steps[:2] {
		if count := []int{d.DeliveredTo, d.ShownOn}[i]; count == 0 {
			st.On = ""
			if st.Done && st.When == w.SentSometime() {
				st.When, st.Done = w.SentNotTold(), false
			}
			out.Steps[i] = st
		}
	}
	for _, dev := range d.Devices {
		out.Devices = append(out.Devices, deviceStep(w, dev, moment))
	}
	return out
}

func deviceStep(w *words.Words, d api.DeviceDelivery, moment func(*time.Time) string) SentStep {
	s := SentStep{Name: Line(d.Name), When: w.SentNotYet(), Done: d.Delivered != nil || d.Shown != nil}
	if strings.TrimSpace(s.Name) == "" {
		s.Name = w.SentNoName()
	}
	switch {
	case d.Shown != nil:
		s.When = w.SentDeviceShown(moment(d.Shown))
	case d.Delivered != nil:
		s.When = w.SentDeviceDelivered(moment(d.Delivered))
	}
	return s
}

func stageRank(s api.Stage) int {
	return slices.Index([]api.Stage{api.StageSent, api.StageDelivered, api.StageShown, api.StageRead}, s)
}

// daysBetween counts the midnights between two moments of one zone.
func daysBetween(a, b time.Time) int {
	return int(endOf(a).Sub(endOf(b)).Round(24*time.Hour) / (24 * time.Hour))
}
