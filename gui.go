//go:build !headless

package main

import (
	"context"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"securepush/agent/local"
	"securepush/assets"
	"securepush/assets/words"
	"securepush/cli"
	"securepush/ui"
)

// window runs the window on the main goroutine, which Fyne has bound to its thread.
func window() func(context.Context, cli.WindowOptions) error {
	return func(ctx context.Context, o cli.WindowOptions) error {
		app.SetMetadata(fyne.AppMetadata{ID: assets.AppID, Name: "SecurePush", Version: version})
		a := app.NewWithID(assets.AppID)
		stop := context.AfterFunc(ctx, func() { fyne.Do(a.Quit) })
		defer stop()
		return ui.Run(a, ui.Deps{Agent: o.Agent, For: perAccount(o.Agent), StartAgent: o.StartAgent, Version: version, Locale: words.Locale(os.Getenv)})
	}
}

// perAccount makes a client for each account.
func perAccount(c *local.Client) func(string) ui.Agent {
	return func(account string) ui.Agent { return c.For(account) }
}
