package atom_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"securepush/backend/hub/atom"
	"securepush/backend/hub/record"
)

const jobEntry = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><entry xmlns="http://www.w3.org/2005/Atom"><updated>2026-11-21T17:54:48.694Z</updated><content type="application/xml"><NotificationHubJob` + namespaces + `><Type>ExportRegistrations</Type><OutputContainerUri><![CDATA[https://o?a=1&b=2]]></OutputContainerUri></NotificationHubJob></content></entry>`

func jobOf(fields string) string {
	return `<entry xmlns="http://www.w3.org/2005/Atom"><content type="application/xml"><NotificationHubJob` + namespaces + `>` + fields + `</NotificationHubJob></content></entry>`
}

func TestAJobIsRead(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		want record.Job
	}{
		"an export of js": {jobEntry, record.Job{Type: "ExportRegistrations", OutputContainer: "https://o?a=1&b=2"}},
		"an import of .NET": {
			jobOf(`<JobId i:nil="true"/><Progress>3</Progress><Type>ImportUpsertRegistrations</Type><Status>Failed</Status><OutputContainerUri>https://o/?a=1&amp;b=2</OutputContainerUri><ImportFileUri>https://o/f</ImportFileUri>`),
			record.Job{Type: "ImportUpsertRegistrations", OutputContainer: "https://o/?a=1&b=2", ImportFile: "https://o/f"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := atom.DecodeJob([]byte(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			if got.Type != tt.want.Type || got.OutputContainer != tt.want.OutputContainer || got.ImportFile != tt.want.ImportFile || got.ID != "" || got.Status != "" || got.Progress != 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestABadJobIsRefused(t *testing.T) {
	const output = `<OutputContainerUri>https://o/</OutputContainerUri>`
	for name, tt := range map[string]struct{ body, words string }{
		"no XML":                {"<job", "well-formed"},
		"another element":       {strings.ReplaceAll(jobEntry, "NotificationHubJob", "Job"), "no NotificationHubJob"},
		"no type":               {jobOf(output), "Type is missing"},
		"unknown type":          {jobOf(`<Type>Delete</Type>` + output), "Type of the job is unknown"},
		"no output":             {jobOf(`<Type>ExportRegistrations</Type>`), "OutputContainerUri is missing"},
		"relative output":       {jobOf(`<Type>ExportRegistrations</Type><OutputContainerUri>/o</OutputContainerUri>`), "OutputContainerUri is not an absolute URL"},
		"output without host":   {jobOf(`<Type>ExportRegistrations</Type><OutputContainerUri>https:o</OutputContainerUri>`), "OutputContainerUri is not an absolute URL"},
		"a file as output":      {jobOf(`<Type>ExportRegistrations</Type><OutputContainerUri>file:///o</OutputContainerUri>`), "OutputContainerUri is not an absolute URL"},
		"an import of nothing":  {jobOf(`<Type>ImportCreateRegistrations</Type>` + output), "ImportFileUri is missing"},
		"an import without URL": {jobOf(`<Type>ImportDeleteRegistrations</Type>` + output + `<ImportFileUri>%zz</ImportFileUri>`), "ImportFileUri is not an absolute URL"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := atom.DecodeJob([]byte(tt.body))
			var refused *atom.Error
			if !errors.As(err, &refused) || !strings.Contains(refused.Words, tt.words) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAJobIsTheRecordedText(t *testing.T) {
	at := time.Date(2020, 7, 2, 18, 3, 28, 200_931_400, time.UTC)
	l := atom.Links{Base: "https://NS/hub", Version: "2017-04", Now: at}
	j := record.Job{ID: "j1", Type: "ImportCreateRegistrations", OutputContainer: "https://o/?sv=1&sig=4a%2F", ImportFile: "https://o/f?x&y", Created: at, Updated: at}
	const (
		head = `<id>https://NS/hub/jobs/j1?api-version=2017-04</id><title type="text">j1</title><published>2020-07-02T18:03:28Z</published><updated>2020-07-02T18:03:28Z</updated><link rel="self" href="https://NS/hub/jobs/j1?api-version=2017-04"/><content type="application/xml"><NotificationHubJob` + namespaces + `>`
		tail = `</NotificationHubJob></content></entry>`
		one  = head + `<JobId>j1</JobId><Type>ImportCreateRegistrations</Type><OutputContainerUri>https://o/?sv=1&amp;sig=4a%2F</OutputContainerUri><ImportFileUri>https://o/f?x&amp;y</ImportFileUri><CreatedAt>2020-07-02T18:03:28.2009314Z</CreatedAt><UpdatedAt>2020-07-02T18:03:28.2009314Z</UpdatedAt>` + tail
	)
	equal(t, atom.AppendJob(nil, j, l), `<entry xmlns="http://www.w3.org/2005/Atom">`+one)

	done := j
	done.Status, done.Progress, done.Failure = "Failed", 99.5, "<no>"
	done.OutputProperties = map[string]string{"OutputFilePath": "a&b", "FailedFilePath": "c"}
	two := head + `<JobId>j1</JobId><Progress>99.5</Progress><Type>ImportCreateRegistrations</Type><Status>Failed</Status><OutputContainerUri>https://o/?sv=1&amp;sig=4a%2F</OutputContainerUri><ImportFileUri>https://o/f?x&amp;y</ImportFileUri><Failure>&lt;no&gt;</Failure><OutputProperties xmlns:d3p1="http://schemas.microsoft.com/2003/10/Serialization/Arrays"><d3p1:KeyValueOfstringstring><d3p1:Key>FailedFilePath</d3p1:Key><d3p1:Value>c</d3p1:Value></d3p1:KeyValueOfstringstring><d3p1:KeyValueOfstringstring><d3p1:Key>OutputFilePath</d3p1:Key><d3p1:Value>a&amp;b</d3p1:Value></d3p1:KeyValueOfstringstring></OutputProperties><CreatedAt>2020-07-02T18:03:28.2009314Z</CreatedAt><UpdatedAt>2020-07-02T18:03:28.2009314Z</UpdatedAt>` + tail
	const feed = `<feed xmlns="http://www.w3.org/2005/Atom"><title type="text">Jobs</title><id>https://NS/hub/jobs?v</id><updated>2020-07-02T18:03:28Z</updated><link rel="self" href="https://NS/hub/jobs?v"/>`
	equal(t, atom.AppendJobs(nil, []record.Job{j, done}, l, "https://NS/hub/jobs?v"), feed+"<entry>"+one+"<entry>"+two+"</feed>")
	equal(t, atom.AppendJobs(nil, nil, l, "https://NS/hub/jobs?v"), feed+"</feed>")
}
