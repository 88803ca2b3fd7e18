package hub

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
)

// tested is the answer to a test send.
type tested struct {
	XMLName xml.Name `xml:"http://schemas.microsoft.com/netservices/2010/10/servicebus/connect NotificationOutcome"`
	Success int
	Failure int
	Results []testedOne `xml:"Results>RegistrationResult"`
}

type testedOne struct{ ApplicationPlatform, PnsHandle, RegistrationId, Outcome string }

func (s *sending) test(path string, header map[string]string) (tested, reply) {
	s.t.Helper()
	r := s.call("POST", path, header, `{"id":"7"}`).want(s.t, 201)
	var out tested
	if err := xml.Unmarshal([]byte(r.body), &out); err != nil {
		s.t.Fatalf("%v in %s", err, r.body)
	}
	return out, r
}

func TestATestSendTellsAtOnceWhatCameOfIt(t *testing.T) {
	s := newSending(t)
	s.service.answer = func(device string) int {
		status, _ := strconv.Atoi(device)
		return status
	}
	win := record.Registration{ID: "w", Platform: record.Windows, Handle: "https://wns.example/1", Tags: []string{"x"}}
	s.register(s.browser("201", "x"), s.browser("410", "x"), s.browser("503", "x"), s.browser("400", "y"), win)
	out, r := s.test("/messages/?api-version=2020-06&test=true", map[string]string{headerFormat: "browser", headerTags: "x"})
	words := map[string]string{}
	for _, one := range out.Results {
		words[one.RegistrationId] = one.Outcome
		if one.ApplicationPlatform != "browser" || one.PnsHandle != "https://push.example/"+strings.TrimPrefix(one.RegistrationId, "r-") {
			t.Errorf("%+v", one)
		}
	}
	if out.Success != 1 || out.Failure != 2 || len(words) != 3 ||
		words["r-201"] != "The Notification was successfully sent to the Push Notification System" ||
		!strings.Contains(words["r-410"], "(ExpiredChannel)") || !strings.Contains(words["r-503"], "(PnsUnavailable)") {
		t.Errorf("%s", r.body)
	}
	if d := s.details(s.path(r)); d.State != "Completed" || d.Browser.total() != 3 || d.Browser.of("ExpiredChannel") != 1 {
		t.Errorf("told %+v", d)
	}
	if _, err := s.store.Registration(t.Context(), "r-410"); err == nil {
		t.Error("the dead handle is still there")
	}
	out, _ = s.test("/messages?test", map[string]string{headerFormat: "windows", headerTags: "x"})
	if out.Failure != 1 || !strings.Contains(out.Results[0].Outcome, "no credential") {
		t.Errorf("windows: %+v", out)
	}
	if _, r = s.test("/messages?test", map[string]string{headerFormat: "browser", headerTags: "undefined"}); !strings.Contains(r.body, "<Results/>") {
		t.Errorf("nobody: %s", r.body)
	}
	direct := map[string]string{headerFormat: "browser", headerHandle: "https://push.example/201", "P256DH": s.service.keys.P256DH(), "Auth": s.service.keys.Auth()}
	if out, _ = s.test("/messages?direct&test", direct); out.Success != 1 || len(out.Results) != 1 {
		t.Errorf("direct: %+v", out)
	}
}

func TestATestSendGoesToTenAtRandom(t *testing.T) {
	s := newSending(t)
	const devices = targetPage + 30
	for i := range devices {
		s.register(s.browser(fmt.Sprintf("d%05d", i), "x"))
	}
	chosen := map[string]bool{}
	for range maxTests {
		out, _ := s.test("/messages?test", map[string]string{headerFormat: "browser", headerTags: "x"})
		if out.Success != maxTested || len(out.Results) != maxTested {
			t.Fatalf("%+v", out)
		}
		for _, one := range out.Results {
			chosen[one.RegistrationId] = true
		}
	}
	if len(chosen) < 60 { // of 100 draws out of 530
		t.Errorf("only %d devices were ever chosen", len(chosen))
	}
	r := s.call("POST", "/messages?test", map[string]string{headerFormat: "browser", headerTags: "x"}, "7").want(t, http.StatusTooManyRequests)
	if n, err := strconv.Atoi(r.Header.Get("Retry-After")); err != nil || n < 1 || n > 60 {
		t.Errorf("Retry-After %q", r.Header.Get("Retry-After"))
	}
}

func TestTestSendsAreTenAMinuteForEachRule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQuota(time.Now)
		for range maxTests {
			if wait := q.take("a"); wait != 0 {
				t.Fatal(wait)
			}
			<-time.After(time.Second)
		}
		if wait := q.take("a"); wait != 50*time.Second {
			t.Errorf("the eleventh waits %v", wait)
		}
		if wait := q.take("b"); wait != 0 {
			t.Errorf("another rule waits %v", wait)
		}
		<-time.After(50 * time.Second)
		if wait := q.take("a"); wait != 0 {
			t.Errorf("a minute later: %v", wait)
		}
	})
}

func TestATestSendEndsBeforeItsClientGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs := func(_ *Options, d *delivery.Options) { d.HTTP = hanging{} }
		s := newSending(t, hangs)
		s.devices("x", "a", "b")
		start := time.Now()
		out, _ := s.test("/messages?test", map[string]string{headerFormat: "browser", headerTags: "x"})
		if took := time.Since(start); out.Failure != 2 || took >= 20*time.Second || !strings.Contains(out.Results[0].Outcome, "(PnsUnreachable)") {
			t.Errorf("%+v after %v", out, took)
		}
	})
}

// hanging is a push service that does not answer.
type hanging struct{}

func (hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}
