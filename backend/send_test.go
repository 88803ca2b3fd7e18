package backend

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"securepush/api"
)

func TestNotificationReachesItsUserAndNoOther(t *testing.T) {
	st := newSite(t)
	anna, ben, root := st.addUser("anna"), st.addUser("ben"), st.addUser("root", api.ClaimSend)
	st.addDevice(anna, "annas-desk")
	st.addDevice(ben, "bens-desk")
	res, err := root.Send(t.Context(), api.SendRequest{To: api.Recipients{"Anna"}, Title: "Result", Payload: "K 4.1", URL: "https://a.example/"}, "")
	if err != nil || len(res.IDs) != 1 || res.Devices != 1 {
		t.Fatalf("%+v %v", res, err)
	}
	st.push.expect("annas-desk " + string(res.IDs[0]))
	n, err := anna.Notification(t.Context(), res.IDs[0])
	if err != nil || n.Title != "Result" || n.Payload != "K 4.1" || n.Sender != "root" || n.Priority != api.PriorityNormal || n.Read {
		t.Errorf("%+v %v", n, err)
	}
	if _, err := ben.Notification(t.Context(), res.IDs[0]); api.CodeOf(err) != api.CodeNotFound {
		t.Errorf("ben: %v", err)
	}
	if _, err := root.Notification(t.Context(), res.IDs[0]); api.CodeOf(err) != api.CodeNotFound {
		t.Errorf("the sender: %v", err)
	}
}

func TestWhoMaySendToWhom(t *testing.T) {
	st := newSite(t)
	anna, _, root := st.addUser("anna"), st.addUser("ben"), st.addUser("root", api.ClaimSend)
	gone := st.addUser("gone")
	if err := st.admin.SetDisabled(t.Context(), "gone", true); err != nil {
		t.Fatal(err)
	}
	_ = gone
	_, manager, err := st.admin.AddKey(t.Context(), "manager", []string{api.ClaimManage})
	if err != nil {
		t.Fatal(err)
	}
	key := st.key
	tests := []struct {
		name, token, to string
		status, ids     int
		code            api.Code
	}{
		{"user to self, unnamed", anna.tokens.AccessToken, `""`, 201, 1, ""},
		{"user to self, by a list of none", anna.tokens.AccessToken, `[]`, 201, 1, ""},
		{"user to self, named", anna.tokens.AccessToken, `"ANNA"`, 201, 1, ""},
		{"user to self, by tag", anna.tokens.AccessToken, `"username:anna"`, 201, 1, ""},
		{"user to another", anna.tokens.AccessToken, `"ben"`, 403, 0, api.CodeForbidden},
		{"user to nobody, who must look the same", anna.tokens.AccessToken, `"nobody"`, 403, 0, api.CodeForbidden},
		{"user to a tag", anna.tokens.AccessToken, `"topic:x"`, 403, 0, api.CodeForbidden},
		{"user to self and another", anna.tokens.AccessToken, `["anna","ben"]`, 403, 0, api.CodeForbidden},
		{"sender to another", root.tokens.AccessToken, `"ben"`, 201, 1, ""},
		{"sender to several", root.tokens.AccessToken, `["ben","username:anna"]`, 201, 2, ""},
		{"sender to one twice", root.tokens.AccessToken, `["ben","anna","BEN"]`, 201, 3, ""},
		{"sender to nobody", root.tokens.AccessToken, `"nobody"`, 422, 0, api.CodeUnknownRecipient},
		{"sender to somebody disabled", root.tokens.AccessToken, `"gone"`, 422, 0, api.CodeUnknownRecipient},
		{"sender to one who is not there among others", root.tokens.AccessToken, `["anna","nobody"]`, 422, 0, api.CodeUnknownRecipient},
		{"sender to a tag nobody has", root.tokens.AccessToken, `"topic:none"`, 422, 0, api.CodeUnknownRecipient},
		{"sender to an expression", root.tokens.AccessToken, `"topic:a && !topic:b"`, 422, 0, api.CodeUnknownRecipient},
		{"sender to half an expression", root.tokens.AccessToken, `"topic:a && "`, 400, 0, api.CodeInvalidField},
		{"sender to all but some", root.tokens.AccessToken, `"!topic:a"`, 400, 0, api.CodeInvalidField},
		{"sender to a tag of the hub's own", root.tokens.AccessToken, `"$InstallationId:{desk}"`, 400, 0, api.CodeInvalidField},
		{"sender to a tag in a list", root.tokens.AccessToken, `["anna","topic:a"]`, 400, 0, api.CodeInvalidField},
		{"sender to an empty name", root.tokens.AccessToken, `["anna",""]`, 400, 0, api.CodeInvalidField},
		{"sender to too many", root.tokens.AccessToken, `["anna"` + strings.Repeat(`,"anna"`, 1000) + `]`, 400, 0, api.CodeInvalidField},
		{"key to a user", key, `"ben"`, 201, 1, ""},
		{"key to whom?", key, `""`, 400, 0, api.CodeInvalidField},
		{"key without the claim", manager.Reveal(), `"ben"`, 403, 0, api.CodeForbidden},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp, body := st.ask(http.MethodPost, "/api/notifications", tt.token, `{"payload":"x","to":`+tt.to+`}`)
			if resp.StatusCode != tt.status || code(body) != tt.code || strings.Count(body, `"`)/2 != tt.ids+2 && tt.status == 201 {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
		})
	}
	if _, err := st.admin.ListKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := st.admin.RevokeKey(t.Context(), "plant"); err != nil {
		t.Fatal(err)
	}
	if resp, _ := st.ask(http.MethodPost, "/api/notifications", key, `{"payload":"x","to":"ben"}`); resp.StatusCode != 401 {
		t.Errorf("revoked key: %d", resp.StatusCode)
	}
}

func TestOneNamedTwiceGetsOne(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna", api.ClaimSend)
	res, err := anna.Send(t.Context(), api.SendRequest{To: api.Recipients{"anna", "ANNA"}, Payload: "x"}, "")
	if err != nil || len(res.IDs) != 2 || res.IDs[0] != res.IDs[1] {
		t.Errorf("%+v %v", res, err)
	}
	if p, err := anna.Notifications(t.Context(), api.Query{}); err != nil || len(p.Items) != 1 {
		t.Errorf("%d stored, %v", len(p.Items), err)
	}
}

func TestNobodyWritesUnderAnothersName(t *testing.T) {
	st := newSite(t)
	anna, root := st.addUser("anna"), st.addUser("root", api.ClaimSend)
	for _, tt := range []struct {
		name, token, sender, want string
		status                    int
	}{
		{"own name by default", anna.tokens.AccessToken, "", "anna", 201},
		{"own name", anna.tokens.AccessToken, "anna", "anna", 201},
		{"another's", anna.tokens.AccessToken, "root", "", 403},
		{"made up by who may", root.tokens.AccessToken, "Laboratory", "Laboratory", 201},
		{"a key's own by default", st.key, "", "plant", 201},
		{"made up by a key", st.key, "Pump 3", "Pump 3", 201},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp, body := st.ask(http.MethodPost, "/api/notifications", tt.token,
				api.SendRequest{To: api.Recipients{"anna"}, Payload: "x", Sender: tt.sender})
			if resp.StatusCode != tt.status {
				t.Fatalf("%d %s", resp.StatusCode, body)
			}
			if tt.status != 201 {
				return
			}
			page, err := anna.Notifications(t.Context(), api.Query{Newest: true, Limit: 1})
			if err != nil || page.Items[0].Sender != tt.want {
				t.Errorf("%+v %v", page, err)
			}
		})
	}
}

func TestTagReachesWhoeverHasADeviceWithIt(t *testing.T) {
	st := newSite(t)
	anna, ben, _ := st.addUser("anna"), st.addUser("ben"), st.addUser("carl")
	st.addDevice(ben, "bens-desk", "topic:alarms")
	st.addDevice(anna, "annas-desk", "topic:alarms", "topic:lunch")
	st.addDevice(anna, "annas-laptop", "topic:alarms")
	resp, body := st.ask(http.MethodPost, "/api/notifications", st.key, `{"payload":"x","to":"topic:alarms"}`)
	if resp.StatusCode != 201 || !strings.Contains(body, `"devices":3`) {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	ids := map[string]string{}
	for range 3 {
		got := st.push.next()
		ids[got.device] = string(got.id)
	}
	if err := st.admin.SetDisabled(t.Context(), "ben", true); err != nil {
		t.Fatal(err)
	}
	if people, err := st.tagged(t.Context(), "topic:alarms"); err != nil || len(people) != 1 || people[0].name != "anna" {
		t.Errorf("with ben disabled: %v %v", people, err)
	}
	if ids["annas-desk"] != ids["annas-laptop"] || ids["annas-desk"] == ids["bens-desk"] {
		t.Errorf("each person has an ID of their own: %v", ids)
	}
}

func TestSameIdempotencyKeySendsOnce(t *testing.T) {
	st := newSite(t)
	anna, root := st.addUser("anna"), st.addUser("root", api.ClaimSend)
	in := api.SendRequest{To: api.Recipients{"anna"}, Payload: "once"}
	first, err := root.Send(t.Context(), in, "order-1")
	if err != nil {
		t.Fatal(err)
	}
	again, err := root.Send(t.Context(), in, "order-1")
	if err != nil || again.IDs[0] != first.IDs[0] {
		t.Errorf("%+v %v", again, err)
	}
	resp, body := st.ask(http.MethodPost, "/api/notifications", root.tokens.AccessToken, "{ \"payload\" : \"once\", \"to\":[\"anna\"] }", "Idempotency-Key", "order-1")
	if resp.StatusCode != 201 || !strings.Contains(body, string(first.IDs[0])) {
		t.Errorf("the same in other words: %d %s", resp.StatusCode, body)
	}
	in.Payload = "twice"
	if _, err := root.Send(t.Context(), in, "order-1"); api.CodeOf(err) != api.CodeConflict {
		t.Errorf("another request: %v", err)
	}
	if _, err := anna.Send(t.Context(), api.SendRequest{Payload: "mine"}, "order-1"); err != nil {
		t.Errorf("another sender's key is another key: %v", err)
	}
	page, err := anna.Notifications(t.Context(), api.Query{})
	if err != nil || len(page.Items) != 2 {
		t.Errorf("%d stored, %v", len(page.Items), err)
	}
	for _, bad := range []string{strings.Repeat("k", 129), "a b", "ä"} {
		resp, body := st.ask(http.MethodPost, "/api/notifications", anna.tokens.AccessToken, `{"payload":"x"}`, "Idempotency-Key", bad)
		if resp.StatusCode != 400 || !strings.Contains(body, "Idempotency-Key") {
			t.Errorf("%.10q: %d %s", bad, resp.StatusCode, body)
		}
	}
}

func TestKeyReplacesAndOldIDIsPushedToo(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	st.addDevice(anna, "desk")
	first := st.sendTo(anna, api.SendRequest{Payload: "3 waiting", Key: "queue"})
	st.push.expect("desk " + string(first))
	second := st.sendTo(anna, api.SendRequest{Payload: "4 waiting", Key: "queue"})
	st.push.expect("desk "+string(first), "desk "+string(second))
	if _, err := anna.Notification(t.Context(), first); api.CodeOf(err) != api.CodeGone {
		t.Errorf("replaced: %v", err)
	}
}

func TestExpiredIsGone(t *testing.T) {
	clock := newClock()
	st := newSite(t, func(c *Config) { c.Now = clock.now })
	anna := st.addUser("anna")
	soon := clock.now().Add(time.Minute)
	id := st.sendTo(anna, api.SendRequest{Payload: "x", ExpiresAt: &soon})
	if n, err := anna.Notification(t.Context(), id); err != nil || n.ExpiresAt == nil || n.ExpiresAt.Sub(soon).Abs() > time.Second {
		t.Errorf("%+v %v", n, err)
	}
	clock.pass(2 * time.Minute)
	if _, err := anna.Notification(t.Context(), id); api.CodeOf(err) != api.CodeGone {
		t.Errorf("expired: %v", err)
	}
	if page, err := anna.Notifications(t.Context(), api.Query{}); err != nil || len(page.Items) != 0 {
		t.Errorf("%+v %v", page, err)
	}
}

func TestPushesDoNotDependOnTheContent(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	st.addDevice(anna, "desk")
	soon := time.Now().Add(time.Minute)
	headers := map[string]bool{}
	for _, in := range []api.SendRequest{
		{Payload: "x"},
		{Payload: strings.Repeat("long", 1000), Title: "Title", Priority: api.PriorityUrgent, Key: "k", ExpiresAt: &soon},
		{Payload: "y", Priority: api.PriorityLow},
	} {
		st.sendTo(anna, in)
		h := st.push.next().header
		if h.Get("Urgency") != "high" { // or a phone's distributor would hold it back
			t.Errorf("urgency %q", h.Get("Urgency"))
		}
		h.Del("Authorization") // the same for an hour, but not for ever
		h.Del("Topic")         // random for each notification
		var b strings.Builder
		if err := h.Write(&b); err != nil {
			t.Fatal(err)
		}
		headers[b.String()] = true
	}
	if len(headers) != 1 {
		t.Errorf("pushes can be told apart: %v", headers)
	}
}

func TestTestPushGoesToOneDevice(t *testing.T) {
	st := newSite(t)
	anna, ben := st.addUser("anna"), st.addUser("ben")
	st.addDevice(anna, "laptop")
	st.addDevice(anna, "desk")
	st.addDevice(ben, "bens-desk")
	res, err := anna.Test(t.Context(), "laptop")
	if err != nil || res.Devices != 1 {
		t.Fatalf("%+v %v", res, err)
	}
	st.push.expect("laptop " + string(res.IDs[0]))
	if n, err := anna.Notification(t.Context(), res.IDs[0]); err != nil || n.ExpiresAt == nil || n.Sender != "Test" {
		t.Errorf("%+v %v", n, err)
	}
	resp, body := st.ask(http.MethodPost, "/api/notifications/test", anna.tokens.AccessToken, `{}`)
	if resp.StatusCode != 201 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	if got := st.push.next(); got.device != "desk" {
		t.Errorf("without a name it goes to the device that this sign-in registered last, not to %s", got.device)
	}
	if _, err := anna.Test(t.Context(), "bens-desk"); api.CodeOf(err) != api.CodeNotFound {
		t.Errorf("another's device: %v", err)
	}
	if _, err := st.signIn("anna").Test(t.Context(), ""); api.CodeOf(err) != api.CodeInvalidField {
		t.Errorf("a sign-in without a device: %v", err)
	}
}

func TestTagOfMoreDevicesThanAPage(t *testing.T) {
	st := newSite(t, func(c *Config) { c.Limits = defaultLimits; c.Limits.Recipients = 1 })
	anna, ben := st.addUser("anna"), st.addUser("ben")
	var writers errgroup.Group
	for i := range 2*tagPage + 1 {
		p := anna
		if i == 2*tagPage {
			p = ben // on the last page
		}
		writers.Go(func() error {
			in := st.push.device("x")
			in.InstallationID, in.Tags = fmt.Sprintf("desk-%05d", i), []string{"topic:all"}
			return st.store.PutInstallation(t.Context(), p.account, in)
		})
	}
	if err := writers.Wait(); err != nil {
		t.Fatal(err)
	}
	people, err := st.tagged(t.Context(), "TOPIC:all")
	if err != nil || len(people) != 2 || people[0].name != "anna" || people[1].name != "ben" {
		t.Errorf("%v %v", people, err)
	}
	for i := range tagFactor {
		name := fmt.Sprint("user", i)
		p := st.addUser(name)
		st.addDevice(p, name, "topic:all")
	}
	if _, err := st.tagged(t.Context(), "topic:all"); api.CodeOf(err) != api.CodeInvalidField {
		t.Errorf("more people than a tag may reach: %v", err)
	}
}

func TestANameThatDiffersInCaseOnlyIsNoWayAroundTheRight(t *testing.T) {
	st := newSite(t, func(c *Config) { c.Tags = regexp.MustCompile(``) })
	kate, ben := st.addUser("kate"), st.addUser("ben")
	st.addDevice(ben, "desk", "kate") // a tag, like a name, has no case, and K is the Kelvin sign
	for _, to := range []string{"\u212aate", "username:\u212aate"} {
		if _, err := kate.Send(t.Context(), api.SendRequest{To: api.Recipients{to}, Payload: "x"}, ""); api.CodeOf(err) != api.CodeForbidden {
			t.Errorf("%q: %v", to, err)
		}
	}
}

func TestATagExpressionChoosesPeopleByTheirDevices(t *testing.T) {
	st := newSite(t)
	for name, devices := range map[string][][]string{
		"anna": {{"topic:ward-7"}, {"topic:ward-7", "topic:student"}}, "ben": {{"topic:ward-7", "topic:student"}},
		"cleo": {{"topic:Ward-8"}, {}}, "dan": {{}},
	} {
		p := st.addUser(name)
		for i, tags := range devices {
			st.addDevice(p, fmt.Sprint(name, i), tags...)
		}
	}
	for _, tt := range []struct{ to, want string }{
		{"topic:ward-7", "anna ben"},
		{"topic:ward-7 && !topic:student", "anna"}, // one of her devices is enough
		{"topic:ward-7&&!topic:student||TOPIC:WARD-8", "anna cleo"},
		{"(topic:ward-7 || topic:ward-8) && !username:ben", "anna cleo"},
		{"username:dan || topic:nobody", "dan"},
	} {
		resp, body := st.ask(http.MethodPost, "/api/notifications", st.key, api.SendRequest{To: api.Recipients{tt.to}, Payload: tt.to})
		if resp.StatusCode != http.StatusCreated {
			t.Errorf("%s: %d %s", tt.to, resp.StatusCode, body)
		}
		if got := st.havePayload(tt.to, "anna", "ben", "cleo", "dan"); got != tt.want {
			t.Errorf("%s reached %q, want %q", tt.to, got, tt.want)
		}
	}
}

// havePayload names those of some people who have been sent a text.
func (st *site) havePayload(text string, names ...string) string {
	st.t.Helper()
	var have []string
	for _, name := range names {
		page, err := st.signIn(name).Notifications(st.t.Context(), api.Query{})
		if err != nil {
			st.t.Fatal(err)
		}
		if slices.ContainsFunc(page.Items, func(n api.Notification) bool { return n.Payload == text }) {
			have = append(have, name)
		}
	}
	return strings.Join(have, " ")
}
