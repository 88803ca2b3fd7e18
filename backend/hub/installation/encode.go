package installation

import (
	"bytes"
	"encoding/json"

	"securepush/backend/hub/record"
)

// installationJSON is the reply to a GET, in the order in which the service writes it.
//
// Example: {"installationId":"dev-1","pushChannel":{"endpoint":"https://push.example/abc","p256dh":"BPUB","auth":"AUTH"},
// "pushChannelExpired":false,"platform":"browser","expirationTime":"9999-12-31T23:59:59.9999999Z","userId":"alice",
// "tags":["news"],"pushVariables":{"city":"Graz"},"templates":{"t1":{"body":"{\"title\":\"$(title)\"}","tags":["t1"]}}}.
type installationJSON struct {
	InstallationID     string                  `json:"installationId"`
	PushChannel        any                     `json:"pushChannel"` // string or browserJSON
	PushChannelExpired bool                    `json:"pushChannelExpired"`
	Platform           string                  `json:"platform"`
	ExpirationTime     string                  `json:"expirationTime"`
	UserID             string                  `json:"userId,omitempty"`
	Tags               []string                `json:"tags,omitempty"`
	PushVariables      map[string]string       `json:"pushVariables,omitempty"`
	Templates          map[string]templateJSON `json:"templates,omitempty"`
	SecondaryTiles     map[string]tileJSON     `json:"secondaryTiles,omitempty"`
}

// browserJSON is the channel of a browser: a Web Push subscription.
//
// Example: {"endpoint":"https://push.example/abc","p256dh":"BPUB","auth":"AUTH"}.
type browserJSON struct {
	Endpoint string `json:"endpoint"`
	P256DH   string `json:"p256dh"`
	Auth     string `json:"auth"`
}

// templateJSON is one template.
//
// Example: {"body":"{\"aps\":{\"alert\":\"$(text)\"}}","expiry":"2026-11-21T14:32:08Z","tags":["Template Name"]}.
type templateJSON struct {
	Body    string            `json:"body"`
	Headers map[string]string `json:"headers,omitempty"`
	Expiry  string            `json:"expiry,omitempty"`
	Tags    []string          `json:"tags"` // with the template's own name
}

// tileJSON is a secondary tile of Windows.
//
// Example: {"pushChannel":"https://db5.notify.example/?token=x","tags":["weather"]}.
type tileJSON struct {
	PushChannel string                  `json:"pushChannel"`
	Tags        []string                `json:"tags,omitempty"`
	Templates   map[string]templateJSON `json:"templates,omitempty"`
}

// Encode writes the document as a GET answers it. Decode takes it.
func (d *Document) Encode(expired bool) []byte {
	out := installationJSON{
		InstallationID: d.id, PushChannel: d.app.channel.encode(d.platform), PushChannelExpired: expired, Platform: platformName(d.platform),
		ExpirationTime: formatTime(d.expires), UserID: d.userID, Tags: d.app.tags, PushVariables: d.variables, Templates: d.app.encodeTemplates(),
		SecondaryTiles: make(map[string]tileJSON, len(d.tiles)),
	}
	for name, t := range d.tiles {
		out.SecondaryTiles[name] = tileJSON{PushChannel: t.channel.Handle.Handle, Tags: t.tags, Templates: t.encodeTemplates()}
	}
	return encode(out)
}

// encode writes JSON on one line, as the service does: without escapes for HTML.
func encode(v any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // cannot fail: text and truth values, into memory
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// encode returns the channel in the form in which it was written.
func (c *channel) encode(p record.Platform) any {
	switch {
	case p == record.Browser && c.text:
		return string(encode(browserJSON{c.Handle.Handle, c.P256DH, c.Auth}))
	case p == record.Browser:
		return browserJSON{c.Handle.Handle, c.P256DH, c.Auth}
	case c.baiduUser != "":
		return c.baiduUser + "-" + c.Handle.Handle
	}
	return c.Handle.Handle
}

func (t *target) encodeTemplates() map[string]templateJSON {
	out := make(map[string]templateJSON, len(t.templates))
	for name, f := range t.templates {
		out[name] = templateJSON{Body: f.body, Headers: f.headers, Expiry: f.expiry, Tags: union(f.tags, []string{name})}
	}
	return out
}

// platformName is what installations call a platform.
func platformName(p record.Platform) string {
	for name, platform := range platforms {
		if platform == p {
			return name
		}
	}
	return ""
}
