package ui

import (
	"strings"
	"unicode/utf8"

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

	page                         *present.Compose
	w                            *words.Words
	back, closer                 *barButton
	self, help                   *prose
	to, title, text, link, until *entry
	priority, expiry             *segmented
	means                        *prose
	fields                       struct{ to, title, text, link, expiry *field }
	preview                      *toastPreview
	send, follow                 *button
	result                       *hint
	column, pile                 *fyne.Container
	scroll                       *container.Scroll
}

func newComposeView(page *present.Compose, w *words.Words, back, follow func()) *composeView {
	v := &composeView{page: page, w: w, preview: newToastPreview()}
	v.back = newBarButton(w.ItemBack(), theme.NavigateBackIcon(), back)
	v.closer = newBarButton(w.CommonClose(), theme.CancelIcon(), back)
	v.makeFields()
	v.self = newProse(w.ComposeSelf(), sizeBody, colorMuted)
	v.help = newProse(w.ComposeToHelp(), sizeMeta, colorMuted)
	v.send, v.follow = newButton(w.ComposeSend(), theme.MailSendIcon(), v.trySend), newButton(w.SentFollow(), nil, follow)
	v.send.Importance = widget.HighImportance
	v.result = newHint()
	sent := newBarButton(w.SentTitle(), theme.HistoryIcon(), follow)
	bar := newPaneBar(v.back, v.closer, sent)
	v.column = container.New(column{gap: gap3, most: scaled(readingWidth), inset: fyne.NewSize(gap8, gap2)},
		container.New(column{gap: gap1}, newProse(w.ComposeTitle(), sizePage, colorText).strong(), v.self),
		container.New(column{gap: gap1}, v.fields.to, v.help), v.fields.title, v.fields.text,
		newField(w.ComposePreview(), v.preview.panel),
		container.New(column{gap: gap1 + 2}, newField(w.ComposePriority(), v.priority), v.means),
		v.fields.link, v.fields.expiry, inContainer(fixed{height: gap2}))
	var scroll *fyne.Container
	scroll, v.scroll = newScrolled(v.column)
	foot := container.New(column{most: scaled(readingWidth), inset: fyne.NewSize(gap8, gap3)},
		container.New(newShelf(gap4, v.result), v.send, v.result, v.follow))
	v.pile = container.New(pile{scroll}, bar, scroll, hairline(false), foot)
	v.content = container.NewStack(newPanel(colorSurface, nil), v.pile)
	return v
}

// makeFields makes what is typed into and chosen.
func (v *composeView) makeFields() {
	w := v.w
	v.to, v.title, v.link = newEntry(w.ComposeToHint()), newEntry(""), newEntry("https://…")
	v.text, v.until = newEntry(""), newEntry(w.ComposeExpiryHint())
	v.text.MultiLine, v.text.wraps, v.text.Wrapping = true, true, fyne.TextWrapWord
	v.text.SetMinRowsVisible(4)
	bad := &v.page.Bad
	v.bound(v.to, present.MaxToBytes, &bad.To)
	v.bound(v.title, 4*present.MaxTitleBytes, &bad.Title)
	v.bound(v.text, present.MaxTextBytes, &bad.Text)
	v.bound(v.link, 2*present.MaxLinkBytes, &bad.Link)
	v.bound(v.until, present.MaxTitleBytes, &bad.Until)
	for _, e := range []*entry{v.to, v.title, v.text, v.link, v.until} {
		e.OnChanged = func(string) { v.edited() }
	}
	names := make([]string, len(priorities))
	for i, p := range priorities {
		names[i] = present.PriorityWord(w, p)
	}
	v.priority = newSegmented(names, func(int) { v.edited() })
	v.expiry = newSegmented([]string{w.ComposeExpiryNever(), w.ComposeExpiryToday(), w.ComposeExpiryWeek(), w.ComposeExpiryDay()},
		func(int) { v.edited() })
	v.priority.wraps, v.expiry.wraps = true, true
	v.means = newProse("", sizeMeta, colorMuted)
	v.fields.to = newField(w.ComposeTo(), v.to)
	v.fields.title = newField(w.ComposeSubject(), v.title)
	v.fields.text = newField(w.ComposeText(), v.text)
	v.fields.link = newField(w.ComposeLink(), v.link)
	v.fields.expiry = newField(w.ComposeExpiry(), container.New(column{gap: gap1 + 2}, v.expiry, v.until))
}

// bound keeps a field from taking so much at once that drawing it would hold the window up. It says so beside the field.
func (v *composeView) bound(e *entry, most int, bad *string) {
	e.bound(most, func(n int) { v.page.TooMuch(bad, n) })
}

func (v *composeView) edited() {
	v.page.Edit(present.Draft{
		To: v.to.Text, Title: v.title.Text, Text: v.text.Text, Link: v.link.Text, Priority: priorities[v.priority.selected],
		Expiry: present.Expiry(v.expiry.selected), Until: v.until.Text,
	})
}

// trySend sends, and brings the first field with something wrong into sight.
func (v *composeView) trySend() {
	v.page.Send()
	for _, f := range []*field{v.fields.to, v.fields.title, v.fields.text, v.fields.link, v.fields.expiry} {
		if v.badOf(f) != "" {
			v.reveal(f)
			return
		}
	}
}

func (v *composeView) badOf(f *field) string {
	bad := v.page.Bad
	switch f {
	case v.fields.to:
		return bad.To
	case v.fields.title:
		return bad.Title
	case v.fields.text:
		return bad.Text
	case v.fields.link:
		return bad.Link
	default:
		return bad.Until
	}
}

// reveal scrolls so far that a field is in sight.
func (v *composeView) reveal(f *field) {
	y := f.Position().Y
	if f == v.fields.to {
		y = 0 // it stands in a box of its own, at the top
	}
	at := v.scroll.Offset
	if bottom := y + f.Size().Height; y < at.Y {
		at.Y = max(y-gap2, 0)
	} else if height := v.scroll.Size().Height; bottom > at.Y+height {
		at.Y = bottom - height + gap2
	}
	v.scroll.ScrollToOffset(at)
}

// render shows what the presenter says.
func (v *composeView) render(narrow bool) {
	p, d := v.page, v.page.Draft
	setVisible(v.back, narrow)
	setVisible(v.closer, !narrow)
	setVisible(v.self, !p.ToOthers)
	setVisible(v.fields.to, p.ToOthers)
	setVisible(v.help, p.ToOthers && d.To == "")
	v.to.show(d.To)
	v.title.show(d.Title)
	v.text.show(d.Text)
	v.link.show(d.Link)
	v.until.show(d.Until)
	v.expiry.show(int(d.Expiry))
	setVisible(v.until, d.Expiry == present.ExpiryDay)
	for i, o := range priorities {
		if o == d.Priority {
			v.priority.show(i)
			v.means.set(priorityMeans(v.w, o), colorMuted)
		}
	}
	v.fields.title.hint.say(present.ToneBad, p.Bad.Title)
	v.fields.link.hint.say(present.ToneBad, p.Bad.Link)
	count := p.TextCount()
	if !v.text.wrapFor(d.Text) {
		count = strings.TrimSpace(count + " " + v.w.ComposeNotWrapped())
	}
	sayOr(v.fields.text.hint, p.Bad.Text, count)
	sayOr(v.fields.expiry.hint, p.Bad.Until, p.ExpiryMeans())
	means := ""
	if d.To != "" {
		means = p.Means()
	}
	sayOr(v.fields.to.hint, p.Bad.To, means)
	v.preview.show(v.w, p.Preview())
	v.renderFoot()
	relayout(v.pile)
}

// sayOr says what is wrong, or else what is so.
func sayOr(h *hint, bad, quiet string) {
	if bad != "" {
		h.say(present.ToneBad, bad)
		return
	}
	h.say(present.ToneQuiet, quiet)
}

func (v *composeView) renderFoot() {
	p := v.page
	setEnabled(v.send, p.Ready && !p.Busy)
	label := v.w.ComposeSend()
	switch {
	case p.Busy:
		label = v.w.ComposeSending()
	case p.Failed:
		label = v.w.ComposeAgain()
	}
	if v.send.Text != label {
		v.send.SetText(label)
	}
	setVisible(v.follow, p.Sent)
	switch {
	case p.Blocked != "":
		v.result.say(present.ToneQuiet, p.Blocked)
	case p.Unclear:
		v.result.say(present.ToneAttention, p.Result)
	case p.Failed:
		v.result.say(present.ToneBad, p.Result)
	default:
		v.result.say(present.ToneGood, p.Result)
	}
}

// focus puts the cursor into the first field.
func (v *composeView) focus(c fyne.Canvas) {
	first := v.title
	if v.page.ToOthers {
		first = v.to
	}
	c.Focus(first)
	first.CursorColumn = utf8.RuneCountInString(first.Text) // who comes back to a draft goes on writing
	first.Refresh()
}
