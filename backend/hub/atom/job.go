package atom

import (
	"maps"
	"net/url"
	"slices"
	"strconv"

	"securepush/backend/hub/record"
)

// Types of jobs.
const (
	ExportRegistrations       = "ExportRegistrations"
	ImportCreateRegistrations = "ImportCreateRegistrations"
	ImportUpdateRegistrations = "ImportUpdateRegistrations"
	ImportDeleteRegistrations = "ImportDeleteRegistrations"
	ImportUpsertRegistrations = "ImportUpsertRegistrations"
)

// DecodeJob reads an Atom entry with a job: its type, where to write, and for an import what to read. What the server
// decides is left out, even if it is there. The error is of type *Error.
//
// Source: "Notification Hubs REST API", Create notification hub job.
func DecodeJob(body []byte) (record.Job, error) {
	root, err := parse(body)
	if err != nil {
		return record.Job{}, err
	}
	e, err := content(root)
	if err != nil {
		return record.Job{}, err
	}
	if e.name != "NotificationHubJob" {
		return record.Job{}, refuse("The Atom entry holds no NotificationHubJob")
	}
	f := fields{of: e}
	j := record.Job{Type: f.required("Type"), OutputContainer: f.address("OutputContainerUri")}
	switch j.Type {
	case ExportRegistrations:
	case ImportCreateRegistrations, ImportUpdateRegistrations, ImportDeleteRegistrations, ImportUpsertRegistrations:
		j.ImportFile = f.address("ImportFileUri")
	default:
		f.fail("The Type of the job is unknown")
	}
	if f.err != nil {
		return record.Job{}, f.err
	}
	return j, nil
}

// address returns a line that must be an absolute URL.
func (f *fields) address(name string) string {
	s := f.required(name)
	if u, err := url.Parse(s); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		f.fail("The element " + name + " is not an absolute URL")
	}
	return s
}

// AppendJob adds the Atom entry of one job.
func AppendJob(b []byte, j record.Job, l Links) []byte { return appendJob(b, j, l, xmlnsAtom) }

// AppendJobs adds a feed of jobs. self is its absolute address.
func AppendJobs(b []byte, js []record.Job, l Links, self string) []byte {
	b = appendFeedStart(b, "Jobs", l, self, "")
	for _, j := range js {
		b = appendJob(b, j, l, "")
	}
	return append(b, "</feed>"...)
}

func appendJob(b []byte, j record.Job, l Links, namespace string) []byte {
	b = append(append(append(b, "<entry"...), namespace...), '>')
	b = appendHead(b, j.ID, l.self("jobs", j.ID), j.Created, j.Updated)
	b = append(b, `<content type="application/xml"><NotificationHubJob`+xmlnsDescription+">"...)
	b = appendElement(b, "JobId", j.ID)
	if j.Progress != 0 {
		b = strconv.AppendFloat(append(b, "<Progress>"...), j.Progress, 'f', -1, 64)
		b = append(b, "</Progress>"...)
	}
	b = appendElement(b, "Type", j.Type)
	b = appendFilled(b, "Status", j.Status)
	b = appendElement(b, "OutputContainerUri", j.OutputContainer)
	b = appendFilled(b, "ImportFileUri", j.ImportFile)
	b = appendFilled(b, "Failure", j.Failure)
	b = appendProperties(b, j.OutputProperties)
	b = appendKnown(b, "CreatedAt", j.Created)
	b = appendKnown(b, "UpdatedAt", j.Updated)
	return append(b, "</NotificationHubJob></content></entry>"...)
}

// appendProperties adds what a job tells of its output, in order of the keys. js knows the prefix d3p1 and no other.
func appendProperties(b []byte, properties map[string]string) []byte {
	if len(properties) == 0 {
		return b
	}
	b = append(b, "<OutputProperties"+xmlnsArrays+">"...)
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		b = append(b, "<d3p1:KeyValueOfstringstring>"...)
		b = appendElement(b, "d3p1:Key", key)
		b = appendElement(b, "d3p1:Value", properties[key])
		b = append(b, "</d3p1:KeyValueOfstringstring>"...)
	}
	return append(b, "</OutputProperties>"...)
}
