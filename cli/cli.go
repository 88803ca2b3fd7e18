package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"securepush/agent"
	"securepush/agent/local"
	"securepush/api"
)

// Exit codes.
const (
	ExitDone         = 0
	ExitFailed       = 1
	ExitUsage        = 2
	ExitSignInNeeded = 3
	ExitUnreachable  = 4
)

// WindowOptions is what a window is started with.
type WindowOptions struct {
	Agent      *local.Client
	StartAgent func(context.Context) error
}

// Env is the world as a command sees it. Args excludes the program's name.
type Env struct {
	Args       []string
	Stdin      io.Reader
	Stdout     io.Writer
	Stderr     io.Writer
	Getenv     func(string) string
	Executable string // this program, to start parts of itself
	Version    string
	// Window runs the window until it is closed. It is nil in a build without one.
	Window func(context.Context, WindowOptions) error
}

// program carries what all commands share.
type program struct {
	Env
	json    bool
	account string // which one a command acts for; "": the first
}

// usageError is a wrong use of a command.
type usageError struct{ words string }

func (e *usageError) Error() string { return e.words }

func usage(format string, args ...any) error { return &usageError{words: fmt.Sprintf(format, args...)} }

// Run runs a command and returns the exit code.
func Run(ctx context.Context, env Env) int {
	p := &program{Env: env}
	root := p.root() //nolint:contextcheck // a command gets its context when it runs
	root.SetArgs(protectIDs(env.Args))
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return ExitDone
	}
	p.report(err)
	return exitCode(err)
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "securepush",
		Short: "Notifications whose content never passes through push infrastructure",
		Long: "SecurePush shows your organisation's notifications on this desktop. What travels through the push channel is an\n" +
			"opaque ID; the content is fetched from the organisation's own server.\n\nWithout a command it opens the window.",
		Version:       p.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          wrongArgs(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return p.runWindow(cmd.Context()) },
	}
	root.SetVersionTemplate("securepush {{.Version}}\n")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage("%v. See: %s --help", err, c.CommandPath())
	})
	root.PersistentFlags().BoolVar(&p.json, "json", false, "write JSON")
	root.AddGroup(&cobra.Group{ID: "person", Title: "For the person at the desktop:"},
		&cobra.Group{ID: "site", Title: "For whoever runs the back end:"})
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("person", p.listen(), p.ofAccount(p.login()), p.ofAccount(p.logout()), p.accounts(), p.ofAccount(p.status()),
		p.ofAccount(p.inbox()), p.ofAccount(p.show()), p.ofAccount(p.read()), p.ofAccount(p.send()), p.ofAccount(p.sent()),
		p.pause(), p.resume(), p.ofAccount(p.history()), p.ofAccount(p.doctor()), p.service())
	add("site", p.serve(), p.user(), p.key(), p.rule(), p.vapid(), p.demo())
	root.AddCommand(p.version())
	return root
}

// protectIDs keeps an ID that begins with a dash from being taken for a flag. IDs are random base64url, so one in 64 does.
func protectIDs(args []string) []string {
	takesID := slices.ContainsFunc([]string{"show", "read", "sent"}, func(name string) bool { return slices.Contains(args, name) })
	if !takesID || slices.Contains(args, "--") {
		return args
	}
	var others, ids []string
	for _, arg := range args {
		if _, err := api.ParseID(arg); err == nil && strings.HasPrefix(arg, "-") {
			ids = append(ids, arg)
		} else {
			others = append(others, arg)
		}
	}
	if len(ids) == 0 {
		return args
	}
	return append(append(others, "--"), ids...)
}

// group makes a command that does nothing by itself: alone it is a question for help, with an unknown word a wrong use.
func group(c *cobra.Command) *cobra.Command {
	c.Args = wrongArgs(cobra.NoArgs)
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	return c
}

// wrongArgs makes a wrong number of arguments a usage error.
func wrongArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return usage("%v. See: %s --help", err, c.CommandPath())
		}
		return nil
	}
}

// exitCode maps an error to the codes that scripts rely on.
func exitCode(err error) int {
	if _, ok := errors.AsType[*usageError](err); ok {
		return ExitUsage
	}
	switch api.CodeOf(err) {
	case api.CodeSignInNeeded, api.CodeUnauthorized, api.CodeInvalidGrant, api.CodeKeyringLocked:
		return ExitSignInNeeded
	case api.CodeUnreachable, api.CodeUnknownServer, api.CodeUntrusted, api.CodeClockSkew:
		return ExitUnreachable
	case api.CodePlainHTTP, api.CodeInvalidField, api.CodeBadRequest:
		return ExitUsage
	}
	return ExitFailed
}

// report writes an error to standard error: one sentence and the next step, or JSON.
func (p *program) report(err error) {
	words := err.Error()
	code := api.CodeOf(err)
	if problem, ok := errors.AsType[*api.Problem](err); ok {
		words = api.Words(problem)
		if next := nextStep(code); next != "" {
			words += "\n" + next
		}
	}
	if p.json {
		_ = json.NewEncoder(p.Stderr).Encode(map[string]any{"error": map[string]any{"code": code, "detail": words}})
		return
	}
	_, _ = fmt.Fprintln(p.Stderr, "securepush: "+words)
}

func nextStep(code api.Code) string {
	switch code {
	case api.CodeSignInNeeded, api.CodeUnauthorized:
		return "Sign in: securepush login --server URL --user NAME"
	case api.CodeKeyringLocked:
		return "Unlock your keyring, or open the SecurePush window, and try again."
	case api.CodeUnreachable, api.CodeUntrusted, api.CodeInternal:
		return "More: securepush doctor"
	}
	return ""
}

// write prints v as JSON with --json, otherwise calls text.
func (p *program) write(v any, text func(io.Writer) error) error {
	if p.json {
		e := json.NewEncoder(p.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(v)
	}
	return text(p.Stdout)
}

// say prints one line, or with --json {"done":true}.
func (p *program) say(format string, args ...any) error {
	return p.write(map[string]bool{"done": true}, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, format+"\n", args...)
		return err
	})
}

// connect returns a client of the running agent; with none running, of one that acts once and leaves when done is called.
func (p *program) connect(ctx context.Context) (c *local.Client, done func(), err error) {
	paths, err := agent.DefaultPaths(p.Getenv)
	if err != nil {
		return nil, nil, err
	}
	c = local.Dial(paths.Socket())
	end := time.Now().Add(othersPatience)
	for {
		_, err = c.Status(ctx)
		if err == nil {
			return c, c.Close, nil
		}
		if api.CodeOf(err) != api.CodeUnavailable {
			return nil, nil, err // one answers, but not as it should
		}
		once, err := agent.Open(ctx, agent.Options{Paths: paths, Executable: p.Executable, Version: p.Version, Logger: p.logger("warn")})
		switch {
		case err == nil:
			return &local.Client{Transport: once.Transport()}, func() { _ = once.Close() }, nil
		case !errors.Is(err, agent.ErrRunning):
			return nil, nil, err
		case ctx.Err() != nil || time.Now().After(end):
			return nil, nil, api.NewProblem(api.CodeUnavailable, "Another SecurePush command is at work. Try again when it is done.").Because(err)
		}
		// A listener that starts or ends, or another command. Open has waited a moment already.
	}
}

// othersPatience is how long a command waits for another that acts alone.
const othersPatience = 10 * time.Second

// withAgent runs f with a client.
func (p *program) withAgent(ctx context.Context, f func(*local.Client) error) error {
	c, done, err := p.connect(ctx)
	if err != nil {
		return err
	}
	defer done()
	return f(c)
}

// terminalOf says whether v is a terminal that a person sits at.
func terminalOf(v any) (*os.File, bool) {
	f, ok := v.(*os.File)
	return f, ok && isTerminal(f)
}
