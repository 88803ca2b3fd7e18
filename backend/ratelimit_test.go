package backend

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"
)

func TestBucketsRefillAndForget(t *testing.T) {
	clock := newClock()
	b := newBuckets(2, 3, clock.now)
	for i := range 3 {
		if wait := b.take("a"); wait != 0 {
			t.Errorf("token %d: wait %v", i, wait)
		}
	}
	if wait := b.take("a"); wait != 500*time.Millisecond {
		t.Errorf("empty: wait %v", wait)
	}
	if wait := b.take("b"); wait != 0 {
		t.Errorf("another: wait %v", wait)
	}
	clock.pass(500 * time.Millisecond)
	if b.take("a") != 0 || b.take("a") == 0 {
		t.Error("half a second gives one token")
	}
	b.give("a")
	if b.take("a") != 0 {
		t.Error("a token given back can be taken")
	}
	clock.pass(-time.Hour) // a clock that is set back
	if wait := b.take("a"); wait > time.Second {
		t.Errorf("wait %v", wait)
	}
}

func TestBucketsStayBounded(t *testing.T) {
	clock := newClock()
	b := newBuckets(1, 5, clock.now)
	for i := range 3 * maxBuckets {
		b.take(fmt.Sprint(i))
	}
	if len(b.each) > maxBuckets {
		t.Errorf("%d buckets", len(b.each))
	}
	clock.pass(time.Minute)
	for i := range maxBuckets {
		b.take(fmt.Sprint("later ", i))
	}
	if len(b.each) > maxBuckets {
		t.Errorf("%d buckets", len(b.each))
	}
}

func TestClientAddressBelievesLoopbackProxiesOnly(t *testing.T) {
	for _, tt := range []struct{ peer, forwarded, want string }{
		{"192.0.2.1:5", "", "192.0.2.1"},
		{"192.0.2.1:5", "198.51.100.1", "192.0.2.1"},
		{"127.0.0.1:5", "198.51.100.1", "198.51.100.1"},
		{"127.0.0.1:5", "203.0.113.9, 198.51.100.1", "198.51.100.1"}, // the first is the client's own invention
		{"127.0.0.1:5", "garbage", "127.0.0.1"},
		{"[::1]:5", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"[2001:db8::1]:5", "", "2001:db8::/64"},
		{"[::ffff:192.0.2.1]:5", "", "192.0.2.1"},
		{"@", "", "::/64"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.peer
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		if got := clientAddress(r); got != tt.want {
			t.Errorf("%s %q: %s, want %s", tt.peer, tt.forwarded, got, tt.want)
		}
	}
}
