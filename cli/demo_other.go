//go:build !linux

package cli

import "github.com/spf13/cobra"

func (p *program) demo() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Show everything on this machine (Linux only so far)",
		RunE: func(*cobra.Command, []string) error {
			return usage("the demo runs on Linux only so far")
		},
	}
}
