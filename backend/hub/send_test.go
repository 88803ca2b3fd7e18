package hub

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"securepush/api"
	"securepush/webpush"
)

func TestASendReachesEachDeviceOfTheTagAndOpensToTheID(t *testing.T) {
	push := newService(nil)
	r := newRig(t, push, nil)
	keys := map[string]*webpush.Keys{}
	for i := range 3 {
		id := "dev-" + strconv.Itoa(i)
		keys[endpointOf(id)] = r.put(t, id, endpointOf(id))
	}
	other, _ := device(t, "other", endpointOf("other"))
	other.UserID = "bert"
	if err := r.hub.Put(t.Context(), "b", other); err != nil {
		t.Fatal(err)
	}
	r.run(t)
	id := api.NewID()
	if n := r.send(t, id, SendOptions{Urgency: "high", TTL: time.Hour}); n != 3 {
		t.Errorf("%d devices", n)
	}
	for range 3 {
		d := <-push.seen
		k := keys[d.endpoint]
		if k == nil {
			t.Fatalf("sent to %s", d.endpoint)
		}
		delete(keys, d.endpoint)
		text, err := k.Open(d.body)
		if err != nil || string(text) != string(id) {
			t.Errorf("opened %q, %v", text, err)
		}
		h := d.header
		if h.Get("TTL") != "3600" || h.Get("Urgency") != "high" || h.Get("Content-Encoding") != "aes128gcm" {
			t.Errorf("headers %v", h)
		}
		if _, err := webpush.VerifyVAPID(h.Get("Authorization"), "", "https://push.example", time.Now()); err != nil {
			t.Error(err)
		}
	}
}

func TestOnlyAndExceptChooseDevices(t *testing.T) {
	r := newRig(t, newService(nil), nil)
	for i := range 2*page + 1 { // over several pages
		in, _ := r.store.devices["x"], 0
		in.InstallationID = fmt.Sprintf("dev-%05d", i)
		in.PushChannel.Endpoint, in.Tags = endpointOf(in.InstallationID), []string{"username:anna"}
		_ = r.store.PutInstallation(t.Context(), "a", in)
	}
	for name, c := range map[string]struct {
		o    SendOptions
		want int
	}{
		"all":                      {SendOptions{}, 2*page + 1},
		"all but one":              {SendOptions{Except: "dev-00700"}, 2 * page},
		"one":                      {SendOptions{Only: "dev-01000"}, 1},
		"one that is not there":    {SendOptions{Only: "dev-xxxxx"}, 0},
		"one that is left out":     {SendOptions{Only: "dev-00001", Except: "dev-00001"}, 0},
		"none, when it is too old": {SendOptions{TTL: -1}, 0},
	} {
		if n := r.send(t, api.NewID(), c.o); n != c.want {
			t.Errorf("%s: %d devices, not %d", name, n, c.want)
		}
	}
}

// What a push service sees must not tell one notification from another.
func TestPushesAreAlikeWhateverTheyAreAbout(t *testing.T) {
	push := newService(nil)
	r := newRig(t, push, nil)
	r.put(t, "dev-1", endpointOf("1"))
	r.put(t, "dev-2", endpointOf("2"))
	r.run(t)
	one, two := api.NewID(), api.ID(strings.Repeat("A", 43))
	for _, id := range []api.ID{one, two, one} {
		r.send(t, id, SendOptions{TTL: time.Hour})
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
		if len(topic) != 32 {
			t.Errorf("topic %q", topic)
		}
		topics[d.endpoint] = append(topics[d.endpoint], topic)
		for name, v := range d.header {
			if strings.Contains(strings.Join(v, ""), string(one)) || strings.Contains(strings.Join(v, ""), "anna") {
				t.Errorf("%s: %v", name, v)
			}
		}
	}
	a, b := topics[endpointOf("1")], topics[endpointOf("2")]
	if a[0] != a[2] || a[0] == a[1] || a[0] == b[0] {
		t.Errorf("topics %v and %v: same for one notification and device, and only then", a, b)
	}
}

func TestWhatAPushServiceAnswersDecides(t *testing.T) {
	const ttl = 10 * time.Minute
	for name, c := range map[string]struct {
		answers  []*answer // then 201; nil: no answer
		attempts int
		least    time.Duration // from first to last attempt
		most     time.Duration
		gone     bool
	}{
		"201 is the end":                             {nil, 1, 0, 0, false},
		"200 too":                                    {[]*answer{status(200)}, 1, 0, 0, false},
		"404 means gone":                             {[]*answer{status(404)}, 1, 0, 0, true},
		"410 means gone":                             {[]*answer{status(410)}, 1, 0, 0, true},
		"400 is never tried again":                   {[]*answer{status(400)}, 1, 0, 0, false},
		"401 is never tried again":                   {[]*answer{status(401)}, 1, 0, 0, false},
		"413 is never tried again":                   {[]*answer{status(413)}, 1, 0, 0, false},
		"a redirect is not followed":                 {[]*answer{status(307, "Location", "https://push.example/x")}, 1, 0, 0, false},
		"503 with seconds":                           {[]*answer{status(503, "Retry-After", "77")}, 2, 77 * time.Second, 77 * time.Second, false},
		"429 with seconds":                           {[]*answer{status(429, "Retry-After", "3")}, 2, 3 * time.Second, 3 * time.Second, false},
		"503 with a date":                            {[]*answer{status(503, "Retry-After", "Sat, 01 Jan 2000 00:01:40 GMT")}, 2, 99 * time.Second, 101 * time.Second, false},
		"503 with rubbish backs off":                 {[]*answer{status(503, "Retry-After", "soon")}, 2, 500 * time.Millisecond, time.Second, false},
		"500 backs off":                              {[]*answer{status(500), status(502)}, 3, 1500 * time.Millisecond, 3 * time.Second, false},
		"no answer backs off":                        {[]*answer{nil, nil}, 3, 1500 * time.Millisecond, 3 * time.Second, false},
		"a wait that outlasts the push is the end":   {[]*answer{status(503, "Retry-After", "1200")}, 1, 0, 0, false},
		"the answer after a retry counts like first": {[]*answer{status(503, "Retry-After", "1"), status(410)}, 2, time.Second, time.Second, true},
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
				r.put(t, "dev", endpointOf("dev"))
				r.run(t)
				r.send(t, api.NewID(), SendOptions{TTL: ttl})
				later(time.Hour)
				got := push.deliveries()
				if len(got) != c.attempts {
					t.Fatalf("%d attempts, not %d", len(got), c.attempts)
				}
				if d := got[len(got)-1].at.Sub(got[0].at); d < c.least || d > c.most {
					t.Errorf("last attempt after %v, not %v to %v", d, c.least, c.most)
				}
				if gone := r.store.isGone("dev"); gone != c.gone {
					t.Errorf("gone: %v", gone)
				}
				if pushes, lanes := r.left(); pushes != 0 || lanes != 0 {
					t.Errorf("%d pushes in %d lanes are left", pushes, lanes)
				}
			})
		})
	}
}

func TestAPushIsTriedUntilItsDeadlineAndNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(*http.Request, int) *answer { return status(500) })
		r := newRig(t, push, nil)
		r.put(t, "dev", endpointOf("dev"))
		r.run(t)
		start := time.Now()
		r.send(t, api.NewID(), SendOptions{TTL: 24 * time.Hour})
		later(48 * time.Hour)
		got := push.deliveries()
		last := got[len(got)-1]
		if at := last.at.Sub(start); at > 24*time.Hour || at < 24*time.Hour-lastRetry {
			t.Errorf("last attempt after %v", at)
		}
		if len(got) < 24*60/5 || len(got) > 2*24*60/5+20 {
			t.Errorf("%d attempts in a day", len(got))
		}
		if ttl, err := strconv.Atoi(last.header.Get("TTL")); err != nil || time.Duration(ttl)*time.Second > lastRetry {
			t.Errorf("TTL of the last attempt: %s", last.header.Get("TTL"))
		}
	})
}

func TestASuccessEndsTheBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(_ *http.Request, attempt int) *answer {
			if attempt <= 8 || attempt == 10 {
				return status(500)
			}
			return status(201)
		})
		r := newRig(t, push, nil)
		r.put(t, "dev", endpointOf("dev"))
		r.run(t)
		r.send(t, api.NewID(), SendOptions{})
		r.send(t, api.NewID(), SendOptions{})
		later(time.Hour)
		got := push.deliveries()
		if len(got) != 11 {
			t.Fatalf("%d attempts", len(got))
		}
		if d := got[10].at.Sub(got[9].at); d > firstRetry {
			t.Errorf("after a success, the first retry comes after %v", d)
		}
	})
}

func TestADeviceThatIsHeldBackHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(r *http.Request, _ int) *answer {
			if strings.HasSuffix(r.URL.Path, "/slow") {
				return status(503, "Retry-After", "600")
			}
			return status(201)
		})
		r := newRig(t, push, nil)
		r.put(t, "fast", endpointOf("fast"))
		r.put(t, "slow", endpointOf("slow"))
		r.run(t)
		for range 100 {
			r.send(t, api.NewID(), SendOptions{TTL: time.Hour})
		}
		synctest.Wait()
		count := map[string]int{}
		for _, d := range push.deliveries() {
			count[d.endpoint]++
		}
		if count[endpointOf("fast")] != 100 || count[endpointOf("slow")] != 1 {
			t.Errorf("attempts: %v; one for the device that is held back, not one for each push", count)
		}
	})
}

func TestAnOriginThatHangsLeavesWorkersForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(r *http.Request, _ int) *answer {
			if r.URL.Host == "hangs.example" {
				<-r.Context().Done()
				return nil
			}
			return status(201)
		})
		r := newRig(t, push, nil)
		for i := range 20 {
			r.put(t, fmt.Sprintf("a-%d", i), fmt.Sprintf("https://hangs.example/%d", i))
		}
		r.put(t, "z", endpointOf("z"))
		r.run(t)
		start := time.Now()
		r.send(t, api.NewID(), SendOptions{TTL: time.Hour})
		for d := range push.seen {
			if d.endpoint == endpointOf("z") {
				break
			}
		}
		if waited := time.Since(start); waited > 0 {
			t.Errorf("waited for %v", waited)
		}
		later(4 * time.Minute) // two at a time, 20 s each
		hung := map[string]bool{}
		for _, d := range push.deliveries() {
			hung[d.endpoint] = true
		}
		if len(hung) != 21 {
			t.Errorf("%d of 21 endpoints were tried", len(hung))
		}
	})
}

func TestADeviceThatSubscribedAnewIsSentToAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(r *http.Request, _ int) *answer {
			if strings.HasSuffix(r.URL.Path, "/old") {
				return status(503, "Retry-After", "3600")
			}
			return status(201)
		})
		r := newRig(t, push, nil)
		r.put(t, "dev", endpointOf("old"))
		r.run(t)
		r.send(t, api.NewID(), SendOptions{})
		synctest.Wait()
		r.put(t, "dev", endpointOf("new"))
		r.send(t, api.NewID(), SendOptions{})
		synctest.Wait()
		count := map[string]int{}
		for _, d := range push.deliveries() {
			count[d.endpoint]++
		}
		if count[endpointOf("new")] != 2 || count[endpointOf("old")] != 1 {
			t.Errorf("attempts: %v", count)
		}
	})
}

func TestAnAnswerForAnOldChannelDoesNotEndTheNewOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		push := newService(func(r *http.Request, _ int) *answer {
			if strings.HasSuffix(r.URL.Path, "/old") {
				<-release
				return status(410)
			}
			return status(201)
		})
		r := newRig(t, push, nil)
		r.put(t, "dev", endpointOf("old"))
		r.run(t)
		r.send(t, api.NewID(), SendOptions{})
		synctest.Wait()
		r.put(t, "dev", endpointOf("new"))
		r.send(t, api.NewID(), SendOptions{})
		close(release)
		synctest.Wait()
		if n, gone := len(push.deliveries()), r.store.isGone("dev"); n != 2 || gone {
			t.Errorf("%d attempts, gone: %v", n, gone)
		}
	})
}

func TestADeletedDeviceGetsNothingMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(*http.Request, int) *answer { return status(503, "Retry-After", "60") })
		r := newRig(t, push, nil)
		r.put(t, "dev", endpointOf("dev"))
		r.run(t)
		r.send(t, api.NewID(), SendOptions{})
		synctest.Wait()
		if err := r.hub.Delete(t.Context(), "account", "dev"); err != nil {
			t.Fatal(err)
		}
		later(time.Hour)
		if _, lanes := r.left(); len(push.deliveries()) != 1 || lanes != 0 {
			t.Errorf("%d attempts, %d lanes", len(push.deliveries()), lanes)
		}
	})
}

func TestTheOldestPushesOfADeviceGiveWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(nil)
		r := newRig(t, push, func(o *Options) { o.PerDevice = 3 })
		keys := r.put(t, "dev", endpointOf("dev"))
		ids := make([]api.ID, 5)
		for i := range ids {
			ids[i] = api.NewID()
			r.send(t, ids[i], SendOptions{})
		}
		r.run(t)
		synctest.Wait()
		var got []api.ID
		for _, d := range push.deliveries() {
			text, err := keys.Open(d.body)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, api.ID(text))
		}
		if !slices.Equal(got, ids[2:]) {
			t.Errorf("sent %v of %v", got, ids)
		}
	})
}

func TestSendWaitsWhileTheQueueIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(nil)
		r := newRig(t, push, func(o *Options) { o.Queue = 2 })
		r.put(t, "dev", endpointOf("dev"))
		r.send(t, api.NewID(), SendOptions{})
		r.send(t, api.NewID(), SendOptions{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if n, err := r.hub.Send(ctx, "username:anna", api.NewID(), SendOptions{}); err == nil || n != 0 {
			t.Errorf("%d devices, %v", n, err)
		}
		r.run(t)
		r.send(t, api.NewID(), SendOptions{})
		synctest.Wait()
		if n := len(push.deliveries()); n != 3 {
			t.Errorf("%d pushes", n)
		}
	})
}

func TestAFullQueueShedsWhatCannotBeSentNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(r *http.Request, _ int) *answer {
			if strings.HasSuffix(r.URL.Path, "/dead") {
				return status(500)
			}
			return status(201)
		})
		r := newRig(t, push, func(o *Options) { o.Queue = 10 })
		r.put(t, "dead", endpointOf("dead"))
		r.run(t)
		for range 10 {
			r.send(t, api.NewID(), SendOptions{})
			synctest.Wait()
		}
		r.put(t, "fine", endpointOf("fine"))
		start := time.Now()
		for range 50 {
			r.send(t, api.NewID(), SendOptions{Only: "fine"})
			synctest.Wait()
		}
		if waited := time.Since(start); waited > 0 {
			t.Errorf("waited for %v", waited)
		}
		if pushes, _ := r.left(); pushes > 10 {
			t.Errorf("%d pushes are queued", pushes)
		}
		fine := 0
		for _, d := range push.deliveries() {
			if d.endpoint == endpointOf("fine") {
				fine++
			}
		}
		if fine != 50 {
			t.Errorf("%d of 50 pushes went to the device that works", fine)
		}
	})
}

func TestRunSendsWhatIsDueBeforeItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(*http.Request, int) *answer {
			later(10 * time.Millisecond)
			return status(201)
		})
		r := newRig(t, push, nil)
		r.put(t, "dev", endpointOf("dev"))
		for range 50 {
			r.send(t, api.NewID(), SendOptions{})
		}
		r.run(t)()
		if n := len(push.deliveries()); n != 50 {
			t.Errorf("%d of 50 pushes", n)
		}
		if _, err := r.hub.Send(t.Context(), "username:anna", api.NewID(), SendOptions{}); err == nil {
			t.Error("a send after the end succeeds")
		}
	})
}

func TestRunEndsEvenWhenAPushServiceHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(r *http.Request, _ int) *answer {
			<-r.Context().Done()
			return nil
		})
		r := newRig(t, push, nil)
		r.put(t, "dev", endpointOf("dev"))
		stop := r.run(t)
		r.send(t, api.NewID(), SendOptions{})
		synctest.Wait()
		start := time.Now()
		stop()
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

func TestARedirectOfARealServerIsNotFollowed(t *testing.T) {
	followed := make(chan struct{}, 1)
	second := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed <- struct{}{} }))
	defer second.Close()
	asked := make(chan struct{}, 1)
	first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, second.URL, http.StatusTemporaryRedirect)
		asked <- struct{}{}
	}))
	defer first.Close()
	trusted := mustURL(t, first.URL)
	r := newRig(t, nil, func(o *Options) { o.Trusted = append(o.Trusted, trusted, mustURL(t, second.URL)) })
	r.put(t, "dev", first.URL+"/x")
	stop := r.run(t)
	r.send(t, api.NewID(), SendOptions{})
	<-asked
	stop()
	select {
	case <-followed:
		t.Error("the redirect was followed")
	default:
	}
}
