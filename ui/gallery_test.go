package ui

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	xdraw "golang.org/x/image/draw"

	"securepush/agent/local"
	"securepush/api"
	"securepush/ui/present/presenttest"
)

// screen is one state of the window.
type screen struct {
	name    string
	size    fyne.Size
	prepare func(*presenttest.Agent)
	act     func(*stage)
}

var (
	wide   = fyne.NewSize(windowWidth, windowHeight)
	narrow = fyne.NewSize(400, 680)
	least  = fyne.NewSize(minWidth, minHeight)
)

func nothing(*presenttest.Agent) {}
func watch(*stage)               {}

func withItems(items ...api.Notification) func(*presenttest.Agent) {
	return func(f *presenttest.Agent) {
		signedIn(&f.Now)
		f.Items = items
	}
}

func id(n int) api.ID { return api.ID(fmt.Sprintf("item%018d", n)) }

func note(n int, ago time.Duration, sender, title, text string, p api.Priority, read bool) api.Notification {
	return api.Notification{ID: id(n), Sender: sender, Title: title, Payload: text, Priority: p, Read: read, CreatedAt: today.Add(-ago)}
}

func few() []api.Notification {
	items := []api.Notification{
		note(1, 8*time.Minute, "Lab · Station 4", "Potassium result", "K 4.1 mmol/l, within range.\n\nTaken at 14:05 by the night team. The next sample is due tomorrow at 6:00.", api.PriorityNormal, false),
		note(2, 95*time.Minute, "Payments", "Approve transfer 4,200 €", "To Meyer Medical Supplies, invoice 2026-1148. Two signatures are there, yours is the third.", api.PriorityHigh, false),
		note(3, 2*time.Hour+10*time.Minute, "Building services", "Cold store 2 above 8 °C", "The door has been open for four minutes.", api.PriorityUrgent, true),
		note(4, 25*time.Hour, "Anna Köhler", "Rota for December", "The plan is out. Please look at the 24th and the 31st, and tell me by Friday what does not fit.", api.PriorityNormal, true),
		note(5, 27*time.Hour, "IT", "Maintenance on Sunday", "Between 4:00 and 6:00 the imaging archive is read-only.", api.PriorityLow, true),
		note(6, 3*24*time.Hour, "Pharmacy", "Order 5531 has arrived", "It can be picked up at the counter on the ground floor.", api.PriorityNormal, true),
	}
	items[0].URL = "https://records.clinic.example/patients/4711/lab/2026-11-21"
	return items
}

func many() []api.Notification {
	items := make([]api.Notification, 200)
	senders := []string{"Lab · Station 4", "Payments", "Building services", "Pharmacy", "IT"}
	for i := range items {
		items[i] = note(i, time.Duration(i)*47*time.Minute, senders[i%len(senders)], fmt.Sprintf("Notification number %d", i+1),
			"One line of text that says what it is about, a little longer than the row.", api.PriorityNormal, i > 12)
	}
	return items
}

func longText() api.Notification {
	n := note(1, 3*time.Minute, "Ein sehr langer Absendername aus der Krankenhausverwaltungsgesellschaft mbH & Co. KG, Abteilung Öffentlichkeitsarbeit",
		"Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft: Änderung der Bereitschaftsdienstordnung zum 1. Dezember",
		strings.Repeat("This is a paragraph that goes on for a while, so that the text wraps over several lines and the pane scrolls. ", 6)+"\n\n"+
			strings.Repeat("x", 300)+"\n\n<b>Markup</b> that **stays** as [it](https://is.example)\n\n"+
			strings.Repeat("Another paragraph, with more to read. ", 30), api.PriorityUrgent, false)
	n.URL = "https://records.clinic.example/" + strings.Repeat("a/very/long/path/", 12) + "?q=1"
	expires := today.Add(48 * time.Hour)
	n.ExpiresAt = &expires
	return n
}

func hostile() []api.Notification {
	items := []api.Notification{
		longText(),
		note(2, time.Hour, "\u202egnp.exe\x00\x07", "Line one\nline two\ttab \u202e txet desrever", "\n\n\r\n   \x1b[31mred\x1b[0m", api.PriorityNormal, false),
		note(3, 2*time.Hour, "", "", "", "", false),
		note(4, 3*time.Hour, "🧑‍🚀", strings.Repeat("🎉", 200), strings.Repeat("🎉", 4000), api.PriorityHigh, false),
		note(5, 4*time.Hour, strings.Repeat("W", 5000), strings.Repeat("W", 5000), strings.Repeat("W", 60000), api.PriorityUrgent, false),
		note(6, 5*time.Hour, "مختبر المحطة الرابعة", "نتيجة البوتاسيوم", "K 4.1 mmol/l ضمن النطاق الطبيعي", api.PriorityNormal, true),
	}
	return items
}

func (s *stage) signInWith(password string) {
	v := s.w.signIn
	v.server.SetText("push.clinic.example")
	s.Pass(time.Second)
	v.user.SetText("anna")
	v.password.SetText(password)
	s.Settle()
	s.tap(v.submit)
}

func (s *stage) write(title, text string) {
	s.w.showCompose()
	s.Settle()
	s.w.compose.title.SetText(title)
	s.w.compose.text.SetText(text)
	s.Settle()
}

func ended(f *presenttest.Agent) {
	signedIn(&f.Now)
	f.Now.SignIn, f.Now.Link, f.Now.Waiting = local.SignInEnded, local.LinkConnected, 3
}

func screens() []screen {
	return []screen{
		{"signed-out", wide, nothing, watch},
		{"sign-in-checking", wide, func(f *presenttest.Agent) { f.Block["check push.clinic.example"] = true }, func(s *stage) {
			s.w.signIn.server.SetText("push.clinic.example")
			s.Pass(time.Second)
		}},
		{"sign-in-checked", wide, nothing, func(s *stage) {
			s.w.signIn.server.SetText("push.clinic.example")
			s.Pass(time.Second)
			s.w.signIn.user.SetText("anna")
			s.Settle()
		}},
		{"sign-in-wrong-password", wide, func(f *presenttest.Agent) {
			f.Fail["sign-in"] = api.NewProblem(api.CodeInvalidGrant, "invalid_grant")
		}, func(s *stage) { s.signInWith("wrong") }},
		{"sign-in-empty-fields", wide, nothing, func(s *stage) { s.tap(s.w.signIn.submit) }},
		{"sign-in-untrusted", wide, func(f *presenttest.Agent) {
			f.Fail["check push.clinic.example"] = api.NewProblem(api.CodeUntrusted, "The server's certificate is not trusted: issued by "+
				`"CN=St. Anna Root CA,O=St. Anna Clinic"`+". Ask whoever runs it, or add its authority in Settings › Connection.")
			f.Server.Certificate = nil
		}, typeServer},
		{"sign-in-ended", wide, ended, func(s *stage) { s.Pass(time.Second) }},
		{"sign-in-narrow", least, ended, func(s *stage) { s.Pass(time.Second) }},
		{"starting", wide, func(f *presenttest.Agent) { f.Block["changes"] = true }, watch},
		{"agent-gone", wide, func(f *presenttest.Agent) { f.Down = true }, func(s *stage) { s.Pass(2 * time.Second) }},
		{"keyring-locked", wide, func(f *presenttest.Agent) {
			signedIn(&f.Now)
			f.Now.SignIn = local.SignInLocked
		}, watch},
		{"connecting", wide, func(f *presenttest.Agent) {
			withItems(few()...)(f)
			f.Now.Link = local.LinkConnecting
			f.Block["inbox "] = true
		}, watch},
		{"empty", wide, withItems(), watch},
		{"few", wide, withItems(few()...), watch},
		{"many", wide, withItems(many()...), watch},
		{"detail", wide, withItems(few()...), func(s *stage) { s.w.shell.Inbox.Select(id(1)); s.Settle() }},
		{"detail-read", wide, withItems(few()...), func(s *stage) { s.w.shell.Inbox.Select(id(3)); s.Settle() }},
		{"detail-gone", wide, withItems(few()...), func(s *stage) { s.w.shell.OpenItem(id(99)); s.Settle() }},
		{"long-text", wide, withItems(longText()), func(s *stage) { s.w.shell.Inbox.Select(id(1)); s.Settle() }},
		{"search-none", wide, withItems(few()...), func(s *stage) {
			s.w.header.search.SetText("cholesterol")
			s.Pass(time.Second)
		}},
		{"deleted", wide, withItems(few()...), func(s *stage) { s.w.shell.Inbox.Delete(id(2)); s.Settle() }},
		{"offline", wide, func(f *presenttest.Agent) {
			withItems(few()...)(f)
			since, asOf := today.Add(-38*time.Minute), today.Add(-40*time.Minute)
			f.Now.Link, f.Now.LinkSince, f.Offline = local.LinkOffline, &since, &asOf
			f.Now.Conditions = []local.Condition{{Code: "offline", Severity: local.SeverityAttention, Title: "Offline", Since: since}}
		}, func(s *stage) { s.w.shell.Inbox.Select(id(2)); s.Settle() }},
		{"conditions", wide, func(f *presenttest.Agent) {
			withItems(few()...)(f)
			f.Now.Conditions = []local.Condition{
				{Code: "toasts", Severity: local.SeverityError, Title: "Toasts cannot be shown", Advice: "No notification daemon is running. Start one, such as dunst."},
				{Code: "sign_in_not_kept", Severity: local.SeverityAttention, Title: "The sign-in is kept only until SecurePush ends", Advice: "The keyring did not take it."},
			}
		}, watch},
		{"arrived-above", wide, withItems(many()...), func(s *stage) {
			s.w.list.list.ScrollTo(40)
			s.Settle()
			s.agent.Do(func(f *presenttest.Agent) {
				f.Items = append([]api.Notification{note(501, 0, "Lab · Station 4", "Just now", "Above what is read.", "", false)}, f.Items...)
			})
			s.agent.Tell(local.Change{Kind: local.ChangeInbox})
			s.Settle()
		}},
		{"agent-lost", wide, withItems(few()...), func(s *stage) {
			s.w.shell.Inbox.Select(id(1))
			s.agent.Die()
			s.Pass(3 * time.Second)
		}},
		{"send", wide, withItems(few()...), func(s *stage) { s.w.showCompose(); s.Settle() }},
		{"send-to-others", wide, func(f *presenttest.Agent) {
			withItems(few()...)(f)
			f.Now.Account.Claims = []string{api.ClaimSend}
		}, func(s *stage) {
			s.write("Meeting moved", "We meet at 15:30 in room 4 instead.")
			s.w.compose.to.SetText("bernd, clara")
			s.Settle()
		}},
		{"send-failed", wide, func(f *presenttest.Agent) {
			withItems(few()...)(f)
			f.Now.Account.Claims = []string{api.ClaimSend}
			f.Fail["send"] = api.NewProblem(api.CodeUnknownRecipient, "There is no user called “bernd”.")
		}, func(s *stage) {
			s.write("Meeting moved", "We meet at 15:30 in room 4 instead.")
			s.w.compose.to.SetText("bernd, clara")
			s.tap(s.w.compose.send)
		}},
		{"sent", wide, func(f *presenttest.Agent) {
			withItems(few()...)(f)
			f.Result = api.SendResult{IDs: []api.ID{id(70)}, Devices: 2}
		}, func(s *stage) {
			s.write("Meeting moved", "We meet at 15:30 in room 4 instead.")
			s.tap(s.w.compose.send)
		}},
		{"settings", wide, withItems(few()...), func(s *stage) { s.w.showSettings(); s.Settle() }},
		{"settings-refused", wide, func(f *presenttest.Agent) {
			f.Fail["save-settings"] = api.NewProblem(api.CodeInvalidField, "There is no certificate in this file.")
		}, func(s *stage) {
			s.w.showSettings()
			s.Settle()
			s.w.settings.ca.SetText("/home/anna/Downloads/notes.txt")
			s.w.settings.apply()
			s.Settle()
			s.scrollSettings(5000)
		}},
		{"settings-quiet", wide, quietHours, func(s *stage) { openSettings(s); s.scrollSettings(170) }},
		{"settings-quiet-wrong", wide, quietHours, func(s *stage) {
			openSettings(s)
			r := s.w.settings.quiet.rows[1]
			r.from.SetText("half past nine")
			for _, c := range r.checks {
				c.SetChecked(false)
			}
			r.apply()
			s.Settle()
			s.scrollSettings(330)
		}},
		{"paused", wide, withItems(few()...), pause},
		{"paused-menu", wide, withItems(few()...), func(s *stage) { pause(s); s.tap(s.w.header.more) }},
		{"sign-out", wide, withItems(few()...), func(s *stage) { s.w.askSignOut(); s.Settle() }},
		{"link", wide, withItems(few()...), func(s *stage) {
			s.w.shell.Inbox.Select(id(1))
			s.Settle()
			s.tap(s.w.detail.link.button)
		}},
		{"menu", wide, withItems(few()...), func(s *stage) { s.tap(s.w.header.more) }},
		{"narrow-list", narrow, withItems(few()...), watch},
		{"narrow-detail", narrow, withItems(few()...), func(s *stage) { s.w.shell.Inbox.Select(id(1)); s.Settle() }},
		{"narrow-send", least, withItems(few()...), func(s *stage) { s.write("Hello", "World") }},
		{"narrow-settings", least, withItems(few()...), func(s *stage) { s.w.showSettings(); s.Settle() }},
	}
}

// paintings are drawn but not held as markup: how wide their letters are depends on the fonts of the machine.
func paintings() []screen {
	return []screen{
		{"hostile-list", wide, withItems(hostile()...), func(s *stage) { s.w.shell.Inbox.Select(id(2)); s.Settle() }},
		{"hostile-text", wide, withItems(hostile()...), func(s *stage) { s.w.shell.Inbox.Select(id(5)); s.Settle() }},
		{"hostile-narrow", least, withItems(hostile()...), func(s *stage) { s.w.shell.Inbox.Select(id(4)); s.Settle() }},
	}
}

// TestGallery holds the markup of every screen in testdata; what differs is written to testdata/failed, to be looked at
// and copied. With SECUREPUSH_GALLERY=DIR it draws the screens into that folder instead, and a sheet of all of them;
// SECUREPUSH_GALLERY_ONLY=TEXT draws those with the text in their name.
func TestGallery(t *testing.T) {
	if raceEnabled {
		t.Skip(slowUnderRace)
	}
	dir := os.Getenv("SECUREPUSH_GALLERY")
	only := os.Getenv("SECUREPUSH_GALLERY_ONLY")
	all := slices.Concat(screens(), signingIn(), signingInSpoken(), inboxScreens(), sending(), accountScreens(), spoken(), sendingSpoken(), connectionScreens(), connectionSpoken())
	if dir != "" {
		all = bothSizes(append(append(all, paintings()...), paintedLarge()...))
	}
	var sheet contactSheet
	for _, sc := range all {
		for _, variant := range variants(sc) {
			name := sc.name + "-" + variant
			if only != "" && !strings.Contains(name, only) {
				continue
			}
			t.Run(name, func(t *testing.T) {
				perform(t, sc.size, func(f *presenttest.Agent) {
					f.Choices.Theme = variant
					sc.prepare(f)
				}, func(s *stage) {
					sc.act(s)
					s.w.win.Resize(sc.size)
					s.Settle()
					if dir != "" {
						picture := s.w.win.Canvas().Capture()
						writePNG(t, filepath.Join(dir, name+".png"), picture)
						sheet.add(picture)
						return
					}
					test.AssertRendersToMarkup(t, name+".xml", s.w.win.Canvas())
				})
			})
		}
	}
	if dir != "" {
		writePNG(t, filepath.Join(dir, "sheet.png"), sheet.draw())
	}
}

func writePNG(t *testing.T, path string, img image.Image) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(f, img), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// contactSheet shows many screens at a glance, at half their size.
type contactSheet struct{ pictures []image.Image }

func (c *contactSheet) add(img image.Image) {
	small := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx()/2, img.Bounds().Dy()/2))
	xdraw.ApproxBiLinear.Scale(small, small.Bounds(), img, img.Bounds(), draw.Src, nil)
	c.pictures = append(c.pictures, small)
}

// draw stands them in rows, as many in each as there is room for.
func (c *contactSheet) draw() image.Image {
	const width, gap = 4*(windowWidth/2+12) + 12, 12
	places := make([]image.Point, len(c.pictures))
	at, height := image.Pt(gap, gap), 0
	for i, p := range c.pictures {
		if at.X+p.Bounds().Dx()+gap > width {
			at, height = image.Pt(gap, at.Y+height+gap), 0
		}
		places[i] = at
		at.X += p.Bounds().Dx() + gap
		height = max(height, p.Bounds().Dy())
	}
	sheet := image.NewRGBA(image.Rect(0, 0, width, at.Y+height+gap))
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(color.Gray{Y: 128}), image.Point{}, draw.Src)
	for i, p := range c.pictures {
		draw.Draw(sheet, p.Bounds().Add(places[i]), p, image.Point{}, draw.Src)
	}
	return sheet
}
