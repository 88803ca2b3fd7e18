package hub

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"securepush/backend/hub/record"
)

// document is what a GET of an installation answers.
func (b *bench) document(id string) map[string]any {
	b.t.Helper()
	r := b.do(request{method: "GET", path: "/installations/" + id, rule: b.listen}).want(b.t, 200)
	if ct := r.Header.Get("Content-Type"); ct != "application/json; charset=utf-8" {
		b.t.Errorf("Content-Type: %q", ct)
	}
	var d map[string]any
	check(b.t, json.Unmarshal([]byte(r.body), &d))
	return d
}

func TestAnInstallationLivesAsRecorded(t *testing.T) {
	b := newBench(t)
	at := "/installations/dev-1?api-version=2020-06"
	put := b.do(request{method: "PUT", path: at, rule: b.listen, body: installationBody}).want(t, 200)
	address := b.server.URL + "/hub1/installations/dev-1?api-version=2020-06"
	if put.body != "" || put.Header.Get("Content-Length") != "0" || put.Header.Get("Content-Location") != address {
		t.Errorf("put: %q %q", put.body, put.Header)
	}
	const want = `{"installationId":"dev-1","pushChannel":{"endpoint":"https://push.example/abc","p256dh":"BPUB","auth":"AUTH"},"pushChannelExpired":false,` +
		`"platform":"browser","expirationTime":"9999-12-31T23:59:59.9999999Z","userId":"alice","tags":["username:alice","news"],` +
		`"templates":{"t1":{"body":"{\"title\":\"$(title)\"}","tags":["x","t1"]}}}`
	if got := b.do(request{method: "GET", path: at, rule: b.listen}).want(t, 200).body; got != want {
		t.Errorf("read: %s\nwant  %s", got, want)
	}
	patch := b.do(request{
		method: "PATCH", path: at, rule: b.listen, header: map[string]string{"Content-Type": "application/json-patch+json"},
		body: `[{"op":"add","path":"/tags","value":"sport"},{"op":"remove","path":"/tags/news"}]`,
	}).want(t, 200)
	if patch.body != "" || patch.Header.Get("Content-Length") != "0" {
		t.Errorf("patch: %q", patch.body)
	}
	if tags := fmt.Sprint(b.document("dev-1")["tags"]); tags != "[username:alice sport]" {
		t.Errorf("tags: %s", tags)
	}
	for range 2 { // whether it is there or not
		if r := b.do(request{method: "DELETE", path: at, rule: b.listen}).want(t, 204); r.body != "" || r.Header.Get("Content-Type") != "" {
			t.Errorf("delete: %q", r.body)
		}
	}
	b.do(request{method: "GET", path: at, rule: b.listen}).wantError(t, 404, "Installation not found")
	b.do(request{method: "PATCH", path: at, rule: b.listen, body: `[]`}).wantError(t, 404, "Installation not found")
}

func TestAnInstallationIsTakenInEveryFormOfTheClients(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct{ name, id, contentType, body, channel string }{
		{"js", "a", "application/json", `{"installationId":"a","platform":"browser","pushChannel":{"endpoint":"e","p256dh":"p","auth":"a"}}`, "map[auth:a endpoint:e p256dh:p]"},
		{"azure-sb, without a type", "i1", "", `{"installationId":"i1","platform":"browser","pushChannel":{"endpoint":"e","p256dh":"p","auth":"a"}}`, "map[auth:a endpoint:e p256dh:p]"},
		{".NET, with nulls", "n", "application/json; charset=utf-8", `{"installationId":"n","userId":null,"pushChannelExpired":null,"expirationTime":null,` +
			`"platform":"browser","pushChannel":"{\"endpoint\":\"e\",\"p256dh\":\"p\",\"auth\":\"a\"}"}`, `{"endpoint":"e","p256dh":"p","auth":"a"}`},
		{"Java", "j", "application/json", `{"installationId":"j","platform":"fcmv1","pushChannel":"token","pushChannelExpired":false,"expirationTime":"2999-02-19T17:54:01.123Z"}`, "token"},
		{"Android", "d", "application/json", `{"installationId":"d","platform":"GCM","pushChannel":"token","expirationTime":"2999-02-19T17:54+0000"}`, "token"},
		{"Windows", "w", "application/json", `{"installationId":"w","pushChannel":"https://db5.notify.windows.com/?token=x","tags":["username:bob"],"platform":"wns"}`, "https://db5.notify.windows.com/?token=x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b.do(request{method: "PUT", path: "/installations/" + c.id, body: c.body, header: map[string]string{"Content-Type": c.contentType}}).want(t, 200)
			if got := fmt.Sprint(b.document(c.id)["pushChannel"]); got != c.channel {
				t.Errorf("%s\nwant %s", got, c.channel)
			}
		})
	}
}

func TestTheAddressOfAnInstallationIsEscaped(t *testing.T) {
	b := newBench(t)
	r := b.do(request{method: "PUT", path: "/installations/a%23b:c@d=", body: `{"installationId":"a#b:c@d=","platform":"gcm","pushChannel":"x"}`}).want(t, 200)
	if at, want := r.Header.Get("Content-Location"), b.server.URL+"/hub1/installations/a%23b:c@d=?api-version=2020-06"; at != want {
		t.Errorf("%s\nwant %s", at, want)
	}
}

func TestWhatAnInstallationMayNotHold(t *testing.T) {
	b := newBench(t)
	b.do(request{method: "PUT", path: "/installations/dev-1", body: installationBody}).want(t, 200)
	before := b.document("dev-1")
	many := make([]string, 61)
	for i := range many {
		many[i] = fmt.Sprintf("%q", fmt.Sprint("tag", i))
	}
	with := func(more string) string {
		return `{"installationId":"dev-1","platform":"gcm","pushChannel":"x",` + more + `}`
	}
	puts := map[string]string{
		"nothing":                  ``,
		"not JSON":                 `<entry/>`,
		"an array":                 `[]`,
		"two values":               installationBody + `{}`,
		"another ID":               strings.Replace(installationBody, "dev-1", "dev-2", 1),
		"no platform":              `{"installationId":"dev-1","pushChannel":"x"}`,
		"an unknown platform":      strings.Replace(with(`"tags":[]`), "gcm", "pigeon", 1),
		"no channel":               `{"installationId":"dev-1","platform":"gcm"}`,
		"half a channel":           `{"installationId":"dev-1","platform":"browser","pushChannel":{"endpoint":"https://x"}}`,
		"61 tags":                  with(`"tags":[` + strings.Join(many, ",") + `]`),
		"a tag with a space":       with(`"tags":["a b"]`),
		"a tag of 121 characters":  with(`"tags":["` + strings.Repeat("x", 121) + `"]`),
		"somebody's installation":  with(`"tags":["$InstallationId:{dev-2}"]`),
		"somebody's devices":       with(`"tags":["$UserId:{bob}"]`),
		"a forged template name":   with(`"templates":{"$UserId:{bob}":{"body":"{}"}}`),
		"a template that is none":  with(`"templates":{"t":{"body":"{\"a\":\"$(\"}"}}`),
		"a template's forged tag":  with(`"templates":{"t":{"body":"{}","tags":["$UserId:{bob}"]}}`),
		"deep":                     with(`"x":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)),
		"a time that has passed":   with(`"expirationTime":"2001-01-01T00:00:00Z"`),
		"a time that is none":      with(`"expirationTime":"tomorrow"`),
		"invalid UTF-8":            with("\"userId\":\"\xff\""),
		"half a surrogate":         with(`"userId":"\ud800"`),
		"a user of no characters":  with(`"userId":"a b"`),
		"more than may be stored":  with(`"pushVariables":{"a":"` + strings.Repeat("x", maxDocument) + `"}`),
		"1 MB":                     with(`"x":"` + strings.Repeat("x", 1<<20) + `"`),
		"a property that is twice": with(`"tags":["a"],"tags":["b"]`),
	}
	patches := map[string]string{
		"nothing":               ``,
		"an object":             `{"op":"add","path":"/tags","value":"a"}`,
		"an unknown operation":  `[{"op":"add","path":"/tags","value":"a"},{"op":"move","path":"/tags","from":"/x"}]`,
		"an unknown path":       `[{"op":"add","path":"/tags","value":"a"},{"op":"add","path":"/nothing","value":"a"}]`,
		"the ID":                `[{"op":"replace","path":"/installationId","value":"dev-2"}]`,
		"the platform":          `[{"op":"replace","path":"/platform","value":"gcm"}]`,
		"a forged tag":          `[{"op":"add","path":"/tags","value":"$UserId:{bob}"}]`,
		"a bad tag after good":  `[{"op":"add","path":"/tags","value":"good"},{"op":"add","path":"/tags","value":"not good"}]`,
		"61 tags":               `[{"op":"add","path":"/tags","value":[` + strings.Join(many, ",") + `]}]`,
		"no channel":            `[{"op":"remove","path":"/pushChannel"}]`,
		"a template of nothing": `[{"op":"add","path":"/templates/new","value":"{}"}]`,
		"deep":                  `[{"op":"add","path":"/tags","value":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}]`,
		"1 MB":                  `[{"op":"add","path":"/tags","value":"` + strings.Repeat("x", 1<<20) + `"}]`,
	}
	for method, bodies := range map[string]map[string]string{"PUT": puts, "PATCH": patches} {
		for name, body := range bodies {
			r := b.do(request{method: method, path: "/installations/dev-1", body: body})
			if want := map[bool]int{true: 413, false: 400}[len(body) > maxDocument]; r.StatusCode != want || !errorForm.MatchString(r.body) {
				t.Errorf("%s, %s: %d %.300s", method, name, r.StatusCode, r.body)
			}
		}
	}
	if after := b.document("dev-1"); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("changed: %v", after)
	}
	for _, id := range []string{"a%20b", "a%22b", "%E2%80%AE", strings.Repeat("x", 200), "$x"} {
		body := fmt.Sprintf(`{"installationId":%q,"platform":"gcm","pushChannel":"x"}`, id)
		b.do(request{method: "PUT", path: "/installations/" + id, body: body}).want(t, 400)
		b.do(request{method: "GET", path: "/installations/" + id}).wantError(t, 404, "Installation not found")
	}
}

func TestADeadChannelIsToldAndANewOneEndsIt(t *testing.T) {
	const dead = "https://push.example/abc"
	for _, c := range []struct {
		name, method, body string
		expired            bool
	}{
		{"other tags by PATCH", "PATCH", `[{"op":"add","path":"/tags","value":"more"}]`, true},
		{"the same channel by PATCH", "PATCH", `[{"op":"replace","path":"/pushChannel","value":"{\"endpoint\":\"https://push.example/abc\",\"p256dh\":\"BPUB\",\"auth\":\"AUTH\"}"}]`, true},
		{"a new channel by PATCH", "PATCH", `[{"op":"replace","path":"/pushChannel","value":{"endpoint":"https://push.example/new","p256dh":"BPUB","auth":"AUTH"}}]`, false},
		{"a new channel by PUT", "PUT", strings.Replace(installationBody, dead, "https://push.example/new", 1), false},
		{"the flag by PUT is ignored", "PUT", strings.Replace(installationBody, `"userId"`, `"pushChannelExpired":true,"userId"`, 1), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.do(request{method: "PUT", path: "/installations/dev-1", body: installationBody}).want(t, 200)
			check(t, b.store.ExpireHandle(t.Context(), record.Feedback{Time: time.Now(), Platform: record.Browser, Handle: dead, Error: "ExpiredChannel"}))
			if d := b.document("dev-1"); d["pushChannelExpired"] != true {
				t.Fatalf("not told: %v", d)
			}
			b.do(request{method: c.method, path: "/installations/dev-1", body: c.body}).want(t, 200)
			if d := b.document("dev-1"); d["pushChannelExpired"] != c.expired {
				t.Errorf("%v", d)
			}
			if n := len(ids(b.do(request{method: "GET", path: "/registrations"}).body)); (n == 0) != c.expired {
				t.Errorf("%d registrations", n)
			}
		})
	}
}

func TestNoChangeIsLostWhenManyPatchAtOnce(t *testing.T) {
	b := newBench(t)
	b.do(request{method: "PUT", path: "/installations/dev-1", body: strings.Replace(installationBody, `"tags":["username:alice","news"],`, "", 1)}).want(t, 200)
	const each = 8
	var all sync.WaitGroup
	for i := range each {
		all.Go(func() {
			body := fmt.Sprintf(`[{"op":"add","path":"/tags","value":"tag%d"}]`, i)
			b.do(request{method: "PATCH", path: "/installations/dev-1", body: body}).want(t, 200)
		})
	}
	all.Wait()
	var want, got []string
	for i := range each {
		want = append(want, fmt.Sprint("tag", i))
	}
	for _, tag := range b.document("dev-1")["tags"].([]any) {
		got = append(got, tag.(string))
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestAnInstallationEndsAtItsTime(t *testing.T) {
	now := time.Now()
	b := newBench(t, func(o *Options) { o.Now = func() time.Time { return now } })
	now = now.Add(-time.Hour) // the store's clock is an hour ahead
	body := fmt.Sprintf(`{"installationId":"e","platform":"gcm","pushChannel":"x","expirationTime":%q}`, now.Add(time.Minute).UTC().Format(time.RFC3339))
	b.do(request{method: "PUT", path: "/installations/e", body: body}).want(t, 200)
	b.do(request{method: "GET", path: "/installations/e"}).wantError(t, 404, "Installation not found")
	b.do(request{method: "PATCH", path: "/installations/e", body: `[]`}).wantError(t, 404, "Installation not found")
	if n := len(ids(b.do(request{method: "GET", path: "/registrations"}).body)); n != 0 {
		t.Errorf("%d registrations", n)
	}
}
