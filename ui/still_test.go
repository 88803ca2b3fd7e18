package ui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"securepush/ui/present/presenttest"
)

func TestNothingMovesInAWindowThatIsLeftAlone(t *testing.T) {
	app := test.NewTempApp(t)
	if !app.Settings().ShowAnimations() {
		t.Fatal("the toolkit has none in tests")
	}
	if err := Run(app, Deps{Agent: presenttest.NewAgent(), Post: func(func()) {}}); err != nil {
		t.Fatal(err)
	}
	if fyne.CurrentApp().Settings().ShowAnimations() { //nolint:forbidigo // that is whom the toolkit asks
		t.Error("the toolkit shows animations")
	}
}
