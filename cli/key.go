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

func (p *program) key() *cobra.Command {
	a := &administration{program: p}
	c := group(&cobra.Command{Use: "key", Short: "Administer the keys by which programs send"})
	a.flags(c)
	c.AddCommand(a.keyAdd(), a.keyList(), a.keyRevoke())
	return c
}

func (a *administration) keyAdd() *cobra.Command {
	var claims []string
	c := &cobra.Command{
		Use: "add NAME", Short: "Make a key and print it, this once", Args: wrongArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, func(ctx context.Context, admin *backend.Admin) error {
				key, secret, err := admin.AddKey(ctx, args[0], claims)
				if err != nil {
					return err
				}
				out := map[string]any{"name": key.Name, "id": key.ID, "claims": key.Claims, "key": secret.Reveal()}
				return a.write(out, func(w io.Writer) error {
					_, err := fmt.Fprintln(w, secret.Reveal())
					return err
				})
			})
		},
	}
	c.Flags().StringSliceVar(&claims, "claims", nil, "rights: send (to anyone), manage")
	return c
}

func (a *administration) keyList() *cobra.Command {
	type row struct {
		Name    string    `json:"name"`
		ID      string    `json:"id"`
		Claims  []string  `json:"claims"`
		Created time.Time `json:"created"`
	}
	return &cobra.Command{
		Use: "list", Short: "List the keys", Args: wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(ctx context.Context, admin *backend.Admin) error {
				keys, err := admin.ListKeys(ctx)
				if err != nil {
					return err
				}
				rows := make([]row, 0, len(keys))
				for _, k := range keys {
					rows = append(rows, row{Name: k.Name, ID: k.ID, Claims: k.Claims, Created: k.CreatedAt})
				}
				return a.write(rows, func(out io.Writer) error {
					w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
					_, _ = fmt.Fprintln(w, "NAME\tCLAIMS\tSINCE")
					for _, r := range rows {
						_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", r.Name, strings.Join(r.Claims, ","), r.Created.Local().Format(time.DateOnly))
					}
					return w.Flush()
				})
			})
		},
	}
}

func (a *administration) keyRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke NAME", Short: "Revoke a key at once", Args: wrongArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, func(ctx context.Context, admin *backend.Admin) error {
				if err := admin.RevokeKey(ctx, args[0]); err != nil {
					return err
				}
				return a.say("The key %s is revoked.", args[0])
			})
		},
	}
}
