package hubclient

import (
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func body(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }

// FuzzDetail shows that a hub's words fit a line, whatever it sends.
func FuzzDetail(f *testing.F) {
	for _, s := range []string{
		"", "<Error/>", "<Error><Code>401</Code><Detail>InvalidSignature: The token has an invalid signature..TrackingId:x</Detail></Error>",
		"<Error><Detail>a\nb&#10;\xff</Detail><Detail>c</Detail></Error>", "<html>", `<!DOCTYPE a [<!ENTITY x "y">]><Error><Detail>&x;</Detail></Error>`,
		"<Error><Detail>SharedAccessSignature sr=x&amp;sig=y</Detail></Error>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s := detail(b)
		if !utf8.ValidString(s) || utf8.RuneCountInString(s) > maxDetail+1 || strings.ContainsFunc(s, unicode.IsControl) || strings.Contains(s, "SharedAccessSignature") {
			t.Errorf("%q: %q", b, s)
		}
	})
}

// FuzzInstallation shows that any answer is read or refused.
func FuzzInstallation(f *testing.F) {
	for _, s := range []string{
		`{"installationId":"dev-1","pushChannel":{"endpoint":"https://push.example/abc","p256dh":"BPUB","auth":"AUTH"},"pushChannelExpired":true}`,
		`{"pushChannel":"{\"endpoint\":\"e\"}"}`, `{"pushChannel":"\"{}\""}`, `{"pushChannel":null,"tags":[null]}`, `[]`, `null`,
	} {
		f.Add([]byte(s), "https://h/hub1/messages/1-2?a")
	}
	f.Fuzz(func(t *testing.T, b []byte, location string) {
		in, err := decodeInstallation(b)
		if err != nil && (in.ID != "" || len(err.Error()) > 100) {
			t.Errorf("%q: %v %v", b, in, err)
		}
		if id := lastSegment(location); strings.Contains(id, "/") {
			t.Errorf("%q: %q", location, id)
		}
	})
}
