package cli

import (
	"context"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"securepush/agent/local"
)

// ofAccount gives a command the flag that says which account it acts for.
func (p *program) ofAccount(c *cobra.Command) *cobra.Command {
	c.Flags().StringVar(&p.account, "account", "", "the account, where there are several: its name, user, user@host or server (default: the first)")
	_ = c.RegisterFlagCompletionFunc("account", p.completeAccount) // fails only for a flag that there is not
	return c
}

// completeAccount lists the accounts of a listener that runs. It starts nothing.
func (p *program) completeAccount(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	_ = p.withAgent(cmd.Context(), func(agent *local.Client) error {
		s, err := agent.Status(cmd.Context())
		for _, a := range s.Accounts {
			names = append(names, userAtHost(a.Account))
		}
		return err
	})
	return names, cobra.ShellCompDirectiveNoFileComp
}

// withAccount runs f with a client whose calls are for the account that was named, or for the first.
func (p *program) withAccount(ctx context.Context, f func(*local.Client) error) error {
	return p.withAgent(ctx, func(agent *local.Client) error {
		if p.account == "" {
			return f(agent)
		}
		account, err := p.named(ctx, agent, p.account)
		if err != nil {
			return err
		}
		return f(agent.For(account.Account.ID))
	})
}

// named asks which account a name means.
func (p *program) named(ctx context.Context, agent *local.Client, name string) (local.AccountStatus, error) {
	s, err := agent.Status(ctx)
	if err != nil {
		return local.AccountStatus{}, err
	}
	return pickAccount(s.Accounts, name)
}

// pickAccount finds the account that a name means: its ID, what it is called, its user, user@host, or its server's name or host.
func pickAccount(accounts []local.AccountStatus, name string) (local.AccountStatus, error) {
	var found []local.AccountStatus
	for _, a := range accounts {
		if a.Account.ID == name {
			return a, nil
		}
		for _, known := range []string{a.Name, a.Account.User, userAtHost(a.Account), a.Account.ServerName, hostOf(a.Account.Server), a.Account.Server} {
			if strings.EqualFold(known, name) {
				found = append(found, a)
				break
			}
		}
	}
	switch {
	case len(accounts) == 0:
		return local.AccountStatus{}, usage("nobody is signed in on this device, so there is no account %q", name)
	case len(found) == 0:
		return local.AccountStatus{}, usage("there is no account %q on this device. There is: %s", name, listAccounts(accounts))
	case len(found) > 1:
		return local.AccountStatus{}, usage("%q is more than one account: say which of %s", name, listAccounts(found))
	}
	return found[0], nil
}

// listAccounts names accounts in a way that tells them apart.
func listAccounts(accounts []local.AccountStatus) string {
	names := make([]string, len(accounts))
	for i, a := range accounts {
		names[i] = clean(userAtHost(a.Account))
	}
	return strings.Join(names, ", ")
}

func userAtHost(a local.Account) string { return a.User + "@" + hostOf(a.Server) }

// hostOf is the machine of an address, with its port.
func hostOf(server string) string {
	if u, err := url.Parse(server); err == nil && u.Host != "" {
		return u.Host
	}
	return server
}
