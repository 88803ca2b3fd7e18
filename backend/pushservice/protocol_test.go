package pushservice

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// The dialogue of Firefox ESR 153.7 as recorded, with a key of our own where the recorded one's private half is not known.
func TestTheRecordedDialogueOfFirefoxIsAnsweredAsRecorded(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	p := r.dial()
	p.send(`{"messageType":"hello","broadcasts":{},"use_webpush":true}`)
	hello := p.receive()
	want := `{"messageType":"hello","uaid":"` + hello.UAID + `","status":200,"use_webpush":true,"broadcasts":{}}`
	if hello.raw != want || len(hello.UAID) != 32 {
		t.Errorf("hello: %s", hello.raw)
	}
	for _, key := range []string{
		"BHaWCqVmzGQHrvJvV34Qi3uVHVULvtQ8narAxLSxEMHUalfpZ_Mm-YnAVmPFi31mV4KZYWx7xJLh3xrYd7sSMYM=",
		r.key.PublicKey() + "=",
	} {
		p.send(`{"channelID":"0b3ae491-9a09-4b63-8c03-4b07ea6ed652","messageType":"register","key":"` + key + `"}`)
	}
	_ = p.receive()
	registered := p.receive()
	if !strings.HasPrefix(registered.PushEndpoint, r.s.place.origin+"/wpush/v2/") || registered.Status != 200 ||
		registered.ChannelID != testChannel || registered.MessageType != "register" {
		t.Fatalf("register: %s", registered.raw)
	}
	const data = "ijAa8hLSrLXoVrcaThzEoAAAEABBBCn87qczXvABNKcEumCi4-izd0GyTrkQdb8Q8yWAZU4-yeroiRJ9jFQtk-xg67gZLP7idd6ExG_t4TSzQOFtVKAoOi7fqguNSYt7x11shqRqT-IFy1I"
	body, err := decodeKey(data)
	if err != nil {
		t.Fatal(err)
	}
	resp := r.pushed(registered.PushEndpoint, string(body))
	n := p.receive()
	want = `{"messageType":"notification","channelID":"` + testChannel + `","version":"` + n.Version + `","data":"` + data + `","headers":{"encoding":"aes128gcm"}}`
	if n.raw != want || n.Version == "" {
		t.Errorf("notification: %s", n.raw)
	}
	p.send(`{"messageType":"ack","updates":[{"channelID":"` + testChannel + `","version":"` + n.Version + `","code":100}]}`)
	p.barrier()
	if used := r.s.memory.used.Load(); used != 0 {
		t.Errorf("%d bytes are kept after the acknowledgement", used)
	}
	if resp.header.Get("Location") == "" || resp.header.Get("TTL") != "60" {
		t.Errorf("headers of 201: %v", resp.header)
	}
}

func TestTheShortestDialogueIsThatOfKUnifiedPush(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	p := r.dial()
	p.send(`{"messageType":"hello"}`)
	uaid := p.receive().UAID
	p.send(`{"channelID":"509ffaae-4486-4d53-b753-0557319f8a02","messageType":"register"}`)
	endpoint := p.receive().PushEndpoint
	if !strings.Contains(endpoint, "/wpush/v1/") {
		t.Fatalf("endpoint without a key: %s", endpoint)
	}
	r.pushed(endpoint, "x", "Authorization", "")
	_, version := p.notification()
	p.send(`{"messageType":"ack","updates":[{"channelID":"509ffaae-4486-4d53-b753-0557319f8a02","version":"` + version + `"}]}`)
	p.barrier()
	r.leave(p, uaid)
	p = r.dial()
	if again := p.hello(uaid); again != uaid {
		t.Errorf("uaid %s became %s", uaid, again)
	}
	p.barrier()
}

func TestAMessageOutsideTheProtocolClosesTheConnection(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	const hello = `{"messageType":"hello"}`
	for name, c := range map[string]struct {
		frames []string
		code   int
	}{
		"the first message is not hello":      {[]string{`{"messageType":"register","channelID":"` + testChannel + `"}`}, 1011},
		"the first message is a ping":         {[]string{`{}`}, 1011},
		"a second hello":                      {[]string{hello, hello}, 1011},
		"an unknown type":                     {[]string{hello, `{"messageType":"dance"}`}, 1011},
		"no type":                             {[]string{hello, `{"uaid":"x"}`}, 1011},
		"not JSON":                            {[]string{hello, `hello`}, 1011},
		"JSON cut short":                      {[]string{hello, `{"messageType":"ping"`}, 1011},
		"a list":                              {[]string{hello, `[]`}, 1011},
		"a number":                            {[]string{hello, `7`}, 1011},
		"nothing":                             {[]string{hello, ``}, 1011},
		"null":                                {[]string{hello, `null`}, 1011},
		"a field of the wrong type":           {[]string{`{"messageType":"hello","uaid":7}`}, 1011},
		"register with an upper-case channel": {[]string{hello, `{"messageType":"register","channelID":"` + strings.ToUpper(testChannel) + `"}`}, 1011},
		"register with an undashed channel":   {[]string{hello, `{"messageType":"register","channelID":"` + strings.ReplaceAll(testChannel, "-", "") + `"}`}, 1011},
		"register with dashes in the wrong places":  {[]string{hello, `{"messageType":"register","channelID":"0b3ae4919a09-4b63-8c03-4b07-ea6ed652"}`}, 1011},
		"register without a channel":                {[]string{hello, `{"messageType":"register"}`}, 1011},
		"unregister with a channel of another form": {[]string{hello, `{"messageType":"unregister","channelID":"x"}`}, 1011},
		"over 64 KiB": {[]string{hello, `{"messageType":"hello","uaid":"` + strings.Repeat("a", 64<<10) + `"}`}, 1009},
	} {
		t.Run(name, func(t *testing.T) {
			p := r.dial()
			for _, f := range c.frames {
				p.send(f)
			}
			if code := p.closed(); code != c.code {
				t.Errorf("closed with %d, not %d", code, c.code)
			}
		})
	}
	t.Run("a binary frame", func(t *testing.T) {
		p := r.dial()
		p.hello("")
		if err := p.conn.WriteMessage(websocket.BinaryMessage, []byte(`{}`)); err != nil {
			t.Fatal(err)
		}
		if code := p.closed(); code != 1003 {
			t.Errorf("closed with %d", code)
		}
	})
	r.until(func() bool { return r.s.devices.count() == 0 })
}

func TestWhatNeedsNoAnswerGetsNone(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	p, _, _ := r.subscriber()
	for _, f := range []string{
		`{"messageType":"broadcast_subscribe","broadcasts":{"a":"1"}}`,
		`{"messageType":"nack","version":"x","code":302}`,
		`{"messageType":"ack","updates":[{"channelID":"x","version":"x","code":100}]}`,
		`{"messageType":"ack","updates":[]}`,
		`{"messageType":"ack"}`,
	} {
		p.send(f)
	}
	p.barrier()
}

func TestBroadcastsAreAnsweredAsNotFound(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	p := r.dial()
	p.send(`{"messageType":"hello","broadcasts":{"remote-settings/x":"\"1\""}}`)
	if f := p.receive(); !strings.Contains(f.raw, `"broadcasts":{"errors":{"remote-settings/x":"Broadcast not found"}}`) {
		t.Errorf("hello: %s", f.raw)
	}
}

func TestTheSubprotocolIsOfferedAndNotRequired(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	for asked, want := range map[string]string{"": "", "push-notification": "push-notification", "chat": ""} {
		d := websocket.Dialer{}
		if asked != "" {
			d.Subprotocols = []string{asked}
		}
		conn, resp, err := d.DialContext(t.Context(), "ws://"+r.network.listener.Addr().String()+"/push", nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if conn.Subprotocol() != want {
			t.Errorf("asked for %q, got %q", asked, conn.Subprotocol())
		}
		_ = conn.Close()
	}
}

func TestADeviceKeepsItsNameOnlyWhileItIsKnown(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	p, uaid, _ := r.subscriber()
	r.leave(p, uaid)
	dashed := uaid[:8] + "-" + uaid[8:12] + "-" + uaid[12:16] + "-" + uaid[16:20] + "-" + uaid[20:]
	for name, c := range map[string]struct {
		sent string
		same bool
	}{
		"as it was given": {uaid, true},
		"with dashes":     {dashed, true},
		"none":            {"", false},
		"garbage":         {"zzz", false},
		"unknown":         {"01f0a1f6812447bba0431291efe607cb", false},
		"too long":        {uaid + "00", false},
	} {
		p := r.dial()
		got := p.hello(c.sent)
		if (got == uaid) != c.same {
			t.Errorf("%s: %s was answered %s, first name %s", name, c.sent, got, uaid)
		}
		r.leave(p, got)
	}
}

func TestADeviceWithoutChannelsIsForgottenWhenItLeaves(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	p := r.dial()
	uaid := p.hello("")
	r.leave(p, uaid)
	r.until(func() bool { return r.s.devices.count() == 0 })

	p, uaid, endpoint := r.subscriber()
	p.send(`{"messageType":"unregister","channelID":"` + testChannel + `","code":200}`)
	if f := p.receive(); f.raw != `{"messageType":"unregister","channelID":"`+testChannel+`","status":200}` {
		t.Errorf("unregister: %s", f.raw)
	}
	if code := r.push(endpoint, "x").status; code != http.StatusGone {
		t.Errorf("push after unregister: %d", code)
	}
	r.leave(p, uaid)
	r.until(func() bool { return r.s.devices.count() == 0 })
}

func TestASecondConnectionOfADeviceEndsTheFirst(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	first, uaid, endpoint := r.subscriber()
	r.pushed(endpoint, "one")
	first.notification()
	second := r.dial()
	if got := second.hello(uaid); got != uaid {
		t.Fatalf("uaid became %s", got)
	}
	if code := first.closed(); code != 1011 {
		t.Errorf("first connection closed with %d", code)
	}
	if text, _ := second.notification(); text != "one" {
		t.Errorf("not redelivered: %q", text)
	}
	r.pushed(endpoint, "two")
	if text, _ := second.notification(); text != "two" {
		t.Errorf("got %q", text)
	}
}

func TestKeysAreTakenAsClientsWriteThem(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	p := r.dial()
	p.hello("")
	for name, c := range map[string]struct {
		key, path string
		status    int
	}{
		"unpadded":   {r.key.PublicKey(), "/wpush/v2/", 200},
		"padded":     {r.key.PublicKey() + "=", "/wpush/v2/", 200},
		"none":       {"", "/wpush/v1/", 200},
		"not base64": {"!!!", "", 400},
	} {
		p.send(`{"messageType":"register","channelID":"` + testChannel + `","key":"` + c.key + `"}`)
		f := p.receive()
		if f.Status != c.status || !strings.Contains(f.PushEndpoint, c.path) || f.PushEndpoint == "" {
			t.Errorf("%s: %s", name, f.raw)
		}
		if c.status == 200 && c.key != "" {
			r.pushed(f.PushEndpoint, name)
			if text, _ := p.notification(); text != name {
				t.Errorf("%s: received %q", name, text)
			}
		}
	}
}

func TestADeviceHasABoundedNumberOfChannels(t *testing.T) {
	r := newRig(t, loopback(t), func(o *Options) { o.Channels = 2 })
	p := r.dial()
	p.hello("")
	for i, status := range []int{200, 200, 500} {
		p.send(fmt.Sprintf(`{"messageType":"register","channelID":"00000000-0000-4000-8000-00000000000%d"}`, i))
		if f := p.receive(); f.Status != status || (f.PushEndpoint == "") != (status == 500) {
			t.Errorf("channel %d: %s", i, f.raw)
		}
	}
}

func TestTimesOfTheProtocol(t *testing.T) {
	bubble := func(name string, f func(t *testing.T, r *rig)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { f(t, newRig(t, pipes(), nil)) })
		})
	}
	took := func(f func()) time.Duration {
		start := time.Now()
		f()
		return time.Since(start)
	}
	bubble("a peer that says nothing is sent away after 5 s", func(t *testing.T, r *rig) {
		p := r.dial()
		if d := took(func() { <-p.ended }); d < 5*time.Second || d > 7*time.Second || p.closed() != 1011 {
			t.Errorf("closed with %d after %v", p.closed(), d)
		}
	})
	bubble("PINGs do not stand for hello", func(t *testing.T, r *rig) {
		p := r.dial()
		d := took(func() {
			for range 20 {
				select {
				case <-p.ended:
					return
				case <-time.After(time.Second):
					_ = p.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
				}
			}
		})
		if d > 7*time.Second {
			t.Errorf("still there after %v", d)
		}
	})
	bubble("pings 45 s apart are answered", func(t *testing.T, r *rig) {
		p, _, _ := r.subscriber()
		for range 3 {
			p.send(`{}`)
			if f := p.receive(); f.raw != `{}` {
				t.Errorf("ping: %s", f.raw)
			}
			later(pingGap)
		}
		p.send(`{"messageType":"ping"}`)
		if f := p.receive(); f.raw != `{}` {
			t.Errorf("ping: %s", f.raw)
		}
	})
	bubble("pings less than 45 s apart close", func(t *testing.T, r *rig) {
		p, _, _ := r.subscriber()
		p.send(`{}`)
		p.receive()
		later(pingGap - time.Second)
		p.send(`{}`)
		if code := p.closed(); code != 1011 {
			t.Errorf("closed with %d", code)
		}
	})
	bubble("a quiet device that answers PINGs stays for days", func(t *testing.T, r *rig) {
		var pings atomic.Int64
		p := r.dialPinged(func(conn *websocket.Conn, data string) error {
			pings.Add(1)
			return conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
		})
		p.hello("")
		endpoint := p.register(testChannel, r.key.PublicKey())
		later(48 * time.Hour)
		r.pushed(endpoint, "hello")
		if text, _ := p.notification(); text != "hello" {
			t.Errorf("got %q", text)
		}
		if n := pings.Load(); n < 560 || n > 576 {
			t.Errorf("%d PINGs in two days, one each 300 s would be 576", n)
		}
	})
	bubble("a device that does not answer a PING is dropped after 4 s", func(t *testing.T, r *rig) {
		p := r.dialPinged(func(*websocket.Conn, string) error { return nil })
		p.hello("")
		d := took(func() { <-p.ended })
		if d < 304*time.Second || d > 309*time.Second || p.closed() != 1011 {
			t.Errorf("closed with %d after %v", p.closed(), d)
		}
	})
	bubble("any message is a sign of life", func(t *testing.T, r *rig) {
		pinged := make(chan struct{}, 10)
		p := r.dialPinged(func(*websocket.Conn, string) error { pinged <- struct{}{}; return nil })
		p.hello("")
		for range 5 {
			<-pinged
			p.send(`{"messageType":"nack","version":"x"}`)
		}
		select {
		case <-p.ended:
			t.Errorf("ended: %v", p.err)
		default:
		}
	})
}
