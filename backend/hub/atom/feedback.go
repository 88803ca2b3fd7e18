package atom

import "securepush/backend/hub/record"

// AppendFeedback adds what push services have said about dead handles: each record is an XML document on a line of its own,
// as in the blobs of the service, which its sample program splits at the ends of lines.
//
// Source: "Notification Hubs REST API", Get PNS feedback.
func AppendFeedback(b []byte, fs []record.Feedback) []byte {
	for _, f := range fs {
		start := len(b)
		b = append(b, "<PnsFeedback"+xmlnsDescription+">"...)
		b = appendTime(b, "FeedbackTime", f.Time, precise)
		b = appendElement(b, "NotificationSystemError", f.Error)
		b = appendElement(b, "Platform", string(f.Platform))
		b = appendElement(b, "PnsHandle", f.Handle)
		b = appendFilled(b, "RegistrationId", f.Registration)
		b = appendFilled(b, "InstallationId", f.Installation)
		b = appendElement(b, "NotificationId", f.Notification)
		flatten(b[start:])
		b = append(b, "</PnsFeedback>\n"...)
	}
	return b
}
