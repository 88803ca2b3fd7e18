package hub

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
)

const jobEntry = `<entry xmlns="http://www.w3.org/2005/Atom"><content type="application/xml"><NotificationHubJob xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Type>%s</Type><OutputContainerUri><![CDATA[%s]]></OutputContainerUri>%s</NotificationHubJob></content></entry>`

func exportJob(container string) string {
	return fmt.Sprintf(jobEntry, "ExportRegistrations", container, "")
}

func importJob(kind, file string) string {
	return fmt.Sprintf(jobEntry, kind, "https://files.example/c?sig=out", "<ImportFileUri><![CDATA["+file+"]]></ImportFileUri>")
}

// files is a storage service in memory.
type files struct {
	mu     sync.Mutex
	byPath map[string]string
	asked  []*http.Request
	answer func(*http.Request) *http.Response // nil, or to answer otherwise
}

// RoundTrip reads or writes a file.
func (f *files) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, r)
	if f.answer != nil {
		if resp := f.answer(r); resp != nil {
			return resp, nil
		}
	}
	if r.Method == http.MethodPut {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if int64(len(body)) != r.ContentLength || r.Header.Get("x-ms-blob-type") != "BlockBlob" {
			return answering(411, ""), nil
		}
		f.byPath[r.URL.Path] = string(body)
		return answering(201, ""), nil
	}
	if text, ok := f.byPath[r.URL.Path]; ok {
		return answering(200, text), nil
	}
	return answering(404, ""), nil
}

func answering(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

// toldJob is a job as it is told.
type toldJob struct {
	JobId, Type, Status, OutputContainerUri, ImportFileUri, Failure string
	Progress                                                        float64
	Outputs                                                         []struct{ Key, Value string } `xml:"OutputProperties>KeyValueOfstringstring"`
}

func (j toldJob) output(name string) string {
	for _, o := range j.Outputs {
		if o.Key == name {
			return o.Value
		}
	}
	return ""
}

func (s *sending) readJob(r reply) (j toldJob) {
	s.t.Helper()
	var entry struct {
		Job toldJob `xml:"content>NotificationHubJob"`
	}
	if err := xml.Unmarshal([]byte(r.body), &entry); err != nil {
		s.t.Fatalf("%v in %s", err, r.body)
	}
	return entry.Job
}

// doJob submits a job and waits for its end. It runs in a bubble.
func (s *sending) doJob(body string) toldJob {
	s.t.Helper()
	r := s.call("POST", "/jobs?api-version=2020-06", nil, body).want(s.t, 201)
	if r.Header.Get("Content-Type") != typeEntry || s.readJob(r).JobId == "" {
		s.t.Errorf("%s", r.body)
	}
	for path := s.path(r); ; {
		j := s.readJob(s.call("GET", path, nil, "").want(s.t, 200))
		if j.Status == "Completed" || j.Status == "Failed" {
			return j
		}
		<-time.After(time.Second)
	}
}

// newJobs starts a hub with a storage service, in a bubble.
func newJobs(t *testing.T) (*sending, *files) {
	f := &files{byPath: map[string]string{}}
	return newSending(t, func(o *Options, _ *delivery.Options) { o.HTTP = f }), f
}

func TestAnExportCanBeImported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, f := newJobs(t)
		const n = exportPage + 20
		for i := range n {
			s.devices("x", fmt.Sprintf("d%04d", i))
		}
		form := s.browser("form", "y")
		form.Template = &record.Template{Name: "t", Body: "{\n  \"a\": \"$(b)\",\n  \"c\": \"]]>\"\n}"}
		form.PushVariables = map[string]string{"v": "1\n2"}
		s.register(form, record.Registration{ID: "w", Platform: record.Windows, Handle: "https://wns.example/?a=1&b=<2>"})
		j := s.doJob(exportJob("https://files.example/c/d?sig=secret&se=1"))
		if j.Status != "Completed" || j.Progress != 100 || j.Failure != "" || j.OutputContainerUri != "https://files.example/c/d?sig=secret&se=1" {
			t.Errorf("%+v", j)
		}
		path := "/c/d/" + j.output("OutputFilePath")
		text := f.byPath[path]
		if strings.Count(text, "\n") != n+2 || f.asked[0].URL.RawQuery != "sig=secret&se=1" {
			t.Fatalf("%d lines at %s, asked %s", strings.Count(text, "\n"), path, f.asked[0].URL)
		}
		before := must(s.store.Registrations(t.Context(), record.Query{Limit: 2 * n}))(t)
		for _, r := range before {
			check(t, s.store.DeleteRegistration(t.Context(), r.ID, "*"))
		}
		j = s.doJob(importJob("ImportUpsertRegistrations", "https://files.example"+path+"?sig=in"))
		after := must(s.store.Registrations(t.Context(), record.Query{Limit: 2 * n}))(t)
		if j.Status != "Completed" || j.output("FailedFilePath") != "" || len(after) != len(before) {
			t.Fatalf("%+v, %d registrations", j, len(after))
		}
		for i := range after {
			a, b := after[i], before[i]
			a.Created, a.Updated, b.Created, b.Updated = time.Time{}, time.Time{}, time.Time{}, time.Time{}
			got, want := must(json.Marshal(a))(t), must(json.Marshal(b))(t)
			if noneIsNil(string(got)) != noneIsNil(string(want)) {
				t.Fatalf("%s, before %s", got, want)
			}
		}
		if strings.Contains(s.log.String(), "sig=") || strings.Contains(s.log.String(), "secret") {
			t.Error("a signature is in the log")
		}
	})
}

func noneIsNil(s string) string { return strings.ReplaceAll(s, "[]", "null") }

func TestImportsDoWhatTheyAreCalled(t *testing.T) {
	line := func(id, device, tags string) string {
		if id != "" {
			id = "<RegistrationId>" + id + "</RegistrationId>"
		}
		return `<?xml version="1.0" encoding="utf-8"?><BrowserRegistrationDescription xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect">` + id +
			"<Tags>" + tags + "</Tags><Endpoint>https://push.example/" + device + "</Endpoint><P256DH>BPUB</P256DH><Auth>AUTH</Auth></BrowserRegistrationDescription>"
	}
	for _, c := range []struct {
		kind, after string
		failed      []string // numbers of lines
	}{
		{"ImportCreateRegistrations", "derived:old known:old new:new unknown:new", []string{"1", "5", "6", "7"}},
		{"ImportUpdateRegistrations", "derived:old known:new", []string{"2", "4", "5", "6", "7"}},
		{"ImportUpsertRegistrations", "derived:old known:new new:new unknown:new", []string{"5", "6", "7"}},
		{"ImportDeleteRegistrations", "", []string{"2", "4", "5", "6"}},
	} {
		t.Run(c.kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, f := newJobs(t)
				s.register(record.Registration{ID: "known", Platform: record.Browser, Handle: "https://push.example/known", P256DH: "BPUB", Auth: "AUTH", Tags: []string{"old"}})
				derived := s.browser("old", "old")
				derived.ID, derived.Installation = "", "i"
				check(t, s.store.PutHubInstallation(t.Context(), record.Installation{ID: "i", Document: []byte("{}")}, []record.Registration{derived}))
				derived = must(s.store.Registrations(t.Context(), record.Query{Handles: []string{derived.Handle}}))(t)[0]
				lines := []string{line("known", "a", "new"), line("unknown", "b", "new"), "", line("", "c", "new"), "<broken", line("bad", "d", "not a tag"), line(derived.ID, "e", "new")}
				f.byPath["/in"] = "\ufeff" + strings.Join(lines, "\r\n")
				j := s.doJob(importJob(c.kind, "https://files.example/in"))
				if j.Status != "Completed" || j.Progress != 100 {
					t.Errorf("%+v", j)
				}
				var failed []string
				for _, text := range strings.Split(strings.TrimSpace(f.byPath["/c/"+j.output("FailedFilePath")]), "\n") {
					fields := strings.Split(text, "\t")
					failed = append(failed, fields[0])
					if len(fields) != 3 || fields[1] == "" || strings.TrimPrefix(fields[2], "\ufeff") != lines[int(fields[0][0]-'1')] {
						t.Errorf("failed: %q", text)
					}
				}
				if strings.Join(failed, " ") != strings.Join(c.failed, " ") {
					t.Errorf("failed: %v", failed)
				}
				var after []string
				for _, r := range must(s.store.Registrations(t.Context(), record.Query{}))(t) {
					if r.Installation != "" {
						r.ID = "derived"
					}
					if len(r.ID) > 10 {
						r.ID = "new"
					}
					after = append(after, r.ID+":"+strings.Join(r.Tags, ","))
				}
				if c.after != "" && strings.Join(slices.Sorted(slices.Values(after)), " ") != c.after {
					t.Errorf("after: %v", after)
				}
			})
		})
	}
}

func TestAJobThatCannotBeDoneSaysWhy(t *testing.T) {
	for _, c := range []struct {
		name, job string
		answer    func(*http.Request) *http.Response
		words     string
	}{
		{"a file that is not there", importJob("ImportCreateRegistrations", "https://files.example/none"), nil, "answered 404"},
		{"a container that refuses", exportJob("https://files.example/c"), func(*http.Request) *http.Response { return answering(403, "") }, "answered 403"},
		{"a redirect", exportJob("https://files.example/c"), func(*http.Request) *http.Response {
			resp := answering(307, "")
			resp.Header.Set("Location", "https://10.0.0.1/")
			return resp
		}, "answered 307"},
		{"a file of 257 MB", importJob("ImportCreateRegistrations", "https://files.example/large"), func(*http.Request) *http.Response {
			resp := answering(200, "")
			resp.ContentLength = 257 << 20
			return resp
		}, "256 MB"},
		{"a file without end", importJob("ImportCreateRegistrations", "https://files.example/large"), func(*http.Request) *http.Response {
			resp := answering(200, "")
			resp.ContentLength, resp.Body = -1, io.NopCloser(endless{})
			return resp
		}, "256 MB"},
		{"a line without end", importJob("ImportCreateRegistrations", "https://files.example/large"), func(*http.Request) *http.Response {
			return answering(200, strings.Repeat("x", 1<<20))
		}, "too long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, f := newJobs(t)
				f.answer = c.answer
				j := s.doJob(c.job)
				if j.Status != "Failed" || !strings.Contains(j.Failure, c.words) || len(f.asked) != 1 {
					t.Errorf("%+v, asked %d times", j, len(f.asked))
				}
				if strings.Contains(s.log.String(), "files.example") {
					t.Error("an address is in the log")
				}
			})
		})
	}
}

// endless is a file of blank lines.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	b[len(b)-1] = '\n'
	return len(b), nil
}

func TestJobsReachTheInternetOnly(t *testing.T) {
	s := newSending(t, func(o *Options, _ *delivery.Options) { o.HTTP = delivery.NewTransport() })
	for _, address := range []string{"http://files.example/c", "ftp://files.example/c", "/c", "https://user:word@files.example/c", ""} {
		s.call("POST", "/jobs", nil, exportJob(address)).want(t, 400)
	}
	path := s.path(s.call("POST", "/jobs", nil, exportJob("https://127.0.0.1:9/c?sig=secret")).want(t, 201))
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var j toldJob
	for range 12_000 {
		if j = s.readJob(s.call("GET", path, nil, "").want(t, 200)); j.Status == "Failed" {
			break
		}
		<-tick.C
	}
	if j.Status != "Failed" || !strings.Contains(j.Failure, "cannot be reached") || strings.Contains(s.log.String(), "secret") {
		t.Errorf("%+v, log %s", j, s.log)
	}
}

func TestJobsAreListedAndUnknownOnesAreNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newJobs(t)
		s.doJob(exportJob("https://files.example/1"))
		s.doJob(exportJob("https://files.example/2"))
		r := s.call("GET", "/jobs?api-version=2020-06", nil, "").want(t, 200)
		if strings.Count(r.body, "<entry>") != 2 || r.Header.Get("Content-Type") != typeFeed {
			t.Errorf("%s", r.body)
		}
		s.call("GET", "/jobs/unknown", nil, "").want(t, 404)
		s.call("POST", "/jobs", nil, "<entry/>").want(t, 400)
		s.call("POST", "/jobs", nil, strings.Repeat(" ", maxJobBody+1)).want(t, 413)
	})
}

func TestJobsWaitWithinBounds(t *testing.T) {
	s := prepareSending(t, openStore(t))
	for range maxJobs {
		check(t, s.store.PutJob(t.Context(), record.Job{ID: record.NewRegistrationID(), Status: jobStarted}))
	}
	if r := s.call("POST", "/jobs", nil, exportJob("https://files.example/c")).want(t, 429); r.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestAJobThatWasInterruptedHasFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openStore(t)
		check(t, db.PutJob(t.Context(), record.Job{ID: "crashed", Type: "ExportRegistrations", Status: jobRunning, OutputContainer: "https://files.example/c"}))
		check(t, db.PutJob(t.Context(), record.Job{ID: "waited", Type: "ExportRegistrations", Status: jobStarted, OutputContainer: "https://files.example/c"}))
		f := &files{byPath: map[string]string{}}
		set := func(o *Options, _ *delivery.Options) { o.HTTP = f }
		s := prepareSending(t, db, set)
		s.start()
		<-time.After(time.Second)
		synctest.Wait()
		if j := must(db.Job(t.Context(), "crashed"))(t); j.Status != jobFailed || !strings.Contains(j.Failure, "restarted") {
			t.Errorf("%+v", j)
		}
		if j := must(db.Job(t.Context(), "waited"))(t); j.Status != jobCompleted {
			t.Errorf("%+v", j)
		}
		begun := make(chan struct{})
		f.answer = func(r *http.Request) *http.Response {
			close(begun)
			<-r.Context().Done()
			return answering(500, "")
		}
		path := s.path(s.call("POST", "/jobs", nil, exportJob("https://files.example/c")).want(t, 201))
		<-begun
		s.stop()
		if j := must(db.Job(t.Context(), strings.Split(path[len("/jobs/"):], "?")[0]))(t); j.Status != jobFailed || !strings.Contains(j.Failure, "stopped") {
			t.Errorf("%+v", j)
		}
	})
}
