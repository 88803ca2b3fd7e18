package backend

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"securepush/api"
	"securepush/backend/hub/record"
)

// atHub asks the hub with a listen token.
func (st *site) atHub(method string, token api.ListenToken, path, body string) (int, string) {
	st.t.Helper()
	u := token.URL
	if path != "" {
		u = st.url + path
	}
	req, err := http.NewRequestWithContext(st.t.Context(), method, u, strings.NewReader(body))
	if err != nil {
		st.t.Fatal(err)
	}
	req.Header.Set("Authorization", token.Token)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		st.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		st.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// document is a device as it registers at the hub itself.
func (st *site) document(device string, more string) string {
	return `{"installationId":"` + device + `","platform":"browser","pushChannel":` + channelJSON(st.push.device(device)) + more + `}`
}

func listenTokenFor(t *testing.T, p *person, id string) api.ListenToken {
	t.Helper()
	token, err := p.ListenToken(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestADeviceRegistersItselfAtTheHub(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	token := listenTokenFor(t, anna, "desk")
	if left := time.Until(token.ExpiresAt); left < 50*time.Minute || left > listenLife {
		t.Errorf("good for %v", left)
	}
	if code, body := st.atHub(http.MethodPut, token, "", st.document("desk", `,"userId":"ben","tags":["topic:lunch"],"templates":{"topic:t":{"body":"{\"id\":\"$(id)\"}"}}`)); code != http.StatusOK {
		t.Fatalf("PUT: %d %s", code, body)
	}
	code, body := st.atHub(http.MethodGet, token, "", "")
	var got struct {
		UserID string   `json:"userId"`
		Tags   []string `json:"tags"`
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || code != http.StatusOK || got.UserID != "anna" ||
		strings.Join(got.Tags, " ") != "topic:lunch username:anna" || !strings.Contains(body, `"templates"`) {
		t.Fatalf("GET: %d %s", code, body)
	}
	st.push.expect("desk " + string(st.sendTo(anna, api.SendRequest{Payload: "x"})))
	if in, err := anna.Installation(t.Context(), "desk"); err != nil || in.UserID != "anna" || len(in.Tags) != 2 {
		t.Errorf("at the back end: %+v %v", in, err)
	}
	if code, body := st.atHub(http.MethodPatch, token, "", `[{"op":"add","path":"/tags","value":"topic:alarm"},{"op":"replace","path":"/userId","value":"ben"}]`); code != http.StatusOK {
		t.Errorf("PATCH: %d %s", code, body)
	}
	if in, err := anna.Installation(t.Context(), "desk"); err != nil || in.UserID != "anna" || !strings.Contains(strings.Join(in.Tags, " "), "topic:alarm") {
		t.Errorf("after the PATCH: %+v %v", in, err)
	}
}

func TestAListenTokenOpensOneInstallationAndNothingElse(t *testing.T) {
	st := newSite(t)
	anna, ben := st.addUser("anna"), st.addUser("ben")
	st.addDevice(ben, "bens")
	token := listenTokenFor(t, anna, "desk")
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
	}{
		{"another's device", http.MethodGet, "/securepush/installations/bens", "", 401},
		{"another of one's own", http.MethodPut, "/securepush/installations/phone", st.document("phone", ""), 401},
		{"a deeper path", http.MethodGet, "/securepush/installations/desk/x", "", 404},
		{"a registration", http.MethodPost, "/securepush/registrations", "<entry/>", 401},
		{"a send", http.MethodPost, "/securepush/messages", "{}", 401},
		{"all registrations", http.MethodGet, "/securepush/registrations", "", 401},
		{"another's tag", http.MethodPut, "", st.document("desk", `,"tags":["username:ben"]`), 403},
		{"another's tag in capitals", http.MethodPut, "", st.document("desk", `,"tags":["USERNAME:ben"]`), 403},
		{"a tag that is not allowed", http.MethodPut, "", st.document("desk", `,"tags":["ward:7"]`), 403},
		{"another's tag as that of a template", http.MethodPut, "", st.document("desk", `,"templates":{"topic:t":{"body":"{}","tags":["username:ben"]}}`), 403},
		{"another's tag as the name of a template", http.MethodPut, "", st.document("desk", `,"templates":{"username:ben":{"body":"{}"}}`), 403},
		{"an address in the network of the server", http.MethodPut, "", `{"installationId":"desk","platform":"browser","pushChannel":{"endpoint":"https://10.0.0.1/","p256dh":"x","auth":"y"}}`, 400},
		{"another platform", http.MethodPut, "", `{"installationId":"desk","platform":"apns","pushChannel":"ABCD"}`, 400},
	} {
		if code, body := st.atHub(tt.method, token, tt.path, tt.body); code != tt.status {
			t.Errorf("%s: %d %s, want %d", tt.name, code, body, tt.status)
		}
	}
	for _, id := range []string{"", ".", "..", "a/b", "ä"} {
		if _, err := anna.ListenToken(t.Context(), id); api.CodeOf(err) != api.CodeInvalidField {
			t.Errorf("a token for %q: %v", id, err)
		}
	}
	if _, err := anna.ListenToken(t.Context(), "bens"); api.CodeOf(err) != api.CodeNotFound {
		t.Errorf("a token for another's device: %v", err)
	}
	if all, err := anna.Installations(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("something was stored all the same: %+v %v", all, err)
	}
}

func TestAListenTokenEndsWithTheAccount(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	token := listenTokenFor(t, anna, "desk")
	if code, body := st.atHub(http.MethodPut, token, "", st.document("desk", "")); code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	if err := st.admin.SetDisabled(t.Context(), "anna", true); err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		if code, body := st.atHub(method, token, "", st.document("desk", "")); code < 400 || code >= 500 {
			t.Errorf("%s after the account was disabled: %d %s", method, code, body)
		}
	}
}

func TestADeadChannelIsToldToADeviceAtTheHub(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	token := listenTokenFor(t, anna, "desk")
	if code, body := st.atHub(http.MethodPut, token, "", st.document("desk", "")); code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	st.push.gone.Store("desk", true)
	st.sendTo(anna, api.SendRequest{Payload: "x"})
	st.waitUntilDead(st, "desk")
	if code, body := st.atHub(http.MethodPut, token, "", st.document("desk", "")); code != http.StatusGone {
		t.Errorf("PUT of a dead channel: %d %s", code, body)
	}
	if code, body := st.atHub(http.MethodPut, token, "", strings.Replace(st.document("desk-2", ""), `"desk-2"`, `"desk"`, 1)); code != http.StatusOK {
		t.Errorf("PUT of a new channel: %d %s", code, body)
	}
}

// waitUntilDead waits until a hub has heard that a device's channel is dead.
func (st *site) waitUntilDead(hub *site, id string) {
	st.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		in, err := hub.store.HubInstallation(st.t.Context(), id)
		if err != nil {
			st.t.Fatal(err)
		}
		if in.Expired {
			return
		}
	}
	st.t.Fatal("the hub does not know the channel as dead")
}

func TestDevicesThatRegisterAtTheHubMakeRoomToo(t *testing.T) {
	clock := newClock()
	st := newSite(t, func(c *Config) { c.Now = func() time.Time { clock.pass(10 * time.Millisecond); return clock.now() } })
	anna := st.addUser("anna")
	for i := range maxDevices + 1 {
		id := fmt.Sprint("desk-", i)
		if code, body := st.atHub(http.MethodPut, listenTokenFor(t, anna, id), "", st.document(id, "")); code != http.StatusOK {
			t.Fatalf("%d %s", code, body)
		}
	}
	all, err := anna.Installations(t.Context())
	if err != nil || len(all) != maxDevices {
		t.Errorf("%d devices, %v", len(all), err)
	}
	if _, err := st.store.HubInstallation(t.Context(), "desk-0"); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("the oldest is still at the hub: %v", err)
	}
}

func TestWhatTheHubRefusesDoesNotStandInTheDirectory(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	token := listenTokenFor(t, anna, "desk")
	if code, body := st.atHub(http.MethodPut, token, "", st.document("desk", `,"expirationTime":"2001-01-01T00:00:00Z"`)); code != http.StatusBadRequest {
		t.Fatalf("%d %s", code, body)
	}
	if all, err := anna.Installations(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
}

func TestADeviceThatLeavesTheHubLeavesTheDirectory(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	token := listenTokenFor(t, anna, "desk")
	if code, body := st.atHub(http.MethodPut, token, "", st.document("desk", "")); code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	if code, body := st.atHub(http.MethodDelete, token, "", ""); code != http.StatusNoContent {
		t.Fatalf("%d %s", code, body)
	}
	if all, err := anna.Installations(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
	if code, body := st.atHub(http.MethodDelete, token, "", ""); code != http.StatusNoContent {
		t.Errorf("again: %d %s", code, body)
	}
	if code, body := st.atHub(http.MethodPut, token, "", st.document("desk", "")); code != http.StatusOK {
		t.Errorf("%d %s", code, body)
	}
}

func TestTheEmbeddedHubKeepsWhatItHasWhenTheAddressChanges(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	if code, body := st.atHub(http.MethodPut, listenTokenFor(t, anna, "desk"), "", st.document("desk", `,"templates":{"topic:t":{"body":"{}"}}`)); code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	again, err := Open(t.Context(), Config{PublicURL: mustURL(t, "https://elsewhere.example"), DataDir: st.dir, HubName: "other"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if err := again.registrar.settleAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if in, err := again.store.HubInstallation(t.Context(), "desk"); err != nil || !strings.Contains(string(in.Document), "topic:t") {
		t.Errorf("the hub has %s, %v", in.Document, err)
	}
}

func TestAListenTokenEndsWithTheSignInThatAskedForIt(t *testing.T) {
	for name, end := range map[string]func(*site, *person) error{
		"signed out": func(_ *site, p *person) error { return p.Revoke(t.Context(), api.NewSecret(p.tokens.RefreshToken), "") },
		"new password": func(st *site, _ *person) error {
			return st.admin.SetPassword(t.Context(), "anna", api.NewSecret("another horse battery"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t)
			anna := st.addUser("anna")
			token := listenTokenFor(t, anna, "desk")
			if code, body := st.atHub(http.MethodPut, token, "", st.document("desk", "")); code != http.StatusOK {
				t.Fatalf("%d %s", code, body)
			}
			if err := end(st, anna); err != nil {
				t.Fatal(err)
			}
			for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
				if code, body := st.atHub(method, token, "", st.document("desk", "")); code < 400 || code >= 500 {
					t.Errorf("%s: %d %s", method, code, body)
				}
			}
		})
	}
}

func TestAListenTokenIsForAnyIDThatADeviceMayHave(t *testing.T) {
	st := newSite(t)
	const id = "Desk#1:a=@.b"
	body := strings.Replace(st.document("desk", ""), `"desk"`, `"`+id+`"`, 1)
	if code, body := st.atHub(http.MethodPut, listenTokenFor(t, st.addUser("anna"), id), "", body); code != http.StatusOK {
		t.Errorf("%d %s", code, body)
	}
}

func TestAHubOfAnotherNameCannotBeToldFromAWrongKey(t *testing.T) {
	st := newSite(t)
	wrong := api.ListenToken{Token: "SharedAccessSignature sr=https%3A%2F%2F127.0.0.1%2F&sig=AAAA&se=9999999999&skn=DefaultFullSharedAccessSignature"}
	for _, path := range []string{"/other/messages", "/securepush/messages"} {
		code, body := st.atHub(http.MethodPost, wrong, path, "{}")
		if code != http.StatusUnauthorized || !strings.Contains(body, "<Error><Code>401</Code><Detail>InvalidSignature: The token has an invalid signature.") {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	if code, body := st.atHub(http.MethodGet, api.ListenToken{}, "/other/messages", ""); code != http.StatusNotFound || !strings.HasPrefix(body, "{") {
		t.Errorf("a stranger without such a token: %d %s", code, body)
	}
}
