package record

import "time"

// Notification is what a client asked the hub to send.
type Notification struct {
	ID       string
	Format   string // the header ServiceBusNotification-Format: a Platform, or FormatTemplate
	Tags     string // tag expression; empty: everybody
	Body     []byte
	Headers  []Header // that go on to the push service, with those of Web Push: TTL, Urgency, Topic
	Handles  []Handle // with a direct send: whom, whatever is registered
	Direct   bool
	Enqueued time.Time
}

// FormatTemplate is the format of a notification whose form each device has chosen by its templates.
const FormatTemplate = "template"

// Handle is a device to which a notification is sent directly.
type Handle struct{ Handle, P256DH, Auth string }

// Scheduled is a notification that is to be sent at its time.
type Scheduled struct {
	Due time.Time
	Notification
}

// Feedback says that a push service has declared a handle dead.
type Feedback struct {
	Time         time.Time
	Platform     Platform
	Handle       string
	Registration string
	Installation string
	Notification string
	Error        string // an outcome's name, such as "ExpiredChannel"
}

// Job is an import or export of registrations.
type Job struct {
	ID               string
	Type             string // "ExportRegistrations", "ImportCreateRegistrations", …
	Status           string // "Started", "Running", "Completed", "Failed"
	Progress         float64
	OutputContainer  string // URL, often with a signature: a secret
	ImportFile       string // URL, likewise
	Failure          string
	OutputProperties map[string]string
	Created, Updated time.Time
}
