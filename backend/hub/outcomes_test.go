package hub

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
)

func TestHowANotificationEnds(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		name   string
		do     func(*account)
		state  string
		ended  bool
		counts int
	}{
		{"it waits", func(*account) {}, "Enqueued", false, 0},
		{"its targets are looked up", func(a *account) { a.begin(now) }, "Processing", false, 0},
		{"there are none", func(a *account) { a.begin(now); a.complete(false, now) }, "NoTargetFound", true, 0},
		{"one is on its way", func(a *account) { a.expect(); a.complete(false, now) }, "Enqueued", false, 0},
		{"one arrived before all were found", func(a *account) { a.begin(now); a.expect(); a.settle(record.Browser, delivery.Success, false, now) }, "Processing", false, 1},
		{"all arrived", func(a *account) {
			a.expect()
			a.complete(false, now)
			a.settle(record.Browser, delivery.Success, false, now)
		}, "Completed", true, 1},
		{"none arrived", func(a *account) { a.count(record.Apple, delivery.InvalidCredentials); a.complete(false, now) }, "Completed", true, 1},
		{"one was given up, one arrived", func(a *account) {
			a.expect()
			a.expect()
			a.settle(record.Browser, delivery.PnsUnreachable, true, now)
			a.settle(record.Browser, delivery.Success, false, now)
			a.complete(false, now)
		}, "Completed", true, 2},
		{"all were given up", func(a *account) {
			a.expect()
			a.settle(record.Browser, delivery.PnsUnreachable, true, now)
			a.complete(false, now)
		}, "Abandoned", true, 1},
		{"its targets could not be found", func(a *account) { a.complete(true, now) }, "Abandoned", true, 0},
		{"it was taken back", func(a *account) { a.cancel(now) }, "Canceled", true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAccount(&record.Notification{ID: "1", Enqueued: now}, stateEnqueued)
			c.do(a)
			r := a.report()
			n := 0
			for _, counts := range r.counts {
				for _, k := range counts {
					n += int(k)
				}
			}
			if r.state != c.state || r.ended.IsZero() == c.ended || n != c.counts {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestAccountsAreKeptForADayWithinBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		l.most = 100 * accountSize
		add := func(rule, id, tags string, ended bool) *account {
			a := newAccount(&record.Notification{ID: id, Tags: tags, Enqueued: time.Now()}, stateEnqueued)
			l.add(rule, a, time.Now())
			if ended {
				a.complete(false, time.Now())
			}
			return a
		}
		add("quiet", "q", "", true)
		running := add("quiet", "running", "", false)
		for i := range 1000 {
			add("busy", fmt.Sprint("b", i), "", true)
		}
		if l.find("q", time.Now()) == nil || l.find("b900", time.Now()) == nil || l.find("b899", time.Now()) != nil || len(l.byID) != 102 {
			t.Errorf("%d accounts", len(l.byID))
		}
		add("busy", "long", strings.Repeat("x", 50*accountSize), true)
		if len(l.byID) > 60 || l.byRule["busy"].size > l.most {
			t.Errorf("%d accounts, %d bytes", len(l.byID), l.byRule["busy"].size)
		}
		<-time.After(keepAccounts + time.Second)
		if l.find("q", time.Now()) != nil {
			t.Error("told after a day")
		}
		if l.find("running", time.Now()) == nil {
			t.Error("it has not ended")
		}
		running.complete(false, time.Now())
		add("quiet", "new", "", true)
		if len(l.byRule["quiet"].list) != 2 { // running has just ended
			t.Errorf("%d accounts are left", len(l.byRule["quiet"].list))
		}
	})
}

// TestAnAccountIsAsLargeAsItIsSaidToBe holds the bound of a ledger against the memory that it takes.
func TestAnAccountIsAsLargeAsItIsSaidToBe(t *testing.T) {
	l := newLedger()
	l.most = 1 << 30
	used := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // what waited for a finalizer
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := used()
	const n = 50_000
	now := time.Now()
	for range n {
		tags := strings.Clone("username:somebody@example.com")
		a := newAccount(&record.Notification{ID: newNotificationID(now), Tags: tags, Enqueued: now}, stateEnqueued)
		l.add("rule", a, now)
		a.count(record.Browser, delivery.Success)
		a.count(record.Browser, delivery.ExpiredChannel)
	}
	each := (used() - before) / n
	runtime.KeepAlive(l)
	if each < accountSize/3 || each > accountSize+29 {
		t.Errorf("an account takes %d bytes", each)
	}
}
