package hub

import (
	"context"
	"encoding/xml"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
	"securepush/backend/hub/sas"
	"securepush/backend/store"
	"securepush/webpush"
)

// pushed is a push as a push service got it, opened with its device's keys.
type pushed struct {
	device string // last segment of its endpoint
	body   string
	header http.Header
	at     time.Time
}

// pushService is one in memory. Devices are at https://push.example/<name> and share their keys.
type pushService struct {
	t      testing.TB
	keys   *webpush.Keys
	answer func(device string) int // nil: 201

	mu   sync.Mutex
	got  []pushed
	news chan struct{}
}

// RoundTrip takes a push.
func (s *pushService) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	p := pushed{device: strings.TrimPrefix(r.URL.Path, "/"), header: r.Header.Clone(), at: time.Now()}
	plain, err := s.keys.Open(body)
	if err != nil {
		s.t.Errorf("a push to %s cannot be opened: %v", p.device, err)
	}
	p.body = string(plain)
	status := http.StatusCreated
	if s.answer != nil {
		status = s.answer(p.device)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, p)
	close(s.news)
	s.news = make(chan struct{})
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// wait returns the pushes once there are n.
func (s *pushService) wait(n int) []pushed {
	s.t.Helper()
	late := time.After(time.Minute)
	for {
		s.mu.Lock()
		got, news := slices.Clone(s.got), s.news
		s.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-news:
		case <-late:
			s.t.Fatalf("%d pushes, want %d", len(got), n)
		}
	}
}

func (s *pushService) devices() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := []string{}
	for _, p := range s.got {
		names = append(names, p.device)
	}
	slices.Sort(names)
	return names
}

// sending is a hub with a real store and a real delivery to a push service in memory.
type sending struct {
	t       testing.TB
	hub     *Hub
	store   *store.Store
	sender  *delivery.Sender
	service *pushService
	client  http.Client
	log     *lockedBuffer
	full    record.Rule
	stop    func() // ends the hub, then the delivery
}

// newSending starts one. It needs no network, so that it can live in a bubble of synctest.
func newSending(t testing.TB, change ...func(*Options, *delivery.Options)) *sending {
	t.Helper()
	s := prepareSending(t, openStore(t), change...)
	s.start()
	return s
}

// prepareSending makes one that does not run.
func prepareSending(t testing.TB, db *store.Store, change ...func(*Options, *delivery.Options)) *sending {
	t.Helper()
	s := &sending{t: t, store: db, log: &lockedBuffer{}, stop: func() {}}
	s.service = &pushService{t: t, keys: must(webpush.GenerateKeys())(t), news: make(chan struct{})}
	s.full = must(db.HubRule(t.Context(), record.DefaultFullRule))(t)
	key := must(webpush.GenerateVAPID())(t)
	d := delivery.Options{Signer: webpush.NewSigner(key, "mailto:a@example.com", nil), HTTP: s.service}
	o := Options{Name: hubName, PublicURL: must(url.Parse("https://hub.example"))(t), Store: db, Logger: logger(s.log)}
	for _, f := range change {
		f(&o, &d)
	}
	s.sender = must(delivery.New(d))(t)
	o.Sender = s.sender
	s.hub = must(New(o))(t)
	s.client = http.Client{Transport: s.hub.Transport(http.DefaultTransport)}
	return s
}

func (s *sending) start() {
	hubs, endHub := context.WithCancel(context.Background())
	pushes, endPushes := context.WithCancel(context.Background())
	var hub, sender sync.WaitGroup
	hub.Go(func() { check(s.t, s.hub.Run(hubs)) })
	sender.Go(func() { check(s.t, s.sender.Run(pushes)) })
	s.stop = sync.OnceFunc(func() {
		endHub()
		hub.Wait()
		endPushes()
		sender.Wait()
	})
	s.t.Cleanup(s.stop)
}

// browser is a registration of a browser at the push service.
func (s *sending) browser(device string, tags ...string) record.Registration {
	return record.Registration{
		ID: "r-" + device, Platform: record.Browser, Handle: "https://push.example/" + device,
		P256DH: s.service.keys.P256DH(), Auth: s.service.keys.Auth(), Tags: tags,
	}
}

// register stores registrations.
func (s *sending) register(rs ...record.Registration) {
	s.t.Helper()
	for _, r := range rs {
		_, err := s.store.PutRegistration(s.t.Context(), r, "")
		check(s.t, err)
	}
}

// devices registers browsers with a tag.
func (s *sending) devices(tag string, names ...string) {
	s.t.Helper()
	for _, name := range names {
		s.register(s.browser(name, tag))
	}
}

// call makes a request with the full rule's token.
func (s *sending) call(method, path string, header map[string]string, body string) reply {
	s.t.Helper()
	return s.as(s.full, method, path, header, body)
}

func (s *sending) as(rule record.Rule, method, path string, header map[string]string, body string) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, "https://hub.example/"+hubName+path, strings.NewReader(body))
	check(s.t, err)
	req.Header.Set("Authorization", sas.Sign("https://hub.example/", rule.Name, rule.Primary, time.Now().Add(time.Hour)).Reveal())
	for name, value := range header {
		req.Header.Set(name, value)
	}
	return s.do(req)
}

func (s *sending) do(req *http.Request) reply {
	s.t.Helper()
	resp, err := s.client.Do(req)
	check(s.t, err)
	defer resp.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(resp.Body)
	check(s.t, err)
	return reply{resp, string(text)}
}

// send posts a browser notification and returns the path at which it is told what became of it.
func (s *sending) send(tags, body string, more ...string) (path string) {
	s.t.Helper()
	header := map[string]string{headerFormat: "browser"}
	if tags != "" {
		header[headerTags] = tags
	}
	for i := 0; i < len(more); i += 2 {
		header[more[i]] = more[i+1]
	}
	return s.path(s.call("POST", "/messages/?api-version=2020-06", header, body).want(s.t, 201))
}

// path is where an answer's Location leads, below the hub.
func (s *sending) path(r reply) string {
	s.t.Helper()
	path, ok := strings.CutPrefix(r.Header.Get("Location"), "https://hub.example/"+hubName)
	if !ok {
		s.t.Fatalf("Location %q", r.Header.Get("Location"))
	}
	return path
}

// told is the telemetry of a notification.
type told struct {
	XMLName         xml.Name `xml:"http://schemas.microsoft.com/netservices/2010/10/servicebus/connect NotificationDetails"`
	NotificationID  string   `xml:"NotificationId"`
	Location        string
	State           string
	EnqueueTime     string
	StartTime       string
	EndTime         string
	Tags            string
	TargetPlatforms string
	Browser         counts `xml:"BrowserOutcomeCounts"`
	Windows         counts `xml:"WnsOutcomeCounts"`
	Apple           counts `xml:"ApnsOutcomeCounts"`
}

type counts struct {
	Outcome []struct {
		Name  string
		Count int
	}
}

// of is how many pushes had an outcome.
func (c counts) of(name string) int {
	for _, o := range c.Outcome {
		if o.Name == name {
			return o.Count
		}
	}
	return 0
}

func (c counts) total() (n int) {
	for _, o := range c.Outcome {
		n += o.Count
	}
	return n
}

// details reads the telemetry of a notification.
func (s *sending) details(path string) told {
	s.t.Helper()
	r := s.call("GET", path, nil, "").want(s.t, 200)
	var d told
	if err := xml.Unmarshal([]byte(r.body), &d); err != nil {
		s.t.Fatalf("%v in %s", err, r.body)
	}
	return d
}

// ended reads the telemetry of a notification once it is at its end.
func (s *sending) ended(path string) told {
	s.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for {
		d := s.details(path)
		if d.EndTime != "" {
			return d
		}
		select {
		case <-tick.C:
		case <-late:
			s.t.Fatalf("it does not end: %+v", d)
		}
	}
}

func logger(to io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
