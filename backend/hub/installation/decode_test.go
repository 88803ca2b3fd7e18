package installation

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"securepush/backend/hub/record"
)

// decode reads a document that must be right.
func decode(t *testing.T, id, body string) *Document {
	t.Helper()
	d, err := Decode(id, []byte(body))
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	return d
}

// mustRefuse checks the type of an error and what it tells the client.
func mustRefuse(t *testing.T, err error, words string) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("got %v, want an *Error", err)
	}
	if !strings.Contains(err.Error(), words) || strings.HasSuffix(e.Words, ".") || len(e.Words) > 600 {
		t.Errorf("the client is told %q, want %q in it", e.Words, words)
	}
}

const token = "62BCD3484834B7E2DC56733AC5509259230CC1BA82BA1AE7D06E91908A05A8FA"

// The replies are those of the service, as recorded in the .NET SDK's tests, unless the name says otherwise.
func TestAnInstallationIsReadBackAsTheServiceWritesIt(t *testing.T) {
	for _, c := range []struct{ name, put, get string }{
		{
			"with a tag",
			`{"installationId":"8b3e1b9e","pushChannel":"` + token + `","platform":"apns","tags":["tag1"]}`,
			`{"installationId":"8b3e1b9e","pushChannel":"` + token + `","pushChannelExpired":false,"platform":"apns","expirationTime":"9999-12-31T23:59:59.9999999Z","tags":["tag1"]}`,
		},
		{
			"by .NET, with explicit nulls and a user",
			`{"installationId":"08c88ecf","userId":"d798d460","pushChannel":"` + token + `","pushChannelExpired":null,"platform":"apns","expirationTime":null}`,
			`{"installationId":"08c88ecf","pushChannel":"` + token + `","pushChannelExpired":false,"platform":"apns","expirationTime":"9999-12-31T23:59:59.9999999Z","userId":"d798d460"}`,
		},
		{
			"with a template that has an expiry",
			`{"installationId":"95e4cf2e","pushChannel":"` + token + `","platform":"apns","tags":["tag1"],"pushVariables":{"var1":"value1"},"templates":{"Template Name":{"body":"{\"aps\":{\"alert\":\"alert!\"}}","expiry":"2018-11-07T16:18:32.6641371-08:00"}}}`,
			`{"installationId":"95e4cf2e","pushChannel":"` + token + `","pushChannelExpired":false,"platform":"apns","expirationTime":"9999-12-31T23:59:59.9999999Z","tags":["tag1"],"pushVariables":{"var1":"value1"},"templates":{"Template Name":{"body":"{\"aps\":{\"alert\":\"alert!\"}}","expiry":"2018-11-07T16:18:32.6641371-08:00","tags":["Template Name"]}}}`,
		},
		{
			"for Windows, with a template that is JSON and has a header",
			`{"installationId":"ef4ffd64","pushChannel":"https://some.url/","platform":"wns","templates":{"Template Name":{"body":"{\"aps\":{\"alert\":\"alert!\"}}","headers":{"X-WNS-Type":"wns/toast"}}}}`,
			`{"installationId":"ef4ffd64","pushChannel":"https://some.url/","pushChannelExpired":false,"platform":"wns","expirationTime":"9999-12-31T23:59:59.9999999Z","templates":{"Template Name":{"body":"{\"aps\":{\"alert\":\"alert!\"}}","headers":{"X-WNS-Type":"wns/toast"},"tags":["Template Name"]}}}`,
		},
		{
			"of a browser as js writes it (not recorded)",
			`{"installationId":"dev-1","userId":"alice","tags":["username:alice","news"],"pushChannel":{"endpoint":"https://push.example/abc?a=1&b=2","p256dh":"BPUB","auth":"AUTH"},"templates":{"t1":{"body":"{\"title\":\"$(title)\"}","headers":{},"tags":["x"]}},"platform":"browser"}`,
			`{"installationId":"dev-1","pushChannel":{"endpoint":"https://push.example/abc?a=1&b=2","p256dh":"BPUB","auth":"AUTH"},"pushChannelExpired":false,"platform":"browser","expirationTime":"9999-12-31T23:59:59.9999999Z","userId":"alice","tags":["username:alice","news"],"templates":{"t1":{"body":"{\"title\":\"$(title)\"}","tags":["x","t1"]}}}`,
		},
		{
			"of a browser as .NET and Java write it (not recorded)",
			`{"installationId":"123","platform":"browser","pushChannel":"{\"endpoint\":\"foo\",\"p256dh\":\"bar\",\"auth\":\"baz\"}","pushChannelExpired":true,"expirationTime":"2024-11-26T23:34:01.1740468Z","tags":["foo1","bar1"]}`,
			`{"installationId":"123","pushChannel":"{\"endpoint\":\"foo\",\"p256dh\":\"bar\",\"auth\":\"baz\"}","pushChannelExpired":false,"platform":"browser","expirationTime":"2024-11-26T23:34:01.1740468Z","tags":["foo1","bar1"]}`,
		},
		{
			"with secondary tiles (not recorded)",
			`{"installationId":"123","userId":"123","platform":"wns","pushChannel":"c1","templates":{"t":{"body":"<toast/>","headers":{"h1":"v1"},"tags":["foo2","bar2"]}},"secondaryTiles":{"tile1":{"pushChannel":"c2","pushChannelExpired":null,"tags":["foo3"],"templates":{"t":{"body":"<tile/>","tags":["foo4"]}}}}}`,
			`{"installationId":"123","pushChannel":"c1","pushChannelExpired":false,"platform":"wns","expirationTime":"9999-12-31T23:59:59.9999999Z","userId":"123","templates":{"t":{"body":"<toast/>","headers":{"h1":"v1"},"tags":["foo2","bar2","t"]}},"secondaryTiles":{"tile1":{"pushChannel":"c2","tags":["foo3"],"templates":{"t":{"body":"<tile/>","tags":["foo4","t"]}}}}}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var at struct{ InstallationID string }
			if err := json.Unmarshal([]byte(c.put), &at); err != nil {
				t.Fatal(err)
			}
			d := decode(t, at.InstallationID, c.put)
			if got := string(d.Encode(false)); got != c.get {
				t.Errorf("GET answers\n%s\nwant\n%s", got, c.get)
			}
			if again := decode(t, at.InstallationID, c.get); string(again.Encode(false)) != c.get {
				t.Errorf("sent back, it becomes\n%s", again.Encode(false))
			}
			if got, want := string(d.Encode(true)), strings.Replace(c.get, `"pushChannelExpired":false`, `"pushChannelExpired":true`, 1); got != want {
				t.Errorf("with a dead channel, GET answers\n%s", got)
			}
		})
	}
}

func TestWhatClientsWriteIsUnderstood(t *testing.T) {
	for _, c := range []struct {
		name, body string
		check      func(d *Document) bool
	}{
		{
			"the documentation's userID", `{"installationId":"i","userID":"MyAmazingUser","tags":["foo","bar"],"platform":"APNS","pushChannel":"abcdef"}`,
			func(d *Document) bool { return d.UserID() == "MyAmazingUser" && d.Platform() == record.Apple },
		},
		{
			"a device token becomes upper-case", `{"installationId":"i","platform":"apns","pushChannel":"00fc13ad"}`,
			func(d *Document) bool { return d.Channel() == record.Handle{Handle: "00FC13AD"} },
		},
		{
			"fcmV1 of .NET", `{"installationId":"i","platform":"fcmV1","pushChannel":"fcmtoken"}`,
			func(d *Document) bool {
				return d.Platform() == record.FcmV1 && strings.Contains(string(d.Encode(false)), `"fcmv1"`)
			},
		},
		{
			"Baidu's user and channel in one", `{"installationId":"i","platform":"baidu","pushChannel":"u1-c1"}`,
			func(d *Document) bool {
				return d.Channel().Handle == "c1" && d.app.channel.baiduUser == "u1" && strings.Contains(string(d.Encode(false)), `"pushChannel":"u1-c1"`)
			},
		},
		{
			"Baidu without a user", `{"installationId":"i","platform":"baidu","pushChannel":"c1"}`,
			func(d *Document) bool { return d.Channel().Handle == "c1" && d.app.channel.baiduUser == "" },
		},
		{
			"Baidu with something else before its hyphen", `{"installationId":"i","platform":"baidu","pushChannel":"-c1"}`,
			func(d *Document) bool { return d.Channel().Handle == "-c1" && d.app.channel.baiduUser == "" },
		},
		{
			"another order and what only the hub sets", `{"pushChannelExpired":"?","expiredPushChannel":true,"lastActiveOn":[1],"lastUpdate":{"a":[]},"pushChannel":{"auth":"a","p256dh":"p","endpoint":"e","expirationTime":null},"platform":"Browser","installationId":"i"}`,
			func(d *Document) bool {
				return d.Channel() == record.Handle{Handle: "e", P256DH: "p", Auth: "a"}
			},
		},
		{
			"nulls wherever something may be absent", `{"installationId":"i","platform":"gcm","pushChannel":"x","userId":null,"tags":null,"pushVariables":{"a":null},"templates":{"t":null},"secondaryTiles":null,"expirationTime":null}`,
			func(d *Document) bool {
				return string(d.Encode(false)) == `{"installationId":"i","pushChannel":"x","pushChannelExpired":false,"platform":"gcm","expirationTime":"9999-12-31T23:59:59.9999999Z"}`
			},
		},
		{
			"the null that Java makes of no tag", `{"installationId":"i","platform":"gcm","pushChannel":"x","tags":[null],"templates":{"t":{"body":"{}","tags":[null]}}}`,
			func(d *Document) bool { return len(d.Tags()) == 0 && slices.Equal(d.AllTags(), []string{"t"}) },
		},
		{
			"empty text for no user and no expiry", `{"installationId":"i","platform":"gcm","pushChannel":"x","userId":"","expirationTime":""}`,
			func(d *Document) bool { return d.UserID() == "" && d.expires.IsZero() },
		},
		{
			"a tag twice in another case", `{"installationId":"i","platform":"gcm","pushChannel":"x","tags":["News","NEWS","news","b"]}`,
			func(d *Document) bool { return slices.Equal(d.Tags(), []string{"News", "b"}) },
		},
		{
			"letters beyond ASCII", `{"installationId":"gerät-1","platform":"gcm","pushChannel":"x","tags":["grüße","日本"],"userId":"änne@example.org"}`,
			func(d *Document) bool { return d.UserID() == "änne@example.org" && len(d.Tags()) == 2 },
		},
		{
			"a user as long as the tag may be", `{"installationId":"i","platform":"gcm","pushChannel":"x","userId":"` + strings.Repeat("ä", 110) + `"}`,
			func(d *Document) bool { return d.UserID() != "" },
		},
		{
			"as many templates as there may be", `{"installationId":"i","platform":"gcm","pushChannel":"x","templates":{` + templates(100) + `}}`,
			func(d *Document) bool { return len(d.AllTags()) == 100 },
		},
		{
			"as many push variables as there may be", `{"installationId":"i","platform":"gcm","pushChannel":"x","pushVariables":{` + variables(100) + `}}`,
			func(d *Document) bool { return len(d.variables) == 100 },
		},
		{
			"an ID in another case than the address", `{"installationId":"GERÄT-1","platform":"gcm","pushChannel":"x"}`,
			func(d *Document) bool { return d.ID() == "gerät-1" },
		},
		{
			"raw notifications of Windows in any form", `{"installationId":"i","platform":"wns","pushChannel":"x","templates":{"t":{"body":"$(x) and more","headers":{"x-wns-type":"wns/raw"}}}}`,
			func(d *Document) bool { return d.app.templates["t"].body == "$(x) and more" },
		},
		{
			"as many tags as there may be", withTags(tags(60), `["t0","T1","x"]`, 57),
			func(d *Document) bool { return len(d.Tags()) == 57 },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := "i"
			if strings.Contains(strings.ToLower(c.body), "gerät-1") {
				id = "gerät-1"
			}
			if d := decode(t, id, c.body); !c.check(d) {
				t.Errorf("understood as %s", d.Encode(false))
			}
		})
	}
}

// tags returns a JSON array of n tags.
func tags(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("t%d", i)
	}
	b, _ := json.Marshal(list)
	return string(b)
}

// variables returns the inside of a JSON object with n push variables.
func variables(n int) string { return inside(n, `""`) }

// templates likewise returns n templates.
func templates(n int) string { return inside(n, `{"body":"{}"}`) }

func inside(n int, value string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`"v%d":%s`, i, value)
	}
	return strings.Join(list, ",")
}

// withTags returns an installation that has the first n of some tags, and others for a template.
func withTags(all, ofTemplate string, n int) string {
	var list []string
	_ = json.Unmarshal([]byte(all), &list)
	b, _ := json.Marshal(list[:n])
	return `{"installationId":"i","platform":"gcm","pushChannel":"x","tags":` + string(b) + `,"templates":{"name":{"body":"{}","tags":` + ofTemplate + `}}}`
}

func TestTimesOfEveryClientAreUnderstood(t *testing.T) {
	for _, c := range []struct{ name, written, read string }{
		{"Android", "2026-02-19T17:54+0000", "2026-02-19T17:54:00.0000000Z"},
		{"Android in another zone", "2026-02-19T17:54+0130", "2026-02-19T16:24:00.0000000Z"},
		{"Java", "2026-02-19T17:54:01.500Z", "2026-02-19T17:54:01.5000000Z"},
		{".NET", "2026-02-19T17:54:01.1740468Z", "2026-02-19T17:54:01.1740468Z"},
		{".NET with a zone", "2026-02-19T17:54:01.1740468-08:00", "2026-02-20T01:54:01.1740468Z"},
		{".NET without a zone", "2026-02-19T17:54:01", "2026-02-19T17:54:01.0000000Z"},
		{"finer than the service", "2026-02-19T17:54:01.123456789Z", "2026-02-19T17:54:01.1234567Z"},
		{"the documentation", "1997-07-16T19:20+01:00", "1997-07-16T18:20:00.0000000Z"},
		{"the documentation's never", "9999-12-31T23:59:59", "9999-12-31T23:59:59.9999999Z"},
		{"never, as a registration has it", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.9999999Z"},
		{"never in another zone", "9999-12-31T23:59:59-08:00", "9999-12-31T23:59:59.9999999Z"},
		{"a time that .NET has not set", "0001-01-01T00:00:00", "9999-12-31T23:59:59.9999999Z"},
		{"the same in another zone", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59.9999999Z"},
		{"none", "", "9999-12-31T23:59:59.9999999Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := decode(t, "i", `{"installationId":"i","platform":"gcm","pushChannel":"x","expirationTime":"`+c.written+`"}`)
			if !strings.Contains(string(d.Encode(false)), `"expirationTime":"`+c.read+`"`) {
				t.Errorf("read as %s", d.Encode(false))
			}
			var want time.Time // never
			if !strings.HasPrefix(c.read, "9999") {
				want, _ = time.Parse(time.RFC3339Nano, c.read)
			}
			if got := d.Record(time.Now()).Expires; got != want {
				t.Errorf("the database is told %v", got)
			}
		})
	}
}

func TestWhatTheDatabaseKeepsIsTheDocument(t *testing.T) {
	now := time.Date(2026, 11, 21, 14, 32, 8, 0, time.UTC)
	d := decode(t, "i", `{"installationId":"I","platform":"browser","pushChannel":"{\"endpoint\":\"e\",\"p256dh\":\"p\",\"auth\":\"a\"}","expirationTime":"2027-01-02T03:04:05Z","templates":{"a b":{"body":"{}"}}}`)
	in := d.Record(now)
	if in.ID != "i" || in.Updated != now || !in.Expires.Equal(time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)) || in.Expired || in.Version != 0 {
		t.Errorf("kept as %+v", in)
	}
	again, err := FromRecord(in)
	if err != nil {
		t.Fatal(err)
	}
	if string(again.Encode(true)) != string(d.Encode(true)) {
		t.Errorf("read back as %s", again.Encode(true))
	}
}

func TestTheSameChannelInAnotherFormIsTheSame(t *testing.T) {
	object := decode(t, "i", `{"installationId":"i","platform":"browser","pushChannel":{"endpoint":"e","p256dh":"p","auth":"a"}}`)
	inText := decode(t, "i", `{"installationId":"i","platform":"browser","pushChannel":"{\"auth\":\"a\",\"endpoint\":\"e\",\"p256dh\":\"p\"}","tags":["x"]}`)
	otherKey := decode(t, "i", `{"installationId":"i","platform":"browser","pushChannel":{"endpoint":"e","p256dh":"q","auth":"a"}}`)
	gcm, adm := decode(t, "i", `{"installationId":"i","platform":"gcm","pushChannel":"e"}`), decode(t, "i", `{"installationId":"i","platform":"adm","pushChannel":"e"}`)
	if !object.SameChannel(inText) || !inText.SameChannel(object) || object.SameChannel(otherKey) || gcm.SameChannel(adm) || !gcm.SameChannel(gcm) {
		t.Error("channels are told apart by what they are not")
	}
}

func TestAUserIsSetWithoutTouchingTheDocument(t *testing.T) {
	d := decode(t, "i", `{"installationId":"i","platform":"wns","pushChannel":"x","userId":"mallory","tags":["a"],"templates":{"t":{"body":"<a/>","tags":["b"]}},"secondaryTiles":{"s":{"pushChannel":"y","tags":["c"],"templates":{"u":{"body":"<a/>","tags":["d"]}}}}}`)
	before := string(d.Encode(false))
	changed, err := d.WithUser("alice", []string{"username:alice", "news", "NEWS"})
	if err != nil {
		t.Fatal(err)
	}
	if changed.UserID() != "alice" || !slices.Equal(changed.Tags(), []string{"username:alice", "news"}) {
		t.Errorf("changed to %s", changed.Encode(false))
	}
	if want := []string{"a", "b", "t", "c", "d", "u"}; !slices.Equal(d.AllTags(), want) {
		t.Errorf("the client has asked for %q, want %q", d.AllTags(), want)
	}
	d.Tags()[0], d.AllTags()[0] = "z", "z"
	if string(d.Encode(false)) != before {
		t.Error("the document has changed")
	}
	_, err = d.WithUser("alice", []string{"$UserId:{bob}"})
	mustRefuse(t, err, "can not start with $")
	_, err = d.WithUser("a b", nil)
	mustRefuse(t, err, "userId")
}
