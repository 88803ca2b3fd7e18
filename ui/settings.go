package ui

import (
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"securepush/agent/local"
	"securepush/assets/words"
	"securepush/ui/present"
)

var (
	themeValues = []string{"system", "light", "dark"}
	toastValues = []local.ToastContent{local.ToastEverything, local.ToastSender, local.ToastNothing}
	soundValues = []local.Sounds{local.SoundsOn, local.SoundsUrgent, local.SoundsOff}
	sizeValues  = []int{100, 125, 150, 175, 200}
	keepValues  = []int{1, 7, 14, 30, 90, 365}
)

// mostPathBytes is the longest path that systems know.
const mostPathBytes = 4 << 10

// settingsView is the page of the person's choices. They apply at once.
type settingsView struct {
	content *fyne.Container

	page      *present.Settings
	shell     *present.Shell
	w         *words.Words
	toast     *segmented
	toastBad  *hint
	sounds    *segmented
	soundsBad *field
	quiet     *quietView
	start     *startView
	keep      *choice
	keeps     []int
	keepBad   *field
	theme     *segmented
	themeBad  *field
	langBad   *field
	sizeBad   *field
	language  *choice
	languages []string // the tags that language shows, the system's first
	textSize  *choice
	sizes     []int
	ca        *entry
	caField   *field
	authority fyne.CanvasObject // the section with that field
	bad       *hint
	accounts  *accountsView
	about     *prose
	version   string
	scroll    *container.Scroll
}

func newSettingsView(shell *present.Shell, version string, browse func(func(path string)), signOut func()) *settingsView {
	w := shell.Words()
	v := &settingsView{page: shell.Settings, shell: shell, w: w, version: version}
	v.toast = newSegmented([]string{w.SettingsToastEverything(), w.SettingsToastSender(), w.SettingsToastNothing()}, func(int) { v.apply() })
	v.theme = newSegmented([]string{w.SettingsThemeSystem(), w.SettingsThemeLight(), w.SettingsThemeDark()}, func(int) { v.apply() })
	v.sounds = newSegmented([]string{w.SettingsSoundsOn(), w.SettingsSoundsUrgent(), w.SettingsSoundsOff()}, func(int) { v.apply() })
	v.toast.wraps, v.theme.wraps, v.sounds.wraps = true, true, true
	v.soundsBad = newField(w.SettingsSounds(), v.sounds)
	v.toastBad = newHint()
	v.keep = newChoice(nil, func(string) { v.apply() })
	v.keepBad = newField(w.SettingsKeep(), framed(v.keep))
	v.language = newChoice(v.languageNames(), func(string) { v.apply() })
	v.textSize = newChoice(nil, func(string) { v.apply() })
	v.ca = newEntry(w.SettingsCaHint())
	shortcut := func(s fyne.Shortcut) bool { return v.ca.shortcut != nil && v.ca.shortcut(s) }
	v.quiet = newQuietView(shell, shortcut, v.apply)
	v.accounts = newAccountsView(shell, shortcut, signOut)
	v.start = newStartView(shell)
	v.ca.OnSubmitted = func(string) { v.apply() }
	v.ca.onLeave = v.apply
	v.ca.bound(mostPathBytes, func(n int) { v.page.TooMuch(present.FieldCA, n) })
	pick := newButton(w.SettingsChoose(), nil, func() {
		browse(func(path string) {
			v.ca.show(path)
			v.apply()
		})
	})
	v.caField = newField(w.SettingsCa(), container.New(newShelf(gap2, v.ca), v.ca, pick))
	v.bad = newHint()
	v.about = newProse("", sizeMeta, colorMuted)
	v.themeBad, v.langBad, v.sizeBad = newField(w.SettingsTheme(), v.theme), newField(w.SettingsLanguage(), framed(v.language)), newField(w.SettingsTextSize(), framed(v.textSize))
	v.content, v.scroll = newScrolled(v.layOut())
	return v
}

// layOut puts the sections below each other.
func (v *settingsView) layOut() fyne.CanvasObject {
	w := v.w
	v.authority = section(w.SettingsConnection(), w.SettingsConnectionText(), v.caField)
	return container.New(column{gap: gap4, most: scaled(readingWidth), mid: true, inset: fyne.NewSize(gap4, gap6)},
		newProse(w.CommonSettings(), sizePage, colorText).strong(), v.bad,
		section(w.SettingsNotifications(), w.SettingsToastText(), container.New(column{gap: gap4}, container.New(column{gap: gap1 + 2}, v.toast, v.toastBad), v.soundsBad)),
		v.quiet.content,
		v.start.content,
		section(w.SettingsPrivacy(), w.SettingsKeepText(), v.keepBad),
		section(w.SettingsAppearance(), "", container.New(column{gap: gap4}, v.themeBad, v.langBad, v.sizeBad)),
		v.authority,
		v.accounts.content,
		section(w.SettingsAbout(), "", v.about),
		inContainer(fixed{height: gap4}))
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
	if i := v.sounds.selected; i >= 0 && soundValues[i] != soundsOf(s) {
		s.Sounds = soundValues[i]
	}
	if i := v.language.SelectedIndex(); i >= 0 && i != v.chosenLanguage() {
		s.Language = v.languages[i]
	}
	if i := v.textSize.SelectedIndex(); i >= 0 && v.sizes[i] != textSizeOf(s) {
		s.TextSize = v.sizes[i]
	}
	if i := v.keep.SelectedIndex(); i >= 0 && v.keeps[i] != keepDaysOf(s) {
		s.KeepDays = v.keeps[i]
	}
	s.UrgentBreaksThrough = v.quiet.urgent.Checked
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

func soundsOf(s local.Settings) local.Sounds {
	if s.Sounds == "" {
		return local.SoundsOn
	}
	return s.Sounds
}

func keepDaysOf(s local.Settings) int {
	if s.KeepDays == 0 {
		return present.KeepDaysUsual
	}
	return s.KeepDays
}

// renderNumbers shows the size of text and the days, also those that were chosen elsewhere and are none of ours.
func (v *settingsView) renderNumbers() {
	v.sizes = showNumber(v.textSize, sizeValues, textSizeOf(v.page.Values), func(n int) string { return v.w.SettingsPercent(strconv.Itoa(n)) })
	v.keeps = showNumber(v.keep, keepValues, keepDaysOf(v.page.Values), v.w.SettingsDays)
}

// showNumber offers numbers, among them the one that holds now, and marks that. It returns what is offered.
func showNumber(list *choice, ours []int, now int, say func(int) string) []int {
	offered := slices.Clone(ours)
	if i, known := slices.BinarySearch(offered, now); !known {
		offered = slices.Insert(offered, i, now)
	}
	names := make([]string, len(offered))
	for i, n := range offered {
		names[i] = say(n)
	}
	if !slices.Equal(names, list.Options) {
		list.SetOptions(names)
	}
	showOption(list, slices.Index(offered, now))
	return offered
}

// showOption marks an option without it counting as chosen.
func showOption(s *choice, i int) {
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
	v.sounds.show(max(slices.Index(soundValues, soundsOf(p.Values)), 0))
	v.theme.show(max(slices.Index(themeValues, p.Values.Theme), 0))
	showOption(v.language, v.chosenLanguage())
	v.renderNumbers()
	if p.Wrong[present.FieldCA] == "" && !v.caTyping() {
		v.ca.show(p.Values.CAFile)
	}
	v.quiet.render()
	v.start.render()
	for field, h := range map[string]*hint{
		present.FieldCA: v.caField.hint, present.FieldToasts: v.toastBad, present.FieldKeep: v.keepBad.hint,
		present.FieldSounds: v.soundsBad.hint,
		present.FieldTheme:  v.themeBad.hint, present.FieldLanguage: v.langBad.hint, present.FieldTextSize: v.sizeBad.hint,
	} {
		h.say(present.ToneBad, p.Wrong[field])
	}
	bad := p.Bad
	if bad == "" && !p.Loaded {
		bad = v.w.SettingsBad()
	}
	v.bad.say(present.ToneBad, bad)
	for _, d := range []fyne.Disableable{v.toast, v.sounds, v.keep, v.theme, v.language, v.textSize, v.ca} {
		setEnabled(d, p.Loaded)
	}
	v.accounts.render()
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
func serverWords(a local.Account) string { return present.ServerName(a) }

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
