package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/assets/words"
	"securepush/ui/present"
)

// pastFirst is how much of the history is shown before more is asked for.
const pastFirst = 10

// The measures of a latency's bar, with the usual size of text: the height of the longest one, and the room that each has.
const (
	barHeight = 36
	barWidth  = 40
)

// speedView shows the last latencies as numbers with bars.
type speedView struct {
	content *fyne.Container
	w       *words.Words
	words   *prose
	bars    *fyne.Container
	shown   []present.LatencyBar
}

func newSpeedView(w *words.Words) *speedView {
	v := &speedView{w: w, words: newProse("", sizeBody, colorText), bars: container.New(&flow{gap: gap3})}
	v.content = container.New(column{gap: gap3}, v.bars, v.words)
	return v
}

func (v *speedView) render(p *present.ConnectionPage) {
	bars, said := present.LatencyBars(v.w, p.History.Latencies)
	if !p.HistoryLoaded {
		bars, said = nil, v.w.CommonLoading()
	}
	color := colorText
	if len(bars) == 0 {
		color = colorMuted
	}
	v.words.set(said, color)
	setVisible(v.bars, len(bars) > 0)
	if slices.Equal(bars, v.shown) {
		return
	}
	v.shown = bars
	v.bars.Objects = nil
	for _, b := range bars {
		v.bars.Objects = append(v.bars.Objects, newBar(b))
	}
	v.bars.Refresh()
}

// newBar is a latency: a bar, and its number beneath.
func newBar(b present.LatencyBar) fyne.CanvasObject {
	bar := newPanel(colorAccent, nil)
	bar.radius = 2
	return container.New(barLayout{part: b.Part}, bar, newLine(b.Words, sizeMeta, colorMuted).whole())
}

// barLayout stands a bar of a part of the height on a number.
type barLayout struct{ part float32 }

// Layout is part of fyne.Layout.
func (l barLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	full := scaled(barHeight)
	h := max(full*l.part, 2)
	o[0].Resize(fyne.NewSize(scaled(16), h))
	o[0].Move(fyne.NewPos(0, full-h))
	o[1].Resize(fyne.NewSize(size.Width, o[1].MinSize().Height))
	o[1].Move(fyne.NewPos(0, full+gap1))
}

// MinSize is part of fyne.Layout.
func (l barLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[1].MinSize()
	return fyne.NewSize(max(m.Width, scaled(barWidth)), scaled(barHeight)+gap1+m.Height)
}

// pastView is what came of the last pushes.
type pastView struct {
	content *fyne.Container
	shell   *present.Shell
	page    *present.ConnectionPage
	rows    *fyne.Container
	none    *prose
	bad     *hint
	more    *button
	again   *button
	actions *fyne.Container
	all     bool
}

func newPastView(shell *present.Shell) *pastView {
	say := shell.Words()
	v := &pastView{shell: shell, page: shell.Conn, rows: container.New(column{gap: gap2}), none: newProse("", sizeBody, colorMuted), bad: newHint()}
	v.more = newButton("", nil, func() { v.all = true; shell.Changed() })
	v.again = newButton(say.InboxTryAgain(), nil, v.page.ReadHistory)
	v.actions = container.New(&flow{gap: gap2}, v.more, v.again)
	v.content = container.New(column{gap: gap3}, v.bad, v.rows, v.none, v.actions)
	return v
}

func (v *pastView) render() {
	p, say := v.page, v.shell.Words()
	pushes := p.History.Pushes
	if !v.all {
		pushes = pushes[:min(len(pushes), pastFirst)]
	}
	for i := range v.rows.Objects {
		setVisible(v.rows.Objects[i], i < len(pushes))
	}
	for i, push := range pushes {
		if i == len(v.rows.Objects) {
			v.rows.Add(newPastRow())
		}
		if r, ok := v.rows.Objects[i].(*pastRow); ok {
			r.show(present.PushRowOf(say, push, v.shell.Now()))
		}
	}
	setVisible(v.rows, len(pushes) > 0)
	none := ""
	switch {
	case !p.HistoryLoaded && p.HistoryBad == "":
		none = say.CommonLoading()
	case p.HistoryLoaded && len(pushes) == 0:
		none = say.ConnectionHistoryNone()
	}
	v.none.say(none, colorMuted)
	v.bad.say(present.ToneBad, p.HistoryBad)
	setVisible(v.again, p.HistoryBad != "")
	hidden := len(p.History.Pushes) - len(pushes)
	setVisible(v.more, hidden > 0)
	setVisible(v.actions, hidden > 0 || p.HistoryBad != "")
	if hidden > 0 {
		v.more.label(say.ConnectionHistoryAll(len(p.History.Pushes)))
	}
}

// pastRow is what came of a push: when, and in words.
type pastRow struct {
	holder
	icon *widget.Icon
	when *line
	said *prose
}

func newPastRow() *pastRow {
	r := &pastRow{icon: widget.NewIcon(nil), when: newLine("", sizeBody, colorMuted), said: newProse("", sizeBody, colorText)}
	r.box = container.New(hintLayout{scaled(18), gap3}, r.icon, container.New(keyRow{}, r.when, r.said))
	r.ExtendBaseWidget(r)
	return r
}

func (r *pastRow) show(row present.PushRow) {
	res, color := toneLook(row.Tone)
	if row.Held {
		res = theme.MediaPauseIcon()
	}
	r.icon.SetResource(tinted(res, color))
	r.when.set(row.When, colorMuted)
	r.said.set(row.Words, colorText)
}
