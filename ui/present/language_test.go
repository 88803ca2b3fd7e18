package present

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/assets/words"
	"securepush/ui/present/presenttest"
)

func german(prepare func(*presenttest.Agent)) func(*presenttest.Agent) {
	return func(f *presenttest.Agent) {
		prepare(f)
		f.Choices.Language = "de"
	}
}

func TestTheLanguageFollowsTheSettings(t *testing.T) {
	perform(t, german(nobody), func(s *stage) {
		s.is("not before the settings are known to all", s.shell.Speak(), true)
		s.is("again", s.shell.Speak(), false)
		s.is("header", s.shell.Connection().Words, "Nicht angemeldet")
		s.is("sending", s.shell.Compose.Blocked, "Bitte zuerst anmelden.")
		v := s.shell.Settings.Values
		v.Language = "system"
		s.shell.Settings.Apply(v)
		s.is("changed", s.shell.Speak(), true)
		s.is("header", s.shell.Connection().Words, "Not signed in")
	})
}

func TestWhyOneIsAskedToSignInIsSaidInTheNewLanguage(t *testing.T) {
	perform(t, german(func(f *presenttest.Agent) {
		signedIn(f)
		f.Now.SignIn, f.Now.Waiting = local.SignInEnded, 3
	}), func(s *stage) {
		s.shell.Speak()
		s.is("why", s.shell.SignIn.Why, "Die Anmeldung ist abgelaufen. Neu anmelden, um Mitteilungen zu lesen. 3 warten.")
	})
}

// failures are what client and agent really say.
func failures() map[string]error {
	base := &url.URL{Scheme: "https", Host: "push.clinic.example"}
	_, address := api.ParseServer("ftp://x")
	_, plain := api.ParseServer("http://push.clinic.example")
	issuer := &x509.Certificate{Issuer: pkix.Name{CommonName: "St. Anna Root CA"}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1e9, 0)}
	return map[string]error{
		"https://push.example.org": address,
		"localhost":                plain,
		"push.clinic.example ist":  api.TransportProblem(base, errors.New("connection refused")),
		"namens push.clinic":       api.TransportProblem(base, &net.DNSError{IsNotFound: true}),
		"spricht an diesem":        api.TransportProblem(base, tls.RecordHeaderError{}),
		"St. Anna Root CA":         api.TransportProblem(base, &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{Cert: issuer}}),
		"nur von 1 January 1970":   api.TransportProblem(base, &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Cert: issuer, Reason: x509.Expired}}),
		"wait, as":                 api.NewProblem("something_new", "Please wait, as nobody has translated this."),
		"Konto darf das nicht":     api.NewProblem(api.CodeForbidden, "This is not said anywhere else."),
		"Ursache steht":            errors.New("a defect"),
	}
}

func TestProblemsAreSaidInThePersonsLanguage(t *testing.T) {
	de := words.New("de")
	for part, err := range failures() {
		if got := problemWords(de, err); !strings.Contains(got, part) {
			t.Errorf("%q does not say %q", got, part)
		}
		if got := problemWords(&words.Words{}, err); got != api.Words(err) {
			t.Errorf("in English: %q", got)
		}
	}
}

func TestConditionsAreSaidInThePersonsLanguage(t *testing.T) {
	de := words.New("de")
	for _, tt := range []struct {
		c             local.Condition
		title, advice string
	}{
		{local.Condition{Code: "paused", Title: "Paused until 15:30", Advice: "What comes meanwhile is shown then."}, "Pausiert bis 15:30", "Was inzwischen kommt, wird danach gezeigt."},
		{local.Condition{Code: "journal", Title: "The journal cannot be written", Advice: "The disk is full."}, "Das Journal kann nicht geschrieben werden", "Der Datenträger ist voll."},
		{local.Condition{Code: "toasts", Title: "Toasts cannot be shown", Advice: "Start dunst."}, "Einblendungen können nicht angezeigt werden", "Die Mitteilungen stehen im Posteingang."},
		{local.Condition{Code: "something_new", Title: "Title", Advice: "Advice"}, "Title", "Advice"},
	} {
		title, advice := conditionWords(de, tt.c)
		if title != tt.title || advice != tt.advice {
			t.Errorf("%s: %q, %q", tt.c.Code, title, advice)
		}
		if title, advice := conditionWords(&words.Words{}, tt.c); title != tt.c.Title || advice != tt.c.Advice {
			t.Errorf("%s in English: %q, %q", tt.c.Code, title, advice)
		}
	}
}
