package agent

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"securepush/agent/local"
)

// diagnosed is what a report is written of.
type diagnosed struct {
	version, system, desktop, proxy string
	status                          local.Status
	autostart                       local.Autostart
	history                         local.History
	settings                        local.Settings
	checks                          []local.Check
	private                         []string // names and paths that must not be in it
	now                             time.Time
}

// diagnostics writes a report that can be given to others: neither content nor IDs, secrets or names of people are in it.
func (a *Agent) diagnostics(ctx context.Context, st *seat) local.Diagnostics {
	d := diagnosed{
		version: a.o.Version, system: systemName(), proxy: proxies(os.Getenv), now: a.now(),
		desktop: strings.TrimSpace(os.Getenv("XDG_CURRENT_DESKTOP") + " " + os.Getenv("XDG_SESSION_TYPE")),
		checks:  a.doctor(ctx, st), autostart: a.autostart(), history: st.toldHistory(), settings: a.settings.get(),
	}
	d.status = st.status()
	home, _ := os.UserHomeDir()
	d.private = []string{d.settings.CAFile, home, deviceName(), os.Getenv("USER"), os.Getenv("LOGNAME")}
	if s := d.status.Account; s != nil {
		d.private = append(d.private, s.User, s.Device, s.ID)
	}
	for _, other := range d.status.Accounts {
		d.private = append(d.private, other.Account.User, other.Account.ID, d.settings.Accounts[other.Account.ID].Name)
	}
	return local.Diagnostics{Text: d.text()}
}

// text is a pure function of what was found.
func (d diagnosed) text() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		_, _ = fmt.Fprintf(&b, "%-12s %s\n", name, fmt.Sprintf(format, args...))
	}
	d.writeSurroundings(line)
	d.writeState(line)
	b.WriteString("\nChecks\n")
	for _, c := range d.checks {
		mark := "ok"
		if !c.OK {
			mark = "NOT OK"
		}
		line("  "+c.Name, "%s: %s", mark, d.withoutUser(c.Detail))
	}
	d.writeHistory(&b)
	b.WriteString("\nSettings\n")
	shown := d.settings
	if shown.CAFile != "" {
		shown.CAFile = "set"
	}
	shown.Accounts = nil                           // names stand there; what was chosen is told above
	if s, err := toml.Marshal(shown); err == nil { // it was read from there
		b.Write(s)
	}
	out := fmt.Sprintf("SecurePush %s, %s, %s/%s\nWritten %s\n", d.version, runtime.Version(), runtime.GOOS, runtime.GOARCH, d.now.UTC().Format(time.RFC3339))
	if d.status.Account != nil { // said as it is, though a name may be part of it
		out += fmt.Sprintf("%-12s %s\n", "Server", originOf(d.status.Account.Server))
	}
	return out + scrub(b.String(), d.private)
}

func (d diagnosed) writeSurroundings(line func(name, format string, args ...any)) {
	line("System", "%s", d.system)
	line("Desktop", "%s", orNone(d.desktop))
	line("Proxy", "%s", orNone(d.proxy))
	authority := "the system's"
	if d.settings.CAFile != "" {
		authority += " and a file"
	}
	line("Authorities", "%s", authority)
	at := "no"
	if d.autostart.Enabled {
		at = "yes, by " + d.autostart.Way
	}
	line("At login", "%s", at)
}

func (d diagnosed) writeState(line func(name, format string, args ...any)) {
	s := d.status
	line("Listening", "%v", s.Listening)
	line("Sign-in", "%s", s.SignIn)
	line("Link", "%s since %s", s.Link, momentOf(s.LinkSince))
	line("Last push", "%s", momentOf(s.LastPush))
	line("Inbox", "%d unread, %d waiting", s.Unread, s.Waiting)
	line("Tray", "%v", s.Tray)
	d.writeAccounts(line)
	line("Counters", "%+v", s.Counters)
	for _, c := range s.Conditions {
		line("Condition", "%s (%s): %s. %s", c.Code, c.Severity, c.Title, c.Advice)
	}
}

// writeAccounts says how the accounts are where there are several, without names.
func (d diagnosed) writeAccounts(line func(name, format string, args ...any)) {
	for i, a := range d.status.Accounts {
		this := ""
		if d.status.Account != nil && a.Account.ID == d.status.Account.ID {
			this = ", this report's"
		}
		chosen := d.settings.Accounts[a.Account.ID]
		if len(d.status.Accounts) > 1 || chosen != (local.AccountSettings{}) {
			line(fmt.Sprintf("Account %d", i+1), "%s, %s, muted %v, toasts %s%s", a.SignIn, a.Link, a.Muted, orNone(string(chosen.ToastContent)), this)
		}
	}
}

func (d diagnosed) writeHistory(b *strings.Builder) {
	counts := map[local.Outcome]int{}
	for _, p := range d.history.Pushes {
		counts[p.Outcome]++
	}
	_, _ = fmt.Fprintf(b, "\nLast %d pushes: %v\nLast latencies in ms: %v\n", len(d.history.Pushes), counts, d.history.Latencies)
	for _, p := range d.history.Pushes[:min(len(d.history.Pushes), 20)] {
		_, _ = fmt.Fprintf(b, "  %s %s", momentOf(&p.At), p.Outcome)
		if p.LatencyMS > 0 {
			_, _ = fmt.Fprintf(b, " after %d ms", p.LatencyMS)
		}
		b.WriteString("\n")
	}
}

// withoutUser masks the account's name where the doctor puts it, however short it is.
func (d diagnosed) withoutUser(s string) string {
	if a := d.status.Account; a != nil {
		return strings.ReplaceAll(s, a.User+" at "+a.Server, "‹name› at the server")
	}
	return s
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func momentOf(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}

// originOf is an address without what may identify somebody.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "‹address›"
	}
	return u.Scheme + "://" + u.Host
}

// proxies are those of the environment, without users and passwords.
func proxies(getenv func(string) string) string {
	var found []string
	for _, name := range []string{"HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"} {
		v := getenv(name)
		if v == "" {
			v = getenv(strings.ToLower(name))
		}
		if v == "" {
			continue
		}
		if !strings.Contains(v, "://") {
			v = "http://" + v
		}
		found = append(found, name+" "+originOf(v))
	}
	return strings.Join(found, ", ")
}

// systemName is what the system calls itself.
func systemName() string {
	b, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return runtime.GOOS
	}
	for l := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(l), "PRETTY_NAME="); ok {
			return strings.Trim(v, `"'`)
		}
	}
	return runtime.GOOS
}

const leastName = 2 // letters of a name that is looked for anywhere: one letter is a word

// scrub masks names, addresses' users and whatever looks like a token or an ID.
func scrub(text string, private []string) string {
	private = slices.Clone(private)
	slices.SortFunc(private, func(a, b string) int { return len(b) - len(a) }) // a folder before the name in it
	for _, name := range private {
		if len(name) < leastName {
			continue
		}
		whole := regexp.MustCompile(`(?i)(^|[^\pL\pN])` + regexp.QuoteMeta(name) + `($|[^\pL\pN])`)
		for range 2 { // neighbours share what is between them
			text = whole.ReplaceAllString(text, "${1}‹name›${2}")
		}
	}
	text = regexp.MustCompile(`://[^/\s@]*@`).ReplaceAllString(text, "://‹name›@")
	return regexp.MustCompile(`[A-Za-z0-9_-]{20,}`).ReplaceAllStringFunc(text, func(s string) string {
		mixed := s != strings.ToLower(s) && s != strings.ToUpper(s)
		if mixed || len(s) >= 32 && strings.ContainsAny(s, "0123456789") {
			return "‹secret›"
		}
		return s
	})
}
