package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/agent/local"
	"securepush/assets/words"
	"securepush/ui/present"
)

// connectionView is the page about how pushes reach this device: the state, a test, what came, and the account's devices.
type connectionView struct {
	content *fyne.Container
	scroll  *container.Scroll

	shell *present.Shell
	page  *present.ConnectionPage
	w     *words.Words

	state   *connectionState
	test    *connectionTest
	speed   *speedView
	past    *pastView
	devices *devicesView

	forTest, forSpeed, forDevices fyne.CanvasObject // their sections

	copyReport *button
	copyHint   *hint
}

func newConnectionView(shell *present.Shell, askOut func(local.Device)) *connectionView {
	w := shell.Words()
	v := &connectionView{shell: shell, page: shell.Conn, w: w, copyHint: newHint()}
	v.state = newConnectionState(shell)
	v.test = newConnectionTest(shell)
	v.speed = newSpeedView(w)
	v.past = newPastView(shell)
	v.devices = newDevicesView(shell, askOut)
	v.copyReport = newButton(w.ConnectionCopy(), theme.ContentCopyIcon(), v.page.Copy)
	v.forTest = section(w.ConnectionTest(), w.ConnectionTestText(), v.test.content)
	v.forSpeed = section(w.ConnectionSpeed(), w.ConnectionSpeedText(), v.speed.content)
	v.forDevices = section(w.ConnectionDevices(), w.ConnectionDevicesText(), v.devices.content)
	v.content, v.scroll = newScrolled(container.New(column{gap: gap4, most: scaled(readingWidth), mid: true, inset: fyne.NewSize(gap4, gap6)},
		newProse(w.ConnectionTitle(), sizePage, colorText).strong(),
		newCard(inset(v.state.content, gap4, gap4+gap1)),
		v.forTest,
		v.forSpeed,
		section(w.ConnectionHistory(), w.ConnectionHistoryText(), v.past.content),
		v.forDevices,
		section(w.ConnectionReport(), w.ConnectionReportText(),
			container.New(column{gap: gap2}, container.New(&flow{gap: gap2}, v.copyReport), v.copyHint)),
		inContainer(fixed{height: gap4})))
	return v
}

// render shows what the presenters say.
func (v *connectionView) render() {
	p := v.page
	v.state.render()
	setVisible(v.forTest, p.SignedIn)
	setVisible(v.forDevices, p.SignedIn)
	if p.SignedIn {
		v.test.render()
		v.devices.render()
	}
	setVisible(v.forSpeed, p.HistoryLoaded || p.HistoryBad == "")
	v.speed.render(p)
	v.past.render()
	setEnabled(v.copyReport, !p.Copying)
	switch {
	case p.CopyBad != "":
		v.copyHint.say(present.ToneBad, p.CopyBad)
	case p.Copied:
		v.copyHint.say(present.ToneGood, v.w.ConnectionCopied())
	default:
		v.copyHint.Hide()
	}
	relayout(v.content)
}

// connectionState says how it is, what is in the way, and who is signed in where.
type connectionState struct {
	content *fyne.Container
	shell   *present.Shell
	icon    *widget.Icon
	words   *prose
	notices *fyne.Container
	start   *button
	offer   *fyne.Container // of start
	facts   *fyne.Container
	shown   []present.Fact
}

func newConnectionState(shell *present.Shell) *connectionState {
	s := &connectionState{shell: shell, icon: widget.NewIcon(nil), words: newProse("", sizeTitle, colorText).strong()}
	s.notices, s.facts = container.New(column{gap: gap2}), container.New(column{gap: gap1 + 2})
	s.start = newButton(shell.Words().AgentStart(), nil, shell.StartAgent)
	s.offer = container.New(&flow{}, s.start)
	s.content = container.New(column{gap: gap3}, container.New(hintLayout{scaled(18), gap2 + 2}, s.icon, s.words),
		s.notices, s.offer, s.facts)
	return s
}

func (s *connectionState) render() {
	say := s.shell.Words()
	c := s.shell.Connection()
	s.icon.SetResource(stateIcon(c.Tone))
	s.words.set(c.Words, colorText)
	notices := s.shell.Notices()
	for len(s.notices.Objects) < len(notices) {
		s.notices.Add(newHint())
	}
	start := false
	for i, o := range s.notices.Objects {
		h, ok := o.(*hint)
		switch {
		case !ok:
		case i < len(notices):
			h.say(notices[i].Tone, notices[i].Title+" "+notices[i].Advice)
			start = start || notices[i].Start
		default:
			h.Hide()
		}
	}
	setVisible(s.notices, len(notices) > 0)
	label := say.AgentStart()
	if s.shell.Starting {
		label = say.AgentStarting()
	}
	s.start.label(label)
	setVisible(s.offer, start)
	setEnabled(s.start, !s.shell.Starting)
	s.showFacts(s.shell.Facts())
}

// showFacts draws names and values below each other.
func (s *connectionState) showFacts(facts []present.Fact) {
	setVisible(s.facts, len(facts) > 0)
	if slices.Equal(facts, s.shown) {
		return
	}
	s.shown = facts
	s.facts.Objects = nil
	for _, f := range facts {
		s.facts.Objects = append(s.facts.Objects,
			container.New(keyRow{}, newLine(f.Label, sizeBody, colorMuted), newProse(f.Words, sizeBody, colorText)))
	}
	s.facts.Refresh()
}
