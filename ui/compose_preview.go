package ui

import (
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"securepush/assets/words"
	"securepush/ui/present"
)

// toastPreview is a toast as a desktop shows it.
type toastPreview struct {
	*panel
	title, priority *line
	text, sender    *prose
}

func newToastPreview() *toastPreview {
	p := &toastPreview{
		title: newLine("", sizeBody, colorText).strong(), priority: newLine("", sizeMeta, colorAttention).whole().strong(),
		text: newProse("", sizeBody, colorText), sender: newProse("", sizeBody, colorMuted),
	}
	edge := scaled(26)
	head := container.New(row{gap: gap3, grow: p.title}, p.title, p.priority)
	body := container.New(hintLayout{edge, gap3}, container.New(fixed{edge, edge}, widget.NewIcon(mark())),
		container.New(column{gap: 2}, head, p.text, p.sender))
	p.panel = newCard(inset(body, gap3, gap4))
	p.fill = colorRaised
	return p
}

// show draws the toast, or says what will stand here.
func (t *toastPreview) show(w *words.Words, p present.Preview) {
	if p.Empty {
		t.title.set("SecurePush", colorMuted)
		t.text.say(w.ComposePreviewEmpty(), colorMuted)
	} else {
		t.title.set(p.Title, colorText)
		t.text.say(p.Text, colorText)
	}
	t.sender.say(p.Sender, colorMuted)
	color := colorMuted
	if p.Urgent {
		color = colorUrgent
	}
	t.priority.set(p.Priority, color)
	setVisible(t.priority, p.Priority != "")
}

// askDiscard asks before what is typed is thrown away.
func (w *window) askDiscard() {
	say := w.shell.Words()
	showOverlay(w.win.Canvas(), question{
		title: say.ComposeDiscardAsk(), text: say.ComposeDiscardText(), action: say.ComposeDiscard(), danger: true,
		do: func() {
			w.shell.Compose.Reset()
			w.goBack()
		},
		cancel: say.ComposeKeep(),
	})
}
