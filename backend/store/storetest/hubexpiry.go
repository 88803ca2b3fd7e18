package storetest

import (
	"fmt"
	"time"

	"securepush/backend/hub/record"
)

var hubExpiryPromises = []promise{
	{"a dead handle takes all of its registrations along, and their clients are told for 90 days", func(k *kit) {
		second, elsewhere, alive := templated("s", "t"), of(record.Gcm, native("g", "t")), native("a", "t")
		second.Handle, elsewhere.Handle = native("r").Handle, native("r").Handle
		k.register(native("r", "t"), second, elsewhere, alive)
		k.dead(native("r").Handle)
		same(k, "left", k.listed(record.Query{Tag: "t"}), "a g")
		_, err := k.s.Registration(k.Context(), "r")
		k.wants(record.ErrNotFound, err)
		k.pass(90*day - time.Millisecond)
		k.must(k.s.Clean(k.Context()))
		for _, ifMatch := range []string{"", "*", "1"} {
			_, err = k.s.PutRegistration(k.Context(), native("r"), ifMatch)
			k.wants(record.ErrGone, err)
		}
		k.pass(time.Millisecond)
		k.register(native("r"))
		k.must(k.s.Clean(k.Context()))
		k.register(second)
	}},
	{"a dead handle expires its installation until that is put again", func(k *kit) {
		k.install("i", slot("", native("n", "t")), slot("one", templated("n", "t")))
		k.install("j", slot("", native("m", "t")))
		k.pass(time.Minute)
		k.dead(native("n").Handle)
		in := k.installation("i")
		same(k, "expired", in.Expired, true)
		same(k, "version", in.Version, 2)
		same(k, "updated", in.Updated, k.now())
		same(k, "left", k.listed(record.Query{Tag: "t"}), "j/")
		same(k, "the other", k.installation("j").Expired, false)
		k.install("i", slot("", native("n", "t")))
		same(k, "expired", k.installation("i").Expired, false)
		same(k, "ETag", k.slots("t")[""].ETag, 3)
	}},
	{"an expired installation gets no registrations by an update, unless that says it lives", func(k *kit) {
		k.install("i", slot("", native("n", "t")))
		k.dead(native("n").Handle)
		for _, expired := range []bool{true, false} {
			k.must(k.s.UpdateHubInstallation(k.Context(), "i",
				func(in record.Installation) (record.Installation, []record.Registration, error) {
					in.Expired = in.Expired && expired
					return in, []record.Registration{slot("", native("n", "t")), slot("one", templated("n", "t"))}, nil
				}))
			same(k, "expired", k.installation("i").Expired, expired)
			same(k, "lives", len(k.slots("t")) == 2, !expired)
		}
	}},
	{"the dead channel of a secondary tile leaves the rest of its installation alone, and the other way round", func(k *kit) {
		main, tile := of(record.Windows, slot("", native("n", "t"))), of(record.Windows, slot("tile", native("tile", "t")))
		tile.SecondaryTileName = "one"
		for _, step := range []struct {
			dead, left string
			expired    bool
		}{{tile.Handle, "i/", false}, {main.Handle, "i/tile", true}} {
			k.install("i", main, tile)
			k.must(k.s.ExpireHandle(k.Context(), record.Feedback{Platform: record.Windows, Handle: step.dead}))
			same(k, "left", k.listed(record.Query{Tag: "t"}), step.left)
			same(k, "expired", k.installation("i").Expired, step.expired)
		}
		k.must(k.s.UpdateHubInstallation(k.Context(), "i",
			func(in record.Installation) (record.Installation, []record.Registration, error) {
				return in, []record.Registration{main, tile}, nil
			}))
		same(k, "after an update", k.listed(record.Query{Tag: "t"}), "i/tile")
	}},
	{"a late report about a handle that nobody has any more harms nobody and is not kept", func(k *kit) {
		k.install("i", slot("", native("n", "t")))
		k.install("i", slot("", native("m", "t")))
		k.dead(native("n").Handle)
		k.dead("")
		same(k, "expired", k.installation("i").Expired, false)
		same(k, "left", k.listed(record.Query{Tag: "t"}), "i/")
		same(k, "feedback", len(k.feedback()), 0)
	}},
	{"each removed registration is reported once", func(k *kit) {
		shared := native("r")
		derived := slot("", native("r"))
		k.install("i", derived)
		k.register(shared)
		f := record.Feedback{
			Time: k.now().Add(-time.Minute), Platform: record.Browser, Handle: shared.Handle, Notification: "n", Error: "BadChannel",
		}
		for range 2 {
			k.must(k.s.ExpireHandle(k.Context(), f))
		}
		all := map[string]record.Feedback{}
		for _, got := range k.feedback() {
			all[got.Installation] = got
		}
		same(k, "count", len(k.feedback()), 2)
		same(k, "ID of the derived one", all["i"].Registration != "", true)
		f.Registration = "r"
		same(k, "feedback", all[""], f)
		f.Registration, f.Installation = all["i"].Registration, "i"
		same(k, "feedback", all["i"], f)
	}},
	{"feedback is read by day and in pages, and forgotten after 30 days", func(k *kit) {
		k.pass(23*time.Hour - time.Duration(k.now().Hour())*time.Hour) // near midnight
		first := k.now()
		for i := range 5 {
			k.register(native(fmt.Sprint("r", i)))
			k.dead(native(fmt.Sprint("r", i)).Handle)
			if i == 2 {
				k.pass(time.Hour)
			}
		}
		page, last, err := k.s.Feedback(k.Context(), first, 0, 2)
		k.must(err)
		same(k, "first page", page[0].Registration+page[1].Registration, "r0r1")
		page, last, err = k.s.Feedback(k.Context(), first, last, 2)
		k.must(err)
		same(k, "second page", len(page), 1)
		same(k, "time", page[0].Time, first)
		page, again, err := k.s.Feedback(k.Context(), first, last, 2)
		k.must(err)
		same(k, "third page", len(page), 0)
		same(k, "place", again, last)
		same(k, "of the second day", len(k.feedback()), 2)
		days, err := k.s.FeedbackDays(k.Context())
		k.must(err)
		same(k, "days", len(days), 2)
		same(k, "first day", days[0], first.Truncate(day))
		same(k, "second day", days[1], k.now().Truncate(day))

		k.pass(29 * day)
		k.must(k.s.Clean(k.Context()))
		days, err = k.s.FeedbackDays(k.Context())
		k.must(err)
		same(k, "days", len(days), 2)
		k.pass(day)
		k.must(k.s.Clean(k.Context()))
		days, err = k.s.FeedbackDays(k.Context())
		k.must(err)
		same(k, "days", len(days), 1)
	}},
}
