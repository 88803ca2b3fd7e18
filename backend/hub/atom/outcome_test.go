package atom_test

import (
	"testing"
	"time"

	"securepush/backend/hub/atom"
	"securepush/backend/hub/record"
)

func TestAnErrorIsTheRecordedText(t *testing.T) {
	at := time.Date(2020, 7, 2, 20, 33, 21, 5, time.FixedZone("", 2*3600))
	equal(t, atom.AppendError(nil, 401, "InvalidSignature: The token has an invalid signature.", "7f195ef5-b950-46ab-bdaa-e07cd5a203cf_G19", at),
		`<Error><Code>401</Code><Detail>InvalidSignature: The token has an invalid signature..TrackingId:7f195ef5-b950-46ab-bdaa-e07cd5a203cf_G19,TimeStamp:7/2/2020 6:33:21 PM</Detail></Error>`)
	equal(t, atom.AppendError(nil, 404, "", "33e8ef5f-b183-4f11-9ce0-ce01afffd462_G8", time.Date(2019, 8, 14, 4, 58, 19, 0, time.UTC)),
		`<Error><Code>404</Code><Detail>.TrackingId:33e8ef5f-b183-4f11-9ce0-ce01afffd462_G8,TimeStamp:8/14/2019 4:58:19 AM</Detail></Error>`)
	equal(t, atom.AppendError([]byte("x"), 404, "Installation not found", "cc8c4f9b-fd82-4cfa-8f99-7a089eb4cd69_G3", time.Date(2018, 11, 7, 0, 18, 37, 0, time.UTC)),
		`x<Error><Code>404</Code><Detail>Installation not found.TrackingId:cc8c4f9b-fd82-4cfa-8f99-7a089eb4cd69_G3,TimeStamp:11/7/2018 12:18:37 AM</Detail></Error>`)
	equal(t, atom.AppendError(nil, 400, "<&>\x00", "<", time.Date(2018, 11, 7, 12, 0, 0, 0, time.UTC)),
		"<Error><Code>400</Code><Detail>&lt;&amp;&gt;\ufffd.TrackingId:&lt;,TimeStamp:11/7/2018 12:00:00 PM</Detail></Error>")
}

func TestAnOutcomeIsTheRecordedText(t *testing.T) {
	equal(t, atom.AppendOutcome(nil, atom.Outcome{Success: 1, Results: []atom.Result{{
		Platform: "browser", Handle: "https://push.example/abc", Registration: "1-2-3",
		Outcome: "The Notification was successfully sent to the Push Notification System",
	}}}), `<NotificationOutcome`+namespaces+`><Success>1</Success><Failure>0</Failure><Results><RegistrationResult><ApplicationPlatform>browser</ApplicationPlatform><PnsHandle>https://push.example/abc</PnsHandle><RegistrationId>1-2-3</RegistrationId><Outcome>The Notification was successfully sent to the Push Notification System</Outcome></RegistrationResult></Results></NotificationOutcome>`)
	equal(t, atom.AppendOutcome(nil, atom.Outcome{Failure: 2}),
		`<NotificationOutcome`+namespaces+`><Success>0</Success><Failure>2</Failure><Results/></NotificationOutcome>`)
}

func TestDetailsAreTheRecordedTextInTheContractsOrder(t *testing.T) {
	equal(t, atom.AppendDetails(nil, atom.Details{
		ID: "4651-15", Location: "https://localhost:9443/hub1/messages/4651-15", State: "Completed",
		Enqueued: time.Date(2015, 11, 2, 21, 19, 43, 0, time.UTC),
		Started:  time.Date(2015, 11, 2, 22, 19, 43, 992_699_600, time.FixedZone("", 3600)),
		Ended:    time.Date(2015, 11, 2, 21, 19, 44, 0, time.UTC),
		Body:     `{"id":"7"}`, Platforms: "browser", ErrorDetails: "https://x/y",
		Counts: map[record.Platform]map[string]int64{record.Browser: {"Success": 1}, record.Apple: {}},
	}), `<NotificationDetails`+namespaces+`><NotificationId>4651-15</NotificationId><Location>https://localhost:9443/hub1/messages/4651-15</Location><State>Completed</State><EnqueueTime>2015-11-02T21:19:43Z</EnqueueTime><StartTime>2015-11-02T21:19:43.9926996Z</StartTime><EndTime>2015-11-02T21:19:44Z</EndTime><NotificationBody>{"id":"7"}</NotificationBody><TargetPlatforms>browser</TargetPlatforms><PnsErrorDetailsUri>https://x/y</PnsErrorDetailsUri><BrowserOutcomeCounts><Outcome><Name>Success</Name><Count>1</Count></Outcome></BrowserOutcomeCounts></NotificationDetails>`)

	counts := map[record.Platform]map[string]int64{}
	for _, p := range []record.Platform{record.Windows, record.Mpns, record.Apple, record.Gcm, record.FcmV1, record.Adm, record.Baidu, record.Browser, record.Xiaomi} {
		counts[p] = map[string]int64{"Success": 10, "BadChannel": 3}
	}
	const two = `<Outcome><Name>BadChannel</Name><Count>3</Count></Outcome><Outcome><Name>Success</Name><Count>10</Count></Outcome>`
	want := `<NotificationDetails` + namespaces + `><State>Processing</State><Tags>a &amp;&amp; b</Tags>`
	for _, p := range []string{"Apns", "Mpns", "Wns", "Gcm", "Adm", "", "FcmV1", "Browser", "Baidu", "Xiaomi"} {
		if p == "" {
			want += "<PnsErrorDetailsUri>u</PnsErrorDetailsUri>"
			continue
		}
		want += "<" + p + "OutcomeCounts>" + two + "</" + p + "OutcomeCounts>"
	}
	equal(t, atom.AppendDetails(nil, atom.Details{State: "Processing", Tags: "a && b", Counts: counts, ErrorDetails: "u"}), want+"</NotificationDetails>")
}

func TestFeedbackIsADocumentPerLine(t *testing.T) {
	at := time.Date(2016, 7, 27, 20, 47, 10, 890_553_200, time.UTC)
	equal(t, atom.AppendFeedback(nil, []record.Feedback{
		{Time: at, Platform: record.Windows, Handle: "https://h/?a&b", Notification: "215e-1", Error: "ExpiredChannel"},
		{Time: at, Platform: record.Browser, Handle: "h\r\ni", Registration: "1-2-3", Installation: "i", Notification: "n", Error: "WrongToken"},
	}), `<PnsFeedback`+namespaces+`><FeedbackTime>2016-07-27T20:47:10.8905532Z</FeedbackTime><NotificationSystemError>ExpiredChannel</NotificationSystemError><Platform>windows</Platform><PnsHandle>https://h/?a&amp;b</PnsHandle><NotificationId>215e-1</NotificationId></PnsFeedback>`+"\n"+
		`<PnsFeedback`+namespaces+`><FeedbackTime>2016-07-27T20:47:10.8905532Z</FeedbackTime><NotificationSystemError>WrongToken</NotificationSystemError><Platform>browser</Platform><PnsHandle>h  i</PnsHandle><RegistrationId>1-2-3</RegistrationId><InstallationId>i</InstallationId><NotificationId>n</NotificationId></PnsFeedback>`+"\n")
	equal(t, atom.AppendFeedback([]byte("x"), nil), "x")
}
