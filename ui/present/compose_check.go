package present

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"securepush/api"
	"securepush/assets/words"
)

// What a notification may hold, in bytes, as a server of ours has it. A server with other limits says so when it is asked.
const (
	MaxToBytes      = 64 << 10
	MaxTitleBytes   = 256
	MaxTextBytes    = 16 << 10
	MaxLinkBytes    = 2048
	mostRecipients  = 1000
	mostNamed       = 5       // recipients that are named one by one
	countTextFrom   = 1 << 10 // a text is counted when it is longer
	mostExpiryYears = 10
)

// Expiry says how long a notification is kept.
type Expiry int

// The choices for the expiry.
const (
	ExpiryNever Expiry = iota
	ExpiryToday        // until midnight
	ExpiryWeek         // for seven days
	ExpiryDay          // until the end of a day that the person names
)

// at is the moment; not ok without one.
func (e Expiry) at(until string, now time.Time) (time.Time, bool) {
	switch e {
	case ExpiryToday:
		return endOf(now), true
	case ExpiryWeek:
		return now.AddDate(0, 0, 7), true
	case ExpiryDay:
		return dayOf(until, now.Location())
	default:
		return time.Time{}, false
	}
}

// endOf is the midnight that ends a day.
func endOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, t.Location())
}

// dayOf reads "2026-12-24" or "24.12.2026" and gives the end of that day.
func dayOf(s string, loc *time.Location) (time.Time, bool) {
	for _, form := range []string{"2006-1-2", "2.1.2006"} {
		if t, err := time.ParseInLocation(form, strings.TrimSpace(s), loc); err == nil {
			return endOf(t), true
		}
	}
	return time.Time{}, false
}

// check finds what is wrong with the draft. While typing, what is not finished is not wrong yet.
func (c *Compose) check(finished bool) ComposeBad {
	d := c.Draft
	return ComposeBad{
		To:    c.checkTo(d.To),
		Title: c.checkText(d.Title, MaxTitleBytes, false),
		Text:  c.checkBody(d.Text, finished),
		Link:  c.checkLink(strings.TrimSpace(d.Link), finished),
		Until: c.checkUntil(finished),
	}
}

func (c *Compose) checkTo(s string) string {
	switch bad := c.checkText(s, MaxToBytes, true); {
	case !c.ToOthers:
		return ""
	case bad != "":
		return bad
	case strings.ContainsFunc(s, func(r rune) bool { return unseen(r) && !unicode.IsControl(r) }):
		return c.w.ComposeControl()
	case len(recipients(s)) > mostRecipients:
		return c.w.ComposeTooMany(mostRecipients)
	default:
		return ""
	}
}

// checkText says whether a text is too long or holds what cannot be seen and is sent nowhere.
func (c *Compose) checkText(s string, most int, lines bool) string {
	if n := len(strings.TrimSpace(s)); n > most {
		return c.w.ComposeTooLong(kilobytes(c.w, n), kilobytes(c.w, most))
	}
	control := func(r rune) bool { return unicode.IsControl(r) && (!lines || r != '\n' && r != '\t' && r != '\r') }
	if strings.ContainsFunc(s, control) {
		return c.w.ComposeControl()
	}
	return ""
}

// checkLine says the same of a name, in which nothing that cannot be seen has a place.
func checkLine(w *words.Words, s string, most int) string {
	switch {
	case len(s) > most:
		return w.ComposeTooLong(kilobytes(w, len(s)), kilobytes(w, most))
	case strings.ContainsFunc(s, unseen):
		return w.ComposeControl()
	default:
		return ""
	}
}

// unseen says whether a character cannot be seen, or stands for one that could not be read.
func unseen(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d' // they belong to words of some languages, and to emoji
	return unicode.IsControl(r) || hidden(r) || r == unicode.ReplacementChar || unicode.Is(unicode.Cf, r) && r != nonJoiner && r != joiner
}

func (c *Compose) checkBody(s string, finished bool) string {
	if finished && strings.TrimSpace(s) == "" {
		return c.w.ComposeNoText()
	}
	return c.checkText(s, MaxTextBytes, true)
}

const secureScheme = "https://"

func (c *Compose) checkLink(s string, finished bool) string {
	begin := strings.ToLower(s[:min(len(s), len(secureScheme))])
	switch {
	case s == "":
		return ""
	case !strings.HasPrefix(secureScheme, begin):
		return c.w.ComposeBadLink()
	case len(s) <= len(secureScheme):
		if finished {
			return c.w.ComposeBadLink()
		}
		return ""
	}
	if bad := c.checkText(s, MaxLinkBytes, false); bad != "" {
		return bad
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || strings.ContainsAny(s, " \"'<>\\`") || u.Hostname() == "":
		return c.w.ComposeNoAddress()
	case u.User != nil:
		return c.w.ComposeLinkUser()
	default:
		return ""
	}
}

func (c *Compose) checkUntil(finished bool) string {
	d, now := c.Draft, c.now()
	if d.Expiry != ExpiryDay {
		return ""
	}
	at, ok := dayOf(d.Until, now.Location())
	switch {
	case !ok && (finished || len(strings.TrimSpace(d.Until)) > len("24.12.2026")):
		return c.w.ComposeBadDay()
	case !ok:
		return ""
	case !at.After(now):
		return c.w.ComposePastDay()
	case at.After(now.AddDate(mostExpiryYears, 0, 0)):
		return c.w.ComposeFarDay()
	default:
		return ""
	}
}

// TextCount says how much of the room for the text is used, once that is worth a word.
func (c *Compose) TextCount() string {
	n := len(strings.TrimSpace(c.Draft.Text))
	if n < countTextFrom || n > MaxTextBytes {
		return ""
	}
	return c.w.ComposeUsed(kilobytes(c.w, n), kilobytes(c.w, MaxTextBytes))
}

// kilobytes is a size as a person reads it.
func kilobytes(w *words.Words, n int) string {
	if n < 1<<10 {
		return w.ComposeBytes(fmt.Sprint(n))
	}
	if n%(1<<10) == 0 || n >= 100<<10 {
		return w.ComposeKilobytes(fmt.Sprint(n >> 10))
	}
	whole, tenth := n>>10, n%(1<<10)*10>>10
	return w.ComposeKilobytes(fmt.Sprint(whole) + w.ComposeDecimal() + fmt.Sprint(tenth))
}

// recipients reads user names divided by commas, semicolons or spaces, each once, or one tag expression.
func recipients(s string) api.Recipients {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil
	}
	if isExpression(s) {
		return api.Recipients{s}
	}
	var out api.Recipients
	for _, name := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",; \n\t", r) }) {
		if !slices.ContainsFunc(out, func(have string) bool { return strings.EqualFold(have, name) }) {
			out = append(out, name)
		}
	}
	return out
}

func isExpression(s string) bool { return strings.ContainsAny(s, "&|!():") }

// Means says in words to whom the draft goes.
func (c *Compose) Means() string {
	to := recipients(c.Draft.To)
	switch {
	case !c.ToOthers || len(to) == 0:
		return c.w.ComposeSelf()
	case isExpression(to[0]):
		return c.w.ComposeMeansTags(Line(spelled(c.w, to[0])))
	case len(to) > mostNamed:
		return c.w.ComposeMeansMany(len(to))
	default:
		return c.w.ComposeMeansNames(Line(strings.Join(to, ", ")))
	}
}

// spelled writes the operators of a tag expression as words.
func spelled(w *words.Words, s string) string {
	s = strings.NewReplacer("&&", " "+w.ComposeAnd()+" ", "||", " "+w.ComposeOr()+" ", "!", " "+w.ComposeNot()+" ").Replace(s)
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "( ", "(")
}

// Preview is the toast as it will look.
type Preview struct {
	Title, Text, Sender string
	Priority            string // in words, "" for the usual
	Urgent              bool
	Empty               bool // nothing is typed yet
}

// What a toast shows at the most, in characters.
const (
	toastTitle = 64
	toastText  = 240
)

// Preview makes the toast of the draft.
func (c *Compose) Preview() Preview {
	d := c.Draft
	p := Preview{Title: toastLine(d.Title, toastTitle), Text: toastLine(d.Text, toastText), Sender: toastLine(c.user, toastTitle)}
	p.Empty = p.Title+p.Text == ""
	if p.Title == "" {
		p.Title, p.Sender = p.Sender, "" // as the toast does
	}
	if p.Title == p.Sender {
		p.Sender = ""
	}
	if d.Priority != api.PriorityNormal {
		p.Priority = PriorityWord(c.w, d.Priority)
	}
	p.Urgent = d.Priority == api.PriorityUrgent
	return p
}

// toastLine is one line of at most limit characters.
func toastLine(s string, limit int) string {
	r := []rune(line(s[:min(len(s), MaxTextBytes)], limit+1))
	if len(r) <= limit {
		return string(r)
	}
	return strings.TrimRight(string(r[:limit-1]), " ") + "…"
}

// ExpiryMeans says when the notification will be gone, "" when never or not known yet.
func (c *Compose) ExpiryMeans() string {
	now := c.now()
	at, ok := c.Draft.Expiry.at(c.Draft.Until, now)
	if !ok {
		return ""
	}
	return c.w.ComposeExpiryMeans(c.w.DateAndClock(at.Add(-time.Second).In(now.Location())))
}
