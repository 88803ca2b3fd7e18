package pushservice

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"securepush/webpush"
)

func TestAPushIsRefusedWithTheNumbersOfAutopush(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	p, _, endpoint := r.subscriber()
	open := p.register("00000000-0000-4000-8000-000000000001", "")
	gone := p.register("00000000-0000-4000-8000-000000000002", r.key.PublicKey())
	p.send(`{"messageType":"unregister","channelID":"00000000-0000-4000-8000-000000000002"}`)
	p.receive()
	elsewhere := newRig(t, loopback(t), func(o *Options) { o.Secret = make([]byte, 32) })
	_, _, foreign := elsewhere.subscriber()
	foreign = r.s.place.origin + mustURL(t, foreign).Path
	_, token, _ := strings.Cut(endpoint, "/wpush/v2/")
	otherKey := otherAuthorization(t, endpoint)
	otherOrigin := authorization(t, r.signer, "https://push.example/x")
	stale := webpush.NewSigner(r.key, "mailto:x@example.org", func() time.Time { return time.Now().Add(-13 * time.Hour) })
	future := webpush.NewSigner(r.key, "mailto:x@example.org", func() time.Time { return time.Now().Add(13 * time.Hour) })

	for name, c := range map[string]struct {
		endpoint    string
		body        string
		headers     []string
		code, errno int
	}{
		"no TTL":                            {endpoint, "x", []string{"TTL", ""}, 400, 111},
		"TTL that is a word":                {endpoint, "x", []string{"TTL", "soon"}, 400, 111},
		"TTL with a fraction":               {endpoint, "x", []string{"TTL", "1.5"}, 400, 111},
		"TTL with a plus":                   {endpoint, "x", []string{"TTL", "+5"}, 400, 111},
		"TTL that is only a sign":           {endpoint, "x", []string{"TTL", "-"}, 400, 111},
		"negative TTL":                      {endpoint, "x", []string{"TTL", "-1"}, 400, 114},
		"Topic of 33 characters":            {endpoint, "x", []string{"Topic", strings.Repeat("a", 33)}, 400, 113},
		"Topic with a dot":                  {endpoint, "x", []string{"Topic", "a.b"}, 400, 113},
		"Topic with padding":                {endpoint, "x", []string{"Topic", "abc="}, 400, 113},
		"no encoding":                       {endpoint, "x", []string{"Content-Encoding", ""}, 400, 110},
		"unknown encoding":                  {endpoint, "x", []string{"Content-Encoding", "gzip"}, 400, 110},
		"aes128gcm with a salt header":      {endpoint, "x", []string{"Encryption", "salt=abc"}, 400, 110},
		"aes128gcm with a key header":       {endpoint, "x", []string{"Crypto-Key", "dh=abc"}, 400, 110},
		"aesgcm without headers":            {endpoint, "x", []string{"Content-Encoding", "aesgcm"}, 400, 110},
		"aesgcm without salt":               {endpoint, "x", []string{"Content-Encoding", "aesgcm", "Crypto-Key", "dh=abc"}, 400, 110},
		"aesgcm without key":                {endpoint, "x", []string{"Content-Encoding", "aesgcm", "Encryption", "salt=abc"}, 400, 110},
		"aesgcm with a salt that is not":    {endpoint, "x", []string{"Content-Encoding", "aesgcm", "Encryption", "salt=\"a b\"", "Crypto-Key", "dh=abc"}, 400, 110},
		"restricted without VAPID":          {endpoint, "x", []string{"Authorization", ""}, 401, 109},
		"VAPID that is garbage":             {endpoint, "x", []string{"Authorization", "vapid t=x, k=y"}, 401, 109},
		"another scheme":                    {endpoint, "x", []string{"Authorization", "Basic eDp5"}, 401, 109},
		"another key":                       {endpoint, "x", []string{"Authorization", otherKey}, 401, 109},
		"VAPID for another service":         {endpoint, "x", []string{"Authorization", otherOrigin}, 401, 109},
		"VAPID that has expired":            {endpoint, "x", []string{"Authorization", authorization(t, stale, endpoint)}, 401, 109},
		"VAPID too far ahead":               {endpoint, "x", []string{"Authorization", authorization(t, future, endpoint)}, 401, 109},
		"open endpoint with bad VAPID":      {open, "x", []string{"Authorization", "vapid t=x, k=y"}, 401, 109},
		"unknown version":                   {strings.Replace(endpoint, "/v2/", "/v3/", 1), "x", nil, 404, 102},
		"restricted token at the open path": {strings.Replace(endpoint, "/v2/", "/v1/", 1), "x", nil, 404, 102},
		"token cut short":                   {endpoint[:len(endpoint)-1], "x", nil, 404, 102},
		"token with one character more":     {endpoint + "A", "x", nil, 404, 102},
		"token with one character changed":  {swapLast(endpoint), "x", nil, 404, 102},
		"token of another service":          {foreign, "x", nil, 404, 102},
		"token with padding":                {endpoint + "=", "x", nil, 404, 102},
		"token of line breaks":              {strings.TrimSuffix(endpoint, token) + strings.Repeat("%0A", len(token)), "x", nil, 404, 102},
		"no token":                          {strings.TrimSuffix(endpoint, token), "x", nil, 404, 102},
		"no version":                        {r.s.place.origin + "/wpush/", "x", nil, 404, 102},
		"a channel that was unregistered":   {gone, "x", nil, 410, 106},
		"a body over 4096 bytes":            {endpoint, strings.Repeat("x", 4097), nil, 413, 104},
	} {
		t.Run(name, func(t *testing.T) {
			resp := r.push(c.endpoint, c.body, c.headers...)
			b := resp.body
			var got refusal
			if err := json.Unmarshal([]byte(b), &got); err != nil {
				t.Fatalf("%s: %v", b, err)
			}
			if resp.status != c.code || got.Code != c.code || got.Errno != c.errno {
				t.Errorf("%d %s, want %d/%d", resp.status, b, c.code, c.errno)
			}
			if got.Error != http.StatusText(c.code) || got.Message == "" || got.MoreInfo == "" || resp.header.Get("Content-Type") != "application/json" {
				t.Errorf("body %s", b)
			}
			if cache := resp.header.Get("Cache-Control"); (cache == "max-age=86400") != (c.code == 410) {
				t.Errorf("Cache-Control %q", cache)
			}
		})
	}
	p.barrier() // nothing of all that was delivered
}

func TestAPushThatIsTaken(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	p, _, endpoint := r.subscriber()
	open := p.register("00000000-0000-4000-8000-000000000001", "")
	_, k, _ := strings.Cut(authorization(t, r.signer, endpoint), "k=")
	token, _, _ := strings.Cut(strings.TrimPrefix(authorization(t, r.signer, endpoint), "vapid t="), ",")
	const topic32 = "abcdefghijklmnopqrstuvwxyzABC-_9"
	for name, c := range map[string]struct {
		endpoint string
		body     string
		headers  []string
		ttl      string
		encoding *contentEncoding
	}{
		"as usual":                {endpoint, "x", nil, "60", &contentEncoding{Encoding: "aes128gcm"}},
		"a body of 4096 bytes":    {endpoint, strings.Repeat("x", 4096), nil, "60", &contentEncoding{Encoding: "aes128gcm"}},
		"no body and no encoding": {endpoint, "", []string{"Content-Encoding", ""}, "60", nil},
		"no body but an encoding": {endpoint, "", nil, "60", nil},
		"TTL 0":                   {endpoint, "x", []string{"TTL", "0"}, "0", &contentEncoding{Encoding: "aes128gcm"}},
		"TTL -0":                  {endpoint, "x", []string{"TTL", "-0"}, "0", &contentEncoding{Encoding: "aes128gcm"}},
		"TTL of 30 days":          {endpoint, "x", []string{"TTL", "2592000"}, "2592000", &contentEncoding{Encoding: "aes128gcm"}},
		"TTL over 30 days":        {endpoint, "x", []string{"TTL", "2592001"}, "2592000", &contentEncoding{Encoding: "aes128gcm"}},
		"TTL beyond all numbers":  {endpoint, "x", []string{"TTL", strings.Repeat("9", 40)}, "2592000", &contentEncoding{Encoding: "aes128gcm"}},
		"Topic of 32 characters":  {endpoint, "x", []string{"Topic", topic32}, "60", &contentEncoding{Encoding: "aes128gcm"}},
		"any urgency":             {endpoint, "x", []string{"Urgency", "very-low"}, "60", &contentEncoding{Encoding: "aes128gcm"}},
		"the older VAPID":         {endpoint, "x", []string{"Authorization", "WebPush " + token, "Crypto-Key", "p256ecdsa=" + k}, "60", &contentEncoding{Encoding: "aes128gcm"}},
		"open, without VAPID":     {open, "x", []string{"Authorization", ""}, "60", &contentEncoding{Encoding: "aes128gcm"}},
		"open, with anybody's":    {open, "x", []string{"Authorization", otherAuthorization(t, endpoint)}, "60", &contentEncoding{Encoding: "aes128gcm"}},
		"encoding in capitals":    {endpoint, "x", []string{"Content-Encoding", "AES128GCM"}, "60", &contentEncoding{Encoding: "aes128gcm"}},
		"the older encryption":    {endpoint, "x", []string{"Content-Encoding", "aesgcm", "Encryption", "keyid=p256dh;salt=c2FsdA==", "Crypto-Key", "keyid=p256dh;dh=\"BKey\";p256ecdsa=" + k}, "60", &contentEncoding{Encoding: "aesgcm", Encryption: "salt=c2FsdA", CryptoKey: "dh=BKey"}},
		"the older, with its rs":  {endpoint, "x", []string{"Content-Encoding", "aesgcm", "Encryption", "salt=c2FsdA; rs=100", "Crypto-Key", "dh=BKey,p256ecdsa=" + k}, "60", &contentEncoding{Encoding: "aesgcm", Encryption: "salt=c2FsdA;rs=100", CryptoKey: "dh=BKey"}},
	} {
		t.Run(name, func(t *testing.T) {
			resp := r.pushed(c.endpoint, c.body, c.headers...)
			if got := resp.header.Get("TTL"); got != c.ttl {
				t.Errorf("TTL %s, want %s", got, c.ttl)
			}
			if loc := resp.header.Get("Location"); !strings.HasPrefix(loc, r.s.place.origin+"/wpush/m/") {
				t.Errorf("Location %s", loc)
			}
			f := p.receive()
			body, err := decodeKey(f.Data)
			if err != nil || string(body) != c.body || f.MessageType != "notification" {
				t.Errorf("received %s", f.raw)
			}
			if (f.Headers == nil) != (c.encoding == nil) || f.Headers != nil && *f.Headers != *c.encoding {
				t.Errorf("headers %+v in %s", f.Headers, f.raw)
			}
			if c.body == "" && strings.Contains(f.raw, "data") {
				t.Errorf("a push without a body has data: %s", f.raw)
			}
			p.ack(f.Version)
		})
	}
}

func TestABodyOfUnknownLengthIsBoundedToo(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	_, _, endpoint := r.subscriber()
	for size, want := range map[int]int{4096: 201, 4097: 413} {
		req := r.request(http.MethodPost, endpoint, "")
		req.Body, req.ContentLength = io.NopCloser(strings.NewReader(strings.Repeat("x", size))), -1
		resp, err := r.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%d bytes: %d", size, resp.StatusCode)
		}
	}
}

func TestOtherMethodsAreNotAllowed(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	_, _, endpoint := r.subscriber()
	location := r.pushed(endpoint, "x").header.Get("Location")
	for _, c := range []struct{ method, address, allow string }{
		{http.MethodGet, endpoint, "POST"},
		{http.MethodDelete, endpoint, "POST"},
		{http.MethodPut, endpoint, "POST"},
		{http.MethodGet, location, "DELETE"},
		{http.MethodPost, location, "DELETE"},
	} {
		resp := r.do(c.method, c.address, "")
		if resp.status != 405 || resp.header.Get("Allow") != c.allow {
			t.Errorf("%s: %d, Allow %q", c.method, resp.status, resp.header.Get("Allow"))
		}
	}
}

func TestAMessageThatWasWithdrawnIsNotDelivered(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	p, uaid, endpoint := r.subscriber()
	r.leave(p, uaid)
	first := r.pushed(endpoint, "first").header.Get("Location")
	r.pushed(endpoint, "second")
	for range 2 { // the second time there is nothing left to withdraw
		if resp := r.do(http.MethodDelete, first, ""); resp.status != 204 {
			t.Errorf("DELETE: %d", resp.status)
		}
	}
	if resp := r.do(http.MethodDelete, swapLast(first), ""); resp.status != 404 {
		t.Errorf("DELETE of a forged location: %d", resp.status)
	}
	p = r.dial()
	p.hello(uaid)
	if text, _ := p.notification(); text != "second" {
		t.Errorf("received %q", text)
	}
	p.barrier()
}

func TestEndpointsOfAnEarlierRunAreGoneAndNotGarbage(t *testing.T) {
	n := loopback(t)
	r := newRig(t, n, nil)
	_, _, endpoint := r.subscriber()
	again, err := New(Options{Origin: r.s.o.Origin, Secret: r.s.o.Secret})
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: again.Transport(nil)}
	resp, err := client.Do(r.request(http.MethodPost, endpoint, "x"))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusGone {
		t.Errorf("push after a restart: %d", resp.StatusCode)
	}
}

func TestItsOwnOriginIsServedInProcess(t *testing.T) {
	r := newRig(t, loopback(t), nil)
	p, _, endpoint := r.subscriber()
	next := roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusTeapot, Body: http.NoBody}, nil
	})
	client := http.Client{Transport: r.s.Transport(next)}
	for _, c := range []struct {
		name, address string
		code          int
	}{
		{"an endpoint", endpoint, 201},
		{"an endpoint with the scheme in capitals", "HTTP" + strings.TrimPrefix(endpoint, "http"), 201},
		{"another path of the origin", r.s.place.origin + "/healthz", 404},
		{"another origin", "https://push.example/wpush/v2/x", http.StatusTeapot},
		{"another port", "http://127.0.0.1:1/wpush/v2/x", http.StatusTeapot},
	} {
		resp, err := client.Do(r.request(http.MethodPost, c.address, c.name))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != c.code {
			t.Errorf("%s: %d, not %d", c.name, resp.StatusCode, c.code)
		}
		if c.code == 201 {
			if text, _ := p.notification(); text != c.name {
				t.Errorf("received %q", text)
			}
		}
	}
}

func TestAServiceBelowAPathNamesItInWhatItHandsOut(t *testing.T) {
	n := loopback(t)
	r := newRig(t, n, func(o *Options) { o.Origin += "/push/" })
	p, _, endpoint := r.subscriber()
	if !strings.HasPrefix(endpoint, r.s.place.origin+"/push/wpush/v2/") {
		t.Fatalf("endpoint %s", endpoint)
	}
	client := http.Client{Transport: r.s.Transport(nil)}
	resp, err := client.Do(r.request(http.MethodPost, endpoint, "x"))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 201 || !strings.HasPrefix(resp.Header.Get("Location"), r.s.place.origin+"/push/wpush/m/") {
		t.Errorf("%d, Location %s", resp.StatusCode, resp.Header.Get("Location"))
	}
	p.notification()
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	secret := make([]byte, 32)
	for name, o := range map[string]Options{
		"no origin":          {Secret: secret},
		"origin not a URL":   {Secret: secret, Origin: "://"},
		"origin with a user": {Secret: secret, Origin: "https://a@push.example"},
		"origin of a file":   {Secret: secret, Origin: "file:///x"},
		"no secret":          {Origin: "https://push.example"},
		"a short secret":     {Origin: "https://push.example", Secret: secret[:31]},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func authorization(t *testing.T, s *webpush.Signer, endpoint string) string {
	t.Helper()
	a, err := s.Authorization(mustURL(t, endpoint))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// otherAuthorization is a good one by a key that no subscription here was made with.
func otherAuthorization(t *testing.T, endpoint string) string {
	t.Helper()
	key, err := webpush.GenerateVAPID()
	if err != nil {
		t.Fatal(err)
	}
	return authorization(t, webpush.NewSigner(key, "mailto:other@example.org", nil), endpoint)
}

// swapLast changes a token in its middle, where every bit counts.
func swapLast(s string) string {
	i := len(s) - 10
	c := byte('A')
	if s[i] == c {
		c = 'B'
	}
	return s[:i] + string(c) + s[i+1:]
}
