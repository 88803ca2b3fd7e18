package hub

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
)

func (s *sending) later(due time.Time, body string) reply {
	s.t.Helper()
	return s.call("POST", "/schedulednotifications/?api-version=2020-06",
		map[string]string{headerFormat: "browser", headerTags: "x", headerDue: due.UTC().Format("2006-01-02T15:04:05.000Z"), "TTL": "60"}, body).want(s.t, 201)
}

func TestAScheduledNotificationIsSentAtItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSending(t)
		s.devices("x", "a")
		start := time.Now()
		s.later(start.Add(6*24*time.Hour), "2")
		r := s.later(start.Add(90*time.Minute), "1")
		s.later(start.Add(-time.Hour), "0")
		path := s.path(r)
		id := path[len("/schedulednotifications/"):]
		if d := s.details("/messages/" + id); d.State != "Scheduled" || d.StartTime != "" {
			t.Errorf("before: %+v", d)
		}
		<-time.After(7 * 24 * time.Hour)
		got := s.service.wait(3)
		for i, want := range []time.Duration{0, 90 * time.Minute, 6 * 24 * time.Hour} {
			if late := got[i].at.Sub(start) - want; late < 0 || late > 50*time.Millisecond || got[i].body != []string{"0", "1", "2"}[i] {
				t.Errorf("%q came after %v", got[i].body, got[i].at.Sub(start))
			}
			if ttl := got[i].header.Get("TTL"); ttl != "60" {
				t.Errorf("its time to live is %s", ttl)
			}
		}
	})
}

func TestAScheduledNotificationSurvivesAndIsSentOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openStore(t)
		first := prepareSending(t, db)
		first.devices("x", "a")
		first.start()
		r := first.later(time.Now().Add(time.Hour), "1")
		first.stop()
		<-time.After(2 * time.Hour) // nobody is there
		second, third := prepareSending(t, db), prepareSending(t, db)
		for _, s := range []*sending{second, third} {
			s.service.keys = first.service.keys
			s.start()
		}
		<-time.After(5 * time.Minute)
		synctest.Wait()
		if n := len(second.service.devices()) + len(third.service.devices()); n != 1 {
			t.Errorf("sent %d times", n)
		}
		if len(second.service.devices()) == 0 {
			second = third
		}
		id := second.path(r)[len("/schedulednotifications/"):]
		if d := second.details("/messages/" + id); d.State != "Completed" || d.Browser.of("Success") != 1 {
			t.Errorf("told %+v", d)
		}
	})
}

func TestWhatAnotherProcessSchedulesIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSending(t)
		s.devices("x", "a")
		s.later(time.Now().Add(6*24*time.Hour), "7")
		<-time.After(10 * time.Second) // it sleeps
		check(t, s.store.AddScheduled(t.Context(), record.Scheduled{Due: time.Now(), Notification: record.Notification{ID: "1", Format: "browser", Tags: "x", Body: []byte("7")}}))
		<-time.After(2 * longestNap)
		if got := s.service.devices(); len(got) != 1 {
			t.Errorf("sent to %v", got)
		}
	})
}

func TestAScheduledNotificationCanBeTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSending(t)
		s.devices("x", "a")
		path := s.path(s.later(time.Now().Add(time.Hour), "1"))
		if r := s.call("DELETE", path, nil, "").want(t, 200); r.body != "" {
			t.Errorf("%q", r.body)
		}
		s.call("DELETE", path, nil, "").want(t, http.StatusNotFound)
		s.call("DELETE", "/schedulednotifications/unknown", nil, "").want(t, http.StatusNotFound)
		if d := s.details("/messages/" + path[len("/schedulednotifications/"):]); d.State != "Canceled" || d.EndTime == "" {
			t.Errorf("told %+v", d)
		}
		<-time.After(2 * time.Hour)
		if got := s.service.devices(); len(got) != 0 {
			t.Errorf("sent to %v", got)
		}
	})
}

func TestWhatIsDueWaitsForRoomAndGoesBackAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := prepareSending(t, openStore(t))
		s.devices("x", "a")
		for _, body := range []string{"1", "2", "3"} {
			s.later(time.Now().Add(time.Hour), body)
		}
		s.hub.sender.inbox.most = 2 * (messageSize + 1) // one for each rule
		check(t, s.hub.sender.inbox.put(letter("", "y", "", 1)))
		s.stop = func() {}
		<-time.After(2 * time.Hour)
		ended := make(chan error)
		ctx := t.Context()
		go func() { ended <- s.hub.sender.sendDue(ctx) }()
		synctest.Wait()
		s.hub.sender.inbox.close()
		if err := <-ended; err == nil {
			t.Error("it was not told that nothing is accepted any more")
		}
		taken, err := s.store.TakeScheduled(ctx, time.Now(), 10)
		if err != nil || len(taken) != 3 {
			t.Errorf("%d are there again, %v", len(taken), err)
		}
	})
}

func TestTimesOfTheScheduleAreReadInEachForm(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2030-01-02T03:04:05.678Z":       time.Date(2030, 1, 2, 3, 4, 5, 678e6, time.UTC),
		"2030-01-02T03:04:05":            time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
		"2030-01-02T03:04:05.1234567":    time.Date(2030, 1, 2, 3, 4, 5, 123456700, time.UTC),
		"2030-01-02T03:04:05+02:00":      time.Date(2030, 1, 2, 1, 4, 5, 0, time.UTC),
		"2030-01-02T03:04Z":              time.Date(2030, 1, 2, 3, 4, 0, 0, time.UTC),
		" 2030-01-02T03:04 ":             time.Date(2030, 1, 2, 3, 4, 0, 0, time.UTC),
		"2020-01-02T03:04:05":            time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC),
		"2030-01-08T00:00:00Z":           time.Date(2030, 1, 8, 0, 0, 0, 0, time.UTC),
		"2030-01-08T00:02:00Z":           {},
		"9999-12-31T23:59:59.9999999Z":   {},
		"2030-02-30T00:00:00Z":           {},
		"01/02/2030 03:04:05":            {},
		"tomorrow":                       {},
		"":                               {},
		"2030-01-02T03:04:05Z; and more": {},
	} {
		got, err := readDue(http.Header{headerDueCanonical: {text}}, now)
		if (err == nil) != !want.IsZero() || err == nil && !got.Equal(want) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

// headerDueCanonical is headerDue as net/http has it in its maps.
var headerDueCanonical = http.CanonicalHeaderKey(headerDue)

func FuzzReadDue(f *testing.F) {
	for _, text := range []string{"2030-01-02T03:04:05.678Z", "2030-01-02T03:04:05", "2030-01-02T03:04Z", "0000-01-01T00:00:00", "2030-01-02T03:04:05-23:59"} {
		f.Add(text)
	}
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		due, err := readDue(http.Header{headerDueCanonical: {text}}, now)
		if err == nil && due.After(now.Add(maxAhead)) {
			t.Fatalf("%q is at %v", text, due)
		}
		if err != nil && asFailure(err).status != 400 {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

func FuzzReadNotification(f *testing.F) {
	f.Add("browser", "a && !b", "60", "high", "abc", "", []byte(`{"id":"7"}`))
	f.Add("template", "", "", "", "", "", []byte(`{"a":"b","n":1.5}`))
	f.Add("windows", "a||b", "-1", "", "", "wns/raw", []byte("7"))
	f.Add("BROWSER", "gr\xf6\xdfe", "99999999999", "loud", "no topic", "", []byte{})
	f.Fuzz(func(t *testing.T, format, tags, ttl, urgency, topic, wns string, body []byte) {
		header := http.Header{}
		for name, value := range map[string]string{headerFormat: format, headerTags: tags, headerTTL: ttl, headerUrgency: urgency, headerTopic: topic, "X-WNS-Type": wns} {
			header.Set(name, value)
		}
		n, err := readNotification(header, body)
		if err != nil {
			if status := asFailure(err).status; status != 400 && status != 413 {
				t.Fatal(err)
			}
			return
		}
		n.Enqueued = time.Unix(1e9, 0)
		e, err := newExpansion(&n)
		if err != nil {
			t.Fatalf("what was accepted cannot be sent: %v", err)
		}
		for _, h := range n.Headers {
			if !validHeader(h.Name, h.Value) {
				t.Fatalf("%v goes on", h)
			}
		}
		if d := e.push.Deadline; !d.IsZero() && (d.Before(n.Enqueued) || d.After(n.Enqueued.Add(31*24*time.Hour))) {
			t.Fatalf("deadline %v", d)
		}
	})
}

// crowded is a store with so many scheduled notifications.
type crowded struct {
	Store
	scheduled int
}

// CountScheduled returns how many there are.
func (c *crowded) CountScheduled(context.Context) (int, error) { return c.scheduled, nil }

func TestTheScheduleIsBounded(t *testing.T) {
	c := &crowded{scheduled: maxScheduled - 1}
	s := newSending(t, func(o *Options, _ *delivery.Options) {
		c.Store = o.Store
		o.Store = c
	})
	due := time.Now().Add(time.Hour)
	r := s.later(due, "1")
	c.scheduled = maxScheduled
	header := map[string]string{headerFormat: "browser", headerDue: due.UTC().Format(time.RFC3339)}
	if got := s.call("POST", "/schedulednotifications", header, "2").want(t, 429).Header.Get("Retry-After"); got != "60" {
		t.Errorf("Retry-After %q", got)
	}
	s.call("DELETE", s.path(r), nil, "").want(t, 200)
	if n, err := c.Store.CountScheduled(t.Context()); n != 0 || err != nil {
		t.Errorf("%d are kept, %v", n, err)
	}
}
