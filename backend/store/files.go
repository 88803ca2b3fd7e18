package store

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
)

// prepareFile makes the folder (0700) and an empty database file (0600) when there are none, and takes other people's
// rights from files that exist. SQLite gives its side files the mode of the main one. It returns the absolute path.
func prepareFile(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", failure(ErrUnavailable, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fileFailure(err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) //nolint:gosec // the operator names the file
	if err == nil {
		return path, fileFailure(f.Close())
	}
	if !errors.Is(err, fs.ErrExist) {
		return "", fileFailure(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := closeToOthers(path + suffix); err != nil {
			return "", err
		}
	}
	return path, nil
}

// closeToOthers checks that path, if it exists, is a plain file (a link could lead to a victim's file) and makes it 0600.
func closeToOthers(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fileFailure(err)
	case !info.Mode().IsRegular():
		return failure(ErrUnavailable, fmt.Errorf("%s is not a plain file", path))
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return fileFailure(os.Chmod(path, 0o600))
	}
	return nil
}

func fileFailure(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrPermission), isReadOnlyFS(err):
		return failure(ErrReadOnly, err)
	case isDiskFull(err):
		return failure(ErrDiskFull, err)
	}
	return failure(ErrUnavailable, err)
}

// dsn is the driver's name for the file, with what every connection is set to. temp_store: SQLite puts what a savepoint
// may have to undo, and large sorts, into a file of the system's temp folder otherwise, and content with it.
func dsn(path string, pragmas ...string) string {
	q := url.Values{"_pragma": append([]string{
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "temp_store(MEMORY)",
	}, pragmas...)}
	slashed := filepath.ToSlash(path)
	if slashed[0] != '/' {
		slashed = "/" + slashed // a drive letter
	}
	return (&url.URL{Scheme: "file", Path: slashed, RawQuery: q.Encode()}).String()
}
