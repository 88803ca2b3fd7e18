package pushlistener

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"securepush/api"
)

// chaos drives a sim at random and keeps account of what may happen more than once.
type chaos struct {
	*sim
	sent    int
	locks   bool            // the screen was locked at some time, so toasts may come back once
	extra   map[api.ID]int  // repeats that a crash allows
	instant int             // steps at the same time
	crashed map[api.ID]bool // shown and not noted when the process died: nobody remembers that a toast stands
	display Display         //
	open    map[string]bool // prompts shown in the present episode
	at      time.Time       //
	marked  map[api.ID]bool // read or removed by the person: need not be shown
}

// TestNothingIsLostAndNothingRepeats runs random histories: in whatever order things happen, every notification that
// stays unread is shown, once per process that did not die in between, and no prompt is shown twice in an episode.
func TestNothingIsLostAndNothingRepeats(t *testing.T) {
	runs := 400
	if testing.Short() {
		runs = 50
	}
	for seed := range runs {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			c := newChaos(t, uint64(seed))
			for range 300 {
				c.act()
			}
			c.heal()
			c.verify()
		})
	}
}

func newChaos(t *testing.T, seed uint64) *chaos {
	c := &chaos{sim: newSim(t), extra: map[api.ID]int{}, crashed: map[api.ID]bool{}, open: map[string]bool{}, marked: map[api.ID]bool{}}
	c.rnd = rand.New(rand.NewPCG(seed, 7))
	c.s.rnd = c.rnd.Float64
	c.s.limit = []int{0, 5}[seed%2]
	c.after = c.check
	return c
}

// act does one random thing.
func (c *chaos) act() {
	switch n := c.rnd.IntN(100); {
	case n < 45:
		c.performAny()
	case n < 60:
		c.arrive()
	case n < 64:
		c.pushOld()
	case n < 70:
		c.readElsewhere()
	case n < 74:
		c.wait(time.Duration(c.rnd.IntN(20_000)) * time.Millisecond)
	case n < 75:
		c.wait(time.Duration(c.rnd.IntN(5)) * time.Hour)
	case n < 81:
		c.setFailure()
	case n < 84:
		c.toastErr = []error{nil, nil, errNoDaemon}[c.rnd.IntN(3)]
	case n < 86:
		c.diskErr = []error{nil, nil, errNoDaemon}[c.rnd.IntN(3)]
	case n < 90:
		c.setDisplay()
	case n < 96:
		c.happen()
	case n < 98:
		c.markLocally()
	default:
		c.crash()
	}
}

func (c *chaos) arrive() {
	name := fmt.Sprint(c.sent)
	c.sent++
	if n := c.put(name); c.rnd.IntN(4) == 0 {
		n.Priority = api.PriorityUrgent
	}
	for range c.rnd.IntN(3) { // none, one or two pushes
		c.step(pushed{id: id(name), known: c.records[id(name)]})
	}
}

func (c *chaos) any() (api.ID, bool) {
	if len(c.mail) == 0 {
		return "", false
	}
	return c.mail[c.rnd.IntN(len(c.mail))].ID, true
}

func (c *chaos) pushOld() {
	if i, ok := c.any(); ok {
		c.step(pushed{id: i, known: c.records[i]})
	}
}

func (c *chaos) readElsewhere() {
	i, ok := c.any()
	if !ok {
		return
	}
	if c.rnd.IntN(3) == 0 {
		c.gone[i] = api.NewProblem(api.CodeGone, "")
	} else {
		for _, n := range c.mail {
			n.Read = n.Read || n.ID == i
		}
	}
	if c.rnd.IntN(2) == 0 {
		c.step(pushed{id: i, known: c.records[i]})
	}
}

func (c *chaos) markLocally() {
	i, ok := c.any()
	if !ok {
		return
	}
	for _, n := range c.mail {
		n.Read = n.Read || n.ID == i
	}
	c.step(MarkedRead{IDs: []api.ID{i}})
}

func (c *chaos) setFailure() {
	codes := []api.Code{
		"", "", "", api.CodeUnreachable, api.CodeInternal, api.CodeUnavailable, api.CodeTooManyRequests, api.CodeKeyringLocked,
		api.CodeUnauthorized, "strange",
	}
	c.fail = nil
	if code := codes[c.rnd.IntN(len(codes))]; code != "" {
		c.fail = api.NewProblem(code, "It does not work.")
	}
}

func (c *chaos) setDisplay() {
	d := Display{
		Locked: c.rnd.IntN(4) == 0, Quiet: c.rnd.IntN(5) == 0, Urgent: c.rnd.IntN(2) == 0,
		Generic: c.rnd.IntN(5) == 0, Sender: c.rnd.IntN(5) == 0,
	}
	c.locks = c.locks || d.Locked
	c.display = d
	c.step(d)
}

func (c *chaos) happen() {
	tags := []string{TagPrompt, TagDigest, TagGeneric}
	if i, ok := c.any(); ok {
		tags = append(tags, Tag(i))
	}
	events := []Event{
		SignedIn{Account: "anna"},
		SignInEnded{},
		KeyringUnlocked{},
		DaemonBack{},
		DaemonAnswers{},
		Woke{},
		Refresh{},
		linked{connected: true},
		linked{},
		subscribed{channel: api.PushChannel{Endpoint: "https://push.example/1"}},
		flooded{pushes: 1},
		ToastClosed{tags[c.rnd.IntN(len(tags))]},
	}
	e := events[c.rnd.IntN(len(events))]
	if v, ok := e.(ToastClosed); ok {
		delete(c.stands, v.Tag)
	}
	if _, ok := e.(DaemonBack); ok {
		clear(c.stands)
	}
	c.step(e)
}

// performAny performs one of the effects that can be next: calls in any order, toasts and notes each in theirs.
func (c *chaos) performAny() {
	var can []int
	toaster, writer := false, false
	for i, e := range c.out {
		switch e.(type) {
		case fetch, scan, register, report, listen:
			can = append(can, i)
		case remember:
			if !writer {
				can = append(can, i)
			}
			writer = true
		default:
			if !toaster {
				can = append(can, i)
			}
			toaster = true
		}
	}
	if len(can) > 0 {
		c.perform(can[c.rnd.IntN(len(can))])
	}
}

// wait lets time pass without performing what was begun.
func (c *chaos) wait(d time.Duration) {
	end := c.now.Add(d)
	for !c.s.wake.IsZero() && !c.s.wake.After(end) {
		if c.s.wake.After(c.now) {
			c.now, c.instant = c.s.wake, 0
		}
		if c.instant++; c.instant > 100 {
			c.t.Fatal("the machine turns in circles")
		}
		c.step(tick{})
	}
	c.now, c.instant = end, 0
}

// crash kills the process and starts another. What was shown and not noted may be shown once more.
func (c *chaos) crash() {
	if t := c.s.toasts; t.busy && t.noting {
		for _, i := range t.ids {
			c.extra[i]++
			c.crashed[i] = true
		}
	}
	for i, it := range c.s.items { // shown, and the journal did not take it
		if (it.phase == phaseUnnoted || it.phase == phaseNoting) && it.rec.fate == fateShown && !slices.Contains(c.s.toasts.ids, i) {
			c.extra[i]++
			c.crashed[i] = true
		}
	}
	clear(c.open)
	c.boot(c.display)
	c.s.rnd = c.rnd.Float64
}

// check holds what must hold at every moment.
func (c *chaos) check() {
	if n := len(c.s.items); n > maxWaiting+maxStanding {
		c.t.Fatalf("%d items", n)
	}
	var count [phases]int
	for _, it := range c.s.items {
		count[it.phase]++
	}
	if count != c.s.count {
		c.t.Fatalf("counts %v, items %v", c.s.count, count)
	}
	for _, line := range c.log {
		c.follow(line)
	}
	c.log = nil
	if c.s.prompt.rec.prompt == PromptNone {
		clear(c.open)
	}
}

// follow checks the prompts: one of a kind until it was withdrawn, replaced, or a day has passed.
func (c *chaos) follow(line string) {
	kind, isPrompt := strings.CutPrefix(line, "prompt ")
	switch {
	case isPrompt && kind != "hidden" && c.open[kind] && c.now.Sub(c.at) < promptAgain:
		c.t.Fatalf("prompt %s twice in an episode", kind)
	case isPrompt:
		clear(c.open)
		c.open[kind], c.at = true, c.now
	case line == "withdraw prompt", strings.HasSuffix(line, " for prompt"):
		clear(c.open)
	}
}

// heal makes everything work and lets it come to rest.
func (c *chaos) heal() {
	c.fail, c.toastErr, c.diskErr = nil, nil, nil
	c.settle()
	c.tell(DaemonBack{})
	clear(c.stands)
	c.tell(Display{})
	c.tell(SignedIn{Account: "anna"})
	c.tell(linked{connected: true})
	c.tell(subscribed{channel: api.PushChannel{Endpoint: "https://push.example/2"}})
	c.pass(3 * time.Hour)
	c.tell(subscribed{channel: api.PushChannel{Endpoint: "https://push.example/3"}})
	c.pass(time.Hour)
}

func (c *chaos) verify() {
	for _, n := range c.mail {
		shown, most := c.shown[n.ID], 1+c.extra[n.ID]
		if c.locks {
			most *= 2
		}
		if shown > most {
			c.t.Errorf("%s was shown %d times, at most %d are allowed", n.ID, shown, most)
		}
		settled := n.Read || c.gone[n.ID] != nil
		if !settled && shown == 0 {
			c.t.Errorf("%s is lost; the journal has %+v, cursor %s", n.ID, c.records[n.ID], c.disk.cursor)
		}
		if settled && !c.crashed[n.ID] && c.stands[Tag(n.ID)] != "" {
			c.t.Errorf("the toast of %s stands, though it is settled", n.ID)
		}
	}
	if n := len(c.s.reports.waiting); n != 0 {
		c.t.Errorf("%d that were shown are not told of", n)
	}
	if len(c.s.items) != 0 {
		c.t.Errorf("%d items are left: %+v", len(c.s.items), c.s.count)
	}
	if c.stands[TagPrompt] != "" {
		c.t.Error("a prompt stands for nothing")
	}
	alive := func(n *api.Notification) bool { return c.gone[n.ID] == nil }
	if last := lastIndex(c.mail, alive); c.disk.cursor != api.Cursor(fmt.Sprint(last+1)) && last >= 0 {
		// The cursor names a place; behind the last living one nothing more is to be found.
		if at := slices.IndexFunc(c.mail, func(n *api.Notification) bool { return false }); at >= 0 || !c.behind(last) {
			c.t.Errorf("the cursor is at %s of %d", c.disk.cursor, len(c.mail))
		}
	}
}

func lastIndex(mail []*api.Notification, f func(*api.Notification) bool) int {
	for i := len(mail) - 1; i >= 0; i-- {
		if f(mail[i]) {
			return i
		}
	}
	return -1
}

func (c *chaos) behind(last int) bool {
	var at int
	_, err := fmt.Sscan(string(c.disk.cursor), &at)
	return err == nil && at > last
}
