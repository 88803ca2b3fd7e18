package ui

import (
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/agent/local"
	"securepush/assets/words"
	"securepush/ui/present"
)

// accountColor is the colour of the theme for an account's.
func accountColor(name string) fyne.ThemeColorName {
	if !slices.Contains(local.Colours(), name) {
		name = local.Colours()[0]
	}
	return fyne.ThemeColorName("account-" + name)
}

// colourWord names a colour.
func colourWord(w *words.Words, name string) string {
	switch name {
	case "green":
		return w.AccountGreen()
	case "orange":
		return w.AccountOrange()
	case "purple":
		return w.AccountPurple()
	case "red":
		return w.AccountRed()
	case "teal":
		return w.AccountTeal()
	case "pink":
		return w.AccountPink()
	case "grey":
		return w.AccountGrey()
	default:
		return w.AccountBlue()
	}
}

// dot is a spot in the colour of an account.
type dot struct {
	widget.BaseWidget
	color fyne.ThemeColorName
}

// dotSize is its width, with the usual size of text.
const dotSize = 10

func newDot(color fyne.ThemeColorName) *dot {
	d := &dot{color: color}
	d.ExtendBaseWidget(d)
	return d
}

func (d *dot) set(color fyne.ThemeColorName) {
	if d.color != color {
		d.color = color
		d.Refresh()
	}
}

// CreateRenderer is part of fyne.Widget.
func (d *dot) CreateRenderer() fyne.WidgetRenderer {
	c := canvas.NewCircle(theme.Color(d.color))
	return &drawing{
		objects: []fyne.CanvasObject{c},
		layout: func(s fyne.Size) {
			edge := min(s.Width, scaled(dotSize))
			c.Resize(fyne.NewSquareSize(edge))
			c.Move(fyne.NewPos((s.Width-edge)/2, (s.Height-edge)/2))
		},
		minSize: func() fyne.Size { return fyne.NewSquareSize(scaled(dotSize)) },
		refresh: func() { c.FillColor = theme.Color(d.color); c.Refresh() },
	}
}

// pill is a number that is to be seen.
type pill struct {
	holder
	panel *panel
	count *line
}

func newPill() *pill {
	p := &pill{count: newLine("", sizeMeta, colorAccent).strong().whole()}
	p.panel = newPanel(colorAccentTint, inset(p.count, 1, gap2-1))
	p.panel.radius = scaled(9)
	p.box = container.NewStack(p.panel)
	p.ExtendBaseWidget(p)
	p.Hide()
	return p
}

// mostCounted is the highest number that is written out.
const mostCounted = 99

// show counts n, on a ground of its own; nothing for 0. What is muted does not call for attention.
func (p *pill) show(n int, muted bool, ground fyne.ThemeColorName) {
	text, color := strconv.Itoa(n), colorAccent
	if n > mostCounted {
		text = strconv.Itoa(mostCounted) + "+"
	}
	if muted {
		color = colorMuted
	}
	p.count.set(text, color)
	if p.panel.fill != ground {
		p.panel.fill = ground
		p.panel.Refresh()
	}
	setVisible(p, n > 0)
}

// accountButton says in the header whose inbox is shown, and leads to the others.
type accountButton struct {
	*pressable
	dot    *dot
	name   *line
	others *pill
	open   func()

	elsewhere int // unread ones
}

func newAccountButton() *accountButton {
	b := &accountButton{dot: newDot(accountColor("")), name: newLine("", sizeTitle, colorText).strong(), others: newPill(), open: func() {}}
	box := container.New(accountRow{}, b.dot, b.name, b.others, icon(theme.MenuDropDownIcon(), scaled(18)))
	b.pressable = newPressable(inset(box, gap1+2, gap2), func() { b.open() })
	b.onKey = func(k fyne.KeyName) bool {
		if k == fyne.KeyDown {
			b.open()
		}
		return k == fyne.KeyDown
	}
	return b
}

// show says which account is shown, and how many unread ones wait in others.
func (b *accountButton) show(items []present.AccountItem, elsewhere int) {
	for _, it := range items {
		if it.Current {
			b.dot.set(accountColor(it.Colour))
			b.name.set(it.Name, colorText)
		}
	}
	b.elsewhere = elsewhere
	b.others.show(elsewhere, false, colorAccentTint)
}

// shorten leaves away the number.
func (b *accountButton) shorten(on bool) { setVisible(b.others, b.elsewhere > 0 && !on) }

// The room for the name, with the usual size of text: what it has in any case, what others make room for, and the most.
const (
	nameLeast = 24
	nameSome  = 96
	nameMost  = 190
)

// wanted is the width with all of the name, or at most so much of it.
func (b *accountButton) wanted(most float32) float32 {
	name := fyne.MeasureText(b.name.text, theme.Size(sizeTitle), fyne.TextStyle{Bold: true}).Width
	return b.MinSize().Width - scaled(nameLeast) + max(min(name+1, scaled(most)), scaled(nameLeast))
}

// accountRow is dot, name, number and arrow; the name takes what is left.
type accountRow struct{}

// Layout is part of fyne.Layout.
func (r accountRow) Layout(o []fyne.CanvasObject, size fyne.Size) {
	x := float32(0)
	rest := size.Width - r.MinSize(o).Width + scaled(nameLeast)
	for i, c := range o {
		if !c.Visible() {
			continue
		}
		m := c.MinSize()
		if i == 1 {
			m.Width = rest
		}
		c.Resize(m)
		c.Move(fyne.NewPos(x, (size.Height-m.Height)/2))
		x += m.Width + r.gap(i)
	}
}

func (accountRow) gap(i int) float32 {
	if i == 0 {
		return gap2
	}
	return gap1
}

// MinSize is part of fyne.Layout.
func (r accountRow) MinSize(o []fyne.CanvasObject) fyne.Size {
	s := fyne.NewSize(0, scaled(24))
	for i, c := range o {
		if c.Visible() {
			m := c.MinSize()
			if i == 1 {
				m.Width = scaled(nameLeast)
			}
			s.Width += m.Width
			s.Height = max(s.Height, m.Height)
			if i < len(o)-1 {
				s.Width += r.gap(i)
			}
		}
	}
	return s
}
