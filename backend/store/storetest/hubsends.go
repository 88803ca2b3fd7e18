package storetest

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"time"

	"securepush/backend/hub/record"
)

// schedule keeps notifications of these IDs, each due a minute after the one before it.
func (k *kit) schedule(ids ...string) {
	k.Helper()
	for i, id := range ids {
		due := k.now().Add(time.Duration(i) * time.Minute)
		k.must(k.s.AddScheduled(k.Context(), record.Scheduled{Due: due, Notification: record.Notification{ID: id}}))
	}
}

// taken are the IDs of what is due.
func (k *kit) taken(limit int) string {
	k.Helper()
	found, err := k.s.TakeScheduled(k.Context(), k.now(), limit)
	k.must(err)
	ids := make([]string, len(found))
	for i, n := range found {
		ids[i] = n.ID
	}
	return strings.Join(ids, " ")
}

var hubSendPromises = []promise{
	{"a scheduled notification comes back whole at its time", func(k *kit) {
		want := record.Scheduled{Due: k.now().Add(time.Hour), Notification: record.Notification{
			ID: "n", Format: "browser", Tags: "a && !b", Body: []byte{0, 255}, Direct: true, Enqueued: k.now(),
			Headers: []record.Header{{Name: "TTL", Value: "5"}, {Name: "a", Value: ""}},
			Handles: []record.Handle{{Handle: "https://push/1", P256DH: "p", Auth: "a"}, {Handle: "h"}},
		}}
		k.must(k.s.AddScheduled(k.Context(), want))
		k.pass(time.Hour - time.Millisecond)
		same(k, "taken before", k.taken(0), "")
		k.pass(time.Millisecond)
		got, err := k.s.TakeScheduled(k.Context(), k.now(), 0)
		k.must(err)
		if len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			k.Fatalf("got %+v, want %+v", got, want)
		}
		same(k, "taken again", k.taken(0), "")
	}},
	{"what is due is taken in order of time, as many as asked for", func(k *kit) {
		k.pass(time.Minute)
		k.schedule("a", "b", "d")
		k.pass(-time.Minute)
		k.schedule("c")
		k.pass(2 * time.Minute)
		same(k, "first", k.taken(2), "c a")
		same(k, "second", k.taken(2), "b")
		due, ok, err := k.s.NextScheduled(k.Context())
		k.must(err)
		same(k, "there is one", ok, true)
		same(k, "due", due, k.now().Add(time.Minute))
	}},
	{"nothing is next where nothing is scheduled", func(k *kit) {
		due, ok, err := k.s.NextScheduled(k.Context())
		k.must(err)
		same(k, "there is one", ok, false)
		same(k, "due", due, time.Time{})
	}},
	{"a notification is cancelled before it is taken, and not after", func(k *kit) {
		k.schedule("a", "b")
		k.must(k.s.DeleteScheduled(k.Context(), "a"))
		k.wants(record.ErrNotFound, k.s.DeleteScheduled(k.Context(), "a"))
		k.pass(time.Minute)
		same(k, "taken", k.taken(0), "b")
		k.wants(record.ErrNotFound, k.s.DeleteScheduled(k.Context(), "b"))
	}},
	{"what is scheduled is counted until it is taken or cancelled", func(k *kit) {
		count := func(want int) {
			k.Helper()
			n, err := k.s.CountScheduled(k.Context())
			k.must(err)
			same(k, "scheduled", n, want)
		}
		count(0)
		k.schedule("a", "b", "c")
		count(3)
		k.must(k.s.DeleteScheduled(k.Context(), "b"))
		count(2)
		k.taken(0)
		count(1)
	}},
	{"an ID is scheduled once", func(k *kit) {
		k.schedule("a")
		k.wants(record.ErrExists, k.s.AddScheduled(k.Context(), record.Scheduled{Notification: record.Notification{ID: "a"}}))
	}},
	{"each notification is given to one taker", func(k *kit) {
		for i := range 100 {
			k.must(k.s.AddScheduled(k.Context(), record.Scheduled{Due: k.now(), Notification: record.Notification{ID: fmt.Sprint(i)}}))
		}
		seen, count := map[string]bool{}, 0
		for _, ids := range parallel(k, 8, func() (string, error) {
			var ids strings.Builder
			for {
				found, err := k.s.TakeScheduled(k.Context(), k.now(), 7)
				if err != nil || len(found) == 0 {
					return ids.String(), err
				}
				for _, n := range found {
					ids.WriteString(n.ID + " ")
				}
			}
		}) {
			for id := range strings.FieldsSeq(ids) {
				seen[id] = true
				count++
			}
		}
		same(k, "taken", count, 100)
		same(k, "different", len(seen), 100)
	}},
	{"a job is read back as it was put last, with the times", func(k *kit) {
		first := record.Job{ID: "j", Type: "ExportRegistrations", Status: "Started", OutputContainer: "https://c/?sig=x", ImportFile: "https://f"}
		k.must(k.s.PutJob(k.Context(), first))
		created := k.now()
		k.pass(time.Minute)
		last := record.Job{
			ID: "j", Type: "ExportRegistrations", Status: "Completed", Progress: 99.5, Failure: "none",
			OutputProperties: map[string]string{"OutputFilePath": "a"},
		}
		k.must(k.s.PutJob(k.Context(), last))
		got, err := k.s.Job(k.Context(), "j")
		k.must(err)
		last.Created, last.Updated = created, k.now()
		same(k, "output", maps.Equal(got.OutputProperties, last.OutputProperties), true)
		if !reflect.DeepEqual(got, last) {
			k.Fatalf("got %+v, want %+v", got, last)
		}
		_, err = k.s.Job(k.Context(), "other")
		k.wants(record.ErrNotFound, err)
	}},
	{"jobs are listed by age and forgotten after 30 days without a change", func(k *kit) {
		for _, id := range []string{"b", "a"} {
			k.must(k.s.PutJob(k.Context(), record.Job{ID: id}))
			k.pass(time.Minute)
		}
		k.must(k.s.PutJob(k.Context(), record.Job{ID: "b", Status: "Running"}))
		all, err := k.s.Jobs(k.Context())
		k.must(err)
		same(k, "jobs", len(all), 2)
		same(k, "oldest", all[0].ID+all[0].Status, "bRunning")
		k.pass(30*day - time.Minute)
		k.must(k.s.Clean(k.Context()))
		all, err = k.s.Jobs(k.Context())
		k.must(err)
		same(k, "jobs", len(all), 1)
		same(k, "left", all[0].ID, "b")
	}},
}
