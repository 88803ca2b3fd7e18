// Command securepush shows an organisation's notifications on a desktop; what travels through the push channel is an opaque ID.
//
// Everything is in one binary: the listener, the window, the commands and the companion back end.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"securepush/cli"
	"securepush/notify"
	"securepush/secure"
)

// version is set when the program is built.
var version = "devel"

func main() { os.Exit(run()) }

// run dispatches the two hidden children first, before anything else of the program starts: they are short-lived, and what
// they call may hang or take the process down.
func run() int {
	secure.DisableCoreDumps() // any of them may hold a password, a token or content
	args := os.Args[1:]
	if len(args) > 0 {
		switch args[0] {
		case secure.ChildCommand:
			return secure.RunKeyringChild(os.Stdin, os.Stdout)
		case notify.PromptCommand:
			return notify.RunPromptChild(args[1:])
		}
	}
	executable, err := os.Executable()
	if err != nil {
		executable = os.Args[0]
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return cli.Run(ctx, cli.Env{
		Args: args, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Executable: executable, Version: version, Window: window(),
	})
}
