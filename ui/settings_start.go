package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"securepush/assets/words"
	"securepush/ui/present"
)

// startView is the part of the settings about starting at login.
type startView struct {
	content fyne.CanvasObject

	shell  *present.Shell
	w      *words.Words
	check  *check
	line   *checkLine
	no     *prose // it cannot be set up here
	bad    *hint
	goesOn *hint
}

func newStartView(shell *present.Shell) *startView {
	w := shell.Words()
	v := &startView{shell: shell, w: w, no: newProse(w.StartUnsupported(), sizeBody, colorText), bad: newHint(), goesOn: newHint()}
	v.check = newCheck("", shell.Autostart.Set)
	v.line = newCheckLine(v.check, w.StartCheck())
	v.content = section(w.StartTitle(), w.StartText(), container.New(column{gap: gap1 + 2}, v.line, v.no, v.bad, v.goesOn))
	return v
}

func (v *startView) render() {
	a := v.shell.Autostart
	showCheck(v.check, a.Enabled)
	setEnabled(v.check, a.Loaded && !a.Busy)
	setVisible(v.line, !a.Loaded || a.Supported)
	setVisible(v.no, a.Loaded && !a.Supported)
	v.bad.say(present.ToneBad, a.Bad)
	said := ""
	if v.shell.GoesOnUnseen() {
		said = v.w.StartGoesOn()
	}
	v.goesOn.say(present.ToneQuiet, said)
}
