package autopush

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"securepush/api"
)

// The server's half of a dialogue recorded with Firefox ESR; the channel is the device's own choice.
const (
	recordedHello    = `{"broadcasts":{},"messageType":"hello","status":200,"uaid":"c0d1641062d74dfb816e801d57e3bf05","use_webpush":true}`
	recordedRegister = `{"channelID":"CHANNEL","messageType":"register","pushEndpoint":"http://127.0.0.1:9160/wpush/v2/YvlX-P6ggu8r","status":200}`
	recordedData     = `ijAa8hLSrLXoVrcaThzEoAAAEABBBCn87qczXvABNKcEumCi4-izd0GyTrkQdb8Q8yWAZU4-yeroiRJ9jFQtk-xg67gZLP7idd6ExG_t4TSzQOFtVKAoOi7fqguNSYt7x11shqRqT-IFy1I`
	recordedVersion  = `XBOiKZY9vmu-T6tUXRrn13YEohvVP0nmqMpIZELJxPb1WCqzUn62PdoED4u6TVvdtjDZAOvlCRN3luUH`
	recordedPush     = `{"messageType":"notification","channelID":"CHANNEL","version":"` + recordedVersion + `","data":"` + recordedData + `","headers":{"encoding":"aes128gcm"}}`
)

func TestTheServersHalfOfTheRecordedDialogueIsUnderstood(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		p := r.next(t)
		p.expect(t, "hello")
		p.send(t, []byte(recordedHello))
		channel, _ := p.expect(t, "register")["channelID"].(string)
		p.send(t, []byte(strings.ReplaceAll(recordedRegister, "CHANNEL", channel)))
		r.dev.expect(t, "up", "subscribed http://127.0.0.1:9160/wpush/v2/YvlX-P6ggu8r")
		push := strings.ReplaceAll(recordedPush, "CHANNEL", channel)
		p.send(t, []byte(push)) // for Firefox's keys
		r.dev.expect(t, "undecryptable")
		ack := p.expect(t, "ack")
		if got := fmt.Sprint(ack["updates"]); got != "[map[channelID:"+channel+" code:101 version:"+recordedVersion+"]]" {
			t.Errorf("acknowledged %s", got)
		}
		push = strings.ReplaceAll(strings.ReplaceAll(push, recordedData, r.dev.seal(t, testID)), recordedVersion, "second")
		p.send(t, []byte(push))
		r.dev.expect(t, "push "+testID)
		p.wantAck(t, "second", 100)
	})
}

func TestAPushIsAcknowledgedWhenItIsPersistedAndNotBefore(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		persisted := make(chan error)
		r := newRig(t, nil, func(r *rig, _ *Config) { r.dev.push = func(string) error { return <-persisted } })
		p, channel := r.live(t)
		p.send(t, notification(channel, "v1", r.dev.seal(t, testID)))
		r.dev.expect(t, "push "+testID)
		p.quiet(t)
		for range 3 { // the service drops who does not answer within four seconds
			pass(20 * time.Second)
			at := time.Now()
			if err := p.conn.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(at); took > 4*time.Second {
				t.Errorf("answered a PING after %v", took)
			}
		}
		p.quiet(t)
		persisted <- nil
		p.wantAck(t, "v1", 100)
		if st := r.dev.state(t); len(st.Seen) != 1 || st.Seen[0] != "v1" {
			t.Errorf("remembered %v before acknowledging", st.Seen)
		}
	})
}

func TestAPushThatCannotBePersistedIsNotAcknowledgedAndComesAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		failure := errors.New("disk full")
		r := newRig(t, nil, func(r *rig, c *Config) {
			r.dev.push = func(text string) error {
				if text == testID {
					return failure
				}
				return nil
			}
			c.Jitter = func() float64 { return 0.5 }
		})
		p, channel := r.live(t)
		var waited []time.Duration
		for range 4 {
			p.send(t, notification(channel, "v1", r.dev.seal(t, testID)))
			r.dev.expect(t, "push "+testID, "down internal")
			at := time.Now()
			if code := p.ended(t); code != 1000 {
				t.Errorf("closed with %d", code)
			}
			p.quiet(t)
			p = r.again(t, channel)
			waited = append(waited, time.Since(at))
		}
		for i := 1; i < len(waited); i++ {
			if waited[i] <= waited[i-1] {
				t.Errorf("waited %v: a full disk is not asked less and less often", waited)
				break
			}
		}
		failure = nil
		p.send(t, notification(channel, "v1", r.dev.seal(t, testID)))
		r.dev.expect(t, "push "+testID)
		p.wantAck(t, "v1", 100)
	})
}

func TestWhatWasPersistedIsAcknowledgedThoughItsNeighbourWasNot(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		hold := make(chan struct{})
		r := newRig(t, nil, func(r *rig, _ *Config) {
			r.dev.push = func(text string) error {
				<-hold
				if text == "bad" {
					return errors.New("disk full")
				}
				return nil
			}
		})
		p, channel := r.live(t)
		p.send(t, notification(channel, "v1", r.dev.seal(t, testID)))
		r.dev.expect(t, "push "+testID)
		for i, text := range []string{testID, "bad", testID} {
			p.send(t, notification(channel, version(i), r.dev.seal(t, text)))
		}
		synctest.Wait()
		close(hold)
		p.wantAck(t, "v1", 100)
		got := p.acked(t)
		if len(got) != 2 || got[version(0)] != 100 || got[version(2)] != 100 {
			t.Errorf("acknowledged %v", got)
		}
		p.ended(t)
	})
}

func TestAPushIsNotAcknowledgedWhenTheStateCannotBeSaved(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		p, channel := r.live(t)
		r.dev.save = func([]byte) error { return errors.New("disk full") }
		p.send(t, notification(channel, "v1", r.dev.seal(t, testID)))
		r.dev.expect(t, "push "+testID, "down internal")
		p.ended(t)
		p.quiet(t)
		p = r.again(t, channel)
		r.dev.save = nil
		p.send(t, notification(channel, "v1", r.dev.seal(t, testID)))
		p.wantAck(t, "v1", 100) // it was handed over already
		r.dev.quiet(t)
		if st := r.dev.state(t); len(st.Seen) != 1 {
			t.Errorf("remembered %v", st.Seen)
		}
	})
}

func TestWhatMeansNothingIsAcknowledgedAsUndecryptable(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil, func(r *rig, _ *Config) {
			r.dev.push = func(text string) error {
				_, err := api.DecodePush([]byte(text))
				return err
			}
		})
		p, channel := r.live(t)
		sealed := r.dev.seal(t, testID)
		other, err := base64.RawURLEncoding.DecodeString(sealed)
		if err != nil {
			t.Fatal(err)
		}
		other[len(other)-1] ^= 1
		for i, data := range []string{base64.RawURLEncoding.EncodeToString(other), "AAAA", "!not base64", sealed[:20]} {
			p.send(t, notification(channel, version(i), data))
			r.dev.expect(t, "undecryptable")
			p.wantAck(t, version(i), 101)
		}
		p.send(t, notification(channel, "text", r.dev.seal(t, "not an ID")))
		r.dev.expect(t, "push not an ID")
		p.wantAck(t, "text", 101)
		p.send(t, notification(channel, "padded", sealed+"=="))
		r.dev.expect(t, "push "+testID)
		p.wantAck(t, "padded", 100)
	})
}

func TestTheOlderContentCodingIsAccepted(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		// Made by npm http_ece 1.2.1 with the keys of the example in RFC 8291 section 5.
		keys, err := base64.RawURLEncoding.DecodeString("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94" + "")
		if err != nil {
			t.Fatal(err)
		}
		auth, err := base64.RawURLEncoding.DecodeString("BTBZMqHH6r4Tts7J_aSIgg")
		if err != nil {
			t.Fatal(err)
		}
		saved, channel := savedState(t, func(st *state) { st.Keys = append(append([]byte{1}, keys...), auth...) })
		r := newRig(t, saved)
		p := r.again(t, channel)
		o := notification(channel, "v1", "4q9ZRDyG0PD6-sYP4a_bnKwsaTEu4ziWvgxp15xoxUsZajJ8drLqq4a1fjRSp-FGKoQm3bDQlCCVaAvtMEs")
		o["headers"] = object{
			"encoding": "aesgcm", "encryption": "salt=DGv6ra1nlYgDCS1FRnbzlw",
			"crypto_key": "dh=BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
		}
		p.send(t, o)
		r.dev.expect(t, "push When I grow up, I want to be a watermelon")
		p.wantAck(t, "v1", 100)
	})
}

func TestAPushThatCameBeforeIsAcknowledgedAgainAndNothingElse(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		p, channel := r.live(t)
		data := r.dev.seal(t, testID)
		for i := range maxSeen + 1 {
			p.send(t, notification(channel, version(i), data))
			r.dev.expect(t, "push "+testID)
			p.wantAck(t, version(i), 100)
		}
		if st := r.dev.state(t); len(st.Seen) != maxSeen {
			t.Errorf("remembered %d versions", len(st.Seen))
		}
		_ = p.conn.Close(1011, "")
		r.dev.expect(t, "down unavailable")
		p = r.again(t, channel)
		for i := maxSeen; i > 0; i-- {
			p.send(t, notification(channel, version(i), data))
			p.wantAck(t, version(i), 100)
		}
		r.dev.quiet(t)
		p.send(t, notification(channel, version(0), data)) // forgotten
		r.dev.expect(t, "push "+testID)
	})
}

func TestVersionsAreRememberedAcrossARestart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		saved, channel := savedState(t, func(st *state) { st.Seen = []string{"v1"} })
		r := newRig(t, saved)
		p := r.again(t, channel)
		p.send(t, notification(channel, "v1", r.dev.seal(t, testID)))
		p.wantAck(t, "v1", 100)
		r.dev.quiet(t)
	})
}

func TestAHugeVersionIsNotRemembered(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		p, channel := r.live(t)
		huge := strings.Repeat("v", 10_000)
		p.send(t, notification(channel, huge, r.dev.seal(t, testID)))
		r.dev.expect(t, "push "+testID)
		p.wantAck(t, huge, 100)
		if st := r.dev.state(t); len(st.Seen) != 0 {
			t.Errorf("remembered %d versions", len(st.Seen))
		}
	})
}

func TestAPushWithoutABodyAsksForACatchUp(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		p, channel := r.live(t)
		p.send(t, object{"messageType": "notification", "channelID": channel, "version": "v1"})
		r.dev.expect(t, "subscribed "+endpoint(channel))
		p.wantAck(t, "v1", 100)
	})
}

func TestAPushForAChannelThatIsNotOursIsSentBackAndTheChannelGivenUp(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		p, _ := r.live(t)
		const stale = "0b3ae491-9a09-4b63-8c03-4b07ea6ed652"
		p.send(t, notification(stale, "v1", r.dev.seal(t, testID)))
		if u := p.expect(t, "unregister"); u["channelID"] != stale {
			t.Errorf("gave up %v", u)
		}
		p.wantAck(t, "v1", 102)
		r.dev.quiet(t)
	})
}

func TestABurstIsHandedOverTogether(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		hold := make(chan struct{})
		r := newRig(t, nil, func(r *rig, _ *Config) { r.dev.push = func(string) error { <-hold; return nil } })
		p, channel := r.live(t)
		data := r.dev.seal(t, testID)
		const burst = 129
		for i := range burst {
			p.send(t, notification(channel, version(i), data))
		}
		synctest.Wait()
		before := r.dev.saves
		close(hold)
		got := 0
		for got < burst {
			for _, code := range p.acked(t) {
				if code != 100 {
					t.Errorf("code %d", code)
				}
				got++
			}
		}
		if n := r.dev.saves - before; n != 3 { // one alone, two full batches
			t.Errorf("saved %d times for %d pushes", n, burst)
		}
	})
}

func TestMoreThanTheQueueHoldsComesAgainAndNothingIsLost(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		hold := make(chan struct{})
		r := newRig(t, nil, func(r *rig, _ *Config) { r.dev.push = func(string) error { <-hold; return nil } })
		p, channel := r.live(t)
		data := r.dev.seal(t, testID)
		waiting := make(map[string]bool)
		for i := range 3 * queueLength {
			waiting[version(i)] = true
			p.send(t, notification(channel, version(i), data))
		}
		synctest.Wait()
		if err := p.conn.Ping(t.Context()); err != nil {
			t.Fatalf("a full queue keeps from reading: %v", err)
		}
		close(hold)
		settle := func(p *peer) {
			for {
				select {
				case o := <-p.in:
					for _, u := range o["updates"].([]any) {
						delete(waiting, u.(map[string]any)["version"].(string))
					}
					continue
				default:
				}
				return
			}
		}
		for n := 0; len(waiting) > 0; n++ {
			if n == 5 {
				t.Fatalf("%d pushes are still not acknowledged", len(waiting))
			}
			at := time.Now()
			p.ended(t)
			settle(p)
			p = r.next(t)
			if took := time.Since(at); took > time.Second {
				t.Errorf("came back after %v", took)
			}
			p.greet(t, testUAID)
			for v := range waiting {
				p.send(t, notification(channel, v, data))
			}
			synctest.Wait()
			settle(p)
		}
	})
}

func TestWhatTheServiceSaysBesidesIsIgnored(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, nil)
		p, channel := r.live(t)
		for _, s := range []string{
			`{}`, `{"messageType":"ping"}`, `{"messageType":"broadcast","broadcasts":{"a":"b"}}`, `{"messageType":"urgency","urgency":"high"}`,
			`{"messageType":"unregister","channelID":"x","status":200}`,
			`{"messageType":"register","channelID":"x","status":200,"pushEndpoint":"https://evil.example/"}`,
		} {
			p.send(t, []byte(s))
		}
		p.quiet(t)
		r.dev.quiet(t)
		p.send(t, notification(channel, "v1", r.dev.seal(t, testID)))
		r.dev.expect(t, "push "+testID)
		p.wantAck(t, "v1", 100)
	})
}
