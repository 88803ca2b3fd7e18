//go:build unix

package pushlistener

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"securepush/api"
)

const (
	killFolder = "SECUREPUSH_TEST_KILL_FOLDER" // makes the test binary the process that is killed
	killCount  = "SECUREPUSH_TEST_KILLS"       // how often; 300 takes some minutes
	killMail   = 200                           // notifications
)

// TestKilledProcessesLoseNothingAndRepeatLittle kills a real process again and again while pushes come in: every
// notification is shown, and each kill repeats at most one toast.
func TestKilledProcessesLoseNothingAndRepeatLittle(t *testing.T) {
	if folder := os.Getenv(killFolder); folder != "" {
		victim(t, folder)
		return
	}
	kills := 10
	if n, err := strconv.Atoi(os.Getenv(killCount)); err == nil {
		kills = n
	}
	folder := t.TempDir()
	rnd := rand.New(rand.NewPCG(uint64(os.Getpid()), 1))
	killed := 0
	for done := false; !done; {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), killFolder+"="+folder, "SECUREPUSH_TEST_PACE="+strconv.Itoa(3+kills/2))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if killed < kills {
			timer := time.AfterFunc(time.Duration(20+rnd.IntN(80))*time.Millisecond, func() { _ = cmd.Process.Kill() })
			err := cmd.Wait()
			done = err == nil
			timer.Stop()
			if !done {
				killed++
			}
			continue
		}
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
		done = true
	}
	if killed == 0 {
		t.Error("no process was killed")
	}
	b, err := os.ReadFile(filepath.Join(folder, "toasts"))
	if err != nil {
		t.Fatal(err)
	}
	shown, repeats := map[string]int{}, 0
	for tag := range strings.Lines(string(b)) {
		if shown[tag]++; shown[tag] > 1 && tag != TagDigest+"\n" {
			repeats++
		}
	}
	j := openJournal(t, filepath.Join(folder, "journal.db"))
	for i := range killMail {
		if known, err := j.lookup(mailID(i)); err != nil || known[0].fate != fateShown {
			t.Errorf("notification %d is %+v, %v", i, known, err)
		}
	}
	if repeats > killed {
		t.Errorf("%d repeats after %d kills", repeats, killed)
	}
	t.Logf("%d kills, %d repeats, %d digests", killed, repeats, shown[TagDigest+"\n"])
}

func mailID(i int) api.ID {
	return api.ID(base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%016d", i)))
}

// victim is a process that shows notifications until it is killed, or all are shown. What the world remembers is in
// files: which notifications were sent, and which toasts were seen.
func victim(t *testing.T, folder string) {
	add := func(name, line string) error {
		f, err := os.OpenFile(filepath.Join(folder, name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		_, err = f.WriteString(line + "\n")
		return errors.Join(err, f.Close())
	}
	sent, _ := os.ReadFile(filepath.Join(folder, "sent"))
	first := strings.Count(string(sent), "\n")
	s, edge := &server{}, &wire{channel: api.PushChannel{Endpoint: "https://push.example/1"}}
	arrive := func(i int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.mail = append(s.mail, api.Notification{ID: mailID(i), Payload: "Text", CreatedAt: epoch.Add(time.Duration(i) * time.Second)})
	}
	for i := range first {
		arrive(i)
	}
	l := New(Options{
		Journal: openJournal(t, filepath.Join(folder, "journal.db")), Backend: s, Edge: edge, ToastsPerMinute: -1,
		Toasts: &desktop{show: func(toast Toast) error { return add("toasts", toast.Tag) }},
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	l.Tell(SignedIn{Account: "anna"})
	pace, _ := strconv.Atoi(os.Getenv("SECUREPUSH_TEST_PACE"))
	for i := first; i < killMail; i++ {
		if err := add("sent", "x"); err != nil {
			t.Fatal(err)
		}
		arrive(i)
		if h := edge.handler.Load(); h != nil {
			go func() { _ = (*h).Push(ctx, api.EncodePush(mailID(i))) }()
		}
		<-time.After(time.Duration(pace) * time.Millisecond)
	}
	l.Tell(Refresh{})
	for i := 0; i < killMail; {
		known, err := l.o.Journal.lookup(mailID(i))
		if err != nil {
			t.Fatal(err)
		}
		if known[0].fate == fateShown {
			i++
		} else {
			<-time.After(time.Millisecond)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
