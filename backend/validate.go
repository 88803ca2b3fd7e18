package backend

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"securepush/api"
	"securepush/backend/hub/tagexpr"
)

// defaultLimits are the limits of a server whose Config names no others.
//
// A body of 64 KiB holds the largest payload even when every byte of it is escaped, and 1,000 recipients with names of
// ordinary length. The client reads one notification up to 64 KiB; 16 KiB of payload stay far below that.
var defaultLimits = api.Limits{
	BodyBytes: 64 << 10, TitleBytes: 256, PayloadBytes: 16 << 10, SenderBytes: 128, URLBytes: 2048, KeyBytes: 64,
	Recipients: 1000, PageItems: 200, RequestsPerSecond: 50, RequestBurst: 200, SignInsPerMinute: 5,
}

const (
	maxInstallationName = 128 // bytes
	maxExpiry           = 10 * 365 * 24 * time.Hour
	maxQueryText        = 256 // bytes
	maxIdempotencyKey   = 128 // bytes
)

// userName is ASCII, so that names that look or sort alike cannot be told apart by case folding alone: tags compare without
// regard to case, and a user's tag must be the user's own. Without a colon or a blank it can never be a tag expression.
var (
	userName       = shape{regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]*$`), 64}
	installationID = shape{regexp.MustCompile(`^[A-Za-z0-9_@#.:=-]+$`), 64}
)

// shape is what a text of ASCII may look like, and how long it may be. The length is not part of the expression: a counted
// repetition would take memory in every process of this program.
type shape struct {
	form *regexp.Regexp
	most int // bytes
}

// MatchString says whether a text has the shape.
func (s shape) MatchString(text string) bool { return len(text) <= s.most && s.form.MatchString(text) }

// textField says what a text may be.
type textField struct {
	name  string
	max   int  // bytes
	lines bool // \n and \t are allowed
}

// check refuses what is too long and control characters. They have no place in a toast or a log, and NUL ends strings in
// half of the programs that a text passes.
func (f textField) check(s string) error {
	if len(s) > f.max {
		return invalid(f.name, fmt.Sprintf("This field may have %d bytes at the most.", f.max))
	}
	bad := func(r rune) bool { return unicode.IsControl(r) && (!f.lines || r != '\n' && r != '\t') }
	if strings.ContainsFunc(s, bad) {
		return invalid(f.name, "This field holds a control character.")
	}
	return nil
}

// validateSend checks everything in a request to send but its recipients and sender, and turns the line ends of Windows
// into \n.
func validateSend(r *api.SendRequest, l api.Limits, now time.Time) error {
	r.Payload = strings.ReplaceAll(r.Payload, "\r\n", "\n")
	if strings.TrimSpace(r.Payload) == "" {
		return invalid("payload", "A notification needs a text.")
	}
	checks := []struct {
		textField
		value string
	}{
		{textField{"payload", l.PayloadBytes, true}, r.Payload},
		{textField{"title", l.TitleBytes, false}, r.Title},
		{textField{"sender", l.SenderBytes, false}, r.Sender},
		{textField{"key", l.KeyBytes, false}, r.Key},
	}
	for _, c := range checks {
		if err := c.check(c.value); err != nil {
			return err
		}
	}
	if !r.Priority.Valid() {
		return invalid("priority", "The priority must be low, normal, high or urgent.")
	}
	if r.Priority == "" {
		r.Priority = api.PriorityNormal
	}
	if err := validateLink(r.URL, l.URLBytes); err != nil {
		return err
	}
	if r.ExpiresAt == nil {
		return nil
	}
	if d := r.ExpiresAt.Sub(now); d <= 0 || d > maxExpiry {
		return invalid("expiresAt", "The time of expiry must lie in the next ten years.")
	}
	return nil
}

// validateLink admits https addresses only: a click on the notification opens them.
func validateLink(s string, limit int) error {
	if s == "" {
		return nil
	}
	if err := (textField{name: "url", max: limit}).check(s); err != nil {
		return err
	}
	u, err := url.Parse(s)
	if err != nil || strings.ContainsAny(s, " \"'<>\\`") || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Opaque != "" {
		return invalid("url", "The address must begin with https:// and name a host.").Because(err)
	}
	return nil
}

// validTag checks the form of a tag (Azure Notification Hubs).
func validTag(tag string) bool {
	return tagexpr.Valid(tag) && !strings.HasPrefix(tag, "$")
}

// clip cuts s to n bytes at a rune's edge.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
