package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"securepush/agent/local"
	"securepush/api"
)

// maxMessage bounds what is read from standard input; the server's own limit is lower.
const maxMessage = 1 << 20

func (p *program) send() *cobra.Command {
	var r api.SendRequest
	var to []string
	var priority string
	var expires time.Duration
	var request bool
	c := &cobra.Command{
		Use:   "send",
		Short: "Send a notification; its text comes from standard input",
		Long: "Send a notification. Its text is read from standard input, so that it does not stand in the list of processes, where\n" +
			"other users of this machine can read the arguments of every command. The title given with --title does stand there;\n" +
			"with --request the whole request is read from standard input as JSON instead.",
		Example: "  echo 'The door of room 7 is open.' | securepush send --to anna --title Door\n" +
			"  securepush send --request < notification.json",
		Args: wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := io.ReadAll(io.LimitReader(p.Stdin, maxMessage))
			if err != nil {
				return fmt.Errorf("read the message: %w", err)
			}
			if request {
				if err := api.DecodeStrict(b, &r); err != nil {
					return usage("standard input is not a request in JSON: %v", err)
				}
			} else {
				r.Payload, r.To, r.Priority = strings.TrimRight(string(b), "\r\n"), to, api.Priority(priority)
				if expires > 0 {
					at := time.Now().Add(expires)
					r.ExpiresAt = &at
				}
			}
			if r.Payload == "" {
				return usage("there is no text: write it to standard input")
			}
			return p.withAccount(cmd.Context(), func(agent *local.Client) error {
				sent, err := agent.Send(cmd.Context(), r)
				if err != nil {
					return err
				}
				return p.write(sent, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "Sent to %s, pushed to %s.\n", count(len(sent.IDs), "person", "people"), count(sent.Devices, "device", "devices"))
					return err
				})
			})
		},
	}
	f := c.Flags()
	f.StringArrayVar(&to, "to", nil, "user to send to, or a tag expression; again for several users (default: yourself)")
	f.StringVar(&r.Title, "title", "", "title")
	f.StringVar(&r.Sender, "sender", "", "sender that is shown instead of your name")
	f.StringVar(&priority, "priority", "", "low, normal, high or urgent")
	f.StringVar(&r.URL, "url", "", "link to open, https only")
	f.StringVar(&r.Key, "key", "", "replaces an earlier notification of the same key")
	f.DurationVar(&expires, "expires", 0, "time until it expires, such as 2h30m")
	f.BoolVar(&request, "request", false, "read the whole request from standard input as JSON")
	return c
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
