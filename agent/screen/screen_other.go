//go:build !linux

package screen

import "context"

// Watch notices sleep by the clocks until ctx ends. Whether the screen is locked is not known on this system.
func Watch(ctx context.Context, o Options) { watchClocks(ctx, o.Woke, o.ClockSet) }
