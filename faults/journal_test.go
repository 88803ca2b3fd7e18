//go:build linux

package faults

import (
	"os"
	"path/filepath"
)

const page = 4096 // bytes of the journal's pages

// tear damages the journal as a machine does that loses its power, and worse.
func (w *world) tear(i int) {
	w.Helper()
	path := filepath.Join(w.state, "journal.db")
	b, err := os.ReadFile(path)
	if err != nil {
		w.Fatal(err)
	}
	pages := len(b) / page
	at := w.seldom(pages) * page
	switch i % 6 {
	case 0: // cut off within a page
		b = b[:at+w.seldom(page)]
	case 1: // a page of noise
		for j := range page {
			b[at+j] = byte(w.seldom(256))
		}
	case 2: // a page of zeros
		clear(b[at : at+page])
	case 3: // nothing is left
		b = nil
	case 4: // one bit
		j := w.seldom(len(b))
		b[j] ^= 1 << w.seldom(8)
	case 5: // noise after the end, of a write that was not finished
		b = append(b, make([]byte, page+w.seldom(page))...)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		w.Fatal(err)
	}
}
