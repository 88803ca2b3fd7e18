package hub

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"securepush/backend/hub/atom"
	"securepush/backend/hub/record"
)

// Files that a job leaves in its container, and the properties that name them.
const (
	outputFile     = "Output.txt"
	failedFile     = "Failed.txt"
	outputProperty = "OutputFilePath"
	failedProperty = "FailedFilePath"
)

// exportPage is how many registrations are read together.
const exportPage = 500

func (r *jobRunner) path(j *record.Job, file string) string { return r.hub + "/" + j.ID + "/" + file }

// export writes all registrations into the job's container, one description in each line.
func (r *jobRunner) export(ctx context.Context, j *record.Job) error {
	file, err := newSpool()
	if err != nil {
		return err
	}
	defer file.close()
	var line []byte
	for after := ""; ; {
		found, err := r.store.Registrations(ctx, record.Query{After: after, Limit: exportPage})
		if err != nil {
			return err
		}
		for i := range found {
			line = append(atom.AppendDescription(line[:0], found[i], atom.Read), '\n') // it is one line
			if err := file.write(line); err != nil {
				return err
			}
		}
		if len(found) < exportPage {
			break
		}
		after = found[len(found)-1].ID
	}
	if err := r.files.put(ctx, j.OutputContainer, r.path(j, outputFile), file); err != nil {
		return err
	}
	j.OutputProperties[outputProperty] = r.path(j, outputFile)
	return nil
}

// importLines does what the job says with each line of its file, and leaves those that failed in the job's container.
func (r *jobRunner) importLines(ctx context.Context, j *record.Job) error {
	failed, err := newSpool()
	if err != nil {
		return err
	}
	defer failed.close()
	reading, cancel := context.WithTimeout(ctx, maxJobTime)
	defer cancel()
	body, size, err := r.files.open(reading, j.ImportFile)
	if err != nil {
		return err
	}
	defer body.Close() //nolint:errcheck // it was only read
	source := &counted{from: body}
	lines := bufio.NewScanner(source)
	lines.Buffer(nil, maxDocument)
	kept := r.now()
	for n := 1; lines.Scan(); n++ {
		if err := r.importLine(ctx, j.Type, n, lines.Bytes(), failed); err != nil {
			return err
		}
		if now := r.now(); size > 0 && now.Sub(kept) >= time.Second {
			kept, j.Progress = now, float64(100*source.n/size)
			if err := r.store.PutJob(ctx, *j); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return readFailure(err)
	}
	if failed.size == 0 {
		return nil
	}
	if err := r.files.put(ctx, j.OutputContainer, r.path(j, failedFile), failed); err != nil {
		return err
	}
	j.OutputProperties[failedProperty] = r.path(j, failedFile)
	return nil
}

func readFailure(err error) error {
	if _, ok := errors.AsType[*jobError](err); ok {
		return err
	}
	if errors.Is(err, bufio.ErrTooLong) {
		return &jobError{words: "A line of the import file is too long.", cause: err}
	}
	return &jobError{words: "The import file could not be read to its end.", cause: err}
}

// importLine does one line. What is wrong with it is noted with the line; an error is the end of the job.
func (r *jobRunner) importLine(ctx context.Context, kind string, n int, line []byte, failed *spool) error {
	line = bytes.TrimSpace(line)
	if len(line) == 0 {
		return nil
	}
	err := r.change(ctx, kind, line)
	if err == nil {
		return nil
	}
	f := asFailure(err)
	if f.status >= 500 {
		return err
	}
	return failed.write(fmt.Appendf(nil, "%d\t%s\t%s\n", n, cmpWords(f), line))
}

func cmpWords(f *failure) string {
	words := f.text
	if words == "" {
		words = "There is no such registration."
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, words)
}

// change does with a line's registration what the type of the job says. The errors are those of an ordinary request.
func (r *jobRunner) change(ctx context.Context, kind string, line []byte) error {
	reg, err := atom.DecodeDescription(line)
	if err != nil {
		return err
	}
	if needed := kind == atom.ImportUpdateRegistrations || kind == atom.ImportDeleteRegistrations; !validID(reg.ID) && (needed || reg.ID != "") {
		return refuse(400, "The line has no valid RegistrationId.")
	}
	if kind == atom.ImportDeleteRegistrations {
		return r.store.DeleteRegistration(ctx, reg.ID, "*")
	}
	if err := checkTags(reg.Tags); err != nil {
		return err
	}
	if err := r.free(ctx, kind, &reg); err != nil {
		return err
	}
	match := ""
	if kind == atom.ImportUpdateRegistrations {
		match = "*"
	}
	reg.Created = r.now()
	reg.Updated = reg.Created
	_, err = r.store.PutRegistration(ctx, reg, match)
	return err
}

// free sees to it that the ID of a registration may be written.
func (r *jobRunner) free(ctx context.Context, kind string, reg *record.Registration) error {
	if reg.ID == "" {
		reg.ID = record.NewRegistrationID()
		return nil
	}
	old, err := r.store.Registration(ctx, reg.ID)
	switch {
	case errors.Is(err, record.ErrNotFound), errors.Is(err, record.ErrGone):
		return nil // writing will tell
	case err != nil:
		return err
	case old.Installation != "":
		return refuse(400, "This registration belongs to an installation. Update the installation.")
	case kind == atom.ImportCreateRegistrations:
		return refuse(409, "There is a registration of this ID.")
	}
	return nil
}

// counted counts what is read, up to the bound of a job's file.
type counted struct {
	from io.Reader
	n    int64
}

// Read reads on.
func (c *counted) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	if c.n += int64(n); c.n > maxJobFile {
		return 0, errTooLarge
	}
	return n, err
}
