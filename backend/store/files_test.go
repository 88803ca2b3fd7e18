package store

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"securepush/api"
)

func modes(t *testing.T, dir string) map[string]fs.FileMode {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]fs.FileMode{}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		found[e.Name()] = info.Mode().Perm()
	}
	return found
}

func TestNobodyElseCanReadTheFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes are of Unix; on Windows the folder's access list counts")
	}
	dir := filepath.Join(t.TempDir(), "a", "b")
	s := openForTest(t, Options{Path: filepath.Join(dir, "securepush.db")})
	if _, err := s.AddAccount(t.Context(), "anna", api.NewSecret("x"), nil); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{dir, filepath.Dir(dir)} {
		if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
			t.Fatal(folder, info.Mode(), err)
		}
	}
	found := modes(t, dir)
	if len(found) != 3 {
		t.Fatalf("not the file, its log and the log's index: %v", found)
	}
	for name, mode := range found {
		if mode != 0o600 {
			t.Errorf("%s has mode %v", name, mode)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if found := modes(t, dir); len(found) != 1 {
		t.Fatalf("after a clean end there is more than the file: %v", found)
	}
}

func TestRightsOfOthersAreTakenFromAFileThatExists(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes are of Unix")
	}
	path := filepath.Join(t.TempDir(), "securepush.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	openForTest(t, Options{Path: path})
	for name, mode := range modes(t, filepath.Dir(path)) {
		if mode != 0o600 {
			t.Errorf("%s has mode %v", name, mode)
		}
	}
}

func TestALinkIsNotFollowedToAVictimsFile(t *testing.T) {
	dir := t.TempDir()
	victim, path := filepath.Join(dir, "victim"), filepath.Join(dir, "securepush.db")
	if err := os.WriteFile(victim, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, path); err != nil {
		t.Skip("no links here:", err)
	}
	if _, err := Open(t.Context(), Options{Path: path}); !errors.Is(err, ErrUnavailable) {
		t.Fatal(err)
	}
	if info, err := os.Stat(victim); err != nil || info.Size() != 0 {
		t.Fatal("the victim was written")
	}
}

func TestAnOddPathIsAPath(t *testing.T) {
	for _, name := range []string{"a b", "a?b=c", "a#b", "a%20b", "ä☃", "file:x"} {
		if runtime.GOOS == "windows" && strings.ContainsAny(name, "?:") {
			continue
		}
		dir := filepath.Join(t.TempDir(), name)
		s := openForTest(t, Options{Path: filepath.Join(dir, name)})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if found := modes(t, dir); len(found) != 1 || found[name] == 0 {
			t.Fatalf("%q made %v", name, found)
		}
	}
}

func TestWhatIsNoDatabaseIsNamedAndLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "securepush.db")
	text := strings.Repeat("This is a letter. ", 1000)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Path: path}); !errors.Is(err, ErrDamaged) {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != text {
		t.Fatal("the file was changed", err)
	}
}

func TestAFolderInTheWayIsNamed(t *testing.T) {
	if _, err := Open(t.Context(), Options{Path: t.TempDir()}); !errors.Is(err, ErrUnavailable) {
		t.Fatal(err)
	}
}

func TestANewerDatabaseIsNamedAndLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "securepush.db")
	s := openForTest(t, Options{Path: path})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	raw(t, path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (1000, 1)`)
	_, err := Open(t.Context(), Options{Path: path})
	f, ok := errors.AsType[*Failure](err)
	if !ok || !errors.Is(err, ErrNewer) || !strings.Contains(f.Words, "newer version") {
		t.Fatal(err)
	}
}

func TestSeveralThatOpenANewDatabaseAtOnceAllGetIt(t *testing.T) {
	for range 3 {
		path := filepath.Join(t.TempDir(), "securepush.db")
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				s, err := Open(t.Context(), Options{Path: path})
				if err != nil {
					t.Error(err)
					return
				}
				if err := errors.Join(s.Ping(t.Context()), s.Close()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
}

func TestAnAccountThatWasDisabledByHandIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "securepush.db")
	s := openForTest(t, Options{Path: path})
	a, err := s.AddAccount(t.Context(), "anna", api.NewSecret("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.StartSession(t.Context(), SignIn{Account: a.ID})
	if err != nil {
		t.Fatal(err)
	}
	raw(t, path, `UPDATE accounts SET disabled = 1`)
	if _, err := s.Authenticate(t.Context(), g.Access); !errors.Is(err, ErrRefused) {
		t.Fatal(err)
	}
	if _, err := s.RefreshSession(t.Context(), g.Refresh); !errors.Is(err, ErrRefused) {
		t.Fatal(err)
	}
}

func TestContentDoesNotGoToTemporaryFiles(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("open files are listed in /proc")
	}
	s := openForTest(t, Options{})
	fill := `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
		INSERT INTO secrets (name, value) SELECT 'n' || i, randomblob(1000) FROM n`
	if err := s.write(t.Context(), func(t *tx) error { return t.exec(fill) }); err != nil {
		t.Fatal(err)
	}
	before := openFiles(t)
	err := s.write(t.Context(), func(tx *tx) error {
		// Changing each page makes SQLite keep what the savepoint may have to undo.
		if err := tx.exec(`UPDATE secrets SET value = randomblob(1000)`); err != nil {
			return err
		}
		for _, file := range openFiles(t) {
			if !slices.Contains(before, file) {
				t.Errorf("opened %s", file)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func openFiles(t *testing.T) (files []string) {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if file, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil {
			files = append(files, file)
		}
	}
	return files
}

func TestWipedContentIsNowhereInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "securepush.db")
	s := openForTest(t, Options{Path: path})
	a, err := s.AddAccount(t.Context(), "anna", api.NewSecret("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	id := api.NewID()
	m := Message{Title: "canary-title", Sender: "canary-sender", Payload: strings.Repeat("canary-payload ", 1000)}
	if _, err := s.Send(t.Context(), m, []Recipient{{Account: a.ID, ID: id}}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteNotification(t.Context(), a.ID, id); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(file), "canary") {
		t.Fatal("a deleted notification's content is still there")
	}
	if !strings.Contains(string(file), string(id)) {
		t.Fatal("the tombstone is not there, so the search finds nothing at all")
	}
}

// raw runs a statement beside the store.
func raw(t *testing.T, path, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), text); err != nil {
		t.Fatal(err)
	}
}
