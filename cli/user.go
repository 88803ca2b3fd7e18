package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"securepush/backend"
)

// administration is what the commands that work on the data folder share.
type administration struct {
	*program
	data, database string
}

// flags adds the two that say where the data are.
func (a *administration) flags(c *cobra.Command) {
	c.PersistentFlags().StringVar(&a.data, "data", "", "folder of the data")
	c.PersistentFlags().StringVar(&a.database, "database", "", "database, as sqlite:PATH (default: in the folder of the data)")
}

// with runs f on the data, whether a server runs on them or not.
func (a *administration) with(cmd *cobra.Command, f func(context.Context, *backend.Admin) error) error {
	if err := fillFlags(cmd.Flags(), a.adminEnv, ""); err != nil {
		return err
	}
	if a.data == "" && a.database == "" {
		return usage("say where the data are: --data DIR")
	}
	admin, err := backend.OpenAdmin(cmd.Context(), a.data, a.database)
	if err != nil {
		return operatorWords(err)
	}
	defer func() { _ = admin.Close() }()
	return operatorWords(f(cmd.Context(), admin))
}

// adminEnv lets the environment name the data, and nothing else.
func (a *administration) adminEnv(name string) string {
	if name == "SECUREPUSH_DATA" || name == "SECUREPUSH_DATABASE" {
		return a.Getenv(name)
	}
	return ""
}

func (p *program) user() *cobra.Command {
	a := &administration{program: p}
	c := group(&cobra.Command{Use: "user", Short: "Administer the accounts of a back end"})
	a.flags(c)
	c.AddCommand(a.userAdd(), a.userList(), a.userPasswd(), a.userSet("disable", true), a.userSet("enable", false))
	return c
}

func (a *administration) userAdd() *cobra.Command {
	var claims []string
	var fromStdin bool
	c := &cobra.Command{
		Use: "add NAME", Short: "Add an account", Args: wrongArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, func(ctx context.Context, admin *backend.Admin) error {
				password, err := a.password(fromStdin, "Password for "+args[0]+": ")
				if err != nil {
					return err
				}
				account, err := admin.AddUser(ctx, args[0], password, claims)
				if err != nil {
					return err
				}
				return a.write(map[string]any{"id": account.ID, "user": account.Name, "claims": account.Claims}, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "Added %s.\n", account.Name)
					return err
				})
			})
		},
	}
	c.Flags().StringSliceVar(&claims, "claims", nil, "rights: send (to anyone), manage")
	c.Flags().BoolVar(&fromStdin, "password-stdin", false, "read the password from standard input")
	return c
}

func (a *administration) userList() *cobra.Command {
	type row struct {
		User     string    `json:"user"`
		ID       string    `json:"id"`
		Claims   []string  `json:"claims"`
		Disabled bool      `json:"disabled"`
		Created  time.Time `json:"created"`
	}
	return &cobra.Command{
		Use: "list", Short: "List the accounts", Args: wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(ctx context.Context, admin *backend.Admin) error {
				users, err := admin.ListUsers(ctx)
				if err != nil {
					return err
				}
				rows := make([]row, 0, len(users))
				for _, u := range users {
					rows = append(rows, row{User: u.Name, ID: u.ID, Claims: u.Claims, Disabled: u.Disabled, Created: u.CreatedAt})
				}
				return a.write(rows, func(out io.Writer) error {
					w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
					_, _ = fmt.Fprintln(w, "USER\tCLAIMS\tSINCE\tSTATE")
					for _, r := range rows {
						state := "active"
						if r.Disabled {
							state = "disabled"
						}
						_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.User, strings.Join(r.Claims, ","), r.Created.Local().Format(time.DateOnly), state)
					}
					return w.Flush()
				})
			})
		},
	}
}

func (a *administration) userPasswd() *cobra.Command {
	var fromStdin bool
	c := &cobra.Command{
		Use: "passwd NAME", Short: "Set a new password; every sign-in of the account ends", Args: wrongArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, func(ctx context.Context, admin *backend.Admin) error {
				password, err := a.password(fromStdin, "New password for "+args[0]+": ")
				if err != nil {
					return err
				}
				if err := admin.SetPassword(ctx, args[0], password); err != nil {
					return err
				}
				return a.say("The password of %s is set. Every sign-in of the account has ended.", args[0])
			})
		},
	}
	c.Flags().BoolVar(&fromStdin, "password-stdin", false, "read the password from standard input")
	return c
}

func (a *administration) userSet(verb string, disabled bool) *cobra.Command {
	short, done := "Let an account sign in again", "%s may sign in again."
	if disabled {
		short, done = "Disable an account; every sign-in of it ends", "%s is disabled. Every sign-in of the account has ended."
	}
	return &cobra.Command{
		Use: verb + " NAME", Short: short, Args: wrongArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, func(ctx context.Context, admin *backend.Admin) error {
				if err := admin.SetDisabled(ctx, args[0], disabled); err != nil {
					return err
				}
				return a.say(done, args[0])
			})
		},
	}
}
