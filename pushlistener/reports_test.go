package pushlistener

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"securepush/api"
)

// wantReports checks what the server was told of since the last look.
func (w *sim) wantReports(lines ...string) {
	w.t.Helper()
	if !slices.Equal(w.reports, lines) {
		w.t.Errorf("the server was told of %q, want %q", w.reports, lines)
	}
	w.reports = nil
}

func TestReports(t *testing.T) {
	for _, row := range []struct {
		name string
		do   func(*sim)
	}{
		{"what is shown is told of at once when nothing else is asked", func(w *sim) {
			w.send("a")
			w.wantReports("a")
			w.pass(time.Hour)
			w.wantReports()
		}},
		{"what is shown soon after is told of with the next catch-up, together", func(w *sim) {
			w.send("a")
			w.pass(time.Second)
			w.reports = nil
			w.s.reports.next = w.now.Add(time.Hour)
			w.send("b")
			w.send("c")
			w.pass(settleDelay - time.Second - 1)
			w.wantReports()
			w.pass(1)
			w.wantReports("b,c")
		}},
		{"what no catch-up follows soon is told of after a pause", func(w *sim) {
			w.send("a")
			w.send("b")
			w.wantReports("a")
			w.s.scan.due = w.now.Add(time.Hour)
			w.tell(tick{})
			w.pass(reportSpacing - 1)
			w.wantReports()
			w.pass(1)
			w.wantReports("b")
		}},
		{"what the person waits for is asked first", func(w *sim) {
			w.step(pushed{id: w.put("a").ID})
			for w.s.toasts.group == groupOwn && !w.s.toasts.noting {
				w.perform(0)
			}
			w.slowFetch = true
			w.send("b")
			if i := slices.IndexFunc(w.out, func(e effect) bool { _, ok := e.(report); return ok }); i >= 0 {
				w.t.Error("a report is on its way before b")
			}
			w.slowFetch = false
			w.settle()
			w.want("show a", "show b")
			w.wantReports("a,b")
		}},
		{"a digest is told of with all that is in it", func(w *sim) {
			w.tell(Display{Quiet: true})
			for _, name := range []string{"a", "b", "c", "d", "e"} {
				w.send(name)
			}
			w.pass(time.Minute)
			w.wantReports()
			w.tell(Display{})
			w.wantReports("a,b,c,d,e")
		}},
		{"what was read while it was being shown is told of", func(w *sim) {
			w.step(pushed{id: w.put("a").ID})
			for !slices.ContainsFunc(w.out, func(e effect) bool { _, ok := e.(show); return ok }) {
				w.perform(0)
			}
			w.step(MarkedRead{IDs: []api.ID{id("a")}})
			w.settle()
			w.wantReports("a")
			w.wantFate("a", fateSettled)
		}},
		{"what was taken away at once on a locked screen is told of when it comes back", func(w *sim) {
			w.step(pushed{id: w.put("a").ID})
			for !slices.ContainsFunc(w.out, func(e effect) bool { _, ok := e.(show); return ok }) {
				w.perform(0)
			}
			w.step(Display{Locked: true})
			w.settle()
			w.pass(time.Minute)
			w.wantReports()
			w.tell(Display{})
			w.want("show a", "withdraw a", "show a")
			w.wantReports("a")
		}},
		{"what makes no toast is not told of", func(w *sim) {
			w.put("a")
			w.read("a")
			w.push("a")
			w.push("unknown")
			w.fail = unauthorized
			w.send("b")
			w.pass(time.Hour)
			w.wantReports()
		}},
		{"what could not be told is told with a later contact, and troubles nobody", func(w *sim) {
			w.deaf = unreachable
			w.send("a")
			w.wantReports("in vain")
			if n := w.s.snapshot(); n.Server != (Trouble{}) || n.Counters.Failures != 0 {
				w.t.Errorf("snapshot %+v", n)
			}
			w.deaf = nil
			w.send("b")
			w.wantReports()
			w.pass(2 * time.Hour)
			w.wantReports("a,b")
			w.want("show a", "show b")
		}},
		{"a server that is down is not told", func(w *sim) {
			w.send("a")
			w.pass(time.Minute)
			w.reports = nil
			w.step(pushed{id: w.put("b").ID})
			for w.s.toasts.group == groupOwn && !w.s.toasts.noting {
				w.perform(0)
			}
			w.fail = unreachable
			w.put("c")
			w.push("c")
			w.pass(time.Hour)
			w.wantReports()
			w.fail = nil
			w.pass(time.Hour)
			w.wantReports("b,c")
		}},
		{"a server that does not take reports is tried once an hour", func(w *sim) {
			for _, code := range []api.Code{api.CodeNotFound, api.CodeMethodNotAllowed, api.CodeForbidden} {
				w.deaf = api.NewProblem(code, "")
				for i := range 9 {
					w.send(fmt.Sprint(code[:3], i))
					w.pass(time.Minute)
				}
				w.wantReports("in vain")
				w.deaf = nil
				w.pass(time.Hour)
				if told := strings.Join(w.reports, ","); strings.Count(told, ",") != 7 || strings.Contains(told, "0") {
					w.t.Errorf("told of %s", told)
				}
				w.reports = nil
			}
		}},
		{"a server that does not know the device yet is told when it does", func(w *sim) {
			w.tell(SignedOut{})
			w.s.reg = registration{}
			w.deaf = api.NewProblem(api.CodeNotFound, "")
			w.tell(SignedIn{Account: "anna"})
			w.send("a")
			w.wantReports("in vain")
			w.deaf, w.registr = nil, unreachable
			w.tell(subscribed{channel: api.PushChannel{Endpoint: "https://push.example/1"}})
			w.send("b")
			w.wantReports()
			w.registr = nil
			w.pass(time.Minute)
			w.wantReports("a,b")
		}},
		{"a server is told nothing while it does not take the device's new channel", func(w *sim) {
			w.registr = unreachable
			w.tell(subscribed{channel: api.PushChannel{Endpoint: "https://push.example/2"}})
			w.pass(time.Minute)
			w.send("a")
			w.wantReports()
			w.registr = nil
			w.pass(10 * time.Minute)
			w.wantReports("a")
		}},
		{"what another account was shown is not told of", func(w *sim) {
			w.deaf = unreachable
			w.send("a")
			w.deaf, w.reports, w.mail = nil, nil, nil
			w.tell(SignedIn{Account: "berta"})
			w.pass(2 * time.Hour)
			w.wantReports()
		}},
		{"a report that a new sign-in cut off is told again", func(w *sim) {
			w.slowFetch = true
			w.step(pushed{id: w.put("a").ID})
			for i := 0; i < len(w.out); {
				if _, ok := w.out[i].(report); ok {
					i++
					continue
				}
				w.perform(i)
			}
			if w.s.reports.sending != 1 {
				w.t.Fatal("no report is on its way")
			}
			w.slowFetch = false
			w.tell(SignedIn{Account: "anna"})
			w.wantReports("a")
		}},
		{"nobody who wants to hear is told nothing", func(w *sim) {
			w.s.reports.off = true
			w.send("a")
			w.pass(time.Hour)
			w.wantReports()
			if len(w.s.reports.waiting) != 0 {
				w.t.Error("something waits")
			}
		}},
	} {
		t.Run(row.name, func(t *testing.T) { row.do(up(t)) })
	}
}

func TestAReportIsOfALimitedSizeAndWhatWaitsForItToo(t *testing.T) {
	w := up(t)
	w.tell(Display{Quiet: true})
	for i := range 900 {
		w.send(fmt.Sprint(i))
	}
	w.reports = nil
	w.tell(Display{})
	if n := len(w.reports); n != 2 || strings.Count(w.reports[0], ",") != reportSize-1 || strings.Count(w.reports[1], ",") != 900-reportSize-1 {
		t.Errorf("%d reports", n)
	}
	for range maxReports + 5 {
		w.s.shown(id("x"), &item{phase: phaseNoting, rec: record{fate: fateShown}})
	}
	if n := len(w.s.reports.waiting); n != maxReports {
		t.Errorf("%d wait", n)
	}
}

func TestTheListenerTellsWhatItHasShownAndGoesOnWhenThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t)
		d.stop()
		told := make(chan []api.ID, 10)
		hang := false
		d.report = func(ctx context.Context, shown []api.ID) error {
			if hang {
				<-ctx.Done()
			}
			told <- shown
			return ctx.Err()
		}
		d.start()
		d.signIn()
		a := d.server.put(1)
		d.push(a...)
		if got := <-told; !slices.Equal(got, a) {
			t.Errorf("told of %v", got)
		}
		hang = true
		pass(time.Minute)
		b := d.server.put(1)
		d.push(b...)
		c := d.server.put(1)
		d.push(c...)
		d.want("show "+Tag(a[0]), "show "+Tag(b[0]), "show "+Tag(c[0]))
		d.stop() // and does not wait
		if got := <-told; !slices.Equal(got, b) {
			t.Errorf("told of %v", got)
		}
	})
}
