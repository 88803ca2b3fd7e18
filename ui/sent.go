package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/assets/words"
	"securepush/ui/present"
)

// sentView is what the account has sent: a list, and in its place the one that is open.
type sentView struct {
	content *fyne.Container

	shell *present.Shell
	w     *words.Words

	back, closer, again *barButton
	title               *prose
	bad                 *hint
	list                *sentList
	body                *fyne.Container
	empty               *emptyView
	detail              *sentDetail
	pile                *fyne.Container
	head                *fyne.Container
}

func newSentView(shell *present.Shell, back func()) *sentView {
	v := &sentView{shell: shell, w: shell.Words()}
	v.back = newBarButton(v.w.CommonBack(), theme.NavigateBackIcon(), back)
	v.closer = newBarButton(v.w.CommonClose(), theme.CancelIcon(), back)
	v.again = newBarButton(v.w.SentRefresh(), theme.ViewRefreshIcon(), shell.Sent.Reload)
	v.title = newProse(v.w.SentTitle(), sizePage, colorText).strong()
	v.bad = newHint()
	v.list = newSentList(shell)
	v.empty = newEmptyView()
	v.detail = newSentDetail(v.w)
	v.body = container.NewStack(container.New(padded{left: gap4, right: gap1}, v.list), v.empty.content, v.detail.content)
	v.head = container.New(column{gap: gap2, most: scaled(readingWidth), inset: fyne.NewSize(gap8, gap2)}, v.title, v.bad)
	v.pile = container.New(pile{v.body}, newPaneBar(v.back, v.closer, v.again), v.head, v.body)
	v.content = container.NewStack(newPanel(colorSurface, nil), v.pile)
	return v
}

// render shows what the presenter says.
func (v *sentView) render(narrow bool) {
	s := v.shell.Sent
	open := s.Selected != ""
	setVisible(v.back, narrow || open)
	setVisible(v.closer, !narrow && !open)
	setVisible(v.title, !open)
	bad := s.Bad
	if open {
		bad = s.OpenBad
	}
	v.bad.say(present.ToneBad, bad)
	setVisible(v.head, !open || bad != "")
	setVisible(v.list, !open) // also without anything in it: it has the keyboard
	setVisible(v.detail.content, open && s.Open != nil)
	switch {
	case !open && len(s.Items) == 0 && s.Loaded && bad == "":
		v.empty.say(theme.MailSendIcon(), v.w.SentNone(), v.w.SentNoneText(), "", nil)
		v.empty.content.Show()
	case !open && !s.Loaded && bad == "", open && s.Open == nil && bad == "":
		v.empty.say(nil, "", v.w.CommonLoading(), "", nil)
		v.empty.content.Show()
	default:
		v.empty.content.Hide()
	}
	if open && s.Open != nil {
		v.detail.show(present.SentDetailOf(v.w, *s.Open, v.shell.Now()))
	}
	relayout(v.pile)
	if !open {
		v.list.Refresh()
	}
}

// focus gives the list the keyboard. On one that is open, Escape leads back and Tab to the buttons.
func (v *sentView) focus(c fyne.Canvas) {
	if v.shell.Sent.Selected == "" {
		c.Focus(v.list)
	} else {
		c.Unfocus()
	}
}

// sentDetail is one that is open.
type sentDetail struct {
	content *fyne.Container
	scroll  *container.Scroll

	title, to, when, note *prose
	state                 *hint
	steps, devices        *fyne.Container
	each                  *prose
	shown                 present.SentDetail
}

func newSentDetail(w *words.Words) *sentDetail {
	d := &sentDetail{
		title: newProse("", sizePage, colorText).strong(), to: newProse("", sizeBody, colorMuted), when: newProse("", sizeMeta, colorMuted),
		note: newProse(w.SentNote(), sizeMeta, colorMuted), state: newHint(), each: newProse(w.SentEachDevice(), sizeMeta, colorMuted).strong(),
	}
	d.steps, d.devices = container.New(column{gap: gap3}), container.New(column{gap: gap3})
	page := container.New(column{gap: gap4, most: scaled(readingWidth), inset: fyne.NewSize(gap8, gap2)},
		container.New(column{gap: gap1}, d.title, d.to, d.when), d.state, hairline(false), d.steps, d.each, d.devices, hairline(false), d.note,
		inContainer(fixed{height: gap4}))
	d.content, d.scroll = newScrolled(page)
	return d
}

// show draws it.
func (d *sentDetail) show(it present.SentDetail) {
	another := it.ID != d.shown.ID
	d.shown = it
	d.title.set(it.Title, colorText)
	d.to.set(it.To, colorMuted)
	d.when.set(it.When, colorMuted)
	d.state.say(it.Tone, it.State)
	showSteps(d.steps, it.Steps)
	showSteps(d.devices, it.Devices)
	setVisible(d.each, len(it.Devices) > 0)
	setVisible(d.devices, len(it.Devices) > 0)
	if another {
		d.scroll.ScrollToTop()
	}
}

// showSteps draws steps into a column, with the rows that are there already as far as there are.
func showSteps(into *fyne.Container, steps []present.SentStep) {
	for len(into.Objects) < len(steps) {
		into.Add(newSentStep())
	}
	for i, o := range into.Objects {
		setVisible(o, i < len(steps))
		if row, ok := o.(*sentStep); ok && i < len(steps) {
			row.show(steps[i])
		}
	}
}

// sentStep is a step: a mark when it is done, what it is, and when and where.
type sentStep struct {
	holder
	icon       *widget.Icon
	name, when *prose
}

func newSentStep() *sentStep {
	s := &sentStep{icon: widget.NewIcon(nil), name: newProse("", sizeBody, colorText).strong(), when: newProse("", sizeBody, colorMuted)}
	s.box = container.New(hintLayout{scaled(18), gap3}, s.icon, container.New(column{}, s.name, s.when))
	s.ExtendBaseWidget(s)
	return s
}

func (s *sentStep) show(step present.SentStep) {
	r, color := theme.RadioButtonIcon(), colorMuted
	if step.Done {
		r, color = theme.ConfirmIcon(), colorGood
	}
	s.icon.SetResource(tinted(r, color))
	s.name.set(step.Name, colorText)
	text := step.When
	if step.On != "" {
		text += " · " + step.On
	}
	s.when.set(text, colorMuted)
}
