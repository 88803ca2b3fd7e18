package delivery

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"securepush/webpush"
)

func TestAPushReachesItsDeviceAndOpensToItsText(t *testing.T) {
	push := newService(nil)
	r := newRig(t, push, nil)
	stop := r.run(t)
	p := r.push(t, "dev")
	p.Urgency = "High"
	if err := r.sender.Add(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	d := <-push.seen
	text, err := r.keys["dev"].Open(d.body)
	if err != nil || string(text) != someID {
		t.Errorf("opened %q, %v", text, err)
	}
	h := d.header
	if h.Get("TTL") != "3600" || h.Get("Urgency") != "high" || h.Get("Content-Encoding") != "aes128gcm" || h["Topic"] != nil {
		t.Errorf("headers %v", h)
	}
	if _, err := webpush.VerifyVAPID(h.Get("Authorization"), "", "https://push.example", time.Now()); err != nil {
		t.Error(err)
	}
	stop()
	if got := r.reported("dev"); !slices.Equal(got, []Result{{Outcome: Success, Status: 201}}) {
		t.Errorf("reported %+v", got)
	}
}

// What a push service sees must not tell one notification from another.
func TestPushesAreAlikeWhateverTheyAreAbout(t *testing.T) {
	push := newService(nil)
	r := newRig(t, push, nil)
	r.run(t)
	one, two := "one", strings.Repeat("A", 43)
	for _, id := range []string{one, two, one} {
		for _, device := range []string{"1", "2"} {
			p := r.push(t, device)
			p.Body, p.Topic = []byte(id), id
			if err := r.sender.Add(t.Context(), p); err != nil {
				t.Fatal(err)
			}
		}
	}
	topics := map[string][]string{}
	var names []string
	for range 6 {
		d := <-push.seen
		if len(d.body) != webpush.MessageSize {
			t.Errorf("a body of %d bytes", len(d.body))
		}
		now := slices.Sorted(maps.Keys(d.header))
		if names != nil && !slices.Equal(names, now) {
			t.Errorf("headers %v and %v", names, now)
		}
		names = now
		topic := d.header.Get("Topic")
		if len(topic) != 32 || strings.Trim(topic, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Errorf("topic %q", topic)
		}
		topics[d.endpoint] = append(topics[d.endpoint], topic)
		for name, v := range d.header {
			if strings.Contains(strings.Join(v, ""), one) {
				t.Errorf("%s: %v", name, v)
			}
		}
	}
	a, b := topics[endpointOf("1")], topics[endpointOf("2")]
	if a[0] != a[2] || a[0] == a[1] || a[0] == b[0] {
		t.Errorf("topics %v and %v: same for one topic and device, and only then", a, b)
	}
	if again := newRig(t, push, nil).sender.topic(endpointOf("1"), one); again == a[0] {
		t.Error("another process makes the same topic")
	}
}

func TestUrgencyIsOneOfFourWords(t *testing.T) {
	for given, want := range map[string]string{
		"very-low": "very-low", "low": "low", "normal": "normal", "high": "high", "HIGH": "high",
		"": "normal", "urgent": "normal", "high\r\nX: y": "normal", "high, low": "normal",
	} {
		if got := urgency(given); got != want {
			t.Errorf("%q is sent as %q", given, got)
		}
	}
}

func TestTheTTLIsWhatIsLeftUntilTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		for name, c := range map[string]struct {
			queued, deadline time.Time
			want             string // "" when it is not even sent
		}{
			"an hour":                            {now, now.Add(time.Hour), "3600"},
			"half a second":                      {now, now.Add(time.Second / 2), "1"},
			"begun an hour ago":                  {now.Add(-time.Minute), now.Add(time.Hour - time.Minute), "3540"},
			"not said":                           {now, time.Time{}, "2592000"},
			"nothing said":                       {time.Time{}, time.Time{}, "2592000"},
			"a year":                             {now, now.AddDate(1, 0, 0), "2592000"},
			"now or never":                       {now, now, "0"},
			"now or never, long ago":             {now.Add(-time.Minute), now.Add(-time.Minute), ""},
			"over before it began":               {now, now.Add(-time.Second), ""},
			"due now":                            {now.Add(-time.Minute), now, ""},
			"queued for longer than it is tried": {now.Add(-30 * time.Minute), now.Add(time.Hour), ""},
		} {
			push := newService(nil)
			r := newRig(t, push, nil)
			p := r.push(t, "dev")
			p.Queued, p.Deadline = c.queued, c.deadline
			if err := r.sender.Add(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			stop := r.run(t)
			synctest.Wait()
			got := ""
			if d := push.deliveries(); len(d) > 0 {
				got = d[0].header.Get("TTL")
			}
			if got != c.want {
				t.Errorf("%s: TTL %q", name, got)
			}
			if n := len(r.reported("dev")); n != 1 {
				t.Errorf("%s: %d reports", name, n)
			}
			stop()
		}
	})
}

func TestWhatAPushServiceAnswersDecides(t *testing.T) {
	const ttl = 10 * time.Minute
	for name, c := range map[string]struct {
		answers  []*answer // then 201; nil: no answer
		attempts int
		least    time.Duration // from first to last attempt
		most     time.Duration
		want     Result
	}{
		"201 is the end":                             {nil, 1, 0, 0, Result{Outcome: Success, Status: 201}},
		"200 too":                                    {[]*answer{status(200)}, 1, 0, 0, Result{Outcome: Success, Status: 200}},
		"202 too":                                    {[]*answer{status(202)}, 1, 0, 0, Result{Outcome: Success, Status: 202}},
		"404 means gone":                             {[]*answer{status(404)}, 1, 0, 0, Result{Outcome: ExpiredChannel, Status: 404}},
		"410 means gone":                             {[]*answer{status(410)}, 1, 0, 0, Result{Outcome: ExpiredChannel, Status: 410}},
		"400 is never tried again":                   {[]*answer{status(400)}, 1, 0, 0, Result{Outcome: UnknownError, Status: 400}},
		"401 is never tried again":                   {[]*answer{status(401)}, 1, 0, 0, Result{Outcome: InvalidCredentials, Status: 401}},
		"403 is never tried again":                   {[]*answer{status(403)}, 1, 0, 0, Result{Outcome: InvalidCredentials, Status: 403}},
		"405 is no push service":                     {[]*answer{status(405)}, 1, 0, 0, Result{Outcome: BadChannel, Status: 405}},
		"413 is never tried again":                   {[]*answer{status(413)}, 1, 0, 0, Result{Outcome: InvalidNotificationSize, Status: 413}},
		"a redirect is not followed":                 {[]*answer{status(307, "Location", "https://push.example/x")}, 1, 0, 0, Result{Outcome: BadChannel, Status: 307}},
		"503 with seconds":                           {[]*answer{status(503, "Retry-After", "77")}, 2, 77 * time.Second, 77 * time.Second, Result{Outcome: Success, Status: 201}},
		"429 with seconds":                           {[]*answer{status(429, "Retry-After", "3")}, 2, 3 * time.Second, 3 * time.Second, Result{Outcome: Success, Status: 201}},
		"406 is how Windows says 429":                {[]*answer{status(406, "Retry-After", "300")}, 2, 300 * time.Second, 300 * time.Second, Result{Outcome: Success, Status: 201}},
		"408 backs off":                              {[]*answer{status(408)}, 2, 500 * time.Millisecond, time.Second, Result{Outcome: Success, Status: 201}},
		"503 with a date":                            {[]*answer{status(503, "Retry-After", "Sat, 01 Jan 2000 00:01:40 GMT")}, 2, 99 * time.Second, 101 * time.Second, Result{Outcome: Success, Status: 201}},
		"503 with rubbish backs off":                 {[]*answer{status(503, "Retry-After", "soon")}, 2, 500 * time.Millisecond, time.Second, Result{Outcome: Success, Status: 201}},
		"500 backs off":                              {[]*answer{status(500), status(502)}, 3, 1500 * time.Millisecond, 3 * time.Second, Result{Outcome: Success, Status: 201}},
		"no answer backs off":                        {[]*answer{nil, nil}, 3, 1500 * time.Millisecond, 3 * time.Second, Result{Outcome: Success, Status: 201}},
		"a wait that outlasts the push is the end":   {[]*answer{status(503, "Retry-After", "1200")}, 1, 0, 0, Result{Outcome: Dropped, Status: 503}},
		"the answer after a retry counts like first": {[]*answer{status(503, "Retry-After", "1"), status(410)}, 2, time.Second, time.Second, Result{Outcome: ExpiredChannel, Status: 410}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				push := newService(func(_ *http.Request, attempt int) *answer {
					if attempt <= len(c.answers) {
						return c.answers[attempt-1]
					}
					return status(201)
				})
				r := newRig(t, push, nil)
				r.run(t)
				p := r.push(t, "dev")
				p.Deadline = p.Queued.Add(ttl)
				if err := r.sender.Add(t.Context(), p); err != nil {
					t.Fatal(err)
				}
				later(ttl)
				synctest.Wait()
				got := push.deliveries()
				if len(got) != c.attempts {
					t.Fatalf("%d attempts, not %d", len(got), c.attempts)
				}
				if d := got[len(got)-1].at.Sub(got[0].at); d < c.least || d > c.most {
					t.Errorf("last attempt after %v, not %v to %v", d, c.least, c.most)
				}
				if got := r.reported("dev"); !slices.Equal(got, []Result{c.want}) {
					t.Errorf("reported %+v, not %+v", got, c.want)
				}
				if pushes, lanes := r.left(); pushes != 0 || lanes != 0 {
					t.Errorf("%d pushes in %d lanes are left", pushes, lanes)
				}
			})
		})
	}
}

func TestAPushThatCannotBeSentIsReportedAsWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Push)
		want   string
	}{
		"no URL":                       {func(p *Push) { p.Endpoint = "foo" }, BadChannel},
		"an address on this network":   {func(p *Push) { p.Endpoint = "https://10.0.0.1/x" }, BadChannel},
		"an endpoint of 1001 bytes":    {func(p *Push) { p.Endpoint = long(1001) }, BadChannel},
		"a key that is no point":       {func(p *Push) { p.P256DH = "B" + strings.Repeat("A", 86) }, BadChannel},
		"no secret":                    {func(p *Push) { p.Auth = "" }, BadChannel},
		"a text that is too long":      {func(p *Push) { p.Body = make([]byte, webpush.MaxPlaintext+1) }, InvalidNotificationSize},
		"a text that is just as long":  {func(p *Push) { p.Body = make([]byte, webpush.MaxPlaintext) }, Success},
		"an endpoint of 1000 bytes":    {func(p *Push) { p.Endpoint = long(1000) }, Success},
		"nothing to say":               {func(p *Push) { p.Body = nil }, Success},
		"a topic of any kind and size": {func(p *Push) { p.Topic = strings.Repeat("ä\n", 1000) }, Success},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, newService(nil), nil)
				r.run(t)
				p := r.push(t, "dev")
				c.change(&p)
				if err := r.sender.Add(t.Context(), p); err != nil {
					t.Fatal(err)
				}
				if once := r.sender.Once(t.Context(), p); once.Outcome != c.want {
					t.Errorf("at once: %+v", once)
				}
				synctest.Wait()
				if got := r.reported("dev"); len(got) != 1 || got[0].Outcome != c.want {
					t.Errorf("reported %+v", got)
				}
				if pushes, lanes := r.left(); pushes != 0 || lanes != 0 {
					t.Errorf("%d pushes in %d lanes are left", pushes, lanes)
				}
			})
		})
	}
}

func TestARedirectOfARealServerIsNotFollowed(t *testing.T) {
	followed := make(chan struct{}, 1)
	second := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed <- struct{}{} }))
	defer second.Close()
	first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, second.URL, http.StatusTemporaryRedirect)
	}))
	defer first.Close()
	r := newRig(t, nil, func(o *Options) { o.Trusted = append(o.Trusted, mustURL(t, first.URL), mustURL(t, second.URL)) })
	if got := r.sender.Once(t.Context(), r.push(t, first.URL+"/x")); got != (Result{Outcome: BadChannel, Status: 307}) {
		t.Errorf("%+v", got)
	}
	select {
	case <-followed:
		t.Error("the redirect was followed")
	default:
	}
}
