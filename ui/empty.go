package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/assets/words"
	"securepush/ui/present"
)

// emptyView says in the middle of a pane why there is nothing in it, and offers a way on.
type emptyView struct {
	content *fyne.Container
	picture *fyne.Container
	icon    *widget.Icon
	title   *prose
	text    *prose
	button  *button
	action  *fyne.Container
}

func newEmptyView() *emptyView {
	e := &emptyView{icon: widget.NewIcon(nil), button: newButton("", nil, nil)}
	e.title = newProse("", sizeTitle, colorText).strong().centered()
	e.text = newProse("", sizeBody, colorMuted).centered()
	e.picture = container.NewCenter(container.New(fixed{scaled(40), scaled(40)}, e.icon))
	e.action = container.New(padded{top: gap2}, container.NewCenter(e.button))
	e.content = container.New(middle{most: scaled(320)}, container.New(column{gap: gap2}, e.picture, e.title, e.text, e.action))
	return e
}

// say shows words; an empty label means no button.
func (e *emptyView) say(picture fyne.Resource, title, text, label string, do func()) {
	setVisible(e.picture, picture != nil)
	if picture != nil {
		e.icon.SetResource(tinted(picture, theme.ColorNameDisabled))
	}
	e.title.say(title, colorText)
	e.text.say(text, colorMuted)
	setVisible(e.action, label != "")
	e.button.OnTapped = do
	e.button.SetText(label)
	relayout(e.content)
}

// toastBar is a line at the foot of the list: what was just done, and a way back.
type toastBar struct {
	*panel
	inbox *present.Inbox
	words *prose
	undo  *button
}

func newToastBar(inbox *present.Inbox, w *words.Words) *toastBar {
	t := &toastBar{inbox: inbox, words: newProse("", sizeBody, colorText), undo: newButton(w.InboxUndo(), nil, nil)}
	closer := newButton("", theme.CancelIcon(), inbox.DismissToast)
	closer.Importance = widget.LowImportance
	bar := container.New(row{gap: gap1, grow: t.words}, t.words, t.undo, closer)
	t.panel = newCard(container.New(padded{gap1, gap1, gap1, gap4}, bar))
	t.fill = colorRaised
	t.Hide()
	return t
}

func (t *toastBar) render() {
	if t.inbox.Toast == nil {
		t.Hide()
		return
	}
	color := colorText
	if t.inbox.Toast.Bad {
		color = colorUrgent
	}
	t.words.set(present.Line(t.inbox.Toast.Words), color)
	setVisible(t.undo, t.inbox.Toast.Undo != nil)
	t.undo.OnTapped = t.inbox.Toast.Undo
	t.Show()
	relayout(t.content)
	t.Refresh()
}

// atHead keeps an object of its own size in the middle of the upper edge.
type atHead struct{}

// Layout is part of fyne.Layout.
func (atHead) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		m := o.MinSize()
		o.Resize(m)
		o.Move(fyne.NewPos((size.Width-m.Width)/2, gap2))
	}
}

// MinSize is part of fyne.Layout.
func (atHead) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// atFoot keeps an object at the lower edge.
type atFoot struct{}

// Layout is part of fyne.Layout.
func (atFoot) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		h := fit(o, size.Width-2*gap3)
		o.Move(fyne.NewPos(gap3, size.Height-h-gap3))
	}
}

// MinSize is part of fyne.Layout.
func (atFoot) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }
