package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/api"
	"securepush/assets"
	"securepush/ui/present"
)

// readingWidth holds about 72 characters.
const readingWidth = 560

// detailView is the right pane: the open notification.
type detailView struct {
	content *fyne.Container

	shell *present.Shell
	open  func(*present.Link) // the person wants to follow a link

	back, read, remove *barButton
	asText             *barButton // shows the text as it is written, to select and copy from
	written            api.ID     // whose text is shown as it is written
	bar, page          *fyne.Container
	scroll             *container.Scroll
	column             *fyne.Container
	sender, when       *line
	title              *prose
	priority           *line
	body               *bodyText
	link               *linkBox
	meta               *prose
	empty              *emptyView
	shown              present.Item
}

func newDetailView(shell *present.Shell, open func(*present.Link), back func()) *detailView {
	v := &detailView{shell: shell, open: open}
	v.back = newBarButton(shell.Words().ItemBack(), theme.NavigateBackIcon(), back)
	v.read = newBarButton(shell.Words().MenuMarkUnread(), glyph(assets.GlyphUnread), v.toggleRead)
	v.remove = newBarButton(shell.Words().CommonDelete(), theme.DeleteIcon(), func() { shell.Inbox.Delete(shell.Inbox.Selected) })
	v.asText = newBarButton(shell.Words().ItemAsText(), theme.DocumentIcon(), v.toggleText)
	v.bar = newPaneBar(v.back, v.read, v.remove, v.asText)

	v.sender = newLine("", sizeBody, colorMuted).strong()
	v.priority = newLine("", sizeMeta, colorAttention).whole().strong()
	v.when = newLine("", sizeMeta, colorMuted).whole()
	v.title = newProse("", sizePage, colorText).strong()
	v.body = newBodyText()
	v.body.follow = func(address string) { open(present.LinkOf(shell.Words(), address)) }
	v.link = newLinkBox(shell.Words().LinkOpen(), func() { open(v.shown.Link) })
	v.meta = newProse("", sizeMeta, colorMuted)
	head := container.New(row{gap: gap3, grow: v.sender}, v.sender, v.priority, v.when)
	v.column = container.New(column{gap: gap4, most: scaled(readingWidth), inset: fyne.NewSize(gap8, gap2)},
		container.New(column{gap: gap1}, head, v.title), v.body, v.link.panel, hairline(false), v.meta, inContainer(fixed{height: gap4}))
	var scroll *fyne.Container
	scroll, v.scroll = newScrolled(v.column)
	v.page = container.New(pile{scroll}, v.bar, scroll)
	v.empty = newEmptyView()
	v.content = container.NewStack(newPanel(colorSurface, nil), v.page, v.empty.content)
	return v
}

func (v *detailView) toggleRead() {
	if n := v.shell.Inbox.Open; n != nil {
		v.shell.Inbox.SetRead(n.ID, !n.Read)
	}
}

func (v *detailView) toggleText() {
	if v.written == v.shown.ID {
		v.written = ""
	} else {
		v.written = v.shown.ID
	}
	v.render(v.back.Visible())
}

// render shows what the presenter says. narrow means that the pane has the window for itself.
func (v *detailView) render(narrow bool) {
	b, w := v.shell.Inbox, v.shell.Words()
	setVisible(v.back, narrow)
	if b.Open == nil || b.ChosenCount() > 0 {
		v.renderEmpty()
		return
	}
	v.empty.content.Hide()
	it := present.ItemOf(w, *b.Open, v.shell.Now())
	another := it.ID != v.shown.ID
	v.shown = it
	v.sender.set(it.Sender, colorMuted)
	v.when.set(it.When, colorMuted)
	v.priority.set("", colorMuted)
	if it.Priority != "" {
		v.priority.set(w.ItemPriority(it.Priority), priorityColor(it.Row))
	}
	setVisible(v.priority, it.Priority != "")
	v.title.say(it.Title, colorText)
	blocks := present.Markup(it.Text)
	setVisible(v.asText, blocks != nil)
	v.asText.show(w.ItemAsText(), theme.DocumentIcon())
	if v.written == it.ID && blocks != nil {
		v.asText.show(w.ItemFormatted(), theme.DocumentIcon())
		blocks = nil
	}
	v.body.set(it.Text, blocks)
	v.link.show(it.Link)
	v.meta.set(it.Meta, colorMuted)
	if it.Unread {
		v.read.show(w.MenuMarkRead(), glyph(assets.GlyphRead))
	} else {
		v.read.show(w.MenuMarkUnread(), glyph(assets.GlyphUnread))
	}
	v.remove.Show()
	v.read.Show()
	v.page.Show()
	relayout(v.page)
	if another {
		v.scroll.ScrollToTop()
	}
}

func (v *detailView) renderEmpty() {
	b, w := v.shell.Inbox, v.shell.Words()
	v.shown = present.Item{}
	v.page.Hide()
	switch {
	case b.ChosenCount() > 0:
		v.empty.say(theme.CheckButtonCheckedIcon(), w.InboxChosen(b.ChosenCount()), "", w.CommonCancel(), b.LeaveChosen)
	case b.Selected != "" && b.OpenBad == "":
		v.empty.say(nil, "", w.CommonLoading(), "", nil)
	case b.OpenBad != "":
		v.empty.say(theme.InfoIcon(), b.OpenBad, "", w.CommonClose(), func() { b.Select("") })
	case len(b.Visible()) == 0 && b.Loaded && b.Filter == (present.Filter{}):
		v.renderFirst()
	default:
		v.empty.say(glyph(assets.GlyphRead), "", w.ItemChoose(), "", nil)
	}
	v.empty.content.Show()
	relayout(v.content)
}

// renderFirst offers a test while the inbox is empty.
func (v *detailView) renderFirst() {
	c, w := v.shell.Compose, v.shell.Words()
	text := w.TryText()
	switch {
	case c.Result != "":
		text = c.Result
	case !c.Ready:
		text = c.Blocked
	}
	v.empty.say(glyph(assets.GlyphUnread), w.TryTitle(), text, w.TryButton(), c.Test)
	setEnabled(v.empty.button, c.Ready && !c.Testing)
}

func lowButton(label string, r fyne.Resource, do func()) *button {
	b := newButton(label, r, do)
	b.Importance = widget.LowImportance
	return b
}

// linkBox shows where a link leads, and opens it.
type linkBox struct {
	*panel
	address *line
	warning *hint
	button  *button
}

func newLinkBox(label string, open func()) *linkBox {
	b := &linkBox{address: newLine("", sizeBody, colorText), warning: newHint()}
	b.button = newButton(label, glyph(assets.GlyphOpenLink), open)
	top := container.New(row{gap: gap3, grow: b.address}, b.address, b.button)
	b.panel = newPanel(colorRaised, container.New(padded{gap2, gap2, gap2, gap4}, container.New(column{gap: gap2}, top, b.warning)))
	b.radius = 8
	return b
}

func (b *linkBox) show(l *present.Link) {
	if l == nil {
		b.Hide()
		return
	}
	b.address.set(l.Address, colorMuted)
	setVisible(b.button, l.URL != nil)
	b.warning.Hide()
	if l.URL == nil {
		b.warning.say(present.ToneQuiet, l.Warning)
	}
	b.Show()
	b.Refresh()
}
