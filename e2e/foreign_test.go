//go:build linux

package e2e

import (
	"maps"
	"net/http"
	"net/url"
	"os"
	"testing"

	"securepush/agent/local"
	"securepush/cli/desktop"
	"securepush/webpush"
)

// hostileIDs are texts that a device must not take for an ID.
var hostileIDs = []string{
	"42", "../users/me", "..%2fusers%2fme", "%2e%2e/users/me", "//evil.example/x", "@evil.example/x", "42?admin=1", "42#frag",
	"42\r\nX: y", "42/../../token",
}

// sealed makes the body of a push for a device.
func (s *stack) sealed(p256dh, auth, text string) []byte {
	s.Helper()
	body, err := webpush.Seal(p256dh, auth, []byte(text))
	if err != nil {
		s.Fatal(err)
	}
	return body
}

func TestPushesThatMeanNothingAreDroppedCountedAndAcknowledgedAsSuch(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	site := s.site()
	s.listen()
	s.login(site.gate.url())
	other := s.registered(site.url)
	id := s.curl(site.url, site.key, message(" eins"))
	m.wait(title + " eins")
	devices, err := other.Installations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	channel, real := devices[0].PushChannel, site.capture.seen()[0]
	s.until("the first is acknowledged", func() bool { return site.capture.acks()[100] == 1 })

	t.Log("of another sender")
	strange, err := webpush.GenerateVAPID()
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := url.Parse(channel.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	authorization, err := webpush.NewSigner(strange, "mailto:mallory@evil.example", nil).Authorization(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	forged := push{path: real.path, header: real.header.Clone(), body: s.sealed(channel.P256DH, channel.Auth, id)}
	forged.header.Set("Authorization", authorization)
	if status := site.capture.post(s, forged); status != http.StatusUnauthorized {
		t.Errorf("signed with another key: %d", status)
	}
	forged.header.Del("Authorization")
	if status := site.capture.post(s, forged); status != http.StatusUnauthorized {
		t.Errorf("not signed: %d", status)
	}

	t.Log("that do not open, or open to no ID")
	keys, err := webpush.GenerateKeys()
	if err != nil {
		t.Fatal(err)
	}
	bodies := [][]byte{s.sealed(keys.P256DH(), keys.Auth(), id), []byte("plain text"), append([]byte(nil), real.body...)}
	bodies[2][len(bodies[2])-1] ^= 1
	for _, text := range hostileIDs {
		bodies = append(bodies, s.sealed(channel.P256DH, channel.Auth, text))
	}
	for _, body := range bodies {
		if status := site.capture.post(s, push{path: real.path, header: real.header, body: body}); status != http.StatusCreated {
			t.Errorf("the push service answered %d", status)
		}
	}
	s.until("all are acknowledged", func() bool { return site.capture.acks()[101] == 3+len(hostileIDs) })
	st := decode[local.Status](s, s.must("", "status", "--json"))
	if st.Counters.Undecryptable != 3 || st.Counters.Dropped != int64(len(hostileIDs)) || st.Counters.Shown != 1 {
		t.Errorf("counters are %+v", st.Counters)
	}

	t.Log("and what comes afterwards is shown as ever")
	s.curl(site.url, site.key, message(" zwei"))
	m.wait(title + " zwei")
	s.until("it is acknowledged", func() bool { return site.capture.acks()[100] == 2 })
	if want := map[int]int{100: 2, 101: 3 + len(hostileIDs)}; !maps.Equal(site.capture.acks(), want) {
		t.Errorf("acknowledged %v, want %v", site.capture.acks(), want)
	}
	if shown := m.all(); len(shown) != 2 {
		t.Errorf("%d toasts: %+v", len(shown), shown)
	}
}

func TestAReplayOfAllPushesShowsNothing(t *testing.T) {
	s := newStack(t, desktop.Options{})
	m := s.watch()
	site := s.site()
	s.listen()
	s.login(site.gate.url())
	s.registered(site.url)
	id := ""
	for _, marker := range []string{" eins", " zwei", " drei", " vier"} {
		id = s.curl(site.url, site.key, message(marker))
		m.wait(title + marker)
	}
	s.until("all stand", func() bool { return s.displayed() == 4 })
	s.must("", "read", id)
	s.until("what is read is taken away", func() bool { return m.closes() == 1 })
	s.until("all are acknowledged", func() bool { return site.capture.acks()[100] >= 4 })
	log, shown := site.capture.seen(), len(m.all())
	replay := func() {
		before := site.capture.acks()[100]
		for _, p := range log {
			if status := site.capture.post(s, p); status != http.StatusCreated {
				t.Errorf("the push service answered %d", status)
			}
		}
		s.until("the replay is acknowledged", func() bool { return site.capture.acks()[100] == before+len(log) })
	}

	t.Log("to the listener that showed them")
	replay()

	t.Log("to another one, after a restart")
	s.listener.stop(os.Interrupt)
	s.listen()
	s.connected()
	replay()
	s.curl(site.url, site.key, message(" danach"))
	m.wait(title + " danach")
	s.until("all have been asked for", func() bool { return s.status().Waiting == 0 })
	if n := len(m.all()); n != shown+1 {
		t.Errorf("%d toasts instead of %d: %+v", n, shown+1, m.all()[shown:])
	}
}
