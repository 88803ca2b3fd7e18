package hubclient

import (
	"encoding/xml"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// What a caller may do something about. Use errors.Is.
var (
	ErrNotFound    = errors.New("hubclient: the hub knows no such thing")           // 404
	ErrRefused     = errors.New("hubclient: the hub refuses the connection string") // 401, 403
	ErrThrottled   = errors.New("hubclient: the hub has had too many requests")     // 429, or 403 that says when to come back
	ErrUnavailable = errors.New("hubclient: the hub cannot be had now")             // no connection, 408, 5xx
	// ErrUnclear says that a notification may have been sent or not: the request was written and no answer came. Who sends
	// again should use the same Message.RequestID.
	ErrUnclear = errors.New("hubclient: the hub did not say whether it sends")
)

const maxDetail = 500 // characters of a hub's words

// Error is a hub's answer that is not what was asked for.
type Error struct {
	Op         string        // what was asked for: "send"
	Status     int           // of HTTP
	Detail     string        // the hub's words; empty: it had none
	RetryAfter time.Duration // 0: it did not say
}

// Error gives the status, what it means for whoever runs the server, and the hub's own words. Nothing in it is secret.
func (e *Error) Error() string {
	s := "hubclient: " + e.Op + ": " + strconv.Itoa(e.Status)
	if words := e.words(); words != "" {
		s += ": " + words
	}
	if e.Detail != "" {
		s += " (" + e.Detail + ")"
	}
	return s
}

func (e *Error) words() string {
	switch {
	case e.Is(ErrThrottled):
		return "the hub has had too many requests"
	case e.Status == http.StatusUnauthorized:
		return "the hub refuses the connection string: compare its rule and key with those of the hub, and this machine's clock"
	case e.Status == http.StatusForbidden:
		return "the hub does not allow this: the connection string's rule needs the rights Listen and Send; a namespace may also have used up its quota"
	case e.Status == http.StatusNotFound && e.Op != opGet:
		return "there is no hub of this name"
	case e.Status >= 300 && e.Status < 400:
		return "the address leads elsewhere; it must be the hub's own"
	case e.Is(ErrUnavailable):
		return "the hub has a problem"
	default:
		return strings.ToLower(http.StatusText(e.Status))
	}
}

// Is tells the kinds of errors apart.
func (e *Error) Is(target error) bool {
	throttled := e.Status == http.StatusTooManyRequests || e.Status == http.StatusForbidden && e.RetryAfter > 0
	switch target {
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrThrottled:
		return throttled
	case ErrRefused:
		return !throttled && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden)
	case ErrUnavailable:
		return e.Status == http.StatusRequestTimeout ||
			e.Status >= 500 && e.Status != http.StatusNotImplemented && e.Status != http.StatusHTTPVersionNotSupported
	default:
		return false
	}
}

// detail finds the hub's words in its answer.
//
// Example: <Error><Code>404</Code><Detail>Installation not found.TrackingId:cc8c…_G3,TimeStamp:11/7/2018 12:18:37 AM</Detail></Error>.
func detail(body []byte) string {
	var doc struct {
		XMLName xml.Name `xml:"Error"`
		Detail  string   `xml:"Detail"`
	}
	if xml.Unmarshal(body, &doc) != nil {
		return "" // a proxy's page, or nothing
	}
	s, _, _ := strings.Cut(doc.Detail, "SharedAccessSignature") // a hub that repeats the token
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if utf8.RuneCountInString(s) > maxDetail {
		s = string([]rune(s)[:maxDetail]) + "…"
	}
	return s
}

// lost is a request without an answer.
type lost struct {
	op    string
	sent  bool // the hub may have it
	twice bool // it can be made again whatever became of it
	cause error
}

// Error does not repeat the request.
func (e *lost) Error() string {
	words := "the hub does not answer: "
	if !e.twice && e.sent {
		words = "the hub did not say whether it sends: "
	}
	return "hubclient: " + e.op + ": " + words + e.cause.Error()
}

// Unwrap gives the cause.
func (e *lost) Unwrap() error { return e.cause }

// Is tells a lost send from a hub that is away.
func (e *lost) Is(target error) bool {
	if e.sent && !e.twice {
		return target == ErrUnclear
	}
	return target == ErrUnavailable
}
