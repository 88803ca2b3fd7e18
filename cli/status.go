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
			return p.withAccount(cmd.Context(), func(agent *local.Client) error {
				s, err := agent.Status(cmd.Context())
				if err != nil {
					return err
				}
				return p.write(s, func(w io.Writer) error {
					if p.account == "" && len(s.Accounts) > 1 {
						return writeAllStatus(cmd.Context(), w, agent, s)
					}
					return writeStatus(w, s)
				})
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

// statusTable writes rows of a name and a text.
type statusTable struct{ *tabwriter.Writer }

func newStatusTable(out io.Writer) statusTable {
	return statusTable{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
}

func (w statusTable) row(name, format string, args ...any) {
	_, _ = fmt.Fprintf(w, "%s\t%s\n", name, fmt.Sprintf(format, args...))
}

func writeStatus(out io.Writer, s local.Status) error {
	w := newStatusTable(out)
	w.agent(s)
	w.account(s)
	w.conditions(s, nil)
	return w.Flush()
}

// writeAllStatus asks for the status of each account, which s tells only in short.
func writeAllStatus(ctx context.Context, out io.Writer, agent *local.Client, s local.Status) error {
	w := newStatusTable(out)
	w.agent(s)
	told := map[string]bool{}
	for _, a := range s.Accounts {
		one, err := agent.For(a.Account.ID).Status(ctx)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(w)
		w.row("Name", "%s (%s)", oneLine(a.Name, 40), a.Colour)
		w.account(one)
		w.conditions(one, told)
	}
	return w.Flush()
}

func (w statusTable) agent(s local.Status) {
	if s.Listening {
		w.row("Agent", "running (version %s, process %d)", s.Version, s.PID)
	} else {
		w.row("Agent", "not running. Start it: securepush listen, or for good: securepush service install")
	}
}

func (w statusTable) account(s local.Status) {
	w.row("Sign-in", "%s", signInWords(s.SignIn))
	if s.Account != nil {
		w.row("Account", "%s at %s (%s)", clean(s.Account.User), clean(s.Account.ServerName), s.Account.Server)
	}
	if s.Quiet != nil {
		w.row("Toasts", "%s", quietWords(*s.Quiet))
	}
	if s.Listening {
		w.row("Push", "%s", linkWords(s))
		w.row("Unread", "%d", s.Unread)
		if s.Waiting > 0 {
			w.row("Waiting", "%d to be shown", s.Waiting)
		}
		if s.LastPush != nil {
			w.row("Last push", "%s", s.LastPush.Local().Format(time.DateTime))
		}
	}
}

// conditions says what keeps notifications away. told, if any, are those that are no single account's and were said before.
func (w statusTable) conditions(s local.Status, told map[string]bool) {
	for _, c := range s.Conditions {
		of := c.Code + c.Title
		if s.Quiet != nil && c.Code == s.Quiet.Code() || told[of] {
			continue // said above
		}
		if told != nil && (c.Code == "settings" || c.Code == "account_unopened") {
			told[of] = true
		}
		w.row("Attention", "%s. %s", c.Title, c.Advice)
	}
}

func (p *program) doctor() *cobra.Command {
	var export bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Examine the whole way of a notification and say what to mend",
		Args:  wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withAccount(cmd.Context(), func(agent *local.Client) error {
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
