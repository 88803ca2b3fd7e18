package atom

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"securepush/backend/hub/record"
)

// ParseFilter reads a $filter once its query is decoded: <property> eq '<value>', joined by and. It must name a handle.
// ChannelUri stands for the handle of every platform, since .NET and Java know no other. As js encodes handles once more
// than the query needs, the query that is returned takes both spellings. The error is of type *Error.
//
// Source: "Notification Hubs REST API", Read all registrations with a channel, and what the clients send.
func ParseFilter(filter string) (record.Query, error) {
	var q record.Query
	if !utf8.ValidString(filter) || strings.ContainsFunc(filter, notXML) {
		return q, refuse("The filter is not a text in UTF-8")
	}
	for more := true; more; {
		var property, value string
		var ok bool
		if property, value, filter, more, ok = clause(filter); !ok {
			return record.Query{}, refuse("The filter is not of the form: property eq 'value', joined by and")
		}
		if err := narrow(&q, property, value); err != nil {
			return record.Query{}, err
		}
	}
	if q.Handles == nil {
		return record.Query{}, refuse("The filter names no handle")
	}
	return q, nil
}

// narrow adds one condition to a query.
func narrow(q *record.Query, property, value string) error {
	field := new(string)
	switch {
	case strings.EqualFold(property, "P256DH"):
		field = &q.P256DH
	case strings.EqualFold(property, "Auth"):
		field = &q.Auth
	case strings.EqualFold(property, "BaiduUserId"):
		field = &q.BaiduUserID
	case !slices.ContainsFunc(kinds[:], func(k kind) bool { return strings.EqualFold(k.handle, property) }):
		return refuse("The filter has an unknown property")
	case q.Handles != nil:
		return refuse("The filter names two handles")
	case strings.EqualFold(property, "DeviceToken"):
		q.Handles = []string{strings.ToUpper(value)}
	default:
		q.Handles = spellings(value)
		if token := strings.ToUpper(value); token != value && isDeviceToken(value) && strings.EqualFold(property, "ChannelUri") {
			q.Handles = append(q.Handles, token)
		}
	}
	if *field != "" {
		return refuse("The filter has a property twice")
	}
	if value == "" {
		return refuse("The filter has an empty value")
	}
	*field = value
	return nil
}

// spellings are the handles that a value may mean.
func spellings(value string) []string {
	handles := []string{value}
	if plain, err := url.PathUnescape(value); err == nil && plain != value && utf8.ValidString(plain) && !strings.ContainsFunc(plain, notXML) {
		handles = append(handles, plain)
	}
	return handles
}

// clause takes the first condition; more says whether another must follow in rest.
func clause(s string) (property, value, rest string, more, ok bool) {
	property, s, ok = strings.Cut(strings.TrimLeft(s, " "), " ")
	if !ok {
		return "", "", "", false, false
	}
	operator, s, ok := strings.Cut(strings.TrimLeft(s, " "), " ")
	if !ok || !strings.EqualFold(operator, "eq") {
		return "", "", "", false, false
	}
	s = strings.TrimLeft(s, " ")
	// js leaves out the quote that begins this one.
	if quoted, has := strings.CutPrefix(s, "'"); has || strings.EqualFold(property, "BaiduChannelId") {
		value, rest, more, ok = quotedValue(quoted)
		return property, value, rest, more, ok
	}
	return "", "", "", false, false
}

// quotedValue takes a value behind its first quote. The quote that ends it has nothing behind it, or "and". A doubled quote
// is one of the value, and so is a single one in the midst of a word: js doubles none.
func quotedValue(s string) (value, rest string, more, ok bool) {
	var v strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\'' {
			v.WriteByte(s[i])
			continue
		}
		behind := s[i+1:]
		next := strings.TrimLeft(behind, " ")
		switch {
		case next == "":
			return v.String(), "", false, true
		case len(next) < len(behind): // a space
			if len(next) > 4 && strings.EqualFold(next[:4], "and ") {
				return v.String(), next[4:], true, true
			}
			return "", "", false, false
		case behind[0] == '\'':
			i++
		}
		v.WriteByte('\'')
	}
	return "", "", false, false
}
