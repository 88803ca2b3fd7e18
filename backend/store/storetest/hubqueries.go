package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"securepush/backend/hub/record"
)

var hubQueryPromises = []promise{
	{"registrations come in pages in order of ID", func(k *kit) {
		for i := range 5 {
			k.register(native(fmt.Sprint("r", i), "t"), templated(fmt.Sprint("s", i), "T"), native(fmt.Sprint("other", i)))
		}
		same(k, "first", k.listed(record.Query{Tag: "t", Limit: 4}), "r0 r1 r2 r3")
		same(k, "second", k.listed(record.Query{Tag: "T", Limit: 4, After: "r3"}), "r4 s0 s1 s2")
		same(k, "last", k.listed(record.Query{Tag: "t", Limit: 4, After: "s2"}), "s3 s4")
		same(k, "skipped", k.listed(record.Query{Tag: "t", Limit: 3, Skip: 4}), "r4 s0 s1")
		same(k, "skipped behind", k.listed(record.Query{Tag: "t", Limit: 3, Skip: 2, After: "r1"}), "r4 s0 s1")
		same(k, "all", k.listed(record.Query{Limit: 3, Skip: 4}), "other4 r0 r1")
	}},
	{"a page has 100 unless asked for otherwise", func(k *kit) {
		for range 101 {
			k.register(native("", "t"))
		}
		for _, q := range []record.Query{{}, {Tag: "t"}, {Limit: -1, Skip: -1}} {
			same(k, "count", len(strings.Fields(k.listed(q))), 100)
		}
		same(k, "targets", len(strings.Fields(k.targets(record.Audience{Platform: record.Browser}))), 100)
	}},
	{"a tag is found in any case and no other tag by it", func(k *kit) {
		k.register(native("r", "Änne", "$InstallationId:{a b}"), native("s", "Änn"), native("t", "Änne2"))
		for _, tag := range []string{"Änne", "ÄNNE", "änne", "$installationid:{A B}"} {
			same(k, tag, k.listed(record.Query{Tag: tag}), "r")
		}
	}},
	{"all registrations of a handle are found, of every platform", func(k *kit) {
		for i, p := range []record.Platform{record.Apple, record.Gcm, record.Apple} {
			r := of(p, native(fmt.Sprint("r", i), "t"))
			r.Handle = "shared"
			k.register(r)
		}
		k.register(native("other", "t"))
		same(k, "found", k.listed(record.Query{Handles: []string{"shared"}}), "r0 r1 r2")
		same(k, "page", k.listed(record.Query{Handles: []string{"shared"}, After: "r0", Skip: 1, Limit: 1}), "r2")
		same(k, "with a tag", k.listed(record.Query{Handles: []string{"shared"}, Tag: "T"}), "r0 r1 r2")
		same(k, "with another tag", k.listed(record.Query{Handles: []string{"shared"}, Tag: "u"}), "")
		same(k, "another case", k.listed(record.Query{Handles: []string{"SHARED"}}), "")
	}},
	{"a handle is looked up by each of its spellings, and exactly", func(k *kit) {
		long := "https://push.example/" + strings.Repeat("x", 3000)
		for i, handle := range []string{long + "1", long + "2", long + "%31", ""} {
			r := native(fmt.Sprint("r", i))
			r.Handle = handle
			k.register(r)
		}
		same(k, "long", k.listed(record.Query{Handles: []string{long + "2"}}), "r1")
		same(k, "spellings", k.listed(record.Query{Handles: []string{long + "%31", long + "1", long + "1"}}), "r0 r2")
		same(k, "empty", k.listed(record.Query{Handles: []string{""}}), "r3")
	}},
	{"keys and users of a handle narrow a query", func(k *kit) {
		one, two, three := native("r"), native("s"), of(record.Baidu, native("t"))
		two.Handle, three.Handle = one.Handle, one.Handle
		one.P256DH, one.Auth, two.P256DH, two.Auth, three.BaiduUserID = "P", "A", "P", "B", "U"
		k.register(one, two, three)
		h := []string{one.Handle}
		same(k, "key", k.listed(record.Query{Handles: h, P256DH: "P"}), "r s")
		same(k, "both", k.listed(record.Query{Handles: h, P256DH: "P", Auth: "B"}), "s")
		same(k, "user", k.listed(record.Query{Handles: h, BaiduUserID: "U"}), "t")
		same(k, "none", k.listed(record.Query{Handles: h, P256DH: "p"}), "")
		same(k, "without handle", k.listed(record.Query{Auth: "A"}), "r")
	}},
}

var hubTargetPromises = []promise{
	{"a native send concerns the native registrations of its platform, a template send the templates of all", func(k *kit) {
		k.register(native("r", "t"), of(record.Apple, native("s", "t")), templated("u", "t"), of(record.Apple, templated("v", "t")))
		for _, tags := range [][]string{nil, {"t"}, {"T", "none"}} {
			for _, a := range []struct {
				platform record.Platform
				template bool
				want     string
			}{
				{record.Browser, false, "r"},
				{record.Apple, false, "s"},
				{record.Gcm, false, ""},
				{"", true, "u v"},
				{record.Apple, true, "v"},
				{"", false, "r s"},
			} {
				got := k.targets(record.Audience{Platform: a.platform, Template: a.template, Tags: tags})
				same(k, fmt.Sprint(a.platform, a.template, tags), got, a.want)
			}
		}
	}},
	{"who has several of the tags is told once, in pages in order of ID", func(k *kit) {
		tags := []string{"a", "b", "c", "d"}
		var want []string
		for i := range 40 {
			var has []string
			for j, tag := range tags {
				if i>>j&1 == 1 {
					has = append(has, tag)
				}
			}
			id := fmt.Sprintf("r%02d", i)
			k.register(native(id, append(has, "every")...), templated("t"+id, has...))
			if slices.ContainsFunc(has, func(tag string) bool { return tag != "d" }) {
				want = append(want, id)
			}
		}
		var got []string
		for after := ""; ; {
			page := strings.Fields(k.targets(record.Audience{Platform: record.Browser, Tags: []string{"C", "a", "b", "B"}, After: after, Limit: 7}))
			got = append(got, page...)
			if len(page) < 7 {
				break
			}
			after = page[6]
		}
		same(k, "found", strings.Join(got, " "), strings.Join(want, " "))
	}},
	{"a page is full as long as there are more, also where some have expired", func(k *kit) {
		for i := range 9 {
			r := native(fmt.Sprint("r", i), "t", "u")
			if i < 6 {
				r.Expires = k.now().Add(time.Hour)
			}
			k.register(r)
		}
		k.pass(time.Hour)
		for _, tags := range [][]string{nil, {"t"}, {"t", "u"}} {
			same(k, "found", k.targets(record.Audience{Platform: record.Browser, Tags: tags, Limit: 3}), "r6 r7 r8")
		}
	}},
	{"a send reads what it needs of registrations", func(k *kit) {
		for _, r := range sorts() {
			r.Tags = []string{"t", "u"}
			k.register(r)
			whole, err := k.s.Registration(k.Context(), r.ID)
			k.must(err)
			want := record.Registration{
				ID: whole.ID, Platform: whole.Platform, Handle: whole.Handle, P256DH: whole.P256DH, Auth: whole.Auth, Tags: whole.Tags,
				PushVariables: whole.PushVariables, Template: whole.Template,
			}
			for _, tags := range [][]string{nil, {"t"}, {"t", "u"}} {
				all, err := k.s.Targets(k.Context(), record.Audience{Platform: r.Platform, Template: r.Template != nil, Tags: tags})
				k.must(err)
				if len(all) != 1 || !reflect.DeepEqual(all[0], want) {
					k.Fatalf("got %+v, want %+v", all, want)
				}
			}
			k.must(k.s.DeleteRegistration(k.Context(), r.ID, ""))
		}
	}},
	{"as many tags as an expression may have are looked up", func(k *kit) {
		tags := make([]string, 20)
		for i := range tags {
			tags[i] = fmt.Sprint("tag", i)
			k.register(native(fmt.Sprintf("r%02d", i), tags[i]))
		}
		got := k.targets(record.Audience{Platform: record.Browser, Tags: tags, After: "r02", Limit: 4})
		same(k, "found", got, "r03 r04 r05 r06")
	}},
}
