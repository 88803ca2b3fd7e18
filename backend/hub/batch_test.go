package hub

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"securepush/backend/hub/record"
)

// jsBatch is a batch as Azure's client for JavaScript writes it: spaces around "=", nothing behind the last delimiter.
func jsBatch(notification, devices string) (contentType, body string) {
	const boundary = "nh-boundary-9f999c73-164c-4585-a43b-a9cdc6604814"
	lines := []string{
		"--" + boundary, "Content-type: application/json;charset=utf-8", "Content-Disposition: inline; name=notification", "", notification,
		"--" + boundary, "Content-type: application/json", "Content-Disposition: inline; name=devices", "", devices, "--" + boundary + "--",
	}
	return `multipart/mixed; boundary = "` + boundary + `"`, strings.Join(lines, "\r\n")
}

// netBatch is one as .NET and Java write it.
func netBatch(notification, devices string) (contentType, body string) {
	const boundary = "nh-batch-multipart-boundary"
	part := func(name, text string) string {
		return "--" + boundary + "\r\nContent-Type: application/json; charset=utf-8\r\nContent-Disposition: inline; name=" + name + "\r\n\r\n" + text + "\r\n"
	}
	return `multipart/mixed; boundary="` + boundary + `"`, part("notification", notification) + part("devices", devices) + "--" + boundary + "--\r\n"
}

func TestABatchReachesItsHandles(t *testing.T) {
	s := newSending(t)
	s.devices("x", "other")
	object := func(device string) string {
		return fmt.Sprintf(`{"endpoint":"https://push.example/%s","p256dh":%q,"auth":%q}`, device, s.service.keys.P256DH(), s.service.keys.Auth())
	}
	quoted := string(must(json.Marshal(object("b")))(t))
	devices := "[" + object("a") + "," + quoted + "," + object("a") + "]"
	for name, write := range map[string]func(string, string) (string, string){"js": jsBatch, ".NET": netBatch} {
		t.Run(name, func(t *testing.T) {
			contentType, body := write(`{"id":"7"}`, devices)
			r := s.call("POST", "/messages/$batch?api-version=2017-04&direct=true", map[string]string{headerFormat: "Browser", "Content-Type": contentType}, body).want(t, 201)
			path := s.path(r)
			if !strings.HasPrefix(path, "/messages/$batch/") || !strings.HasSuffix(path, "?api-version=2017-04&direct") {
				t.Errorf("Location …%s", path)
			}
			d := s.ended(path)
			if d.Browser.of("Success") != 2 || d.Browser.of("Skipped") != 1 || d.Browser.total() != 3 {
				t.Errorf("told %+v", d)
			}
			if again := s.details("/messages/" + d.NotificationID); again.State != "Completed" {
				t.Errorf("by its ID alone: %+v", again)
			}
		})
	}
	if got := s.service.devices(); !slices.Equal(got, []string{"a", "a", "b", "b"}) {
		t.Errorf("sent to %v", got)
	}
	contentType, body := jsBatch(`{"aps":{}}`, `["AB","CD"]`)
	d := s.ended(s.path(s.call("POST", "/messages/$batch?direct", map[string]string{headerFormat: "apple", "Content-Type": contentType}, body).want(t, 201)))
	if d.Apple.of("InvalidCredentials") != 2 {
		t.Errorf("apple: %+v", d)
	}
}

func TestABadBatchIsRefused(t *testing.T) {
	s := newSending(t)
	many := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat(`"AB",`, n), ",") + "]" }
	good, _ := jsBatch("", "")
	for _, c := range []struct {
		name, contentType, notification, devices string
		status                                   int
	}{
		{"1000 handles", "", "{}", many(1000), 201},
		{"1001 handles", "", "{}", many(1001), 400},
		{"no handle", "", "{}", "[]", 400},
		{"an empty handle", "", "{}", `["AB",""]`, 400},
		{"a handle that is none", "", "{}", `["AB",null]`, 400},
		{"an object as a handle", "", "{}", `[{"endpoint":"https://push.example/a","p256dh":"x","auth":"y"}]`, 400},
		{"single quotes", "", "{}", `['AB']`, 400},
		{"a notification of 64 KB and a byte", "", strings.Repeat("x", 64<<10+1), `["AB"]`, 413},
		{"handles of more than 4 MB", "", "{}", `["` + strings.Repeat("A", 5<<20) + `"]`, 413},
		{"a handle of more than 4 KB", "", "{}", `["` + strings.Repeat("A", 5<<10) + `"]`, 400},
		{"no content type", "none", "{}", `["AB"]`, 400},
		{"no boundary", "multipart/mixed", "{}", `["AB"]`, 400},
		{"another boundary", "multipart/mixed; boundary=x", "{}", `["AB"]`, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, body := jsBatch(c.notification, c.devices)
			contentType := c.contentType
			if contentType == "" {
				contentType = good
			}
			if contentType == "none" {
				contentType = ""
			}
			s.call("POST", "/messages/$batch?direct", map[string]string{headerFormat: "apple", "Content-Type": contentType}, body).want(t, c.status)
		})
	}
	_, whole := jsBatch("{}", `["AB"]`)
	for name, body := range map[string]string{
		"without the notification": strings.Replace(whole, "name=notification", "name=other", 1),
		"without the devices":      strings.Replace(whole, "name=devices", "name=other", 1),
		"with devices twice":       strings.Replace(whole, "name=notification", "name=devices", 1),
		"with devices once more":   strings.TrimSuffix(whole, "--") + "\r\nContent-Disposition: inline; name=devices\r\n\r\n[\"EF\"]\r\n" + whole[:strings.Index(whole, "\r\n")] + "--",
		"cut off":                  whole[:len(whole)-20],
		"empty":                    "",
	} {
		t.Run(name, func(t *testing.T) {
			s.call("POST", "/messages/$batch?direct", map[string]string{headerFormat: "apple", "Content-Type": good}, body).want(t, 400)
		})
	}
}

func FuzzReadBatch(f *testing.F) {
	for _, write := range []func(string, string) (string, string){jsBatch, netBatch} {
		contentType, body := write(`{"id":"7"}`, `["a",{"endpoint":"e","p256dh":"p","auth":"a"},"{\"endpoint\":\"e\",\"p256dh\":\"p\",\"auth\":\"a\"}"]`)
		f.Add(contentType, []byte(body), "browser")
		f.Add(contentType, []byte(body), "apple")
		contentType, body = write("", `["a","b"]`)
		f.Add(contentType, []byte(body), "apple")
	}
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\n\r\n--x--"), "gcm")
	f.Fuzz(func(t *testing.T, contentType string, body []byte, format string) {
		text, handles, err := readBatch(contentType, body, format)
		if err != nil {
			if f := asFailure(err); f.status != 400 || f.text == "" {
				t.Fatalf("%v", err)
			}
			return
		}
		if len(text) > len(body) || len(handles) == 0 || len(handles) > maxBatch {
			t.Fatalf("%d bytes, %d handles", len(text), len(handles))
		}
		if slices.ContainsFunc(handles, func(h record.Handle) bool { return checkHandle(h, format) != nil }) {
			t.Fatal("a handle that cannot be sent to")
		}
	})
}
