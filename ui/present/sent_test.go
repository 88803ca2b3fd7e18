package present

import (
	"testing"
	"time"

	"securepush/api"
	"securepush/assets/words"
	"securepush/ui/present/presenttest"
)

func TestHowFarItHasComeIsSaidInWordsAndNumbers(t *testing.T) {
	for want, d := range map[string]api.Delivery{
		"Waiting: no device has fetched it yet": {State: api.StageSent},
		"On 2 devices, not shown yet":           {State: api.StageDelivered, DeliveredTo: 2},
		"Shown on 1 of 2 devices":               {State: api.StageShown, DeliveredTo: 2, ShownOn: 1},
		"Shown on 1 device":                     {State: api.StageShown, DeliveredTo: 1, ShownOn: 1},
		"Shown on 2 devices":                    {State: api.StageShown, ShownOn: 2},
		"Read · Shown on 3 devices":             {State: api.StageRead, DeliveredTo: 3, ShownOn: 3},
		"Read":                                  {State: api.StageRead},
		"Read · deleted or expired since":       {State: api.StageRead, Gone: true},
	} {
		if got := SentRowOf(&words.Words{}, d, today).State; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTheStepsHaveTheirTimes(t *testing.T) {
	at, later := today.Add(-time.Hour), today.Add(26*time.Hour)
	d := api.Delivery{
		State: api.StageRead, CreatedAt: at, DeliveredTo: 2, Delivered: &at, Read: &later, ReadOn: "Desk-12",
		Devices: []api.DeviceDelivery{{Name: "Desk-12", Delivered: &at}, {}},
	}
	it := SentDetailOf(&words.Words{}, d, today)
	for i, want := range []SentStep{
		{"Delivered", "13:40:00", "2 devices", true},
		{"Shown", "Not reported", "", false},
		{"Read", "22 November 2026, 16:40:00", "on Desk-12", true},
	} {
		if it.Steps[i] != want {
			t.Errorf("%+v, want %+v", it.Steps[i], want)
		}
	}
	for i, want := range []SentStep{{"Desk-12", "Delivered 13:40:00", "", true}, {"Another device", "Not yet", "", false}} {
		if it.Devices[i] != want {
			t.Errorf("%+v, want %+v", it.Devices[i], want)
		}
	}
}

func sentMany(n int) func(*presenttest.Agent) {
	return func(f *presenttest.Agent) {
		signedIn(f)
		for i := range n {
			f.Out = append(f.Out, api.Delivery{ID: id(i), To: "b", State: api.StageSent, CreatedAt: today})
		}
	}
}

func TestItIsAskedWhileSomebodyLooksAndNotOtherwise(t *testing.T) {
	perform(t, sentMany(1), func(s *stage) {
		s.Pass(time.Minute)
		s.is("before", s.agent.Called("sent"), 0)
		s.shell.Show(PaneSent)
		s.Settle()
		s.is("at once", len(s.shell.Sent.Items), 1)
		s.agent.Do(func(f *presenttest.Agent) { f.Out[0].State = api.StageRead })
		s.Pass(sentRefresh + time.Second)
		s.is("again", s.shell.Sent.Items[0].State, api.StageRead)
		n := s.agent.Called("sent")
		s.shell.Show(PaneRead)
		s.Pass(10 * sentRefresh)
		s.is("after", s.agent.Called("sent"), n)
	})
}

func TestOlderOnesComeWhenTheyAreNeededAndStayWhenItIsAskedAgain(t *testing.T) {
	perform(t, sentMany(120), func(s *stage) {
		s.shell.Show(PaneSent)
		s.Settle()
		for range 3 {
			s.shell.Sent.NeedOlder()
			s.Settle()
		}
		s.is("all", len(s.shell.Sent.Items), 120)
		s.Pass(sentRefresh + time.Second)
		s.is("still", len(s.shell.Sent.Items), 120)
	})
}

func TestAListThatCannotBeHadSaysWhyAndKeepsWhatWasThere(t *testing.T) {
	perform(t, sentMany(2), func(s *stage) {
		s.shell.Show(PaneSent)
		s.Settle()
		refuse("sent ", api.CodeUnreachable, "It cannot be reached.")(s.agent)
		s.shell.Sent.Reload()
		s.Settle()
		s.is("words", s.shell.Sent.Bad, "It cannot be reached.")
		s.is("items", len(s.shell.Sent.Items), 2)
		s.shell.Sent.Select(id(9))
		s.Settle()
		s.is("one that is not there", s.shell.Sent.OpenBad, "There is no such notification.")
	})
}
