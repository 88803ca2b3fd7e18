package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"securepush/agent/local"
	"securepush/ui/present"
)

var (
	themeValues = []string{"system", "light", "dark"}
	toastValues = []local.ToastContent{local.ToastEverything, local.ToastNothing}
)

// settingsView is the page of the person's choices. They apply at once.
type settingsView struct {
	content *fyne.Container

	page    *present.Settings
	shell   *present.Shell
	toast   *segmented
	theme   *segmented
	ca      *entry
	caField *field
	bad     *hint
	who     *prose
	signOut *widget.Button
	about   *prose
	version string
	column  *fyne.Container
}

func newSettingsView(shell *present.Shell, version string, browse func(func(path string)), signOut func()) *settingsView {
	v := &settingsView{page: shell.Settings, shell: shell, version: version}
	v.toast = newSegmented([]string{"Everything", "Nothing"}, func(int) { v.apply() })
	v.theme = newSegmented([]string{"System", "Light", "Dark"}, func(int) { v.apply() })
	v.ca = newEntry("/path/to/authority.pem")
	v.ca.OnSubmitted = func(string) { v.apply() }
	v.ca.onLeave = v.apply
	pick := widget.NewButton("Choose…", func() {
		browse(func(path string) {
			v.ca.show(path)
			v.apply()
		})
	})
	v.caField = newField("File with the authority's certificate (PEM)", container.New(row{gap: gap2, grow: v.ca}, v.ca, pick))
	v.bad = newHint()
	v.who = newProse("", sizeBody, colorText)
	v.signOut = widget.NewButton("Sign out…", signOut)
	v.about = newProse("", sizeMeta, colorMuted)
	v.column = container.New(column{gap: gap4, most: readingWidth, mid: true, inset: fyne.NewSize(gap4, gap6)},
		newProse("Settings", sizePage, colorText).strong(), v.bad,
		section("Notifications", "What a toast shows. With Nothing, the content stands in the window only.", container.New(row{}, v.toast)),
		section("Appearance", "", container.New(row{}, v.theme)),
		section("Connection", "For a server whose certificate comes from an authority of your organisation's own.", v.caField),
		section("Account", "", container.New(row{gap: gap3, grow: v.who}, v.who, v.signOut)),
		section("About", "", v.about),
		inContainer(fixed{height: gap4}))
	v.content, _ = newScrolled(v.column)
	return v
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
	s.CAFile = v.ca.Text
	v.page.Apply(s)
}

// render shows what the presenter says.
func (v *settingsView) render() {
	p := v.page
	for i := range toastValues {
		if toastValues[i] == p.Values.ToastContent {
			v.toast.show(i)
		}
	}
	chosen := 0
	for i := range themeValues {
		if themeValues[i] == p.Values.Theme {
			chosen = i
		}
	}
	v.theme.show(chosen)
	if p.CABad == "" && !v.caTyping() {
		v.ca.show(p.Values.CAFile)
	}
	v.caField.hint.say(present.ToneBad, p.CABad)
	bad := p.Bad
	if bad == "" && !p.Loaded {
		bad = "The settings can be changed when the agent runs."
	}
	v.bad.say(present.ToneBad, bad)
	for _, d := range []fyne.Disableable{v.toast, v.theme, v.ca} {
		setEnabled(d, p.Loaded)
	}
	v.who.set(accountWords(v.shell.Account(), v.shell.CanSignOut()), colorText)
	setVisible(v.signOut, v.shell.CanSignOut())
	setEnabled(v.signOut, !v.shell.Leaving)
	v.about.set(aboutWords(v.version, v.shell.AgentVersion()), colorMuted)
	relayout(v.content)
}

// caTyping says whether the field holds something that has not been applied.
func (v *settingsView) caTyping() bool { return v.ca.Text != v.page.Values.CAFile && v.ca.focused() }

func accountWords(a *local.Account, in bool) string {
	if a == nil || !in {
		return "Not signed in."
	}
	s := present.Line(a.User) + " at " + serverWords(*a)
	if a.Device != "" {
		s += ", on this computer, " + present.Line(a.Device)
	}
	return s + "."
}

// serverWords is the server's name, or its address when it has none.
func serverWords(a local.Account) string {
	if name := present.Line(a.ServerName); name != "" {
		return name
	}
	return present.Line(a.Server)
}

func aboutWords(window, agent string) string {
	s := "SecurePush " + window
	switch {
	case agent == "":
		s += " · no agent is running"
	case agent != window:
		s += " · agent " + agent
	}
	return s + "\nOnly an opaque ID passes through the push service. What is in a notification comes from your server over TLS and is kept sealed on this computer."
}
