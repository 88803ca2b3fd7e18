package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"securepush/agent/local"
)

func (p *program) accounts() *cobra.Command {
	c := &cobra.Command{
		Use:   "accounts",
		Short: "List the accounts on this device, or choose how they are told apart and shown",
		Long: "List the accounts on this device in the order in which they were added. A further one: securepush login --add.\n" +
			"Commands act for the first one, or for the one that is named with --account.",
		Args: wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withAgent(cmd.Context(), func(agent *local.Client) error {
				s, err := agent.Status(cmd.Context())
				if err != nil {
					return err
				}
				accounts := s.Accounts
				if accounts == nil {
					accounts = []local.AccountStatus{} // never null
				}
				return p.write(accounts, func(w io.Writer) error { return writeAccounts(w, accounts, s.Listening) })
			})
		},
	}
	c.AddCommand(p.accountsSet())
	return c
}

func writeAccounts(out io.Writer, accounts []local.AccountStatus, listening bool) error {
	if len(accounts) == 0 {
		_, err := fmt.Fprintln(out, "Nobody is signed in.")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, a := range accounts {
		state := signInWords(a.SignIn)
		if a.SignIn == local.SignInActive && listening {
			state = linkWords(local.Status{Link: a.Link})
		}
		if a.Muted {
			state += " Muted."
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%d unread\t%s\n", oneLine(a.Name, 40), clean(userAtHost(a.Account)), a.Colour, a.Unread, state)
	}
	return w.Flush()
}

// accountChange is what accounts set is asked for.
type accountChange struct {
	name, colour, toasts string
	mute, unmute         bool
}

func (p *program) accountsSet() *cobra.Command {
	var change accountChange
	c := &cobra.Command{
		Use:   "set [ACCOUNT]",
		Short: "Choose an account's name, colour, and whether and how much its toasts show",
		Long: "Choose an account's name, colour, and whether and how much its toasts show. A muted account shows no toasts; its notifications\n" +
			"stand in the inbox. An empty name or colour, and \"default\" for toasts, go back to what is usual.",
		Example: "  securepush accounts set anna@push.example.org --name Clinic --colour green\n" +
			"  securepush accounts set Clinic --mute",
		Args: wrongArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if change.mute && change.unmute {
				return usage("--mute and --unmute are opposites")
			}
			if !slices.ContainsFunc([]string{"name", "colour", "toasts", "mute", "unmute"}, cmd.Flags().Changed) {
				return usage("say what to change: --name, --colour, --toasts, --mute or --unmute")
			}
			return p.withAgent(cmd.Context(), func(agent *local.Client) error { return p.setAccount(cmd, agent, args, change) })
		},
		ValidArgsFunction: p.completeAccount,
	}
	f := c.Flags()
	f.StringVar(&change.name, "name", "", "what it is called, at most 40 characters")
	f.StringVar(&change.colour, "colour", "", strings.Join(local.Colours(), ", "))
	f.StringVar(&change.toasts, "toasts", "", "how much its toasts show: everything, sender, nothing, or default")
	f.BoolVar(&change.mute, "mute", false, "show no toasts of it")
	f.BoolVar(&change.unmute, "unmute", false, "show its toasts again")
	return c
}

func (p *program) setAccount(cmd *cobra.Command, agent *local.Client, args []string, change accountChange) error {
	s, err := agent.Status(cmd.Context())
	if err != nil {
		return err
	}
	if len(args) == 0 {
		if len(s.Accounts) != 1 {
			return usage("say which account: %s", listAccounts(s.Accounts))
		}
		args = []string{s.Accounts[0].Account.ID}
	}
	account, err := pickAccount(s.Accounts, args[0])
	if err != nil {
		return err
	}
	settings, err := agent.Settings(cmd.Context())
	if err != nil {
		return err
	}
	chosen := changeAccount(settings.Accounts[account.Account.ID], change, cmd.Flags().Changed)
	settings.Accounts = maps.Clone(settings.Accounts)
	if settings.Accounts == nil {
		settings.Accounts = map[string]local.AccountSettings{}
	}
	settings.Accounts[account.Account.ID] = chosen
	if chosen == (local.AccountSettings{}) {
		delete(settings.Accounts, account.Account.ID)
	}
	if err := agent.SaveSettings(cmd.Context(), settings); err != nil {
		return err
	}
	return p.say("Done.")
}

// changeAccount is a pure function of what was chosen before and what is asked for; asked says which flags were given.
func changeAccount(c local.AccountSettings, change accountChange, asked func(flag string) bool) local.AccountSettings {
	if asked("name") {
		c.Name = strings.TrimSpace(change.name)
	}
	if asked("colour") {
		c.Colour = change.colour
	}
	if asked("toasts") {
		c.ToastContent = local.ToastContent(change.toasts)
		if change.toasts == "default" {
			c.ToastContent = ""
		}
	}
	c.Muted = (c.Muted || change.mute) && !change.unmute
	return c
}
