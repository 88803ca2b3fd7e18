package notify_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"securepush/api"
	"securepush/assets"
	"securepush/notify"
	"securepush/notify/notifytest"
)

// nextCall waits for a Notify.
func nextCall(t testing.TB, s *notifytest.Daemon) notifytest.Call {
	t.Helper()
	select {
	case c := <-s.Arrived():
		return c
	case <-time.After(patience):
		t.Fatal("no Notify came")
		return notifytest.Call{}
	}
}

func mustShow(t testing.TB, d *notify.Desktop, toast notify.Toast) {
	t.Helper()
	if err := d.Show(t.Context(), toast); err != nil {
		t.Fatal(err)
	}
}

func TestPriorityDecidesUrgencySoundAndTime(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Normal)
	d := openDesktop(t, bus, notify.Options{})
	for _, c := range []struct {
		name     string
		priority api.Priority
		sticky   bool
		urgency  byte
		expire   int32
		silent   bool
	}{
		{"low is silent and short", api.PriorityLow, false, 0, 5000, true},
		{"none counts as normal", "", false, 1, 10000, false},
		{"normal", api.PriorityNormal, false, 1, 10000, false},
		{"high does not break through do not disturb", api.PriorityHigh, false, 1, 10000, false},
		{"urgent stays until touched", api.PriorityUrgent, false, 2, 0, false},
		{"sticky stays until touched", api.PriorityNormal, true, 1, 0, false},
		{"an unknown priority counts as normal", "shouting", false, 1, 10000, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			mustShow(t, d, notify.Toast{Tag: "a b", Title: "t", Priority: c.priority, Sticky: c.sticky})
			got := nextCall(t, s)
			if u := got.Hints["urgency"].Value(); u != c.urgency {
				t.Errorf("urgency %v, want %d", u, c.urgency)
			}
			if got.Expire != c.expire {
				t.Errorf("expires after %d ms, want %d", got.Expire, c.expire)
			}
			if silent, _ := got.Hints["suppress-sound"].Value().(bool); silent != c.silent {
				t.Errorf("silent %v, want %v", silent, c.silent)
			}
			if _, sounds := got.Hints["sound-name"]; sounds == c.silent {
				t.Errorf("a sound is named: %v", sounds)
			}
			for hint, want := range map[string]any{
				"desktop-entry": assets.AppID, "category": "im.received", "transient": false,
				"x-canonical-private-synchronous": assets.AppID + ":a+b",
			} {
				if v := got.Hints[hint].Value(); v != want {
					t.Errorf("%s is %v, want %v", hint, v, want)
				}
			}
		})
	}
}

func TestWireCarriesSummaryPlainAndBodyEscaped(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.NoActions)
	d := openDesktop(t, bus, notify.Options{})
	mustShow(t, d, notify.Toast{Tag: "a", Title: "a < b & c", Body: "<b>&amp;", Sender: "x>y", Actions: true})
	c := nextCall(t, s)
	if c.AppName != "SecurePush" || c.AppIcon != assets.AppID {
		t.Errorf("app %q, icon %q", c.AppName, c.AppIcon)
	}
	if c.Summary != "a < b & c" {
		t.Errorf("summary %q is not plain", c.Summary)
	}
	if want := "\u2060&lt;b&gt;&amp;amp;\nx&gt;y"; c.Body != want {
		t.Errorf("body %q, want %q", c.Body, want)
	}
	if len(c.Actions) != 0 {
		t.Errorf("actions %q for a daemon that has none", c.Actions)
	}
}

func TestActionsAreOfferedWhereTheDaemonCan(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Normal)
	d := openDesktop(t, bus, notify.Options{})
	mustShow(t, d, notify.Toast{Tag: "a", Title: "t", Actions: true})
	if got, want := nextCall(t, s).Actions, []string{"default", "Open", "open", "Open", "mark-read", "Mark read"}; !slices.Equal(got, want) {
		t.Errorf("content: %q, want %q", got, want)
	}
	if err := d.ShowPrompt(t.Context(), "p", notify.PromptSignIn); err != nil {
		t.Fatal(err)
	}
	if got, want := nextCall(t, s).Actions, []string{"default", "Open", "open", "Open"}; !slices.Equal(got, want) {
		t.Errorf("prompt: %q, want %q", got, want)
	}
	mustShow(t, d, notify.Toast{Tag: "b", Title: "t"})
	if got := nextCall(t, s).Actions; len(got) != 0 {
		t.Errorf("without: %q", got)
	}
}

func TestPromptsThatWaitForThePersonStay(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Normal)
	d := openDesktop(t, bus, notify.Options{})
	for p, want := range map[notify.Prompt]int32{
		notify.PromptSignIn: 0, notify.PromptKeyring: 0, notify.PromptUnreachable: 10000, notify.PromptHidden: 10000,
	} {
		if err := d.ShowPrompt(t.Context(), "p", p); err != nil {
			t.Fatal(err)
		}
		if got := nextCall(t, s).Expire; got != want {
			t.Errorf("%v expires after %d ms, want %d", p, got, want)
		}
	}
	if err := d.ShowPrompt(t.Context(), "p", 0); err == nil {
		t.Error("an unknown prompt was shown")
	}
}

func TestReplacingNamesTheToastOnlyToTheDaemonThatHasIt(t *testing.T) {
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Normal)
	d := openDesktop(t, bus, notify.Options{})
	show := func() uint32 {
		mustShow(t, d, notify.Toast{Tag: "a", Title: "t"})
		return nextCall(t, s).Replaces
	}
	if r := show(); r != 0 {
		t.Errorf("first replaces %d", r)
	}
	if r := show(); r != 1 {
		t.Errorf("second replaces %d, want 1", r)
	}
	s.Close(1, 1)
	if _, err := d.Server(t.Context()); err != nil { // its answer comes after the signal
		t.Fatal(err)
	}
	if r := show(); r != 0 {
		t.Errorf("replaces %d, which has expired", r)
	}
	s.Restart()
	notifytest.NextEvent(t, d)
	if r := show(); r != 0 {
		t.Errorf("replaces %d of another daemon", r)
	}
	if n := s.Asked(); n != 2 {
		t.Errorf("asked for capabilities %d times, want once for each daemon", n)
	}
}

func TestIconIsAFileOfOurOwn(t *testing.T) {
	var icon bytes.Buffer
	if err := png.Encode(&icon, image.NewRGBA(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	bus := notifytest.StartBus(t)
	s := notifytest.StartDaemon(t, bus, notifytest.Normal)
	dir := t.TempDir()
	for range 2 { // the second finds the file
		d := openDesktop(t, bus, notify.Options{Icon: icon.Bytes(), IconDir: dir})
		mustShow(t, d, notify.Toast{Tag: "a", Title: "t"})
		path := nextCall(t, s).AppIcon
		if filepath.Dir(path) != dir || !strings.HasSuffix(path, ".png") {
			t.Fatalf("icon %q", path)
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, icon.Bytes()) {
			t.Errorf("icon file: %d bytes, %v", len(got), err)
		}
		if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v", info.Mode())
		}
	}
	d := openDesktop(t, bus, notify.Options{Icon: icon.Bytes(), IconDir: filepath.Join(dir, "missing")})
	mustShow(t, d, notify.Toast{Tag: "a", Title: "t"})
	if got := nextCall(t, s).AppIcon; got != assets.AppID {
		t.Errorf("icon %q where the file cannot be written", got)
	}
}

func TestServerTellsWhoShowsToasts(t *testing.T) {
	bus := notifytest.StartBus(t)
	notifytest.StartDaemon(t, bus, notifytest.Normal)
	got, err := openDesktop(t, bus, notify.Options{}).Server(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "scripted" || got.Spec != "1.2" || !slices.Equal(got.Capabilities, []string{"actions", "body", "body-markup"}) {
		t.Errorf("%+v", got)
	}
}
