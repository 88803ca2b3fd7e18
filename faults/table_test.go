//go:build linux

package faults

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// fault is one row of the table.
type fault struct {
	name    string
	runs    int // in make faults
	short   int // in go test; 0: there it is left out
	repeats int // allowed in place for each time that the listener is killed
	again   int // allowed in place in each run
	prompts int // allowed in each run
	options options
	// run is one run: it makes the fault, ends it and waits until what was sent is shown.
	run func(w *world, i int)
	// drive makes all runs, where one world with the usual account is not what is wanted.
	drive func(r *row, t *testing.T)
}

// row is what came of a fault.
type row struct {
	fault
	done                          int // runs that came to their end
	kills                         int // of the listener
	sent, lost, repeated, doubled int
	shown                         int // prompts
	stuck                         time.Duration
	ran                           bool
	skipped                       string
}

// faultsOf are all rows, in the order of the table.
func faultsOf() []fault {
	return slices.Concat(crashes(), journals(), networks(), proxies(), certificates(), desktops(), []fault{burst}, keyrings(), sessions())
}

// workers is how many rows run beside each other: most of them wait most of the time.
const workers = 4

func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("takes two minutes")
	}
	t.Parallel()
	all := faultsOf()
	rows := make([]row, len(all))
	next := make(chan int)
	var pool sync.WaitGroup
	for range workers {
		pool.Go(func() {
			for i := range next {
				rows[i].fault = all[i]
				t.Run(all[i].name, func(t *testing.T) { rows[i].fill(t) })
			}
		})
	}
	for i := range all {
		if all[i].times() > 0 {
			next <- i
		}
	}
	close(next)
	pool.Wait()
	text := table(rows)
	t.Log("\n" + text)
	if *document != "" && !t.Failed() {
		if err := rewrite(*document, text); err != nil {
			t.Error(err)
		}
	}
}

func (f fault) times() int {
	if *full {
		return f.runs
	}
	return f.short
}

// fill makes the runs and checks what came of them.
func (r *row) fill(t *testing.T) {
	r.ran = true
	defer func() {
		if t.Skipped() {
			r.skipped = "not possible here"
		}
	}()
	if r.drive != nil {
		r.drive(r, t)
		return
	}
	w := newWorld(t, r.options)
	before := w.screen.shownPrompts()
	defer func() {
		r.sent, r.lost, r.repeated, r.doubled = w.ledger.totals()
		r.shown, r.stuck, r.kills = w.screen.shownPrompts()-before, w.stuck, int(w.kills.Load())
	}()
	for i := range r.times() {
		r.run(w, i)
		w.rests()
		r.done++
	}
	w.send(1) // comes after whatever else was still to come
	w.settled(time.Time{})
	sent, lost, repeated, doubled := w.ledger.totals()
	if lost > 0 || doubled > 0 {
		t.Errorf("of %d notifications %d were lost and %d shown twice", sent, lost, doubled)
	}
	if most := int(w.kills.Load())*r.repeats + r.done*r.again; repeated > most {
		t.Errorf("%d toasts were repeated in their place, and at most %d may be", repeated, most)
	}
	if prompts, most := w.screen.shownPrompts()-before, max(r.done*r.prompts, w.ledger.latePrompts()); prompts > most {
		t.Errorf("%d prompts were shown, and at most %d may be", prompts, most)
	}
	for _, c := range w.ledger.digests() {
		t.Errorf("nobody sent what the toast says: %q %q", c.summary, c.body)
	}
}

// table is the table as it stands in the document.
func table(rows []row) string {
	var b strings.Builder
	b.WriteString("| fault | runs | sent | lost | doubled | repeated in place | prompts shown | longest stuck |\n|---|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range rows {
		switch {
		case !r.ran:
		case r.skipped != "":
			fmt.Fprintf(&b, "| %s | %s | | | | | | |\n", r.name, r.skipped)
		default:
			fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %s | %s | %s |\n", r.name, r.done, r.sent, r.lost, r.doubled,
				of(r.repeated, r.kills*r.repeats+r.done*r.again), of(r.shown, r.done*r.prompts), seconds(r.stuck))
		}
	}
	return b.String()
}

// of is a number beside what it may be.
func of(n, most int) string {
	if most == 0 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d of %d", n, most)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// The lines between which the table stands.
const (
	tableBegins = "<!-- the table, as make faults writes it -->\n"
	tableEnds   = "<!-- the end of the table -->\n"
)

// rewrite replaces the table of a document.
func rewrite(path, text string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, begun := strings.Cut(string(b), tableBegins)
	_, after, ended := strings.Cut(rest, tableEnds)
	if !begun || !ended {
		return fmt.Errorf("%s has no place for the table", path)
	}
	return os.WriteFile(path, []byte(before+tableBegins+"\n"+text+"\n"+tableEnds+after), 0o644)
}
