//go:build !linux && !freebsd && !netbsd && !openbsd && !windows

package notify

import "context"

// promptsOnly is a system for which there is no own sender yet: on macOS content needs UNUserNotificationCenter inside
// a bundle, and every other way hands the text to other programs' command lines.
type promptsOnly struct{}

func newSender(context.Context, Options, func(Event)) sender { return promptsOnly{} }

func (promptsOnly) show(context.Context, message) error    { return ErrContentUnsupported }
func (promptsOnly) withdraw(context.Context, string) error { return nil }
func (promptsOnly) childEnv() ([]string, bool)             { return nil, true }
func (promptsOnly) server(context.Context) (Server, error) { return Server{}, ErrContentUnsupported }
func (promptsOnly) close()                                 {}
