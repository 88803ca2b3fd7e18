package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/assets"
	"securepush/ui/present"
)

// headerHeight is that of its controls and the space around them.
func headerHeight() float32 { return scaled(36) + 20 }

// mostSearchBytes is what may be pasted as a search at once.
const mostSearchBytes = 1 << 10

// header is the strip at the top: name, search, connection, what can always be done.
type header struct {
	content *fyne.Container

	shell   *present.Shell
	name    *line
	account *accountButton // in the place of the name, where there are several
	search  *entry
	state   *widget.Icon
	words   *line
	badge   *fyne.Container
	compose *button
	more    *button
	back    *button
}

func newHeader(shell *present.Shell, compose, menu, back func()) *header {
	h := &header{shell: shell, name: newLine(shell.Words().CommonApp(), sizeTitle, colorText).strong().whole()}
	h.search = newEntry(shell.Words().HeaderSearch())
	h.search.Icon = theme.SearchIcon()
	h.search.OnChanged = shell.Inbox.Search
	h.search.bound(mostSearchBytes, shell.Inbox.TooMuch)
	h.search.onEscape = func() { h.search.show(""); shell.Inbox.ClearSearch() }
	h.account = newAccountButton()
	h.state = widget.NewIcon(nil)
	h.words = newLine("", sizeMeta, colorMuted).whole()
	h.badge = container.New(row{gap: gap1 + 2}, container.New(fixed{scaled(16), scaled(16)}, h.state), h.words)
	h.compose = newButton(shell.Words().HeaderCompose(), theme.MailComposeIcon(), compose)
	h.compose.Importance = widget.HighImportance
	h.more = newButton("", theme.MoreVerticalIcon(), menu)
	h.more.Importance = widget.LowImportance
	h.back = lowButton(shell.Words().CommonBack(), theme.NavigateBackIcon(), back)
	h.content = container.New(&headerLayout{h: h}, newPanel(theme.ColorNameBackground, nil),
		container.New(fixed{scaled(26), scaled(26)}, widget.NewIcon(mark())), h.name, h.account, h.back, h.search, h.badge, h.compose, h.more, hairline(false))
	return h
}

// render shows what the presenter says.
func (h *header) render(narrow bool) {
	c := h.shell.Connection()
	h.state.SetResource(stateIcon(c.Tone))
	words := c.Words
	if narrow {
		words = c.Short
	}
	h.words.set(words, stateColor(c.Tone))
	inbox := h.shell.Page() == present.PageInbox
	settings := h.shell.Pane == present.PaneSettings || h.shell.Pane == present.PaneAdd || h.shell.Pane == present.PaneConnection
	reading := h.shell.Pane == present.PaneCompose || h.shell.Pane == present.PaneSent || h.shell.Inbox.Selected != ""
	setVisible(h.search, inbox && !settings && (!narrow || !reading))
	h.search.show(h.shell.Inbox.Typed)
	setVisible(h.compose, inbox && !settings && h.shell.Pane != present.PaneCompose)
	setEnabled(h.compose, h.shell.Compose.Ready || h.shell.Compose.Soon)
	setVisible(h.back, settings)
	several := h.shell.Several()
	setVisible(h.name, !narrow && (!several || settings))
	setVisible(h.account, several && !settings)
	h.account.show(h.shell.Accounts(), h.shell.OthersUnread())
	relayout(h.content)
}

// label is what the button to send says beside its icon.
func (h *header) label(text string) {
	if h.compose.Text != text {
		h.compose.SetText(text)
	}
}

func stateIcon(t present.Tone) fyne.Resource {
	switch t {
	case present.ToneGood:
		return tinted(glyph(assets.TrayConnected), colorGood)
	case present.ToneAttention:
		return tinted(glyph(assets.TraySignIn), colorAttention)
	case present.ToneOffline:
		return tinted(glyph(assets.TrayOffline), colorAttention)
	case present.ToneBad:
		return tinted(glyph(assets.TrayOffline), colorUrgent)
	default:
		return tinted(glyph(assets.TrayConnecting), colorMuted)
	}
}

func stateColor(t present.Tone) fyne.ThemeColorName {
	switch t {
	case present.ToneAttention, present.ToneOffline:
		return colorAttention
	case present.ToneBad:
		return colorUrgent
	default:
		return colorMuted
	}
}

// headerLayout puts the search into the middle, or onto a second line in a narrow window.
type headerLayout struct {
	h *header
}

func (l *headerLayout) twoLines(width float32) bool {
	return width < scaled(foldWidth) && !l.h.search.Hidden
}

// Layout is part of fyne.Layout.
func (l *headerLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	h := l.h
	ground, logo, under := o[0], o[1], o[len(o)-1]
	ground.Resize(size)
	under.Move(fyne.NewPos(0, size.Height-1))
	under.Resize(fyne.NewSize(size.Width, 1))
	place := func(o fyne.CanvasObject, x float32) float32 {
		m := o.MinSize()
		o.Move(fyne.NewPos(x, (headerHeight()-m.Height)/2))
		o.Resize(m)
		return x + m.Width
	}
	l.makeRoom(size.Width, logo)
	x := gap4
	if logo.Visible() {
		x = place(logo, gap4) + gap2 + 2
	}
	if !h.name.Hidden {
		x = place(h.name, x) + gap4
	}
	if !h.back.Hidden {
		x = place(h.back, x)
	}
	right := size.Width - gap2
	for _, o := range []fyne.CanvasObject{h.more, h.compose, h.badge} {
		if o.Visible() {
			right -= o.MinSize().Width
			place(o, right)
			right -= gap4
		}
	}
	if !h.account.Hidden {
		x = l.placeAccount(x-gap2, right, size.Width)
	}
	m := h.search.MinSize()
	if l.twoLines(size.Width) {
		h.search.Move(fyne.NewPos(gap3, headerHeight()-gap1))
		l.placeSearch(size.Width-2*gap3, m.Height)
		return
	}
	x = max(x, paneWidth(size.Width)+gap4)
	width := min(right-x-gap3, scaled(360))
	h.search.Move(fyne.NewPos(x, (headerHeight()-m.Height)/2))
	l.placeSearch(width, m.Height)
}

// placeAccount gives the account as much room as it has words for, and returns where that ends.
func (l *headerLayout) placeAccount(x, right, width float32) float32 {
	a := l.h.account
	if !l.h.search.Hidden && !l.twoLines(width) {
		right = min(right, paneWidth(width)+gap4)
	}
	m := a.MinSize()
	m.Width = max(m.Width, min(a.wanted(nameMost), right-x))
	a.Move(fyne.NewPos(x, (headerHeight()-m.Height)/2))
	a.Resize(m)
	return x + m.Width + gap2
}

// placeSearch gives the search its size, and as many words as it has room for.
func (l *headerLayout) placeSearch(width, height float32) {
	s, w := l.h.search, l.h.shell.Words()
	hint := w.HeaderSearch()
	if icons := scaled(40) + 2*theme.Size(theme.SizeNameInnerPadding); fyne.MeasureText(hint, theme.Size(sizeBody), fyne.TextStyle{}).Width > width-icons {
		hint = w.HeaderSearchShort()
	}
	if s.PlaceHolder != hint {
		s.SetPlaceHolder(hint)
	}
	s.Resize(fyne.NewSize(width, height))
}

// makeRoom leaves away what a narrow window with large text has no room for: the words beside the state's icon, then the mark,
// and beside an account's name how many wait in others, and what the button to send says.
func (l *headerLayout) makeRoom(width float32, logo fyne.CanvasObject) {
	h := l.h
	fits := func() bool {
		need := 2 * gap4
		for _, o := range []fyne.CanvasObject{logo, h.name, h.account, h.back, h.badge, h.compose, h.more} {
			if o.Visible() {
				need += gap3
				if o == h.account {
					need += h.account.wanted(nameSome)
				} else {
					need += o.MinSize().Width
				}
			}
		}
		return need <= width
	}
	setVisible(h.words, true)
	setVisible(logo, true)
	h.account.shorten(false)
	h.label(h.shell.Words().HeaderCompose())
	if !fits() {
		setVisible(h.words, false)
		setVisible(logo, fits())
	}
	if several := !h.account.Hidden; several && !fits() {
		h.account.shorten(true)
		if !fits() {
			h.label("")
		}
	}
}

// MinSize is part of fyne.Layout.
func (l *headerLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	height := headerHeight()
	if l.twoLines(l.h.content.Size().Width) {
		height += l.h.search.MinSize().Height + gap2
	}
	return fyne.NewSize(minWidth, height)
}
