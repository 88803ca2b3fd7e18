package ui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"securepush/agent/local"
	"securepush/assets/words"
	"securepush/ui/present"
)

// mostNameBytes bounds what may be pasted as the name of an account, so that drawing it holds nothing up.
const mostNameBytes = 4096

// accountsView is the part of the settings about accounts: one line where there is one, a box for each where there are several.
type accountsView struct {
	content fyne.CanvasObject

	shell    *present.Shell
	w        *words.Words
	shortcut func(fyne.Shortcut) bool
	signOut  func(id, name string)
	add      func()
	title    *prose
	one      *fyne.Container
	who      *prose
	leave    *button
	list     *fyne.Container
	rows     []*accountSettings
	more     *button
	most     *prose
}

func newAccountsView(shell *present.Shell, shortcut func(fyne.Shortcut) bool, signOut func()) *accountsView {
	w := shell.Words()
	v := &accountsView{shell: shell, w: w, shortcut: shortcut, signOut: func(string, string) {}, add: func() {}}
	v.who = newProse("", sizeBody, colorText)
	v.leave = newButton(w.CommonSignOut(), nil, signOut)
	v.one = container.New(newShelf(gap3, v.who), v.who, v.leave)
	v.list = container.New(column{gap: gap3})
	v.more = newButton(w.AccountAdd(), theme.ContentAddIcon(), func() { v.add() })
	v.most = newProse(w.AccountMost(local.MaxAccounts), sizeMeta, colorMuted)
	v.title = newProse(w.SettingsAccount(), sizeTitle, colorText).strong()
	v.content = newCard(inset(container.New(column{gap: gap3}, v.title, v.one, v.list, container.New(shortened{w.AccountAdd(), w.QuietAdd()}, v.more), v.most), gap4, gap4+gap1))
	return v
}

// render shows what the presenters say.
func (v *accountsView) render() {
	s, items := v.shell, v.shell.Accounts()
	several := s.Several()
	title := v.w.SettingsAccount()
	if several {
		title = v.w.AccountTitle()
	}
	v.title.set(title, colorText)
	v.who.set(accountWords(v.w, s.Account(), s.CanSignOut()), colorText)
	setVisible(v.one, !several)
	setVisible(v.leave, s.CanSignOut())
	setEnabled(v.leave, !s.Leaving)
	setVisible(v.list, several)
	if !several {
		items = nil
	}
	if !slices.EqualFunc(v.rows, items, func(r *accountSettings, it present.AccountItem) bool { return r.id == it.ID }) {
		v.build(items)
	}
	for i, r := range v.rows {
		r.render(items[i])
	}
	setVisible(v.more, s.CanAdd())
	setVisible(v.most, len(items) >= local.MaxAccounts)
}

func (v *accountsView) build(items []present.AccountItem) {
	v.rows, v.list.Objects = nil, nil
	for _, it := range items {
		r := newAccountSettings(v, it)
		v.rows = append(v.rows, r)
		v.list.Objects = append(v.list.Objects, r.content)
	}
	v.list.Refresh()
}

// accountSettings are the choices for one account.
type accountSettings struct {
	content fyne.CanvasObject

	v      *accountsView
	id     string
	title  *line
	who    *line
	dot    *dot
	name   *entry
	colour *swatches
	mute   *check
	toasts *choice
	leave  *button
	bad    *hint
	shown  string
}

func newAccountSettings(v *accountsView, it present.AccountItem) *accountSettings {
	w := v.w
	r := &accountSettings{v: v, id: it.ID, dot: newDot(accountColor(it.Colour)), bad: newHint()}
	r.title, r.who = newLine("", sizeBody, colorText).strong(), newLine("", sizeMeta, colorMuted)
	r.name = newEntry("")
	r.name.shortcut = v.shortcut
	r.name.bound(mostNameBytes, func(n int) { v.shell.Settings.TooMuch(present.FieldOf(r.id), n) })
	r.name.OnSubmitted = func(string) { r.apply() }
	r.name.onLeave = r.apply
	r.colour = newSwatches(w, func(name string) { r.change(func(a *local.AccountSettings) { a.Colour = name }) })
	r.mute = newCheck("", func(on bool) { r.change(func(a *local.AccountSettings) { a.Muted = on }) })
	r.toasts = newChoice(nil, func(string) { r.chooseToasts() })
	r.leave = newButton(w.CommonSignOut(), nil, func() { v.signOut(r.id, r.title.text) })
	words := container.New(column{gap: 1}, r.title, r.who)
	head := container.New(newShelf(gap3, words), container.New(row{gap: gap2 + 2, grow: words}, r.dot, words), r.leave)
	head.Layout = newShelf(gap3, head.Objects[0])
	form := container.New(column{gap: gap3}, head, newField(w.AccountName(), r.name), newField(w.AccountColour(), r.colour),
		newField(w.AccountToasts(), framed(r.toasts)), newCheckLine(r.mute, w.AccountMute()), r.bad)
	box := newPanel(colorRaised, inset(form, gap3, gap3))
	box.radius = theme.Size(theme.SizeNameInputRadius)
	r.content = box
	return r
}

// change saves another choice at once.
func (r *accountSettings) change(do func(*local.AccountSettings)) {
	page := r.v.shell.Settings
	a := page.Account(r.id)
	do(&a)
	page.SetAccount(r.id, a)
}

// apply takes the name that was typed.
func (r *accountSettings) apply() {
	r.change(func(a *local.AccountSettings) { a.Name = strings.TrimSpace(r.name.Text) })
}

// levels are what the toasts of one account may show; the first is as for all.
var levels = slices.Insert(slices.Clone(toastValues), 0, "")

func (r *accountSettings) chooseToasts() {
	if i := r.toasts.SelectedIndex(); i >= 0 {
		r.change(func(a *local.AccountSettings) { a.ToastContent = levels[i] })
	}
}

// levelWord names what a toast shows.
func levelWord(w *words.Words, c local.ToastContent) string {
	switch c {
	case local.ToastSender:
		return w.SettingsToastSender()
	case local.ToastNothing:
		return w.SettingsToastNothing()
	default:
		return w.SettingsToastEverything()
	}
}

func (r *accountSettings) render(it present.AccountItem) {
	page, w := r.v.shell.Settings, r.v.w
	a := page.Account(r.id)
	colour := it.Colour
	if a.Colour != "" {
		colour = a.Colour
	}
	r.dot.set(accountColor(colour))
	r.title.set(it.Name, colorText)
	r.who.set(it.Who, colorMuted)
	// What is being typed stays until it is applied.
	if wrong := page.Wrong[present.FieldOf(r.id)]; !r.name.focused() && wrong == "" || a.Name != r.shown {
		r.name.show(a.Name)
	}
	r.shown = a.Name
	if a.Name == "" && r.name.PlaceHolder != it.Name {
		r.name.SetPlaceHolder(it.Name)
	}
	r.colour.show(colour, a.Colour == "")
	showCheck(r.mute, a.Muted)
	options := make([]string, len(levels))
	for i, l := range levels {
		options[i] = levelWord(w, l)
	}
	options[0] = w.AccountToastsUsual(levelWord(w, page.Values.ToastContent))
	if !slices.Equal(options, r.toasts.Options) {
		r.toasts.SetOptions(options)
	}
	showOption(r.toasts, max(slices.Index(levels, a.ToastContent), 0))
	for _, d := range []fyne.Disableable{r.name, r.colour, r.mute, r.toasts} {
		setEnabled(d, page.Loaded)
	}
	setEnabled(r.leave, !r.v.shell.Leaving)
	r.bad.say(present.ToneBad, page.Wrong[present.FieldOf(r.id)])
}
