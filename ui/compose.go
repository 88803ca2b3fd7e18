package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/api"
	"securepush/ui/present"
)

var priorities = []struct {
	value api.Priority
	word  string
	means string
}{
	{api.PriorityLow, "Low", "Quiet: no sound, and it does not stay on the screen."},
	{api.PriorityNormal, "Normal", "An ordinary toast."},
	{api.PriorityHigh, "High", "The toast stays for a while."},
	{api.PriorityUrgent, "Urgent", "The toast stays until somebody touches it."},
}

// composeView is the form for sending.
type composeView struct {
	content *fyne.Container

	page                  *present.Compose
	back, closer          *widget.Button
	self                  *prose
	to, title, text, link *entry
	priority              *segmented
	means                 *line
	fields                struct{ to, title, text, link *field }
	send                  *widget.Button
	result                *hint
	column, pile          *fyne.Container
}

func newComposeView(page *present.Compose, back func()) *composeView {
	v := &composeView{page: page}
	v.back = lowButton("Inbox", theme.NavigateBackIcon(), back)
	v.closer = lowButton("Close", theme.CancelIcon(), back)
	v.to, v.title, v.link = newEntry("Yourself, or user names, or a tag expression"), newEntry(""), newEntry("https://…")
	v.text = newEntry("")
	v.text.MultiLine, v.text.Wrapping = true, fyne.TextWrapWord
	v.text.SetMinRowsVisible(5)
	for _, e := range []*entry{v.to, v.title, v.text, v.link} {
		e.OnChanged = func(string) { v.edited() }
		e.onEscape = back
	}
	words := make([]string, len(priorities))
	for i, p := range priorities {
		words[i] = p.word
	}
	v.priority = newSegmented(words, func(int) { v.edited() })
	v.means = newLine("", sizeMeta, colorMuted)
	v.fields.to = newField("To", v.to)
	v.fields.title = newField("Title", v.title)
	v.fields.text = newField("Text", v.text)
	v.fields.link = newField("Link (may be empty)", v.link)
	v.self = newProse("To your own devices.", sizeBody, colorMuted)
	v.send = widget.NewButtonWithIcon("Send push", theme.MailSendIcon(), page.Send)
	v.send.Importance = widget.HighImportance
	v.result = newHint()
	bar := newPaneBar(v.back, v.closer)
	priority := container.New(column{gap: gap1 + 2}, newField("Priority", container.New(row{}, v.priority)), v.means)
	v.column = container.New(column{gap: gap3, most: readingWidth, inset: fyne.NewSize(gap8, gap2)},
		container.New(column{gap: gap1}, newProse("New notification", sizePage, colorText).strong(), v.self),
		v.fields.to, v.fields.title, v.fields.text, priority, v.fields.link,
		inContainer(fixed{height: gap2}))
	scroll, _ := newScrolled(v.column)
	foot := container.New(column{most: readingWidth, inset: fyne.NewSize(gap8, gap3)},
		container.New(row{gap: gap4, grow: v.result}, v.send, v.result))
	v.pile = container.New(pile{scroll}, bar, scroll, hairline(false), foot)
	v.content = container.NewStack(newPanel(colorSurface, nil), v.pile)
	return v
}

func (v *composeView) edited() {
	v.page.Edit(present.Draft{
		To: v.to.Text, Title: v.title.Text, Text: v.text.Text, Link: v.link.Text, Priority: priorities[v.priority.selected].value,
	})
}

// render shows what the presenter says.
func (v *composeView) render(narrow bool) {
	p, d := v.page, v.page.Draft
	setVisible(v.back, narrow)
	setVisible(v.closer, !narrow)
	setVisible(v.self, !p.ToOthers)
	setVisible(v.fields.to, p.ToOthers)
	v.to.show(d.To)
	v.title.show(d.Title)
	v.text.show(d.Text)
	v.link.show(d.Link)
	for i, o := range priorities {
		if o.value == d.Priority {
			v.priority.show(i)
			v.means.set(o.means, colorMuted)
		}
	}
	v.fields.to.hint.say(present.ToneBad, p.ToBad)
	v.fields.title.hint.say(present.ToneBad, p.TitleBad)
	v.fields.text.hint.say(present.ToneBad, p.TextBad)
	v.fields.link.hint.say(present.ToneBad, p.LinkBad)
	setEnabled(v.send, p.Ready && !p.Busy)
	label := "Send push"
	if p.Busy {
		label = "Sending…"
	}
	v.send.SetText(label)
	switch {
	case p.Blocked != "":
		v.result.say(present.ToneQuiet, p.Blocked)
	case p.Failed:
		v.result.say(present.ToneBad, p.Result)
	default:
		v.result.say(present.ToneGood, p.Result)
	}
	relayout(v.pile)
}

// focus puts the cursor into the first field.
func (v *composeView) focus(c fyne.Canvas) {
	if v.page.ToOthers {
		c.Focus(v.to)
	} else {
		c.Focus(v.title)
	}
}
