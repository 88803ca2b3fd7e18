package autopush

import (
	"testing"

	"securepush/webpush"
)

func FuzzDecodeMessage(f *testing.F) {
	for _, s := range []string{
		recordedHello, recordedRegister, recordedPush, `{}`, `{"messageType":"notification","channelID":"a","version":"b"}`,
		`{"messageType":"notification","headers":{"encoding":"aesgcm","encryption":"salt=","crypto_key":"dh="},"data":"AA=="}`,
	} {
		f.Add([]byte(s))
	}
	keys, err := webpush.GenerateKeys()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decodeMessage(b)
		if err != nil {
			return
		}
		if text, err := open(keys, m); err == nil {
			t.Errorf("%q opened with new keys, to %q", b, text)
		}
		if checkEndpoint(m.Endpoint) == nil && len(m.Endpoint) > maxEndpoint {
			t.Errorf("an endpoint of %d bytes was taken", len(m.Endpoint))
		}
	})
}

func FuzzLoadState(f *testing.F) {
	f.Add([]byte(`{"url":"` + testURL + `","uaid":"a","channel":"b","endpoint":"c","keys":"AQ=="}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		st, keys, err := loadState(b, testURL)
		if err != nil && st.subscribed() {
			t.Error("a state came with an error")
		}
		if st.subscribed() && (keys == nil || keys.P256DH() == "" || st.URL != testURL) {
			t.Error("a subscription came without keys")
		}
	})
}
