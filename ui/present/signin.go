package present

import (
	"context"
	"errors"
	"strings"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/assets/words"
)

// maxUserBytes is the longest user name.
const maxUserBytes = 256

// checkAfter is how long typing an address pauses before the server is asked.
const checkAfter = 500 * time.Millisecond

// CheckState is what is known about the server's address.
type CheckState int

// The states of the check.
const (
	CheckNone CheckState = iota
	CheckRunning
	CheckGood
	CheckBad
)

// SignIn presents the sign-in page. The password is not kept: it stays in its field.
type SignIn struct {
	Changed func()

	Add          bool // to a further account, beside those that are there
	Server, User string
	Why          string // why the page is shown, or ""
	Check        CheckState
	CheckWords   string
	Untrusted    bool // the check failed for the certificate: the settings help
	UserBad      string
	PasswordBad  string
	Bad          string // what belongs to no field
	Facts        []Fact // about the certificate of the server that was checked
	ShowFacts    bool
	Busy         bool

	session Session
	work    *Work
	w       *words.Words
	shown   local.Status // for which the page was prepared
	done    func(local.Account)
	turn    int // rises with each change of the address
	stop    func()
	attempt int    // to sign in; the answer to an earlier one is dropped
	abandon func() // ends it
}

// NewSignIn makes one. done is called after a sign-in that worked.
func NewSignIn(session Session, work *Work, w *words.Words, done func(local.Account)) *SignIn {
	nop := func() {}
	return &SignIn{Changed: nop, session: session, work: work, w: w, done: done, stop: nop, abandon: nop}
}

// Show prepares the page for a reason: the fields keep what was typed, or take what the ended session had.
func (p *SignIn) Show(s local.Status) {
	p.shown = s
	p.explain()
	if a := s.Account; a != nil && p.Server == "" && p.User == "" {
		p.Server, p.User = a.Server, a.User
		p.check()
	} else if last := s.Last; a == nil && last != nil && p.Server == "" && p.User == "" {
		p.Server, p.User = last.Server, last.User
		p.check()
	}
	p.Changed()
}

// Wait says how much waits for the sign-in now.
func (p *SignIn) Wait(s local.Status) {
	p.shown = s
	p.explain()
	p.Changed()
}

// explain says why the page is shown.
func (p *SignIn) explain() {
	switch p.shown.SignIn {
	case local.SignInEnded:
		p.Why = p.w.SigninEnded()
		if n := p.shown.Waiting; n > 0 {
			p.Why += " " + p.w.SigninWaiting(n)
		}
	case local.SignInUnknown:
		p.Why = p.w.SigninKeyringAway()
	default:
		p.Why = ""
	}
}

// Reset forgets what was typed and said. A sign-in that is under way ends.
func (p *SignIn) Reset() {
	p.stop()
	p.abandon()
	p.turn++
	p.attempt++
	p.Busy = false
	p.Server, p.User, p.Why, p.Check, p.CheckWords, p.Untrusted = "", "", "", CheckNone, "", false
	p.Facts, p.ShowFacts = nil, false
	p.clearBad()
	p.Changed()
}

// SetServer takes what is typed as the address, and checks it when typing pauses.
func (p *SignIn) SetServer(s string) {
	if s == p.Server {
		return
	}
	p.stop()
	p.turn++
	p.Server, p.Check, p.CheckWords, p.Untrusted = s, CheckNone, "", false
	p.forgetFacts()
	if s != "" {
		p.stop = p.work.After(checkAfter, p.check)
	}
	p.Changed()
}

// SetUser takes what is typed as the user name.
func (p *SignIn) SetUser(s string) {
	if s == p.User {
		return
	}
	p.User = s
	p.clearBad()
}

// PasswordTyped forgets what was said about the last password.
func (p *SignIn) PasswordTyped() { p.clearBad() }

// TooMuch says beside a field that something was too long to be put in, and has been left out.
func (p *SignIn) TooMuch(bad *string, bytes int) {
	*bad = p.w.ComposePasteTooLong(kilobytes(p.w, bytes))
	p.Changed()
}

// ServerTooMuch says the same of the server.
func (p *SignIn) ServerTooMuch(bytes int) {
	p.stop()
	p.turn++
	p.Check, p.Untrusted = CheckBad, false
	p.forgetFacts()
	p.TooMuch(&p.CheckWords, bytes)
}

func (p *SignIn) clearBad() {
	if p.UserBad != "" || p.PasswordBad != "" || p.Bad != "" {
		p.UserBad, p.PasswordBad, p.Bad = "", "", ""
		p.Changed()
	}
}

// Recheck asks the server again, after the settings changed.
func (p *SignIn) Recheck() {
	if p.Server != "" && p.Check != CheckGood {
		p.check()
	}
}

func (p *SignIn) check() {
	p.stop()
	p.turn++
	turn := p.turn
	if _, err := api.ParseServer(p.Server); err != nil {
		p.serverBad(err)
		return
	}
	address := p.Server
	p.Check, p.CheckWords, p.Untrusted = CheckRunning, p.w.SigninChecking(), false
	p.Facts = nil
	p.work.Go(func(ctx context.Context) func() {
		info, err := p.session.CheckServer(ctx, address)
		return func() {
			if turn != p.turn {
				return
			}
			p.Facts = factsOf(p.w, info.Certificate)
			if err != nil {
				p.serverBad(err)
				p.distrust(info)
				return
			}
			p.Check, p.CheckWords = CheckGood, goodServer(p.w, info)
			p.Changed()
		}
	})
	p.Changed()
}

func (p *SignIn) serverBad(err error) {
	p.Check, p.CheckWords, p.Untrusted = CheckBad, problemWords(p.w, err), api.CodeOf(err) == api.CodeUntrusted
	p.Changed()
}

// Submit signs in. What is missing or wrong is said beside its field; nothing typed is lost.
func (p *SignIn) Submit(password api.Secret) {
	if p.Busy {
		return
	}
	p.stop()
	p.turn++
	p.UserBad, p.PasswordBad, p.Bad = "", "", ""
	if !p.complete(password) {
		p.Changed()
		return
	}
	p.Busy = true
	odd := oddPassword(password.Reveal())
	server, user, signIn := p.Server, p.User, p.session.SignIn
	if p.Add {
		signIn = p.session.AddAccount
	}
	p.attempt++
	attempt := p.attempt
	p.abandon = p.work.GoUntil(func(ctx context.Context) func() {
		account, err := signIn(ctx, server, user, password)
		return func() {
			if attempt != p.attempt {
				return
			}
			p.Busy = false
			if err != nil {
				p.refused(err)
				if odd && p.PasswordBad != "" {
					p.PasswordBad += " " + p.w.SigninOddPassword()
				}
			} else {
				p.Check, p.CheckWords, p.Why = CheckNone, "", ""
				p.forgetFacts()
				p.done(account)
			}
			p.Changed()
		}
	})
	p.Changed()
}

// oddPassword says whether a password may be other than it seems in its field: what was pasted with a space too many, say.
func oddPassword(s string) bool {
	return s != strings.TrimSpace(s) || strings.ContainsFunc(s, unseen)
}

func asProblem(err error) (*api.Problem, bool) { return errors.AsType[*api.Problem](err) }

func (p *SignIn) complete(password api.Secret) bool {
	if p.Server == "" {
		p.Check, p.CheckWords = CheckBad, p.w.SigninNoServer()
		p.forgetFacts()
	} else if _, err := api.ParseServer(p.Server); err != nil {
		p.serverBad(err)
	} else if p.Check != CheckGood {
		p.Check, p.CheckWords, p.Untrusted = CheckNone, "", false // the sign-in will tell
	}
	if p.User == "" {
		p.UserBad = p.w.SigninNoUser()
	} else {
		p.UserBad = checkLine(p.w, p.User, maxUserBytes)
	}
	if password.Empty() {
		p.PasswordBad = p.w.SigninNoPassword()
	}
	return p.Check != CheckBad && p.UserBad == "" && p.PasswordBad == ""
}

// refused puts an error beside the field it is about.
func (p *SignIn) refused(err error) {
	field := ""
	if q, ok := asProblem(err); ok {
		field = q.Field
	}
	switch code := api.CodeOf(err); {
	case code == api.CodeInvalidGrant:
		p.PasswordBad = p.w.SigninWrongPassword()
	case field == "user" || field == "username":
		p.UserBad = problemWords(p.w, err)
	case field == "password":
		p.PasswordBad = problemWords(p.w, err)
	case code == api.CodeUntrusted:
		p.check() // which tells more
	case field == "server", code == api.CodeUnknownServer, code == api.CodePlainHTTP, code == api.CodeUnreachable:
		p.serverBad(err)
	default:
		p.Bad = problemWords(p.w, err)
	}
}
