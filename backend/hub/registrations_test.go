package hub

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"securepush/backend/hub/record"
)

// entry is the body that registers a description, with the namespaces of the clients.
func entry(kind, inner string) string {
	return `<?xml version="1.0" encoding="utf-8"?><entry xmlns="http://www.w3.org/2005/Atom"><content type="application/xml"><` + kind +
		` xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">` +
		inner + `</` + kind + `></content></entry>`
}

func browser(tags, endpoint string) string {
	return entry("BrowserRegistrationDescription", "<Tags>"+tags+"</Tags><Endpoint>"+endpoint+"</Endpoint><P256DH>BPUB</P256DH><Auth>AUTH</Auth>")
}

func apple(tags, token string) string {
	return entry("AppleRegistrationDescription", "<Tags>"+tags+"</Tags><DeviceToken>"+token+"</DeviceToken>")
}

// ids are those of the registrations in a feed or an entry.
func ids(body string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`<RegistrationId>([^<]*)</RegistrationId>`).FindAllStringSubmatch(body, -1) {
		out = append(out, m[1])
	}
	return out
}

func TestARegistrationLivesAsRecorded(t *testing.T) {
	b := newBench(t)
	create := b.do(request{method: "POST", path: "/registrations?api-version=2020-06", rule: b.listen, body: browser("a,b", "https://push.example/abc")}).want(t, 200)
	id := ids(create.body)[0]
	address := b.server.URL + "/hub1/registrations/" + id + "?api-version=2020-06"
	want := map[string]string{
		"Content-Type": "application/atom+xml; type=entry; charset=utf-8", "ETag": `W/"1"`, "Content-Location": address,
	}
	for name, value := range want {
		if got := create.Header.Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
	shape := `^<entry a:etag="W/&quot;1&quot;" xmlns="http://www\.w3\.org/2005/Atom" xmlns:a="http://schemas\.microsoft\.com/ado/2007/08/dataservices/metadata">` +
		`<id>` + regexp.QuoteMeta(address) + `</id><title type="text">` + id + `</title><published>[0-9TZ:-]+</published><updated>[0-9TZ:-]+</updated>` +
		`<link rel="self" href="` + regexp.QuoteMeta(address) + `"/><content type="application/xml">` +
		`<BrowserRegistrationDescription xmlns="http://schemas\.microsoft\.com/netservices/2010/10/servicebus/connect" xmlns:i="http://www\.w3\.org/2001/XMLSchema-instance">` +
		`<ETag>1</ETag><ExpirationTime>9999-12-31T23:59:59\.999</ExpirationTime><RegistrationId>` + id + `</RegistrationId><Tags>a,b</Tags>` +
		`<Endpoint>https://push\.example/abc</Endpoint><P256DH>BPUB</P256DH><Auth>AUTH</Auth></BrowserRegistrationDescription></content></entry>$`
	if !regexp.MustCompile(shape).MatchString(create.body) {
		t.Errorf("created: %s", create.body)
	}
	at := "/registrations/" + id
	read := b.do(request{method: "GET", path: at + "?api-version=2020-06", rule: b.listen}).want(t, 200)
	if read.Header.Get("ETag") != `W/"1"` || strings.Replace(read.body, "59.999Z", "59.999", 1) != create.body {
		t.Errorf("read: %s", read.body)
	}
	replace := b.do(request{method: "PUT", path: at, rule: b.listen, body: apple("c", "abcd")}).want(t, 200)
	if replace.Header.Get("ETag") != `W/"2"` || !strings.Contains(replace.body, "<ETag>2</ETag>") || !strings.Contains(replace.body, "<DeviceToken>ABCD</DeviceToken>") {
		t.Errorf("replaced: %s", replace.body)
	}
	remove := b.do(request{method: "DELETE", path: at, rule: b.listen, header: map[string]string{"If-Match": `"2"`}}).want(t, 200)
	if remove.body != "" || remove.Header.Get("Content-Length") != "0" {
		t.Errorf("deleted: %q, Content-Length %q", remove.body, remove.Header.Get("Content-Length"))
	}
	b.do(request{method: "GET", path: at, rule: b.listen}).wantError(t, 404, "")
	b.do(request{method: "DELETE", path: at, rule: b.listen}).wantError(t, 404, "")
}

func TestEveryKindOfRegistrationComesBack(t *testing.T) {
	b := newBench(t)
	for kind, inner := range map[string]string{
		"WindowsRegistrationDescription": `<Tags>t</Tags><ChannelUri>https://db5.notify.windows.com/?token=x&amp;y=&lt;1&gt;</ChannelUri>`,
		"MpnsRegistrationDescription":    `<Tags>t</Tags><ChannelUri>https://some.url/</ChannelUri>`,
		"AppleRegistrationDescription":   `<Tags>t</Tags><PushVariables>{"v":"1"}</PushVariables><DeviceToken>ABCD</DeviceToken>`,
		"GcmRegistrationDescription":     `<Tags>t</Tags><GcmRegistrationId>g1</GcmRegistrationId>`,
		"FcmV1RegistrationDescription":   `<Tags>t</Tags><FcmV1RegistrationId>f1</FcmV1RegistrationId>`,
		"AdmRegistrationDescription":     `<Tags>t</Tags><AdmRegistrationId>amzn1.adm-registration.v2.123</AdmRegistrationId>`,
		"BaiduRegistrationDescription":   `<Tags>t</Tags><BaiduUserId>userId</BaiduUserId><BaiduChannelId>channelId</BaiduChannelId>`,
		"XiaomiRegistrationDescription":  `<Tags>t</Tags><XiaomiRegistrationId>x1</XiaomiRegistrationId>`,
		"BrowserTemplateRegistrationDescription": `<Tags>t</Tags><Endpoint>https://push.example/abc</Endpoint><P256DH>BPUB</P256DH><Auth>AUTH</Auth>` +
			`<BodyTemplate><![CDATA[{"title":"$(title)"}]]></BodyTemplate><TemplateName>t</TemplateName>`,
		"WindowsTemplateRegistrationDescription": `<Tags>t</Tags><ChannelUri>https://db5.notify.windows.com/</ChannelUri><BodyTemplate><![CDATA[<toast/>]]></BodyTemplate>` +
			`<WnsHeaders><WnsHeader><Header>X-WNS-Type</Header><Value>wns/toast</Value></WnsHeader></WnsHeaders>`,
		"AppleTemplateRegistrationDescription": `<Tags>t</Tags><DeviceToken>ABCD</DeviceToken><BodyTemplate><![CDATA[{"aps":{"alert":"$(m)"}}]]></BodyTemplate>` +
			`<Expiry i:nil="true"/><TemplateName>T</TemplateName><ApnsHeaders/>`,
	} {
		t.Run(kind, func(t *testing.T) {
			r := b.do(request{method: "POST", path: "/registrations", body: entry(kind, inner)}).want(t, 200)
			if !strings.Contains(strings.ReplaceAll(r.body, "&#34;", `"`), inner+"</"+kind+">") {
				t.Errorf("%s\nwant %s", r.body, inner)
			}
		})
	}
}

func TestTheFormOfAzureSBRegisters(t *testing.T) {
	b := newBench(t)
	body := strings.Replace(strings.Replace(entry("RegistrationDescription", "<Tags>username:bob</Tags><ChannelUri>https://x</ChannelUri>"),
		"<RegistrationDescription ", `<RegistrationDescription i:type="WindowsRegistrationDescription" `, 1), "<content", "<updated>2026-11-21T17:54:56.273Z</updated><content", 1)
	for _, contentType := range []string{"", "application/atom+xml;type=entry;charset=utf-8", "text/html", "multipart/;;;"} {
		r := b.do(request{method: "POST", path: "/registrations?api-version=2016-07", body: body, header: map[string]string{"Content-Type": contentType}}).want(t, 200)
		if !strings.Contains(r.body, "<WindowsRegistrationDescription ") {
			t.Error(r.body)
		}
	}
}

func TestWhatTheClientDoesNotDecideIsIgnored(t *testing.T) {
	b := newBench(t)
	body := entry("AppleRegistrationDescription", `<ETag>7</ETag><ExpirationTime>2001-01-01T00:00:00Z</ExpirationTime><RegistrationId>other</RegistrationId><DeviceToken>ABCD</DeviceToken>`)
	r := b.do(request{method: "PUT", path: "/registrations/mine", body: body}).want(t, 200)
	if got := ids(r.body); !slices.Equal(got, []string{"mine"}) || r.Header.Get("ETag") != `W/"1"` || !strings.Contains(r.body, "9999-12-31") {
		t.Error(r.body)
	}
}

func TestAWriteMeetsTheETagThatItNames(t *testing.T) {
	b := newBench(t)
	b.do(request{method: "PUT", path: "/registrations/r", body: apple("a", "AB")}).want(t, 200) // 1
	etag := 1
	for _, c := range []struct {
		match  string
		status int
	}{
		{`"1"`, 200}, {`W/"2"`, 200}, {"3", 200}, {"*", 200}, {`"*"`, 200}, {"", 200}, // 7 by now
		{`"1"`, 412}, {`W/"8"`, 412}, {"6", 412}, {`""`, 412}, {"nonsense", 412}, {`"1", "7"`, 412}, {"0", 412}, {"7.0", 412},
	} {
		r := b.do(request{method: "PUT", path: "/registrations/r", body: apple("a", "AB"), header: map[string]string{"If-Match": c.match}})
		if c.status == 200 {
			etag++
			if r.want(t, 200).Header.Get("ETag") != fmt.Sprintf(`W/"%d"`, etag) {
				t.Errorf("%s: ETag %s, want %d", c.match, r.Header.Get("ETag"), etag)
			}
			continue
		}
		r.wantError(t, c.status, mismatchText)
		if c.match != "" {
			b.do(request{method: "DELETE", path: "/registrations/r", header: map[string]string{"If-Match": c.match}}).wantError(t, c.status, mismatchText)
		}
	}
	for _, match := range []string{`"1"`, "*"} {
		b.do(request{method: "PUT", path: "/registrations/other", body: apple("a", "AB"), header: map[string]string{"If-Match": match}}).wantError(t, 404, "")
		b.do(request{method: "DELETE", path: "/registrations/other", header: map[string]string{"If-Match": match}}).wantError(t, 404, "")
	}
	b.do(request{method: "DELETE", path: "/registrations/r", header: map[string]string{"If-Match": `W/"7"`}}).want(t, 200)
}

func TestAnUnknownWellFormedIDIsCreated(t *testing.T) {
	b := newBench(t)
	for id, status := range map[string]int{
		"123-234-1": 200, "abc": 200, "a%20b": 200, "%E4%BD%A0": 200, strings.Repeat("9", 200): 200, strings.Repeat("9", 201): 400, "a%E2%80%AEb": 400, "%20": 400, "a%20": 400,
	} {
		r := b.do(request{method: "PUT", path: "/registrations/" + id, body: apple("a", "AB")}).want(t, status)
		if status == 200 {
			b.do(request{method: "GET", path: "/registrations/" + id}).want(t, 200)
			if !strings.Contains(r.body, "/registrations/"+id+"?api-version") {
				t.Error(r.body)
			}
		}
	}
}

func TestARegistrationThatTheHubRemovedIsGone(t *testing.T) {
	b := newBench(t)
	b.do(request{method: "PUT", path: "/registrations/r", body: browser("a", "https://push.example/dead")}).want(t, 200)
	check(t, b.store.ExpireHandle(t.Context(), record.Feedback{Time: time.Now(), Platform: record.Browser, Handle: "https://push.example/dead", Error: "ExpiredChannel"}))
	for _, match := range []string{"", "*", `"1"`} {
		b.do(request{method: "PUT", path: "/registrations/r", body: browser("a", "https://push.example/new"), header: map[string]string{"If-Match": match}}).
			wantError(t, 410, "Cannot use specified location. Use a different registration ID.")
	}
	b.do(request{method: "GET", path: "/registrations/r"}).wantError(t, 404, "")
	b.do(request{method: "DELETE", path: "/registrations/r"}).wantError(t, 404, "")
}

func TestTagsAreHeldAgainstTheirRules(t *testing.T) {
	b := newBench(t)
	many := func(n int) string {
		tags := make([]string, n)
		for i := range tags {
			tags[i] = fmt.Sprintf("tag%d", i)
		}
		return strings.Join(tags, ",")
	}
	for _, c := range []struct{ name, tags, want string }{
		{"none", "", ""},
		{"two", "a,b", "<Tags>a,b</Tags>"},
		{"spaces around", " a ,\tb ", "<Tags>a,b</Tags>"},
		{"the same in another case", "News,news,NEWS,x", "<Tags>News,x</Tags>"},
		{"nothing between commas", "a,,b,", "<Tags>a,b</Tags>"},
		{"all characters", "Az09_@#.:-,ä日", "<Tags>Az09_@#.:-,ä日</Tags>"},
		{"120 characters", strings.Repeat("x", 120), "<Tags>" + strings.Repeat("x", 120) + "</Tags>"},
		{"60 tags", many(60), "<Tags>" + many(60) + "</Tags>"},
		{"60 tags, one of them twice", many(60) + ",TAG7", "<Tags>" + many(60) + "</Tags>"},
		{"61 tags", many(61), "400"},
		{"121 characters", strings.Repeat("x", 121), "400"},
		{"a space within", "a b", "400"},
		{"an operator", "a&amp;&amp;b", "400"},
		{"somebody else's installation", "$InstallationId:{dev-1}", "400"},
		{"somebody else", "$UserId:{alice}", "400"},
		{"somebody else in another case", "$userid:{alice}", "400"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := b.do(request{method: "PUT", path: "/registrations/t", body: apple(c.tags, "AB")})
			if c.want == "400" {
				r.want(t, 400)
				return
			}
			if r.want(t, 200); !strings.Contains(r.body, "</RegistrationId>"+c.want+"<DeviceToken>") {
				t.Errorf("%s\nwant %s", r.body, c.want)
			}
		})
	}
}

func TestDerivedRegistrationsBelongToTheirInstallation(t *testing.T) {
	b := newBench(t)
	b.do(request{method: "PUT", path: "/installations/dev-1", body: installationBody}).want(t, 200)
	list := b.do(request{method: "GET", path: "/tags/$InstallationId:%7BDEV-1%7D/registrations"}).want(t, 200)
	found := ids(list.body)
	if len(found) != 2 {
		t.Fatalf("a native one and a template: %s", list.body)
	}
	for _, want := range []string{
		"<Tags>$InstallationId:{dev-1},$UserId:{alice},username:alice,news</Tags>", "<Tags>$InstallationId:{dev-1},$UserId:{alice},username:alice,news,x,t1</Tags>",
		"9999-12-31T23:59:59.9999999Z",
	} {
		if !strings.Contains(list.body, want) {
			t.Errorf("%s\nwant %s", list.body, want)
		}
	}
	for _, id := range found {
		b.do(request{method: "PUT", path: "/registrations/" + id, body: browser("stolen", "https://push.example/mine")}).
			wantError(t, http.StatusBadRequest, "This registration belongs to an installation. Update the installation.")
		b.do(request{method: "GET", path: "/registrations/" + id}).want(t, 200)
	}
	b.do(request{method: "DELETE", path: "/registrations/" + found[0]}).want(t, 200)
	if left := ids(b.do(request{method: "GET", path: "/registrations"}).body); !slices.Equal(left, found[1:]) {
		t.Errorf("left: %q", left)
	}
	b.do(request{method: "PATCH", path: "/installations/dev-1", body: `[{"op":"add","path":"/tags","value":"more"}]`}).want(t, 200)
	list = b.do(request{method: "GET", path: "/registrations"})
	if restored := ids(list.body); len(restored) != 2 || strings.Count(list.body, "<ETag>2</ETag>") != 2 {
		t.Errorf("after the next write: %s", list.body)
	}
	b.do(request{method: "DELETE", path: "/installations/dev-1"}).want(t, 204)
	if left := ids(b.do(request{method: "GET", path: "/registrations"}).body); left != nil {
		t.Errorf("left: %q", left)
	}
}

func TestNothingIsStoredByHalves(t *testing.T) {
	b := newBench(t)
	b.do(request{method: "PUT", path: "/registrations/r", body: apple("a", "AB")}).want(t, 200)
	before := b.do(request{method: "GET", path: "/registrations/r"}).body
	for name, body := range badRegistrations() {
		for _, method := range []string{"PUT /registrations/r", "PUT /registrations/new", "POST /registrations"} {
			method, path, _ := strings.Cut(method, " ")
			r := b.do(request{method: method, path: path, body: body})
			if want := map[bool]int{true: 413, false: 400}[len(body) > maxDocument]; r.StatusCode != want {
				t.Errorf("%s %s: %d %s", name, path, r.StatusCode, r.body)
			}
		}
	}
	if after := b.do(request{method: "GET", path: "/registrations/r"}).body; after != before {
		t.Errorf("changed: %s", after)
	}
	if all := ids(b.do(request{method: "GET", path: "/registrations"}).body); !slices.Equal(all, []string{"r"}) {
		t.Errorf("there are %q", all)
	}
}

// badRegistrations are bodies that register nothing.
func badRegistrations() map[string]string {
	bomb := `<?xml version="1.0"?><!DOCTYPE entry [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>`
	bad := map[string]string{
		"nothing":                  "",
		"not XML":                  "hello",
		"JSON":                     `{"a":1}`,
		"an entity bomb":           bomb + strings.Replace(browser("&c;", "https://x"), `<?xml version="1.0" encoding="utf-8"?>`, "", 1),
		"an external entity":       `<!DOCTYPE entry [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + strings.Replace(browser("a", "&x;"), `<?xml version="1.0" encoding="utf-8"?>`, "", 1),
		"1 MB":                     browser("a", "https://x/"+strings.Repeat("x", 1<<20)),
		"deep":                     strings.Repeat("<a>", 40_000) + strings.Repeat("</a>", 40_000)[:80_000],
		"cut off":                  browser("a", "https://x")[:200],
		"two roots":                browser("a", "https://x") + "<entry/>",
		"no description":           `<entry xmlns="http://www.w3.org/2005/Atom"><content type="application/xml"></content></entry>`,
		"an unknown kind":          entry("PigeonRegistrationDescription", "<Handle>x</Handle>"),
		"no handle":                entry("BrowserRegistrationDescription", "<Tags>a</Tags><P256DH>x</P256DH><Auth>x</Auth>"),
		"an empty key":             entry("BrowserRegistrationDescription", "<Endpoint>https://x</Endpoint><P256DH> </P256DH><Auth>x</Auth>"),
		"a handle that is nil":     entry("AppleRegistrationDescription", `<DeviceToken i:nil="true"/>`),
		"an odd device token":      apple("a", "abc"),
		"a device token of words":  apple("a", "zz"),
		"a template that is none":  entry("BrowserTemplateRegistrationDescription", "<Endpoint>https://x</Endpoint><P256DH>x</P256DH><Auth>x</Auth><BodyTemplate>{\"a\":\"$(\"}</BodyTemplate>"),
		"variables that are not":   entry("AppleRegistrationDescription", "<PushVariables>[1]</PushVariables><DeviceToken>AB</DeviceToken>"),
		"a tag that is not one":    apple("a b", "AB"),
		"invalid UTF-8":            apple("\xff", "AB"),
		"UTF-16":                   "\xff\xfe<\x00e\x00",
		"another encoding":         strings.Replace(apple("a", "AB"), "utf-8", "ebcdic", 1),
		"a control character":      apple("&#1;", "AB"),
		"an unknown named entity":  apple("&nbsp;", "AB"),
		"a thousand elements more": "",
	}
	bad["a thousand elements more"] = entry("AppleRegistrationDescription", strings.Repeat("<x/>", 60_000)+"<DeviceToken>AB</DeviceToken>")
	return maps.Clone(bad)
}
