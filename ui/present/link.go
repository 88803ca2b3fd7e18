package present

import (
	"slices"
	"strings"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/assets/words"
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
	Resume bool // a button ends do not disturb
}

// connectionOf says how the agent is. A nil status means that it has not been heard of yet.
func connectionOf(w *words.Words, s *local.Status, gone bool, now time.Time) Connection {
	switch {
	case gone:
		return Connection{ToneBad, w.StateNoAgent(), w.StateNoAgentShort()}
	case s == nil:
		return Connection{ToneWorking, w.StateConnecting(), w.StateConnecting()}
	}
	switch s.SignIn {
	case local.SignInEnded:
		return Connection{ToneAttention, w.StateSignInNeeded(), w.StateSignInNeededShort()}
	case local.SignInLocked:
		return Connection{ToneAttention, w.StateLocked(), w.StateLockedShort()}
	case local.SignInNever:
		return Connection{ToneQuiet, w.StateSignedOut(), w.StateSignedOutShort()}
	case local.SignInUnknown:
		return Connection{ToneAttention, w.StateNoKeyring(), w.StateNoKeyringShort()}
	}
	switch s.Link {
	case local.LinkConnected:
		return Connection{ToneGood, w.StateConnected(), w.StateConnected()}
	case local.LinkOffline:
		if s.LinkSince != nil {
			return Connection{ToneOffline, w.StateOfflineSince(w.Since(*s.LinkSince, now)), w.StateOffline()}
		}
		return Connection{ToneOffline, w.StateOffline(), w.StateOffline()}
	default:
		return Connection{ToneWorking, w.StateConnecting(), w.StateConnecting()}
	}
}

// Codes of conditions that are shown in another way.
var (
	pageCodes = []string{string(api.CodeSignInNeeded), string(api.CodeKeyringLocked), string(api.CodeKeyringUnavailable)}
	awayCodes = []string{"offline", "server"} // the list may be an old one

	quietCodes = []string{"paused", "quiet_hours", "desktop_quiet", "muted"}
)

// mostNotices bounds the lines above the inbox.
const mostNotices = 3

// noticesOf is what stands above the inbox, worst first.
func noticesOf(w *words.Words, s *local.Status, gone bool, asOf *time.Time, now time.Time) []Notice {
	if gone {
		return []Notice{{ToneBad, sentence(w.AgentTitle()), w.NoticeNoAgent(), true, false}}
	}
	if s == nil {
		return nil
	}
	var out []Notice
	old := ""
	if asOf != nil {
		old = w.NoticeListFrom(w.Since(*asOf, now))
	}
	for _, c := range s.Conditions {
		if slices.Contains(pageCodes, c.Code) || len(out) == mostNotices {
			continue
		}
		n := noticeOf(w, c, s.Quiet, now)
		n.Resume = s.Quiet != nil && s.Quiet.Reason != local.QuietDesktop && slices.Contains(quietCodes, c.Code)
		if slices.Contains(awayCodes, c.Code) && old != "" {
			n.Advice, old = n.Advice+" "+old, ""
		}
		out = append(out, n)
	}
	if old != "" {
		out = append(out, Notice{Tone: ToneOffline, Title: w.NoticeNotReached(), Advice: old})
	}
	return out
}

func noticeOf(w *words.Words, c local.Condition, quiet *local.Quiet, now time.Time) Notice {
	if c.Code == "offline" {
		return Notice{Tone: ToneOffline, Title: w.NoticeOfflineSince(w.Since(c.Since, now)), Advice: w.NoticeCatchingUp()}
	}
	title, advice := conditionWords(w, c)
	if quiet != nil && slices.Contains(quietCodes, c.Code) {
		title, advice = quietWords(w, *quiet, now)
	}
	n := Notice{Tone: ToneQuiet, Title: sentence(title), Advice: sentence(advice)}
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
