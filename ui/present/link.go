package present

import (
	"slices"
	"strings"
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

// Codes of conditions that are shown in another way.
var (
	pageCodes = []string{string(api.CodeSignInNeeded), string(api.CodeKeyringLocked), string(api.CodeKeyringUnavailable)}
	awayCodes = []string{"offline", "server"} // the list may be an old one
)

// mostNotices bounds the lines above the inbox.
const mostNotices = 3

// noticesOf is what stands above the inbox, worst first.
func noticesOf(s *local.Status, gone bool, asOf *time.Time, now time.Time) []Notice {
	if gone {
		return []Notice{{ToneBad, WordNoAgentTitle + ".", "No notifications arrive until it runs again.", true}}
	}
	if s == nil {
		return nil
	}
	var out []Notice
	old := ""
	if asOf != nil {
		old = "The list is from " + Since(*asOf, now) + "."
	}
	for _, c := range s.Conditions {
		if slices.Contains(pageCodes, c.Code) || len(out) == mostNotices {
			continue
		}
		n := noticeOf(c, now)
		if slices.Contains(awayCodes, c.Code) && old != "" {
			n.Advice, old = n.Advice+" "+old, ""
		}
		out = append(out, n)
	}
	if old != "" {
		out = append(out, Notice{Tone: ToneOffline, Title: "The server was not reached.", Advice: old})
	}
	return out
}

func noticeOf(c local.Condition, now time.Time) Notice {
	if c.Code == "offline" {
		return Notice{Tone: ToneOffline, Title: "Offline since " + Since(c.Since, now) + ".", Advice: "Catching up by itself."}
	}
	n := Notice{Tone: ToneQuiet, Title: sentence(c.Title), Advice: sentence(c.Advice)}
	switch c.Severity {
	case local.SeverityError:
		n.Tone = ToneBad
	case local.SeverityAttention:
		n.Tone = ToneAttention
	case local.SeverityInfo:
	}
	return n
}

// sentence makes one line that ends like a sentence.
func sentence(s string) string {
	if s = Line(s); s != "" && !strings.ContainsAny(s[len(s)-1:], ".!?") && !strings.HasSuffix(s, "…") {
		s += "."
	}
	return s
}
