package backend

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"securepush/api"
)

func TestDeviceIsRegisteredListedAndRemoved(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("Anna")
	in := st.push.device("desk", "topic:lunch")
	in.UserID = "ben" // not the device's to say
	got, err := anna.PutInstallation(t.Context(), in)
	if err != nil || got.UserID != "Anna" || got.Name != "Desk" || got.LastUpdate == nil || got.PushChannel != in.PushChannel {
		t.Fatalf("%+v %v", got, err)
	}
	if again, err := anna.PutInstallation(t.Context(), got); err != nil || len(again.Tags) != len(got.Tags) {
		t.Errorf("what was read cannot be sent back: %+v %v", again, err)
	}
	if read, err := anna.Installation(t.Context(), "desk"); err != nil || read.InstallationID != "desk" {
		t.Errorf("%+v %v", read, err)
	}
	if all, err := anna.Installations(t.Context()); err != nil || len(all) != 1 || all[0].UserID != "Anna" {
		t.Errorf("%+v %v", all, err)
	}
	if err := anna.DeleteInstallation(t.Context(), "desk"); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.Installation(t.Context(), "desk"); api.CodeOf(err) != api.CodeNotFound {
		t.Errorf("removed: %v", err)
	}
	res, err := anna.Send(t.Context(), api.SendRequest{Payload: "x"}, "")
	if err != nil || res.Devices != 0 {
		t.Errorf("%+v %v", res, err)
	}
}

func TestPushChannelMayBeAString(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	in := st.push.device("desk")
	text, err := json.Marshal(channelJSON(in))
	if err != nil {
		t.Fatal(err)
	}
	resp, body := st.ask(http.MethodPut, "/api/installations/desk", anna.tokens.AccessToken, `{"platform":"browser","pushChannel":`+string(text)+`}`)
	if resp.StatusCode != 200 || !strings.Contains(body, `"pushChannel":{"endpoint"`) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}

func TestBadDevices(t *testing.T) {
	st := newSite(t, func(c *Config) { c.Tags = regexp.MustCompile(`^(ward|topic):`) })
	anna := st.addUser("anna")
	good := st.push.device("desk")
	channel := channelJSON(good)
	with := func(more string) string { return `{"platform":"browser","pushChannel":` + channel + more + `}` }
	other := func(field, value string) string {
		c := map[string]string{"endpoint": good.PushChannel.Endpoint, "p256dh": good.PushChannel.P256DH, "auth": good.PushChannel.Auth}
		c[field] = value
		b, _ := json.Marshal(c)
		return `{"platform":"browser","pushChannel":` + string(b) + `}`
	}
	tests := []struct {
		name, path, body string
		status           int
		field            string
	}{
		{"allowed tags", "desk", with(`,"tags":["ward:7","TOPIC:x","username:Anna"]`), 403, "tags"},
		{"allowed tag", "desk", with(`,"tags":["ward:7","username:Anna"]`), 200, ""},
		{"another's tag", "desk", with(`,"tags":["username:ben"]`), 403, "tags"},
		{"another's tag in capitals", "desk", with(`,"tags":["UserName:ben"]`), 403, "tags"},
		{"tag of the hub", "desk", with(`,"tags":["$UserId:{ben}"]`), 400, "tags"},
		{"tag not on the list", "desk", with(`,"tags":["role:admin"]`), 403, "tags"},
		{"tag with a blank", "desk", with(`,"tags":["topic:a b"]`), 400, "tags"},
		{"long tag", "desk", with(`,"tags":["topic:` + strings.Repeat("a", 120) + `"]`), 400, "tags"},
		{"many tags", "desk", with(`,"tags":["topic:0"` + manyTags(80) + `]`), 400, "tags"},
		{"other platform", "desk", `{"platform":"wns","pushChannel":` + channel + `}`, 400, "platform"},
		{"no platform", "desk", `{"pushChannel":` + channel + `}`, 400, "platform"},
		{"no channel", "desk", `{"platform":"browser"}`, 400, "pushChannel.endpoint"},
		{"channel a number", "desk", `{"platform":"browser","pushChannel":7}`, 400, "pushChannel"},
		{"channel a string of something else", "desk", `{"platform":"browser","pushChannel":"https://x"}`, 400, "pushChannel"},
		{"unknown field in the channel", "desk", `{"platform":"browser","pushChannel":{"expirationTime":1}}`, 400, "pushChannel.expirationTime"},
		{"unknown field", "desk", with(`,"templates":{}`), 400, "templates"},
		{"other ID than the address", "desk", with(`,"installationId":"desk2"`), 400, "installationId"},
		{"ID with a blank", "a%20b", with(``), 400, "installationId"},
		{"long ID", strings.Repeat("a", 65), with(``), 400, "installationId"},
		{"control in the name", "desk", with(`,"name":"a\u0000"`), 400, "name"},
		{"plain endpoint elsewhere", "desk", other("endpoint", "http://push.example/x"), 400, "pushChannel.endpoint"},
		{"endpoint on this machine", "desk", other("endpoint", "https://127.0.0.1/x"), 400, "pushChannel.endpoint"},
		{"endpoint in the private network", "desk", other("endpoint", "https://10.0.0.1/x"), 400, "pushChannel.endpoint"},
		{"endpoint of the cloud's metadata", "desk", other("endpoint", "https://169.254.169.254/latest"), 400, "pushChannel.endpoint"},
		{"endpoint of this back end", "desk", other("endpoint", st.url+"/api/notifications"), 400, "pushChannel.endpoint"},
		{"endpoint not an address", "desk", other("endpoint", "x"), 400, "pushChannel.endpoint"},
		{"key not on the curve", "desk", other("p256dh", "BA"), 400, "pushChannel.p256dh"},
		{"secret too short", "desk", other("auth", "AA"), 400, "pushChannel.auth"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp, body := st.ask(http.MethodPut, "/api/installations/"+tt.path, anna.tokens.AccessToken, tt.body)
			if resp.StatusCode != tt.status || tt.field != "" && !strings.Contains(body, `"field":"`+tt.field+`"`) {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
		})
	}
}

func TestNoConfigurationGivesADeviceAnothersTag(t *testing.T) {
	st := newSite(t, func(c *Config) { c.Tags = regexp.MustCompile(``) })
	anna := st.addUser("anna")
	for _, tag := range []string{"username:ben", "USERNAME:ben", "u\u017fername:ben"} { // ſ and s differ in case only
		if _, err := anna.PutInstallation(t.Context(), st.push.device("desk", tag)); api.CodeOf(err) != api.CodeForbidden {
			t.Errorf("%s: %v", tag, err)
		}
	}
	st.addDevice(anna, "desk", "anything", "Username:Anna")
}

func manyTags(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"topic:%d"`, i+1)
	}
	return b.String()
}

func TestDeadDeviceIsToldToSubscribeAnew(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	st.addDevice(anna, "desk")
	st.push.gone.Store("desk", true)
	st.sendTo(anna, api.SendRequest{Payload: "x"})
	ctx := t.Context()
	st.waitUntilDead(st, "desk")
	if _, err := anna.Installation(ctx, "desk"); api.CodeOf(err) != api.CodeInstallationGone {
		t.Errorf("GET: %v", err)
	}
	if _, err := anna.PutInstallation(ctx, st.push.device("desk")); api.CodeOf(err) != api.CodeInstallationGone {
		t.Errorf("PUT of the dead endpoint: %v", err)
	}
	if _, err := anna.Test(ctx, "desk"); api.CodeOf(err) != api.CodeInstallationGone {
		t.Errorf("test push: %v", err)
	}
	again := st.push.device("desk-2")
	again.InstallationID = "desk"
	if _, err := anna.PutInstallation(ctx, again); err != nil {
		t.Fatalf("PUT of another endpoint: %v", err)
	}
	id := st.sendTo(anna, api.SendRequest{Payload: "y"})
	st.push.expect("desk-2 " + string(id))
}

func TestOldestDeviceMakesRoom(t *testing.T) {
	clock := newClock()
	st := newSite(t, func(c *Config) { c.Now = func() time.Time { clock.pass(time.Second); return clock.now() } })
	anna := st.addUser("anna")
	for i := range maxDevices + 1 {
		st.addDevice(anna, fmt.Sprint("desk-", i))
	}
	st.addDevice(anna, "desk-5") // not a new one
	bad := st.push.device("bad")
	bad.PushChannel.Endpoint = "https://127.0.0.1/"
	if _, err := anna.PutInstallation(t.Context(), bad); err == nil { // makes no room
		t.Error("a device that cannot be sent to is taken")
	}
	all, err := anna.Installations(t.Context())
	if err != nil || len(all) != maxDevices {
		t.Fatalf("%d devices, %v", len(all), err)
	}
	if _, err := st.store.Installation(t.Context(), anna.account, "desk-0"); err == nil {
		t.Error("the oldest is still there")
	}
	if _, err := st.store.Installation(t.Context(), anna.account, "desk-1"); err != nil {
		t.Error(err)
	}
}

func TestATestPushDoesNotReachAnIDThatDiffersInCaseOnly(t *testing.T) {
	st := newSite(t)
	anna, ben := st.addUser("anna"), st.addUser("ben")
	st.addDevice(anna, "desk")
	st.addDevice(ben, "DESK")
	res, err := anna.Test(t.Context(), "desk")
	if err != nil {
		t.Fatal(err)
	}
	id := st.sendTo(ben, api.SendRequest{Payload: "x"})
	st.push.expect("desk "+string(res.IDs[0]), "DESK "+string(id)) // and nothing else before that
	res, err = anna.Test(t.Context(), "desk")
	if err != nil {
		t.Fatal(err)
	}
	st.push.expect("desk " + string(res.IDs[0]))
}

func TestADeviceThatIsRemovedFromAnotherIsSignedOut(t *testing.T) {
	st := newSite(t)
	here := st.addUser("anna")
	lost, other := st.signIn("anna"), st.signIn("anna")
	for name, c := range map[string]*person{"desk": here, "lost": lost, "phone": other} {
		if _, err := c.PutInstallation(t.Context(), st.push.device(name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := here.DeleteInstallation(t.Context(), "lost"); err != nil {
		t.Fatal(err)
	}
	if _, err := lost.PutInstallation(t.Context(), st.push.device("lost")); api.CodeOf(err) != api.CodeUnauthorized {
		t.Errorf("the device registers itself again: %v", err)
	}
	if err := here.DeleteInstallation(t.Context(), "desk"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*person{here, other} {
		if _, err := c.Me(t.Context()); err != nil {
			t.Errorf("another sign-in ended: %v", err)
		}
	}
}
