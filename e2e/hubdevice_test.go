//go:build linux

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"securepush/api"
)

// deviceAt is device software of a person that keeps its installation at the hub itself.
type deviceAt struct {
	*testing.T
	http   *http.Client
	listen api.ListenToken
}

// ask makes a request with the device's token.
func (d *deviceAt) ask(method, address, body string) (status int, answer string) {
	d.Helper()
	req, err := http.NewRequestWithContext(d.Context(), method, address, strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	req.Header.Set("Authorization", d.listen.Token)
	resp, err := d.http.Do(req)
	if err != nil {
		d.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		d.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// want checks the status of an answer.
func (d *deviceAt) want(status int, method, address, body string) string {
	d.Helper()
	got, answer := d.ask(method, address, body)
	if got != status {
		d.Errorf("%s %s: %d %s, want %d", method, address, got, answer, status)
	}
	return answer
}

// installation is the document of a browser. tags are JSON texts, separated by commas.
func (h hubSite) installation(tags string) string {
	return fmt.Sprintf(`{"installationId":"dev-1","platform":"browser","pushChannel":{"endpoint":"%s/own","p256dh":%q,"auth":%q},"tags":[%s]}`,
		h.browsers.URL, h.browsers.keys.P256DH(), h.browsers.keys.Auth(), tags)
}

// texts are what a browser has got.
func (b *browsers) texts(name string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var texts []string
	for _, r := range b.got["/"+name] {
		texts = append(texts, r.Text)
	}
	return texts
}

func TestADeviceKeepsItsOwnInstallationAtTheHubAndNoOther(t *testing.T) {
	s := newServerStack(t)
	h := s.hubSite()
	key := s.accounts(h.data)
	s.must(password+"\n", "user", "add", "bob", "--data", h.data, "--password-stdin")
	client := trusting(t, h.caFile)
	person := func(name string) *api.Client {
		return s.person(&api.Client{Base: mustURL(s, h.url), HTTP: client}, name)
	}
	own, bob := person(user), person("bob")

	listen, err := own.ListenToken(t.Context(), "dev-1")
	if err != nil {
		t.Fatal(err)
	}
	if want := h.url + "/securepush/installations/dev-1?"; !strings.HasPrefix(listen.URL, want) {
		t.Fatalf("it is for %s", listen.URL)
	}
	d := &deviceAt{T: t, http: client, listen: listen}
	other := strings.Replace(listen.URL, "dev-1", "dev-2", 1)

	t.Log("its own it writes, reads and changes; whose it is and the person's tag it cannot choose")
	d.want(http.StatusOK, http.MethodPut, listen.URL, strings.Replace(h.installation(`"topic:a"`), "{", `{"userId":"bob",`, 1))
	var read struct {
		UserID string
		Tags   []string
	}
	if err := json.Unmarshal([]byte(d.want(http.StatusOK, http.MethodGet, listen.URL, "")), &read); err != nil {
		t.Fatal(err)
	}
	if read.UserID != user || !slices.Equal(read.Tags, []string{"topic:a", "username:" + user}) {
		t.Errorf("stored is %+v", read)
	}
	d.want(http.StatusForbidden, http.MethodPut, listen.URL, h.installation(`"username:bob"`))
	d.want(http.StatusForbidden, http.MethodPatch, listen.URL, `[{"op":"add","path":"/tags","value":"username:bob"}]`)
	d.want(http.StatusForbidden, http.MethodPut, listen.URL, h.installation(`"ward:7"`))
	d.want(http.StatusOK, http.MethodPatch, listen.URL, `[{"op":"remove","path":"/tags"},{"op":"add","path":"/tags","value":"topic:b"}]`)
	if err := json.Unmarshal([]byte(d.want(http.StatusOK, http.MethodGet, listen.URL, "")), &read); err != nil || !slices.Contains(read.Tags, "username:"+user) || slices.Contains(read.Tags, "topic:a") {
		t.Errorf("stored is %+v, %v", read, err)
	}

	t.Log("the token opens nothing else")
	hub := h.url + "/securepush"
	for _, request := range [][2]string{
		{http.MethodPut, other},
		{http.MethodGet, other},
		{http.MethodDelete, other},
		{http.MethodGet, hub + "/registrations"},
		{http.MethodPost, hub + "/registrations"},
		{http.MethodPost, hub + "/registrationids"},
		{http.MethodPost, hub + "/messages"},
		{http.MethodGet, hub + "/tags/username:bob/registrations"},
		{http.MethodGet, hub + "/feedbackcontainer"},
	} {
		d.want(http.StatusUnauthorized, request[0], request[1], "")
	}
	if _, err := bob.ListenToken(t.Context(), "dev-1"); api.CodeOf(err) != api.CodeNotFound {
		t.Errorf("somebody else asks for a token for it: %v", err)
	}

	t.Log("a send reaches it, as it does every device of the person")
	id := s.post(h, own.Base.String(), key)
	s.until("the push", func() bool { return len(h.browsers.texts("own")) == 1 })
	if got := h.browsers.texts("own")[0]; got != `{"id":"`+id+`"}` {
		t.Errorf("it got %s", got)
	}
	devices, err := own.Installations(t.Context())
	if err != nil || len(devices) != 1 || devices[0].InstallationID != "dev-1" {
		t.Errorf("the person's devices are %+v, %v", devices, err)
	}

	t.Log("the token ends with the right to sign in")
	s.must("", "user", "disable", user, "--data", h.data)
	for _, method := range []string{http.MethodPut, http.MethodGet, http.MethodDelete} {
		d.want(http.StatusNotFound, method, listen.URL, h.installation(""))
	}
}

// post sends a notification to the person and returns its ID.
func (s *stack) post(h hubSite, address, key string) string {
	s.Helper()
	c := &api.Client{Base: mustURL(s, address), HTTP: trusting(s.T, h.caFile), Tokens: fixed(key)}
	sent, err := c.Send(s.Context(), api.SendRequest{To: api.Recipients{user}, Title: title, Payload: payload, Sender: sender}, "")
	if err != nil {
		s.Fatal(err)
	}
	return string(sent.IDs[0])
}
