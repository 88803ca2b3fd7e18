//go:build headless

package main

import (
	"context"

	"securepush/cli"
)

// window says that this build has none.
func window() func(context.Context, cli.WindowOptions) error { return nil }
