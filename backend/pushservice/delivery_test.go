package pushservice

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
)

func TestWhatWasNotAcknowledgedComesAgain(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	p, uaid, endpoint := r.subscriber()
	versions := map[string]string{}
	for _, text := range []string{"a", "b", "c"} {
		r.pushed(endpoint, text)
		_, versions[text] = p.notification()
	}
	p.ack(versions["b"])
	p.barrier()
	for range 3 {
		r.leave(p, uaid)
		p = r.dial()
		p.hello(uaid)
		for _, want := range []string{"a", "c"} {
			if text, version := p.notification(); text != want || version != versions[want] {
				t.Errorf("received %q version %s, want %q version %s", text, version, want, versions[want])
			}
		}
		p.barrier()
	}
	p.send(`{"messageType":"ack","updates":[{"channelID":"` + testChannel + `","version":"` + versions["a"] + `","code":101},` +
		`{"channelID":"` + testChannel + `","version":"` + versions["c"] + `","code":102}]}`)
	p.barrier()
	r.leave(p, uaid)
	p = r.dial()
	p.hello(uaid)
	p.barrier()
	for code, want := range map[string]float64{"100": 1, "101": 1, "102": 1} {
		if got := value(t, r.s.metrics.acks.WithLabelValues(code)); got != want {
			t.Errorf("%v acknowledgements with %s, not %v", got, code, want)
		}
	}
}

func TestAMessageThatIsReportedAsFailedStays(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	p, uaid, endpoint := r.subscriber()
	r.pushed(endpoint, "a")
	_, version := p.notification()
	p.send(`{"messageType":"nack","version":"` + version + `","code":302}`)
	p.barrier()
	r.leave(p, uaid)
	p = r.dial()
	p.hello(uaid)
	if text, _ := p.notification(); text != "a" {
		t.Errorf("received %q", text)
	}
	if got := value(t, r.s.metrics.nacks.WithLabelValues("302")); got != 1 {
		t.Errorf("%v reports", got)
	}
}

func TestTopicMessagesComeFirstAndReplaceEachOther(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	p, uaid, endpoint := r.subscriber()
	other := p.register("00000000-0000-4000-8000-000000000001", r.key.PublicKey())
	r.pushed(endpoint, "sent already", "Topic", "t")
	p.notification() // and not acknowledged
	r.leave(p, uaid)
	r.pushed(endpoint, "plain 1")
	r.pushed(endpoint, "t 1", "Topic", "t")
	r.pushed(endpoint, "u 1", "Topic", "u")
	r.pushed(endpoint, "plain 2")
	r.pushed(other, "t of another channel", "Topic", "t")
	r.pushed(endpoint, "t 2", "Topic", "t")
	p = r.dial()
	p.hello(uaid)
	var got []string
	for range 5 {
		text, _ := p.notification()
		got = append(got, text)
	}
	if want := []string{"u 1", "t of another channel", "t 2", "plain 1", "plain 2"}; !slices.Equal(got, want) {
		t.Errorf("received %q, want %q", got, want)
	}
	p.barrier()
}

func TestTimeToLive(t *testing.T) {
	bubble := func(name string, f func(t *testing.T, r *rig)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { f(t, newRig(t, pipes(), nil)) })
		})
	}
	bubble("a message waits as long as its TTL and no longer", func(t *testing.T, r *rig) {
		p, uaid, endpoint := r.subscriber()
		r.leave(p, uaid)
		r.pushed(endpoint, "short", "TTL", "10")
		r.pushed(endpoint, "long", "TTL", "3600")
		later(10 * time.Second) // before anything sweeps
		p = r.dial()
		p.hello(uaid)
		text, version := p.notification()
		if text != "long" {
			t.Errorf("received %q", text)
		}
		p.ack(version)
		p.barrier()
		if used := r.s.memory.used.Load(); used != 0 {
			t.Errorf("%d bytes are kept", used)
		}
	})
	bubble("TTL 0 is not kept for a device that is away", func(t *testing.T, r *rig) {
		p, uaid, endpoint := r.subscriber()
		r.leave(p, uaid)
		r.pushed(endpoint, "now", "TTL", "0")
		p = r.dial()
		p.hello(uaid)
		p.barrier()
	})
	bubble("TTL 0 is sent once and does not come again", func(t *testing.T, r *rig) {
		p, uaid, endpoint := r.subscriber()
		r.pushed(endpoint, "now", "TTL", "0")
		if text, _ := p.notification(); text != "now" {
			t.Errorf("received %q", text)
		}
		r.leave(p, uaid)
		p = r.dial()
		p.hello(uaid)
		p.barrier()
	})
	bubble("what has expired takes no memory", func(t *testing.T, r *rig) {
		p, uaid, endpoint := r.subscriber()
		r.leave(p, uaid)
		for range 10 {
			r.pushed(endpoint, "x", "TTL", "60")
		}
		if used := r.s.memory.used.Load(); used < 10*overhead {
			t.Errorf("%d bytes counted", used)
		}
		later(3 * time.Minute)
		if used := r.s.memory.used.Load(); used != 0 {
			t.Errorf("%d bytes are kept", used)
		}
		if got := value(t, r.s.metrics.pushes.WithLabelValues("expired")); got != 10 {
			t.Errorf("%v expired", got)
		}
	})
	bubble("a device that stays away for 60 days is forgotten", func(t *testing.T, r *rig) {
		p, uaid, endpoint := r.subscriber()
		r.leave(p, uaid)
		later(recordLife - time.Hour)
		p = r.dial()
		if got := p.hello(uaid); got != uaid {
			t.Errorf("before: %s became %s", uaid, got)
		}
		r.leave(p, uaid)
		later(recordLife + time.Hour)
		if code := r.push(endpoint, "x").status; code != http.StatusGone {
			t.Errorf("push: %d", code)
		}
		p = r.dial()
		if got := p.hello(uaid); got == uaid {
			t.Error("after: the device is still known")
		}
	})
}

func TestADeviceThatStopsReadingHoldsUpOneSenderUntilTheWriteDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, pipes(), func(o *Options) { o.PongTimeout = time.Hour })
		stuck := make(chan struct{})
		p := r.dialPinged(func(*websocket.Conn, string) error { <-stuck; return nil })
		uaid := p.hello("")
		endpoint := p.register(testChannel, r.key.PublicKey())
		later(310 * time.Second) // after the PING the peer reads nothing more, and a pipe has no buffer
		took := make(chan time.Duration, 2)
		for range cap(took) {
			go func() {
				start := time.Now()
				r.pushed(endpoint, "x")
				took <- time.Since(start)
			}()
		}
		if d := <-took; d > 0 {
			t.Errorf("both senders waited, one for %v", d)
		}
		if d := <-took; d != 5*time.Second {
			t.Errorf("the other sender waited for %v", d)
		}
		r.until(func() bool { return value(t, r.s.metrics.connected) == 0 })
		close(stuck)
		p = r.dial()
		p.hello(uaid)
		p.notification()
		p.notification()
	})
}

func TestTTL0ThatWaitsBehindASlowWriteDoesNotOutliveTheConnection(t *testing.T) {
	mem := memory{max: 1 << 20}
	channel := newUUID()
	here, next := &link{}, &link{}
	d := &device{link: here, ready: true, pumping: true, channels: []uuid{channel}}
	now := time.Now()
	for _, once := range []bool{true, false} {
		if _, err := d.add(&message{id: newUUID(), channel: channel, once: once, expires: now.Add(time.Minute)}, now, 10, &mem); err != nil {
			t.Fatal(err)
		}
	}
	d.detach(here, now, &mem)
	d.attach(next, &mem)
	if len(d.waiting) != 1 || d.waiting[0].once || mem.used.Load() != overhead {
		t.Errorf("%d messages wait, %d bytes", len(d.waiting), mem.used.Load())
	}
}

func TestAChannelThatIsUnregisteredTakesItsMessagesAlong(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	p, uaid, endpoint := r.subscriber()
	r.pushed(endpoint, "x")
	p.notification()
	p.send(`{"messageType":"unregister","channelID":"` + testChannel + `"}`)
	p.receive()
	if used := r.s.memory.used.Load(); used != 0 {
		t.Errorf("%d bytes are kept", used)
	}
	p.register(testChannel, r.key.PublicKey())
	r.leave(p, uaid)
	p = r.dial()
	p.hello(uaid)
	p.barrier()
}

func TestNoMoreThan128MessagesAreUnderWayToADevice(t *testing.T) {
	r := newRig(t, loopback(t), func(o *Options) { o.MessagesPerDevice = 200 })
	p, _, endpoint := r.subscriber()
	for i := range 200 {
		r.pushed(endpoint, strconv.Itoa(i))
	}
	var versions []string
	for range maxInFlight {
		_, version := p.notification()
		versions = append(versions, version)
	}
	p.barrier()
	resp := r.push(endpoint, "one too many")
	if resp.status != 503 || resp.header.Get("Retry-After") != retrySoon {
		t.Errorf("%d, Retry-After %q", resp.status, resp.header.Get("Retry-After"))
	}
	r.pushed(endpoint, "TTL 0 with no room is dropped", "TTL", "0")
	p.barrier()
	p.ack(versions[0])
	if text, _ := p.notification(); text != "128" {
		t.Errorf("received %q after an acknowledgement", text)
	}
	p.barrier()
	for _, v := range versions[1:] {
		p.ack(v)
	}
	for i := 129; i < 200; i++ {
		if text, _ := p.notification(); text != strconv.Itoa(i) {
			t.Errorf("received %q, not %d", text, i)
		}
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	full := func(t *testing.T, r *rig, endpoint string, headers ...string) {
		t.Helper()
		resp := r.push(endpoint, "x", headers...)
		if resp.status != 503 || resp.header.Get("Retry-After") != retryLater {
			t.Errorf("%d, Retry-After %q", resp.status, resp.header.Get("Retry-After"))
		}
	}
	t.Run("for a device that is away", func(t *testing.T) {
		r := newRig(t, loopback(t), func(o *Options) { o.MessagesPerDevice = 3 })
		p, uaid, endpoint := r.subscriber()
		r.leave(p, uaid)
		r.pushed(endpoint, "a", "Topic", "t")
		r.pushed(endpoint, "b")
		r.pushed(endpoint, "c")
		full(t, r, endpoint)
		r.pushed(endpoint, "in place of a", "Topic", "t")
		r.pushed(endpoint, "x", "TTL", "0")
	})
	t.Run("what has expired makes room", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, pipes(), func(o *Options) { o.MessagesPerDevice = 1 })
			p, uaid, endpoint := r.subscriber()
			r.leave(p, uaid)
			r.pushed(endpoint, "a", "TTL", "5")
			full(t, r, endpoint)
			later(6 * time.Second)
			r.pushed(endpoint, "b")
		})
	})
	t.Run("for all devices together, half of it for those that are away", func(t *testing.T) {
		r := newRig(t, loopback(t), func(o *Options) { o.Bytes = 6 * (overhead + 1) })
		p, uaid, one := r.subscriber()
		q, other, two := r.subscriber()
		r.leave(p, uaid)
		r.leave(q, other)
		r.pushed(one, "a")
		r.pushed(one, "b")
		r.pushed(two, "c")
		full(t, r, two)
		connected, _, three := r.subscriber()
		for _, text := range []string{"1", "2", "3"} {
			r.pushed(three, text)
			connected.notification()
		}
		full(t, r, three)
		p = r.dial()
		p.hello(uaid)
		_, version := p.notification()
		p.ack(version)
		p.notification()
		p.barrier()
		r.pushed(three, "4")
		full(t, r, two)
	})
}

func TestTheNumberOfConnectionsIsBounded(t *testing.T) {
	r := newRig(t, loopback(t), func(o *Options) { o.Connections = 2 })
	p, uaid, _ := r.subscriber()
	r.subscriber()
	if _, err := r.tryDial(nil); err == nil {
		t.Error("a third connection is taken")
	}
	resp := r.do(http.MethodGet, r.s.place.origin+"/", "", "Connection", "Upgrade", "Upgrade", "websocket")
	if resp.status != 503 || resp.header.Get("Retry-After") == "" {
		t.Errorf("%d, Retry-After %q", resp.status, resp.header.Get("Retry-After"))
	}
	r.leave(p, uaid)
	r.until(func() bool { q, err := r.tryDial(nil); return err == nil && q.hello(uaid) == uaid })
}

func TestADeviceThatIsAwayMakesRoomForANewOne(t *testing.T) {
	r := newRig(t, loopback(t), func(o *Options) { o.Records = 3 })
	var names []string
	var endpoints []string
	for range 3 {
		p, uaid, endpoint := r.subscriber()
		names, endpoints = append(names, uaid), append(endpoints, endpoint)
		if len(names) < 3 {
			r.leave(p, uaid)
		}
	}
	r.pushed(endpoints[0], "x")
	r.subscriber()
	if code := r.push(endpoints[0], "x").status; code != http.StatusGone {
		t.Errorf("the longest absent device is still known: %d", code)
	}
	r.pushed(endpoints[1], "x")
	r.pushed(endpoints[2], "x")
	if used := r.s.memory.used.Load(); used != 2*(overhead+1) {
		t.Errorf("%d bytes counted", used)
	}
	r.subscriber() // the second one's place
	p := r.dial()
	p.send(`{"messageType":"hello"}`)
	if code := p.closed(); code != 1011 {
		t.Errorf("closed with %d when all devices are connected", code)
	}
}

func TestSendersDoNotWaitForEachOther(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	p, _, endpoint := r.subscriber()
	var senders sync.WaitGroup
	for i := range 8 {
		senders.Go(func() {
			for j := range 100 {
				resp, err := r.client.Do(r.request(http.MethodPost, endpoint, fmt.Sprint(i, j)))
				if err != nil || resp.StatusCode != 201 {
					t.Errorf("push: %v %v", resp, err)
					return
				}
				_ = resp.Body.Close()
			}
		})
	}
	got := map[string]bool{}
	for range 800 {
		text, version := p.notification()
		got[text] = true
		p.ack(version)
	}
	senders.Wait()
	if len(got) != 800 {
		t.Errorf("%d of 800 messages", len(got))
	}
	p.barrier()
	if used := r.s.memory.used.Load(); used != 0 {
		t.Errorf("%d bytes are kept", used)
	}
}

// Devices come back all together after the service or the network was away, some while their old connection still hangs.
func TestAThousandDevicesComeBackAtOnce(t *testing.T) {
	const devices = 1000
	r := newRig(t, loopback(t), nil)
	peers, names, endpoints := make([]*peer, devices), make([]string, devices), make([]string, devices)
	each := func(f func(i int)) {
		var g sync.WaitGroup
		for w := range 20 {
			g.Go(func() {
				for i := w; i < devices; i += 20 {
					f(i)
				}
			})
		}
		g.Wait()
	}
	each(func(i int) {
		p, err := r.tryDial(nil)
		if err != nil {
			t.Error(err)
			return
		}
		peers[i], names[i] = p, p.hello("")
		endpoints[i] = p.register(testChannel, r.key.PublicKey())
	})
	if t.Failed() {
		t.FailNow()
	}
	each(func(i int) {
		if i%2 == 0 {
			_ = peers[i].conn.Close()
		}
		r.pushed(endpoints[i], strconv.Itoa(i))
		p, err := r.tryDial(nil)
		if err != nil {
			t.Error(err)
			return
		}
		if got := p.hello(names[i]); got != names[i] {
			t.Errorf("%s became %s", names[i], got)
		}
		if text, version := p.notification(); text != strconv.Itoa(i) {
			t.Errorf("device %d received %q", i, text)
		} else {
			p.ack(version)
		}
		p.barrier()
		peers[i] = p
	})
	r.until(func() bool { return value(t, r.s.metrics.connected) == devices })
	if n, used := r.s.devices.count(), r.s.memory.used.Load(); n != devices || used != 0 {
		t.Errorf("%d devices known, %d bytes kept", n, used)
	}
}

func TestCloseTellsTheDevicesToComeBack(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	p, _, _ := r.subscriber()
	silent := r.dial() // no hello yet
	if err := r.s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if code := p.closed(); code != 1001 {
		t.Errorf("closed with %d", code)
	}
	if code := silent.closed(); code != 1001 {
		t.Errorf("closed with %d before hello", code)
	}
	if _, err := r.tryDial(nil); err == nil {
		t.Error("a connection is taken after the end")
	}
}

func TestCloseHangsUpWhenItsTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, pipes(), nil)
		stuck := make(chan struct{})
		defer close(stuck)
		p := r.dialPinged(func(*websocket.Conn, string) error { <-stuck; return nil })
		p.hello("")
		later(301 * time.Second) // the peer reads nothing from now on
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		_ = r.s.Close(ctx)
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

func TestMetricsNameNobody(t *testing.T) {
	registry := prometheus.NewRegistry()
	r := newRig(t, loopback(t), func(o *Options) { o.Registry = registry })
	p, uaid, endpoint := r.subscriber()
	r.pushed(endpoint, "x")
	_, version := p.notification()
	p.ack(version)
	p.barrier()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprint(families)
	for _, want := range []string{"devices_connected", "pushes_total", "acks_total", "devices_known", "pending_bytes"} {
		if !strings.Contains(text, "securepush_pushservice_"+want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, secret := range []string{uaid, uaid[:8], version, testChannel} {
		if strings.Contains(text, secret) {
			t.Errorf("metrics show %s", secret)
		}
	}
	if _, err := New(Options{Origin: "https://push.example", Secret: make([]byte, 32), Registry: registry}); err == nil {
		t.Error("two services count into one registry")
	}
}
