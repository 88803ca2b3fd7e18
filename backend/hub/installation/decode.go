package installation

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"securepush/backend/hub/record"
)

// MaxBytes is how large a document may be. Who calls Decode limits what it reads; the result of a PATCH is checked here.
const MaxBytes = 256 << 10

// platforms are the names that installations have for them.
var platforms = map[string]record.Platform{
	"wns": record.Windows, "mpns": record.Mpns, "apns": record.Apple, "gcm": record.Gcm, "fcmv1": record.FcmV1, "adm": record.Adm,
	"baidu": record.Baidu, "browser": record.Browser, "xiaomi": record.Xiaomi,
}

// Decode reads the body of a PUT. id is what the address names; the document must name the same. Properties that only the
// hub sets, and those it does not know, are ignored. The error is of type *Error.
func Decode(id string, body []byte) (*Document, error) {
	if !utf8.Valid(body) {
		return nil, refuse("The installation is not UTF-8")
	}
	d := &Document{id: id, tiles: map[string]*target{}, app: target{templates: map[string]*form{}}}
	var (
		inDocument, platform string
		pushChannel          json.RawMessage
	)
	f := d.app.fields("")
	f["installationid"] = into(&inDocument, "installationId")
	f["userid"] = into(&d.userID, "userId")
	f["platform"] = into(&platform, "platform")
	f["pushchannel"] = func(raw json.RawMessage) error { pushChannel = raw; return nil } // means what the platform says
	f["expirationtime"] = d.readExpiration
	f["pushvariables"] = func(raw json.RawMessage) (err error) {
		d.variables, err = textMap(raw, "pushVariables")
		return err
	}
	f["secondarytiles"] = d.readTiles
	if err := f.read(body, "The installation"); err != nil {
		return nil, err
	}
	if record.Fold(inDocument) != record.Fold(id) {
		return nil, refuse("installationId must be the one of the address")
	}
	var known bool
	if d.platform, known = platforms[strings.ToLower(platform)]; !known {
		return nil, refuse("platform must be one of wns, apns, mpns, gcm, fcmv1, adm, baidu, browser, xiaomi")
	}
	if err := d.app.channel.read(d.platform, pushChannel, "pushChannel"); err != nil {
		return nil, err
	}
	return checked(d)
}

func (d *Document) readExpiration(raw json.RawMessage) error {
	s, err := text(raw, "expirationTime")
	if err != nil {
		return err
	}
	at, known := parseTime(s)
	if !known {
		return refuse("expirationTime must be a time such as 2026-11-21T14:32:08Z")
	}
	d.expires = at
	return nil
}

// fields says where the properties of the application, or of a tile, go that both have.
func (t *target) fields(place string) fields {
	return fields{
		"tags": func(raw json.RawMessage) error {
			tags, err := texts(raw, place+"tags")
			if err != nil {
				return err
			}
			return addTags(&t.tags, place+"tags", tags)
		},
		"templates": func(raw json.RawMessage) error {
			return members(raw, place+"templates", func(name string, value json.RawMessage) (err error) {
				t.templates[name], err = readTemplate(value, within(place+"templates", name))
				return err
			})
		},
	}
}

func readTemplate(raw json.RawMessage, place string) (*form, error) {
	f := &form{}
	return f, fields{
		"body": into(&f.body, place+".body"),
		"headers": func(raw json.RawMessage) (err error) {
			f.headers, err = textMap(raw, place+".headers")
			return err
		},
		"expiry": into(&f.expiry, place+".expiry"),
		"tags": func(raw json.RawMessage) error {
			tags, err := texts(raw, place+".tags")
			if err != nil {
				return err
			}
			return addTags(&f.tags, place+".tags", tags)
		},
	}.read(raw, place)
}

func (d *Document) readTiles(raw json.RawMessage) error {
	return members(raw, "secondaryTiles", func(name string, value json.RawMessage) (err error) {
		d.tiles[name], err = readTile(value, within("secondaryTiles", name))
		return err
	})
}

func readTile(raw json.RawMessage, place string) (*target, error) {
	t := &target{templates: map[string]*form{}}
	f := t.fields(place + ".")
	f["pushchannel"] = func(raw json.RawMessage) error { return t.channel.read(record.Windows, raw, place+".pushChannel") }
	return t, f.read(raw, place)
}

// read reads the channel of a platform. Of a browser's, nothing is checked but that all three values are there: the keys are
// seen to when something is encrypted for them, the endpoint when something is sent to it.
func (c *channel) read(p record.Platform, raw json.RawMessage, place string) error {
	*c = channel{}
	if raw == nil {
		return refuse("%s is missing", place)
	}
	if p == record.Browser {
		raw, c.text = embedded(raw)
		return fields{
			"endpoint": into(&c.Handle.Handle, place+".endpoint"), "p256dh": into(&c.P256DH, place+".p256dh"), "auth": into(&c.Auth, place+".auth"),
		}.read(raw, place)
	}
	s, err := text(raw, place)
	if err != nil {
		return err
	}
	c.Handle.Handle = s
	switch p {
	case record.Apple:
		if _, err := hex.DecodeString(s); err != nil {
			return refuse("%s must be a device token in hexadecimal", place)
		}
		c.Handle.Handle = strings.ToUpper(s)
	case record.Baidu: // the SDKs write the user's ID, a hyphen and the channel's
		if user, id, _ := strings.Cut(s, "-"); user != "" && id != "" {
			c.baiduUser, c.Handle.Handle = user, id
		}
	}
	return nil
}
