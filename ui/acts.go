package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/agent/local"
	"securepush/api"
	"securepush/assets"
	"securepush/ui/present"
)

func (w *window) showCompose() { w.shell.Show(present.PaneCompose) }

func (w *window) showSent() { w.shell.Show(present.PaneSent) }

func (w *window) showConnection() { w.shell.Show(present.PaneConnection) }

func (w *window) showSettings() { w.shell.Show(present.PaneSettings) }

// showAuthority leads to where the certificate file of an organisation is chosen.
func (w *window) showAuthority() {
	w.showSettings()
	w.settings.scroll.ScrollToOffset(fyne.NewPos(0, max(w.settings.authority.Position().Y-gap4, 0)))
	w.win.Canvas().Focus(w.settings.ca)
}

// goBack leaves what lies over the list.
func (w *window) goBack() {
	if w.shell.Pane == present.PaneCompose && w.shell.Compose.Dirty() {
		w.askDiscard()
		return
	}
	if w.shell.Pane == present.PaneSent && w.shell.Sent.Selected != "" {
		w.shell.Sent.Select("")
		return
	}
	if w.shell.Pane == present.PaneAdd {
		w.cancelAdd()
		return
	}
	if w.shell.Pane != present.PaneRead {
		w.shell.Show(present.PaneRead)
		return
	}
	w.shell.Inbox.Select("")
}

// showMenu opens what is needed seldom.
func (w *window) showMenu() {
	s, say := w.shell, w.shell.Words()
	var items []*fyne.MenuItem
	if a := s.Account(); a != nil && s.CanSignOut() {
		who := fyne.NewMenuItem(say.MenuAccount(present.Line(a.User), serverWords(*a)), nil)
		who.Disabled = true
		items = append(items, who, fyne.NewMenuItemSeparator())
	}
	items = append(items, w.quietItems()...)
	if s.Page() == present.PageInbox {
		sent := fyne.NewMenuItem(say.SentMenu(), w.showSent)
		sent.Icon = theme.HistoryIcon()
		items = append(items, sent)
	}
	way := fyne.NewMenuItem(say.ConnectionTitle(), w.showConnection)
	way.Icon = theme.ComputerIcon()
	settings := fyne.NewMenuItem(say.CommonSettings(), w.showSettings)
	settings.Icon = theme.SettingsIcon()
	about := fyne.NewMenuItem(say.MenuAbout(), w.showAbout)
	about.Icon = theme.InfoIcon()
	items = append(items, way, settings, about)
	if s.CanAdd() && !s.Several() {
		add := fyne.NewMenuItem(say.AccountAdd(), w.addAccount)
		add.Icon = theme.ContentAddIcon()
		items = append(items, fyne.NewMenuItemSeparator(), add)
	}
	if s.CanSignOut() {
		leave := fyne.NewMenuItem(say.CommonSignOut(), w.askSignOut)
		leave.Icon = theme.LogoutIcon()
		if !s.CanAdd() || s.Several() {
			items = append(items, fyne.NewMenuItemSeparator())
		}
		items = append(items, leave)
	}
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), w.win.Canvas())
	menu.ShowAtRelativePosition(fyne.NewPos(w.header.more.Size().Width-menu.MinSize().Width-gap1, w.header.more.Size().Height+gap1), w.header.more)
}

// itemMenu opens what can be done with one notification.
func (w *window) itemMenu(id api.ID, at fyne.Position) {
	b, say := w.shell.Inbox, w.shell.Words()
	for _, n := range b.Visible() {
		if n.ID != id {
			continue
		}
		read := fyne.NewMenuItem(say.MenuMarkRead(), func() { b.SetRead(id, true) })
		read.Icon = glyph(assets.GlyphRead)
		if n.Read {
			read = fyne.NewMenuItem(say.MenuMarkUnread(), func() { b.SetRead(id, false) })
			read.Icon = glyph(assets.GlyphUnread)
		}
		text := n.Payload
		clip := fyne.NewMenuItem(say.MenuCopyText(), func() { w.app.Clipboard().SetContent(text) })
		clip.Icon = theme.ContentCopyIcon()
		remove := fyne.NewMenuItem(say.CommonDelete(), func() { b.Delete(id) })
		remove.Icon = theme.DeleteIcon()
		several := fyne.NewMenuItem(say.MenuSelect(), func() { b.Choose(id) })
		several.Icon = theme.CheckButtonCheckedIcon()
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", read, clip, several, remove), w.win.Canvas(), at)
		return
	}
}

// askAllRead marks all as read, after a question where it cannot be taken back.
func (w *window) askAllRead() {
	b, say := w.shell.Inbox, w.shell.Words()
	switch {
	case b.Unread == 0:
	case b.AllReadCanBeUndone():
		b.MarkAllRead()
	default:
		showOverlay(w.win.Canvas(), question{
			title: say.InboxAskAllRead(b.Unread), text: say.InboxAskAllReadText(),
			action: say.InboxMarkAllRead(), do: b.MarkAllRead, cancel: say.CommonCancel(),
		})
	}
}

// openLink asks about the link of what is open.
func (w *window) openLink() {
	if w.shell.Inbox.Open != nil && w.detail.content.Visible() {
		w.askLink(w.detail.shown.Link)
	}
}

func (w *window) goSearch() {
	if w.header.search.Visible() {
		w.win.Canvas().Focus(w.header.search)
	}
}

// goFound leads from the search to what it has found.
func (w *window) goFound() {
	if w.list.content.Visible() && len(w.list.items) > 0 {
		w.win.Canvas().Focus(w.list.list)
	}
}

func (w *window) askSignOut() {
	for _, a := range w.shell.Accounts() {
		if a.Current {
			w.askSignOutOf(a.ID, a.Name)
		}
	}
}

// askDeviceOut asks before another device is signed out, which cannot be undone.
func (w *window) askDeviceOut(d local.Device) {
	say := w.shell.Words()
	showOverlay(w.win.Canvas(), question{
		title: say.ConnectionOutAsk(present.DeviceName(say, d)), text: say.ConnectionOutText(), action: say.SignoutAction(), danger: true,
		do: func() { w.shell.Conn.SignOutDevice(d.ID) }, cancel: say.CommonCancel(),
	})
}

// askLink shows where a link leads before it is followed.
func (w *window) askLink(l *present.Link) {
	if l == nil || l.URL == nil {
		return
	}
	say := w.shell.Words()
	extra := []fyne.CanvasObject{addressBox(l.Address)}
	if l.Warning != "" {
		h := newHint()
		h.say(present.ToneAttention, l.Warning)
		extra = append(extra, h)
	}
	showOverlay(w.win.Canvas(), question{
		title: say.LinkAsk(present.Line(l.Host)), text: say.LinkAskText(), extra: extra,
		action: say.CommonOpen(), cancel: say.CommonCancel(), do: func() {
			if err := w.openURL(l.URL); err != nil {
				w.say(say.LinkNoBrowser())
			}
		},
	})
}

func (w *window) showAbout() {
	say := w.shell.Words()
	showOverlay(w.win.Canvas(), question{
		title: say.CommonApp(), text: aboutWords(say, w.settings.version, w.shell.AgentVersion()), cancel: say.CommonClose(),
	})
}

// say shows a sentence that needs no answer.
func (w *window) say(text string) {
	showOverlay(w.win.Canvas(), question{text: text, cancel: w.shell.Words().CommonClose()})
}

// browse lets the person choose a file.
func (w *window) browse(chosen func(path string)) {
	dialog.ShowFileOpen(func(f fyne.URIReadCloser, err error) {
		if err != nil {
			w.say(w.shell.Words().SettingsNoFile())
			return
		}
		if f == nil {
			return
		}
		_ = f.Close() // only its path is wanted
		chosen(f.URI().Path())
	}, w.win)
}

// entries are all fields to type into.
func (w *window) entries() []*entry {
	return []*entry{
		w.header.search, w.signIn.server, w.signIn.user, w.signIn.password, w.settings.ca,
		w.adding.server, w.adding.user, w.adding.password,
		w.compose.to, w.compose.title, w.compose.text, w.compose.link, w.compose.until,
	}
}
