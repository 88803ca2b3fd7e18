package autopush

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

func TestTheEndOfTheContextClosesTheConnectionAndWaits(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		p, _ := r.live(t)
		at := time.Now()
		r.stop()
		if code := p.ended(t); code != 1000 {
			t.Errorf("closed with %d", code)
		}
		if took := time.Since(at); took > 100*time.Millisecond {
			t.Errorf("closing took %v", took)
		}
		r.dev.quiet(t)
	})
}

func TestClosingADeadConnectionTakesAMoment(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.live(t)
		synctest.Wait() // for the reader to read again
		r.last.dead.Store(true)
		at := time.Now()
		r.stop()
		if took := time.Since(at); took > 2*time.Second {
			t.Errorf("closing took %v", took)
		}
	})
}

func TestTheContextEndsEveryStep(t *testing.T) {
	hang := http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() })
	steps := map[string]func(t *testing.T) *rig{
		"connecting": func(t *testing.T) *rig {
			r := newRig(t, nil, func(r *rig, _ *Config) { r.refuse.Store(&hang) })
			synctest.Wait()
			return r
		},
		"waiting for the hello": func(t *testing.T) *rig {
			r := newRig(t, nil)
			r.next(t).expect(t, "hello")
			return r
		},
		"waiting for the register": func(t *testing.T) *rig {
			r := newRig(t, nil)
			p := r.next(t)
			p.greet(t, testUAID)
			p.expect(t, "register")
			return r
		},
		"waiting to connect again": func(t *testing.T) *rig { return closedRig(t, 1011) },
		"staying away":             func(t *testing.T) *rig { return closedRig(t, closeAway) },
	}
	for name, step := range steps {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := step(t)
				at := time.Now()
				r.stop()
				if took := time.Since(at); took > 2*time.Second {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

func closedRig(t *testing.T, code websocket.StatusCode) *rig {
	t.Helper()
	r := newRig(t, nil)
	p, _ := r.live(t)
	_ = p.conn.Close(code, "")
	r.dev.expect(t, "down unavailable")
	return r
}

func TestADeadLinkIsNoticedWithinAMinute(t *testing.T) {
	for _, age := range []time.Duration{time.Second, 46 * time.Second, 10 * time.Minute} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, nil)
			_, channel := r.live(t)
			pass(age)
			r.dev.quiet(t)
			r.last.dead.Store(true)
			at := time.Now()
			r.dev.expect(t, "down unreachable")
			if took := time.Since(at); took > time.Minute {
				t.Errorf("noticed after %v", took)
			}
			r.again(t, channel)
		})
	}
}

func TestAQuietLinkStaysUp(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.live(t)
		pass(24 * time.Hour)
		r.dev.quiet(t)
	})
}

func TestWakingUpProbesTheLink(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.live(t)
		r.edge.Wake()
		pass(20 * time.Second)
		r.dev.quiet(t)
		r.last.dead.Store(true)
		at := time.Now()
		r.edge.Wake()
		r.dev.expect(t, "down unreachable")
		if took := time.Since(at); took > 7*time.Second {
			t.Errorf("noticed after %v", took)
		}
	})
}

// refusing makes the service answer with a status.
func refusing(status int, header ...string) func(*rig, *Config) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
	})
	return func(r *rig, _ *Config) { r.refuse.Store(&h) }
}

// gaps measures the time between attempts to connect.
func (r *rig) gaps(t *testing.T, n int) []time.Duration {
	t.Helper()
	gaps := make([]time.Duration, n)
	for i := range gaps {
		at := time.Now()
		for before := r.dials.Load(); r.dials.Load() == before; synctest.Wait() {
			pass(10 * time.Millisecond)
		}
		gaps[i] = time.Since(at).Round(100 * time.Millisecond)
	}
	return gaps
}

func TestAttemptsGetRarerUpToAMinuteAndAreSpread(t *testing.T) {
	for _, test := range []struct {
		jitter float64
		want   []time.Duration
	}{
		{0.9999, []time.Duration{2e9, 4e9, 8e9, 16e9, 32e9, 60e9, 60e9, 60e9}},
		{0.5, []time.Duration{1100e6, 2100e6, 4100e6, 8100e6, 16100e6, 30100e6, 30100e6, 30100e6}},
		{0, []time.Duration{300e6, 300e6, 300e6, 300e6, 300e6, 300e6, 300e6, 300e6}},
	} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, nil, refusing(http.StatusBadGateway), func(_ *rig, c *Config) { c.Jitter = func() float64 { return test.jitter } })
			synctest.Wait()
			for i, got := range r.gaps(t, len(test.want)) {
				if got < test.want[i]-200*time.Millisecond || got > test.want[i]+200*time.Millisecond {
					t.Errorf("jitter %v, attempt %d after %v, want %v", test.jitter, i+2, got, test.want[i])
				}
			}
		})
	}
}

func TestAGoodHelloResetsTheWait(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		saved, channel := savedState(t)
		r := newRig(t, saved, refusing(http.StatusBadGateway), func(_ *rig, c *Config) { c.Jitter = func() float64 { return 0.9999 } })
		r.gaps(t, 5)
		r.refuse.Store(nil)
		p := r.next(t)
		p.greet(t, testUAID)
		for {
			if e := <-r.dev.events; e == "up" {
				break
			}
		}
		r.dev.expect(t, "subscribed "+endpoint(channel))
		_ = p.conn.Close(1011, "")
		r.dev.expect(t, "down unavailable")
		at := time.Now()
		r.next(t)
		if took := time.Since(at); took > firstDelay {
			t.Errorf("came back after %v", took)
		}
	})
}

func TestWakingUpCutsTheWaitShort(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil, refusing(http.StatusBadGateway), func(_ *rig, c *Config) { c.Jitter = func() float64 { return 0.9999 } })
		r.gaps(t, 6)
		synctest.Wait()
		r.refuse.Store(nil)
		at := time.Now()
		r.edge.Wake()
		r.next(t)
		if took := time.Since(at); took > 100*time.Millisecond {
			t.Errorf("came back after %v", took)
		}
	})
}

func TestAServiceThatSaysStayAwayIsObeyed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		p, channel := r.live(t)
		_ = p.conn.Close(4774, "")
		r.dev.expect(t, "down unavailable")
		before := r.dials.Load()
		pass(29 * time.Minute)
		if r.dials.Load() != before {
			t.Error("came back by itself")
		}
		r.edge.Wake()
		p = r.again(t, channel)
		_ = p.conn.Close(4774, "")
		r.dev.expect(t, "down unavailable")
		at := time.Now()
		r.again(t, channel)
		if took := time.Since(at); took < 29*time.Minute || took > 31*time.Minute {
			t.Errorf("came back after %v", took)
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil, refusing(http.StatusServiceUnavailable, "Retry-After", "300"))
		r.dev.expect(t, "down unavailable")
		if got := r.gaps(t, 1)[0]; got < 299*time.Second || got > 301*time.Second {
			t.Errorf("came back after %v", got)
		}
	})
}
