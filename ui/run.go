package ui

import (
	"context"
	"errors"
	"net/url"
	"time"

	"fyne.io/fyne/v2"

	"securepush/api"
	"securepush/ui/present"
)

// Agent is what the window asks, usually a *local.Client.
type Agent = present.Agent

// Deps are what the window needs from the program around it.
type Deps struct {
	// Agent is what the window talks to, usually a *local.Client. Required.
	Agent Agent
	// For makes an agent whose calls are for the account with the ID. nil: the window knows one account only.
	For func(account string) Agent
	// StartAgent starts the background agent and returns when it can be expected to answer, within seconds. Its
	// *api.Problem is shown in words; any other error points to securepush doctor. nil: no button starts it.
	StartAgent func(ctx context.Context) error
	// OpenURL opens an address in the browser, after the person has seen it. nil: the application's own.
	OpenURL func(*url.URL) error
	// Post queues a function for the drawing goroutine. nil: fyne.Do.
	Post func(func())
	// Now is the clock. nil: time.Now.
	Now func() time.Time
	// InitialID is the notification to show first, or "".
	InitialID api.ID
	// Theme is the theme until the agent has told the person's choice: "system", "light" or "dark"; "" is "system".
	Theme string
	// Locale is the system's, as in LANG, for a person who has chosen no language. "": the one that the toolkit finds.
	Locale string
	// Version is this program's.
	Version string
}

// errNoAgent says that Deps lack what the window cannot be without.
var errNoAgent = errors.New("ui: no agent to talk to")

// Run shows the window and returns when it has been closed. It must be called on the main goroutine, with an
// application whose ID is assets.AppID; it gives it theme and icon. Closing the window waits at most two seconds for
// what the person was told is done.
func Run(a fyne.App, d Deps) error {
	w, err := newWindow(a, d)
	if err != nil {
		return err
	}
	fyne.SetCurrentApp(still{a})
	// Not before the loop runs: fyne.Do has no queue until then.
	a.Lifecycle().SetOnStarted(w.shell.Run)
	a.Lifecycle().SetOnStopped(w.shell.Close)
	w.win.ShowAndRun()
	w.shell.Close()
	return nil
}
