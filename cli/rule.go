package cli

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"securepush/backend"
	"securepush/backend/hub/record"
)

// ruleRow is a rule as --json has it: without its keys.
type ruleRow struct {
	Name     string    `json:"name"`
	Rights   string    `json:"rights"`
	Created  time.Time `json:"created"`
	Modified time.Time `json:"modified"`
}

func rowOf(r record.Rule) ruleRow {
	return ruleRow{Name: r.Name, Rights: r.Rights.String(), Created: r.Created, Modified: r.Modified}
}

func (p *program) rule() *cobra.Command {
	a := &administration{program: p}
	c := group(&cobra.Command{
		Use: "rule", Short: "Administer the access rules of the notification hub",
		Long: "Administer the access rules of the notification hub: who may register devices (listen), send, and manage.\n\n" +
			"Each rule has two keys that do the same, so that one can be renewed while programs still use the other.",
	})
	a.flags(c)
	c.AddCommand(a.ruleList(), a.ruleShow(), a.ruleAdd(), a.ruleRotate(), a.ruleRemove())
	return c
}

func (a *administration) ruleList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the rules", Args: wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(ctx context.Context, admin *backend.Admin) error {
				rules, err := admin.ListRules(ctx)
				if err != nil {
					return err
				}
				rows := make([]ruleRow, 0, len(rules))
				for _, r := range rules {
					rows = append(rows, rowOf(r))
				}
				return a.write(rows, func(out io.Writer) error { return writeRules(out, rows) })
			})
		},
	}
}

func writeRules(out io.Writer, rows []ruleRow) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "NAME\tRIGHTS\tSINCE\tKEYS OF")
	for _, r := range rows {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Name, r.Rights, r.Created.Local().Format(time.DateOnly), r.Modified.Local().Format(time.DateOnly))
	}
	return w.Flush()
}

// keyChoice is which of a rule's two keys is meant.
type keyChoice struct{ name string }

func (k keyChoice) secondary() (bool, error) {
	switch k.name {
	case "primary":
		return false, nil
	case "secondary":
		return true, nil
	}
	return false, usage("--key is primary or secondary")
}

// connection prints a rule's connection string, alone where a program is to read it.
type connection struct {
	asked  bool
	key    keyChoice
	public string
}

func (x *connection) flags(c *cobra.Command) {
	c.Flags().BoolVar(&x.asked, "connection-string", false, "print the connection string, which holds a key")
	c.Flags().StringVar(&x.key.name, "key", "primary", "which key the connection string holds: primary or secondary")
	c.Flags().StringVar(&x.public, "public-url", "", "address of the server (default: what it last ran with)")
}

func (x *connection) print(ctx context.Context, a *administration, admin *backend.Admin, rule record.Rule) error {
	secondary, err := x.key.secondary()
	if err != nil {
		return err
	}
	var public *url.URL
	if x.public != "" {
		if public, err = serverURL("public-url", x.public); err != nil {
			return err
		}
	}
	text, hub, err := admin.ConnectionString(ctx, rule, secondary, public)
	if err != nil {
		return err
	}
	return a.write(map[string]string{"connectionString": text, "hub": hub}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, text)
		return err
	})
}

func (a *administration) ruleShow() *cobra.Command {
	var x connection
	c := &cobra.Command{
		Use: "show NAME", Short: "Show a rule, or its connection string", Args: wrongArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, func(ctx context.Context, admin *backend.Admin) error {
				rule, err := admin.Rule(ctx, args[0])
				if err != nil {
					return err
				}
				if x.asked {
					return x.print(ctx, a, admin, rule)
				}
				row := rowOf(rule)
				return a.write(row, func(out io.Writer) error { return writeRules(out, []ruleRow{row}) })
			})
		},
	}
	x.flags(c)
	return c
}

func (a *administration) ruleAdd() *cobra.Command {
	var names []string
	var x connection
	c := &cobra.Command{
		Use: "add NAME --rights RIGHTS", Short: "Make a rule with two new keys", Args: wrongArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			var rights record.Rights
			for _, n := range names {
				r, ok := record.ParseRight(n)
				if !ok {
					return usage("a right is listen, send or manage, and not %q", n)
				}
				rights |= r
			}
			return a.with(cmd, func(ctx context.Context, admin *backend.Admin) error {
				rule, err := admin.AddRule(ctx, args[0], rights)
				if err != nil {
					return err
				}
				if x.asked {
					return x.print(ctx, a, admin, rule)
				}
				return a.write(rowOf(rule), func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "The rule %s has the rights %s. rule show %s --connection-string prints what its programs need.\n", rule.Name, rule.Rights, rule.Name)
					return err
				})
			})
		},
	}
	c.Flags().StringSliceVar(&names, "rights", nil, "rights, separated by commas: listen (register devices), send, manage (everything)")
	x.flags(c)
	return c
}

func (a *administration) ruleRotate() *cobra.Command {
	var k keyChoice
	c := &cobra.Command{
		Use: "rotate NAME --key primary|secondary", Short: "Replace one of a rule's two keys at once", Args: wrongArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			secondary, err := k.secondary()
			if err != nil {
				return err
			}
			return a.with(cmd, func(ctx context.Context, admin *backend.Admin) error {
				rule, err := admin.RotateRule(ctx, args[0], secondary)
				if err != nil {
					return err
				}
				return a.write(rowOf(rule), func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "The %s key of %s is new; the other one is as it was.\n", k.name, rule.Name)
					return err
				})
			})
		},
	}
	c.Flags().StringVar(&k.name, "key", "", "which key to replace: primary or secondary")
	return c
}

func (a *administration) ruleRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: "Remove a rule; its keys open nothing any more", Args: wrongArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, func(ctx context.Context, admin *backend.Admin) error {
				if err := admin.RemoveRule(ctx, args[0]); err != nil {
					return err
				}
				return a.say("The rule %s is removed.", args[0])
			})
		},
	}
}

// vapid prints what a hub of Azure is to be given, so that it speaks to push services in this site's name.
func (p *program) vapid() *cobra.Command {
	a := &administration{program: p}
	c := &cobra.Command{
		Use: "vapid", Short: "Print the key pair by which push services know this site",
		Long: "Print the key pair by which push services know this site (VAPID, RFC 8292), as the browser credential of an Azure\n" +
			"Notification Hub asks for it. The private key is a secret: whoever has it can send pushes in the site's name.",
		Args: wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(ctx context.Context, admin *backend.Admin) error {
				public, private, err := admin.VAPIDKeys(ctx)
				if err != nil {
					return err
				}
				return a.write(map[string]string{"vapidPublicKey": public, "vapidPrivateKey": private.Reveal()}, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "VapidPublicKey   %s\nVapidPrivateKey  %s\n", public, private.Reveal())
					return err
				})
			})
		},
	}
	a.flags(c)
	return c
}
