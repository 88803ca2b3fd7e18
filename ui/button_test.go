package ui

import (
	"image"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

func TestThatAButtonHasTheKeyboardCanBeSeenOnEveryGround(t *testing.T) {
	app := test.NewTempApp(t)
	for _, choice := range []string{"light", "dark"} {
		th, err := newLook(choice, 0)
		if err != nil {
			t.Fatal(err)
		}
		app.Settings().SetTheme(th)
		for _, importance := range []widget.Importance{widget.LowImportance, widget.MediumImportance, widget.HighImportance, widget.DangerImportance} {
			b := newButton("Send", nil, nil)
			b.Importance = importance
			w := test.NewTempWindow(t, b)
			w.Resize(fyne.NewSize(80, 40))
			before := w.Canvas().Capture()
			w.Canvas().Focus(b)
			if n := differing(before, w.Canvas().Capture()); n < 100 {
				t.Errorf("%s, importance %d: %d pixels", choice, importance, n)
			}
			w.Canvas().Unfocus()
			if n := differing(before, w.Canvas().Capture()); n != 0 {
				t.Errorf("%s, importance %d: %d pixels stay", choice, importance, n)
			}
		}
	}
}

func differing(a, b image.Image) (n int) {
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				n++
			}
		}
	}
	return n
}

func TestAButtonKnowsReturnAndSpace(t *testing.T) {
	test.NewTempApp(t)
	n := 0
	b := newButton("Send", nil, func() { n++ })
	for _, key := range []fyne.KeyName{fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace, fyne.KeyDown} {
		b.TypedKey(&fyne.KeyEvent{Name: key})
	}
	b.Disable()
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if n != 3 {
		t.Errorf("done %d times", n)
	}
}

func TestEnterOpensWhatASearchHasFoundWhileAnotherOneIsOpen(t *testing.T) {
	perform(t, wide, withItems(few()...), func(s *stage) {
		s.key(fyne.KeyDown)
		s.shortcut(fyne.KeyF)
		s.typed("Rota")
		before := s.w.win.Canvas().Capture()
		s.key(fyne.KeyReturn)
		if n := differing(before, s.w.win.Canvas().Capture()); n < 1000 {
			t.Errorf("that the list has the keyboard is seen in %d pixels", n)
		}
		s.key(fyne.KeyReturn)
		if got := s.w.shell.Inbox.Selected; got != id(4) {
			t.Errorf("opened %s", got)
		}
	})
}
