package pushlistener

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"securepush/api"
)

// server is a back end in memory.
type server struct {
	mu       sync.Mutex
	mail     []api.Notification
	fail     error
	calls    int
	channels []api.PushChannel
	delay    time.Duration
}

func (s *server) put(n int) []api.ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []api.ID
	for range n {
		i := api.NewID()
		s.mail = append(s.mail, api.Notification{ID: i, Title: "Title", Payload: "Text", Priority: api.PriorityNormal, CreatedAt: time.Now()})
		ids = append(ids, i)
	}
	return ids
}

func (s *server) set(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

func (s *server) slow(delay time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay = delay
}

func (s *server) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// begin counts a call, lets it take its time, and locks.
func (s *server) begin(ctx context.Context) error {
	s.mu.Lock()
	delay := s.delay
	s.mu.Unlock()
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
		}
	}
	s.mu.Lock()
	s.calls++
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.fail
}

func (s *server) Notification(ctx context.Context, id api.ID) (api.Notification, error) {
	err := s.begin(ctx)
	defer s.mu.Unlock()
	if err != nil {
		return api.Notification{}, err
	}
	for i := len(s.mail) - 1; i >= 0; i-- {
		if s.mail[i].ID == id {
			return s.mail[i], nil
		}
	}
	return api.Notification{}, api.NewProblem(api.CodeNotFound, "")
}

func (s *server) Notifications(ctx context.Context, q api.Query) (api.Page, error) {
	err := s.begin(ctx)
	defer s.mu.Unlock()
	if err != nil {
		return api.Page{}, err
	}
	p := api.Page{Next: q.After}
	for _, n := range s.mail {
		if !n.Read {
			p.Unread++
		}
	}
	if len(q.IDs) > 0 {
		for _, n := range s.mail {
			if slices.Contains(q.IDs, n.ID) {
				p.Items = append(p.Items, n)
			}
		}
		return p, nil
	}
	from := 0
	if q.Newest {
		from = max(len(s.mail)-q.Limit, 0)
		p.More, p.Next = from > 0, api.Cursor(fmt.Sprint(from+1))
	} else if q.After != "" {
		_, _ = fmt.Sscan(string(q.After), &from)
	}
	to := min(from+q.Limit, len(s.mail))
	p.Items = slices.Clone(s.mail[from:to])
	if !q.Newest {
		p.More = to < len(s.mail)
		if to > from {
			p.Next = api.Cursor(fmt.Sprint(to))
		}
	}
	return p, nil
}

func (s *server) PutInstallation(ctx context.Context, in api.Installation) (api.Installation, error) {
	err := s.begin(ctx)
	defer s.mu.Unlock()
	if err == nil {
		s.channels = append(s.channels, in.PushChannel)
	}
	return in, err
}

// desktop records toasts.
type desktop struct {
	mu    sync.Mutex
	lines []string
	show  func(Toast) error
	block atomic.Pointer[chan struct{}] // not nil: Show waits for it
}

func (d *desktop) note(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, line)
}

func (d *desktop) Show(_ context.Context, t Toast) error {
	if c := d.block.Load(); c != nil {
		<-*c
	}
	if d.show != nil {
		if err := d.show(t); err != nil {
			return err
		}
	}
	line := "show " + t.Tag
	if t.Tag == TagDigest {
		line += " " + t.Title
	}
	if t.Replaces != "" {
		line += " for " + t.Replaces
	}
	d.note(line)
	return nil
}

func (d *desktop) ShowPrompt(_ context.Context, tag string, p Prompt) error {
	d.note(tag + " " + p.String())
	return nil
}

func (d *desktop) Withdraw(_ context.Context, tag string) error {
	d.note("withdraw " + tag)
	return nil
}

func (d *desktop) take() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	lines := d.lines
	d.lines = nil
	return lines
}

// wire is an edge that is connected as long as it runs.
type wire struct {
	handler atomic.Pointer[Handler]
	channel api.PushChannel
	renewed atomic.Int32
}

func (e *wire) Run(ctx context.Context, h Handler) error {
	e.handler.Store(&h)
	h.Link(true, nil)
	h.Subscribed(e.channel)
	<-ctx.Done()
	return nil
}
func (e *wire) Wake()        {}
func (e *wire) Resubscribe() { e.renewed.Add(1) }

// device is a running listener with everything around it.
type device struct {
	*Listener
	t       testing.TB
	server  *server
	desktop *desktop
	edge    *wire
	path    string
	report  func(context.Context, []api.ID) error
	stop    func()
	hang    atomic.Pointer[chan struct{}] // not nil: the writer waits for it
}

func newDevice(t testing.TB) *device {
	d := &device{t: t, server: &server{}, desktop: &desktop{}, edge: &wire{channel: api.PushChannel{Endpoint: "https://push.example/1"}}, path: journalPath(t)}
	d.start()
	return d
}

func (d *device) start() {
	d.t.Helper()
	j, err := OpenJournal(d.path, JournalOptions{})
	if err != nil {
		d.t.Fatal(err)
	}
	d.Listener = New(Options{
		Journal: j, Backend: d.server, Toasts: d.desktop, Edge: d.edge, Report: d.report, Sealer: func() Sealer {
			if c := d.hang.Load(); c != nil {
				<-*c
			}
			return xor{}
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	d.stop = func() {
		cancel()
		if err := errors.Join(<-done, j.Close()); err != nil {
			d.t.Error(err)
		}
	}
}

func (d *device) signIn() {
	d.Tell(SignedIn{Account: "anna"})
	synctest.Wait()
}

func (d *device) push(ids ...api.ID) {
	d.t.Helper()
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() {
			if err := (*d.edge.handler.Load()).Push(d.t.Context(), api.EncodePush(id)); err != nil {
				d.t.Error(err)
			}
		})
	}
	all.Wait()
	synctest.Wait()
}

func (d *device) want(lines ...string) {
	d.t.Helper()
	if got := d.desktop.take(); !slices.Equal(got, lines) {
		d.t.Errorf("on the desktop %q, want %q", got, lines)
	}
}

// pass lets time pass, in a bubble, where that takes none.
func pass(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // only in a bubble
	synctest.Wait()
}

func TestAPushBecomesAToast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t)
		d.signIn()
		ids := d.server.put(2)
		d.push(ids[0])
		d.want("show " + Tag(ids[0]))
		if known := d.lookup(ids[0]); known[0].fate != fateShown {
			t.Errorf("the journal has %+v", known[0])
		}
		d.stop()

		d.start() // what the last process did not see is caught up with, what it showed is not shown again
		synctest.Wait()
		d.want("show " + Tag(ids[1]))
		d.push(ids...)
		d.want()
		if n := d.Snapshot(); n.Access != AccessActive || n.Link != LinkConnected || n.Waiting != 0 || n.Unread != 2 || n.Counters.Shown != 1 {
			t.Errorf("snapshot %+v", n)
		}
		kept, _, err := d.o.Journal.Kept(t.Context(), xor{}, 10, "")
		if err != nil || len(kept.Items) != 2 {
			t.Errorf("kept %v, %v", kept.Items, err)
		}
		d.stop()
	})
}

func TestTheDeviceIsRegisteredAtEveryStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t)
		d.signIn()
		d.stop()
		d.start()
		synctest.Wait()
		d.stop()
		if n := len(d.server.channels); n != 2 || d.server.channels[0] != d.edge.channel {
			t.Errorf("registered %v", d.server.channels)
		}
	})
}

func TestASignInThatEndedAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t)
		d.signIn()
		d.server.set(unauthorized)
		ids := d.server.put(1)
		pass(time.Second)
		ids = append(ids, d.server.put(1)...)
		d.push(ids...)
		d.want("prompt sign_in")
		calls := d.server.asked()
		pass(24 * time.Hour)
		if n := d.server.asked() - calls; n != 0 {
			t.Errorf("asked %d times more", n)
		}
		d.server.set(nil)
		d.signIn()
		d.want("show "+Tag(ids[0])+" for prompt", "show "+Tag(ids[1]))
		d.stop()
	})
}

func TestAnIdleListenerSleeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t)
		d.signIn()
		pass(time.Hour)
		before := d.server.asked()
		pass(24 * time.Hour)
		synctest.Wait()
		if calls := d.server.asked() - before; calls < 30 || calls > 60 {
			t.Errorf("%d requests in an idle day", calls)
		}
		d.stop()
	})
}

func TestAFloodIsShownAsADigestAndNothingIsLost(t *testing.T) {
	const many = 10_000
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t)
		d.signIn()
		d.server.slow(time.Millisecond)
		ids := d.server.put(many)
		for chunk := range slices.Chunk(ids, 2000) {
			d.push(chunk...)
		}
		pass(10 * time.Minute)
		synctest.Wait()
		lines := d.desktop.take()
		if len(lines) > minuteToasts+40 { // one digest, replaced in place every 15 seconds at most
			t.Errorf("%d toasts", len(lines))
		}
		for chunk := range slices.Chunk(ids, 1000) {
			for i, known := range d.lookup(chunk...) {
				if known.fate != fateShown {
					t.Fatalf("%s is %+v; %+v", chunk[i], known, d.Snapshot())
				}
			}
		}
		if n := d.Snapshot(); n.Waiting != 0 || n.Counters.Shown != many || n.Counters.Pushes != many {
			t.Errorf("snapshot %+v", n)
		}
		d.stop()
	})
}

func TestSignOutClearsTheJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t)
		if err := d.o.Journal.SetAccount([]byte("account")); err != nil {
			t.Fatal(err)
		}
		d.signIn()
		ids := d.server.put(1)
		d.push(ids...)
		if err := d.SignOut(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		d.want("show "+Tag(ids[0]), "withdraw "+Tag(ids[0]))
		account, err := d.o.Journal.Account()
		if l, _ := d.o.Journal.load(); account != nil || err != nil || l.owner != "" || d.lookup(ids[0])[0].fate != fateNone {
			t.Errorf("left: %q, %+v", account, l)
		}
		d.stop()
	})
}

func TestWhatIsBeingShownAtTheEndIsNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t)
		d.signIn()
		block := make(chan struct{})
		d.desktop.block.Store(&block)
		ids := d.server.put(1)
		d.push(ids...)
		time.AfterFunc(time.Second, func() { close(block) })
		d.stop()
		d.want("show " + Tag(ids[0]))
		j := openJournal(t, d.path)
		if known, err := j.lookup(ids[0]); err != nil || known[0].fate != fateShown {
			t.Errorf("the journal has %+v, %v", known, err)
		}
	})
}

func TestAPushIsAcknowledgedWhenItIsOnDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t)
		d.signIn()
		d.server.slow(time.Hour) // the content does not come
		ids := d.server.put(1)
		d.push(ids...)
		if known := d.lookup(ids[0]); known[0].fate != fateWaiting {
			t.Errorf("acknowledged, and the journal has %+v", known[0])
		}
		h := *d.edge.handler.Load()
		if err := h.Push(t.Context(), []byte("../users/me")); !errors.Is(err, api.ErrBadID) {
			t.Errorf("what is no ID gives %v", err)
		}
		h.Undecryptable()
		hang := make(chan struct{}) // as a disk may
		d.hang.Store(&hang)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		err := h.Push(ctx, api.EncodePush(d.server.put(1)[0]))
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a push that is not on disk gives %v", err)
		}
		close(hang)
		synctest.Wait()
		if c := d.Snapshot().Counters; c.Pushes != 4 || c.Dropped != 1 || c.Undecryptable != 1 {
			t.Errorf("counters %+v", c)
		}
		d.stop()
	})
}

func TestChangesAreReportedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t)
		synctest.Wait()
		d.stop()
		var calls int
		var last Snapshot
		go1, go2 := make(chan struct{}), make(chan struct{})
		j := openJournal(t, d.path)
		l := New(Options{Journal: j, Backend: d.server, Toasts: d.desktop, Edge: d.edge, Changed: func(s Snapshot) {
			if calls++; calls == 1 {
				close(go1)
				<-go2
			}
			last = s
		}})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- l.Run(ctx) }()
		l.Tell(SignedIn{Account: "anna"})
		<-go1
		d.edge.handler.Load()
		synctest.Wait()
		d.Listener = l
		d.push(d.server.put(3)...)
		close(go2)
		synctest.Wait()
		if calls > 3 || last != l.Snapshot() || last.Counters.Shown != 3 {
			t.Errorf("%d calls, last %+v", calls, last)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
