package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/ui/present"
)

// bodyText is the text of a notification: as written, to be selected and copied, or with the few marks of present.Markup
// drawn. It waits for its width before it wraps, because wrapping a long text at the width of a letter, as the first layout
// of a window asks for, takes many seconds.
type bodyText struct {
	holder
	label  *widget.Label
	rich   *widget.RichText
	follow func(address string)
	layout *bodyLayout
}

func newBodyText() *bodyText {
	b := &bodyText{label: widget.NewLabel(""), rich: widget.NewRichText(), follow: func(string) {}}
	b.label.Wrapping, b.rich.Wrapping = fyne.TextWrapWord, fyne.TextWrapWord
	b.label.Selectable = true
	b.rich.Hide()
	b.layout = &bodyLayout{b: b}
	b.box = container.New(b.layout, b.label, b.rich)
	b.ExtendBaseWidget(b)
	return b
}

// set shows a text, as blocks when there are some.
func (b *bodyText) set(text string, blocks []present.Block) {
	l := b.layout
	if l.text == text && (l.blocks == nil) == (blocks == nil) {
		return
	}
	l.text, l.blocks, l.done = text, blocks, false
	setVisible(b.label, blocks == nil)
	setVisible(b.rich, blocks != nil)
	l.Layout(nil, b.Size())
}

// segments draws the blocks. What is not one of their few kinds of look cannot come out of it.
func (b *bodyText) segments(blocks []present.Block) (out []widget.RichTextSegment) {
	for i, block := range blocks {
		if i > 0 {
			gap := "\n\n"
			if block.Marker != "" && blocks[i-1].Marker != "" {
				gap = "\n"
			}
			out = append(out, b.segment(present.Span{Text: gap}))
		}
		if block.Marker != "" {
			out = append(out, b.segment(present.Span{Text: "  " + block.Marker + "  "}))
		}
		for _, s := range block.Spans {
			out = append(out, b.segment(s))
			if s.Link != "" {
				out = append(out, b.segment(present.Span{Text: " "}), b.address(s.Link))
			}
		}
	}
	return out
}

func (b *bodyText) segment(s present.Span) *widget.TextSegment {
	return &widget.TextSegment{Text: s.Text, Style: widget.RichTextStyle{
		Inline: true, SizeName: sizeBody, ColorName: colorText,
		TextStyle: fyne.TextStyle{Bold: s.Bold, Italic: s.Italic, Monospace: s.Code},
	}}
}

// address is where a link leads. A click asks before it is followed.
func (b *bodyText) address(address string) *widget.HyperlinkSegment {
	return &widget.HyperlinkSegment{Text: "(" + present.Line(address) + ")", OnTapped: func() { b.follow(address) }}
}

type bodyLayout struct {
	b      *bodyText
	text   string
	blocks []present.Block // nil: the text as it is
	done   bool
}

const bodyLeast = 120 // narrower than any pane

// Layout is part of fyne.Layout.
func (l *bodyLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	p := theme.Size(theme.SizeNameInnerPadding)
	if size.Width < bodyLeast {
		return
	}
	o := l.shown()
	o.Move(fyne.NewPos(-p, -p))
	width := size.Width + 2*p
	if !l.done {
		l.done = true
		l.fill(fyne.NewSize(width, size.Height+2*p))
	}
	if o.Size().Width != width {
		o.Resize(fyne.NewSize(width, o.MinSize().Height))
	}
	if m := o.MinSize().Height; o.Size().Height != m {
		o.Resize(fyne.NewSize(width, m))
	}
}

func (l *bodyLayout) shown() fyne.CanvasObject {
	if l.blocks != nil {
		return l.b.rich
	}
	return l.b.label
}

// fill puts the text in, empty while it gets its width.
func (l *bodyLayout) fill(size fyne.Size) {
	label, rich := l.b.label, l.b.rich
	if l.blocks == nil {
		label.Text = ""
		label.Resize(size)
		label.SetText(l.text)
		return
	}
	rich.Segments = nil
	rich.Resize(size)
	rich.Segments = slices.Clip(l.b.segments(l.blocks))
	rich.Refresh()
}

// MinSize is part of fyne.Layout.
func (l *bodyLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	if !l.done {
		return fyne.Size{}
	}
	p := theme.Size(theme.SizeNameInnerPadding)
	return fyne.NewSize(0, l.shown().MinSize().Height-2*p)
}
