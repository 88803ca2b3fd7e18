package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"securepush/assets/words"
	"securepush/ui/present"
)

// noticeBar stands above the inbox when something keeps notifications from arriving. Without, it takes no room.
type noticeBar struct {
	content *fyne.Container
	shell   *present.Shell
	shown   []present.Notice
	busy    bool
	pausing bool
}

func newNoticeBar(shell *present.Shell) *noticeBar {
	return &noticeBar{content: container.New(column{}), shell: shell}
}

func (b *noticeBar) render() {
	notices := b.shell.Notices()
	if same(notices, b.shown) && b.busy == b.shell.Starting && b.pausing == b.shell.Quiet.Busy {
		return
	}
	b.shown, b.busy, b.pausing = notices, b.shell.Starting, b.shell.Quiet.Busy
	b.content.Objects = nil
	for _, n := range notices {
		b.content.Objects = append(b.content.Objects, b.strip(n))
	}
	setVisible(b.content, len(notices) > 0)
	b.content.Refresh()
}

func same(a, b []present.Notice) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func (b *noticeBar) strip(n present.Notice) fyne.CanvasObject {
	res, color := toneLook(n.Tone)
	ground := colorAttentionTint
	switch n.Tone {
	case present.ToneBad:
		ground = colorUrgentTint
	case present.ToneQuiet:
		ground = colorAccentTint
	}
	said := newProse(n.Title+" "+n.Advice, sizeBody, colorText)
	content := []fyne.CanvasObject{icon(tinted(res, color), scaled(18)), said}
	if n.Start {
		label := b.shell.Words().AgentStart()
		if b.busy {
			label = b.shell.Words().AgentStarting()
		}
		start := newButton(label, nil, b.shell.StartAgent)
		setEnabled(start, !b.busy)
		content = append(content, start)
	}
	if n.Resume {
		resume := newButton(resumeWord(b.shell.Words(), b.shell.Quiet), nil, b.shell.Quiet.Resume)
		setEnabled(resume, !b.pausing)
		content = append(content, resume)
	}
	strip := container.New(row{gap: gap2 + 2, grow: said}, content...)
	return newPanel(ground, container.New(column{}, inset(strip, gap2, gap4), hairlineIn(theme.ColorNameSeparator)))
}

func hairlineIn(c fyne.ThemeColorName) fyne.CanvasObject {
	return inContainer(fixed{height: 1}, newPanel(c, nil))
}

// resumeWord is on the button that ends do not disturb.
func resumeWord(w *words.Words, q *present.Quiet) string {
	if q.Muted {
		return w.AccountUnmute()
	}
	return w.QuietResume()
}
