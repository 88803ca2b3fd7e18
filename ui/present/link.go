package present

import (
	"slices"
	"time"

	"securepush/agent/local"
	"securepush/api"
)

// Tone is the colour and icon of something said. Its words say the same.
type Tone int

// The tones.
const (
	ToneQuiet Tone = iota
	ToneGood
	ToneWorking
	ToneAttention
	ToneBad
	ToneOffline
)

// Connection is the header's word on the state of the agent.
type Connection struct {
	Tone  Tone
	Words string
	Short string // for a narrow window
}

// Notice is a line above the content: something that keeps notifications from arriving as they should.
type Notice struct {
	Tone   Tone
	Title  string
	Advice string
	Start  bool // a button starts the agent
}

// connectionOf says how the agent is. A nil status means that it has not been heard of yet.
func connectionOf(s *local.Status, gone bool, now time.Time) Connection {
	switch {
	case gone:
		return Connection{ToneBad, "Agent not running", "No agent"}
	case s == nil:
		return Connection{ToneWorking, "Connecting…", "Connecting…"}
	}
	switch s.SignIn {
	case local.SignInEnded:
		return Connection{ToneAttention, "Sign-in needed", "Sign in"}
	case local.SignInLocked:
		return Connection{ToneAttention, "Keyring locked", "Locked"}
	case local.SignInNever:
		return Connection{ToneQuiet, "Not signed in", "Signed out"}
	case local.SignInUnknown:
		return Connection{ToneAttention, "Keyring not available", "No keyring"}
	}
	switch s.Link {
	case local.LinkConnected:
		return Connection{ToneGood, "Connected", "Connected"}
	case local.LinkOffline:
		if s.LinkSince != nil {
			return Connection{ToneOffline, "Offline since " + Since(*s.LinkSince, now), "Offline"}
		}
		return Connection{ToneOffline, "Offline", "Offline"}
	default:
		return Connection{ToneWorking, "Connecting…", "Connecting…"}
	}
}

// pageCodes are conditions that a whole page or the offline line says already.
var pageCodes = []string{
	string(api.CodeSignInNeeded), string(api.CodeKeyringLocked), "sign_in_ended", "signed_out", "offline", string(api.CodeUnreachable),
}

// noticesOf is what stands above the inbox, worst first, at most three lines.
func noticesOf(s *local.Status, gone bool, asOf *time.Time, now time.Time) []Notice {
	if gone {
		return []Notice{{ToneBad, WordNoAgentTitle + ".", "No notifications arrive until it runs again.", true}}
	}
	if s == nil {
		return nil
	}
	var out []Notice
	if s.Link == local.LinkOffline || asOf != nil {
		n := Notice{Tone: ToneOffline, Title: "Offline.", Advice: "Catching up by itself."}
		if s.Link == local.LinkOffline && s.LinkSince != nil {
			n.Title = "Offline since " + Since(*s.LinkSince, now) + "."
		}
		if asOf != nil {
			n.Advice += " The list is from " + Since(*asOf, now) + "."
		}
		out = append(out, n)
	}
	for _, c := range s.Conditions {
		if slices.Contains(pageCodes, c.Code) || len(out) == 3 {
			continue
		}
		n := Notice{Tone: ToneQuiet, Title: Line(c.Title), Advice: Line(c.Advice)}
		switch c.Severity {
		case local.SeverityError:
			n.Tone = ToneBad
		case local.SeverityAttention:
			n.Tone = ToneAttention
		}
		out = append(out, n)
	}
	return out
}
