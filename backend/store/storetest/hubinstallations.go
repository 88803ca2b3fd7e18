package storetest

import (
	"errors"
	"fmt"
	"time"

	"securepush/backend/hub/record"
)

var hubInstallationPromises = []promise{
	{"an installation is read back as it was put, with version and time", func(k *kit) {
		in := record.Installation{ID: "i", Document: []byte(`{"a":"ä"}`), Expires: k.now().Add(time.Hour), Expired: true, Version: 9}
		k.must(k.s.PutHubInstallation(k.Context(), in, nil))
		got := k.installation("i")
		same(k, "document", string(got.Document), string(in.Document))
		same(k, "expires", got.Expires, in.Expires)
		same(k, "expired", got.Expired, false)
		same(k, "version", got.Version, 1)
		same(k, "updated", got.Updated, k.now())
		k.pass(time.Minute)
		k.install("i")
		got = k.installation("i")
		same(k, "document", string(got.Document), `{"id":"i"}`)
		same(k, "expires", got.Expires, time.Time{})
		same(k, "version", got.Version, 2)
		same(k, "updated", got.Updated, k.now())
		_, err := k.s.HubInstallation(k.Context(), "other")
		k.wants(record.ErrNotFound, err)
	}},
	{"its registrations are found as others are, and say what they follow from", func(k *kit) {
		k.install("i", slot("", native("n", "t")), slot("one", templated("n", "t", "one")))
		k.register(native("r", "t"))
		same(k, "by tag", len(k.listed(record.Query{Tag: "t"})), len("r i/ i/one"))
		same(k, "by handle", len(k.listed(record.Query{Handles: []string{native("n").Handle}})), len("i/ i/one"))
		same(k, "native", len(k.targets(record.Audience{Platform: record.Browser, Tags: []string{"t"}})), len("r i/"))
		same(k, "template", k.targets(record.Audience{Template: true, Tags: []string{"one"}}), "i/one")
		found, err := k.s.Registrations(k.Context(), record.Query{Tag: "one"})
		k.must(err)
		got, err := k.s.Registration(k.Context(), found[0].ID)
		k.must(err)
		same(k, "slot", got.Installation+"/"+got.Slot, "i/one")
		same(k, "template", got.Template.Body, templated("").Template.Body)
	}},
	{"each of its registrations keeps its ID and has its version", func(k *kit) {
		k.install("i", slot("", native("n", "t")), slot("one", templated("n", "t")), slot("two", templated("n", "t")))
		before := k.slots("t")
		k.pass(time.Minute)
		k.install("i", slot("", native("n", "t")), slot("two", templated("n", "t")), slot("three", templated("n", "t")))
		after := k.slots("t")
		same(k, "count", len(after), 3)
		for _, name := range []string{"", "two"} {
			same(k, "ID of "+name, after[name].ID, before[name].ID)
			same(k, "ETag of "+name, after[name].ETag, 2)
			same(k, "creation of "+name, after[name].Created, before[name].Created)
			same(k, "update of "+name, after[name].Updated, k.now())
		}
		same(k, "ETag of a new one", after["three"].ETag, 2)
		_, err := k.s.Registration(k.Context(), before["one"].ID)
		k.wants(record.ErrNotFound, err)
	}},
	{"what is done to one of its registrations lasts until it is written", func(k *kit) {
		k.install("i", slot("", native("n", "t")), slot("one", templated("n", "t")))
		all := k.slots("t")
		put, err := k.s.PutRegistration(k.Context(), native(all[""].ID, "new"), "1")
		k.must(err)
		same(k, "follows from", put.Installation, "i")
		same(k, "by its tag", k.listed(record.Query{Tag: "new"}), "i/")
		k.must(k.s.DeleteRegistration(k.Context(), all["one"].ID, "1"))
		k.install("i", slot("", native("n", "t")), slot("one", templated("n", "t")))
		same(k, "by its tag", k.listed(record.Query{Tag: "new"}), "")
		same(k, "native", k.slots("t")[""].ID, all[""].ID)
		same(k, "count", len(k.slots("t")), 2)
	}},
	{"it is removed with its registrations, which leave no trace", func(k *kit) {
		k.install("i", slot("", native("n", "t")))
		k.install("j", slot("", native("m", "u")))
		id := k.slots("t")[""].ID
		k.must(k.s.DeleteHubInstallation(k.Context(), "i"))
		k.must(k.s.DeleteHubInstallation(k.Context(), "i"))
		_, err := k.s.HubInstallation(k.Context(), "i")
		k.wants(record.ErrNotFound, err)
		k.nobody(native("n").Handle)
		k.register(native(id))
		same(k, "another", k.listed(record.Query{Tag: "u"}), "j/")
	}},
	{"one whose time has passed is found by nothing, and made anew by the next put", func(k *kit) {
		for _, clean := range []bool{false, true} {
			in := record.Installation{ID: "i", Expires: k.now().Add(time.Hour)}
			derived := []record.Registration{slot("", native("n", "t"))}
			for range 2 {
				k.must(k.s.PutHubInstallation(k.Context(), in, derived))
			}
			r := k.slots("t")[""]
			same(k, "its registration expires", r.Expires, in.Expires)
			k.pass(time.Hour)
			if clean {
				k.must(k.s.Clean(k.Context()))
			}
			_, err := k.s.HubInstallation(k.Context(), "i")
			k.wants(record.ErrNotFound, err)
			k.wants(record.ErrNotFound, k.s.UpdateHubInstallation(k.Context(), "i", unchanged))
			k.nobody(native("n").Handle)
			k.install("i", derived...)
			same(k, "version", k.installation("i").Version, 1)
			same(k, "same registration", k.slots("t")[""].ID == r.ID, false)
			k.must(k.s.DeleteHubInstallation(k.Context(), "i"))
		}
	}},
}

func unchanged(in record.Installation) (record.Installation, []record.Registration, error) {
	return in, nil, nil
}

// slots are the registrations of the installation i that have a tag.
func (k *kit) slots(tag string) map[string]record.Registration {
	k.Helper()
	found, err := k.s.Registrations(k.Context(), record.Query{Tag: tag})
	k.must(err)
	all := map[string]record.Registration{}
	for _, r := range found {
		if r.Installation == "i" {
			all[r.Slot] = r
		}
	}
	return all
}

var hubUpdatePromises = []promise{
	{"an update replaces document and registrations", func(k *kit) {
		k.install("i", slot("", native("n", "old")))
		id := k.slots("old")[""].ID
		k.must(k.s.UpdateHubInstallation(k.Context(), "i",
			func(in record.Installation) (record.Installation, []record.Registration, error) {
				same(k, "given", string(in.Document), `{"id":"i"}`)
				in.Document = []byte("{}")
				return in, []record.Registration{slot("", native("n", "new")), slot("one", templated("n", "new"))}, nil
			}))
		in := k.installation("i")
		same(k, "document", string(in.Document), "{}")
		same(k, "version", in.Version, 2)
		all := k.slots("new")
		same(k, "count", len(all), 2)
		same(k, "ID", all[""].ID, id)
		same(k, "ETag", all["one"].ETag, 2)
		same(k, "old tag", k.listed(record.Query{Tag: "old"}), "")
	}},
	{"an update that is refused changes nothing, and its error is returned as it is", func(k *kit) {
		k.install("i", slot("", native("n", "t")))
		refused := errors.New("refused")
		err := k.s.UpdateHubInstallation(k.Context(), "i",
			func(record.Installation) (record.Installation, []record.Registration, error) {
				return record.Installation{}, nil, refused
			})
		same(k, "error", err, refused)
		same(k, "version", k.installation("i").Version, 1)
		same(k, "registrations", k.listed(record.Query{Tag: "t"}), "i/")
	}},
	{"what is not there is not updated", func(k *kit) {
		k.wants(record.ErrNotFound, k.s.UpdateHubInstallation(k.Context(), "i", unchanged))
	}},
	{"of updates that come at once none is lost", func(k *kit) {
		k.must(k.s.PutHubInstallation(k.Context(), record.Installation{ID: "i"}, nil))
		parallel(k, 16, func() (string, error) {
			return "", k.s.UpdateHubInstallation(k.Context(), "i",
				func(in record.Installation) (record.Installation, []record.Registration, error) {
					in.Document = append(in.Document, 'x')
					r := slot("", native("n", fmt.Sprint("t", len(in.Document))))
					return in, []record.Registration{r}, nil
				})
		})
		in := k.installation("i")
		same(k, "document", string(in.Document), "xxxxxxxxxxxxxxxx")
		same(k, "version", in.Version, 17)
		same(k, "registration", k.slots("t16")[""].ETag, 17)
	}},
	{"what happens during an update is seen by it", func(k *kit) {
		other := record.Installation{ID: "i", Document: []byte("other")}
		for _, step := range []struct {
			name   string
			during func() error
			want   string // what the update is given at last
		}{
			{"a put", func() error { return k.s.PutHubInstallation(k.Context(), other, nil) }, "other false"},
			{"a removal and a put, so that the version is the same again", func() error {
				return errors.Join(k.s.DeleteHubInstallation(k.Context(), "i"), k.s.PutHubInstallation(k.Context(), other, nil))
			}, "other false"},
			{"a dead handle", func() error {
				return k.s.ExpireHandle(k.Context(), record.Feedback{Platform: record.Browser, Handle: native("n").Handle})
			}, `{"id":"i"} true`},
			{"a removal", func() error { return k.s.DeleteHubInstallation(k.Context(), "i") }, ""},
		} {
			_ = k.s.DeleteHubInstallation(k.Context(), "i")
			k.install("i", slot("", native("n", "t")))
			calls, given := 0, ""
			err := k.s.UpdateHubInstallation(k.Context(), "i",
				func(in record.Installation) (record.Installation, []record.Registration, error) {
					if calls++; calls == 1 {
						k.must(step.during())
					} else {
						given = fmt.Sprintf("%s %v", in.Document, in.Expired)
					}
					return in, nil, nil
				})
			if step.want == "" {
				k.wants(record.ErrNotFound, err)
			} else {
				k.must(err)
				same(k, step.name+", calls", calls, 2)
			}
			same(k, step.name, given, step.want)
		}
	}},
}
