package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"securepush/agent/local"
)

func (p *program) pause() *cobra.Command {
	return &cobra.Command{
		Use:   "pause [30m | 1h | tomorrow | DURATION]",
		Short: "Show no notifications for a while",
		Long: "Show no notifications for a while, or without an argument for an hour; \"tomorrow\" is eight in the morning. What comes meanwhile\n" +
			"stands in the inbox, and is shown together afterwards. Quiet hours by weekday are set in the window.",
		Args:      wrongArgs(cobra.MaximumNArgs(1)),
		ValidArgs: []string{"30m", "1h", "tomorrow"},
		RunE: func(cmd *cobra.Command, args []string) error {
			until, err := pauseEnd(args, time.Now())
			if err != nil {
				return err
			}
			return p.withAgent(cmd.Context(), func(agent *local.Client) error {
				s, err := agent.Pause(cmd.Context(), until)
				if err != nil {
					return err
				}
				return p.writeQuiet(pausedUntil(s, until))
			})
		},
	}
}

// pausedUntil is the answer to a pause, which is of all accounts: that the one that was asked is muted is no answer.
func pausedUntil(s local.Status, until time.Time) local.Status {
	if s.Quiet != nil && s.Quiet.Reason == local.QuietMuted {
		s.Quiet = &local.Quiet{Reason: local.QuietPause, Until: &until}
	}
	return s
}

func (p *program) resume() *cobra.Command {
	return &cobra.Command{
		Use:   "resume",
		Short: "Show notifications again, now",
		Long:  "End a pause, and quiet hours until they begin the next time.",
		Args:  wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withAgent(cmd.Context(), func(agent *local.Client) error {
				s, err := agent.Resume(cmd.Context())
				if err != nil {
					return err
				}
				return p.writeQuiet(s)
			})
		},
	}
}

// pauseEnd reads for how long.
func pauseEnd(args []string, now time.Time) (time.Time, error) {
	if len(args) == 0 {
		return now.Add(time.Hour), nil
	}
	if args[0] == "tomorrow" {
		return local.Tomorrow(now), nil
	}
	d, err := time.ParseDuration(args[0])
	if err != nil || d <= 0 {
		return time.Time{}, usage("%q is no duration: give one such as 30m, 1h or 2h30m, or tomorrow", args[0])
	}
	return now.Add(d), nil
}

// writeQuiet says whether notifications are shown.
func (p *program) writeQuiet(s local.Status) error {
	return p.write(map[string]*local.Quiet{"quiet": s.Quiet}, func(w io.Writer) error {
		words := "Notifications are shown again."
		switch {
		case s.Quiet == nil:
		case s.Quiet.Reason == local.QuietMuted:
			words = "Notifications are shown again, but not those of muted accounts."
		default:
			words = quietWords(*s.Quiet)
		}
		_, err := fmt.Fprintln(w, words)
		return err
	})
}

func quietWords(q local.Quiet) string { return q.Words(time.Now()) + ". " + q.Advice() }
