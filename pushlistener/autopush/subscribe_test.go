package autopush

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"securepush/webpush"
)

func TestAFirstConnectionSubscribesAndSavesBeforeItTells(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		saved := false
		r := newRig(t, nil, func(r *rig, _ *Config) {
			r.dev.save = func([]byte) error { saved = len(r.dev.events) == 0; return nil }
		})
		p := r.next(t)
		if got := p.header.Get("Sec-WebSocket-Protocol"); got != subprotocol {
			t.Errorf("offered the subprotocol %q", got)
		}
		if got := p.header.Get("Sec-WebSocket-Extensions"); got != "" {
			t.Errorf("offered the extension %q", got)
		}
		h := p.greet(t, testUAID)
		if _, ok := h["uaid"]; ok || h["use_webpush"] != true {
			t.Errorf("hello was %v", h)
		}
		channel := p.enrol(t)
		if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(channel) {
			t.Errorf("channel %q is no UUID", channel)
		}
		r.dev.expect(t, "up", "subscribed "+endpoint(channel))
		if !saved {
			t.Error("the subscription was told before it was saved")
		}
		st := r.dev.state(t)
		if st.UAID != testUAID || st.Channel != channel || st.Endpoint != endpoint(channel) || st.VAPIDKey != testVAPID || st.URL != testURL {
			t.Errorf("saved %+v", st)
		}
		var keys webpush.Keys
		if err := keys.UnmarshalBinary(st.Keys); err != nil || keys.P256DH() != r.dev.channel.P256DH || keys.Auth() != r.dev.channel.Auth {
			t.Errorf("saved other keys than told: %v", err)
		}
	})
}

func TestAKnownDeviceComesBackToItsChannel(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		saved, channel := savedState(t)
		r := newRig(t, saved)
		p := r.next(t)
		if h := p.greet(t, testUAID); h["uaid"] != testUAID {
			t.Errorf("hello was %v", h)
		}
		r.dev.expect(t, "up", "subscribed "+endpoint(channel))
		p.send(t, notification(channel, "v1", r.dev.seal(t, testID)))
		r.dev.expect(t, "push "+testID)
		p.wantAck(t, "v1", 100)
	})
}

func TestAChangedNameVoidsEverything(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		saved, old := savedState(t, func(st *state) { st.Seen = []string{"v1"} })
		r := newRig(t, saved)
		p := r.next(t)
		p.greet(t, "01f0a1f6812447bba0431291efe607cb")
		channel := p.enrol(t)
		if channel == old {
			t.Error("the channel was kept")
		}
		r.dev.expect(t, "up", "subscribed "+endpoint(channel))
		st := r.dev.state(t)
		before, _, err := loadState(saved, testURL)
		if err != nil {
			t.Fatal(err)
		}
		if st.UAID != "01f0a1f6812447bba0431291efe607cb" || string(st.Keys) == string(before.Keys) || len(st.Seen) != 0 {
			t.Errorf("saved %+v", st)
		}
		p.quiet(t) // the old channel is void by itself
		p.send(t, notification(channel, "v1", r.dev.seal(t, testID)))
		r.dev.expect(t, "push "+testID)
	})
}

func TestAnotherVAPIDKeyMakesAnotherChannel(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		saved, old := savedState(t, func(st *state) { st.VAPIDKey = "B-another" })
		r := newRig(t, saved)
		p := r.next(t)
		if h := p.greet(t, testUAID); h["uaid"] != testUAID {
			t.Errorf("hello was %v", h)
		}
		channel := p.enrol(t)
		if u := p.expect(t, "unregister"); u["channelID"] != old {
			t.Errorf("gave up %v, want %s", u, old)
		}
		r.dev.expect(t, "up", "subscribed "+endpoint(channel))
	})
}

func TestAStateThatIsOfNoUseIsNotUsed(t *testing.T) {
	other, _ := savedState(t, func(st *state) { st.URL = "wss://other.example/push" })
	noKeys, _ := savedState(t, func(st *state) { st.Keys = []byte{1, 2, 3} })
	noEndpoint, _ := savedState(t, func(st *state) { st.Endpoint = "" })
	for name, saved := range map[string][]byte{
		"of another push service": other, "with broken keys": noKeys, "without endpoint": noEndpoint, "that is not JSON": []byte("{"),
	} {
		t.Run("a state "+name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, saved)
				p := r.next(t)
				if h := p.greet(t, testUAID); h["uaid"] != nil {
					t.Errorf("hello was %v", h)
				}
				channel := p.enrol(t)
				r.dev.expect(t, "up", "subscribed "+endpoint(channel))
			})
		})
	}
}

func TestASubscriptionThatCannotBeSavedIsNotUsed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		full := errors.New("disk full")
		r := newRig(t, nil, func(r *rig, _ *Config) { r.dev.save = func([]byte) error { return full } })
		p := r.next(t)
		p.greet(t, testUAID)
		lost := p.enrol(t)
		if u := p.expect(t, "unregister"); u["channelID"] != lost {
			t.Errorf("gave up %v, want %s", u, lost)
		}
		r.dev.expect(t, "down internal")
		p.ended(t)
		full = nil
		p = r.next(t)
		if h := p.greet(t, testUAID); h["uaid"] != nil {
			t.Errorf("hello was %v, though nothing was saved", h)
		}
		channel := p.enrol(t)
		r.dev.expect(t, "up", "subscribed "+endpoint(channel))
	})
}

func TestResubscribeMakesAnotherChannelWithOtherKeys(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		p, old := r.live(t)
		oldKey := r.dev.channel.P256DH
		r.edge.Resubscribe()
		channel := p.enrol(t)
		if u := p.expect(t, "unregister"); u["channelID"] != old || u["code"] != float64(200) {
			t.Errorf("gave up %v, want %s", u, old)
		}
		r.dev.expect(t, "subscribed "+endpoint(channel))
		if channel == old || r.dev.channel.P256DH == oldKey || r.dev.state(t).Channel != channel {
			t.Error("the channel or its keys are the old ones")
		}
		p.send(t, notification(channel, "v1", r.dev.seal(t, testID)))
		r.dev.expect(t, "push "+testID)
		p.wantAck(t, "v1", 100)
		r.dev.quiet(t)
	})
}

func TestResubscribeIsNotForgottenWhenTheConnectionEnds(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		p, _ := r.live(t)
		r.edge.Resubscribe()
		p.expect(t, "register")
		_ = p.conn.Close(1011, "SM")
		r.dev.expect(t, "down unavailable")
		p = r.next(t)
		p.greet(t, testUAID)
		channel := p.enrol(t)
		p.expect(t, "unregister")
		r.dev.expect(t, "up", "subscribed "+endpoint(channel))
		p.quiet(t)
	})
}

func TestResubscribeWithoutAConnectionWaitsForOne(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		p, _ := r.live(t)
		_ = p.conn.Close(closeAway, "")
		r.dev.expect(t, "down unavailable")
		at := time.Now()
		r.edge.Resubscribe()
		p = r.next(t)
		if took := time.Since(at); took > time.Second {
			t.Errorf("came back after %v", took)
		}
		p.greet(t, testUAID)
		channel := p.enrol(t)
		r.dev.expect(t, "up", "subscribed "+endpoint(channel))
	})
}

func TestTheAnswerForAnotherChannelIsNotTaken(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		p := r.next(t)
		p.greet(t, testUAID)
		p.send(t, object{"messageType": "register", "channelID": newChannelID(), "status": 200, "pushEndpoint": "https://evil.example/"})
		channel := p.enrol(t)
		r.dev.expect(t, "up", "subscribed "+endpoint(channel))
	})
}

func TestTheLogHoldsNoCapability(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		p, channel := r.live(t)
		data := r.dev.seal(t, testID)
		p.send(t, notification(channel, "version-long-enough", data))
		r.dev.expect(t, "push "+testID)
		p.acked(t)
		p.send(t, notification(channel, "version-that-does-not-open", "AAAA"))
		r.dev.expect(t, "undecryptable")
		p.acked(t)
		_ = p.conn.Close(1000, "")
		p = r.next(t)
		p.greet(t, "01f0a1f6812447bba0431291efe607cb")
		p.enrol(t)
		r.stop()
		st := r.dev.state(t)
		if !strings.Contains(r.logs.String(), "push link is up") {
			t.Fatalf("logged %s", r.logs)
		}
		for _, secret := range []string{testUAID, "01f0a1f6812447bba0431291efe607cb", channel, st.Channel, "wpush", testID, "version-that", data} {
			if strings.Contains(r.logs.String(), secret) {
				t.Errorf("the log holds %q:\n%s", secret, r.logs)
			}
		}
	})
}
