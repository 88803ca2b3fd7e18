package hub

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"
)

// Bounds of the files of jobs.
const (
	maxJobFile  = 256 << 20 // bytes
	maxFileTime = 10 * time.Minute
)

// jobFiles reads and writes the files that jobs name, by HTTP. Their addresses hold signatures: no error repeats one.
type jobFiles struct {
	http http.RoundTripper // below http.Client: it follows no redirect
}

var errTooLarge = &jobError{words: "The file is larger than 256 MB."}

// open begins to read a file. size is -1 when its server does not tell.
func (f *jobFiles) open(ctx context.Context, address string) (body io.ReadCloser, size int64, err error) {
	resp, err := f.ask(ctx, http.MethodGet, address, nil, 0)
	if err != nil {
		return nil, 0, &jobError{words: "The import file cannot be reached.", cause: err}
	}
	switch {
	case resp.StatusCode != http.StatusOK:
		err = &jobError{words: fmt.Sprintf("The import file cannot be read: its server answered %d.", resp.StatusCode)}
	case resp.ContentLength > maxJobFile:
		err = errTooLarge
	default:
		return resp.Body, resp.ContentLength, nil
	}
	_ = resp.Body.Close()
	return nil, 0, err
}

// put writes a file into a container: "Azure Storage REST API, Put Blob".
func (f *jobFiles) put(ctx context.Context, container, name string, file *spool) error {
	ctx, cancel := context.WithTimeout(ctx, maxFileTime)
	defer cancel()
	u, err := url.Parse(container)
	if err != nil {
		return &jobError{words: "The output container has no valid address."} // err repeats it
	}
	body, size, err := file.rewind()
	if err != nil {
		return err
	}
	resp, err := f.ask(ctx, http.MethodPut, u.JoinPath(name).String(), body, size)
	if err != nil {
		return &jobError{words: "The output container cannot be reached.", cause: err}
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 4096) // so that the connection can be used again
	_ = resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return &jobError{words: fmt.Sprintf("The output container does not take the file: its server answered %d.", resp.StatusCode)}
	}
	return nil
}

func (f *jobFiles) ask(ctx context.Context, method, address string, body io.Reader, size int64) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, errors.New("hub: not an address") // err repeats it
	}
	req.Header.Set("User-Agent", "SecurePush")
	if method == http.MethodPut {
		req.ContentLength = size
		req.Header.Set("Content-Type", "text/plain; charset=utf-8")
		req.Header.Set("x-ms-blob-type", "BlockBlob")
		req.Header.Set("x-ms-version", "2021-08-06")
		req.Header.Set("x-ms-date", time.Now().UTC().Format(http.TimeFormat))
	}
	return f.http.RoundTrip(req)
}

// spool is a file of this machine in which an output grows until its length is known, which storage asks for first.
type spool struct {
	file *os.File
	out  *bufio.Writer
	size int64
}

func newSpool() (*spool, error) {
	file, err := os.CreateTemp("", "securepush-job-") // 0600
	if err != nil {
		return nil, fmt.Errorf("hub: %w", err)
	}
	_ = os.Remove(file.Name()) // at once, where a system lets it: nothing stays after a crash
	return &spool{file: file, out: bufio.NewWriter(file)}, nil
}

// write adds to the file.
func (s *spool) write(b []byte) error {
	if s.size += int64(len(b)); s.size > maxJobFile {
		return errTooLarge
	}
	_, err := s.out.Write(b)
	return err
}

func (s *spool) rewind() (body io.Reader, size int64, err error) {
	if err := s.out.Flush(); err != nil {
		return nil, 0, err
	}
	_, err = s.file.Seek(0, io.SeekStart)
	return io.NopCloser(s.file), s.size, err
}

func (s *spool) close() {
	_ = s.file.Close()
	_ = os.Remove(s.file.Name())
}
