package installation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"securepush/backend/hub/record"
)

// follow returns the registrations of a document without what is drawn.
func follow(t *testing.T, id, body string) []record.Registration {
	t.Helper()
	all, err := decode(t, id, body).Registrations()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, r := range all {
		if r.ID == "" || seen[r.ID] {
			t.Errorf("the ID %q is not new", r.ID)
		}
		if seen["slot "+r.Slot] {
			t.Errorf("the slot %q is not alone", r.Slot)
		}
		seen[r.ID], seen["slot "+r.Slot] = true, true
		all[i].ID = ""
	}
	return all
}

func describe(r record.Registration) string {
	template := "native"
	if r.Template != nil {
		template = fmt.Sprintf("%+v", *r.Template)
	}
	r.Template = nil
	return fmt.Sprintf("%+v %s", r, template)
}

func equal(t *testing.T, got, want []record.Registration) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d registrations follow, want %d", len(got), len(want))
	}
	for i := range got {
		if g, w := describe(got[i]), describe(want[i]); g != w {
			t.Errorf("registration %d is\n%s\nwant\n%s", i, g, w)
		}
	}
}

// The first is the service's, as recorded.
func TestRegistrationsFollowFromAnInstallation(t *testing.T) {
	variables := map[string]string{"var1": "value1"}
	for _, c := range []struct {
		name, body string
		want       []record.Registration
	}{
		{
			"with a template", `{"installationId":"i","pushChannel":"62bcd3","platform":"apns","tags":["tag1"],"pushVariables":{"var1":"value1"},"templates":{"Template Name":{"body":"{\"aps\":{\"alert\":\"alert!\"}}","expiry":"2018-11-07T16:18:32.6641371-08:00"}}}`,
			[]record.Registration{
				{Platform: record.Apple, Handle: "62BCD3", Tags: []string{"$InstallationId:{i}", "tag1"}, PushVariables: variables, Installation: "i"},
				{
					Platform: record.Apple, Handle: "62BCD3", Tags: []string{"$InstallationId:{i}", "tag1", "Template Name"}, PushVariables: variables, Installation: "i", Slot: "/templates/Template Name",
					Template: &record.Template{Name: "Template Name", Body: `{"aps":{"alert":"alert!"}}`, Expiry: "2018-11-07T16:18:32.6641371-08:00"},
				},
			},
		},
		{
			"of a user's browser", `{"installationId":"i","userId":"alice","expirationTime":"2027-01-02T03:04:05Z","pushChannel":{"endpoint":"e","p256dh":"p","auth":"a"},"platform":"browser","tags":["tag1"],"templates":{"t2":{"body":"{}","tags":["T2","x","TAG1"]},"t1":{"body":"{}","headers":{"Urgency":"high","TTL":"5"}}}}`,
			[]record.Registration{
				{Platform: record.Browser, Handle: "e", P256DH: "p", Auth: "a", Tags: []string{"$InstallationId:{i}", "$UserId:{alice}", "tag1"}, Installation: "i", Expires: time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)},
				{
					Platform: record.Browser, Handle: "e", P256DH: "p", Auth: "a", Tags: []string{"$InstallationId:{i}", "$UserId:{alice}", "tag1", "t1"}, Installation: "i", Slot: "/templates/t1", Expires: time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC),
					Template: &record.Template{Name: "t1", Body: `{}`, Headers: []record.Header{{Name: "TTL", Value: "5"}, {Name: "Urgency", Value: "high"}}},
				},
				{
					Platform: record.Browser, Handle: "e", P256DH: "p", Auth: "a", Tags: []string{"$InstallationId:{i}", "$UserId:{alice}", "tag1", "x", "t2"}, Installation: "i", Slot: "/templates/t2", Expires: time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC),
					Template: &record.Template{Name: "t2", Body: `{}`},
				},
			},
		},
		{
			"with tiles whose names are alike", `{"installationId":"i","userId":"u","pushChannel":"c","platform":"wns","tags":["app"],"secondaryTiles":{"s":{"pushChannel":"d","tags":["a"],"templates":{"t":{"body":"<a/>","tags":["b"]}}},"s/templates/t":{"pushChannel":"e"}}}`,
			[]record.Registration{
				{Platform: record.Windows, Handle: "c", Tags: []string{"$InstallationId:{i}", "$UserId:{u}", "app"}, Installation: "i"},
				{Platform: record.Windows, Handle: "d", SecondaryTileName: "s", Tags: []string{"$InstallationId:{i}", "$UserId:{u}", "a"}, Installation: "i", Slot: "/secondaryTiles/s"},
				{
					Platform: record.Windows, Handle: "d", SecondaryTileName: "s", Tags: []string{"$InstallationId:{i}", "$UserId:{u}", "a", "b", "t"}, Installation: "i", Slot: "/secondaryTiles/s/templates/t",
					Template: &record.Template{Name: "t", Body: "<a/>"},
				},
				{Platform: record.Windows, Handle: "e", SecondaryTileName: "s/templates/t", Tags: []string{"$InstallationId:{i}", "$UserId:{u}"}, Installation: "i", Slot: "/secondaryTiles/s~1templates~1t"},
			},
		},
		{
			"of Baidu", `{"installationId":"i","pushChannel":"u1-c1","platform":"baidu"}`,
			[]record.Registration{{Platform: record.Baidu, Handle: "c1", BaiduUserID: "u1", Tags: []string{"$InstallationId:{i}"}, Installation: "i"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) { equal(t, follow(t, "i", c.body), c.want) })
	}
}

func TestWhatFollowsCanBeChangedByItsOwner(t *testing.T) {
	d := decode(t, "i", `{"installationId":"i","platform":"gcm","pushChannel":"x","tags":["a"],"pushVariables":{"a":"b"},"templates":{"t":{"body":"{}","headers":{"a":"b"}}}}`)
	before := string(d.Encode(false))
	all, _ := d.Registrations()
	for _, r := range all {
		r.Tags[1], r.PushVariables["a"] = "z", "z"
		if r.Template != nil {
			r.Template.Headers[0].Value = "z"
		}
	}
	if string(d.Encode(false)) != before {
		t.Errorf("the document has changed to %s", d.Encode(false))
	}
	again, _ := d.Registrations()
	if !slices.Contains(again[0].Tags, "a") || again[0].PushVariables["a"] != "b" {
		t.Errorf("what follows has changed to %+v", again[0])
	}
}
