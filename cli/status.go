package cli

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"securepush/agent/local"
)

func (p *program) status() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say whether notifications arrive, and if not, why",
		Args:  wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withAgent(cmd.Context(), func(agent *local.Client) error {
				s, err := agent.Status(cmd.Context())
				if err != nil {
					return err
				}
				return p.write(s, func(w io.Writer) error { return writeStatus(w, s) })
			})
		},
	}
}

// linkWords and signInWords are the same words as in the window.
func linkWords(s local.Status) string {
	switch s.Link {
	case local.LinkConnected:
		return "Connected"
	case local.LinkConnecting:
		return "Connecting…"
	case local.LinkOffline:
		since := ""
		if s.LinkSince != nil {
			since = " since " + s.LinkSince.Local().Format("15:04")
		}
		return "Offline" + since + ". Catching up by itself."
	}
	return "Not listening"
}

func signInWords(s local.SignIn) string {
	switch s {
	case local.SignInActive:
		return "Signed in"
	case local.SignInEnded:
		return "The sign-in has ended. Sign in again."
	case local.SignInLocked:
		return "The keyring is locked. Unlock it to go on."
	case local.SignInUnknown:
		return "The keyring does not answer."
	}
	return "Not signed in"
}

func writeStatus(out io.Writer, s local.Status) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) {
		_, _ = fmt.Fprintf(w, "%s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	if s.Listening {
		row("Agent", "running (version %s, process %d)", s.Version, s.PID)
	} else {
		row("Agent", "not running. Start it: securepush listen, or for good: securepush service install")
	}
	row("Sign-in", "%s", signInWords(s.SignIn))
	if s.Account != nil {
		row("Account", "%s at %s (%s)", clean(s.Account.User), clean(s.Account.ServerName), s.Account.Server)
	}
	if s.Quiet != nil {
		row("Toasts", "%s", quietWords(*s.Quiet))
	}
	if s.Listening {
		row("Push", "%s", linkWords(s))
		row("Unread", "%d", s.Unread)
		if s.Waiting > 0 {
			row("Waiting", "%d to be shown", s.Waiting)
		}
		if s.LastPush != nil {
			row("Last push", "%s", s.LastPush.Local().Format(time.DateTime))
		}
	}
	for _, c := range s.Conditions {
		if s.Quiet != nil && c.Code == s.Quiet.Code() {
			continue // said above
		}
		row("Attention", "%s. %s", c.Title, c.Advice)
	}
	return w.Flush()
}

func (p *program) doctor() *cobra.Command {
	var export bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Examine the whole way of a notification and say what to mend",
		Args:  wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withAgent(cmd.Context(), func(agent *local.Client) error {
				if export {
					return p.export(cmd.Context(), agent)
				}
				checks, err := agent.Doctor(cmd.Context())
				if err != nil {
					return err
				}
				if err := p.write(checks, func(w io.Writer) error { return writeChecks(w, checks) }); err != nil {
					return err
				}
				for _, c := range checks {
					if !c.OK {
						return errChecksFailed
					}
				}
				return nil
			})
		},
	}
	c.Flags().BoolVar(&export, "export", false, "write a report to give to others, without content, names and secrets")
	return c
}

// export writes the diagnostics.
func (p *program) export(ctx context.Context, agent *local.Client) error {
	d, err := agent.Diagnostics(ctx)
	if err != nil {
		return err
	}
	return p.write(d, func(w io.Writer) error {
		_, err := io.WriteString(w, d.Text)
		return err
	})
}

// errChecksFailed makes the doctor's exit code 1; what failed stands in the report.
var errChecksFailed = fmt.Errorf("something is wrong: see the lines marked ✗")

func writeChecks(out io.Writer, checks []local.Check) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, c := range checks {
		mark := "✓"
		if !c.OK {
			mark = "✗"
		}
		_, _ = fmt.Fprintf(w, "%s %s\t%s\n", mark, c.Name, clean(c.Detail))
		if !c.OK && c.Advice != "" {
			_, _ = fmt.Fprintf(w, "\t→ %s\n", c.Advice)
		}
	}
	return w.Flush()
}

func (p *program) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  wrongArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			return p.write(map[string]any{"version": p.Version, "window": p.Window != nil}, func(w io.Writer) error {
				_, err := fmt.Fprintln(w, "securepush "+p.Version)
				return err
			})
		},
	}
}
