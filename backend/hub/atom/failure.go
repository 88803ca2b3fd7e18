package atom

import (
	"strconv"
	"time"
)

// AppendError adds the body of an answer that says what went wrong. tracking is the ID by which the request is found in
// logs, in the service's form "<guid>_G<n>".
func AppendError(b []byte, code int, text, tracking string, at time.Time) []byte {
	b = strconv.AppendInt(append(b, "<Error><Code>"...), int64(code), 10)
	b = appendText(append(b, "</Code><Detail>"...), text)
	b = appendText(append(b, ".TrackingId:"...), tracking)
	b = at.UTC().AppendFormat(append(b, ",TimeStamp:"...), "1/2/2006 3:04:05 PM")
	return append(b, "</Detail></Error>"...)
}
