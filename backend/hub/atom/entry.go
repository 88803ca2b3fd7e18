package atom

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"securepush/backend/hub/record"
)

// Links is what the addresses in entries and feeds are made of.
type Links struct {
	Base    string    // of the hub, such as "https://host/hub"
	Version string    // the api-version of the request
	Now     time.Time // when a feed is made
}

// Form is where a registration appears. The service writes the same instant differently.
type Form int

// The two forms.
const (
	Read  Form = iota // when it is read, alone or in a feed
	Reply             // in the reply to POST or PUT
)

// self is the address of one thing of a collection.
func (l Links) self(collection, id string) string {
	return l.Base + "/" + collection + "/" + url.PathEscape(id) + "?api-version=" + url.QueryEscape(l.Version)
}

// AppendEntry adds the Atom entry of one registration. One whose platform is unknown adds nothing.
func AppendEntry(b []byte, r record.Registration, l Links, form Form) []byte {
	return appendEntry(b, r, l, form, xmlnsAtom)
}

// AppendFeed adds a feed of registrations. self and next are absolute addresses; next is empty on the last page.
func AppendFeed(b []byte, rs []record.Registration, l Links, self, next string) []byte {
	b = appendFeedStart(b, "Registrations", l, self, next)
	for _, r := range rs {
		b = appendEntry(b, r, l, Read, "")
	}
	return append(b, "</feed>"...)
}

func appendFeedStart(b []byte, title string, l Links, self, next string) []byte {
	b = append(b, "<feed"+xmlnsAtom+`><title type="text">`...)
	b = append(append(b, title...), "</title>"...)
	b = appendElement(b, "id", self)
	b = appendTime(b, "updated", l.Now, seconds)
	b = appendLink(b, "self", self)
	if next != "" {
		b = appendLink(b, "next", next)
	}
	return b
}

func appendLink(b []byte, relation, address string) []byte {
	b = append(append(append(b, `<link rel="`...), relation...), `" href="`...)
	return append(appendAttribute(b, address), `"/>`...)
}

// appendEntry adds an entry; one outside a feed declares Atom's namespace.
func appendEntry(b []byte, r record.Registration, l Links, form Form, namespace string) []byte {
	if _, ok := kindOf(r.Platform); !ok {
		return b
	}
	b = append(b, `<entry a:etag="W/&quot;`...)
	b = strconv.AppendInt(b, r.ETag, 10)
	b = append(append(append(b, `&quot;"`...), namespace...), xmlnsMetadata+">"...)
	b = appendHead(b, r.ID, l.self("registrations", r.ID), r.Created, r.Updated)
	b = append(b, `<content type="application/xml">`...)
	b = appendDescription(b, r, form, false)
	return append(b, "</content></entry>"...)
}

func appendHead(b []byte, id, self string, published, updated time.Time) []byte {
	b = appendElement(b, "id", self)
	b = append(appendText(append(b, `<title type="text">`...), id), "</title>"...)
	b = appendTime(b, "published", published, seconds)
	b = appendTime(b, "updated", updated, seconds)
	return appendLink(b, "self", self)
}

// AppendDescription adds a registration without an Atom entry around it, as an export has it: one line, without its end. One
// whose platform is unknown adds nothing.
func AppendDescription(b []byte, r record.Registration, form Form) []byte {
	start := len(b)
	b = appendDescription(b, r, form, true)
	flatten(b[start:])
	return b
}

func appendDescription(b []byte, r record.Registration, form Form, oneLine bool) []byte {
	k, ok := kindOf(r.Platform)
	if !ok {
		return b
	}
	kindOfDescription := description
	if r.Template != nil {
		kindOfDescription = templateDescription
	}
	b = append(append(append(append(b, '<'), k.name...), kindOfDescription...), xmlnsDescription+"><ETag>"...)
	b = strconv.AppendInt(b, r.ETag, 10)
	b = appendExpiration(append(b, "</ETag><ExpirationTime>"...), r, form)
	b = append(b, "</ExpirationTime>"...)
	b = appendElement(b, "RegistrationId", r.ID)
	b = appendTags(b, r.Tags)
	if len(r.PushVariables) > 0 { // in order of their names
		variables, _ := json.Marshal(r.PushVariables) // a map of strings has no reason to fail
		b = appendElement(b, "PushVariables", string(variables))
	}
	b = appendHandle(b, k, r)
	if r.Template != nil {
		b = appendTemplate(b, k, r.Template, oneLine)
	}
	return append(append(append(append(b, "</"...), k.name...), kindOfDescription...), '>')
}

// appendExpiration writes the last instant of all for what never expires, in each place as the service does.
func appendExpiration(b []byte, r record.Registration, form Form) []byte {
	switch {
	case !r.Expires.IsZero():
		return r.Expires.UTC().AppendFormat(b, precise)
	case r.Installation != "":
		return append(b, "9999-12-31T23:59:59.9999999Z"...)
	case form == Reply:
		return append(b, "9999-12-31T23:59:59.999"...)
	}
	return append(b, "9999-12-31T23:59:59.999Z"...)
}

// appendTags adds the tags, unless there are none: js would make one empty tag of an empty element.
func appendTags(b []byte, tags []string) []byte {
	if len(tags) == 0 {
		return b
	}
	return appendElement(b, "Tags", strings.Join(tags, ","))
}

func appendHandle(b []byte, k kind, r record.Registration) []byte {
	if k.platform == record.Baidu {
		b = appendElement(b, "BaiduUserId", r.BaiduUserID)
	}
	b = appendElement(b, k.handle, r.Handle)
	switch k.platform {
	case record.Browser:
		b = appendElement(b, "P256DH", r.P256DH)
		b = appendElement(b, "Auth", r.Auth)
	case record.Windows, record.Mpns:
		b = appendFilled(b, "SecondaryTileName", r.SecondaryTileName)
	}
	return b
}

func appendTemplate(b []byte, k kind, t *record.Template, oneLine bool) []byte {
	b = append(appendCDATA(append(b, "<BodyTemplate>"...), t.Body, oneLine), "</BodyTemplate>"...)
	switch k.platform {
	case record.Windows, record.Mpns:
		b = appendHeaders(b, k, t.Headers)
		return appendFilled(b, "TemplateName", t.Name)
	case record.Apple:
		if t.Expiry == "" {
			b = append(b, `<Expiry i:nil="true"/>`...)
		}
		b = appendFilled(b, "Expiry", t.Expiry)
		b = appendFilled(b, "TemplateName", t.Name)
		b = appendFilled(b, "Priority", t.Priority)
		return appendHeaders(b, k, t.Headers)
	}
	b = appendFilled(b, "TemplateName", t.Name)
	return appendFilled(b, "MessageType", t.MessageType)
}

// appendHeaders adds the element of headers even if there are none: .NET requires it.
func appendHeaders(b []byte, k kind, headers []record.Header) []byte {
	if len(headers) == 0 {
		return append(append(append(b, '<'), k.headers...), "/>"...)
	}
	b = appendStart(b, k.headers)
	for _, h := range headers {
		b = appendStart(b, k.header)
		b = appendElement(b, "Header", h.Name)
		b = appendElement(b, "Value", h.Value)
		b = appendEnd(b, k.header)
	}
	return appendEnd(b, k.headers)
}
