package pushservice

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// refusal is why a push was not taken. The numbers are autopush's, which senders know.
//
// Example: {"code":410,"errno":106,"error":"Gone","message":"No such subscription.","more_info":"https://…"}.
type refusal struct {
	Code     int    `json:"code"`
	Errno    int    `json:"errno"`
	Error    string `json:"error"`
	Message  string `json:"message"`
	MoreInfo string `json:"more_info"`

	header, value string // one header that goes with it
}

func refusing(code, errno int, message string) *refusal {
	return &refusal{
		Code: code, Errno: errno, Error: http.StatusText(code), Message: message,
		MoreInfo: "https://www.rfc-editor.org/rfc/rfc8030",
	}
}

func (r *refusal) with(header, value string) *refusal {
	r.header, r.value = header, value
	return r
}

// Seconds after which a sender may try again: soon for a device that is busy taking messages, later for one that is away.
const (
	retrySoon  = "1"
	retryLater = "120"
)

// The refusals. They are not changed after this.
var (
	refuseTTL      = refusing(400, 111, "The TTL header is missing or not a number of seconds.")
	refuseNegative = refusing(400, 114, "The TTL is negative.")
	refuseTopic    = refusing(400, 113, "The Topic is not up to 32 characters of the base64url alphabet.")
	refuseEncoding = refusing(400, 110, "The encryption headers are missing, unknown or contradict each other.")
	refuseBody     = refusing(400, 999, "The body could not be read.")
	refuseVAPID    = refusing(401, 109, "The VAPID authorization is missing or not valid for this subscription.").with("WWW-Authenticate", "vapid")
	refuseEndpoint = refusing(404, 102, "There is no such endpoint.")
	refuseMethod   = refusing(405, 999, "The method is not allowed here.")
	refuseGone     = refusing(410, 106, "No such subscription.").with("Cache-Control", "max-age=86400")
	refuseSize     = refusing(413, 104, "The body has more than 4096 bytes.")
	refuseBusy     = refusing(503, 202, "The device has too many messages under way.").with("Retry-After", retrySoon)
	refuseFull     = refusing(503, 201, "Too many messages are kept already.").with("Retry-After", retryLater)
)

// refuse answers a request with what is wrong.
func (s *Service) refuse(w http.ResponseWriter, why *refusal) {
	s.metrics.pushes.WithLabelValues(strconv.Itoa(why.Code)).Inc()
	if why.header != "" {
		w.Header().Set(why.header, why.value)
	}
	b, err := json.Marshal(why)
	if err != nil { // strings and numbers: cannot be
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(why.Code)
	_, _ = w.Write(append(b, '\n')) // a sender that has gone does not read why
}
