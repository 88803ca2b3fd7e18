package present

import (
	"context"
	"errors"
	"slices"

	"securepush/agent/local"
	"securepush/assets/words"
)

// TestRun is a test notification on its way.
type TestRun struct {
	Running bool
	Steps   []local.TestStep // that have ended, in order
	Bad     string           // why the agent could not be asked

	turn   int // steps of an earlier one are dropped
	cancel context.CancelFunc
}

// Shown says whether there is something to show of it.
func (t *TestRun) Shown() bool { return t.Running || len(t.Steps) > 0 }

// drop ends it, and forgets it.
func (t *TestRun) drop() {
	if t.cancel != nil {
		t.cancel()
	}
	*t = TestRun{turn: t.turn + 1}
}

// StartTest sends a test notification to this device and follows it.
func (p *ConnectionPage) StartTest() {
	if p.Test.Running || !p.SignedIn {
		return
	}
	p.Test.drop()
	quit, cancel := context.WithCancel(context.Background())
	p.Test.Running, p.Test.cancel = true, cancel
	turn := p.Test.turn
	p.work.Go(func(ctx context.Context) func() {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		defer context.AfterFunc(quit, stop)()
		err := p.agent.TestRun(ctx, func(s local.TestStep) { p.work.Post(func() { p.step(turn, s) }) })
		return func() { p.tested(turn, err) }
	})
	p.Changed()
}

func (p *ConnectionPage) step(turn int, s local.TestStep) {
	if turn == p.Test.turn {
		p.Test.Steps = append(slices.Clip(p.Test.Steps), s)
		p.Changed()
	}
}

func (p *ConnectionPage) tested(turn int, err error) {
	if turn != p.Test.turn {
		return
	}
	p.Test.Running = false
	p.Test.cancel()
	if err != nil && !errors.Is(err, context.Canceled) {
		p.Test.Bad = problemWords(p.w, err)
	}
	p.Changed()
}

// Mark says how far a step of a test is.
type Mark int

// The marks.
const (
	MarkNone    Mark = iota // not reached
	MarkRunning             // the one that is waited for
	MarkDone
	MarkHeld
	MarkFailed
)

// TestRow is a step of a test, ready to draw.
type TestRow struct {
	Name   string
	Took   string // or what it is waiting for
	Mark   Mark
	Advice string // why it is not done, and what to do
}

// Rows are all steps: those that have ended, and those to come.
func (t *TestRun) Rows(w *words.Words) []TestRow {
	stages := local.TestStages()
	rows := make([]TestRow, len(stages))
	for i, stage := range stages {
		rows[i] = TestRow{Name: string(stage)}
		if name, ok := w.Step(string(stage)); ok {
			rows[i].Name = name
		}
		switch {
		case i < len(t.Steps):
			rows[i].ended(w, t.Steps[i])
		case i == len(t.Steps) && t.Running:
			rows[i].Mark, rows[i].Took = MarkRunning, w.ConnectionStepWaits()
		}
	}
	return rows
}

func (r *TestRow) ended(w *words.Words, s local.TestStep) {
	took := Duration(w, s.TookMS)
	switch s.Result {
	case local.TestHeld:
		r.Mark, r.Took = MarkHeld, w.ConnectionStepHeld()
	case local.TestFailed:
		r.Mark, r.Took = MarkFailed, w.ConnectionStepFailed(took)
	case local.TestOK:
		r.Mark, r.Took = MarkDone, took
	default:
		r.Mark, r.Took = MarkNone, Line(string(s.Result))
	}
	r.Advice = joinSentences(saidWords(w, s.Words), saidWords(w, s.Advice))
}

// Words say what came of it; "" while it runs.
func (t *TestRun) Words(w *words.Words) (string, Tone) {
	if t.Running || len(t.Steps) == 0 && t.Bad == "" {
		return "", ToneQuiet
	}
	if t.Bad != "" {
		return joinSentences(w.ConnectionTestFailed(), t.Bad), ToneBad
	}
	last := t.Steps[len(t.Steps)-1]
	switch {
	case last.Result == local.TestHeld:
		return w.ConnectionTestHeld(), ToneAttention
	case last.Result == local.TestOK && last.Stage == local.TestShown:
		return w.ConnectionTestShown(Duration(w, last.AfterMS)), ToneGood
	default:
		return w.ConnectionTestFailed(), ToneBad
	}
}

// saidWords are words of the agent, in the person's language where it knows them.
func saidWords(w *words.Words, said string) string {
	if text, ok := w.Phrase(said); ok {
		return text
	}
	return said
}

func joinSentences(a, b string) string {
	a, b = sentence(a), sentence(b)
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}
