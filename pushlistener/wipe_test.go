package pushlistener

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"securepush/api"
)

func TestWhatIsClearedStandsInNoPageOfTheFile(t *testing.T) {
	const marker = "zaphira-kowalczyk"
	file := filepath.Join(t.TempDir(), "journal.db")
	j, err := OpenJournal(file, JournalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	for n := range 200 { // pages of many sizes, free ones between them
		text := []byte(strings.Repeat(marker, 1+n*7%300))
		if err := j.SetAccount(text); err != nil {
			t.Fatal(err)
		}
		if err := j.SetEdgeState(text); err != nil {
			t.Fatal(err)
		}
	}
	read := func() []byte {
		t.Helper()
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	before := read()
	if !bytes.Contains(before, []byte(marker)) {
		t.Fatal("it was not there")
	}
	if err := j.Clear(); err != nil {
		t.Fatal(err)
	}
	after := read()
	if n := bytes.Count(after, []byte(marker)); n != 0 {
		t.Errorf("it still stands in %d places", n)
	}
	if len(after) > 2*len(before) {
		t.Errorf("the file grew from %d to %d bytes", len(before), len(after))
	}
	if err := j.SetAccount([]byte("anna")); err != nil {
		t.Error(err)
	}
}

// plain is a Sealer that leaves content as it is, so that it can be found in the file.
type plain struct{}

func (plain) Seal(_ api.ID, text []byte) ([]byte, error)   { return text, nil }
func (plain) Open(_ api.ID, sealed []byte) ([]byte, error) { return sealed, nil }

func TestContentThatIsTooOldStandsInNoPageOfTheFile(t *testing.T) {
	const days = 24 * time.Hour
	file := filepath.Join(t.TempDir(), "journal.db")
	now := epoch
	j, err := OpenJournal(file, JournalOptions{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	keep := func(name, marker string, age time.Duration, size int) {
		t.Helper()
		n := api.Notification{ID: id(name), Payload: strings.Repeat(marker, size), CreatedAt: now.Add(-age)}
		if _, err := j.apply([]note{{keep: []api.Notification{n}}}, plain{}); err != nil {
			t.Fatal(err)
		}
	}
	kept := func() int {
		t.Helper()
		p, _, err := j.Kept(t.Context(), plain{}, 1000, "")
		if err != nil || len(p.Items) != j.kept {
			t.Fatalf("%d items of %d, %v", len(p.Items), j.kept, err)
		}
		return len(p.Items)
	}
	var sizes []int
	for round := range 12 {
		for n := range 60 {
			age, marker := 31*days, "zaphira-old"
			if n%3 == 0 {
				age, marker = 29*days, "zaphira-new"
			}
			keep(fmt.Sprintf("%d-%d", round, n), marker, age, 1+n*7%300)
		}
		var readers sync.WaitGroup
		for range 4 { // who reads keeps pages from being free
			readers.Go(func() { _, _, _ = j.Kept(t.Context(), plain{}, 1000, "") })
		}
		removed, err := j.KeepFor(30 * days)
		readers.Wait()
		if err != nil || removed != 40 {
			t.Fatalf("removed %d, %v", removed, err)
		}
		if got := kept(); got != 20 {
			t.Fatalf("%d are kept", got)
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte("zaphira-old")) || !bytes.Contains(b, []byte("zaphira-new")) {
			t.Fatal("what is too old still stands in the file, or what is not does not")
		}
		sizes = append(sizes, len(b))
		if _, err := j.KeepFor(0); err != nil {
			t.Fatal(err)
		}
		now = now.Add(2 * days) // and the rest is too old as well
		if removed, err := j.KeepFor(30 * days); err != nil || removed != 20 || kept() != 0 {
			t.Fatalf("removed %d, %v", removed, err)
		}
		if _, err := j.KeepFor(0); err != nil {
			t.Fatal(err)
		}
	}
	if last := sizes[len(sizes)-1]; last > 2*sizes[0] {
		t.Errorf("the file grows: %d", sizes)
	}
	if _, err := j.KeepFor(30 * days); err != nil {
		t.Fatal(err)
	}
	keep("late", "zaphira-old", 31*days, 1)
	keep("young", "zaphira-new", 30*days, 1)
	if got := kept(); got != 1 {
		t.Errorf("%d are kept of one that is too old already and one that is not", got)
	}
}
