package ui

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
)

func TestHowFarToScrollForWhatHasTheKeyboard(t *testing.T) {
	for name, c := range map[string]struct{ top, high, want float32 }{
		"in sight":                   {100, 30, 0},
		"above":                      {-50, 30, -70},
		"under the edge":             {10, 30, -10},
		"below":                      {500, 30, 150},
		"its foot out of sight":      {360, 30, 10},
		"taller than what is shown":  {200, 900, 180},
		"as tall, and at its top":    {20, 900, 0},
		"all of it just fits inside": {20, 360, 0},
	} {
		if got := revealBy(c.top, c.high, 400, 20); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// tabThrough presses Tab until the keyboard is where it was, and says which controls of a page are out of sight then.
func (s *stage) tabThrough() (stops int, unseen []string) {
	c, driver := s.w.win.Canvas(), s.w.app.Driver()
	seen := map[fyne.Focusable]bool{}
	for {
		s.next()
		f := c.Focused()
		if f == nil || seen[f] {
			return stops, unseen
		}
		seen[f] = true
		o, ok := f.(fyne.CanvasObject)
		if !ok {
			continue
		}
		around, _ := scrollAround(c.Content(), o)
		if around == nil {
			continue
		}
		stops++
		top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(around).Y
		if top < 0 || top+o.Size().Height > around.Size().Height {
			unseen = append(unseen, fmt.Sprintf("%T from %v to %v of %v", o, top, top+o.Size().Height, around.Size().Height))
		}
	}
}

func TestWhatHasTheKeyboardIsInSight(t *testing.T) {
	for name, open := range map[string]func(*stage){
		"settings":    openSettings,
		"quiet hours": openSettings,
		"form":        func(s *stage) { s.write("Hello", "World") },
	} {
		prepare := withItems(few()...)
		if name == "quiet hours" {
			prepare = quietHours
		}
		perform(t, least, prepare, func(s *stage) {
			open(s)
			stops, unseen := s.tabThrough()
			if stops < 4 {
				t.Errorf("%s: only %d stops", name, stops)
			}
			for _, what := range unseen {
				t.Errorf("%s: %s", name, what)
			}
		})
	}
}
