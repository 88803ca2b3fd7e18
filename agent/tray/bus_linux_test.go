package tray

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"securepush/agent/tray/traytest"
	"securepush/notify/notifytest"
)

// patience is how long something may take that has to happen, on a machine that has other things to do.
const patience = time.Minute

// rig is a running tray whose state the test sets.
type rig struct {
	*Tray
	t       *testing.T
	acts    chan Action
	present chan bool
	asked   chan struct{} // one for each question for the state
	fails   atomic.Bool   // Act panics
	stop    func()        // ends Run and waits for it

	mu    sync.Mutex
	state State
	hold  chan struct{} // not nil: State answers when it is closed
}

func start(t *testing.T, address string) *rig {
	t.Helper()
	return startAt(t, address, 20*time.Millisecond, patience)
}

func startAt(t *testing.T, address string, pace, timeout time.Duration) *rig {
	t.Helper()
	r := &rig{t: t, acts: make(chan Action, 64), present: make(chan bool, 64), asked: make(chan struct{}, 1024), state: State{Mode: Connected}}
	r.Tray = New(Options{
		BusAddress: address, Timeout: timeout, State: r.answer,
		Act: r.act, Present: func(there bool) { r.present <- there },
	})
	r.pace = pace
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); r.Run(ctx) }()
	r.stop = func() { cancel(); <-done }
	t.Cleanup(r.stop)
	return r
}

func (r *rig) act(a Action) {
	if r.fails.Load() {
		panic("a fault of ours")
	}
	r.acts <- a
}

func (r *rig) answer(context.Context) State {
	r.mu.Lock()
	s, hold := r.state, r.hold
	r.mu.Unlock()
	r.asked <- struct{}{}
	if hold != nil {
		<-hold
	}
	return s
}

// set changes the state and says so.
func (r *rig) set(s State) {
	r.mu.Lock()
	r.state = s
	r.mu.Unlock()
	r.Update()
}

// kept is how many items the tray has.
func (r *rig) kept() int {
	r.Tray.mu.Lock()
	defer r.Tray.mu.Unlock()
	return len(r.Tray.state.Items)
}

func (r *rig) acted(want Action) {
	r.t.Helper()
	if got := take(r.t, r.acts); got != want {
		r.t.Errorf("the tray asked for %+v, want %+v", got, want)
	}
}

func (r *rig) presence(want bool) {
	r.t.Helper()
	if got := take(r.t, r.present); got != want {
		r.t.Errorf("present: %v, want %v", got, want)
	}
}

func take[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func TestTheTrayShowsTheState(t *testing.T) {
	bus := notifytest.StartBus(t)
	host := traytest.StartHost(t, bus.Address, true)
	r := start(t, bus.Address)
	item := host.Item()
	r.presence(true)
	if !strings.HasPrefix(item.Name(), "org.kde.StatusNotifierItem-") {
		t.Errorf("registered as %s", item.Name())
	}
	all := item.Properties()
	for _, name := range itemProperties() {
		if one := item.Property(name); all[name].String() != dbus.MakeVariant(one).String() {
			t.Errorf("%s: %v alone, %v among all", name, one, all[name])
		}
	}
	if len(all) != len(itemProperties()) || all["Status"].Value() != "Active" || all["Title"].Value() != "SecurePush" {
		t.Errorf("properties %v", all)
	}
	var pictures []pixmap
	if err := all["IconPixmap"].Store(&pictures); err != nil || len(pictures) != 4 || pictures[0].Width != 22 || len(pictures[3].Pixels) != 4*48*48 {
		t.Errorf("%d pictures, %v", len(pictures), err)
	}
	if got := item.Labels()[0]; got != "Connected" {
		t.Errorf("the menu begins with %q", got)
	}

	r.set(State{Mode: SignInEnded, Unread: 2})
	if got := item.Signal("NewStatus"); len(got) != 1 || got[0] != "NeedsAttention" {
		t.Errorf("new status %v", got)
	}
	item.Signal("NewTitle")
	item.Signal("NewToolTip")
	item.Signal("LayoutUpdated")
	if got := item.Property("AttentionIconPixmap"); len(got.([][]any)) != 4 {
		t.Errorf("no icon that asks for attention: %v", got)
	}
	if got := item.Labels(); got[0] != "Your sign-in has ended" || got[2] != "2 unread notifications" {
		t.Errorf("menu %q", got)
	}
	var tip tooltip
	if err := dbus.MakeVariant(item.Property("ToolTip")).Store(&tip); err != nil || tip.Text != "Your sign-in has ended · 2 unread" {
		t.Errorf("tooltip %+v, %v", tip, err)
	}
}

func TestClicksDoWhatTheySay(t *testing.T) {
	bus := notifytest.StartBus(t)
	host := traytest.StartHost(t, bus.Address, true)
	r := start(t, bus.Address)
	item := host.Item()
	r.set(State{Mode: Connected, Unread: 2, Items: []Item{{ID: "7", Text: "Lab_1: <b>Potassium</b>"}}})
	item.Until(func(labels []string) bool { return slices.Contains(labels, "Lab__1: <b>Potassium</b>") })
	item.Click("Lab__1: <b>Potassium</b>")
	r.acted(Action{Kind: ActOpen, ID: "7"})
	item.Click("Mark all read")
	r.acted(Action{Kind: ActMarkAllRead})
	item.Click("Pause until tomorrow")
	r.acted(Action{Kind: ActPauseTomorrow})
	item.Activate()
	r.acted(Action{Kind: ActOpen})
	item.SecondaryActivate()
	r.acted(Action{Kind: ActPauseHalfHour})

	lines, _ := item.Menu()
	if err := item.ClickID(lines[0].ID); err != nil {
		t.Errorf("a line that says something only: %v", err)
	}
	gone := lines[2].ID
	r.set(State{Mode: Paused, Quiet: Quiet{QuietPause, noon()}, Now: noon()})
	item.Until(func(labels []string) bool { return slices.Contains(labels, "Resume now") })
	if err := item.ClickID(gone); traytest.ErrorName(err) != "org.freedesktop.DBus.Error.InvalidArgs" {
		t.Errorf("a line that is gone: %v", err)
	}
	var unknown []int32
	type e struct {
		ID   int32
		Kind string
		Data dbus.Variant
		Time uint32
	}
	resume := item.Line("Resume now")
	if err := item.Call(menuName+".EventGroup", []e{
		{gone, "clicked", dbus.MakeVariant(0), 0},
		{resume, "hovered", dbus.MakeVariant(0), 0},
		{resume, "clicked", dbus.MakeVariant(0), 0},
	}).Store(&unknown); err != nil || !slices.Equal(unknown, []int32{gone}) {
		t.Errorf("unknown %v, %v", unknown, err)
	}
	r.acted(Action{Kind: ActResume})
	if err := item.ClickID(item.Line("Mark all read")); err != nil { // there is nothing to mark
		t.Error(err)
	}
	if len(r.acts) > 0 {
		t.Errorf("more was done: %+v", <-r.acts)
	}
}

func TestTheActivationTokenGoesWithTheNextClickOnly(t *testing.T) {
	bus := notifytest.StartBus(t)
	host := traytest.StartHost(t, bus.Address, true)
	r := start(t, bus.Address)
	item := host.Item()
	for range 20 { // the token's call and the click are answered by goroutines of their own
		item.Token("token-1")
		item.Activate()
		r.acted(Action{Kind: ActOpen, Token: "token-1"})
	}
	item.Activate()
	r.acted(Action{Kind: ActOpen})
	item.Token("a\nb")
	item.Token(strings.Repeat("x", maxToken+1))
	item.Activate()
	r.acted(Action{Kind: ActOpen})
}

func TestHostsAreToldOfChangesOnly(t *testing.T) {
	bus := notifytest.StartBus(t)
	host := traytest.StartHost(t, bus.Address, true)
	r := start(t, bus.Address)
	item := host.Item()
	_, before := item.Menu()
	take(t, r.asked)
	for range 3 {
		r.set(State{Mode: Connected})
		take(t, r.asked)
	}
	r.set(State{Mode: Connected, Unread: 1})
	if got := item.Signal("LayoutUpdated"); got[0] != before+1 || got[1] != int32(0) {
		t.Errorf("menu %v after %d, though it changed once", got, before)
	}
	if _, now := item.Menu(); now != before+1 {
		t.Errorf("revision %d, want %d", now, before+1)
	}
}

func TestMoreChangesThanAnybodyCanSeeAreGathered(t *testing.T) {
	bus := notifytest.StartBus(t)
	host := traytest.StartHost(t, bus.Address, true)
	r := startAt(t, bus.Address, time.Second, patience)
	item := host.Item()
	begin := time.Now()
	for i := range 100 {
		r.set(State{Mode: Connected, Unread: i + 1})
		item.Property("Title") // which gives the tray the time to draw
	}
	item.Until(func(labels []string) bool { return slices.Contains(labels, "100 unread notifications") })
	if n, most := len(r.asked), 3+int(time.Since(begin)/r.pace); n > most {
		t.Errorf("the state was asked for %d times, more than %d", n, most)
	}
}

// TestNothingIsShownOnceItIsConcealed also holds while the state with the content is being fetched.
func TestNothingIsShownOnceItIsConcealed(t *testing.T) {
	bus := notifytest.StartBus(t)
	host := traytest.StartHost(t, bus.Address, true)
	r := start(t, bus.Address)
	item := host.Item()
	const secret = "Potassium"
	open := State{Mode: Connected, Unread: 1, Items: []Item{{ID: "1", Text: secret}}}
	r.set(open)
	item.Until(func(labels []string) bool { return slices.Contains(labels, secret) })
	lines, _ := item.Menu()

	hidden := func() {
		t.Helper()
		for _, method := range []string{"GetLayout", "GetGroupProperties"} {
			args := []any{int32(0), int32(-1), []string{}}
			if method == "GetGroupProperties" {
				args = []any{[]int32{}, []string{}}
			}
			call := item.Call(menuName+"."+method, args...)
			if text := dbus.MakeVariant(call.Body).String(); call.Err != nil || strings.Contains(text, secret) {
				t.Errorf("%s: %v %s", method, call.Err, text)
			}
		}
		if err := item.Call(menuName+".GetProperty", lines[2].ID, "label").Err; err == nil {
			t.Error("the line can still be asked for")
		}
	}
	r.Conceal()
	hidden()
	for _, now := item.Menu(); item.Signal("LayoutUpdated")[0] != now; { // and hosts are told
	}
	if got := item.Labels()[2]; got != "1 unread notification" {
		t.Errorf("the menu says %q", got)
	}

	hold := make(chan struct{})
	r.mu.Lock()
	r.hold = hold
	r.mu.Unlock()
	for len(r.asked) > 0 {
		<-r.asked
	}
	r.Update()
	take(t, r.asked) // the state with the content is on its way
	r.Conceal()
	r.mu.Lock()
	r.hold, r.state = nil, State{Mode: Connected, Unread: 1}
	r.mu.Unlock()
	close(hold)
	take(t, r.asked) // and is asked for once more
	hidden()
}

func TestTheTrayFollowsWatcherAndHost(t *testing.T) {
	bus := notifytest.StartBus(t)
	r := start(t, bus.Address)
	late := traytest.StartHost(t, bus.Address, false)
	late.Asked()
	late.Show(true)
	item := late.Item()
	r.presence(true)
	r.set(State{Mode: Connected, Unread: 1, Items: items("a")})
	item.Until(func(labels []string) bool { return slices.Contains(labels, "a") })
	late.Show(false)
	r.presence(false)
	if n := r.kept(); n != 0 {
		t.Errorf("%d items are kept for nobody", n)
	}
	for len(r.asked) > 0 {
		<-r.asked
	}
	r.set(State{Mode: Offline})
	late.Show(true)
	item = late.Item()
	r.presence(true)
	if n := len(r.asked); n != 1 {
		t.Errorf("the state was asked for %d times: without a host nobody wants to know", n)
	}
	if got := item.Labels()[0]; got != "Offline" {
		t.Errorf("the menu begins with %q", got)
	}
	late.Stop()
	r.presence(false)
	back := traytest.StartHost(t, bus.Address, true)
	item = back.Item()
	r.presence(true)
	item.Activate()
	r.acted(Action{Kind: ActOpen})
}

func TestAChangeThatComesWithAnotherHostIsToldToAll(t *testing.T) {
	bus := notifytest.StartBus(t)
	host := traytest.StartHost(t, bus.Address, true)
	r := start(t, bus.Address)
	item := host.Item()
	take(t, r.asked)
	r.mu.Lock()
	r.state = State{Mode: Offline}
	r.mu.Unlock()
	host.Show(true)
	item.Signal("LayoutUpdated")
	if got := item.Labels()[0]; got != "Offline" {
		t.Errorf("the menu begins with %q", got)
	}
}

func TestTheTrayOutlivesTheBus(t *testing.T) {
	dir, err := os.MkdirTemp("", "bus") // a socket's path has 107 bytes at most, t.TempDir may be longer
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "bus")
	bus := notifytest.StartBusAt(t, socket)
	host := traytest.StartHost(t, bus.Address, true)
	r := start(t, "unix:path="+socket)
	host.Item()
	r.presence(true)
	bus.Stop()
	r.presence(false)
	bus = notifytest.StartBusAt(t, socket)
	host = traytest.StartHost(t, bus.Address, true)
	item := host.Item()
	r.presence(true)
	if got := item.Labels()[0]; got != "Connected" {
		t.Errorf("the menu begins with %q", got)
	}
}

func TestATrayThatDoesNotAnswerIsAskedAgain(t *testing.T) {
	bus := notifytest.StartBus(t)
	host := traytest.StartHost(t, bus.Address, true)
	host.Hang()
	r := startAt(t, bus.Address, 20*time.Millisecond, time.Second)
	host.Asked()
	host.Asked() // the first has timed out
	host.Answer()
	host.Item()
	r.presence(true)
	host.Hang()
	host.Show(true) // another question, which nobody answers
	r.presence(false)
	r.stop()
}

func TestWithoutABusTheTrayWaitsAndNothingIsAsked(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	for _, address := range []string{
		"", "unix:path=" + filepath.Join(t.TempDir(), "none"), "unixexec:path=/bin/false", "tcp:host=127.0.0.1,port=1",
		"autolaunch:", "launchd:env=X", ";;", "unix:",
	} {
		r := start(t, address)
		r.Update()
		r.Conceal()
		r.stop()
		if len(r.asked) > 0 || len(r.present) > 0 {
			t.Errorf("%q: asked %d times, told %d times", address, len(r.asked), len(r.present))
		}
	}
}
