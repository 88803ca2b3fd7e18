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

// factsView are the details of the server's certificate, for who wants to see them.
type factsView struct {
	content *fyne.Container

	page   *present.SignIn
	w      *words.Words
	toggle *button
	box    *panel
	list   *fyne.Container
	shown  []present.Fact
}

func newFactsView(page *present.SignIn, w *words.Words) *factsView {
	v := &factsView{page: page, w: w, list: container.New(column{gap: gap2})}
	v.toggle = newButton(w.SigninDetails(), theme.MenuDropDownIcon(), page.ToggleFacts)
	v.toggle.Importance = widget.LowImportance
	v.box = newPanel(colorRaised, inset(v.list, gap3, gap3))
	v.box.radius = theme.Size(theme.SizeNameInputRadius)
	v.content = container.New(column{gap: gap1}, container.New(&flow{}, v.toggle), v.box)
	return v
}

// render shows what the presenter says.
func (v *factsView) render() {
	p := v.page
	setVisible(v.content, len(p.Facts) > 0)
	setVisible(v.box, p.ShowFacts)
	icon := theme.MenuDropDownIcon()
	if p.ShowFacts {
		icon = theme.MenuDropUpIcon()
	}
	if v.toggle.Icon.Name() != icon.Name() {
		v.toggle.SetIcon(icon)
	}
	if slices.Equal(v.shown, p.Facts) {
		return
	}
	v.shown, v.list.Objects = slices.Clone(p.Facts), nil
	for _, f := range p.Facts {
		v.list.Objects = append(v.list.Objects, container.New(column{},
			newProse(f.Label, sizeMeta, colorMuted), newProse(f.Words, sizeMeta, colorText)))
	}
	v.list.Refresh()
}

// tucked is a column in which the last object stands in another place, and is still the last to get the keyboard.
type tucked struct {
	column
	at int
}

// Layout is part of fyne.Layout.
func (t tucked) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	last := len(objects) - 1
	t.column.Layout(slices.Insert(slices.Clone(objects[:last]), t.at, objects[last]), size)
}
