package pushlistener

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"securepush/api"
)

// sim runs the state machine against a small world: a server, a desktop and a journal, with a clock of its own.
// Effects wait in out until they are performed, in order or at random.
type sim struct {
	t   testing.TB
	s   *state
	now time.Time
	out []effect // begun and not answered
	rnd *rand.Rand

	// The server.
	mail    []*api.Notification // in order of arrival
	gone    map[api.ID]error
	fail    error            // of every call
	failing map[api.ID]error // of one ID
	registr error
	reports []string // what it was told of, a line each
	deaf    error    // of every report

	// The desktop.
	toastErr error
	log      []string       // what happened on it
	toasts   int            // shown
	in       map[api.ID]int // the toast that an ID was first shown in
	repeated map[int]bool   // the toasts of which something was shown again
	shown    map[api.ID]int // toasts by themselves or in a digest or generic
	stands   map[string]string

	// The journal: a real one, or what stands in for it.
	journal   *Journal
	disk      loaded
	records   map[api.ID]record
	kept      map[api.ID]api.Notification
	cleared   int
	diskErr   error
	acked     map[api.ID]int
	requests  []string
	trace     bool
	after     func() // each step
	slowFetch bool   // fetches do not end
}

var epoch = time.Date(2026, 11, 21, 14, 0, 0, 0, time.UTC)

func newSim(t testing.TB) *sim {
	w := &sim{
		t: t, now: epoch, rnd: rand.New(rand.NewPCG(1, 2)), gone: map[api.ID]error{}, failing: map[api.ID]error{},
		shown: map[api.ID]int{}, stands: map[string]string{}, records: map[api.ID]record{}, kept: map[api.ID]api.Notification{},
		acked: map[api.ID]int{}, in: map[api.ID]int{}, repeated: map[int]bool{},
	}
	w.disk = loaded{owner: "anna", cursor: "0"}
	w.boot(Display{})
	return w
}

// boot starts the state machine with what is on disk.
func (w *sim) boot(d Display) {
	if w.journal != nil {
		l, err := w.journal.load()
		if err != nil {
			w.t.Fatal(err)
		}
		w.out = nil
		w.s = newState(l, d, minuteToasts, func() float64 { return 0.5 })
		w.step(started{})
		return
	}
	l := w.disk
	l.waiting, l.standing = nil, nil
	for id, r := range w.records {
		switch r.fate {
		case fateWaiting:
			l.waiting = append(l.waiting, entry{id, r})
		case fateShown:
			l.standing = append(l.standing, entry{id, r})
		}
	}
	byID := func(a, b entry) int { return strings.Compare(string(a.id), string(b.id)) }
	slices.SortFunc(l.waiting, byID)
	slices.SortFunc(l.standing, byID)
	w.out = nil
	w.s = newState(l, d, minuteToasts, func() float64 { return 0.5 })
	w.step(started{})
}

// up boots a listener that is connected and has caught up.
func up(t testing.TB) *sim {
	w := newSim(t)
	w.settle()
	w.tell(linked{connected: true})
	w.tell(subscribed{channel: api.PushChannel{Endpoint: "https://push.example/1"}})
	w.log, w.requests = nil, nil
	return w
}

func (w *sim) step(e Event) {
	if w.after != nil {
		defer w.after()
	}
	if w.trace {
		fmt.Printf("%s %T %+v\n", w.now.Format("15:04:05"), e, e)
		defer func() {
			fmt.Printf("      count %v fresh %v log %v access %v\n", w.s.count, w.s.fresh, w.log, w.s.access)
		}()
	}
	for _, eff := range w.s.step(e, w.now) {
		switch v := eff.(type) {
		case abandon:
			w.cancel()
		case wakeEdge:
			w.log = append(w.log, "wake edge")
		case resubscribe:
			w.log = append(w.log, "resubscribe")
		case listen:
			w.log = append(w.log, fmt.Sprintf("listen %v", v.on))
			if !v.on {
				w.out = append(w.out, v)
			}
		default:
			w.out = append(w.out, eff)
		}
	}
}

// cancel ends the calls that have begun, as a cancelled context does; their answers are of a generation that is over.
func (w *sim) cancel() {
	w.out = slices.DeleteFunc(w.out, func(e effect) bool {
		switch e.(type) {
		case fetch, scan, register, report:
			return true
		}
		return false
	})
}

// tell steps and performs everything that follows, in order.
func (w *sim) tell(e Event) { w.step(e); w.settle() }

func (w *sim) settle() {
	for n := 0; ; n++ {
		if n > 100_000 {
			w.t.Fatal("the state machine does not come to rest")
		}
		i := 0
		for i < len(w.out) && w.slowFetch && isCall(w.out[i]) {
			i++
		}
		switch {
		case i < len(w.out):
			w.perform(i)
		case !w.s.wake.IsZero() && !w.s.wake.After(w.now):
			w.step(tick{})
		default:
			return
		}
	}
}

func isCall(e effect) bool {
	switch e.(type) {
	case fetch, scan, register, report:
		return true
	}
	return false
}

// pass lets time pass, with the steps that the machine asks for.
func (w *sim) pass(d time.Duration) {
	end := w.now.Add(d)
	w.settle()
	for !w.s.wake.IsZero() && !w.s.wake.After(end) {
		w.now = w.s.wake
		w.step(tick{})
		w.settle()
	}
	w.now = end
}

// perform answers the i-th effect.
func (w *sim) perform(i int) {
	e := w.out[i]
	w.out = slices.Delete(w.out, i, i+1)
	switch e := e.(type) {
	case fetch:
		w.step(w.answerFetch(e))
	case scan:
		w.step(w.answerScan(e))
	case register:
		w.requests = append(w.requests, "register")
		w.step(registered{gen: e.gen, channel: e.channel, err: w.registr})
	case report:
		w.step(w.answerReport(e))
	case listen:
		w.step(edgeStopped{})
	case show:
		w.show(e.toast.Tag, e.toast.Title, e.toast)
	case showPrompt:
		if e.tag == TagPrompt {
			if w.toastErr == nil {
				w.log = append(w.log, "prompt "+e.prompt.String())
				w.stands[e.tag] = e.prompt.String()
			}
			w.step(prompted{e.prompt, w.toastErr})
			return
		}
		w.show(e.tag, "New notification", Toast{})
	case withdraw:
		w.log = append(w.log, "withdraw "+w.name(e.tag))
		delete(w.stands, e.tag)
	case remember:
		w.write(e.note)
	}
}

func (w *sim) show(tag, title string, t Toast) {
	err := w.toastErr
	if err == nil {
		line := "show " + w.name(tag)
		if tag == TagDigest {
			line += fmt.Sprintf(" %q %q", title, t.Lines)
		}
		if t.Hidden {
			line += " hidden, from " + t.Sender + t.Title + t.Body
		}
		if t.Replaces != "" {
			line += " for " + t.Replaces
			delete(w.stands, t.Replaces)
		}
		w.log = append(w.log, line)
		w.stands[tag] = title
		w.toasts++
		for _, id := range w.s.toasts.ids {
			if first := w.in[id]; first != 0 {
				w.repeated[first] = true
			} else {
				w.in[id] = w.toasts
			}
			w.shown[id]++
		}
	}
	w.step(toasted{err})
}

// name makes a tag readable: tests use IDs of which the first letter tells them apart.
func (w *sim) name(tag string) string {
	if id, ok := TagID(tag); ok {
		return strings.TrimRight(string(id), "_")
	}
	return tag
}

func (w *sim) known(items []api.Notification) []record {
	out := make([]record, len(items))
	for i := range items {
		out[i] = w.record(items[i].ID)
	}
	return out
}

func (w *sim) record(id api.ID) record {
	if w.journal == nil {
		return w.records[id]
	}
	known, err := w.journal.lookup(id)
	if err != nil {
		w.t.Fatal(err)
	}
	return known[0]
}

func (w *sim) find(id api.ID) (api.Notification, error) {
	if err := w.failing[id]; err != nil {
		return api.Notification{}, err
	}
	if err := w.gone[id]; err != nil {
		return api.Notification{}, err
	}
	for _, n := range w.mail {
		if n.ID == id {
			return *n, nil
		}
	}
	return api.Notification{}, api.NewProblem(api.CodeNotFound, "")
}

func (w *sim) answerFetch(e fetch) Event {
	names := make([]string, len(e.ids))
	for i, id := range e.ids {
		names[i] = w.name(Tag(id))
	}
	w.requests = append(w.requests, "fetch "+strings.Join(names, ","))
	out := fetched{gen: e.gen, ids: e.ids, err: w.fail}
	if w.fail != nil {
		return out
	}
	for _, id := range e.ids {
		n, err := w.find(id)
		switch {
		case err == nil:
			out.items = append(out.items, n)
		case len(e.ids) == 1 || w.failing[id] != nil:
			out.err, out.items = err, nil
			return out
		}
	}
	out.known = w.known(out.items)
	return out
}

func (w *sim) answerScan(e scan) Event {
	w.requests = append(w.requests, "scan "+string(e.after))
	if w.fail != nil {
		return paged{gen: e.gen, newest: e.newest, err: w.fail}
	}
	from := 0
	if e.newest {
		from = max(len(w.mail)-batchSize, 0)
	} else if e.after != "" {
		if _, err := fmt.Sscan(string(e.after), &from); err != nil {
			return paged{gen: e.gen, err: api.NewProblem(api.CodeInvalidField, "")}
		}
	}
	p := api.Page{Next: e.after}
	for i, n := range w.mail {
		if w.gone[n.ID] != nil {
			continue
		}
		if !n.Read {
			p.Unread++
		}
		if i < from || p.More {
			continue
		}
		if len(p.Items) == batchSize {
			p.More = true
			continue
		}
		p.Items = append(p.Items, *n)
		p.Next = api.Cursor(fmt.Sprint(i + 1))
	}
	if e.newest {
		p.More, p.Next = from > 0, api.Cursor(fmt.Sprint(from+1))
	}
	return paged{gen: e.gen, newest: e.newest, page: p, known: w.known(p.Items)}
}

// answerReport checks that what is told was shown, and that the journal has it.
func (w *sim) answerReport(e report) Event {
	names := make([]string, len(e.ids))
	for i, id := range e.ids {
		names[i] = w.name(Tag(id))
		if fate := w.record(id).fate; w.shown[id] == 0 || fate != fateShown && fate != fateSettled {
			w.t.Errorf("%s is told as shown: %d times; the journal has it as %d", names[i], w.shown[id], fate)
		}
	}
	err := w.deaf
	if err == nil {
		err = w.fail
	}
	line := strings.Join(names, ",")
	if err != nil {
		line = "in vain"
	}
	w.reports = append(w.reports, line)
	return reported{gen: e.gen, err: err}
}

// write is the journal: what it does is what Journal.apply does.
func (w *sim) write(n note) {
	switch {
	case w.journal != nil:
		if _, err := w.journal.apply([]note{n}, xor{}); err != nil {
			w.t.Fatal(err)
		}
	case w.diskErr == nil:
		w.apply(n)
	}
	for _, done := range n.done {
		done(w.diskErr)
	}
	w.step(noted{count: 1, finishes: n.finishes, err: w.diskErr})
}

func (w *sim) apply(n note) {
	if n.clear || n.owner != nil {
		w.disk, w.records, w.kept = loaded{}, map[api.ID]record{}, map[api.ID]api.Notification{}
		if n.clear {
			w.cleared++
		} else {
			w.disk.owner = *n.owner
		}
	}
	for _, e := range n.entries {
		if e.rec.fate == fateNone {
			delete(w.records, e.id)
		} else {
			w.records[e.id] = e.rec
		}
	}
	for _, k := range n.keep {
		w.kept[k.ID] = k
	}
	for _, id := range n.drop {
		delete(w.kept, id)
	}
	if n.cursor != nil {
		w.disk.cursor = *n.cursor
	}
	if n.prompt != nil {
		w.disk.prompt = *n.prompt
	}
}

// id makes an ID whose name is short.
func id(name string) api.ID { return api.ID(name + strings.Repeat("_", 22-len(name))) }

// send puts a notification on the server, and pushes its ID.
func (w *sim) send(name string) {
	w.put(name)
	w.push(name)
}

func (w *sim) put(name string) *api.Notification {
	n := &api.Notification{ID: id(name), Title: "Title " + name, Payload: "Text", Sender: "Lab", Priority: api.PriorityNormal, CreatedAt: w.now}
	w.mail = append(w.mail, n)
	return n
}

func (w *sim) push(name string) {
	i := id(name)
	w.tell(pushed{id: i, known: w.record(i), done: func(err error) {
		if err == nil {
			w.acked[i]++
		}
	}})
}

func (w *sim) read(name string) {
	for _, n := range w.mail {
		if n.ID == id(name) {
			n.Read = true
		}
	}
}

// want checks what happened on the desktop since the last look.
func (w *sim) want(lines ...string) {
	w.t.Helper()
	if !slices.Equal(w.log, lines) {
		w.t.Errorf("on the desktop:\n  got  %s\n  want %s", strings.Join(w.log, " | "), strings.Join(lines, " | "))
	}
	w.log = nil
}

func (w *sim) wantFate(name string, f fate) {
	w.t.Helper()
	if got := w.record(id(name)).fate; got != f {
		w.t.Errorf("the journal has %s as %d, want %d", name, got, f)
	}
}

var (
	unreachable  = api.NewProblem(api.CodeUnreachable, "push.example.org cannot be reached.")
	unauthorized = api.NewProblem(api.CodeUnauthorized, "Sign in again.")
	locked       = api.NewProblem(api.CodeKeyringLocked, "The keyring is locked.")
	errNoDaemon  = errors.New("no daemon")
)
