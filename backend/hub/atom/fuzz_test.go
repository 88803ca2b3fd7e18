package atom_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"securepush/backend/hub/atom"
	"securepush/backend/hub/record"
)

// wellFormed fails the test unless a strict reader takes a document.
func wellFormed(t *testing.T, document []byte) {
	t.Helper()
	if !utf8.Valid(document) {
		t.Errorf("not UTF-8: %q", document)
	}
	for d := xml.NewDecoder(bytes.NewReader(document)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v: %q", err, document)
		}
	}
}

func FuzzDecodeRegistration(f *testing.F) {
	for _, tt := range readable {
		f.Add([]byte(tt.body))
	}
	for _, tt := range descriptions {
		f.Add(atom.AppendEntry(nil, tt.r, links, atom.Reply))
	}
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY b "c">]><entry>&b;</entry>`))
	f.Add([]byte(entryOf("GcmTemplate", "<GcmRegistrationId>g</GcmRegistrationId><Tags>a\rb&#13;c</Tags><BodyTemplate>{\"a\":\"]]&gt;]]&gt;\r\n&#13;\"}</BodyTemplate>")))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := atom.DecodeRegistration(body)
		if err != nil {
			var refused *atom.Error
			if !errors.As(err, &refused) || refused.Words == "" || !reflect.DeepEqual(r, record.Registration{}) {
				t.Fatalf("%+v, %v", r, err)
			}
			return
		}
		for _, form := range []atom.Form{atom.Read, atom.Reply} {
			entry := atom.AppendEntry(nil, r, links, form)
			wellFormed(t, entry)
			again, err := atom.DecodeRegistration(entry)
			if err != nil || !reflect.DeepEqual(again, r) {
				t.Fatalf("%+v %+v became %+v %+v, %v: %s", r, r.Template, again, again.Template, err, entry)
			}
		}
		line := atom.AppendDescription(nil, r, atom.Read)
		again, err := atom.DecodeDescription(line)
		if again.Tags = r.Tags; err != nil || !reflect.DeepEqual(again, r) || bytes.ContainsAny(line, "\r\n") {
			t.Fatalf("%+v became %+v, %v: %s", r, again, err, line)
		}
	})
}

func FuzzAppendEntry(f *testing.F) {
	f.Add("1-2-3", "https://push.example/abc", "a", `{"title":"$(title)"}`, "2020-06")
	f.Add("\x00<>&\"'", "]]>\xff", "\ufffe\r\n\t", "]]>]]]>\r", "?&=%")
	f.Fuzz(func(t *testing.T, id, handle, tag, body, version string) {
		l := atom.Links{Base: "https://h/" + handle, Version: version}
		rs := []record.Registration{
			{ID: id, Platform: record.Windows, Handle: handle, SecondaryTileName: tag, Tags: []string{tag}, PushVariables: map[string]string{tag: body}},
			{ID: id, Platform: record.Apple, Handle: handle, Template: &record.Template{
				Name: tag, Body: body, Expiry: handle, Priority: tag, Headers: []record.Header{{Name: tag, Value: body}},
			}},
		}
		wellFormed(t, atom.AppendFeed(nil, rs, l, handle, tag))
		wellFormed(t, atom.AppendError(nil, 400, body, tag, day))
		line := atom.AppendDescription(nil, record.Registration{Platform: record.Gcm, Template: &record.Template{Body: body}}, atom.Read)
		if wellFormed(t, line); bytes.ContainsAny(line, "\r\n") {
			t.Errorf("two lines: %q", line)
		}
	})
}

func FuzzParseFilter(f *testing.F) {
	f.Add("Endpoint eq 'https%3A%2F%2Fpush.example%2Fabc%3Fx%3D1' and P256DH eq 'BPUB' and Auth eq 'AUTH'")
	f.Add("BaiduChannelId eq X' and BaiduUserId eq 'Y'")
	f.Add("ChannelUri eq '62bcd3'")
	f.Add("ChannelUri eq 'a''b' and 'c'")
	f.Fuzz(func(t *testing.T, filter string) {
		q, err := atom.ParseFilter(filter)
		if err != nil {
			var refused *atom.Error
			if !errors.As(err, &refused) || !reflect.DeepEqual(q, record.Query{}) {
				t.Fatalf("%+v, %v", q, err)
			}
			return
		}
		if len(q.Handles) == 0 || len(q.Handles) > 3 {
			t.Errorf("%q", q.Handles)
		}
		for _, handle := range append(q.Handles, q.P256DH, q.Auth, q.BaiduUserID) {
			if !utf8.ValidString(handle) || strings.ContainsRune(handle, 0) || len(handle) > 3*len(filter) {
				t.Errorf("%q", handle)
			}
		}
	})
}

func FuzzDecodeJob(f *testing.F) {
	f.Add([]byte(jobEntry))
	f.Add([]byte(jobOf(`<JobId i:nil="true"/><Type>ImportUpsertRegistrations</Type><OutputContainerUri>https://o/?a=1&amp;b=2</OutputContainerUri><ImportFileUri>https://o/f</ImportFileUri>`)))
	f.Fuzz(func(t *testing.T, body []byte) {
		j, err := atom.DecodeJob(body)
		if err != nil {
			var refused *atom.Error
			if !errors.As(err, &refused) || !reflect.DeepEqual(j, record.Job{}) {
				t.Fatalf("%+v, %v", j, err)
			}
			return
		}
		entry := atom.AppendJob(nil, j, links)
		wellFormed(t, entry)
		if again, err := atom.DecodeJob(entry); err != nil || !reflect.DeepEqual(again, j) {
			t.Errorf("%+v became %+v, %v", j, again, err)
		}
	})
}
