package autopush

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"securepush/api"

	"github.com/coder/websocket"
)

func TestAnAddressThatIsNoPushServiceIsSaidSo(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		want   string
	}{
		"page":        {http.StatusOK, "down unknown_server"},
		"nothing":     {http.StatusNotFound, "down unknown_server"},
		"a redirect":  {http.StatusTemporaryRedirect, "down unknown_server"},
		"an overload": {http.StatusTooManyRequests, "down unavailable"},
		"a failure":   {http.StatusInternalServerError, "down unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, nil, refusing(test.status, "Location", "ws://127.0.0.1:9151/"))
				r.dev.expect(t, test.want)
				if r.dials.Load() != 1 {
					t.Errorf("connected %d times: a redirect was followed", r.dials.Load())
				}
			})
		})
	}
}

func TestAnAddressThatCannotWorkEndsRun(t *testing.T) {
	for address, want := range map[string]api.Code{
		"":                           api.CodeUnknownServer,
		"push.example":               api.CodeUnknownServer,
		"wss://":                     api.CodeUnknownServer,
		"ftp://push.example":         api.CodeUnknownServer,
		"wss://u:p@push.example":     api.CodeUnknownServer,
		"ws://push.example/push":     api.CodePlainHTTP,
		"http://192.0.2.1:8700/push": api.CodePlainHTTP,
	} {
		err := New(Config{URL: address, VAPIDKey: testVAPID}, nil, newDevice()).Run(t.Context())
		if got := api.CodeOf(err); got != want {
			t.Errorf("%q gave %v, want %s", address, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, address := range []string{"wss://push.example", "https://push.example/x", "ws://localhost:1/", "http://[::1]:1/"} {
		if err := New(Config{URL: address, VAPIDKey: testVAPID}, nil, newDevice()).Run(ctx); err != nil {
			t.Errorf("%q gave %v", address, err)
		}
	}
}

func TestAServiceThatBreaksTheProtocolIsLeft(t *testing.T) {
	reply := func(v object) func(*testing.T, *peer) {
		return func(t *testing.T, p *peer) { p.expect(t, "hello"); p.send(t, v) }
	}
	registered := func(v object) func(*testing.T, *peer) {
		return func(t *testing.T, p *peer) {
			p.greet(t, testUAID)
			v["messageType"], v["channelID"] = "register", p.expect(t, "register")["channelID"]
			p.send(t, v)
		}
	}
	for name, test := range map[string]struct {
		do   func(t *testing.T, p *peer)
		want string
	}{
		"no answer to hello": {func(t *testing.T, p *peer) { p.expect(t, "hello") }, "down unreachable"},
		"no answer to register": {
			func(t *testing.T, p *peer) { p.greet(t, testUAID); p.expect(t, "register") }, "down unreachable",
		},
		"hello refused":   {reply(object{"messageType": "hello", "status": 500}), "down unavailable"},
		"an empty name":   {reply(object{"messageType": "hello", "status": 200, "uaid": ""}), "down unknown_server"},
		"a long name":     {reply(object{"messageType": "hello", "status": 200, "uaid": strings.Repeat("a", 129)}), "down unknown_server"},
		"register first":  {reply(object{"messageType": "register", "status": 200}), "down unreachable"},
		"a bad key":       {registered(object{"status": 400, "pushEndpoint": "bad key"}), "down unavailable"},
		"a failure":       {registered(object{"status": 500, "pushEndpoint": ""}), "down unavailable"},
		"no endpoint":     {registered(object{"status": 200}), "down unknown_server"},
		"a long endpoint": {registered(object{"status": 200, "pushEndpoint": "https://a.example/" + strings.Repeat("a", 1000)}), "down unknown_server"},
		"an odd endpoint": {registered(object{"status": 200, "pushEndpoint": "javascript:alert(1)"}), "down unknown_server"},
		"not JSON": {
			func(t *testing.T, p *peer) { p.expect(t, "hello"); p.send(t, []byte("{")) }, "down unknown_server",
		},
		"a wrong type": {
			func(t *testing.T, p *peer) { p.expect(t, "hello"); p.send(t, []byte(`{"messageType":7}`)) }, "down unknown_server",
		},
		"a binary message": {func(t *testing.T, p *peer) {
			p.expect(t, "hello")
			_ = p.conn.Write(t.Context(), websocket.MessageBinary, []byte("{}"))
		}, "down unknown_server"},
		"too long a message": {func(t *testing.T, p *peer) {
			p.expect(t, "hello")
			_ = p.conn.Write(t.Context(), websocket.MessageText, []byte(`{"x":"`+strings.Repeat("x", readLimit)+`"}`))
		}, "down unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, nil)
				p := r.next(t)
				test.do(t, p)
				r.dev.expect(t, test.want)
				p.ended(t)
				r.live(t)
			})
		})
	}
}

func TestASecondHelloEndsTheSession(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		p, channel := r.live(t)
		p.send(t, []byte(recordedHello))
		r.dev.expect(t, "down unknown_server")
		r.again(t, channel)
	})
}

func TestAFloodOfRepliesEndsTheSession(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		hold := make(chan struct{})
		r := newRig(t, nil, func(r *rig, _ *Config) { r.dev.push = func(string) error { <-hold; return nil } })
		p, channel := r.live(t)
		p.send(t, notification(channel, "v1", r.dev.seal(t, testID)))
		r.dev.expect(t, "push "+testID)
		for range 10 {
			if p.conn.Write(t.Context(), websocket.MessageText, []byte(`{"messageType":"register"}`)) != nil {
				break
			}
		}
		p.ended(t)
		close(hold)
		r.dev.expect(t, "down unknown_server")
	})
}

func TestWhatCameBeforeTheConnectionEndedIsHandedOver(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		hold := make(chan struct{})
		r := newRig(t, nil, func(r *rig, _ *Config) { r.dev.push = func(string) error { <-hold; return nil } })
		p, channel := r.live(t)
		for i := range 3 {
			p.send(t, notification(channel, version(i), r.dev.seal(t, testID)))
		}
		_ = p.conn.CloseNow()
		synctest.Wait()
		close(hold)
		r.dev.expect(t, "push "+testID, "push "+testID, "push "+testID, "down unavailable")
		if got := r.dev.state(t).Seen; len(got) != 3 {
			t.Errorf("remembered %v", got)
		}
	})
}
