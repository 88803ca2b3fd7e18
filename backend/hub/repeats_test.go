package hub

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestARequestMadeAgainIsNotDoneAgain(t *testing.T) {
	s := newSending(t)
	s.devices("x", "a")
	post := func(name, body string) string {
		return s.call("POST", "/messages", map[string]string{headerFormat: "browser", headerTags: "x", headerName: name}, body).want(t, 201).Header.Get("Location")
	}
	first := post("fdb3a873", "1")
	var again sync.WaitGroup
	for range 8 {
		again.Go(func() {
			if got := post("fdb3a873", "1"); got != first {
				t.Errorf("%s, first %s", got, first)
			}
		})
	}
	again.Wait()
	for i, c := range []struct{ name, body string }{{"fdb3a873", "2"}, {"another", "1"}, {"", "1"}, {"", "1"}} {
		if post(c.name, c.body) == first {
			t.Errorf("%d was taken for the first", i)
		}
	}
	s.service.wait(5)
	s.stop()
	if got := s.service.devices(); len(got) != 5 {
		t.Errorf("%d pushes", len(got))
	}
}

func TestAJobAndAScheduleMadeAgainAreOne(t *testing.T) {
	s := newSending(t)
	header := map[string]string{headerFormat: "browser", headerName: "n", headerDue: time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}
	first, second := s.call("POST", "/schedulednotifications", header, "7").want(t, 201), s.call("POST", "/schedulednotifications", header, "7").want(t, 201)
	if first.Header.Get("Location") != second.Header.Get("Location") {
		t.Error("scheduled twice")
	}
	header[headerDue] = time.Now().Add(2 * time.Hour).UTC().Format(time.RFC3339)
	if other := s.call("POST", "/schedulednotifications", header, "7").want(t, 201); first.Header.Get("Location") == other.Header.Get("Location") {
		t.Error("another time is another request")
	}
	name := map[string]string{headerName: "n"}
	first, second = s.call("POST", "/jobs", name, exportJob("https://files.example/c")).want(t, 201), s.call("POST", "/jobs", name, exportJob("https://files.example/c")).want(t, 201)
	if first.Header.Get("Location") != second.Header.Get("Location") {
		t.Error("two jobs")
	}
}

func TestConcurrentRepeatsWaitForTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRepeats(time.Now)
		key := requestKey{name: "n"}
		finish := make(chan struct{})
		var done, calls int
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				id, err := r.once(t.Context(), "rule", key, func() (string, error) {
					mu.Lock()
					calls++
					n := calls
					mu.Unlock()
					<-finish
					if n == 1 {
						return "", errors.New("busy")
					}
					return "id-" + strconv.Itoa(n), nil
				})
				mu.Lock()
				defer mu.Unlock()
				if err == nil && id == "id-2" {
					done++
				}
			})
		}
		synctest.Wait()
		if calls != 1 {
			t.Errorf("%d at once", calls)
		}
		close(finish)
		all.Wait()
		if calls != 2 || done != 4 {
			t.Errorf("after a failure: %d calls, %d got the second's ID", calls, done)
		}
	})
}

func TestRequestsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRepeats(time.Now)
		r.most = 100
		n := 0
		ask := func(rule, name string) string {
			id, err := r.once(t.Context(), rule, requestKey{name: name}, func() (string, error) {
				n++
				return strconv.Itoa(n), nil
			})
			check(t, err)
			return id
		}
		first := ask("a", "x")
		if ask("b", "x") == first {
			t.Error("rules share their requests")
		}
		<-time.After(keepRepeats - time.Second)
		if ask("a", "x") != first {
			t.Error("forgotten before 10 minutes")
		}
		<-time.After(time.Second)
		second := ask("a", "x")
		if second == first {
			t.Error("known after 10 minutes")
		}
		for i := range 1000 {
			ask("a", fmt.Sprint("y", i))
		}
		if of := r.byRule["a"]; len(of.byKey) > 100 || len(of.order) > 100 {
			t.Errorf("%d requests are kept", len(of.byKey))
		}
		if ask("a", "x") == second {
			t.Error("it was to make room")
		}
	})
}

func TestARequestThatPanicsCanBeMadeAgain(t *testing.T) {
	r := newRepeats(time.Now)
	key := requestKey{name: "n"}
	func() {
		defer func() { _ = recover() }()
		_, _ = r.once(t.Context(), "rule", key, func() (string, error) { panic("x") })
	}()
	id, err := r.once(t.Context(), "rule", key, func() (string, error) { return "id", nil })
	if id != "id" || err != nil {
		t.Error(id, err)
	}
}
