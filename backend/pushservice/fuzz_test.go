package pushservice

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// FuzzDecodeFrame: no message makes the decoder panic, and what it has read reads the same when it is written again.
func FuzzDecodeFrame(f *testing.F) {
	for _, s := range []string{
		`{}`, ` { } `, `{"messageType":"ping"}`,
		`{"messageType":"hello","uaid":"01f0a1f6812447bba0431291efe607cb","broadcasts":{"a":"1"},"use_webpush":true}`,
		`{"messageType":"register","channelID":"` + testChannel + `","key":"BHaWCqVm="}`,
		`{"messageType":"unregister","channelID":"` + testChannel + `","code":200}`,
		`{"messageType":"ack","updates":[{"channelID":"` + testChannel + `","version":"XBOi","code":100}]}`,
		`{"messageType":"nack","version":"XBOi","code":302}`,
		`{"messageType":"broadcast_subscribe","broadcasts":{"id":"version"}}`,
		`{"messagetype":"hello"}`, `null`, `[]`, `7`, `"`, `{"updates":null}`, `{"messageType":null}`, "{\"uaid\":\"\xff\"}",
		strings.Repeat("[", 1000), `{"a":` + strings.Repeat(`{"a":`, 1000),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		q, err := decodeFrame(b)
		if err != nil {
			return
		}
		if q.MessageType == "" {
			t.Fatalf("%q has no type", b)
		}
		written, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeFrame(written)
		if err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		q.Broadcasts, again.Broadcasts = nil, nil // raw JSON: white space may differ
		if q.Updates == nil {
			again.Updates = nil
		}
		if !reflect.DeepEqual(q, again) {
			t.Errorf("%+v became %+v", q, again)
		}
	})
}

// FuzzToken: no token makes the service panic, and one that opens does so as one kind and says what was sealed.
func FuzzToken(f *testing.F) {
	s, err := newSealer(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		f.Fatal(err)
	}
	device, channel := uuid{1}, uuid{2}
	for _, path := range []string{
		s.endpointPath(device, channel, nil), s.endpointPath(device, channel, []byte("key")), s.messagePath(device, channel),
	} {
		token := path[strings.LastIndex(path, "/")+1:]
		for _, t := range []string{token, token[1:], token + "=", strings.Repeat("\n", len(token)), "\n" + token[1:]} {
			f.Add(t)
		}
	}
	f.Add("")
	f.Add(strings.Repeat("A", 96))
	f.Fuzz(func(t *testing.T, token string) {
		opened := 0
		for _, kind := range []string{kindOpen, kindRestricted} {
			if e, err := s.endpoint(kind, token); err == nil {
				opened++
				if e.device != device || e.channel != channel || e.restricted != (kind == kindRestricted) {
					t.Errorf("%q opens to %+v", token, e)
				}
			}
		}
		if d, m, err := s.message(token); err == nil {
			opened++
			if d != device || m != channel {
				t.Errorf("%q opens to %v %v", token, d, m)
			}
		}
		if opened > 1 {
			t.Errorf("%q opens as %d kinds", token, opened)
		}
	})
}

// FuzzNames: a name that is taken is written back as it came.
func FuzzNames(f *testing.F) {
	u := newUUID()
	for _, s := range []string{u.hex(), u.dashed(), u.version(), "00\n\n\n\n\n\n00000000000000", strings.ToUpper(u.dashed()), "", "zz", strings.Repeat("-", 36)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if u, ok := parseChannelID(s); ok && u.dashed() != s {
			t.Errorf("channel %q is %q", s, u.dashed())
		}
		if u, ok := parseUAID(s); ok && !strings.EqualFold(u.hex(), s) && !strings.EqualFold(u.dashed(), s) {
			t.Errorf("uaid %q is %q", s, u.hex())
		}
		if u, ok := parseVersion(s); ok && u.version() != s {
			t.Errorf("version %q is %q", s, u.version())
		}
	})
}
