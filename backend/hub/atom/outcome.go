package atom

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"securepush/backend/hub/record"
)

// Outcome is what came of a test send.
//
// Example: {Success: 1, Results: [{Platform: "browser", Handle: "https://push.example/abc", Registration: "1-2-3", Outcome:
// "The Notification was successfully sent to the Push Notification System"}]}.
type Outcome struct {
	Success, Failure int
	Results          []Result
}

// Result is what came of a test send to one registration.
//
// Example: see Outcome.
type Result struct{ Platform, Handle, Registration, Outcome string }

// AppendOutcome adds the body of the answer to a test send. The element of results is there even if there are none: js
// requires it.
func AppendOutcome(b []byte, o Outcome) []byte {
	b = append(b, "<NotificationOutcome"+xmlnsDescription+"><Success>"...)
	b = append(strconv.AppendInt(b, int64(o.Success), 10), "</Success><Failure>"...)
	b = append(strconv.AppendInt(b, int64(o.Failure), 10), "</Failure>"...)
	if len(o.Results) == 0 {
		return append(b, "<Results/></NotificationOutcome>"...)
	}
	b = append(b, "<Results>"...)
	for _, r := range o.Results {
		b = append(b, "<RegistrationResult>"...)
		b = appendElement(b, "ApplicationPlatform", r.Platform)
		b = appendElement(b, "PnsHandle", r.Handle)
		b = appendElement(b, "RegistrationId", r.Registration)
		b = appendElement(b, "Outcome", r.Outcome)
		b = append(b, "</RegistrationResult>"...)
	}
	return append(b, "</Results></NotificationOutcome>"...)
}

// Details is the telemetry of one notification. What is empty or zero is left out, but for the state.
//
// Example: {ID: "4651-15", State: "Completed", Enqueued: 2015-11-02T21:19:43Z, Platforms: "browser", Counts: {browser:
// {"Success": 1}}}.
type Details struct {
	ID                       string
	Location                 string // URL of the notification
	State                    string // "Enqueued", "Scheduled", "Processing", "Completed", "Abandoned", "NoTargetFound", "Canceled" or "Unknown"
	Enqueued, Started, Ended time.Time
	Body                     string // of the notification
	Tags                     string // its tag expression
	Platforms                string // separated by commas
	Counts                   map[record.Platform]map[string]int64
	ErrorDetails             string // URL
}

type platformCounts struct {
	platform record.Platform
	element  string
}

// Between the two stands the URL of the error details.
var (
	countsBefore = [...]platformCounts{
		{record.Apple, "ApnsOutcomeCounts"},
		{record.Mpns, "MpnsOutcomeCounts"},
		{record.Windows, "WnsOutcomeCounts"},
		{record.Gcm, "GcmOutcomeCounts"},
		{record.Adm, "AdmOutcomeCounts"},
	}
	countsBehind = [...]platformCounts{
		{record.FcmV1, "FcmV1OutcomeCounts"},
		{record.Browser, "BrowserOutcomeCounts"},
		{record.Baidu, "BaiduOutcomeCounts"},
		{record.Xiaomi, "XiaomiOutcomeCounts"},
	}
)

// AppendDetails adds the telemetry of one notification.
//
// Source: "Notification Hubs REST API", Get notification message telemetry.
func AppendDetails(b []byte, d Details) []byte {
	b = append(b, "<NotificationDetails"+xmlnsDescription+">"...)
	b = appendFilled(b, "NotificationId", d.ID)
	b = appendFilled(b, "Location", d.Location)
	b = appendElement(b, "State", d.State)
	b = appendKnown(b, "EnqueueTime", d.Enqueued)
	b = appendKnown(b, "StartTime", d.Started)
	b = appendKnown(b, "EndTime", d.Ended)
	b = appendFilled(b, "NotificationBody", d.Body)
	b = appendFilled(b, "Tags", d.Tags)
	b = appendFilled(b, "TargetPlatforms", d.Platforms)
	for _, p := range countsBefore {
		b = appendCounts(b, p.element, d.Counts[p.platform])
	}
	b = appendFilled(b, "PnsErrorDetailsUri", d.ErrorDetails)
	for _, p := range countsBehind {
		b = appendCounts(b, p.element, d.Counts[p.platform])
	}
	return append(b, "</NotificationDetails>"...)
}

// appendKnown adds a time unless it is zero.
func appendKnown(b []byte, name string, at time.Time) []byte {
	if at.IsZero() {
		return b
	}
	return appendTime(b, name, at, precise)
}

// appendCounts adds counts in order of their names, and nothing if there are none: js fails at an empty element.
func appendCounts(b []byte, name string, counts map[string]int64) []byte {
	if len(counts) == 0 {
		return b
	}
	b = appendStart(b, name)
	for _, outcome := range slices.Sorted(maps.Keys(counts)) {
		b = appendElement(append(b, "<Outcome>"...), "Name", outcome)
		b = strconv.AppendInt(append(b, "<Count>"...), counts[outcome], 10)
		b = append(b, "</Count></Outcome>"...)
	}
	return appendEnd(b, name)
}
