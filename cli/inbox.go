package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"securepush/agent/local"
	"securepush/api"
)

func (p *program) inbox() *cobra.Command {
	var unread bool
	var limit int
	var text string
	c := &cobra.Command{
		Use:   "inbox",
		Short: "List notifications, newest first",
		Args:  wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 || limit > 200 {
				return usage("--limit goes from 1 to 200")
			}
			return p.withAccount(cmd.Context(), func(agent *local.Client) error {
				in, err := agent.Inbox(cmd.Context(), local.InboxQuery{Limit: limit, Unread: unread, Text: text})
				if err != nil {
					return err
				}
				return p.write(in, func(w io.Writer) error { return writeInbox(w, in, time.Now()) })
			})
		},
	}
	c.Flags().BoolVar(&unread, "unread", false, "only those not read yet")
	c.Flags().IntVar(&limit, "limit", 20, "how many, 1 to 200")
	c.Flags().StringVar(&text, "search", "", "only those that contain this text")
	return c
}

func writeInbox(out io.Writer, in local.Inbox, now time.Time) error {
	if in.Offline {
		_, _ = fmt.Fprintln(out, "The server cannot be reached: this is what is kept on this device.")
	}
	if len(in.Items) == 0 {
		_, err := fmt.Fprintln(out, "Nothing here.")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, n := range in.Items {
		mark := " "
		if !n.Read {
			mark = "●"
		}
		title := n.Title
		if title == "" {
			title = n.Payload
		}
		priority := ""
		if n.Priority == api.PriorityHigh || n.Priority == api.PriorityUrgent {
			priority = string(n.Priority)
		}
		_, _ = fmt.Fprintf(w, "%s %s\t%s\t%s\t%s\t%s\n", mark, n.ID, when(n.CreatedAt, now), oneLine(n.Sender, 20), oneLine(title, 48), priority)
	}
	return w.Flush()
}

// when is short: the time today, the date before.
func when(t, now time.Time) string {
	t = t.Local()
	if y, m, d := t.Date(); y == now.Year() && m == now.Month() && d == now.Day() {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02")
}

func (p *program) show() *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Print one notification",
		Long:  "Print one notification. The first characters of its ID are enough while they name only one of the newest 200.",
		Args:  wrongArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAccount(cmd.Context(), func(agent *local.Client) error {
				id, err := resolve(cmd.Context(), agent, args[0])
				if err != nil {
					return err
				}
				n, err := agent.Notification(cmd.Context(), id)
				if err != nil {
					return err
				}
				return p.write(n, func(w io.Writer) error { return writeNotification(w, n) })
			})
		},
	}
}

func writeNotification(w io.Writer, n api.Notification) error {
	head := []string{}
	if n.Title != "" {
		head = append(head, oneLine(n.Title, 256))
	}
	from := n.CreatedAt.Local().Format(time.DateTime)
	if n.Sender != "" {
		from = oneLine(n.Sender, 128) + ", " + from
	}
	if n.Priority != api.PriorityNormal {
		from += ", " + string(n.Priority)
	}
	head = append(head, from, "")
	text := strings.Join(head, "\n") + "\n" + clean(n.Payload) + "\n"
	if n.URL != "" {
		text += "\n" + oneLine(n.URL, 2048) + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

// resolve turns a whole ID, or the beginning of one in the inbox, into an ID.
func resolve(ctx context.Context, agent *local.Client, s string) (api.ID, error) {
	return resolveAmong(s, func() ([]api.ID, error) {
		in, err := agent.Inbox(ctx, local.InboxQuery{Limit: 200})
		ids := make([]api.ID, len(in.Items))
		for i, n := range in.Items {
			ids[i] = n.ID
		}
		return ids, err
	})
}

// resolveAmong turns a whole ID, or the beginning of one of those listed, into an ID.
func resolveAmong(s string, list func() ([]api.ID, error)) (api.ID, error) {
	if id, err := api.ParseID(s); err == nil {
		return id, nil
	}
	if len(s) < 4 {
		return "", usage("%q is too short for an ID: give at least 4 characters", s)
	}
	ids, err := list()
	if err != nil {
		return "", err
	}
	var found []api.ID
	for _, id := range ids {
		if strings.HasPrefix(string(id), s) {
			found = append(found, id)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", api.NewProblem(api.CodeNotFound, "There is no notification whose ID begins with "+s+" among the newest 200.")
	}
	return "", usage("%d notifications begin with %s: give more of the ID", len(found), s)
}

func (p *program) read() *cobra.Command {
	var all, unread bool
	c := &cobra.Command{
		Use:   "read [ID…]",
		Short: "Mark notifications as read, on all your devices",
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) > 0) || (all && unread) {
				return usage("read needs IDs, or --all")
			}
			return p.withAccount(cmd.Context(), func(agent *local.Client) error {
				if all {
					if err := agent.MarkAllRead(cmd.Context()); err != nil {
						return err
					}
					return p.say("All read.")
				}
				for _, arg := range args {
					id, err := resolve(cmd.Context(), agent, arg)
					if err != nil {
						return err
					}
					if err := agent.SetRead(cmd.Context(), id, !unread); err != nil {
						return err
					}
				}
				return p.say("Done.")
			})
		},
	}
	c.Flags().BoolVar(&all, "all", false, "everything")
	c.Flags().BoolVar(&unread, "unread", false, "mark as not read instead")
	return c
}
