package present

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"securepush/agent/local"
	"securepush/assets/words"
)

// Facts are what is known of the account and the way of its pushes.
func (s *Shell) Facts() []Fact { return linkFacts(s.opts.Words, s.status, s.gone, s.opts.Now()) }

func linkFacts(w *words.Words, s *local.Status, gone bool, now time.Time) []Fact {
	if s == nil || s.Account == nil {
		return nil
	}
	a := s.Account
	server := Line(a.Server)
	if name := Line(a.ServerName); name != "" {
		server = w.ConnectionServerWords(name, server)
	}
	out := []Fact{{w.ConnectionAccount(), Line(a.User)}, {w.ConnectionServer(), server}}
	if name := Line(a.Device); name != "" {
		out = append(out, Fact{w.ConnectionThis(), name})
	}
	if gone || s.SignIn != local.SignInActive {
		return out
	}
	out = append(out, Fact{w.ConnectionPush(), pushWords(w, s, now)})
	last := w.ConnectionNoPush()
	if s.LastPush != nil {
		last = capital(w.Since(*s.LastPush, now))
	}
	return append(out, Fact{w.ConnectionLastPush(), last})
}

// pushWords say how the way to the push service is.
func pushWords(w *words.Words, s *local.Status, now time.Time) string {
	switch {
	case s.Link == local.LinkConnected && s.LinkSince != nil:
		return w.ConnectionConnectedSince(w.Since(*s.LinkSince, now))
	default:
		return connectionOf(w, s, false, now).Words
	}
}

// capital makes the first letter a large one.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// Duration is a time in milliseconds, in words: "14 ms", "1.2 s".
func Duration(w *words.Words, ms int64) string {
	ms = max(ms, 0)
	switch {
	case ms < 1000:
		return w.ConnectionMilliseconds(strconv.FormatInt(ms, 10))
	case ms < 100_000:
		tenths := (ms + 50) / 100
		whole, part := strconv.FormatInt(tenths/10, 10), strconv.FormatInt(tenths%10, 10)
		if part != "0" {
			whole += w.ComposeDecimal() + part
		}
		return w.ConnectionSeconds(whole)
	default:
		return w.ConnectionSeconds(strconv.FormatInt(ms/1000, 10))
	}
}

// LatencyBar is one of the last latencies.
type LatencyBar struct {
	Words string
	Part  float32 // of the longest one, from 0 to 1
}

// LatencyBars are the last latencies, the newest last, and a sentence about all; without any, only the sentence.
func LatencyBars(w *words.Words, latencies []int64) ([]LatencyBar, string) {
	if len(latencies) == 0 {
		return nil, w.ConnectionSpeedNone()
	}
	sorted := slices.Sorted(slices.Values(latencies))
	most := sorted[len(sorted)-1]
	bars := make([]LatencyBar, len(latencies))
	for i, ms := range latencies {
		bars[len(latencies)-1-i] = LatencyBar{Words: Duration(w, ms), Part: float32(max(ms, 0)) / float32(max(most, 1))}
	}
	return bars, w.ConnectionSpeedWords(Duration(w, sorted[(len(sorted)-1)/2]), Duration(w, most))
}

// DeviceRow is a device, ready to draw.
type DeviceRow struct {
	ID     string
	Name   string
	When   string
	CanOut bool // it is another one
}

// DeviceRowOf makes the row.
func DeviceRowOf(w *words.Words, d local.Device, now time.Time) DeviceRow {
	r := DeviceRow{ID: d.ID, Name: DeviceName(w, d), When: w.ConnectionUnheard(), CanOut: !d.This}
	if d.LastUpdate != nil {
		r.When = w.ConnectionHeard(w.Since(*d.LastUpdate, now))
	}
	if d.This {
		r.When = w.ConnectionThis() + " · " + r.When
	}
	return r
}

// DeviceName is what a device is called, or that it has no name.
func DeviceName(w *words.Words, d local.Device) string {
	if name := strings.TrimSpace(Line(d.Name)); name != "" {
		return name
	}
	return w.SentNoName()
}

// PushRow is what came of a push, ready to draw.
type PushRow struct {
	When  string
	Words string
	Tone  Tone
	Held  bool // it waits, because the person wants it so
}

// PushRowOf makes the row.
func PushRowOf(w *words.Words, p local.Push, now time.Time) PushRow {
	said, ok := w.Outcome(string(p.Outcome))
	if !ok {
		said = Line(string(p.Outcome))
	}
	r := PushRow{Words: said, Tone: outcomeTone(p.Outcome), Held: p.Outcome == local.OutcomeQuiet || p.Outcome == local.OutcomeLocked}
	at := p.At.In(now.Location())
	r.When = w.ClockSeconds(at)
	if daysBetween(at, now) != 0 {
		r.When = capital(w.Since(at, now))
	}
	if p.LatencyMS > 0 {
		r.Words += " " + w.ConnectionHistoryAfter(Duration(w, p.LatencyMS))
	}
	if p.Found {
		r.Words += ", " + w.ConnectionHistoryFound()
	}
	return r
}

func outcomeTone(o local.Outcome) Tone {
	switch o {
	case local.OutcomeShown, local.OutcomeDigest:
		return ToneGood
	case local.OutcomeArriving, local.OutcomeQuiet, local.OutcomeLocked, local.OutcomeLater:
		return ToneWorking
	case local.OutcomeWaitingServer, local.OutcomeWaitingSignIn, local.OutcomeWaitingKeyring, local.OutcomeWaitingDesktop, local.OutcomeGeneric:
		return ToneAttention
	case local.OutcomeRefused, local.OutcomeNotAnID, local.OutcomeUndecryptable:
		return ToneBad
	default:
		return ToneQuiet
	}
}
