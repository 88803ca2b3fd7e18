package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"securepush/agent/local"
	"securepush/api"
	"securepush/ui/present/presenttest"
)

func TestWhyThePageIsThereIsInSightUntilSomebodyTypes(t *testing.T) {
	perform(t, least, sized(150, ended), func(s *stage) {
		v := s.w.signIn
		at := func() float32 { return s.w.app.Driver().AbsolutePositionForObject(v.password).Y }
		if s.w.win.Canvas().Focused() != v.password || v.scroll.Offset.Y != 0 || at() < least.Height {
			t.Errorf("the page is at %v, the password at %v", v.scroll.Offset.Y, at())
		}
		s.typed("p")
		if at() > least.Height {
			t.Error("what is typed is out of sight")
		}
	})
}

func typeServer(s *stage) {
	s.w.signIn.server.SetText("push.clinic.example")
	s.Pass(time.Second)
}

func showFacts(s *stage) {
	typeServer(s)
	s.tap(s.w.signIn.facts.toggle)
}

// untrusted is a server whose certificate is refused.
func untrusted(trust local.Trust, change func(*local.Certificate)) func(*presenttest.Agent) {
	return func(f *presenttest.Agent) {
		f.Fail["check push.clinic.example"] = api.NewProblem(api.CodeUntrusted, "The server's certificate is not trusted.")
		f.Server.Certificate = presenttest.Certificate(trust)
		f.Server.Certificate.Issuer = "St. Anna Clinic (Root 1)"
		if change != nil {
			change(f.Server.Certificate)
		}
	}
}

func expired(c *local.Certificate) { c.NotAfter = today.Add(-40 * 24 * time.Hour) }

// signingIn are the states of the sign-in page that come from the server's certificate.
func signingIn() []screen {
	other := func(c *local.Certificate) { c.Subject = "mail.clinic.example" }
	return []screen{
		{"sign-in-certificate", wide, nothing, showFacts},
		{"sign-in-certificate-file", least, func(f *presenttest.Agent) {
			f.Server.Certificate = presenttest.Certificate(local.TrustFile)
		}, showFacts},
		{"sign-in-unknown-authority", wide, untrusted(local.TrustUnknown, nil), typeServer},
		{"sign-in-expired", wide, untrusted(local.TrustExpired, expired), showFacts},
		{"sign-in-other-host", least, untrusted(local.TrustOtherName, other), typeServer},
		{"sign-in-bad-input", wide, nothing, func(s *stage) {
			v := s.w.signIn
			paste(v.server, "<script>alert('x')</script>")
			paste(v.user, "anna\x00")
			s.tap(v.submit)
			paste(v.password, strings.Repeat("W", 1<<20))
			s.Settle()
		}},
	}
}

// signingInSpoken are those in German and with larger text.
func signingInSpoken() []screen {
	return []screen{
		{"german-sign-in-certificate", wide, german(nothing), showFacts},
		{"german-sign-in-unknown-authority", wide, german(untrusted(local.TrustUnknown, nil)), typeServer},
		{"german-least-sign-in-unknown-authority", least, german(untrusted(local.TrustUnknown, nil)), typeServer},
		{"text-200-least-sign-in-expired", least, sized(200, german(untrusted(local.TrustExpired, expired))), showFacts},
	}
}

func TestTheDetailsOfACertificateAreShownOnDemandOnly(t *testing.T) {
	perform(t, wide, nothing, func(s *stage) {
		v := s.w.signIn
		if v.facts.content.Visible() {
			t.Error("details of nothing")
		}
		typeServer(s)
		if !v.facts.content.Visible() || v.facts.box.Visible() {
			t.Error("not folded")
		}
		s.tap(v.facts.toggle)
		if !v.facts.box.Visible() || len(v.facts.list.Objects) != 5 {
			t.Errorf("%d facts", len(v.facts.list.Objects))
		}
		v.server.SetText("other.example")
		s.Settle()
		if v.facts.content.Visible() || v.facts.box.Visible() {
			t.Error("the details are of another server")
		}
	})
}

func TestNoWayOnIsOfferedWhereACertificateIsRefused(t *testing.T) {
	for _, trust := range []local.Trust{local.TrustExpired, local.TrustEarly, local.TrustOtherName, local.TrustUnknown, local.TrustOdd} {
		perform(t, wide, func(f *presenttest.Agent) {
			untrusted(trust, nil)(f)
			f.Fail["sign-in"] = f.Fail["check push.clinic.example"] // the agent looks again, before the password goes out
		}, func(s *stage) {
			typeServer(s)
			said := s.w.signIn.fields.server.hint.words.seg.Text
			s.signInWith("secret")
			v := s.w.signIn
			if v.settings.Visible() != (trust == local.TrustUnknown || trust == local.TrustOdd) {
				t.Errorf("%s: adding an authority is offered: %v", trust, v.settings.Visible())
			}
			if now := v.fields.server.hint.words.seg.Text; now != said || said == "" || strings.Contains(said, "{") {
				t.Errorf("%s: %q, then %q", trust, said, now)
			}
			if v.server.Text != "push.clinic.example" || v.user.Text != "anna" || v.password.Text != "secret" {
				t.Errorf("%s: something typed is lost", trust)
			}
		})
	}
}

func TestTheDetailsAreReachedByKeyboard(t *testing.T) {
	perform(t, wide, nothing, func(s *stage) {
		s.typed("push.clinic.example")
		s.Pass(time.Second)
		s.next()
		if s.w.win.Canvas().Focused() != fyne.Focusable(s.w.signIn.user) {
			t.Fatal("the button for details has caught the keyboard")
		}
		for range 3 { // over the password and the button
			s.next()
		}
		s.key(fyne.KeySpace)
		if !s.w.signIn.facts.box.Visible() {
			t.Error("not shown")
		}
	})
}

func TestAddingAnAuthorityLeadsToItsField(t *testing.T) {
	perform(t, wide, untrusted(local.TrustUnknown, nil), func(s *stage) {
		typeServer(s)
		s.tap(s.w.signIn.settings)
		v := s.w.settings
		if s.w.win.Canvas().Focused() != fyne.Focusable(v.ca) {
			t.Error("the field has not got the keyboard")
		}
		at := s.w.app.Driver().AbsolutePositionForObject(v.ca)
		if at.Y < 0 || at.Y+v.ca.Size().Height > wide.Height {
			t.Errorf("the field is out of sight, at %v", at)
		}
	})
}
