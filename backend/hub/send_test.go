package hub

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
	"securepush/webpush"
)

func TestASendIsAnsweredAsTheServiceDoes(t *testing.T) {
	s := newSending(t)
	s.devices("username:alice", "a")
	r := s.call("POST", "/Messages?api-version=2016-07", map[string]string{headerFormat: "browser", headerTags: "username:alice"}, `{"id":"7"}`).want(t, 201)
	form := regexp.MustCompile(`^https://hub\.example/hub1/messages/[0-9a-f]{32}-\d{14}-\d+-\d+\?api-version=2016-07$`)
	if got := r.Header.Get("Location"); !form.MatchString(got) {
		t.Errorf("Location %q", got)
	}
	if r.body != "" || r.Header.Get("Content-Length") != "0" || r.Header.Get("Content-Type") != "application/xml; charset=utf-8" {
		t.Errorf("%q %v", r.body, r.Header)
	}
	got := s.service.wait(1)[0]
	if got.device != "a" || got.body != `{"id":"7"}` {
		t.Errorf("pushed %+v", got)
	}
	d := s.ended(s.path(r))
	if d.State != "Completed" || d.Browser.of("Success") != 1 || d.Browser.total() != 1 || d.Tags != "username:alice" || d.TargetPlatforms != "browser" {
		t.Errorf("told %+v", d)
	}
	for _, at := range []string{d.EnqueueTime, d.StartTime, d.EndTime} {
		if _, err := time.Parse(time.RFC3339, at); err != nil {
			t.Error(err)
		}
	}
}

func TestASendReachesWhomItsExpressionMeans(t *testing.T) {
	s := newSending(t)
	win := record.Registration{ID: "w", Platform: record.Windows, Handle: "https://wns.example/1", Tags: []string{"x"}}
	s.register(s.browser("a", "x"), s.browser("b", "X", "y"), s.browser("c", "y"), s.browser("d"), win)
	for _, c := range []struct {
		name, tags string
		want       []string
	}{
		{"a tag, whatever its case", "X", []string{"a", "b"}},
		{"both", "x&&y", []string{"b"}},
		{"either", "x || y", []string{"a", "b", "c"}},
		{"one without the other", "y && !x", []string{"c"}},
		{"whoever has a tag not", "!x", []string{"c", "d"}},
		{"nobody", "nobody", []string{}},
		{"a mistake of Azure's client", "undefined", []string{}},
		{"a broadcast", "", []string{"a", "b", "c", "d"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.service.mu.Lock()
			s.service.got = nil
			s.service.mu.Unlock()
			d := s.ended(s.send(c.tags, "7"))
			if got := s.service.devices(); !slices.Equal(got, c.want) || d.Browser.of("Success") != len(c.want) || d.Browser.total() != len(c.want) {
				t.Errorf("%v, told %+v", got, d)
			}
			if want := map[bool]string{true: "NoTargetFound", false: "Completed"}[len(c.want) == 0]; d.State != want {
				t.Errorf("state %s", d.State)
			}
		})
	}
}

func TestOnlyWhomATagMayMeanIsLookedUp(t *testing.T) {
	for expression, want := range map[string][]string{"a": {"A"}, "!b && a": {"A"}, "a||b": {"A", "B"}, "!a": nil, "": nil} {
		e, err := newExpansion(&record.Notification{Format: "browser", Tags: expression})
		if err != nil || !slices.Equal(slices.Sorted(slices.Values(e.audience.Tags)), want) || e.audience.Platform != record.Browser {
			t.Errorf("%q: %+v, %v", expression, e.audience, err)
		}
	}
}

func TestWhatIsTooLongForAPushIsNotEvenQueued(t *testing.T) {
	e, err := newExpansion(&record.Notification{Format: "browser", Body: make([]byte, webpush.MaxPlaintext+1)})
	check(t, err)
	if _, outcome := e.to(&record.Registration{Platform: record.Browser, Handle: "https://push.example/a"}); outcome != delivery.InvalidNotificationSize {
		t.Errorf("outcome %q", outcome)
	}
}

func TestWhatCannotBeSentIsSaid(t *testing.T) {
	s := newSending(t)
	s.register(
		record.Registration{ID: "w", Platform: record.Windows, Handle: "https://wns.example/1", Tags: []string{"x"}},
		record.Registration{ID: "i", Platform: record.Apple, Handle: "AB", Tags: []string{"x"}, Template: &record.Template{Body: `{"aps":"$(a)"}`}},
		s.browser("b", "x"),
	)
	header := map[string]string{headerFormat: "windows", headerTags: "x", "X-WNS-Type": "wns/raw"}
	d := s.ended(s.path(s.call("POST", "/messages", header, "7").want(t, 201)))
	if d.State != "Completed" || d.Windows.of("InvalidCredentials") != 1 || d.Browser.total() != 0 || d.TargetPlatforms != "windows" {
		t.Errorf("windows: %+v", d)
	}
	d = s.ended(s.path(s.call("POST", "/messages", map[string]string{headerFormat: "template", headerTags: "x"}, `{"a":"1"}`).want(t, 201)))
	if d.Apple.of("InvalidCredentials") != 1 || d.TargetPlatforms != "apple" {
		t.Errorf("template: %+v", d)
	}
}

func TestATemplateSendTakesTheFormOfEachDevice(t *testing.T) {
	s := newSending(t)
	form := func(id, device, body string) record.Registration {
		r := s.browser(device, "x")
		r.ID, r.Template = id, &record.Template{Name: id, Body: body}
		return r
	}
	own := form("3", "c", `{"t":"$(title)","v":"$(var)","w":"$(Where)"}`)
	own.PushVariables = map[string]string{"var": "mine", "title": "mine", "where": "here"}
	same := form("2c", "a", `{"u":"$(title)"}`)
	same.Template.Name = "2"
	headed := form("4", "d", `{"t":"$(title)"}`)
	headed.Template.Headers = []record.Header{{Name: "urgency", Value: "$(how)"}, {Name: "TTL", Value: "60"}, {Name: "Topic", Value: "not a topic"}}
	s.register(form("1", "a", `{"t":"$(title)"}`), form("2", "a", `{"u":"$(title)"}`), form("2b", "a", `{"u":"$(title)"}`), same, own, headed,
		form("5", "e", `{"t":"`+strings.Repeat("x", 5000)+`"}`), s.browser("native", "x"),
		form("6", "f", `{"v":"$(var)"}`), form("7", "g", `{"v":"$(var)"}`), form("8", "h", `{"v":"$(var)"}`))
	other := form("7", "g", `{"v":"$(var)"}`)
	other.PushVariables = map[string]string{"var": "other"}
	s.register(other)
	path := s.path(s.call("POST", "/messages", map[string]string{headerFormat: "template", headerTags: "x", "TTL": "100"},
		`{"Title":"a \"quoted\" title","how":"low"}`).want(t, 201))
	d := s.ended(path)
	if d.Browser.of("Success") != 8 || d.Browser.of("InvalidNotificationSize") != 1 || d.Browser.of("Skipped") != 1 || d.Browser.total() != 10 {
		t.Errorf("told %+v", d)
	}
	var got []string
	for _, p := range s.service.wait(8) {
		got = append(got, p.device+" "+p.body)
		if p.device == "d" && (p.header.Get("Urgency") != "low" || p.header.Get("TTL") != "100") {
			t.Errorf("headers %v", p.header)
		}
	}
	slices.Sort(got)
	want := []string{
		`a {"t":"a \"quoted\" title"}`, `a {"u":"a \"quoted\" title"}`, `a {"u":"a \"quoted\" title"}`,
		`c {"t":"a \"quoted\" title","v":"mine","w":"here"}`, `d {"t":"a \"quoted\" title"}`,
		`f {"v":""}`, `g {"v":"other"}`, `h {"v":""}`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestADeviceGetsANotificationOnce(t *testing.T) {
	s := newSending(t)
	again := s.browser("a", "y")
	again.ID = "r-a2"
	s.register(s.browser("a", "x"), again)
	d := s.ended(s.send("x || y", "7"))
	if d.Browser.of("Success") != 1 || d.Browser.of("Skipped") != 1 || len(s.service.wait(1)) != 1 {
		t.Errorf("told %+v", d)
	}
}

func TestHeadersOfWebPushAreHonoured(t *testing.T) {
	s := newSending(t)
	s.devices("x", "a")
	for i, c := range []struct {
		name          string
		header        []string
		ttl, urgency  string
		topic, forced bool
	}{
		{name: "none", ttl: "2592000", urgency: "normal"},
		{name: "all", header: []string{"TTL", "60", "Urgency", "high", "Topic", "abc"}, ttl: "60", urgency: "high", topic: true},
		{name: "now or never", header: []string{"TTL", "0"}, ttl: "0", urgency: "normal"},
		{name: "longer than push services keep", header: []string{"TTL", "99999999"}, ttl: "2592000", urgency: "normal"},
		{name: "of no use", header: []string{"TTL", "-1", "Urgency", "loud", "Topic", "no topic"}, ttl: "2592000", urgency: "normal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.send("x", strconv.Itoa(i), c.header...)
			got := s.service.wait(i + 1)[i]
			if got.header.Get("TTL") != c.ttl || got.header.Get("Urgency") != c.urgency || (got.header.Get("Topic") != "") != c.topic {
				t.Errorf("got %v", got.header)
			}
		})
	}
}

func TestBadSendsAreRefusedAndNothingIsSent(t *testing.T) {
	s := newSending(t)
	s.devices("x", "a")
	long := strings.Repeat("x", 64<<10)
	tags := func(n int, by string) string {
		list := make([]string, n)
		for i := range list {
			list[i] = "t" + strconv.Itoa(i)
		}
		return strings.Join(list, by)
	}
	for _, c := range []struct {
		name   string
		header map[string]string
		path   string
		body   string
		status int
	}{
		{"without a format", map[string]string{}, "/messages", "7", 400},
		{"of a format that there is not", map[string]string{headerFormat: "smoke"}, "/messages", "7", 400},
		{"of a format that there is no more", map[string]string{headerFormat: "nokiax"}, "/messages", "7", 400},
		{"of an illegal expression", map[string]string{headerFormat: "browser", headerTags: "x &&"}, "/messages", "7", 400},
		{"of 21 tags", map[string]string{headerFormat: "browser", headerTags: tags(21, "||")}, "/messages", "7", 400},
		{"of 7 tags", map[string]string{headerFormat: "browser", headerTags: tags(7, "&&")}, "/messages", "7", 400},
		{"of 64 KB and a byte", map[string]string{headerFormat: "browser"}, "/messages", long + "x", 413},
		{"of a raw one of 5 KB and a byte", map[string]string{headerFormat: "windows", "X-WNS-Type": "wns/raw"}, "/messages", long[:5<<10+1], 413},
		{"of a template without properties", map[string]string{headerFormat: "template"}, "/messages", `["a"]`, 400},
		{"of a template with an object in it", map[string]string{headerFormat: "template"}, "/messages", `{"a":{}}`, 400},
		{"direct to nobody", map[string]string{headerFormat: "browser"}, "/messages?direct", "7", 400},
		{"direct without keys", map[string]string{headerFormat: "browser", headerHandle: "https://push.example/a"}, "/messages?direct=true", "7", 400},
		{"direct of a template", map[string]string{headerFormat: "template", headerHandle: "x"}, "/messages?direct", `{}`, 400},
		{"scheduled without a time", map[string]string{headerFormat: "browser"}, "/schedulednotifications", "7", 400},
		{"scheduled at no time", map[string]string{headerFormat: "browser", headerDue: "soon"}, "/schedulednotifications", "7", 400},
		{"scheduled in 8 days", map[string]string{headerFormat: "browser", headerDue: time.Now().Add(8 * 24 * time.Hour).Format(time.RFC3339)}, "/schedulednotifications", "7", 400},
		{"scheduled and direct", map[string]string{headerFormat: "browser", headerHandle: "x", headerDue: "2020-01-01T00:00:00"}, "/schedulednotifications", "7", 400},
		{"a batch that is none", map[string]string{headerFormat: "browser"}, "/messages/$batch?direct", "7", 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := s.call("POST", c.path, c.header, c.body).want(t, c.status)
			if r.Header.Get("Location") != "" || !strings.HasPrefix(r.body, "<Error><Code>"+strconv.Itoa(c.status)) || r.detail() == "" {
				t.Errorf("%q", r.body)
			}
		})
	}
	if _, waits, err := s.store.NextScheduled(t.Context()); waits || err != nil || len(s.service.devices()) > 0 {
		t.Error("something was accepted", err)
	}
	for _, body := range []string{long, ""} { // these are not the hub's business
		s.send("nobody", body)
	}
	s.call("POST", "/messages", map[string]string{headerFormat: "windows", "X-WNS-Type": "wns/raw"}, long[:5<<10]).want(t, 201)
}

func TestTagsOfLatin1AreRead(t *testing.T) {
	s := newSending(t)
	s.devices("größe", "a")
	s.send("gr\xf6\xdfe", "7") // as clients write it that know no other way
	s.send("größe", "8")
	if got := s.service.wait(2); len(got) != 2 {
		t.Errorf("got %v", got)
	}
}

func TestADirectSendNeedsNoRegistration(t *testing.T) {
	s := newSending(t)
	s.devices("x", "other")
	to := map[string]string{headerFormat: "browser", headerHandle: "https://push.example/a", "P256DH": s.service.keys.P256DH(), "Auth": s.service.keys.Auth()}
	for _, path := range []string{"/messages/?api-version=2020-06&direct=true", "/messages?direct", "/messages"} {
		d := s.ended(s.path(s.call("POST", path, to, "7").want(t, 201)))
		if d.State != "Completed" || d.Browser.of("Success") != 1 {
			t.Errorf("%s: %+v", path, d)
		}
	}
	if got := s.service.devices(); !slices.Equal(got, []string{"a", "a", "a"}) {
		t.Errorf("sent to %v", got)
	}
	to[headerHandle] = "foo"
	if d := s.ended(s.path(s.call("POST", "/messages?direct", to, "7").want(t, 201))); d.Browser.of("BadChannel") != 1 {
		t.Errorf("a handle that is none: %+v", d)
	}
	to[headerFormat] = "apple"
	if d := s.ended(s.path(s.call("POST", "/messages?direct", to, "7").want(t, 201))); d.Apple.of("InvalidCredentials") != 1 {
		t.Errorf("another platform: %+v", d)
	}
}

func TestADeadHandleIsRemovedAndReported(t *testing.T) {
	for _, direct := range []bool{false, true} {
		t.Run(fmt.Sprintf("direct %t", direct), func(t *testing.T) {
			s := newSending(t)
			s.service.answer = func(device string) int { return map[bool]int{true: 410, false: 201}[device == "dead"] }
			s.devices("x", "alive", "dead")
			header := map[string]string{headerFormat: "browser", headerTags: "x"}
			if direct {
				header = map[string]string{headerFormat: "browser", headerHandle: "https://push.example/dead", "P256DH": s.service.keys.P256DH(), "Auth": s.service.keys.Auth()}
			}
			d := s.ended(s.path(s.call("POST", "/messages", header, "7").want(t, 201)))
			if d.Browser.of("ExpiredChannel") != 1 || !direct && d.Browser.of("Success") != 1 {
				t.Errorf("told %+v", d)
			}
			left := must(s.store.Registrations(t.Context(), record.Query{}))(t)
			if len(left) != 1 || left[0].ID != "r-alive" {
				t.Errorf("left %+v", left)
			}
			s.call("PUT", "/registrations/r-dead", nil, browserEntry).want(t, 410)
			found, _, err := s.store.Feedback(t.Context(), time.Now(), 0, 10)
			check(t, err)
			if len(found) != 1 || found[0].Registration != "r-dead" || found[0].Notification != d.NotificationID || found[0].Error != "ExpiredChannel" {
				t.Errorf("feedback %+v", found)
			}
		})
	}
}

func TestAnInstallationThatIsDeletedGetsNothingMore(t *testing.T) {
	s := newSending(t)
	s.service.answer = func(string) int { return 503 }
	doc := fmt.Sprintf(`{"installationId":"dev","platform":"browser","tags":["x"],"pushChannel":{"endpoint":"https://push.example/dev","p256dh":%q,"auth":%q}}`,
		s.service.keys.P256DH(), s.service.keys.Auth())
	s.call("PUT", "/installations/dev", nil, doc).want(t, 200)
	path := s.send("x", "7")
	s.service.wait(1) // it is to be tried again
	s.call("DELETE", "/installations/dev", nil, "").want(t, 204)
	if d := s.ended(path); d.Browser.of("Dropped") != 1 || d.Browser.total() != 1 {
		t.Errorf("told %+v", d)
	}
}

// browserEntry is a registration as Azure's client writes it.
const browserEntry = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><entry xmlns="http://www.w3.org/2005/Atom"><content type="application/xml"><BrowserRegistrationDescription xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Endpoint>https://push.example/abc</Endpoint><P256DH>BPUB</P256DH><Auth>AUTH</Auth></BrowserRegistrationDescription></content></entry>`

func TestEveryPushOfALargeSendHasOneOutcome(t *testing.T) {
	s := newSending(t)
	const devices = 2*targetPage + 123
	for i := range devices {
		s.register(s.browser(fmt.Sprintf("d%05d", i), "x"))
	}
	for i := range 7 { // twice registered
		r := s.browser(fmt.Sprintf("d%05d", i*100), "x")
		r.ID += "-again"
		s.register(r)
	}
	s.service.answer = func(device string) int {
		n, _ := strconv.Atoi(device[1:])
		return []int{201, 201, 410, 413, 401}[n%5]
	}
	d := s.ended(s.send("x", "7"))
	fifth := func(k int) int { return (devices - k + 4) / 5 }
	want := map[string]int{"Success": fifth(0) + fifth(1), "ExpiredChannel": fifth(2), "InvalidNotificationSize": fifth(3), "InvalidCredentials": fifth(4), "Skipped": 7}
	for name, n := range want {
		if d.Browser.of(name) != n {
			t.Errorf("%s: %d, want %d", name, d.Browser.of(name), n)
		}
	}
	if d.Browser.total() != devices+7 || len(s.service.devices()) != devices {
		t.Errorf("%d outcomes, %d pushes", d.Browser.total(), len(s.service.devices()))
	}
}

func TestMessagesOfOneSenderKeepTheirOrder(t *testing.T) {
	s := newSending(t)
	s.devices("x", "a")
	const n = 200
	for i := range n {
		s.send("x", strconv.Itoa(i))
	}
	for i, p := range s.service.wait(n) {
		if p.body != strconv.Itoa(i) {
			t.Fatalf("push %d is %q", i, p.body)
		}
	}
}

func TestTheHubsOwnMessagesLeaveNoRecord(t *testing.T) {
	own := record.Rule{Name: "Own", Rights: record.Manage, Primary: record.NewRuleKey(), Secondary: record.NewRuleKey()}
	s := newSending(t, func(o *Options, _ *delivery.Options) { o.Own = &own })
	s.devices("x", "a")
	r := s.as(own, "POST", "/messages", map[string]string{headerFormat: "browser", headerTags: "x"}, "7").want(t, 201)
	s.service.wait(1)
	s.call("GET", s.path(r), nil, "").want(t, http.StatusNotFound)
}

func TestDetailsOfAnUnknownNotification(t *testing.T) {
	s := newSending(t)
	for _, path := range []string{"/messages/1-2-3", "/messages/$batch/1-2-3", "/messages/$batch"} {
		s.call("GET", path, nil, "").want(t, http.StatusNotFound)
	}
}

func TestWhatIsAcceptedIsHandedOnAtTheEnd(t *testing.T) {
	s := prepareSending(t, openStore(t))
	s.devices("x", "a", "b")
	for range 20 {
		s.send("x", "7") // nobody hands it on yet
	}
	s.start()
	s.stop()
	if got := s.service.devices(); len(got) != 40 {
		t.Errorf("%d pushes", len(got))
	}
	r := s.call("POST", "/messages", map[string]string{headerFormat: "browser"}, "8").want(t, 503)
	if r.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}
