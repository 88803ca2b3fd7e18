//go:build !linux

package secure

import "context"

// probe has nothing to ask: the system's keyring belongs to the log-in of the user and is there.
func probe(context.Context, string) Report { return Report{running: true} }

// Watch waits for the end of ctx: there is nothing to watch on this system.
func (k *Keyring) Watch(ctx context.Context, _ func()) { <-ctx.Done() }

func classifyBus(error) failure { return "" }
