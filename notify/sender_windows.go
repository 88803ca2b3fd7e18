//go:build windows

package notify

import "context"

type wintoastSender struct{}

func newSender(Options, func(Event)) sender { return wintoastSender{} }

func (wintoastSender) show(context.Context, message) error    { return ErrContentUnsupported }
func (wintoastSender) withdraw(context.Context, string) error { return nil }
func (wintoastSender) childEnv() ([]string, bool)             { return nil, true }
func (wintoastSender) server(context.Context) (Server, error) { return Server{}, ErrContentUnsupported }
func (wintoastSender) close()                                 {}
