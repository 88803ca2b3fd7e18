package store_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"securepush/api"
	"securepush/backend/store"
)

// The test program is also the other process: with this variable set it does what the variable says, on the file named
// by its first argument, and writes a line for everything that was acknowledged.
const roleVariable = "SECUREPUSH_STORE_TEST_ROLE"

func TestMain(m *testing.M) {
	role := os.Getenv(roleVariable)
	if role == "" {
		os.Exit(m.Run())
	}
	if err := act(context.Background(), role, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func act(ctx context.Context, role, path string) error {
	s, err := store.Open(ctx, store.Options{Path: path})
	if err != nil {
		return err
	}
	a, err := s.AccountByName(ctx, "anna")
	if err != nil {
		return err
	}
	switch role {
	case "send for ever":
		return sendMany(ctx, s, a.ID, 8, 1<<40)
	case "send 200":
		return errors.Join(sendMany(ctx, s, a.ID, 4, 200), s.Close())
	case "send 5 one by one":
		return errors.Join(sendMany(ctx, s, a.ID, 1, 5), s.Close())
	case "disable":
		return errors.Join(s.SetDisabled(ctx, a.ID, true), s.Close())
	}
	return fmt.Errorf("no such role: %s", role)
}

// sendMany sends from several goroutines and prints each ID after it was acknowledged.
func sendMany(ctx context.Context, s *store.Store, account string, senders, count int) error {
	var all sync.WaitGroup
	errs := make([]error, senders)
	for i := range senders {
		all.Go(func() {
			for range count / senders {
				id := api.NewID()
				m := store.Message{Title: "A", Payload: strings.Repeat("x", 300)}
				if _, errs[i] = s.Send(ctx, m, []store.Recipient{{Account: account, ID: id}}, nil); errs[i] != nil {
					return
				}
				if _, errs[i] = os.Stdout.WriteString(string(id) + "\n"); errs[i] != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// child starts the other process, perhaps under a tool.
func child(t *testing.T, role, path string, tool ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	argv := append(tool, self, path)
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

func prepared(t *testing.T) (path string, account store.Account) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "securepush.db")
	s := open(t, store.Options{Path: path})
	account, err := s.AddAccount(t.Context(), "anna", api.NewSecret("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path, account
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	path, a := prepared(t)
	rounds := 10
	if testing.Short() {
		rounds = 2
	}
	var acknowledged []api.ID
	for round := range rounds {
		cmd, lines := child(t, "send for ever", path)
		for until := len(acknowledged) + 50 + 37*round; lines.Scan(); {
			if len(lines.Text()) == 22 { // the last line may be cut
				acknowledged = append(acknowledged, api.ID(lines.Text()))
			}
			if len(acknowledged) == until {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the child was not killed")
		}
		checkIntegrity(t, path)
	}
	s := open(t, store.Options{Path: path})
	for _, id := range acknowledged {
		if _, err := s.Notification(t.Context(), a.ID, id); err != nil {
			t.Fatalf("%v was acknowledged: %v", id, err)
		}
	}
	inbox := everything(t, s, a.ID)
	unread, err := s.Unread(t.Context(), a.ID)
	if err != nil || unread != len(inbox) || unread < len(acknowledged) {
		t.Fatalf("%d acknowledged, %d in the inbox, %d counted, error %v", len(acknowledged), len(inbox), unread, err)
	}
}

func checkIntegrity(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var verdict string
	if err := db.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
		t.Fatal(verdict, err)
	}
}

func everything(t *testing.T, s *store.Store, account string) map[api.ID]bool {
	t.Helper()
	all := map[api.ID]bool{}
	for q := (store.PageQuery{Limit: store.PageMax}); ; {
		p, err := s.Page(t.Context(), account, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range p.Items {
			if all[n.ID] {
				t.Fatalf("%v stands twice", n.ID)
			}
			all[n.ID] = true
		}
		if q.Cursor = p.Next; !p.More {
			return all
		}
	}
}

// TestEverySendIsSyncedBeforeItIsAcknowledged looks at the system calls: a kill leaves what the system has
// not yet written to the disk, so only this tells what a power loss would.
func TestEverySendIsSyncedBeforeItIsAcknowledged(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed")
	}
	path, _ := prepared(t)
	trace := filepath.Join(t.TempDir(), "trace")
	cmd, lines := child(t, "send 5 one by one", path, strace, "-f", "-y", "-s", "64", "-e", "trace=fsync,fdatasync,write,pwrite64", "-o", trace)
	for lines.Scan() {
	}
	if err := cmd.Wait(); err != nil {
		t.Skip("strace does not work here:", err)
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	synced := regexp.MustCompile(`(fsync|fdatasync)\(\d+<[^>]*-wal>.*= 0|<\.\.\. (fsync|fdatasync) resumed>.*= 0`)
	answered := regexp.MustCompile(`write\(1<[^>]*>, "[A-Za-z0-9_-]{22}\\n"`)
	safe, answers := false, 0
	for line := range strings.Lines(string(text)) {
		switch {
		case synced.MatchString(line):
			safe = true
		case answered.MatchString(line):
			if answers++; !safe {
				t.Fatalf("acknowledgement %d was not synced before", answers)
			}
			safe = false
		case strings.Contains(line, "-wal>") && strings.Contains(line, "write"):
			safe = false
		}
	}
	if answers != 5 {
		t.Fatalf("%d acknowledgements in the trace:\n%s", answers, text)
	}
}

func TestTwoProcessesWriteOneFile(t *testing.T) {
	path, a := prepared(t)
	s := open(t, store.Options{Path: path})
	sent := map[api.ID]bool{}
	cmd, lines := child(t, "send 200", path)
	for range 200 {
		id := api.NewID()
		if _, err := s.Send(t.Context(), store.Message{}, []store.Recipient{{Account: a.ID, ID: id}}, nil); err != nil {
			t.Fatal(err)
		}
		sent[id] = true
	}
	for lines.Scan() {
		sent[api.ID(lines.Text())] = true
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	inbox := everything(t, s, a.ID)
	for id := range sent {
		if !inbox[id] {
			t.Fatalf("%v is missing", id)
		}
	}
	if len(sent) != 400 || len(inbox) != 400 {
		t.Fatal(len(sent), len(inbox))
	}
}

func TestAnotherProcessGetsInWhileOneWritesWithoutPause(t *testing.T) {
	path, a := prepared(t)
	s := open(t, store.Options{Path: path})
	stop, ended := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for stop.Err() == nil {
				_, err := s.Send(stop, store.Message{}, []store.Recipient{{Account: a.ID, ID: api.NewID()}}, nil)
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
					return
				}
			}
		})
	}
	started := time.Now()
	cmd, lines := child(t, "send 200", path)
	for lines.Scan() {
	}
	err := cmd.Wait()
	ended()
	all.Wait()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("200 writes of the other process took %v", time.Since(started))
}

func TestDisablingByAnotherProcessEndsASessionAtOnce(t *testing.T) {
	path, a := prepared(t)
	s := open(t, store.Options{Path: path})
	g, err := s.StartSession(t.Context(), store.SignIn{Account: a.ID})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Authenticate(t.Context(), g.Access); err != nil {
		t.Fatal(err)
	}
	cmd, lines := child(t, "disable", path)
	for lines.Scan() {
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Authenticate(t.Context(), g.Access); !errors.Is(err, store.ErrRefused) {
		t.Fatal(err)
	}
	if _, err := s.RefreshSession(t.Context(), g.Refresh); !errors.Is(err, store.ErrRefused) {
		t.Fatal(err)
	}
}
