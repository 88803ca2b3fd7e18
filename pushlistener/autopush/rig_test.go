package autopush

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"securepush/api"
	"securepush/webpush"
)

// device is a handler that writes down what it hears.
type device struct {
	events chan string
	save   func(state []byte) error
	push   func(text string) error

	mu      sync.Mutex
	saved   []byte
	saves   int
	channel api.PushChannel
}

func newDevice() *device { return &device{events: make(chan string, 4096)} }

func (d *device) SaveState(b []byte) error {
	if d.save != nil {
		if err := d.save(b); err != nil {
			return err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.saved = slices.Clone(b)
	d.saves++
	return nil
}

func (d *device) Subscribed(ch api.PushChannel) {
	d.mu.Lock()
	d.channel = ch
	d.mu.Unlock()
	d.events <- "subscribed " + ch.Endpoint
}

func (d *device) Push(_ context.Context, text []byte) error {
	d.events <- "push " + string(text)
	if d.push != nil {
		return d.push(string(text))
	}
	return nil
}

func (d *device) Undecryptable() { d.events <- "undecryptable" }

func (d *device) Link(connected bool, err error) {
	if connected {
		d.events <- "up"
		return
	}
	d.events <- "down " + string(api.CodeOf(err))
}

// expect waits for events in their order.
func (d *device) expect(t *testing.T, want ...string) {
	t.Helper()
	for _, w := range want {
		select {
		case got := <-d.events:
			if got != w {
				t.Fatalf("the handler heard %q, want %q", got, w)
			}
		case <-time.After(2 * time.Hour):
			t.Fatalf("the handler heard nothing, want %q", w)
		}
	}
}

// quiet says that the handler has heard nothing.
func (d *device) quiet(t *testing.T) {
	t.Helper()
	synctest.Wait()
	select {
	case got := <-d.events:
		t.Fatalf("the handler heard %q", got)
	default:
	}
}

// state reads what was saved last.
func (d *device) state(t *testing.T) state {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	var st state
	if err := json.Unmarshal(d.saved, &st); err != nil {
		t.Fatalf("saved %q: %v", d.saved, err)
	}
	return st
}

// seal encrypts to the channel that the handler was last told.
func (d *device) seal(t *testing.T, text string) string {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	b, err := webpush.Seal(d.channel.P256DH, d.channel.Auth, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func notification(channel, version, data string) object {
	return object{
		"messageType": "notification", "channelID": channel, "version": version, "data": data,
		"headers": object{"encoding": "aes128gcm"},
	}
}

// rig is a device, a service and the edge between them.
type rig struct {
	*service
	dev  *device
	edge *Edge
	stop func() // ends Run and waits for it
	logs *bytes.Buffer
}

func newRig(t *testing.T, saved []byte, change ...func(*rig, *Config)) *rig {
	t.Helper()
	r := &rig{service: newService(t), dev: newDevice(), logs: new(bytes.Buffer)}
	cfg := Config{
		URL: testURL, VAPIDKey: testVAPID, HTTP: r.client(t),
		Logger: slog.New(slog.NewTextHandler(&lockedWriter{w: r.logs}, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, f := range change {
		f(r, &cfg)
	}
	r.edge = New(cfg, saved, r.dev)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.edge.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run returned %v", err)
		}
	})
	t.Cleanup(r.stop)
	return r
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// live brings a rig without a saved state to the point where pushes arrive.
func (r *rig) live(t *testing.T) (p *peer, channel string) {
	t.Helper()
	p = r.next(t)
	p.greet(t, testUAID)
	channel = p.enrol(t)
	r.dev.expect(t, "up", "subscribed "+endpoint(channel))
	return p, channel
}

// again is the reconnection of a device that is known.
func (r *rig) again(t *testing.T, channel string) *peer {
	t.Helper()
	p := r.next(t)
	p.greet(t, testUAID)
	r.dev.expect(t, "up", "subscribed "+endpoint(channel))
	return p
}

// savedState makes the state of a device that has subscribed.
func savedState(t *testing.T, change ...func(*state)) ([]byte, string) {
	t.Helper()
	k, err := webpush.GenerateKeys()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := k.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	channel := newChannelID()
	st := state{
		URL: testURL, UAID: testUAID, Channel: channel, Endpoint: endpoint(channel), Keys: keys, VAPIDKey: testVAPID,
	}
	for _, f := range change {
		f(&st)
	}
	b, err := json.Marshal(st)
	if err != nil {
		t.Fatal(err)
	}
	return b, channel
}

// inBubble runs a test in virtual time.
func inBubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// pass lets virtual time pass.
func pass(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // only in a bubble, where it takes no time
}

func version(n int) string { return fmt.Sprintf("version-%d", n) }
