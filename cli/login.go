package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"securepush/agent/local"
)

func (p *program) login() *cobra.Command {
	var server, user string
	var fromStdin bool
	c := &cobra.Command{
		Use:   "login",
		Short: "Sign in on this device",
		Example: "  securepush login --server https://push.example.org --user anna\n" +
			"  printf '%s' \"$PASSWORD\" | securepush login --server https://push.example.org --user anna --password-stdin",
		Args: wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withAgent(cmd.Context(), func(agent *local.Client) error {
				if err := p.fillAccount(cmd, agent, &server, &user); err != nil {
					return err
				}
				password, err := p.password(fromStdin, "Password of "+user+": ")
				if err != nil {
					return err
				}
				account, err := agent.SignIn(cmd.Context(), server, user, password)
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
	c.Flags().BoolVar(&fromStdin, "password-stdin", false, "read the password from standard input")
	return c
}

// fillAccount takes what was not given from the account that was here before, or asks for it.
func (p *program) fillAccount(cmd *cobra.Command, agent *local.Client, server, user *string) error {
	before := local.Account{}
	if status, err := agent.Status(cmd.Context()); err == nil && status.Account != nil {
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
	return nil
}

func (p *program) logout() *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "Sign out: unregister this device and clear what is kept on it",
		Args:  wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withAgent(cmd.Context(), func(agent *local.Client) error {
				if err := agent.SignOut(cmd.Context()); err != nil {
					return err
				}
				return p.say("Signed out. Nothing of the account is kept on this device.")
			})
		},
	}
}
