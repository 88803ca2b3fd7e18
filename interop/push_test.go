package interop_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"securepush/api"
	"securepush/pushlistener/autopush"
	"securepush/webpush"
)

func TestAPushArrivesOnceAndIsGone(t *testing.T) {
	s, d := newService(t), newDevice()
	ch := d.connect(t, s)
	s.push(t, ch, "first")
	d.expect(t, "first")
	d.stop()
	if again := d.connect(t, s); again != ch {
		t.Errorf("came back on another channel")
	}
	s.push(t, ch, "second") // whatever had been left of the first would come before it
	d.expect(t, "second")
}

func TestWhatIsSentToAnAbsentDeviceWaitsForIt(t *testing.T) {
	s, d := newService(t), newDevice()
	ch := d.connect(t, s)
	d.stop()
	want := make(map[string]bool)
	for i := range 200 { // more than a service sends without an acknowledgement
		text := strconv.Itoa(i)
		want[text] = true
		s.push(t, ch, text)
	}
	d.connect(t, s)
	for len(want) > 0 {
		text := wait(t, d.texts, "push")
		if !want[text] {
			t.Fatalf("%q came twice", text)
		}
		delete(want, text)
	}
}

func TestWhatCouldNotBePersistedComesAgain(t *testing.T) {
	s, d := newService(t), newDevice()
	var refusals atomic.Int32
	d.refuse = func(text string) error {
		if text == "stubborn" && refusals.Add(1) < 3 {
			return errors.New("disk full")
		}
		return nil
	}
	ch := d.connect(t, s)
	s.push(t, ch, "stubborn")
	d.expect(t, "stubborn")
	if got := refusals.Load(); got != 3 {
		t.Errorf("handed over %d times", got)
	}
}

func TestWhatIsNotForThisDeviceOrNoIDIsCountedAndDoesNotComeAgain(t *testing.T) {
	s, d := newService(t), newDevice()
	d.refuse = func(text string) error {
		_, err := api.DecodePush([]byte(text))
		return err
	}
	ch := d.connect(t, s)
	other, err := webpush.GenerateKeys()
	if err != nil {
		t.Fatal(err)
	}
	s.push(t, api.PushChannel{Endpoint: ch.Endpoint, P256DH: other.P256DH(), Auth: other.Auth()}, "for another")
	wait(t, d.undecryptable, "undecryptable push")
	s.push(t, ch, "no ID")
	id := string(api.NewID())
	s.push(t, ch, id)
	d.expect(t, id)
	d.stop()
	d.connect(t, s)
	s.push(t, ch, id)
	d.expect(t, id)
	if len(d.undecryptable) != 0 {
		t.Error("the push for another came again")
	}
}

func TestASenderWithAnotherKeyIsRefused(t *testing.T) {
	s, d := newService(t), newDevice()
	ch := d.connect(t, s)
	key, err := webpush.GenerateVAPID()
	if err != nil {
		t.Fatal(err)
	}
	req := s.seal(t, ch, "forged")
	header, err := webpush.NewSigner(key, "mailto:mallory@example.org", nil).Authorization(req.URL)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", header)
	if got := send(t, req); got != http.StatusUnauthorized {
		t.Errorf("another key was answered %d", got)
	}
	req = s.seal(t, ch, "forged")
	req.Header.Del("Authorization")
	if got := send(t, req); got != http.StatusUnauthorized {
		t.Errorf("no key was answered %d", got)
	}
	s.push(t, ch, "genuine")
	d.expect(t, "genuine")
}

func TestAServiceThatLostItsMemoryIsSubscribedToAnew(t *testing.T) {
	s, d := newService(t), newDevice()
	old := d.connect(t, s)
	s.stop()
	s.start(t)
	ch := d.subscribed(t)
	if ch.Endpoint == old.Endpoint || ch.P256DH == old.P256DH || ch.Auth == old.Auth {
		t.Error("the old channel or its keys are still in use")
	}
	if got := send(t, s.seal(t, old, "lost")); got != http.StatusGone {
		t.Errorf("the old endpoint answered %d", got)
	}
	s.push(t, ch, "found")
	d.expect(t, "found")
}

func TestResubscribingEndsTheOldChannel(t *testing.T) {
	s, d := newService(t), newDevice()
	old := d.connect(t, s)
	d.edge.Resubscribe()
	ch := d.subscribed(t)
	s.push(t, ch, "new")
	d.expect(t, "new")
	var answer int
	for deadline := time.Now().Add(patience); answer != http.StatusGone; { // giving it up travels the other way than pushes
		if answer = send(t, s.seal(t, old, "old")); time.Now().After(deadline) {
			t.Fatalf("the old endpoint still answers %d", answer)
		}
	}
	d.stop()
	if again := d.connect(t, s); again != ch {
		t.Error("the new channel was not kept")
	}
}

func TestABurstArrivesWhole(t *testing.T) {
	s, d := newService(t), newDevice()
	ch := d.connect(t, s)
	const senders, each = 4, 200
	var sending sync.WaitGroup
	for n := range senders {
		sending.Go(func() {
			for i := range each {
				req := s.seal(t, ch, strconv.Itoa(n*each+i))
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				_ = resp.Body.Close()
				if resp.StatusCode != http.StatusCreated {
					t.Errorf("answered %d", resp.StatusCode)
				}
			}
		})
	}
	seen := make(map[string]bool)
	for range senders * each {
		text := wait(t, d.texts, "push")
		if seen[text] {
			t.Errorf("%s came twice", text)
		}
		seen[text] = true
	}
	sending.Wait()
}

// TestTheLinkGoesThroughTLSAndAProxy runs the WebSocket through a proxy's CONNECT and a TLS server that prefers HTTP/2.
func TestTheLinkGoesThroughTLSAndAProxy(t *testing.T) {
	s, d := newService(t), newDevice()
	front := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(parse(t, "http://"+s.address)))
	front.EnableHTTP2 = true
	front.StartTLS()
	t.Cleanup(front.Close)
	var tunnels atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tunnels.Add(1)
		tunnel(t, w, r)
	}))
	t.Cleanup(proxy.Close)
	transport, ok := front.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatal("no transport")
	}
	transport.Proxy = http.ProxyURL(parse(t, proxy.URL))
	ch := d.connect(t, s, func(c *autopush.Config) {
		c.URL, c.HTTP = front.URL+"/push", &http.Client{Transport: transport}
	})
	if tunnels.Load() != 1 {
		t.Errorf("%d tunnels", tunnels.Load())
	}
	s.push(t, ch, "through")
	d.expect(t, "through")
	d.stop()
}

// tunnel is a proxy's CONNECT.
func tunnel(t *testing.T, w http.ResponseWriter, r *http.Request) {
	far, err := new(net.Dialer).DialContext(r.Context(), "tcp", r.Host)
	if r.Method != http.MethodConnect || err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	near, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = rw.WriteString("HTTP/1.1 200 OK\r\n\r\n")
	_ = rw.Flush()
	var copying sync.WaitGroup
	copying.Go(func() { _, _ = io.Copy(far, rw); _ = far.Close() })
	copying.Go(func() { _, _ = io.Copy(near, far); _ = near.Close() })
	copying.Wait()
}

func TestAnUntrustedCertificateIsSaidSo(t *testing.T) {
	s, d := newService(t), newDevice()
	front := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(parse(t, "http://"+s.address)))
	front.Config.ErrorLog = log.New(io.Discard, "", 0)
	front.StartTLS()
	t.Cleanup(front.Close)
	h := &linkDevice{device: d, down: make(chan error, 8)}
	edge := autopush.New(autopush.Config{URL: front.URL + "/push", VAPIDKey: s.key.PublicKey()}, nil, h)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := edge.Run(ctx); err != nil {
			t.Errorf("Run returned %v", err)
		}
	})
	if err := wait(t, h.down, "failure"); api.CodeOf(err) != api.CodeUntrusted {
		t.Errorf("reported %v", err)
	}
	cancel()
	running.Wait()
}

// linkDevice also listens to the state of the link.
type linkDevice struct {
	*device
	down chan error
}

func (d *linkDevice) Link(connected bool, err error) {
	if !connected {
		d.down <- err
	}
}

func TestWhatNpmWebPushSendsArrives(t *testing.T) {
	peer, err := filepath.Abs(filepath.Join("..", "webpush", "interop"))
	if err != nil {
		t.Fatal(err)
	}
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(peer, "node_modules", "web-push"))
	}
	if err != nil {
		if os.Getenv("SECUREPUSH_REQUIRE_INTEROP") == "1" {
			t.Fatalf("the peer is required and absent: %v", err)
		}
		t.Skipf("needs node and `npm ci` in webpush/interop: %v", err)
	}
	s, d := newService(t), newDevice()
	ch := d.connect(t, s)
	private, err := s.key.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for _, coding := range []string{"aes128gcm", "aesgcm"} {
		in, err := json.Marshal(map[string]any{
			"op": "send", "version": coding, "text": base64.RawURLEncoding.EncodeToString([]byte(coding)),
			"vapidPublic": s.key.PublicKey(), "vapidPrivate": private,
			"subscription": map[string]any{
				"endpoint": ch.Endpoint, "keys": map[string]string{"p256dh": ch.P256DH, "auth": ch.Auth},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), node, "peer.js")
		cmd.Dir, cmd.Stdin, cmd.Stderr = peer, bytes.NewReader(in), os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if got := send(t, foreign(t, ch.Endpoint, out)); got != http.StatusCreated {
			t.Fatalf("%s was answered %d", coding, got)
		}
		d.expect(t, coding)
	}
}

// foreign is the request that another implementation has prepared.
func foreign(t *testing.T, endpoint string, prepared []byte) *http.Request {
	t.Helper()
	var p struct {
		Headers map[string]any
		Body    string
	}
	if err := json.Unmarshal(prepared, &p); err != nil {
		t.Fatal(err)
	}
	body, err := base64.RawURLEncoding.DecodeString(p.Body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range p.Headers {
		switch v := value.(type) {
		case string:
			req.Header.Set(name, v)
		case float64:
			req.Header.Set(name, strconv.Itoa(int(v)))
		}
	}
	return req
}

// BenchmarkPushToHandler measures from the sender's request to the opened text on the device, one push at a time.
func BenchmarkPushToHandler(b *testing.B) {
	s, d := newService(b), newDevice()
	ch := d.connect(b, s)
	for b.Loop() {
		s.push(b, ch, "7Jb0m3Zl3oWm4m0x0n9L9w")
		<-d.texts
	}
}
