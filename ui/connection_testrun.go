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
	send    *barButton
	steps   *fyne.Container
	result  *hint
}

func newConnectionTest(shell *present.Shell, back func()) *connectionTest {
	t := &connectionTest{shell: shell, page: shell.Conn, steps: container.New(column{gap: gap2}), result: newHint()}
	t.send = pageButton(shell.Words().ConnectionTestButton(), t.page.StartTest, back)
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
	t.send.show(label, nil)
	setEnabled(t.send, !run.Running)
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
	icon   *widget.Icon
	name   *prose
	took   *line
	advice *prose
}

func newTestStep() *testStep {
	s := &testStep{
		icon: widget.NewIcon(nil), name: newProse("", sizeBody, colorText), took: newLine("", sizeBody, colorMuted).whole(),
		advice: newProse("", sizeMeta, colorText),
	}
	s.box = container.New(hintLayout{scaled(18), gap3}, s.icon,
		container.New(column{gap: gap1 / 2}, container.New(newShelf(gap3, s.name), s.name, s.took), s.advice))
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
