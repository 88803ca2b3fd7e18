package hub

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
)

// bare is a request without a token.
func (s *sending) bare(address string) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, address, nil)
	check(s.t, err)
	return s.do(req)
}

func TestFeedbackIsReadByItsURLAlone(t *testing.T) {
	s := newSending(t)
	const records = feedbackPage + 20
	yesterday := time.Now().Add(-24 * time.Hour)
	for i := range records {
		name := fmt.Sprintf("d%04d", i)
		s.devices("x", name)
		check(t, s.store.ExpireHandle(t.Context(), record.Feedback{
			Time: yesterday, Platform: record.Browser, Handle: "https://push.example/" + name, Notification: "n-1", Error: "ExpiredChannel",
		}))
	}
	r := s.call("GET", "/feedbackcontainer?api-version=2020-06", nil, "").want(t, 200)
	if !strings.HasPrefix(r.body, "https://hub.example/hub1/feedback?") || r.Header.Get("Content-Type") != "application/xml; charset=utf-8" {
		t.Fatalf("%q", r.body)
	}
	container := must(url.Parse(r.body))(t)
	list := s.bare(r.body+"&restype=container&comp=list").want(t, 200)
	var days blobList
	check(t, xml.Unmarshal([]byte(list.body), &days))
	name := yesterday.UTC().Format("2006-01-02") + ".txt"
	if len(days.Blobs) != 1 || days.Blobs[0].Name != name {
		t.Fatalf("days: %s", list.body)
	}
	day := *container
	day.Path += "/" + name
	lines := strings.Split(strings.TrimSuffix(s.bare(day.String()).want(t, 200).body, "\n"), "\n")
	if len(lines) != records {
		t.Fatalf("%d records", len(lines))
	}
	seen := map[string]bool{}
	for _, line := range lines {
		var f struct {
			XMLName                                            xml.Name `xml:"PnsFeedback"`
			NotificationSystemError, PnsHandle, RegistrationId string
		}
		check(t, xml.Unmarshal([]byte(line), &f))
		if f.NotificationSystemError != "ExpiredChannel" || "r-"+strings.TrimPrefix(f.PnsHandle, "https://push.example/") != f.RegistrationId {
			t.Fatalf("%s", line)
		}
		seen[f.RegistrationId] = true
	}
	if len(seen) != records {
		t.Errorf("%d different ones", len(seen))
	}
	for _, other := range []string{"2020-01-01.txt", "nothing", "2020-13-01"} {
		day.Path = container.Path + "/" + other
		s.bare(day.String()).want(t, 404)
	}
	s.call("GET", "/feedback/"+name, nil, "").want(t, 200) // by a header, too
}

func TestAFeedbackURLOpensNothingElse(t *testing.T) {
	now := time.Now()
	s := newSending(t, func(o *Options, _ *delivery.Options) { o.Now = func() time.Time { return now } })
	address := s.call("GET", "/feedbackcontainer", nil, "").want(t, 200).body
	token := address[strings.IndexByte(address, '?')+1:]
	s.bare(address).want(t, 200)
	for _, path := range []string{"/feedbackcontainer", "/registrations", "/messages/x", "/jobs"} {
		s.bare("https://hub.example/hub1"+path+"?"+token).want(t, 401)
		req := must(http.NewRequestWithContext(t.Context(), "GET", "https://hub.example/hub1"+path, nil))(t)
		req.Header.Set("Authorization", "SharedAccessSignature "+token)
		s.do(req).want(t, 401)
	}
	s.bare("https://hub.example/hub1/feedback").want(t, 401)
	s.bare(strings.Replace(address, "sig=", "sig=A", 1)).want(t, 401)
	send := record.Rule{Name: "OnlySend", Rights: record.Send, Primary: record.NewRuleKey(), Secondary: record.NewRuleKey()}
	check(t, s.store.AddHubRule(t.Context(), send))
	s.as(send, "GET", "/feedbackcontainer", nil, "").want(t, 401)
	now = now.Add(feedbackTime + 2*time.Second)
	s.bare(address).want(t, 401)
}
