package ui

import (
	"cmp"
	"net/url"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/api"
	"securepush/assets"
	"securepush/assets/words"
	"securepush/ui/present"
)

// The measures of the window.
const (
	windowWidth  = 1000
	windowHeight = 680
	minWidth     = 360
	minHeight    = 520
	foldWidth    = 720
)

// window holds the views together: it draws what the presenters say and carries what one view wants to another.
type window struct {
	app     fyne.App
	win     fyne.Window
	openURL func(*url.URL) error
	shell   *present.Shell

	header   *header
	notices  *noticeBar
	list     *listView
	detail   *detailView
	compose  *composeView
	sent     *sentView
	settings *settingsView
	way      *connectionView
	signIn   *signInView
	adding   *signInView // to a further account
	state    *emptyView
	split    *fyne.Container
	divider  *fyne.Container
	inbox    *fyne.Container
	root     *fyne.Container

	version string
	narrow  bool
	was     scene
	dressed dress
	places  map[*present.Inbox]place
	back    bool // the views are new: the list goes to where it was
}

// scene is what was on the screen at the last drawing, to notice a change.
type scene struct {
	drawn bool
	bad   string // why the sign-out failed
	sent  api.ID // the sent one that is open
	page  present.Page
	pane  present.Pane
}

// dress is what the whole window wears.
type dress struct {
	theme    string
	textSize int
}

func newWindow(a fyne.App, d Deps) (*window, error) {
	if d.Agent == nil {
		return nil, errNoAgent
	}
	first := dress{cmp.Or(d.Theme, "system"), present.TextSizeUsual}
	th, err := newLook(first.theme, first.textSize)
	if err != nil {
		return nil, err
	}
	a.Settings().SetTheme(th)
	a.SetIcon(fyne.NewStaticResource("icon.png", assets.Icon(128)))
	post := d.Post
	if post == nil {
		post = (&door{open: fyne.Do}).post
	}
	w := &window{app: a, win: a.NewWindow("SecurePush"), openURL: d.OpenURL, version: d.Version, dressed: first, places: make(map[*present.Inbox]place)}
	if w.openURL == nil {
		w.openURL = a.OpenURL
	}
	locale := cmp.Or(d.Locale, string(lang.SystemLocale()))
	w.shell = present.NewShell(present.Options{
		Agent: d.Agent, For: d.For, Account: a.Preferences().String(accountKey),
		Remember: func(id string) { a.Preferences().SetString(accountKey, id) },
		Work:     present.NewWork(post), Start: d.StartAgent, Now: d.Now, Open: d.InitialID,
		Words: words.New(words.Choose("", locale)), Locale: locale,
	})
	w.build()
	w.connect()
	w.win.SetPadded(false)
	w.win.SetContent(w.root)
	w.win.Resize(fyne.NewSize(windowWidth, windowHeight))
	w.win.CenterOnScreen()
	w.win.SetCloseIntercept(w.close)
	w.keys()
	w.render()
	return w, nil
}

// build makes the views.
func (w *window) build() {
	s, say := w.shell, w.shell.Words()
	w.header = newHeader(s, w.showCompose, w.showMenu, w.goBack)
	w.notices = newNoticeBar(s)
	w.list = newListView(s.Inbox, say, s.Now)
	w.detail = newDetailView(s, w.askLink, w.goBack)
	w.compose = newComposeView(s.Compose, say, w.goBack, w.showSent)
	w.sent = newSentView(s, w.goBack)
	w.settings = newSettingsView(s, w.version, w.browse, w.askSignOut)
	w.way = newConnectionView(s, w.askDeviceOut)
	w.signIn, w.adding = newSignInView(s.SignIn, say, w.showAuthority), newSignInView(s.Adding, say, w.showAuthority)
	w.state = newEmptyView()
	w.state.button.Importance = widget.HighImportance
	w.divider = hairline(true)
	w.split = container.New(&splitLayout{w: w}, w.list.content, w.divider, w.detail.content, w.compose.content, w.sent.content)
	w.inbox = container.New(pile{w.split}, w.notices.content, w.split)
	pages := container.NewStack(newPanel(theme.ColorNameBackground, nil), w.inbox, w.signIn.content, w.settings.content, w.adding.content, w.way.content, w.state.content)
	w.root = container.New(&rootLayout{w: w}, w.header.content, pages)
}

// connect makes the views follow the presenters.
func (w *window) connect() {
	s := w.shell
	s.Changed = w.render
	s.Raise = func(string) { w.win.Show(); w.win.RequestFocus() }
	s.Inbox.Changed = w.render
	s.SignIn.Changed = func() { w.signIn.render() }
	s.Adding.Changed = func() { w.adding.render() }
	w.connectAccounts()
	s.Compose.Changed = w.render
	s.Sent.Changed = w.render
	s.Settings.Changed = w.render
	s.Quiet.Changed = w.quietChanged
	s.Conn.Changed, s.Autostart.Changed = w.render, w.render
	s.Conn.Clip = w.app.Clipboard().SetContent
	w.list.focus = func(f fyne.Focusable) { w.win.Canvas().Focus(f) }
	w.list.canvas, w.list.act.modifiers = w.win.Canvas, w.heldModifiers
	w.settings.quiet.focus = w.list.focus
	w.list.unseen = s.GoesOnUnseen
	w.list.opened = func() { s.Show(present.PaneRead) }
	w.list.menu = w.itemMenu
	w.list.act.search, w.list.act.help, w.list.act.link, w.list.act.allRead = w.goSearch, w.showHelp, w.openLink, w.askAllRead
	w.header.search.OnSubmitted = func(string) { w.goFound() }
}

// render draws everything that the presenters say. Views compare before they draw again, so calling it often is cheap.
func (w *window) render() {
	s := w.shell
	w.change()
	page, pane := s.Page(), s.Pane
	settings, adding, way := pane == present.PaneSettings, pane == present.PaneAdd, pane == present.PaneConnection
	over := settings || adding || way
	w.header.render(w.narrow)
	setVisible(w.settings.content, settings)
	setVisible(w.adding.content, adding)
	setVisible(w.way.content, way)
	setVisible(w.inbox, !over && page == present.PageInbox)
	setVisible(w.signIn.content, !over && page == present.PageSignIn)
	setVisible(w.state.content, !over && page != present.PageInbox && page != present.PageSignIn)
	switch {
	case settings:
		w.settings.render()
	case adding:
		w.adding.render()
	case way:
		w.way.render()
	case page == present.PageInbox:
		w.renderInbox()
	case page == present.PageSignIn:
		w.signIn.render()
	default:
		w.renderState(page)
	}
	relayout(w.root)
	if w.back {
		w.back = false
		w.findPlace()
	}
	if title := titleOf(s.Words(), page, pane, s.Inbox.Unread+s.OthersUnread()); w.win.Title() != title {
		w.win.SetTitle(title)
	}
	w.arrive(scene{drawn: true, bad: s.LeaveBad, sent: s.Sent.Selected, page: page, pane: pane})
}

func (w *window) renderInbox() {
	s := w.shell
	compose, sent := s.Pane == present.PaneCompose, s.Pane == present.PaneSent
	reading := compose || sent || s.Inbox.Selected != ""
	setVisible(w.list.content, !w.narrow || !reading)
	setVisible(w.divider, !w.narrow)
	setVisible(w.compose.content, compose)
	setVisible(w.sent.content, sent)
	setVisible(w.detail.content, !compose && !sent && (!w.narrow || reading))
	w.notices.render()
	w.list.render()
	switch {
	case compose:
		w.compose.render(w.narrow)
	case sent:
		w.sent.render(w.narrow)
	default:
		w.detail.render(w.narrow)
	}
}

// renderState shows the pages that say one thing and offer one way on.
func (w *window) renderState(page present.Page) {
	s, say := w.shell, w.shell.Words()
	switch page {
	case present.PageNoAgent:
		label, text := say.AgentStart(), say.AgentText()
		switch {
		case s.Starting:
			label = say.AgentStarting()
		case s.StartBad != "":
			text = s.StartBad
		case s.GoneWords() != "":
			text = s.GoneWords()
		}
		if !s.CanStart() {
			label = ""
		}
		w.state.say(theme.WarningIcon(), say.AgentTitle(), text, label, s.StartAgent)
		setEnabled(w.state.button, !s.Starting)
	case present.PageLocked:
		label, text := say.KeyringUnlock(), say.KeyringText()
		if s.UnlockBad != "" {
			text = s.UnlockBad
		}
		if s.Unlocking {
			label, text = say.KeyringUnlocking(), say.KeyringPrompt()
		}
		w.state.say(glyph(assets.GlyphLock), say.KeyringTitle(), text, label, s.Unlock)
		setEnabled(w.state.button, !s.Unlocking)
	default:
		w.state.say(glyph(assets.TrayConnecting), "", say.StateConnecting(), "", nil)
	}
}

// change follows the person's choices of account, theme, size of text and language. But for the theme all views are made anew.
func (w *window) change() {
	settings, again := w.shell.Settings, w.moved()
	if settings.Loaded {
		again = w.dressAnew() || again
		again = w.shell.Speak() || again
	}
	if again {
		w.rebuild()
	}
}

// dressAnew changes the theme, and says whether text has another size.
func (w *window) dressAnew() bool {
	settings := w.shell.Settings
	now := dress{settings.Values.Theme, textSizeOf(settings.Values)}
	resized := now.textSize != w.dressed.textSize
	if now != w.dressed {
		th, err := newLook(now.theme, now.textSize)
		if err != nil {
			return false // it was read once already
		}
		w.dressed = now
		w.app.Settings().SetTheme(th)
	}
	return resized
}

// rebuild makes all views anew. What is typed stays. The keyboard goes to where the page puts it, or stays in the settings.
func (w *window) rebuild() {
	moved, password, added := w.moved(), w.signIn.password.Text, w.adding.password.Text
	w.keepPlace()
	old, focused := w.settings, w.win.Canvas().Focused()
	w.build()
	w.connect()
	w.keys()
	if w.shell.Pane == present.PaneAdd {
		w.adding.password.show(added)
	}
	if moved {
		w.closeOverlays()
	} else {
		w.signIn.password.show(password)
	}
	w.back = true // from here on: the window tries its least size first
	w.win.SetContent(w.root)
	w.was = scene{bad: w.was.bad}
	if w.shell.Pane == present.PaneSettings {
		w.was.page, w.was.pane, w.was.drawn = w.shell.Page(), w.shell.Pane, true
	}
	w.settings.follow(old, focused, w.win.Canvas())
}

// arrive puts the keyboard where it is needed after another page or pane has come up.
func (w *window) arrive(now scene) {
	was := w.was
	w.was = now
	if was == now {
		return
	}
	if now.bad != "" && now.bad != was.bad {
		w.say(w.shell.Words().SignoutFailed(now.bad))
		return
	}
	c := w.win.Canvas()
	switch {
	case now.pane == present.PaneSettings, now.pane == present.PaneConnection:
		c.Unfocus()
	case now.pane == present.PaneAdd:
		w.adding.focus(c)
	case now.page == present.PageSignIn:
		if was.page == present.PageInbox {
			w.signIn.forget()
		}
		w.signIn.focus(c)
	case now.page != present.PageInbox:
		c.Unfocus()
	case now.pane == present.PaneCompose:
		w.compose.focus(c)
	case now.pane == present.PaneSent:
		w.sent.focus(c)
	default:
		w.signIn.forget()
		w.list.list.unasked = true
		c.Focus(w.list.list)
		w.list.list.unasked = false
	}
}

// close hides the window at once and then finishes what the person has been told is done.
func (w *window) close() {
	w.win.Hide()
	w.shell.Close()
	w.win.Close()
}

// rootLayout is the header above the pages. It notices when the window folds.
type rootLayout struct{ w *window }

// Layout is part of fyne.Layout.
func (l *rootLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	w := l.w
	if narrow := size.Width < scaled(foldWidth); narrow != w.narrow {
		if w.narrow = narrow; !w.back {
			w.render()
		}
	}
	head := w.header.content
	head.Resize(fyne.NewSize(size.Width, head.MinSize().Height))
	h := head.MinSize().Height // its lines follow its width
	head.Resize(fyne.NewSize(size.Width, h))
	o[1].Move(fyne.NewPos(0, h))
	o[1].Resize(fyne.NewSize(size.Width, size.Height-h))
}

// MinSize is part of fyne.Layout.
func (l *rootLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(minWidth, minHeight) }

// splitLayout is list, line and reading pane beside each other, or one of them alone.
type splitLayout struct{ w *window }

func paneWidth(width float32) float32 { return min(max(width*0.38, scaled(320)), scaled(420)) }

// Layout is part of fyne.Layout.
func (l *splitLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	x := float32(0)
	if !l.w.narrow {
		left := paneWidth(size.Width)
		o[0].Move(fyne.NewPos(0, 0))
		o[0].Resize(fyne.NewSize(left, size.Height))
		o[1].Move(fyne.NewPos(left, 0))
		o[1].Resize(fyne.NewSize(1, size.Height))
		x = left + 1
	} else {
		o[0].Move(fyne.NewPos(0, 0))
		o[0].Resize(size)
	}
	for _, pane := range o[2:] {
		pane.Move(fyne.NewPos(x, 0))
		pane.Resize(fyne.NewSize(size.Width-x, size.Height))
	}
}

// MinSize is part of fyne.Layout.
func (l *splitLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(minWidth, 200) }
