package pushlistener

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
