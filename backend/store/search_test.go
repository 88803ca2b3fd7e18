package store

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"securepush/api"
)

func TestASearchTakesTimeForTheTextAndNotForEachOfItsWords(t *testing.T) {
	s := openForTest(t, Options{})
	a, err := s.AddAccount(t.Context(), "anna", api.NewSecret("hash"), nil)
	if err != nil {
		t.Fatal(err)
	}
	const stored = 200
	for range stored {
		m := Message{Payload: strings.Repeat("a", 16<<10)}
		if _, err := s.Send(t.Context(), m, []Recipient{{Account: a.ID, ID: api.NewID()}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	took := func(words string) time.Duration {
		started := time.Now()
		page, err := s.Page(t.Context(), a.ID, PageQuery{Text: words})
		if err != nil || len(page.Items) != 0 {
			t.Errorf("%d found, %v", len(page.Items), err)
		}
		return time.Since(started)
	}
	var easy, hard time.Duration
	for tries := 0; tries == 0 || hard > 20*easy && tries < 20; tries++ { // a busy machine may stop at any moment
		easy, hard = took("z"), took(strings.Repeat("a", 250)+"b")
	}
	if hard > 20*easy { // with the patterns of SQLite some 200 times as long
		t.Errorf("%v for one letter, %v for many", easy, hard)
	}
	page, err := s.Page(t.Context(), a.ID, PageQuery{Text: "AAA", Limit: 7})
	if err != nil || len(page.Items) != 7 || !page.More || page.Next != "7" {
		t.Errorf("%d found, more %v, next %q, %v", len(page.Items), page.More, page.Next, err)
	}
}

func TestSearchesLeaveConnectionsForEverybodyElse(t *testing.T) {
	s := openForTest(t, Options{Readers: 2})
	a, err := s.AddAccount(t.Context(), "anna", api.NewSecret("hash"), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, done, err := s.search(t.Context())
	if err != nil || ctx.Err() != nil {
		t.Fatal(err)
	}
	waits, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := s.Page(waits, a.ID, PageQuery{Text: "x"}); !errors.Is(err, waits.Err()) {
		t.Errorf("a second search: %v", err)
	}
	if _, err := s.Page(t.Context(), a.ID, PageQuery{}); err != nil {
		t.Error(err)
	}
	done()
	if _, err := s.Page(t.Context(), a.ID, PageQuery{Text: "x"}); err != nil {
		t.Error(err)
	}
}
