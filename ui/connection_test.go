package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"securepush/agent/local"
	"securepush/api"
	"securepush/ui/present"
	"securepush/ui/present/presenttest"
)

// connected has devices, pushes and a test that works.
func connected(f *presenttest.Agent) {
	withItems(few()...)(f)
	last := today.Add(-8 * time.Minute)
	f.Now.LastPush = &last
	f.Way.Devices = []local.Device{
		{ID: "d1", Name: "Desk-12", LastUpdate: ago(3 * time.Hour), This: true},
		{ID: "d2", Name: "Laptop", LastUpdate: ago(26 * time.Hour)},
		{ID: "d3"},
	}
	outcomes := []local.Outcome{
		local.OutcomeShown, local.OutcomeQuiet, local.OutcomeShown, local.OutcomeDigest, local.OutcomeWaitingKeyring, local.OutcomeRead,
		local.OutcomeUndecryptable, local.OutcomeGeneric,
	}
	for i := range 23 {
		p := local.Push{ID: "7Jb0m3", At: today.Add(-8*time.Minute - time.Duration(i*i)*7*time.Minute), Outcome: outcomes[i%len(outcomes)]}
		if p.Outcome == local.OutcomeShown {
			p.LatencyMS = int64(11 + i%5)
		}
		p.Found = p.Outcome == local.OutcomeDigest
		f.Way.History.Pushes = append(f.Way.History.Pushes, p)
	}
	f.Way.History.Latencies = []int64{14, 12, 31, 9, 48, 13, 11, 16, 14, 12}
	f.Way.Steps = []local.TestStep{
		{Stage: local.TestServer, Result: local.TestOK, TookMS: 4, AfterMS: 4},
		{Stage: local.TestAccepted, Result: local.TestOK, TookMS: 11, AfterMS: 15},
		{Stage: local.TestArrived, Result: local.TestOK, TookMS: 3, AfterMS: 18},
		{Stage: local.TestFetched, Result: local.TestOK, TookMS: 6, AfterMS: 24},
		{Stage: local.TestShown, Result: local.TestOK, TookMS: 2, AfterMS: 26},
	}
	f.Way.Report = "SecurePush 0.1.0\nlink: connected\n"
}

// halting has a test that ends in a step.
func halting(last local.TestStep) func(*presenttest.Agent) {
	return func(f *presenttest.Agent) {
		connected(f)
		f.Way.Steps = append(f.Way.Steps[:2:2], last)
	}
}

var (
	noPush = local.TestStep{
		Stage: local.TestArrived, Result: local.TestFailed, TookMS: 19_985, AfterMS: 20_000, Words: "No push came within 20 seconds.",
		Advice: "Ask whoever runs the server whether it reaches its push service. More: securepush doctor.",
	}
	quietNow = local.TestStep{
		Stage: local.TestArrived, Result: local.TestHeld, TookMS: 3, AfterMS: 18, Words: "It is quiet now, so the toast is shown later.",
	}
)

// unseen is on a desktop without a tray.
func unseen(f *presenttest.Agent) {
	withItems()(f)
	f.Now.Tray = false
}

func openConnection(s *stage) { s.w.showConnection(); s.Settle() }

func (s *stage) scrollConnection(y float32) {
	s.w.way.scroll.ScrollToOffset(fyne.NewPos(0, y))
	s.Settle()
}

func testConnection(s *stage) { openConnection(s); s.tap(s.w.way.test.send) }

func testFailed(s *stage) { testConnection(s); s.scrollConnection(120) }

func lowerConnection(s *stage) { openConnection(s); s.scrollConnection(430) }

func connectionFoot(s *stage) { openConnection(s); s.scrollConnection(9000) }

func deviceNotOut(s *stage) {
	openConnection(s)
	s.w.shell.Conn.SignOutDevice("d2")
	s.Settle()
	s.w.way.copyReport.Tapped(nil)
	s.Settle()
	s.scrollConnection(9000)
}

func deviceRefused(f *presenttest.Agent) {
	connected(f)
	f.Fail["sign-out-device d2"] = api.NewProblem(api.CodeUnreachable, "The server cannot be reached.")
}

// connectionScreens are the states of the connection page and of starting at login.
func connectionScreens() []screen {
	return []screen{
		{"connection", wide, connected, openConnection},
		{"connection-lower", wide, connected, lowerConnection},
		{"connection-foot", wide, connected, func(s *stage) {
			openConnection(s)
			s.tap(s.w.way.copyReport)
			s.scrollConnection(9000)
		}},
		{"connection-loading", wide, func(f *presenttest.Agent) {
			connected(f)
			f.Block["history"], f.Block["devices"] = true, true
		}, openConnection},
		{"connection-empty", wide, func(f *presenttest.Agent) {
			withItems()(f)
			f.Way.Devices = []local.Device{{ID: "d1", Name: "Desk-12", LastUpdate: ago(time.Minute), This: true}}
		}, openConnection},
		{"connection-unknown", wide, func(f *presenttest.Agent) {
			connected(f)
			f.Fail["history"] = api.NewProblem(api.CodeInternal, "")
			f.Fail["devices"] = api.NewProblem(api.CodeUnreachable, "The server cannot be reached.")
		}, lowerConnection},
		{"connection-testing", wide, halting(local.TestStep{}), testFailed},
		{"connection-tested", wide, connected, testFailed},
		{"connection-test-failed", wide, halting(noPush), testFailed},
		{"connection-test-held", wide, halting(quietNow), testFailed},
		{"connection-device-ask", wide, connected, func(s *stage) {
			connectionFoot(s)
			s.tap(s.w.way.devices.rows.Objects[1].(*deviceRow).out)
		}},
		{"connection-device-refused", wide, deviceRefused, deviceNotOut},
		{"connection-offline", wide, func(f *presenttest.Agent) {
			connected(f)
			since := today.Add(-38 * time.Minute)
			f.Now.Link, f.Now.LinkSince = local.LinkOffline, &since
			f.Now.Conditions = []local.Condition{{Code: "offline", Severity: local.SeverityAttention, Title: "Offline", Since: since}}
		}, openConnection},
		{"connection-no-agent", wide, connected, func(s *stage) {
			openConnection(s)
			s.agent.Die()
			s.Pass(3 * time.Second)
		}},
		{"connection-signed-out", wide, nothing, openConnection},
		{"narrow-connection", least, connected, testConnection},
		{"settings-start", wide, unseen, func(s *stage) { openSettings(s); s.scrollSettings(300) }},
		{"settings-start-refused", wide, func(f *presenttest.Agent) {
			unseen(f)
			f.Fail["set-autostart"] = api.NewProblem(api.CodeInternal, "Starting at login could not be changed. Try: securepush service install.")
		}, func(s *stage) {
			openSettings(s)
			s.w.settings.start.check.SetChecked(false)
			s.Settle()
			s.scrollSettings(300)
		}},
		{"settings-start-unsupported", wide, func(f *presenttest.Agent) {
			unseen(f)
			f.Way.Start = local.Autostart{}
		}, func(s *stage) { openSettings(s); s.scrollSettings(300) }},
		{"empty-unseen", wide, unseen, watch},
	}
}

// connectionSpoken are those in German and with larger text.
func connectionSpoken() []screen {
	return []screen{
		{"german-connection", wide, german(connected), openConnection},
		{"german-connection-lower", wide, german(connected), lowerConnection},
		{"german-connection-test-failed", wide, german(halting(noPush)), testFailed},
		{"german-connection-foot", wide, german(deviceRefused), deviceNotOut},
		{"german-settings-start", wide, german(unseen), func(s *stage) { openSettings(s); s.scrollSettings(300) }},
		{"text-200-connection", wide, sized(200, connected), openConnection},
		{"text-200-least-connection", least, sized(200, german(connected)), openConnection},
		{"text-200-least-connection-test", least, sized(200, german(halting(noPush))), func(s *stage) { testConnection(s); s.scrollConnection(880) }},
		{"text-200-least-connection-lower", least, sized(200, german(connected)), func(s *stage) { openConnection(s); s.scrollConnection(900) }},
		{"text-200-least-connection-foot", least, sized(200, german(deviceRefused)), deviceNotOut},
	}
}

func TestTheConnectionPageIsReachedAndLeftByKeyboard(t *testing.T) {
	perform(t, wide, connected, func(s *stage) {
		s.w.win.Canvas().Focus(s.w.header.search)
		s.shortcut(fyne.KeyI)
		if s.w.shell.Pane != present.PaneConnection || !s.w.way.content.Visible() || s.w.inbox.Visible() {
			t.Fatal("the page is not shown")
		}
		found := false
		for range 20 {
			s.next()
			if found = s.w.win.Canvas().Focused() == s.w.way.test.send; found {
				break
			}
		}
		if !found {
			t.Fatal("Tab does not lead to the test")
		}
		s.key(fyne.KeyReturn)
		if got := s.w.way.test.result.words.seg.Text; got != "It works. The toast was shown after 26\u00a0ms." {
			t.Errorf("said %q", got)
		}
		s.key(fyne.KeyEscape)
		if s.w.shell.Pane != present.PaneRead || s.w.win.Canvas().Focused() != s.w.list.list {
			t.Error("Escape does not lead back to the inbox")
		}
	})
}

func TestADeviceIsSignedOutOnlyAfterAQuestion(t *testing.T) {
	perform(t, wide, connected, func(s *stage) {
		connectionFoot(s)
		row := s.w.way.devices.rows.Objects[1].(*deviceRow)
		s.tap(row.out)
		s.key(fyne.KeyEscape)
		if len(s.agent.Way.Devices) != 3 || s.w.win.Canvas().Overlays().Top() != nil {
			t.Fatal("signed out without a yes")
		}
		s.tap(row.out)
		s.next()
		s.key(fyne.KeyReturn)
		if len(s.agent.Way.Devices) != 2 || s.w.way.devices.done.words.seg.Text != "Laptop is signed out." {
			t.Errorf("%+v, %q", s.agent.Way.Devices, s.w.way.devices.done.words.seg.Text)
		}
		if this := s.w.way.devices.rows.Objects[0].(*deviceRow); this.out.Visible() {
			t.Error("this device can be signed out like another")
		}
	})
}

func TestDiagnosticsAreInTheClipboard(t *testing.T) {
	perform(t, wide, connected, func(s *stage) {
		openConnection(s)
		s.tap(s.w.way.copyReport)
		if got := s.w.app.Clipboard().Content(); got != s.agent.Way.Report || !s.w.way.copyHint.Visible() {
			t.Errorf("holds %q", got)
		}
	})
}

func TestAllOfTheHistoryCanBeSeen(t *testing.T) {
	perform(t, wide, connected, func(s *stage) {
		openConnection(s)
		v := s.w.way.past
		count := func() (n int) {
			for _, o := range v.rows.Objects {
				if o.Visible() {
					n++
				}
			}
			return n
		}
		if count() != pastFirst {
			t.Fatalf("%d at first", count())
		}
		s.tap(v.more)
		if count() != 23 || v.more.Visible() {
			t.Errorf("%d of 23", count())
		}
	})
}

func TestAChoiceOfStartingAtLoginThatIsNotTakenGoesBack(t *testing.T) {
	perform(t, wide, unseen, func(s *stage) {
		openSettings(s)
		v := s.w.settings.start
		s.agent.Do(func(f *presenttest.Agent) {
			f.Fail["set-autostart"] = api.NewProblem(api.CodeInternal, "It could not be changed.")
		})
		v.line.Tapped(nil)
		s.Settle()
		if !v.check.Checked || v.bad.words.seg.Text != "It could not be changed." || !v.bad.Visible() {
			t.Errorf("check %v, %q", v.check.Checked, v.bad.words.seg.Text)
		}
		s.agent.Do(func(f *presenttest.Agent) { delete(f.Fail, "set-autostart") })
		v.line.Tapped(nil)
		s.Settle()
		if v.check.Checked || s.agent.Way.Start.Enabled || v.bad.Visible() {
			t.Error("not changed")
		}
		if !v.goesOn.Visible() {
			t.Error("nothing says that it goes on without a window")
		}
		s.agent.Become(func(st *local.Status) { st.Tray = true })
		s.Settle()
		if v.goesOn.Visible() {
			t.Error("with a tray it need not be said")
		}
	})
}

func TestThePageMovesByKeyboardAndWhatHasItIsInSight(t *testing.T) {
	perform(t, least, sized(200, connected), func(s *stage) {
		openConnection(s)
		page, c := s.w.way.scroll, s.w.win.Canvas()
		at := func() float32 { return page.Offset.Y }
		s.key(fyne.KeyDown, fyne.KeyDown, fyne.KeyUp)
		if at() != scaled(pagerStep) {
			t.Errorf("at %v", at())
		}
		s.key(fyne.KeyEnd)
		if end := page.Content.Size().Height - page.Size().Height; at() != end {
			t.Errorf("at %v of %v", at(), end)
		}
		s.key(fyne.KeyPageUp, fyne.KeyPageDown, fyne.KeyHome, fyne.KeyUp)
		if at() != 0 {
			t.Errorf("at %v", at())
		}
		seen := 0
		for range 12 {
			s.next()
			b, ok := c.Focused().(*button)
			if !ok {
				continue
			}
			if around, _ := scrollAround(c.Content(), b); around != page {
				continue
			}
			seen++
			y := s.w.app.Driver().AbsolutePositionForObject(b).Y
			if head := s.w.header.content.Size().Height; y < head || y+b.Size().Height > c.Size().Height {
				t.Errorf("%s is at %v, out of sight", b.Text, y)
			}
		}
		if seen < 5 {
			t.Errorf("Tab has come by %d buttons", seen)
		}
		s.w.goBack()
		openSettings(s)
		s.key(fyne.KeyPageDown)
		if s.w.settings.scroll.Offset.Y == 0 {
			t.Error("the settings do not move")
		}
	})
}
