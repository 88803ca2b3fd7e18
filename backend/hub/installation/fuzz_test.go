package installation

import (
	"errors"
	"strings"
	"testing"

	"securepush/backend/hub/tagexpr"
)

var seeds = []string{
	browserDocument, tileDocument, withTags(tags(60), `["x"]`, 2), `{`, `[]`, `null`,
	`{"installationId":"i","platform":"browser","pushChannel":"{\"endpoint\":\"e\",\"p256dh\":\"p\",\"auth\":\"a\"}","userID":"u"}`,
	`{"installationId":"I","platform":"APNS","pushChannel":"ab","expirationTime":"2026-02-19T17:54+0000","pushVariables":{"a":"\u2028<&>"}}`,
	`{"installationId":"i","platform":"baidu","pushChannel":"-a-b","templates":{"a b":{"body":"{}","tags":["A B",null],"expiry":"$(x)"}}}`,
	`{"installationId":"i","platform":"wns","pushChannel":"x","templates":{"t":{"body":"any","headers":{"X-WNS-Type":"wns/raw"}}}}`,
	"{\"installationId\":\"i\",\"platform\":\"gcm\",\"pushChannel\":\"\xff\"}", `{"installationId":"i","platform":"gcm","pushChannel":"\ud800"}`,
	`{"installationId":"i","platform":"gcm","pushChannel":"x","templates":{"$UserId:{bob}":{"body":"{}"}},"tags":["$UserId:{bob}"]}`,
	`{"installationId":"i","platform":"gcm","pushChannel":"x","x":[[[[[[[[{"a":{"a":{"a":1}}}]]]]]]]]}`,
}

// mustHold checks what is true of every document there is.
func mustHold(t *testing.T, d *Document) {
	t.Helper()
	text := string(d.Encode(false))
	again, err := Decode(d.ID(), []byte(text))
	if err != nil {
		t.Fatalf("refused when sent back: %v\n%s", err, text)
	}
	if string(again.Encode(false)) != text || !again.SameChannel(d) {
		t.Fatalf("sent back, it becomes\n%s\nnot\n%s", again.Encode(false), text)
	}
	all, err := d.Registrations()
	if err != nil || len(all) == 0 || len(all) > 1+maxForms {
		t.Fatalf("%d registrations: %v", len(all), err)
	}
	slots := map[string]bool{}
	for _, r := range all {
		if slots[r.Slot] || r.Installation != d.ID() || strings.TrimSpace(r.Handle) == "" {
			t.Fatalf("a registration that cannot be: %+v", r)
		}
		slots[r.Slot] = true
		for _, tag := range r.Tags {
			if strings.HasPrefix(tag, "$") && tag != tagexpr.InstallationTag(d.ID()) && (d.UserID() == "" || tag != tagexpr.UserTag(d.UserID())) {
				t.Fatalf("the client has given itself the tag %q", tag)
			}
			if strings.Contains(tag, ",") {
				t.Fatalf("the tag %q reads like two", tag)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := Decode("i", body)
		if err == nil {
			mustHold(t, d)
		} else if _, ok := errors.AsType[*Error](err); !ok || d != nil {
			t.Fatalf("refused with %v", err)
		}
	})
}

func FuzzPatch(f *testing.F) {
	for _, operation := range []string{
		``, `{"op":"add","path":"/tags","value":"sport"},{"op":"remove","path":"/tags/news"}`,
		`{"op":"replace","path":"/pushChannel","value":"newchan"}`, `{"op":"replace","path":"/pushChannel","value":{"endpoint":"E","p256dh":"P","auth":"A"}}`,
		`{"op":"add","path":"/pushChannel","value":"{\"endpoint\":\"E\",\"p256dh\":\"P\",\"auth\":\"A\"}"}`, `{"op":"remove","path":"/userId","value":null}`,
		`{"op":"add","path":"/templates/t2","value":"{\"body\":\"{\\\"data\\\":{}}\"}"}`, `{"op":"add","path":"/templates/a~1b/tags","value":"[\"x\"]"}`,
		`{"op":"ADD","path":"/templates/t1/headers","value":"{\"a\":\"b\"}"}`, `{"op":"replace","path":"/templates/t1/expiry","value":"$(x)"}`,
		`{"op":"add","path":"/secondaryTiles/s/templates/t/body","value":"<x/>"}`, `{"op":"remove","path":"/secondaryTiles/s"}`,
		`{"op":"add","path":"/templates/$UserId:{bob}","value":{"body":"{}"}}`, `{"op":"add","path":"/secondaryTiles/~01/pushChannel","value":"x"}`,
		`{"op":"add","path":"//","value":""}`, `{"op":"add","path":"","value":""}`, `{"op":"add","path":"/tags","value":""}`,
	} {
		f.Add(true, []byte("["+operation+"]"))
		f.Add(false, []byte("["+operation+"]"))
	}
	f.Fuzz(func(t *testing.T, browser bool, body []byte) {
		document := tileDocument
		if browser {
			document = browserDocument
		}
		d := decode(t, "i", document)
		before := string(d.Encode(false))
		changed, err := d.Patch(body)
		if string(d.Encode(false)) != before {
			t.Fatalf("the document itself has changed to %s", d.Encode(false))
		}
		if err == nil {
			mustHold(t, changed)
		} else if _, ok := errors.AsType[*Error](err); !ok || changed != nil {
			t.Fatalf("refused with %v", err)
		}
	})
}
