package notify

import (
	"time"

	"github.com/gen2brain/beeep"
)

// RunPromptChild is the body of the hidden subcommand [PromptCommand]: args is one prompt's name, the result an exit
// code. This is the one place that uses beeep, in a process of its own, because beeep has no deadline, can end the
// process, and hands its text to scripts and command lines: hence constant words only.
func RunPromptChild(args []string) int {
	if len(args) != 1 {
		return 2
	}
	p, err := parsePrompt(args[0])
	if err != nil {
		return 2
	}
	title, body := p.Words()
	beeep.AppName = appName
	done := make(chan error, 1)
	// The parent kills us in time; if it is gone, nobody would.
	go func() { done <- beeep.Notify(title, body, "") }()
	select {
	case err = <-done:
	case <-time.After(childTimeout + childTimeout/2):
		return 1
	}
	if err != nil {
		return 1
	}
	return 0
}
