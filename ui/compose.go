package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/api"
	"securepush/assets/words"
	"securepush/ui/present"
)

var priorities = []api.Priority{api.PriorityLow, api.PriorityNormal, api.PriorityHigh, api.PriorityUrgent}

// priorityMeans says what a priority does.
func priorityMeans(w *words.Words, p api.Priority) string {
	switch p {
	case api.PriorityLow:
		return w.PriorityLowMeans()
	case api.PriorityHigh:
		return w.PriorityHighMeans()
	case api.PriorityUrgent:
		return w.PriorityUrgentMeans()
	default:
		return w.PriorityNormalMeans()
	}
}

// composeView is the form for sending.
type composeView struct {
	content *fyne.Container

	page                  *present.Compose
	w                     *words.Words
	back, closer          *barButton
	self                  *prose
	to, title, text, link *entry
	priority              *segmented
	means                 *prose
	fields                struct{ to, title, text, link *field }
	send                  *widget.Button
	result                *hint
	column, pile          *fyne.Container
}

func newComposeView(page *present.Compose, w *words.Words, back func()) *composeView {
	v := &composeView{page: page, w: w}
	v.back = newBarButton(w.ItemBack(), theme.NavigateBackIcon(), back)
	v.closer = newBarButton(w.CommonClose(), theme.CancelIcon(), back)
	v.to, v.title, v.link = newEntry(w.ComposeToHint()), newEntry(""), newEntry("https://…")
	v.text = newEntry("")
	v.text.MultiLine, v.text.Wrapping = true, fyne.TextWrapWord
	v.text.SetMinRowsVisible(5)
	for _, e := range []*entry{v.to, v.title, v.text, v.link} {
		e.OnChanged = func(string) { v.edited() }
		e.onEscape = back
	}
	names := make([]string, len(priorities))
	for i, p := range priorities {
		names[i] = present.PriorityWord(w, p)
	}
	v.priority = newSegmented(names, func(int) { v.edited() })
	v.priority.wraps = true
	v.means = newProse("", sizeMeta, colorMuted)
	v.fields.to = newField(w.ComposeTo(), v.to)
	v.fields.title = newField(w.ComposeSubject(), v.title)
	v.fields.text = newField(w.ComposeText(), v.text)
	v.fields.link = newField(w.ComposeLink(), v.link)
	v.self = newProse(w.ComposeSelf(), sizeBody, colorMuted)
	v.send = widget.NewButtonWithIcon(w.ComposeSend(), theme.MailSendIcon(), page.Send)
	v.send.Importance = widget.HighImportance
	v.result = newHint()
	bar := newPaneBar(v.back, v.closer)
	priority := container.New(column{gap: gap1 + 2}, newField(w.ComposePriority(), v.priority), v.means)
	v.column = container.New(column{gap: gap3, most: scaled(readingWidth), inset: fyne.NewSize(gap8, gap2)},
		container.New(column{gap: gap1}, newProse(w.ComposeTitle(), sizePage, colorText).strong(), v.self),
		v.fields.to, v.fields.title, v.fields.text, priority, v.fields.link,
		inContainer(fixed{height: gap2}))
	scroll, _ := newScrolled(v.column)
	foot := container.New(column{most: scaled(readingWidth), inset: fyne.NewSize(gap8, gap3)},
		container.New(newShelf(gap4, v.result), v.send, v.result))
	v.pile = container.New(pile{scroll}, bar, scroll, hairline(false), foot)
	v.content = container.NewStack(newPanel(colorSurface, nil), v.pile)
	return v
}

func (v *composeView) edited() {
	v.page.Edit(present.Draft{
		To: v.to.Text, Title: v.title.Text, Text: v.text.Text, Link: v.link.Text, Priority: priorities[v.priority.selected],
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
		if o == d.Priority {
			v.priority.show(i)
			v.means.set(priorityMeans(v.w, o), colorMuted)
		}
	}
	v.fields.to.hint.say(present.ToneBad, p.ToBad)
	v.fields.title.hint.say(present.ToneBad, p.TitleBad)
	v.fields.text.hint.say(present.ToneBad, p.TextBad)
	v.fields.link.hint.say(present.ToneBad, p.LinkBad)
	setEnabled(v.send, p.Ready && !p.Busy)
	label := v.w.ComposeSend()
	if p.Busy {
		label = v.w.ComposeSending()
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
