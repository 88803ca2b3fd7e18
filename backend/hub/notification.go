package hub

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
	"securepush/backend/hub/tagexpr"
	"securepush/backend/hub/template"
)

// Limits of a notification: "Notification Hubs REST API, Send"; the last two are ours.
const (
	maxBody      = 64 << 10 // bytes
	maxRaw       = 5 << 10  // bytes of a raw notification of Windows
	maxHandle    = 4096     // bytes
	maxDirectKey = 256      // bytes of a browser's key or secret
)

// Headers of a send.
const (
	headerFormat = "ServiceBusNotification-Format"
	headerTags   = "ServiceBusNotification-Tags"
	headerHandle = "ServiceBusNotification-DeviceHandle"
	headerDue    = "ServiceBusNotification-ScheduleTime"
	headerName   = "x-ms-client-request-id"
)

// formats are the platforms that a notification can be for. The hub speaks with the push services of browsers only.
var formats = []record.Platform{
	record.Windows, record.Mpns, record.Apple, record.Gcm, record.FcmV1, record.Adm, record.Baidu, record.Browser, record.Xiaomi,
}

// spoken says whether the hub can reach the devices of a platform. It has no credential for any other.
func spoken(p record.Platform) bool { return p == record.Browser }

// readNotification makes a notification of a request's headers and body, or refuses: "Notification Hubs REST API, Send". The
// body of a native notification is the push service's business and not looked into.
func readNotification(header http.Header, body []byte) (record.Notification, error) {
	n := record.Notification{Format: readFormat(header), Body: body}
	if n.Format == "" {
		return n, refuse(http.StatusBadRequest, "The header "+headerFormat+" is missing.")
	}
	if n.Format != record.FormatTemplate && !slices.Contains(formats, record.Platform(n.Format)) {
		return n, refuse(http.StatusBadRequest, "The header "+headerFormat+" names no format.")
	}
	if n.Tags = readTags(header); n.Tags != "" {
		if _, err := tagexpr.Parse(n.Tags); err != nil {
			return n, err
		}
	}
	n.Headers = webPushHeaders(header)
	return n, checkBody(&n, header)
}

// readFormat returns the format, whatever its case.
func readFormat(header http.Header) string {
	return strings.ToLower(strings.TrimSpace(header.Get(headerFormat)))
}

func checkBody(n *record.Notification, header http.Header) error {
	switch {
	case len(n.Body) > maxBody:
		return refuse(http.StatusRequestEntityTooLarge, "A notification may have 64 KB at the most.")
	case n.Format == string(record.Windows) && strings.EqualFold(header.Get("X-WNS-Type"), "wns/raw") && len(n.Body) > maxRaw:
		return refuse(http.StatusRequestEntityTooLarge, "A raw notification may have 5 KB at the most.")
	case n.Format == record.FormatTemplate:
		_, err := template.Properties(n.Body)
		return err
	}
	return nil
}

// readTags returns the tag expression. Tags may have letters of any script; clients that know no better send those of
// Latin-1 in one byte each, as HTTP once had it.
func readTags(header http.Header) string {
	tags := strings.TrimSpace(header.Get(headerTags))
	if utf8.ValidString(tags) {
		return tags
	}
	runes := make([]rune, len(tags))
	for i := range len(tags) {
		runes[i] = rune(tags[i])
	}
	return string(runes)
}

// Headers of a push: RFC 8030 sections 5.2 to 5.4.
const (
	headerTTL     = "TTL"
	headerUrgency = "Urgency"
	headerTopic   = "Topic"
)

var webPushNames = []string{headerTTL, headerUrgency, headerTopic}

// topicForm is RFC 8030 section 5.4: at most 32 characters of base64url.
var topicForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

// webPushHeaders picks what goes on to a browser's push service. What is not of the form that it takes is left out, so that
// the push goes out without it.
func webPushHeaders(header http.Header) []record.Header {
	var out []record.Header
	for _, name := range webPushNames {
		if value := strings.TrimSpace(header.Get(name)); validHeader(name, value) {
			out = append(out, record.Header{Name: name, Value: value})
		}
	}
	return out
}

func validHeader(name, value string) bool {
	switch name {
	case headerTTL:
		_, err := parseTTL(value)
		return err == nil
	case headerUrgency:
		return slices.Contains([]string{"very-low", "low", "normal", "high"}, value)
	default:
		return topicForm.MatchString(value)
	}
}

func parseTTL(value string) (time.Duration, error) {
	seconds, err := strconv.ParseUint(value, 10, 31)
	return min(time.Duration(seconds)*time.Second, delivery.MaxTTL), err
}

// newNotificationID draws an ID of the form that Notification Hubs gives: 32 hexadecimal digits, the time, two numbers.
func newNotificationID(now time.Time) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:]) + "-" + now.UTC().Format("20060102150405") + "-1-1"
}

// directHandle is the device that a direct send names, if it does. A request with the header is one also without the query
// name direct: it may not become a broadcast.
func directHandle(header http.Header, format string) (record.Handle, error) {
	h := record.Handle{Handle: strings.TrimSpace(header.Get(headerHandle)), P256DH: header.Get("P256DH"), Auth: header.Get("Auth")}
	if h.Handle == "" {
		return h, refuse(http.StatusBadRequest, "The header "+headerHandle+" is missing.")
	}
	return h, checkHandle(h, format)
}

// checkHandle looks at what has to be there. Whether a push can be sent to it is found out by sending.
func checkHandle(h record.Handle, format string) error {
	switch {
	case format == record.FormatTemplate:
		return refuse(http.StatusBadRequest, "A template notification cannot be sent to a handle.")
	case len(h.Handle) > maxHandle || len(h.P256DH) > maxDirectKey || len(h.Auth) > maxDirectKey:
		return refuse(http.StatusBadRequest, "The handle of a device is too long.")
	case h.Handle == "" || format == string(record.Browser) && (h.P256DH == "" || h.Auth == ""):
		return refuse(http.StatusBadRequest, "The handle of a device is not complete: a browser's has an endpoint, P256DH and Auth.")
	}
	return nil
}
