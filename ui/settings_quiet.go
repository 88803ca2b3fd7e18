package ui

import (
	"slices"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/agent/local"
	"securepush/assets/words"
	"securepush/ui/present"
)

// The pauses that are offered.
const (
	pauseShort = 30 * time.Minute
	pauseLong  = time.Hour
)

// mostTimeBytes is what may be pasted as a time at once.
const mostTimeBytes = 64

// quietView is the part of the settings about do not disturb.
type quietView struct {
	content fyne.CanvasObject

	page     *present.Settings
	quiet    *present.Quiet
	w        *words.Words
	shortcut func(fyne.Shortcut) bool
	focus    func(fyne.Focusable)
	state    *hint
	pauses   []*button
	resume   *button
	bad      *hint
	urgent   *check
	none     *prose
	rows     []*hoursRow
	list     *fyne.Container
	add      *button
	wrong    *hint
	urgentNo *hint
}

func newQuietView(shell *present.Shell, shortcut func(fyne.Shortcut) bool, urgent func()) *quietView {
	w := shell.Words()
	v := &quietView{page: shell.Settings, quiet: shell.Quiet, w: w, shortcut: shortcut, state: newHint(), bad: newHint(), wrong: newHint(), urgentNo: newHint()}
	q := shell.Quiet
	v.pauses = []*button{
		newButton(w.QuietHalfHour(), nil, func() { q.PauseFor(pauseShort) }),
		newButton(w.QuietHour(), nil, func() { q.PauseFor(pauseLong) }),
		newButton(w.QuietTomorrow(), nil, q.PauseUntilTomorrow),
	}
	v.resume = newButton(w.QuietResume(), nil, q.Resume)
	v.urgent = newCheck("", func(bool) { urgent() })
	v.none = newProse(w.QuietNoHours(), sizeBody, colorMuted)
	v.list = container.New(column{gap: gap3})
	v.add = newButton(w.QuietAdd(), theme.ContentAddIcon(), v.addRow)
	buttons := container.New(&flow{gap: gap2}, v.pauses[0], v.pauses[1], v.pauses[2], v.resume)
	pause := container.New(column{gap: gap1 + 2}, newProse(w.QuietNow(), sizeMeta, colorMuted).strong(), v.state, buttons, v.bad)
	hours := container.New(column{gap: gap2}, newProse(w.QuietHours(), sizeMeta, colorMuted).strong(), v.none, v.list,
		container.New(&flow{gap: gap2}, v.add), v.wrong)
	v.content = section(w.QuietTitle(), w.QuietText(), container.New(column{gap: gap4}, pause, hours,
		container.New(column{gap: gap1}, newCheckLine(v.urgent, w.QuietUrgent()), v.urgentNo)))
	return v
}

// checkLine is a check whose words wrap; a click on them counts, too.
type checkLine struct {
	holder
	check *check
}

func newCheckLine(c *check, words string) *checkLine {
	l := &checkLine{check: c}
	said := newProse(words, sizeBody, colorText)
	l.box = container.New(row{gap: gap1, grow: said}, c, said)
	l.ExtendBaseWidget(l)
	return l
}

// Tapped is part of fyne.Tappable.
func (l *checkLine) Tapped(*fyne.PointEvent) {
	if !l.check.Disabled() {
		l.check.SetChecked(!l.check.Checked)
	}
}

func (v *quietView) addRow() {
	v.page.AddHours()
	if n := len(v.rows); n > 0 && v.focus != nil {
		v.focus(v.rows[n-1].checks[0])
	}
}

// render shows what the presenters say.
func (v *quietView) render() {
	q, on := v.quiet, v.page.Loaded
	said := q.Words
	if said != "" {
		said += ". " + q.Advice
	}
	v.state.say(present.ToneAttention, said)
	v.bad.say(present.ToneBad, q.Bad)
	for _, b := range v.pauses {
		setEnabled(b, on && !q.Busy)
	}
	setVisible(v.resume, q.CanResume)
	if word := resumeWord(v.w, q); v.resume.Text != word {
		v.resume.SetText(word)
	}
	setEnabled(v.resume, on && !q.Busy)
	showCheck(v.urgent, v.page.Values.UrgentBreaksThrough)
	v.urgentNo.say(present.ToneBad, v.page.Wrong[present.FieldUrgent])
	hours := v.page.Hours
	if len(hours) != len(v.rows) {
		v.build(len(hours))
	}
	for i, r := range v.rows {
		r.render(hours[i], on)
	}
	setVisible(v.none, len(hours) == 0)
	setVisible(v.list, len(hours) > 0)
	setEnabled(v.urgent, on)
	setEnabled(v.add, on && len(hours) < present.MostHours)
	v.wrong.say(present.ToneBad, v.page.Wrong[present.FieldHours])
}

func (v *quietView) build(n int) {
	v.rows, v.list.Objects = nil, nil
	for i := range n {
		r := newHoursRow(v, i)
		v.rows = append(v.rows, r)
		v.list.Objects = append(v.list.Objects, r.content)
	}
	v.list.Refresh()
}

// showCheck sets or clears a check without it counting as a choice.
func showCheck(c *check, on bool) {
	if c.Checked == on {
		return
	}
	changed := c.OnChanged
	c.OnChanged = nil
	c.SetChecked(on)
	c.OnChanged = changed
}

// hoursRow is the editor of one entry of the quiet hours.
type hoursRow struct {
	content fyne.CanvasObject

	page    *present.Settings
	at      int
	checks  []*check
	from    *entry
	to      *entry
	remove  *button
	daysBad *hint
	fromBad *field
	toBad   *field
	note    *prose
	shown   present.Hours
}

func newHoursRow(v *quietView, at int) *hoursRow {
	w := v.w
	r := &hoursRow{page: v.page, at: at, daysBad: newHint(), note: newProse("", sizeMeta, colorMuted)}
	days := container.New(&flow{})
	for i := range local.Weekdays() {
		c := newCheck(w.DateWeekdaysShort((i+1)%7), func(bool) { r.apply() })
		r.checks, days.Objects = append(r.checks, c), append(days.Objects, c)
	}
	r.from, r.to = r.newTime(v, "22:00"), r.newTime(v, "07:00")
	r.from.bound(mostTimeBytes, func(n int) { v.page.HoursTooMuch(at, true, n) })
	r.to.bound(mostTimeBytes, func(n int) { v.page.HoursTooMuch(at, false, n) })
	r.fromBad, r.toBad = newField(w.QuietFrom(), r.from), newField(w.QuietTo(), r.to)
	r.remove = newButton(w.QuietRemove(), theme.DeleteIcon(), func() { v.page.RemoveHours(at) })
	r.remove.Importance = widget.LowImportance
	title := newProse(w.QuietEntry(strconv.Itoa(at+1)), sizeBody, colorText).strong()
	head := container.New(newShelf(gap2, title), title, r.remove)
	times := container.New(halves{gap3}, r.fromBad, r.toBad)
	box := newPanel(colorRaised, inset(container.New(column{gap: gap2}, head, days, r.daysBad, times, r.note), gap3, gap3))
	box.radius = theme.Size(theme.SizeNameInputRadius)
	r.content = box
	return r
}

func (r *hoursRow) newTime(v *quietView, hint string) *entry {
	e := newEntry(hint)
	e.shortcut = v.shortcut
	e.OnSubmitted = func(string) { r.apply() }
	e.onLeave = r.apply
	return e
}

func (r *hoursRow) apply() {
	h := present.Hours{From: r.from.Text, To: r.to.Text}
	for i, day := range local.Weekdays() {
		if r.checks[i].Checked {
			h.Days = append(h.Days, day)
		}
	}
	r.page.SetHours(r.at, h)
}

func (r *hoursRow) render(h present.Hours, on bool) {
	for i, day := range local.Weekdays() {
		showCheck(r.checks[i], slices.Contains(h.Days, day))
		setEnabled(r.checks[i], on)
	}
	// What is being typed stays until it is applied.
	if !r.from.focused() || h.From != r.shown.From {
		r.from.show(h.From)
	}
	if !r.to.focused() || h.To != r.shown.To {
		r.to.show(h.To)
	}
	r.shown = h
	for _, d := range []fyne.Disableable{r.from, r.to, r.remove} {
		setEnabled(d, on)
	}
	r.daysBad.say(present.ToneBad, h.DaysBad)
	r.fromBad.hint.say(present.ToneBad, h.FromBad)
	r.toBad.hint.say(present.ToneBad, h.ToBad)
	r.note.say(h.Note, colorMuted)
}
