package hub

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"securepush/backend/hub/record"
)

func letter(rule, tags, id string, size int) *message {
	return &message{rule: rule, Notification: record.Notification{ID: id, Format: "browser", Tags: tags, Body: make([]byte, size)}}
}

func TestMessagesTakeTurnsAndKeepTheirOrder(t *testing.T) {
	b := newInbox()
	for _, m := range []*message{letter("r", "all", "big", 0), letter("r", "all", "later", 0), letter("r", "x", "small", 0), letter("q", "all", "other", 0)} {
		check(t, b.put(m))
	}
	var order []string
	for turns := map[string]int{"big": 3}; len(b.lanes) > 0; {
		m, ok := b.take()
		if !ok {
			t.Fatal("no message")
		}
		order = append(order, m.ID)
		turns[m.ID]--
		b.give(m, turns[m.ID] <= 0)
	}
	if got := strings.Join(order, " "); got != "big small other big big later" {
		t.Errorf("order: %s", got)
	}
	if b.size != 0 || len(b.byRule) != 0 {
		t.Errorf("%d bytes are left", b.size)
	}
}

func TestTheInboxIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newInbox()
		b.most = 4 * (messageSize + 100)
		put := func(rule string) error { return b.put(letter(rule, "x", "", 100)) }
		for i, c := range []struct {
			rule string
			want error
		}{{"a", nil}, {"a", nil}, {"a", errShare}, {"b", nil}, {"c", nil}, {"d", errFull}} {
			if err := put(c.rule); !errors.Is(err, c.want) {
				t.Errorf("%d: %v, want %v", i, err, c.want)
			}
		}
		waited := make(chan error, 2)
		for range 2 {
			go func() { waited <- b.wait(t.Context(), letter("d", "x", "", 100)) }()
		}
		synctest.Wait()
		if len(waited) != 0 {
			t.Fatal("it did not wait")
		}
		m, _ := b.take()
		b.give(m, true)
		check(t, <-waited)
		synctest.Wait()
		if len(waited) != 0 {
			t.Error("there was room for one")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := b.wait(ctx, letter("d", "x", "", 100)); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		b.close()
		if err := <-waited; !errors.Is(err, errEnded) {
			t.Error(err)
		}
		if err := put("e"); !errors.Is(err, errEnded) {
			t.Error(err)
		}
		left := 0
		for m, ok := b.take(); ok; m, ok = b.take() {
			left++
			b.give(m, true)
		}
		if left != 4 {
			t.Errorf("%d were left", left)
		}
	})
}

func TestTooMuchIsRefusedForAWhile(t *testing.T) {
	s := prepareSending(t, openStore(t))
	s.devices("x", "a")
	header := map[string]string{headerFormat: "browser", headerTags: "x"}
	s.hub.sender.inbox.most = 6 * messageSize
	for range 2 {
		s.call("POST", "/messages", header, "7").want(t, 201)
	}
	r := s.call("POST", "/messages", header, "7").want(t, 429)
	if r.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", r.Header.Get("Retry-After"))
	}
	s.hub.sender.inbox.most = 3 * messageSize
	r = s.call("POST", "/messages", header, "7").want(t, 503)
	if r.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", r.Header.Get("Retry-After"))
	}
	s.start()
	s.service.wait(2)
}

func TestPropertiesTakeMoreThanTheirText(t *testing.T) {
	s := prepareSending(t, openStore(t))
	many := make(map[string]int)
	for i := range 5000 {
		many[strconv.Itoa(i)] = 1
	}
	body, err := json.Marshal(many)
	check(t, err)
	var before, after runtime.MemStats
	for range 3 { // what pools hold goes the second time
		runtime.GC()
	}
	runtime.ReadMemStats(&before)
	m, err := s.hub.sender.message("r", record.Notification{Format: record.FormatTemplate, Body: body})
	check(t, err)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if taken := int(after.HeapAlloc) - int(before.HeapAlloc) + len(body); m.size() < taken {
		t.Errorf("it takes %d bytes and counts as %d", taken, m.size())
	}
	runtime.KeepAlive(m)
}

func TestMessagesToManyWaitForOneAnother(t *testing.T) {
	b := newInbox()
	const some = 3
	for i := range maxWide + some {
		check(t, b.put(letter("r", strconv.Itoa(i), strconv.Itoa(i), 0)))
	}
	var order []string
	turns := make(map[string]int)
	for len(b.lanes) > 0 {
		m, ok := b.take()
		if !ok {
			t.Fatal("no message")
		}
		turns[m.ID]++
		b.give(m, turns[m.ID] == 3)
		if turns[m.ID] == 3 {
			order = append(order, m.ID)
		}
		if started := len(turns) - len(order); b.wide > maxWide || b.wide+len(b.parked) > started {
			t.Fatalf("%d and %d of %d", b.wide, len(b.parked), started)
		}
		if m.ID == "0" && turns["0"] == 2 { // one to a single target passes all of them
			check(t, b.put(letter("r", "x", "small", 0)))
			turns["small"] = 2
		}
	}
	if at := slices.Index(order, "small"); at < 0 || at > maxWide {
		t.Errorf("the small one was number %d", at)
	}
	if last := order[len(order)-some:]; !slices.Equal(last, []string{"64", "65", "66"}) {
		t.Errorf("the last were %v", last)
	}
	if b.wide != 0 || len(b.parked) != 0 || b.size != 0 {
		t.Errorf("%d, %d and %d bytes are left", b.wide, len(b.parked), b.size)
	}
}
