package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

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

	back, read, remove *widget.Button
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
	v.back = lowButton("Inbox", theme.NavigateBackIcon(), back)
	v.read = lowButton("Mark unread", glyph(assets.GlyphUnread), v.toggleRead)
	v.remove = lowButton("Delete", theme.DeleteIcon(), func() { shell.Inbox.Delete(shell.Inbox.Selected) })
	v.bar = newPaneBar(v.back, v.read, v.remove)

	v.sender = newLine("", sizeBody, colorMuted).strong()
	v.priority = newLine("", sizeMeta, colorAttention).whole().strong()
	v.when = newLine("", sizeMeta, colorMuted).whole()
	v.title = newProse("", sizePage, colorText).strong()
	v.body = newBodyText()
	v.link = newLinkBox(func() { open(v.shown.Link) })
	v.meta = newProse("", sizeMeta, colorMuted)
	head := container.New(row{gap: gap3, grow: v.sender}, v.sender, v.priority, v.when)
	v.column = container.New(column{gap: gap4, most: readingWidth, inset: fyne.NewSize(gap8, gap2)},
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

// render shows what the presenter says. narrow means that the pane has the window for itself.
func (v *detailView) render(narrow bool) {
	b := v.shell.Inbox
	setVisible(v.back, narrow)
	if b.Open == nil {
		v.renderEmpty()
		return
	}
	v.empty.content.Hide()
	it := present.ItemOf(*b.Open, v.shell.Now())
	another := it.ID != v.shown.ID
	v.shown = it
	v.sender.set(it.Sender, colorMuted)
	v.when.set(it.When, colorMuted)
	v.priority.set(priorityWords(it.Row), priorityColor(it.Row))
	setVisible(v.priority, it.Priority != "")
	v.title.say(it.Title, colorText)
	v.body.set(it.Text)
	v.link.show(it.Link)
	v.meta.set(it.Meta, colorMuted)
	setButton(v.read, !it.Unread, "Mark unread", glyph(assets.GlyphUnread), "Mark read", glyph(assets.GlyphRead))
	v.remove.Show()
	v.read.Show()
	v.page.Show()
	relayout(v.page)
	if another {
		v.scroll.ScrollToTop()
	}
}

func (v *detailView) renderEmpty() {
	b := v.shell.Inbox
	v.shown = present.Item{}
	v.page.Hide()
	switch {
	case b.Selected != "" && b.OpenBad == "":
		v.empty.say(nil, "", "Loading…", "", nil)
	case b.OpenBad != "":
		v.empty.say(theme.InfoIcon(), b.OpenBad, "", "Close", func() { b.Select("") })
	case len(b.Visible()) == 0 && b.Loaded && b.Filter == (present.Filter{}):
		v.renderFirst()
	default:
		v.empty.say(glyph(assets.GlyphRead), "", present.WordChoose, "", nil)
	}
	v.empty.content.Show()
	relayout(v.content)
}

// renderFirst offers a test while the inbox is empty.
func (v *detailView) renderFirst() {
	c := v.shell.Compose
	text := "See how a notification arrives on this computer."
	switch {
	case c.Result != "":
		text = c.Result
	case !c.Ready:
		text = c.Blocked
	}
	v.empty.say(glyph(assets.GlyphUnread), "Try it out", text, "Send me a test", c.Test)
	setEnabled(v.empty.button, c.Ready && !c.Testing)
}

func priorityWords(r present.Row) string {
	if r.Priority == "" {
		return ""
	}
	return r.Priority + " priority"
}

// newPaneBar is the strip of actions above a pane, its first icon standing over the text below.
func newPaneBar(buttons ...fyne.CanvasObject) *fyne.Container {
	return container.New(&paneBar{}, container.New(row{gap: gap1}, buttons...))
}

type paneBar struct{}

// Layout is part of fyne.Layout.
func (paneBar) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := column{inset: fyne.NewSize(gap8, 0)}.side(size.Width) - theme.Size(theme.SizeNameInnerPadding)
	for _, o := range objects {
		o.Move(fyne.NewPos(x, gap2))
		o.Resize(fyne.NewSize(size.Width-2*x, size.Height-2*gap2))
	}
}

// MinSize is part of fyne.Layout.
func (paneBar) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().AddWidthHeight(0, 2*gap2)
}

func lowButton(label string, r fyne.Resource, do func()) *widget.Button {
	b := widget.NewButtonWithIcon(label, r, do)
	b.Importance = widget.LowImportance
	return b
}

// setButton shows one of two labels.
func setButton(b *widget.Button, first bool, label1 string, icon1 fyne.Resource, label2 string, icon2 fyne.Resource) {
	label, r := label1, icon1
	if !first {
		label, r = label2, icon2
	}
	if b.Text != label {
		b.Icon = r
		b.SetText(label)
	}
}

// bodyText is text that can be selected and copied. It waits for its width before it wraps, because wrapping a long text
// at the width of a letter, as the first layout of a window asks for, takes many seconds.
type bodyText struct {
	holder
	label  *widget.Label
	layout *bodyLayout
}

func newBodyText() *bodyText {
	b := &bodyText{label: widget.NewLabel("")}
	b.label.Wrapping = fyne.TextWrapWord
	b.label.Selectable = true
	b.layout = &bodyLayout{b: b}
	b.box = container.New(b.layout, b.label)
	b.ExtendBaseWidget(b)
	return b
}

func (b *bodyText) set(text string) {
	if l := b.layout; l.text != text {
		l.text, l.done = text, false
		l.Layout(nil, b.Size())
	}
}

type bodyLayout struct {
	b    *bodyText
	text string
	done bool
}

const bodyLeast = 120 // narrower than any pane

// Layout is part of fyne.Layout.
func (l *bodyLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	label := l.b.label
	p := theme.Size(theme.SizeNameInnerPadding)
	if size.Width < bodyLeast {
		return
	}
	label.Move(fyne.NewPos(-p, -p))
	width := size.Width + 2*p
	if !l.done {
		l.done = true
		label.Text = ""
		label.Resize(fyne.NewSize(width, size.Height+2*p))
		label.SetText(l.text)
	}
	if label.Size().Width != width {
		label.Resize(fyne.NewSize(width, label.MinSize().Height))
	}
	if m := label.MinSize().Height; label.Size().Height != m {
		label.Resize(fyne.NewSize(width, m))
	}
}

// MinSize is part of fyne.Layout.
func (l *bodyLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	if !l.done {
		return fyne.Size{}
	}
	p := theme.Size(theme.SizeNameInnerPadding)
	return fyne.NewSize(0, l.b.label.MinSize().Height-2*p)
}

// linkBox shows where a link leads, and opens it.
type linkBox struct {
	*panel
	address *line
	warning *hint
	button  *widget.Button
}

func newLinkBox(open func()) *linkBox {
	b := &linkBox{address: newLine("", sizeBody, colorText), warning: newHint()}
	b.button = widget.NewButtonWithIcon("Open link", glyph(assets.GlyphOpenLink), open)
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
