package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/assets"
	"securepush/ui/present"
)

// entry is a text field that tells about Escape and about losing the focus.
type entry struct {
	widget.Entry
	onEscape func()
	onLeave  func()
	shortcut func(fyne.Shortcut) bool // of the window: a field would swallow them
	most     int                      // bytes that may be pasted at once; 0: no bound
	tooMuch  func(bytes int)          // more was to be pasted, and was not
	wraps    bool                     // while that can be drawn in time
	inFocus  bool
}

// TypedShortcut is part of fyne.Shortcutable.
func (e *entry) TypedShortcut(s fyne.Shortcut) {
	if p, ok := s.(*fyne.ShortcutPaste); ok {
		text := pasteable(p.Clipboard.Content(), e.MultiLine)
		if e.most > 0 && (len(text) > e.most || len(e.Text)+len(text) > mostPastes*e.most) {
			e.tooMuch(len(text))
			return
		}
		e.wrapFor(e.Text + text)
		s = &fyne.ShortcutPaste{Clipboard: held{p.Clipboard, text}}
	}
	if e.shortcut == nil || !e.shortcut(s) {
		e.Entry.TypedShortcut(s)
	}
}

// AcceptsTab is part of fyne.Tabbable: Tab leads on, also from a field of many lines.
func (e *entry) AcceptsTab() bool { return false }

// focused says whether the cursor is here.
func (e *entry) focused() bool { return e.inFocus }

// FocusGained is part of fyne.Focusable.
func (e *entry) FocusGained() { e.inFocus = true; e.Entry.FocusGained(); reveal(e) }

func newEntry(placeholder string) *entry {
	e := &entry{}
	e.PlaceHolder = placeholder
	e.ExtendBaseWidget(e)
	return e
}

// TypedKey is part of fyne.Focusable.
func (e *entry) TypedKey(k *fyne.KeyEvent) {
	switch {
	case k.Name != fyne.KeyEscape:
		e.Entry.TypedKey(k)
	case e.onEscape != nil:
		e.onEscape()
	default:
		passOn(e, k)
	}
}

// FocusLost is part of fyne.Focusable.
func (e *entry) FocusLost() {
	e.inFocus = false
	e.Entry.FocusLost()
	if e.onLeave != nil {
		e.onLeave()
	}
}

// show puts a text into the field without it counting as typed.
func (e *entry) show(text string) {
	if e.Text == text {
		return
	}
	e.wrapFor(text)
	typed := e.OnChanged
	e.OnChanged = nil
	e.SetText(text)
	e.OnChanged = typed
}

// toneLook is the icon and colour of a tone.
func toneLook(t present.Tone) (fyne.Resource, fyne.ThemeColorName) {
	switch t {
	case present.ToneGood:
		return theme.ConfirmIcon(), colorGood
	case present.ToneWorking:
		return theme.ViewRefreshIcon(), colorMuted
	case present.ToneAttention:
		return theme.WarningIcon(), colorAttention
	case present.ToneBad:
		return theme.ErrorIcon(), colorUrgent
	case present.ToneOffline:
		return glyph(assets.TrayOffline), colorAttention
	default:
		return theme.InfoIcon(), colorMuted
	}
}

// hint is a small line of words with an icon, beneath a field or a form. Empty, it takes no room.
type hint struct {
	holder
	icon  *widget.Icon
	words *prose
}

func newHint() *hint {
	h := &hint{icon: widget.NewIcon(nil), words: newProse("", sizeMeta, colorMuted)}
	h.box = container.New(hintLayout{scaled(16), gap1 + 2}, h.icon, h.words)
	h.ExtendBaseWidget(h)
	h.Hide()
	return h
}

// say shows words, or nothing when there are none.
func (h *hint) say(tone present.Tone, words string) {
	if words == "" {
		h.Hide()
		return
	}
	res, color := toneLook(tone)
	h.icon.SetResource(tinted(res, color))
	if tone == present.ToneWorking || tone == present.ToneQuiet {
		color = colorMuted
	}
	h.words.set(words, color)
	h.Show()
}

// hintLayout stands an icon beside the first line of a text.
type hintLayout struct{ edge, gap float32 }

// Layout is part of fyne.Layout.
func (l hintLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(fyne.NewSquareSize(l.edge))
	objects[0].Move(fyne.NewPos(0, 1))
	x := l.edge + l.gap
	fit(objects[1], size.Width-x)
	objects[1].Move(fyne.NewPos(x, 0))
}

// MinSize is part of fyne.Layout.
func (l hintLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m := objects[1].MinSize()
	return fyne.NewSize(m.Width+l.edge+l.gap, max(m.Height, l.edge+2))
}

// field is a label, a control and what is wrong with it.
type field struct {
	holder
	hint *hint
}

func newField(label string, control fyne.CanvasObject) *field {
	f := &field{hint: newHint()}
	l := newProse(label, sizeMeta, colorMuted).strong()
	f.box = container.New(column{gap: gap1 + 2}, l, control, f.hint)
	f.ExtendBaseWidget(f)
	return f
}
