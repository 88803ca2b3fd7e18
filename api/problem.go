package api

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Code is the stable name of an error. Programs decide by it; Title and Detail are for people and may change.
type Code string

// The codes of the back end, each with its one status in [Code.Status].
const (
	CodeBadRequest         Code = "bad_request"        // the request cannot be read
	CodeInvalidField       Code = "invalid_field"      // a field has a wrong value; Field names it
	CodeUnauthorized       Code = "unauthorized"       // no token, or one that is wrong, expired or revoked
	CodeForbidden          Code = "forbidden"          // signed in, but without the right
	CodeNotFound           Code = "not_found"          // nothing there, or somebody else's
	CodeMethodNotAllowed   Code = "method_not_allowed" //
	CodeConflict           Code = "conflict"           // an Idempotency-Key used again with another body
	CodeGone               Code = "gone"               // expired or deleted
	CodeTooLarge           Code = "too_large"          // the body is over the limit
	CodeUnsupportedMedia   Code = "unsupported_media"  // not JSON
	CodeUnknownRecipient   Code = "unknown_recipient"  // no such user
	CodeInstallationGone   Code = "installation_gone"  // the push channel is dead: subscribe anew
	CodeTooManyRequests    Code = "too_many_requests"  // RetryAfter says when
	CodeInternal           Code = "internal"           // our defect
	CodeUnavailable        Code = "unavailable"        // for now; RetryAfter may say how long
	CodeInvalidGrant       Code = "invalid_grant"      // RFC 6749: wrong password, or a refresh token that is no more
	CodeInvalidRequest     Code = "invalid_request"    // RFC 6749
	CodeUnsupportedGrant   Code = "unsupported_grant_type"
	CodeUnknownServer      Code = "unknown_server"        // client side: the address answers, but not as a SecurePush server
	CodeUntrusted          Code = "untrusted_certificate" // client side
	CodePlainHTTP          Code = "plain_http"            // client side: http:// to another machine
	CodeUnreachable        Code = "unreachable"           // client side: no connection
	CodeSignInNeeded       Code = "sign_in_needed"        // client side: never signed in, or the sign-in ended
	CodeKeyringLocked      Code = "keyring_locked"        // client side
	CodeKeyringUnavailable Code = "keyring_unavailable"   // client side
	CodeClockSkew          Code = "clock_skew"            // client side: this machine's clock is off
)

// Status is the HTTP status that goes with a code; 500 for one it does not know.
func (c Code) Status() int {
	switch c {
	case CodeBadRequest, CodeInvalidField, CodeInvalidGrant, CodeInvalidRequest, CodeUnsupportedGrant, CodePlainHTTP:
		return http.StatusBadRequest
	case CodeUnauthorized, CodeSignInNeeded:
		return http.StatusUnauthorized
	case CodeForbidden:
		return http.StatusForbidden
	case CodeNotFound:
		return http.StatusNotFound
	case CodeMethodNotAllowed:
		return http.StatusMethodNotAllowed
	case CodeConflict:
		return http.StatusConflict
	case CodeGone, CodeInstallationGone:
		return http.StatusGone
	case CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case CodeUnsupportedMedia:
		return http.StatusUnsupportedMediaType
	case CodeUnknownRecipient:
		return http.StatusUnprocessableEntity
	case CodeTooManyRequests:
		return http.StatusTooManyRequests
	case CodeUnavailable, CodeKeyringLocked, CodeKeyringUnavailable:
		return http.StatusServiceUnavailable
	case CodeUnknownServer, CodeUntrusted, CodeUnreachable, CodeClockSkew:
		return http.StatusBadGateway
	default:
		return http.StatusInternalServerError
	}
}

// Problem is an error of the back end (RFC 9457), and the form in which the client reports every failure.
//
// Example: {"type":"about:blank","title":"Not found","status":404,"code":"not_found","detail":"There is no such notification."}.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"` // a sentence for the person
	Code   Code   `json:"code"`
	Field  string `json:"field,omitempty"` // with CodeInvalidField

	// RetryAfter is the server's Retry-After, already clamped to between a second and an hour; 0 when it sent none.
	RetryAfter time.Duration `json:"-"`
	// Cause is for the log, never for the person.
	Cause error `json:"-"`
}

// NewProblem makes the problem of a code. Detail is a sentence for the person.
func NewProblem(code Code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(code.Status()), Status: code.Status(), Code: code, Detail: detail}
}

// Because adds the cause for the log.
func (p *Problem) Because(err error) *Problem { p.Cause = err; return p }

// Error is for the log: code and cause. What a person reads is Detail.
func (p *Problem) Error() string {
	if p.Cause != nil {
		return fmt.Sprintf("%s (%d): %v", p.Code, p.Status, p.Cause)
	}
	return fmt.Sprintf("%s (%d)", p.Code, p.Status)
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Cause }

// CodeOf is the code of an error's problem, "" when it has none.
func CodeOf(err error) Code {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Code
	}
	return ""
}

// Words is what a person is told about an error: the problem's detail, or a general sentence.
func Words(err error) string {
	if p, ok := errors.AsType[*Problem](err); ok && p.Detail != "" {
		return p.Detail
	}
	return "Something went wrong. The log has the cause."
}
