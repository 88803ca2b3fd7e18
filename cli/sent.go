package cli

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"securepush/agent/local"
	"securepush/api"
)

func (p *program) sent() *cobra.Command {
	var limit int
	c := &cobra.Command{
		Use:   "sent [ID]",
		Short: "List what you have sent and how far it has come, newest first",
		Long: "List what you have sent and how far it has come: sent, delivered to a device, shown there, read. With an ID, one notification\n" +
			"that you have sent or received; the first characters are enough while they name only one of the newest 200 that you sent.",
		Args: wrongArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 1 || limit > 200 {
				return usage("--limit goes from 1 to 200")
			}
			return p.withAccount(cmd.Context(), func(agent *local.Client) error {
				if len(args) == 1 {
					return p.delivery(cmd.Context(), agent, args[0])
				}
				page, err := agent.Sent(cmd.Context(), "", limit)
				if err != nil {
					return err
				}
				return p.write(page, func(w io.Writer) error { return writeSent(w, page, time.Now()) })
			})
		},
	}
	c.Flags().IntVar(&limit, "limit", 20, "how many, 1 to 200")
	return c
}

// delivery prints how far one notification has come.
func (p *program) delivery(ctx context.Context, agent *local.Client, arg string) error {
	id, err := resolveAmong(arg, func() ([]api.ID, error) {
		page, err := agent.Sent(ctx, "", 200)
		ids := make([]api.ID, len(page.Items))
		for i, d := range page.Items {
			ids[i] = d.ID
		}
		return ids, err
	})
	if err != nil {
		return err
	}
	d, err := agent.Delivery(ctx, id)
	if err != nil {
		return err
	}
	return p.write(d, func(w io.Writer) error { return writeDelivery(w, d) })
}

func writeSent(out io.Writer, page api.SentPage, now time.Time) error {
	if len(page.Items) == 0 {
		_, err := fmt.Fprintln(out, "Nothing here.")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, d := range page.Items {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", d.ID, when(d.CreatedAt, now), oneLine(d.To, 20), oneLine(d.Title, 48), stageWords(d))
	}
	return w.Flush()
}

// stageWords is how far a notification has come, in few words.
func stageWords(d api.Delivery) string {
	words := string(api.StageSent)
	switch d.State {
	case api.StageRead:
		words = "read"
	case api.StageShown:
		words = "shown on " + count(d.ShownOn, "device", "devices")
	case api.StageDelivered:
		words = "delivered to " + count(d.DeliveredTo, "device", "devices")
	case api.StageSent:
	}
	if d.Gone {
		words += ", gone"
	}
	return words
}

func writeDelivery(out io.Writer, d api.Delivery) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(name, text string) { _, _ = fmt.Fprintf(w, "%s\t%s\n", name, text) }
	row("To", clean(d.To))
	if d.Title != "" {
		row("Title", oneLine(d.Title, 256))
	}
	row("Sent", moment(&d.CreatedAt))
	if d.DeliveredTo > 0 {
		row("Delivered", moment(d.Delivered)+", to "+count(d.DeliveredTo, "device", "devices"))
	}
	if d.ShownOn > 0 {
		row("Shown", moment(d.Shown)+", on "+count(d.ShownOn, "device", "devices"))
	}
	if d.State == api.StageRead {
		read := moment(d.Read)
		if d.ReadOn != "" {
			read += ", on " + oneLine(d.ReadOn, 64)
		}
		row("Read", read)
	}
	if d.Gone {
		row("Gone", "deleted, replaced or expired")
	}
	for _, device := range d.Devices {
		name := oneLine(device.Name, 64)
		if name == "" {
			name = "A device without a name"
		}
		row("  "+name, deviceWords(device))
	}
	return w.Flush()
}

func deviceWords(d api.DeviceDelivery) string {
	switch {
	case d.Shown != nil:
		return "shown " + moment(d.Shown)
	case d.Delivered != nil:
		return "delivered " + moment(d.Delivered)
	}
	return "not yet"
}

func moment(t *time.Time) string {
	if t == nil {
		return "at a time that is not known"
	}
	return t.Local().Format(time.DateTime)
}
