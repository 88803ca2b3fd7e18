package present

import (
	"slices"
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/api"
	"securepush/assets/words"
	"securepush/ui/present/presenttest"
)

// connected has two devices, a push, and a test that works.
func connected(f *presenttest.Agent) {
	signedIn(f)
	f.Way.Devices = []local.Device{{ID: "d1", Name: "Desk-12", This: true}, {ID: "d2", Name: "Laptop"}}
	f.Way.History = local.History{Pushes: []local.Push{{At: today, Outcome: local.OutcomeShown, LatencyMS: 14}}, Latencies: []int64{14}}
	f.Way.Report = "report"
	for _, s := range local.TestStages() {
		f.Way.Steps = append(f.Way.Steps, local.TestStep{Stage: s, Result: local.TestOK, TookMS: 5, AfterMS: 25})
	}
}

// waiting has a test that gets no further than its first step.
func waiting(f *presenttest.Agent) {
	connected(f)
	f.Way.Steps = append(f.Way.Steps[:1:1], local.TestStep{})
}

func look(s *stage) *ConnectionPage {
	s.shell.Show(PaneConnection)
	s.Settle()
	return s.shell.Conn
}

func TestNothingIsAskedAboutTheConnectionUntilSomebodyLooks(t *testing.T) {
	perform(t, connected, func(s *stage) {
		s.agent.Tell(local.Change{Kind: local.ChangeInbox})
		s.agent.Become(func(st *local.Status) { st.Unread = 3 })
		s.Settle()
		s.is("asked before", s.agent.Called("history")+s.agent.Called("devices"), 0)
		p := look(s)
		s.is("devices", len(p.Devices), 2)
		s.is("pushes", len(p.History.Pushes), 1)
		s.shell.Show(PaneRead)
		s.agent.Tell(local.Change{Kind: local.ChangeInbox})
		s.Settle()
		s.is("asked", s.agent.Called("history"), 1)
	})
}

func TestWhatChangesWhileSomebodyLooksIsSeen(t *testing.T) {
	perform(t, connected, func(s *stage) {
		p := look(s)
		for i, tell := range []func(){
			func() { s.agent.Tell(local.Change{Kind: local.ChangeInbox}) },
			func() { s.agent.Become(func(st *local.Status) { st.Unread++ }) },
		} {
			s.agent.Do(func(f *presenttest.Agent) {
				f.Way.History.Pushes = append(slices.Clone(f.Way.History.Pushes), local.Push{At: today, Outcome: local.OutcomeQuiet})
			})
			tell()
			s.Settle()
			s.is("pushes", len(p.History.Pushes), i+2)
		}
		s.is("devices asked", s.agent.Called("devices"), 1)
		s.agent.Become(func(st *local.Status) { st.Link = local.LinkOffline })
		s.Settle()
		s.is("devices asked when the link is another", s.agent.Called("devices"), 2)
	})
}

func TestManyChangesAtOnceAskOnceMore(t *testing.T) {
	perform(t, connected, func(s *stage) {
		p := look(s)
		before := s.agent.Called("history")
		for range 20 {
			p.ReadHistory()
		}
		s.Settle()
		s.is("asked", s.agent.Called("history")-before, 2)
	})
}

func TestWhatCannotBeHadIsSaidAndCanBeTriedAgain(t *testing.T) {
	perform(t, func(f *presenttest.Agent) {
		connected(f)
		refuse("history", api.CodeInternal, "The log has the cause.")(f)
		refuse("devices", api.CodeUnreachable, "The server cannot be reached.")(f)
		refuse("diagnostics", api.CodeInternal, "No report.")(f)
	}, func(s *stage) {
		p := look(s)
		p.Copy()
		s.Settle()
		s.is("history", p.HistoryBad, "The log has the cause.")
		s.is("devices", p.DevicesBad, "The server cannot be reached.")
		s.is("report", p.CopyBad, "No report.")
		s.agent.Do(func(f *presenttest.Agent) { clear(f.Fail) })
		var clip string
		p.Clip = func(text string) { clip = text }
		p.ReadHistory()
		p.ReadDevices()
		p.Copy()
		s.Settle()
		s.is("words", p.HistoryBad+p.DevicesBad+p.CopyBad, "")
		s.is("loaded", p.HistoryLoaded && p.DevicesLoaded && p.Copied, true)
		s.is("clipboard", clip, "report")
	})
}

func TestATestIsFollowedStepByStepAndCanBeRepeated(t *testing.T) {
	perform(t, connected, func(s *stage) {
		p, w := look(s), s.shell.Words()
		p.StartTest()
		s.is("running", p.Test.Running, true)
		p.StartTest()
		s.Settle()
		said, tone := p.Test.Words(w)
		s.is("words", said, "It works. The toast was shown after 25\u00a0ms.")
		s.is("tone", tone, ToneGood)
		s.is("runs", s.agent.Called("test-run"), 1)
		s.agent.Do(func(f *presenttest.Agent) {
			f.Way.Steps = append(f.Way.Steps[:2:2], local.TestStep{
				Stage: local.TestArrived, Result: local.TestFailed, TookMS: 20_000, Words: "No push came within 20 seconds.", Advice: "Ask",
			})
		})
		p.StartTest()
		s.is("forgotten", len(p.Test.Steps), 0)
		s.Settle()
		rows := p.Test.Rows(w)
		want := []TestRow{
			{"Server reached", "5\u00a0ms", MarkDone, ""},
			{"Test accepted", "5\u00a0ms", MarkDone, ""},
			{"Push arrived", "Failed after 20\u00a0s", MarkFailed, "No push came within 20 seconds. Ask."},
			{"Content fetched", "", MarkNone, ""},
			{"Toast shown", "", MarkNone, ""},
		}
		if !slices.Equal(rows, want) {
			s.Errorf("%+v", rows)
		}
		said, tone = p.Test.Words(w)
		s.is("words", said, "The test did not come through.")
		s.is("tone", tone, ToneBad)
	})
}

func TestAHeldTestIsNoFailure(t *testing.T) {
	w := &words.Words{}
	run := TestRun{Steps: []local.TestStep{{Stage: local.TestArrived, Result: local.TestHeld, Words: "It is quiet now"}}}
	if said, tone := run.Words(w); said != "It works, and the toast waits." || tone != ToneAttention {
		t.Error(said, tone)
	}
	if r := run.Rows(w)[0]; r.Mark != MarkHeld || r.Took != "Held back" || r.Advice != "It is quiet now." {
		t.Errorf("%+v", r)
	}
}

func TestLeavingThePageEndsTheTest(t *testing.T) {
	perform(t, waiting, func(s *stage) {
		p, w := look(s), s.shell.Words()
		p.StartTest()
		s.Settle()
		rows := p.Test.Rows(w)
		s.is("done", rows[0].Mark, MarkDone)
		s.is("waits", rows[1], TestRow{Name: "Test accepted", Took: "Waiting…", Mark: MarkRunning})
		s.shell.Show(PaneRead)
		s.Settle()
		s.is("ended", s.agent.Called("test-ended"), 1)
		look(s)
		s.is("shown", p.Test.Shown() || p.Test.Bad != "", false)
	})
}

func TestATestWithoutAnAgentSaysSo(t *testing.T) {
	perform(t, func(f *presenttest.Agent) {
		connected(f)
		refuse("test-run", api.CodeUnavailable, "The SecurePush agent does not answer.")(f)
	}, func(s *stage) {
		p := look(s)
		p.StartTest()
		s.Settle()
		said, _ := p.Test.Words(s.shell.Words())
		s.is("words", said, "The test did not come through. The SecurePush agent does not answer.")
		s.is("running", p.Test.Running, false)
	})
}

func TestAnAnswerForAnotherAccountIsDropped(t *testing.T) {
	perform(t, waiting, func(s *stage) {
		p := s.shell.Conn
		s.shell.Show(PaneConnection)
		p.StartTest()
		p.SignOutDevice("d2")
		p.Copy()
		p.looking = false // of the new account nothing is asked, so that what is there can only be old
		p.Reset()
		s.Settle()
		if len(p.Devices)+len(p.History.Pushes)+len(p.Test.Steps) > 0 || p.DevicesLoaded || p.HistoryLoaded || p.Left != "" || p.Copied || p.Test.Running {
			s.Errorf("%+v", p)
		}
	})
}

func TestADeviceThatIsSignedOutLeavesTheList(t *testing.T) {
	perform(t, connected, func(s *stage) {
		p := look(s)
		refuse("sign-out-device d2", api.CodeUnreachable, "The server cannot be reached.")(s.agent)
		p.SignOutDevice("d2")
		s.is("going", p.Leaving, "d2")
		s.Settle()
		s.is("why not", p.LeaveBad, "The server cannot be reached.")
		s.is("which", p.LeaveBadOf, "d2")
		s.is("devices", len(p.Devices), 2)
		s.agent.Do(func(f *presenttest.Agent) { clear(f.Fail) })
		p.SignOutDevice("d2")
		s.Settle()
		s.is("left", p.Left, "Laptop")
		s.is("why not", p.LeaveBad, "")
		s.is("devices", len(p.Devices), 1)
	})
}

func TestWithoutASignInNeitherDevicesNorATestAreAskedFor(t *testing.T) {
	perform(t, nobody, func(s *stage) {
		p := look(s)
		p.StartTest()
		s.Settle()
		s.is("asked", s.agent.Called("devices")+s.agent.Called("test-run"), 0)
		s.is("history", p.HistoryLoaded, true)
		s.is("facts", len(s.shell.Facts()), 0)
	})
}

func TestWhatIsKnownOfTheConnectionIsToldInWords(t *testing.T) {
	at, yesterday := today.Add(-3*time.Hour), today.Add(-25*time.Hour)
	status := func(change func(*local.Status)) *local.Status {
		s := &local.Status{SignIn: local.SignInActive, Link: local.LinkConnected, LinkSince: &at, LastPush: &yesterday, Account: &local.Account{
			Server: "https://push.clinic.example", ServerName: "Clinic", User: "anna\n", Device: "Desk-12",
		}}
		change(s)
		return s
	}
	for name, tt := range map[string]struct {
		status *local.Status
		gone   bool
		want   []string
	}{
		"connected":        {status(func(*local.Status) {}), false, []string{"anna", "Clinic · https://push.clinic.example", "Desk-12", "Connected since 11:40", "Yesterday at 13:40"}},
		"no push yet":      {status(func(s *local.Status) { s.LastPush = nil }), false, []string{"anna", "Clinic · https://push.clinic.example", "Desk-12", "Connected since 11:40", "None yet"}},
		"offline":          {status(func(s *local.Status) { s.Link, s.LastPush = local.LinkOffline, &at }), false, []string{"anna", "Clinic · https://push.clinic.example", "Desk-12", "Offline since 11:40", "11:40"}},
		"a nameless one":   {status(func(s *local.Status) { s.Account.ServerName, s.Account.Device = "", "" }), true, []string{"anna", "https://push.clinic.example"}},
		"sign-in ended":    {status(func(s *local.Status) { s.SignIn = local.SignInEnded }), false, []string{"anna", "Clinic · https://push.clinic.example", "Desk-12"}},
		"nobody":           {&local.Status{}, false, nil},
		"not heard of yet": {nil, false, nil},
	} {
		var got []string
		for _, f := range linkFacts(&words.Words{}, tt.status, tt.gone, today) {
			got = append(got, f.Words)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestADurationIsSaidAsShortAsItCan(t *testing.T) {
	for ms, want := range map[int64]string{-4: "0\u00a0ms", 0: "0\u00a0ms", 14: "14\u00a0ms", 999: "999\u00a0ms", 1000: "1\u00a0s", 1240: "1.2\u00a0s", 19_985: "20\u00a0s", 99_960: "100\u00a0s", 250_900: "250\u00a0s"} {
		if got := Duration(&words.Words{}, ms); got != want {
			t.Errorf("%d: %q", ms, got)
		}
	}
	if got := Duration(words.New("de"), 1240); got != "1,2\u00a0s" {
		t.Error(got)
	}
}

func TestLatenciesBecomeBarsTheNewestLast(t *testing.T) {
	w := &words.Words{}
	bars, said := LatencyBars(w, []int64{10, 40, 20})
	want := []LatencyBar{{"20\u00a0ms", 0.5}, {"40\u00a0ms", 1}, {"10\u00a0ms", 0.25}}
	if !slices.Equal(bars, want) || said != "Usually 20\u00a0ms, at most 40\u00a0ms." {
		t.Errorf("%v %q", bars, said)
	}
	if bars, said = LatencyBars(w, nil); bars != nil || said != "No notification has been shown at once since the agent started." {
		t.Errorf("%v %q", bars, said)
	}
	if bars, _ = LatencyBars(w, []int64{0, -3}); bars[0].Part != 0 {
		t.Errorf("%v", bars)
	}
}

func TestWhatCameOfAPushIsSaid(t *testing.T) {
	for _, tt := range []struct {
		push local.Push
		want PushRow
	}{
		{local.Push{At: today, Outcome: local.OutcomeShown, LatencyMS: 14}, PushRow{"14:40:00", "Shown after 14\u00a0ms", ToneGood, false}},
		{local.Push{At: today, Outcome: local.OutcomeDigest, Found: true}, PushRow{"14:40:00", "Shown together with others, found when catching up", ToneGood, false}},
		{local.Push{At: today.Add(-24 * time.Hour), Outcome: local.OutcomeExpired}, PushRow{"Yesterday at 14:40", "Expired before it could be shown", ToneQuiet, false}},
		{local.Push{At: today, Outcome: local.OutcomeWaitingKeyring}, PushRow{"14:40:00", "Waits for the keyring to be unlocked", ToneAttention, false}},
		{local.Push{At: today, Outcome: local.OutcomeLocked}, PushRow{"14:40:00", "Held back while the screen is locked", ToneWorking, true}},
		{local.Push{At: today, Outcome: local.OutcomeUndecryptable}, PushRow{"14:40:00", "Could not be decrypted", ToneBad, false}},
		{local.Push{At: today, Outcome: "of\ntomorrow"}, PushRow{"14:40:00", "of tomorrow", ToneQuiet, false}},
	} {
		if got := PushRowOf(&words.Words{}, tt.push, today); got != tt.want {
			t.Errorf("%+v", got)
		}
	}
}

func TestADeviceIsNamedAndSaidWhenItWasHeardOf(t *testing.T) {
	w, at := &words.Words{}, today.Add(-time.Hour)
	for _, tt := range []struct {
		device local.Device
		want   DeviceRow
	}{
		{local.Device{ID: "a", Name: "Desk-12", LastUpdate: &at, This: true}, DeviceRow{"a", "Desk-12", "This device · Last heard of 13:40", false}},
		{local.Device{ID: "b", Name: " \u202e\n "}, DeviceRow{"b", "Another device", "Not heard of yet", true}},
	} {
		if got := DeviceRowOf(w, tt.device, today); got != tt.want {
			t.Errorf("%+v", got)
		}
	}
}

func TestAnotherAccountHasItsOwnDevicesAndNoTestRunsOnForTheOneBefore(t *testing.T) {
	live(t, "clinic", func(h *home) {
		h.clinic.Way.Devices = []local.Device{{ID: "c", Name: "Clinic's"}}
		h.clinic.Way.Steps = []local.TestStep{{}}
		h.shop.Way.Devices = []local.Device{{ID: "s", Name: "Shop's"}, {ID: "t", Name: "Shop's, too"}}
	}, func(h *home) {
		first := look(h.stage)
		h.is("devices", len(first.Devices), 1)
		first.StartTest()
		h.Settle()
		h.shell.Switch("shop")
		h.Settle()
		h.is("ended", h.clinic.Called("test-ended"), 1)
		h.is("pane", h.shell.Pane, PaneRead)
		second := look(h.stage)
		h.is("devices", len(second.Devices), 2)
		asked := h.clinic.Called("history")
		h.shop.Tell(local.Change{Kind: local.ChangeInbox})
		h.Settle()
		h.is("asked for the one before", h.clinic.Called("history"), asked)
		h.is("devices", len(h.shell.Conn.Devices), 2)
	})
}
