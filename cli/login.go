package cli

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"securepush/agent/local"
	"securepush/api"
)

func (p *program) login() *cobra.Command {
	var server, user string
	var fromStdin, add bool
	c := &cobra.Command{
		Use:   "login",
		Short: "Sign in on this device",
		Long: "Sign in on this device. With an account that is here already it is signed in anew; with another one it takes the place of\n" +
			"the one before, or with --add it stands beside it.",
		Example: "  securepush login --server https://push.example.org --user anna\n" +
			"  securepush login --add --server https://push.lab.example --user anna\n" +
			"  printf '%s' \"$PASSWORD\" | securepush login --server https://push.example.org --user anna --password-stdin",
		Args: wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if add && p.account != "" {
				return usage("--add is for a further account, --account for one that is there")
			}
			return p.withAccount(cmd.Context(), func(agent *local.Client) error {
				if err := p.fillAccount(cmd, agent, &server, &user, add); err != nil {
					return err
				}
				password, err := p.password(fromStdin, "Password of "+user+": ")
				if err != nil {
					return err
				}
				signIn := agent.SignIn
				if add {
					signIn = agent.AddAccount
				}
				account, err := signIn(cmd.Context(), server, user, password)
				if err != nil {
					return err
				}
				return p.write(account, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "Signed in as %s at %s (%s).\n", clean(account.User), clean(account.ServerName), account.Server)
					return err
				})
			})
		},
	}
	c.Flags().StringVar(&server, "server", "", "address of the server, such as https://push.example.org")
	c.Flags().StringVar(&user, "user", "", "user name")
	c.Flags().BoolVar(&add, "add", false, "a further account, beside those that are here")
	c.Flags().BoolVar(&fromStdin, "password-stdin", false, "read the password from standard input")
	return c
}

// fillAccount takes what was not given from the account that was here before, or asks for it.
func (p *program) fillAccount(cmd *cobra.Command, agent *local.Client, server, user *string, add bool) error {
	before := local.Account{}
	status, err := agent.Status(cmd.Context())
	if err == nil && status.Account != nil && !add {
		before = *status.Account
	}
	for _, field := range []struct {
		value          *string
		prompt, preset string
	}{{server, "Server", before.Server}, {user, "User", before.User}} {
		if *field.value != "" {
			continue
		}
		var err error
		if *field.value, err = p.ask(field.prompt, field.preset); err != nil {
			return err
		}
		if *field.value == "" {
			*field.value = field.preset
		}
	}
	if *server == "" || *user == "" {
		return usage("login needs --server and --user")
	}
	if !add && p.account == "" && len(status.Accounts) > 1 && !isHere(status.Accounts, *server, *user) {
		return usage("there are several accounts on this device: %s. Say --add for a further one, or with --account whose place it takes",
			listAccounts(status.Accounts))
	}
	return nil
}

// isHere says whether an account is one of those.
func isHere(accounts []local.AccountStatus, server, user string) bool {
	base, err := api.ParseServer(server)
	if err != nil {
		return true // the sign-in says what is wrong
	}
	return slices.ContainsFunc(accounts, func(a local.AccountStatus) bool {
		return a.Account.Server == base.String() && a.Account.User == user
	})
}

func (p *program) logout() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "logout",
		Short: "Sign out: unregister this device and clear what is kept on it",
		Args:  wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if all && p.account != "" {
				return usage("--all and --account exclude each other")
			}
			return p.withAccount(cmd.Context(), func(agent *local.Client) error {
				status, err := agent.Status(cmd.Context())
				switch {
				case err != nil:
					return err
				case all:
					return p.logoutAll(cmd, agent, status.Accounts)
				case p.account == "" && len(status.Accounts) > 1:
					return usage("there are several accounts on this device: %s. Say which with --account, or --all", listAccounts(status.Accounts))
				}
				if err := agent.SignOut(cmd.Context()); err != nil {
					return err
				}
				return p.say("Signed out. Of the account only server and user name are kept on this device.")
			})
		},
	}
	c.Flags().BoolVar(&all, "all", false, "all accounts on this device")
	return c
}

func (p *program) logoutAll(cmd *cobra.Command, agent *local.Client, accounts []local.AccountStatus) error {
	if len(accounts) == 0 {
		return p.say("Nobody is signed in.")
	}
	for _, a := range accounts {
		if err := agent.For(a.Account.ID).SignOut(cmd.Context()); err != nil {
			return err
		}
	}
	return p.say("Signed out of %s. Only server and user name of the last one are kept on this device.", count(len(accounts), "account", "accounts"))
}
