package ui

import (
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/agent/local"
	"securepush/assets/words"
	"securepush/ui/present"
)

var (
	themeValues = []string{"system", "light", "dark"}
	toastValues = []local.ToastContent{local.ToastEverything, local.ToastNothing}
	sizeValues  = []int{100, 125, 150, 175, 200}
)

// settingsView is the page of the person's choices. They apply at once.
type settingsView struct {
	content *fyne.Container

	page      *present.Settings
	shell     *present.Shell
	w         *words.Words
	toast     *segmented
	theme     *segmented
	language  *widget.Select
	languages []string // the tags that language shows, the system's first
	textSize  *widget.Select
	sizes     []int
	ca        *entry
	caField   *field
	bad       *hint
	who       *prose
	signOut   *widget.Button
	about     *prose
	version   string
	scroll    *container.Scroll
}

func newSettingsView(shell *present.Shell, version string, browse func(func(path string)), signOut func()) *settingsView {
	w := shell.Words()
	v := &settingsView{page: shell.Settings, shell: shell, w: w, version: version}
	v.toast = newSegmented([]string{w.SettingsToastEverything(), w.SettingsToastNothing()}, func(int) { v.apply() })
	v.theme = newSegmented([]string{w.SettingsThemeSystem(), w.SettingsThemeLight(), w.SettingsThemeDark()}, func(int) { v.apply() })
	v.toast.wraps, v.theme.wraps = true, true
	v.language = widget.NewSelect(v.languageNames(), func(string) { v.apply() })
	v.textSize = widget.NewSelect(nil, func(string) { v.apply() })
	v.ca = newEntry(w.SettingsCaHint())
	v.ca.OnSubmitted = func(string) { v.apply() }
	v.ca.onLeave = v.apply
	pick := widget.NewButton(w.SettingsChoose(), func() {
		browse(func(path string) {
			v.ca.show(path)
			v.apply()
		})
	})
	v.caField = newField(w.SettingsCa(), container.New(newShelf(gap2, v.ca), v.ca, pick))
	v.bad = newHint()
	v.who = newProse("", sizeBody, colorText)
	v.signOut = widget.NewButton(w.CommonSignOut(), signOut)
	v.about = newProse("", sizeMeta, colorMuted)
	appearance := container.New(column{gap: gap4}, newField(w.SettingsTheme(), v.theme), newField(w.SettingsLanguage(), framed(v.language)),
		newField(w.SettingsTextSize(), framed(v.textSize)))
	page := container.New(column{gap: gap4, most: scaled(readingWidth), mid: true, inset: fyne.NewSize(gap4, gap6)},
		newProse(w.CommonSettings(), sizePage, colorText).strong(), v.bad,
		section(w.SettingsNotifications(), w.SettingsToastText(), v.toast),
		section(w.SettingsAppearance(), "", appearance),
		section(w.SettingsConnection(), w.SettingsConnectionText(), v.caField),
		section(w.SettingsAccount(), "", container.New(newShelf(gap3, v.who), v.who, v.signOut)),
		section(w.SettingsAbout(), "", v.about),
		inContainer(fixed{height: gap4}))
	v.content, v.scroll = newScrolled(page)
	return v
}

// languageNames are the languages to choose from, each in itself; what the system speaks comes first.
func (v *settingsView) languageNames() []string {
	system := v.shell.SystemLanguage()
	v.languages = []string{present.LanguageSystem}
	var names []string
	for _, l := range words.Languages() {
		v.languages, names = append(v.languages, l.Tag), append(names, l.Name)
		if l.Tag == system {
			system = l.Name
		}
	}
	return slices.Insert(names, 0, v.w.SettingsLanguageSystem(system))
}

// framed puts the border around a control that fields to type into have.
func framed(o fyne.CanvasObject) fyne.CanvasObject {
	p := newPanel(colorSurface, inset(o, 1, 1))
	p.edge, p.radius = theme.ColorNameInputBorder, theme.Size(theme.SizeNameInputRadius)
	return p
}

// section is a card with a heading.
func section(title, text string, control fyne.CanvasObject) fyne.CanvasObject {
	objects := []fyne.CanvasObject{newProse(title, sizeTitle, colorText).strong()}
	if text != "" {
		objects = append(objects, newProse(text, sizeBody, colorMuted))
	}
	objects = append(objects, control)
	return newCard(inset(container.New(column{gap: gap2 + 2}, objects...), gap4, gap4+gap1))
}

func (v *settingsView) apply() {
	s := v.page.Values
	if i := v.toast.selected; i >= 0 {
		s.ToastContent = toastValues[i]
	}
	if i := v.theme.selected; i >= 0 {
		s.Theme = themeValues[i]
	}
	if i := v.language.SelectedIndex(); i >= 0 && i != v.chosenLanguage() {
		s.Language = v.languages[i]
	}
	if i := v.textSize.SelectedIndex(); i >= 0 && v.sizes[i] != textSizeOf(s) {
		s.TextSize = v.sizes[i]
	}
	s.CAFile = v.ca.Text
	v.page.Apply(s)
}

// chosenLanguage is where in the list the language of the settings stands.
func (v *settingsView) chosenLanguage() int {
	return max(slices.Index(v.languages, v.page.Values.Language), 0)
}

func textSizeOf(s local.Settings) int {
	if s.TextSize == 0 {
		return present.TextSizeUsual
	}
	return s.TextSize
}

// renderSize shows the size of text, also one that was chosen elsewhere and is none of ours.
func (v *settingsView) renderSize() {
	now := textSizeOf(v.page.Values)
	v.sizes = slices.Clone(sizeValues)
	if i, ours := slices.BinarySearch(v.sizes, now); !ours {
		v.sizes = slices.Insert(v.sizes, i, now)
	}
	names := make([]string, len(v.sizes))
	for i, n := range v.sizes {
		names[i] = v.w.SettingsPercent(strconv.Itoa(n))
	}
	if !slices.Equal(names, v.textSize.Options) {
		v.textSize.SetOptions(names)
	}
	showOption(v.textSize, slices.Index(v.sizes, now))
}

// showOption marks an option without it counting as chosen.
func showOption(s *widget.Select, i int) {
	if s.SelectedIndex() == i {
		return
	}
	chosen := s.OnChanged
	s.OnChanged = nil
	s.SetSelectedIndex(i)
	s.OnChanged = chosen
}

// render shows what the presenter says.
func (v *settingsView) render() {
	p := v.page
	if i := slices.Index(toastValues, p.Values.ToastContent); i >= 0 {
		v.toast.show(i)
	}
	v.theme.show(max(slices.Index(themeValues, p.Values.Theme), 0))
	showOption(v.language, v.chosenLanguage())
	v.renderSize()
	if p.CABad == "" && !v.caTyping() {
		v.ca.show(p.Values.CAFile)
	}
	v.caField.hint.say(present.ToneBad, p.CABad)
	bad := p.Bad
	if bad == "" && !p.Loaded {
		bad = v.w.SettingsBad()
	}
	v.bad.say(present.ToneBad, bad)
	for _, d := range []fyne.Disableable{v.toast, v.theme, v.language, v.textSize, v.ca} {
		setEnabled(d, p.Loaded)
	}
	v.who.set(accountWords(v.w, v.shell.Account(), v.shell.CanSignOut()), colorText)
	setVisible(v.signOut, v.shell.CanSignOut())
	setEnabled(v.signOut, !v.shell.Leaving)
	v.about.set(aboutWords(v.w, v.version, v.shell.AgentVersion()), colorMuted)
	relayout(v.content)
}

// caTyping says whether the field holds something that has not been applied.
func (v *settingsView) caTyping() bool { return v.ca.Text != v.page.Values.CAFile && v.ca.focused() }

// follow takes the place of a view that was there before: how far it was scrolled, and which control had the keyboard.
func (v *settingsView) follow(old *settingsView, focused fyne.Focusable, c fyne.Canvas) {
	switch focused {
	case old.language:
		c.Focus(v.language)
	case old.textSize:
		c.Focus(v.textSize)
	}
	v.scroll.ScrollToOffset(old.scroll.Offset)
}

func accountWords(w *words.Words, a *local.Account, in bool) string {
	switch {
	case a == nil || !in:
		return w.SettingsSignedOut()
	case a.Device != "":
		return w.SettingsAccountDevice(present.Line(a.User), serverWords(*a), present.Line(a.Device))
	default:
		return w.SettingsAccountWords(present.Line(a.User), serverWords(*a))
	}
}

// serverWords is the server's name, or its address when it has none.
func serverWords(a local.Account) string {
	if name := present.Line(a.ServerName); name != "" {
		return name
	}
	return present.Line(a.Server)
}

func aboutWords(w *words.Words, window, agent string) string {
	s := w.SettingsAboutVersion(window)
	switch {
	case agent == "":
		s = w.SettingsAboutNoAgent(window)
	case agent != window:
		s = w.SettingsAboutAgent(window, agent)
	}
	return s + "\n" + w.SettingsAboutText()
}
