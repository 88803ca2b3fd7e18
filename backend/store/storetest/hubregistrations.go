package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"securepush/backend/hub/record"
)

// registrations of every sort.
func sorts() []record.Registration {
	return []record.Registration{
		{ID: "bare", Platform: record.Gcm, Handle: "h"},
		{
			ID: "browser", Platform: record.Browser, Handle: "https://push.example/1", P256DH: "BLx", Auth: "k3",
			Tags: []string{"b", "A", "ä", "b"}, PushVariables: map[string]string{"v": "1", "w": ""},
		},
		{ID: "baidu", Platform: record.Baidu, Handle: "channel", BaiduUserID: "user"},
		{
			ID: "windows template", Platform: record.Windows, Handle: "https://wns/1", SecondaryTileName: "tile",
			Expires: time.Date(2030, 1, 2, 3, 4, 5, 678e6, time.UTC),
			Template: &record.Template{
				Name: "t", Body: "<toast>$(a)]]></toast>", Headers: []record.Header{{Name: "X-WNS-Type", Value: "wns/toast"}, {Name: "b", Value: ""}},
			},
		},
		{
			ID: "apple template", Platform: record.Apple, Handle: "ABCDEF",
			Template: &record.Template{Body: `{"aps":"$(a)"}`, Expiry: "$(e)", Priority: "10"},
		},
		{ID: "baidu template", Platform: record.Baidu, Handle: "c", Template: &record.Template{Body: "{}", MessageType: "1"}},
	}
}

var hubRegistrationPromises = []promise{
	{"a registration of any sort is read back as it was put, with ETag and times", func(k *kit) {
		for _, r := range sorts() {
			put, err := k.s.PutRegistration(k.Context(), r, "")
			k.must(err)
			r.ETag, r.Created, r.Updated = 1, k.now(), k.now()
			got, err := k.s.Registration(k.Context(), r.ID)
			k.must(err)
			if !reflect.DeepEqual(put, r) || !reflect.DeepEqual(got, r) {
				k.Fatalf("put %+v\nanswered %+v\nread %+v", r, put, got)
			}
		}
	}},
	{"a registration without an ID gets one of its own", func(k *kit) {
		one, err := k.s.PutRegistration(k.Context(), native(""), "")
		k.must(err)
		two, err := k.s.PutRegistration(k.Context(), native(""), "")
		k.must(err)
		same(k, "numbers in it", strings.Count(one.ID, "-"), 2)
		same(k, "same", one.ID == two.ID, false)
	}},
	{"an update replaces all but the time of creation", func(k *kit) {
		for _, r := range sorts() {
			r.ID = "r"
			k.register(r)
			k.pass(time.Minute)
		}
		k.register(native("r", "t"))
		got, err := k.s.Registration(k.Context(), "r")
		k.must(err)
		want := native("r", "t")
		want.ETag, want.Created, want.Updated = 7, k.now().Add(-6*time.Minute), k.now()
		if !reflect.DeepEqual(got, want) {
			k.Fatalf("got %+v, want %+v", got, want)
		}
		same(k, "of the tag before", k.listed(record.Query{Tag: "b"}), "")
		same(k, "of the platform before", k.targets(record.Audience{Platform: record.Baidu, Template: true}), "")
	}},
	{"the ETag decides whether an update or removal is done", func(k *kit) {
		for _, step := range []struct {
			there   bool
			ifMatch string
			want    error
		}{
			{false, "*", record.ErrNotFound},
			{false, "1", record.ErrNotFound},
			{true, "", nil},
			{true, "*", nil},
			{true, "2", nil},
			{true, "1", record.ErrMismatch},
			{true, "02", record.ErrMismatch},
			{true, "x", record.ErrMismatch},
		} {
			_ = k.s.DeleteRegistration(k.Context(), "r", "")
			if step.there {
				k.register(native("r"), native("r"))
			}
			_, err := k.s.PutRegistration(k.Context(), native("r"), step.ifMatch)
			k.wants(step.want, err)
			if step.want == nil && step.ifMatch == "2" {
				k.wants(record.ErrMismatch, k.s.DeleteRegistration(k.Context(), "r", "2"))
			} else {
				k.wants(step.want, k.s.DeleteRegistration(k.Context(), "r", step.ifMatch))
			}
		}
	}},
	{"of those who update one version one succeeds", func(k *kit) {
		k.register(native("r"))
		var won, lost atomic.Int32
		parallel(k, 16, func() (string, error) {
			_, err := k.s.PutRegistration(k.Context(), native("r"), "1")
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, record.ErrMismatch):
				lost.Add(1)
				err = nil
			}
			return "", err
		})
		same(k, "won", won.Load(), 1)
		same(k, "lost", lost.Load(), 15)
	}},
	{"writes that come at once are each answered for themselves", func(k *kit) {
		var next atomic.Int32
		parallel(k, 64, func() (string, error) {
			n := int(next.Add(1))
			ifMatch := []string{"", "*"}[n%2] // there is none yet
			_, err := k.s.PutRegistration(k.Context(), native(fmt.Sprint(n), "t"), ifMatch)
			if n%2 == 1 && errors.Is(err, record.ErrNotFound) {
				return "", nil
			}
			return "", err
		})
		found, err := k.s.Registrations(k.Context(), record.Query{Tag: "t"})
		k.must(err)
		same(k, "stored", len(found), 32)
	}},
	{"what a client removes it may make again", func(k *kit) {
		k.register(native("r", "t"), native("r", "t"))
		k.must(k.s.DeleteRegistration(k.Context(), "r", ""))
		k.nobody(native("r").Handle)
		k.wants(record.ErrNotFound, k.s.DeleteRegistration(k.Context(), "r", ""))
		_, err := k.s.Registration(k.Context(), "r")
		k.wants(record.ErrNotFound, err)
		again, err := k.s.PutRegistration(k.Context(), native("r"), "")
		k.must(err)
		same(k, "ETag", again.ETag, 1)
	}},
	{"an expired registration is found by nothing, and its client is told for 90 days", func(k *kit) {
		for _, clean := range []bool{false, true} {
			r := native("r", "t")
			r.Expires = k.now().Add(time.Hour)
			k.register(r)
			k.pass(time.Hour - time.Millisecond)
			same(k, "a moment before", k.listed(record.Query{Tag: "t"}), "r")
			k.pass(time.Millisecond)
			if clean {
				k.must(k.s.Clean(k.Context()))
			}
			k.nobody(r.Handle)
			same(k, "all", k.listed(record.Query{}), "")
			_, err := k.s.Registration(k.Context(), "r")
			k.wants(record.ErrNotFound, err)
			k.wants(record.ErrNotFound, k.s.DeleteRegistration(k.Context(), "r", ""))
			k.pass(90*day - time.Millisecond)
			for _, ifMatch := range []string{"", "*", "1"} {
				_, err = k.s.PutRegistration(k.Context(), native("r"), ifMatch)
				k.wants(record.ErrGone, err)
			}
			k.pass(time.Millisecond)
			again, err := k.s.PutRegistration(k.Context(), native("r"), "")
			k.must(err)
			same(k, "ETag", again.ETag, 1)
			same(k, "created", again.Created, k.now())
		}
	}},
	{"a registration that is refreshed in time stays", func(k *kit) {
		r := native("r", "t")
		r.Expires = k.now().Add(time.Hour)
		k.register(r, native("r", "t"))
		k.pass(time.Hour)
		k.must(k.s.Clean(k.Context()))
		same(k, "found", k.listed(record.Query{Tag: "t"}), "r")
	}},
	{"more expired registrations than one transaction takes are all removed", func(k *kit) {
		for range 501 {
			r := native("", "t")
			r.Expires = k.now().Add(time.Hour)
			k.register(r)
		}
		k.pass(time.Hour)
		k.must(k.s.Clean(k.Context()))
		k.pass(-time.Hour) // as if they were still valid
		same(k, "found", k.listed(record.Query{Tag: "t"}), "")
	}},
}
