package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"securepush/api"
	"securepush/backend/store"
)

// inbox is a store whose one account has many notifications, unread and of a usual size.
type inbox struct {
	s       *store.Store
	account store.Account
	access  api.Secret
	ids     []api.ID
	m       store.Message
}

func fill(b *testing.B, stored int) *inbox {
	b.Helper()
	ctx := context.WithoutCancel(b.Context())
	in := &inbox{
		s: open(b, store.Options{Path: filepath.Join(b.TempDir(), "securepush.db")}),
		m: store.Message{Title: "Potassium result", Payload: strings.Repeat("K 4.1 mmol/l ", 20), Sender: "Lab"},
	}
	var err error
	if in.account, err = in.s.AddAccount(ctx, "anna", api.NewSecret("x"), nil); err != nil {
		b.Fatal(err)
	}
	g, err := in.s.StartSession(ctx, store.SignIn{Account: in.account.ID})
	if err != nil {
		b.Fatal(err)
	}
	in.access, in.m.By = g.Access, in.account.ID
	if err := in.s.PutInstallation(ctx, in.account.ID, api.Installation{InstallationID: "desk"}); err != nil {
		b.Fatal(err)
	}
	for len(in.ids) < stored {
		var to []store.Recipient
		for range 1000 {
			to = append(to, store.Recipient{Account: in.account.ID, ID: api.NewID()})
			in.ids = append(in.ids, to[len(to)-1].ID)
		}
		if _, err := in.s.Send(ctx, in.m, to, nil); err != nil {
			b.Fatal(err)
		}
	}
	return in
}

func (in *inbox) send(ctx context.Context) error {
	_, err := in.s.Send(ctx, in.m, []store.Recipient{{Account: in.account.ID, ID: api.NewID()}}, nil)
	return err
}

// BenchmarkStored shows that a step costs the same with 1,000 and with 100,000 stored notifications.
func BenchmarkStored(b *testing.B) {
	for _, stored := range []int{1000, 100_000} {
		in := fill(b, stored)
		middle := api.Cursor(fmt.Sprint(stored / 2))
		next := 0
		for _, step := range []struct {
			name string
			do   func(ctx context.Context) error
		}{
			{"insert", in.send},
			{"fetch", func(ctx context.Context) error {
				next = (next + 7919) % len(in.ids)
				_, err := in.s.Notification(ctx, in.account.ID, in.ids[next])
				return err
			}},
			{"fetch 10", func(ctx context.Context) error {
				next = (next + 7919) % (len(in.ids) - 10)
				_, err := in.s.NotificationsByID(ctx, in.account.ID, in.ids[next:next+10])
				return err
			}},
			{"page after", func(ctx context.Context) error {
				_, err := in.s.Page(ctx, in.account.ID, store.PageQuery{Cursor: middle, Limit: 50})
				return err
			}},
			{"page before", func(ctx context.Context) error {
				_, err := in.s.Page(ctx, in.account.ID, store.PageQuery{Newest: true, Unread: true, Limit: 50})
				return err
			}},
			{"unread", func(ctx context.Context) error {
				_, err := in.s.Unread(ctx, in.account.ID)
				return err
			}},
			{"read and unread", func(ctx context.Context) error {
				next = (next + 7919) % len(in.ids)
				_, err := in.s.SetRead(ctx, in.account.ID, in.ids[next], next%2 == 0, "")
				return err
			}},
			{"receipts", func(ctx context.Context) error {
				next = (next + 7919) % len(in.ids)
				r := store.Receipt{Account: in.account.ID, Installation: "desk", ID: in.ids[next], Shown: true, At: time.Now()}
				return in.s.AddReceipts(ctx, []store.Receipt{r})
			}},
			{"status", func(ctx context.Context) error {
				next = (next + 7919) % len(in.ids)
				_, err := in.s.Status(ctx, in.account.ID, in.ids[next])
				return err
			}},
			{"sent", func(ctx context.Context) error {
				_, err := in.s.SentBy(ctx, in.account.ID, "", 50)
				return err
			}},
			{"authenticate", func(ctx context.Context) error {
				_, err := in.s.Authenticate(ctx, in.access)
				return err
			}},
		} {
			b.Run(fmt.Sprintf("%s/stored=%d", step.name, stored), func(b *testing.B) {
				for b.Loop() {
					if err := step.do(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkGroupCommit shows what senders gain by sharing a transaction; every send is synced when it returns.
func BenchmarkGroupCommit(b *testing.B) {
	for _, senders := range []int{1, 64} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) {
			in := fill(b, 1000)
			before := in.s.Stats()
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ResetTimer()
			var all sync.WaitGroup
			for range senders {
				all.Go(func() {
					for left.Add(-1) >= 0 {
						if err := in.send(b.Context()); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
			after := in.s.Stats()
			b.ReportMetric(float64(after.Writes-before.Writes)/float64(after.Commits-before.Commits), "writes/commit")
		})
	}
}

// BenchmarkBulk is one send to 1,000 recipients.
func BenchmarkBulk(b *testing.B) {
	in := fill(b, 1000)
	for b.Loop() {
		to := make([]store.Recipient, 1000)
		for i := range to {
			to[i] = store.Recipient{Account: in.account.ID, ID: api.NewID()}
		}
		if _, err := in.s.Send(b.Context(), in.m, to, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/recipient")
}
