package pushlistener

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"securepush/api"
)

// xor is a Sealer for tests: not secret, but bound to the ID.
type xor struct{}

func (xor) Seal(id api.ID, plain []byte) ([]byte, error) {
	out := append([]byte(id), plain...)
	for i := range out {
		out[i] ^= 0x5a
	}
	return out, nil
}

func (xor) Open(id api.ID, sealed []byte) ([]byte, error) {
	out := bytes.Clone(sealed)
	for i := range out {
		out[i] ^= 0x5a
	}
	plain, ok := bytes.CutPrefix(out, []byte(id))
	if !ok {
		return nil, errors.New("of another ID")
	}
	return plain, nil
}

func journalPath(t testing.TB) string { return filepath.Join(t.TempDir(), "state", "journal.db") }

func openJournal(t testing.TB, path string) *Journal {
	t.Helper()
	j, err := OpenJournal(path, JournalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func reopen(t testing.TB, j *Journal, path string) *Journal {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return openJournal(t, path)
}

func apply(t testing.TB, j *Journal, n ...note) {
	t.Helper()
	if _, err := j.apply(n, xor{}); err != nil {
		t.Fatal(err)
	}
}

func TestJournalRemembers(t *testing.T) {
	path := journalPath(t)
	j := openJournal(t, path)
	now := time.Now().Round(time.Millisecond)
	owner, cursor := "anna", api.Cursor("42")
	apply(t, j, note{owner: &owner}, note{
		cursor: &cursor, synced: now, prompt: &promptRecord{PromptKeyring, now},
		entries: []entry{
			{id("a"), record{fate: fateWaiting, seen: now}},
			{id("b"), record{fate: fateShown, group: groupDigest, seen: now, created: now.Add(-time.Hour)}},
			{id("c"), record{fate: fateSettled, seen: now}},
			{id("d"), record{fate: fateShown, seen: now.Add(-48 * time.Hour)}},
		},
	}, note{entries: []entry{{id: id("c")}}})
	if err := errors.Join(j.SetAccount([]byte("account")), j.SetEdgeState([]byte("edge"))); err != nil {
		t.Fatal(err)
	}
	j = reopen(t, j, path)
	l, err := j.load()
	if err != nil {
		t.Fatal(err)
	}
	if l.owner != owner || l.cursor != cursor || !l.synced.Equal(now) || l.prompt.prompt != PromptKeyring || !l.prompt.at.Equal(now) {
		t.Errorf("loaded %+v", l)
	}
	if len(l.waiting) != 1 || l.waiting[0].id != id("a") || len(l.standing) != 1 || l.standing[0].rec.group != groupDigest {
		t.Errorf("waiting %v, standing %v", l.waiting, l.standing)
	}
	known, err := j.lookup(id("a"), id("b"), id("c"), id("x"))
	if err != nil || known[0].fate != fateWaiting || known[1].fate != fateShown || known[2].fate != fateNone || known[3].fate != fateNone {
		t.Errorf("known %v, %v", known, err)
	}
	account, _ := j.Account()
	edge, _ := j.EdgeState()
	if string(account) != "account" || string(edge) != "edge" {
		t.Errorf("account %q, edge %q", account, edge)
	}
	berta := "berta"
	apply(t, j, note{owner: &berta})
	if l, _ := j.load(); l.owner != berta || l.cursor != "" || len(l.waiting) != 0 || l.prompt.prompt != PromptNone {
		t.Errorf("after another sign-in: %+v", l)
	}
	if account, _ := j.Account(); account == nil {
		t.Error("the agent's record went with the last owner's IDs")
	}
	if err := j.Clear(); err != nil {
		t.Fatal(err)
	}
	account, _ = j.Account()
	edge, _ = j.EdgeState()
	if l, _ := j.load(); l.owner != "" || account != nil || edge != nil {
		t.Errorf("after Clear: %+v %q %q", l, account, edge)
	}
}

func TestJournalIsPrivate(t *testing.T) {
	path := journalPath(t)
	openJournal(t, path)
	for name, want := range map[string]fs.FileMode{path: 0o600, path + ".lock": 0o600, filepath.Dir(path): fs.ModeDir | 0o700} {
		if st, err := os.Stat(name); err != nil || st.Mode() != want {
			t.Errorf("%s is %v, %v", filepath.Base(name), st.Mode(), err)
		}
	}
	wide := journalPath(t)
	openJournal(t, wide)
	if err := os.Chmod(wide, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestJournalNarrowsItsMode(t *testing.T) {
	path := journalPath(t)
	j := openJournal(t, path)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	reopen(t, j, path)
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
}

func TestJournalDoesNotFollowALinkOutOfItsFolder(t *testing.T) {
	path := journalPath(t)
	victim := filepath.Join(t.TempDir(), "victim")
	if err := errors.Join(os.WriteFile(victim, []byte("mine"), 0o600), os.MkdirAll(filepath.Dir(path), 0o700), os.Symlink(victim, path)); err != nil {
		t.Fatal(err)
	}
	if j, err := OpenJournal(path, JournalOptions{}); err == nil {
		_ = j.Close()
		t.Error("opened")
	}
	if b, _ := os.ReadFile(victim); string(b) != "mine" {
		t.Errorf("the victim holds %q", b)
	}
}

func TestASecondAgentIsToldSo(t *testing.T) {
	path := journalPath(t)
	if os.Getenv("SECUREPUSH_TEST_JOURNAL") != "" {
		path = os.Getenv("SECUREPUSH_TEST_JOURNAL")
	} else {
		j := openJournal(t, path)
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestASecondAgentIsToldSo$")
		cmd.Env = append(os.Environ(), "SECUREPUSH_TEST_JOURNAL="+path)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("the other process: %v\n%s", err, out)
		}
		defer func() { reopen(t, j, path) }() // and the lock goes with the first
	}
	if _, err := OpenJournal(path, JournalOptions{Timeout: 20 * time.Millisecond}); !errors.Is(err, ErrAgentRunning) {
		t.Errorf("error %v", err)
	}
}

func TestADamagedJournalIsSetAside(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"it is of another kind":     func([]byte) []byte { return bytes.Repeat([]byte("not a journal\n"), 4096) },
		"it is cut":                 func(b []byte) []byte { return b[:3*4096] },
		"it is a few bytes":         func([]byte) []byte { return []byte("x") },
		"all but the head is blank": func(b []byte) []byte { clear(b[2*4096:]); return b },
	} {
		t.Run(name, func(t *testing.T) {
			path := journalPath(t)
			j := openJournal(t, path)
			apply(t, j, note{entries: []entry{{id("a"), record{fate: fateShown}}}})
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(b), 0o600); err != nil {
				t.Fatal(err)
			}
			j = openJournal(t, path)
			if _, err := os.Stat(j.SetAside()); err != nil {
				t.Errorf("set aside: %v", err)
			}
			if l, err := j.load(); err != nil || l.owner != "" {
				t.Errorf("loaded %+v, %v", l, err)
			}
			apply(t, j, note{entries: []entry{{id("b"), record{fate: fateShown}}}})
		})
	}
}

func TestWhatCanBeReadOfADamagedJournalIsSaved(t *testing.T) {
	path := journalPath(t)
	j := openJournal(t, path)
	if err := errors.Join(j.SetAccount([]byte("account")), j.update(func(tx *bbolt.Tx) error { return tx.DeleteBucket(bucketKept) })); err != nil {
		t.Fatal(err)
	}
	j = reopen(t, j, path)
	if account, err := j.Account(); j.SetAside() == "" || string(account) != "account" || err != nil {
		t.Errorf("set aside %q, account %q, %v", j.SetAside(), account, err)
	}
}

func TestANewerJournalIsLeftAlone(t *testing.T) {
	path := journalPath(t)
	j := openJournal(t, path)
	if err := j.set(keyVersion, []byte{journalVersion + 1}); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenJournal(path, JournalOptions{}); !errors.Is(err, ErrJournalVersion) {
		t.Errorf("error %v", err)
	}
}

// TestRandomDamageNeverEndsTheProcess flips bytes everywhere: whatever happens, it comes back as an error or a new file.
func TestRandomDamageNeverEndsTheProcess(t *testing.T) {
	path := journalPath(t)
	j := openJournal(t, path)
	owner := "anna"
	n := note{owner: &owner}
	for i := range 200 {
		n.entries = append(n.entries, entry{id(fmt.Sprint(i)), record{fate: fateShown, seen: time.Now()}})
		n.keep = append(n.keep, api.Notification{ID: id(fmt.Sprint(i)), Payload: strings.Repeat("x", 500), CreatedAt: time.Now()})
	}
	apply(t, j, n)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	aside := 0
	for range 50 {
		b := bytes.Clone(whole)
		for range 1 + rnd.IntN(200) {
			b[rnd.IntN(len(b))] = byte(rnd.Uint32())
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := OpenJournal(path, JournalOptions{})
		if err != nil {
			t.Fatal("not even a new one:", err)
		}
		if j.SetAside() != "" {
			aside++
		}
		_, _ = j.load()
		_, _, _ = j.Kept(t.Context(), xor{}, 500, "")
		_, _ = j.apply([]note{n}, xor{})
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if aside == 0 {
		t.Error("no damage was noticed")
	}
}

func TestJournalForgetsTheOldest(t *testing.T) {
	j := openJournal(t, journalPath(t))
	start := time.Now().Add(-time.Hour)
	apply(t, j, note{entries: []entry{{id("w"), record{fate: fateWaiting, seen: start.Add(-maxRecordAge)}}}})
	var horizon time.Time
	for i := 0; i < maxRecords+2*recordSlack; i += recordSlack {
		n := note{}
		for k := i; k < i+recordSlack; k++ {
			at := start.Add(time.Duration(k) * time.Millisecond)
			n.entries = append(n.entries, entry{id(fmt.Sprint(k)), record{fate: fateShown, seen: at, created: at}})
		}
		var err error
		if horizon, err = j.apply([]note{n}, nil); err != nil {
			t.Fatal(err)
		}
	}
	known, err := j.lookup(id("0"), id(fmt.Sprint(2*recordSlack-1)), id(fmt.Sprint(2*recordSlack)))
	if err != nil || known[0].fate != fateNone || known[1].fate != fateNone || known[2].fate != fateShown || j.items != maxRecords+1 {
		t.Errorf("known %v, %v, %d items", known, err, j.items)
	}
	if l, err := j.load(); err != nil || len(l.waiting) != 1 {
		t.Errorf("waiting %v, %v", l.waiting, err)
	}
	if want := start.Add((2*recordSlack - 1) * time.Millisecond); horizon.Sub(want).Abs() > time.Millisecond {
		t.Errorf("horizon %v, want %v", horizon, want)
	}
}

func TestKept(t *testing.T) {
	path := journalPath(t)
	j := openJournal(t, path)
	n := note{synced: time.Now()}
	for i := range maxKept + 10 {
		n.keep = append(n.keep, api.Notification{ID: id(fmt.Sprint(i)), Title: fmt.Sprint(i), CreatedAt: epoch.Add(time.Duration(i) * time.Second)})
	}
	apply(t, j, n, note{drop: []api.ID{id("1000")}, read: []api.ID{id("1009")}})
	b, err := os.ReadFile(path)
	if err != nil || bytes.Contains(b, []byte(`"title"`)) {
		t.Error("content lies open on the disk", err)
	}
	j = reopen(t, j, path)
	var got []string
	var cursor api.Cursor
	for {
		page, asOf, err := j.Kept(t.Context(), xor{}, 300, cursor)
		if err != nil || asOf.IsZero() || page.Unread != maxKept-2 {
			t.Fatalf("unread %d, as of %v, %v", page.Unread, asOf, err)
		}
		for _, n := range page.Items {
			got = append(got, n.Title)
		}
		if cursor = page.Next; !page.More {
			break
		}
	}
	if len(got) != maxKept-1 || got[0] != "1009" || got[len(got)-1] != "10" {
		t.Errorf("%d kept, from %s to %s", len(got), got[0], got[len(got)-1])
	}
	one, ok, err := j.KeptByID(t.Context(), xor{}, id("1009"))
	if err != nil || !ok || !one.Read || one.Title != "1009" {
		t.Errorf("one %+v, %v, %v", one, ok, err)
	}
	if _, ok, err := j.KeptByID(t.Context(), xor{}, id("5")); ok || err != nil {
		t.Error("beyond the bound, but there", err)
	}
	if _, ok, _ := j.KeptByID(t.Context(), nil, id("1009")); ok {
		t.Error("opened without a key")
	}
	if page, _, err := j.Kept(t.Context(), xor{}, 10, "17"); err != nil || len(page.Items) != 0 || page.More {
		t.Errorf("a cursor of the server gave %+v, %v", page, err)
	}
	apply(t, j, note{readAll: true})
	if page, _, _ := j.Kept(t.Context(), xor{}, 10, ""); page.Unread != 0 || !page.Items[0].Read {
		t.Error("not all are read")
	}
}

func FuzzRecord(f *testing.F) {
	f.Add(record{fate: fateShown, group: groupDigest, seen: epoch, created: epoch}.encode())
	f.Add(record{fate: fateWaiting, seen: epoch}.encode())
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{1}, recordSize))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecord(b)
		if err == nil && !bytes.Equal(r.encode(), b) {
			t.Errorf("%x decodes to %+v, which encodes to %x", b, r, r.encode())
		}
		p, err := decodePrompt(b)
		if err == nil && !bytes.Equal(p.encode(), b) {
			t.Errorf("%x decodes to %+v, which encodes to %x", b, p, p.encode())
		}
	})
}

func FuzzKept(f *testing.F) {
	content, _ := encodeContent(api.Notification{ID: id("a"), Payload: "text"})
	f.Add(append([]byte{keptRead}, content...), "kept.AAAA")
	f.Add([]byte{0}, "kept."+strings.Repeat("A", 40))
	f.Add([]byte{7}, "17")
	f.Fuzz(func(t *testing.T, value []byte, cursor string) {
		if _, plain, err := decodeKept(value); err == nil {
			if n, err := decodeContent(plain, id("a")); err == nil && n.ID != id("a") {
				t.Error("another ID")
			}
		}
		if key, ok := parseKeptCursor(api.Cursor(cursor)); ok && key != nil && len(key) <= keptTime {
			t.Errorf("key %x", key)
		}
	})
}
