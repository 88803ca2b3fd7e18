package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"securepush/agent/local"
	"securepush/assets/words"
)

func (p *program) history() *cobra.Command {
	return &cobra.Command{
		Use:   "history",
		Short: "Say what came of the last pushes",
		Long: "Say what came of the last 50 pushes since the listener started, with the reason for what was not shown, and how long the\n" +
			"last ten took from push to toast. It holds no content.",
		Args: wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withAccount(cmd.Context(), func(agent *local.Client) error {
				h, err := agent.History(cmd.Context())
				if err != nil {
					return err
				}
				return p.write(h, func(w io.Writer) error { return writeHistory(w, h) })
			})
		},
	}
}

func writeHistory(out io.Writer, h local.History) error {
	if len(h.Pushes) == 0 {
		_, err := fmt.Fprintln(out, "No push has come since the listener started.")
		return err
	}
	say := words.New("en")
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, p := range h.Pushes {
		text, ok := say.Outcome(string(p.Outcome))
		if !ok {
			text = string(p.Outcome)
		}
		switch {
		case p.LatencyMS > 0:
			text += fmt.Sprintf(" after %d ms", p.LatencyMS)
		case p.Found:
			text += ", found when catching up"
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", p.At.Local().Format(time.DateTime), clean(p.ID), text)
	}
	if err := w.Flush(); err != nil || len(h.Latencies) == 0 {
		return err
	}
	took := make([]string, len(h.Latencies))
	for i, ms := range h.Latencies {
		took[i] = fmt.Sprint(ms)
	}
	_, err := fmt.Fprintf(out, "From push to toast, in ms, newest first: %s\n", strings.Join(took, " "))
	return err
}
