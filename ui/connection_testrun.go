package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/ui/present"
)

// connectionTest sends a test notification and shows how far it is.
type connectionTest struct {
	content *fyne.Container
	shell   *present.Shell
	page    *present.ConnectionPage
	send    *button
	steps   *fyne.Container
	result  *hint
}

func newConnectionTest(shell *present.Shell) *connectionTest {
	t := &connectionTest{shell: shell, page: shell.Conn, steps: container.New(column{gap: gap2}), result: newHint()}
	t.send = newButton(shell.Words().ConnectionTestButton(), nil, t.page.StartTest)
	t.content = container.New(column{gap: gap3}, container.New(&flow{gap: gap2}, t.send), t.steps, t.result)
	return t
}

func (t *connectionTest) render() {
	run, say := &t.page.Test, t.shell.Words()
	label := say.ConnectionTestButton()
	switch {
	case run.Running:
		label = say.ConnectionTesting()
	case run.Shown() || run.Bad != "":
		label = say.ConnectionTestAgain()
	}
	t.send.label(label)
	setEnabled(t.send, !run.Running && t.shell.CanSignOut())
	setVisible(t.steps, run.Shown())
	for i, r := range run.Rows(say) {
		if i == len(t.steps.Objects) {
			t.steps.Add(newTestStep())
		}
		if row, ok := t.steps.Objects[i].(*testStep); ok {
			row.show(r)
		}
	}
	words, tone := run.Words(say)
	t.result.say(tone, words)
}

// testStep is a step of a test: a mark, what it is, how long it took, and what to do when it failed.
type testStep struct {
	holder
	icon               *widget.Icon
	name, took, advice *prose
}

func newTestStep() *testStep {
	s := &testStep{
		icon: widget.NewIcon(nil), name: newProse("", sizeBody, colorText), took: newProse("", sizeBody, colorMuted),
		advice: newProse("", sizeMeta, colorText),
	}
	s.box = container.New(hintLayout{scaled(18), gap3}, s.icon,
		container.New(column{gap: gap1 / 2}, container.New(&atEnd{gap: gap3, last: s.took}, s.name, s.took), s.advice))
	s.ExtendBaseWidget(s)
	return s
}

func (s *testStep) show(r present.TestRow) {
	res, color, text := theme.RadioButtonIcon(), colorMuted, colorMuted
	switch r.Mark {
	case present.MarkRunning:
		res, text = theme.ViewRefreshIcon(), colorText
	case present.MarkDone:
		res, color, text = theme.ConfirmIcon(), colorGood, colorText
	case present.MarkHeld:
		res, color, text = theme.MediaPauseIcon(), colorAttention, colorText
	case present.MarkFailed:
		res, color, text = theme.ErrorIcon(), colorUrgent, colorText
	case present.MarkNone:
	}
	s.icon.SetResource(tinted(res, color))
	s.name.set(r.Name, text)
	s.took.set(r.Took, colorMuted)
	setVisible(s.took, r.Took != "")
	s.advice.say(r.Advice, colorText)
}

// atEnd stands a short text at the end of the line of another one, or beneath where both do not fit. It remembers its width, because
// only with that it knows its height.
type atEnd struct {
	gap   float32
	last  *prose
	width float32
}

// lastWidth is that of the short text in one line.
func (l *atEnd) lastWidth() float32 {
	return fyne.MeasureText(l.last.seg.Text, theme.Size(l.last.seg.Style.SizeName), l.last.seg.Style.TextStyle).Width + 1
}

func (l *atEnd) beside() bool { return l.lastWidth()+l.gap+scaled(shelfLeast) <= l.width }

// Layout is part of fyne.Layout.
func (l *atEnd) Layout(o []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	if !l.beside() {
		column{}.Layout(o, size)
		return
	}
	last := l.lastWidth()
	fit(o[0], size.Width-last-l.gap)
	o[0].Move(fyne.NewPos(0, 0))
	fit(o[1], last)
	o[1].Move(fyne.NewPos(size.Width-last, 0))
}

// MinSize is part of fyne.Layout. Its height holds for the width of the last Layout.
func (l *atEnd) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := column{}.MinSize(o)
	if l.beside() {
		m.Height = o[0].MinSize().Height
	}
	return m
}
