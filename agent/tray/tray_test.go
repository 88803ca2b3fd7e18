package tray

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"securepush/api"
	"securepush/assets"
	"securepush/assets/words"
)

func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// labels of a menu, "-" for a separator and (…) around what cannot be chosen.
func labels(entries []entry) (out []string) {
	for _, e := range entries {
		switch {
		case e.separator:
			out = append(out, "-")
		case e.disabled:
			out = append(out, "("+e.label+")")
		default:
			out = append(out, e.label)
		}
	}
	return out
}

func items(texts ...string) (out []Item) {
	for _, text := range texts {
		out = append(out, Item{ID: api.ID("id-" + text), Text: text})
	}
	return out
}

func TestTheMenuSaysTheStateThenWhatIsUnreadThenWhatCanBeDone(t *testing.T) {
	pauses := "Pause for 30 minutes|Pause for 1 hour|Pause until tomorrow|-|Quit"
	for _, c := range []struct {
		name  string
		state State
		want  string
	}{
		{"nothing is unread", State{Mode: Connected}, "(Connected)|-|Open SecurePush|(Mark all read)|-|" + pauses},
		{
			"unread ones by their text",
			State{Mode: Connected, Unread: 2, Items: items("Lab: Potassium", "Payments: Approve")},
			"(Connected)|-|Lab: Potassium|Payments: Approve|-|Open SecurePush|Mark all read|-|" + pauses,
		},
		{
			"only their number where content may not be shown",
			State{Mode: Connected, Unread: 3},
			"(Connected)|-|3 unread notifications|-|Open SecurePush|Mark all read|-|" + pauses,
		},
		{
			"five at most, and how many there are",
			State{Mode: Connected, Unread: 9, Items: items("a", "b", "c", "d", "e", "f")},
			"(Connected)|-|a|b|c|d|e|9 unread notifications|-|Open SecurePush|Mark all read|-|" + pauses,
		},
		{
			"a quiet time can be ended",
			State{Mode: Paused, Quiet: Quiet{QuietPause, noon().Add(time.Hour)}},
			"(Paused until 13:00)|-|Open SecurePush|(Mark all read)|-|Resume now|" + pauses,
		},
		{
			"a quiet time can be ended while offline, too",
			State{Mode: Offline, Since: noon().Add(-time.Hour), Quiet: Quiet{QuietPause, noon().Add(time.Hour)}},
			"(Offline since 11:00. Catching up by itself.)|-|Open SecurePush|(Mark all read)|-|Resume now|" + pauses,
		},
		{
			"quiet hours can be ended",
			State{Mode: Paused, Quiet: Quiet{QuietHours, noon().Add(time.Hour)}},
			"(Quiet hours until 13:00)|-|Open SecurePush|(Mark all read)|-|Resume now|" + pauses,
		},
		{
			"quiet hours that never end",
			State{Mode: Paused, Quiet: Quiet{Reason: QuietHours}},
			"(Quiet hours)|-|Open SecurePush|(Mark all read)|-|Resume now|" + pauses,
		},
		{
			"what the desktop wants only the desktop can end",
			State{Mode: Paused, Quiet: Quiet{Reason: QuietDesktop}},
			"(Your desktop asks not to disturb)|-|Open SecurePush|(Mark all read)|-|" + pauses,
		},
		{"a pause without an end", State{Mode: Paused, Quiet: Quiet{Reason: QuietPause}}, "(Paused)|-|Open SecurePush|(Mark all read)|-|Resume now|" + pauses},
		{"without an account there is nothing to pause or to read", State{Mode: SignedOut, Unread: 4}, "(Not signed in)|-|Open SecurePush|-|Quit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.state.Now = noon()
			if got := strings.Join(labels(menu(c.state, &words.Words{})), "|"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestTheMenuSpeaksThePersonsLanguage(t *testing.T) {
	s := State{Mode: Paused, Quiet: Quiet{QuietPause, noon().Add(20 * time.Hour)}, Now: noon(), Unread: 1}
	got := strings.Join(labels(menu(s, words.New("de"))), "|")
	want := "(Pause bis morgen um 08:00)|-|1 ungelesene Mitteilung|-|SecurePush öffnen|Alle gelesen|-|Jetzt fortsetzen|" +
		"30 Minuten Pause|1 Stunde Pause|Pause bis morgen|-|Beenden"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEachLineDoesWhatItSays(t *testing.T) {
	s := State{Mode: Connected, Unread: 5, Items: items("a"), Quiet: Quiet{QuietPause, noon()}, Now: noon()}
	want := map[string]Action{
		"a":                      {Kind: ActOpen, ID: "id-a"},
		"5 unread notifications": {Kind: ActOpen},
		"Open SecurePush":        {Kind: ActOpen},
		"Mark all read":          {Kind: ActMarkAllRead},
		"Resume now":             {Kind: ActResume},
		"Pause for 30 minutes":   {Kind: ActPauseHalfHour},
		"Pause for 1 hour":       {Kind: ActPauseHour},
		"Pause until tomorrow":   {Kind: ActPauseTomorrow},
		"Quit":                   {Kind: ActQuit},
	}
	for _, e := range menu(s, &words.Words{}) {
		if e.separator || e.disabled {
			continue
		}
		if e.action != want[e.label] {
			t.Errorf("%q does %+v, want %+v", e.label, e.action, want[e.label])
		}
		delete(want, e.label)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

func modes() []Mode {
	return []Mode{Connecting, Connected, Paused, Offline, Trouble, KeyringLocked, KeyringSilent, SignInEnded, SignedOut}
}

func TestEachStateHasItsIcon(t *testing.T) {
	for mode, want := range map[Mode]icon{
		Connecting:    {glyph: assets.TrayConnecting, colour: muted()},
		Connected:     {glyph: assets.TrayConnected, colour: calm()},
		Paused:        {glyph: assets.TrayPaused, colour: muted()},
		Offline:       {glyph: assets.TrayOffline, colour: muted()},
		Trouble:       {glyph: assets.TraySignIn, colour: attention()},
		KeyringLocked: {glyph: assets.TrayLocked, colour: attention(), attention: true},
		KeyringSilent: {glyph: assets.TrayLocked, colour: attention(), attention: true},
		SignInEnded:   {glyph: assets.TraySignIn, colour: attention(), attention: true},
		SignedOut:     {glyph: assets.TraySignIn, colour: attention()},
	} {
		if got := iconOf(State{Mode: mode}); got != want {
			t.Errorf("mode %d: %+v, want %+v", mode, got, want)
		}
		want.dot = mode == Connecting || mode == Connected || mode == Paused || mode == Offline
		if got := iconOf(State{Mode: mode, Unread: 1}); got != want {
			t.Errorf("mode %d with something unread: %+v, want %+v", mode, got, want)
		}
	}
}

func TestEachStateHasWordsAndCountsWhatIsUnread(t *testing.T) {
	seen := map[string]Mode{}
	for _, mode := range modes() {
		s := State{Mode: mode, Quiet: Quiet{QuietPause, noon()}, Now: noon(), Trouble: Problem{Code: "server"}, Unread: 3}
		f := faceOf(s, &words.Words{})
		said, counted := strings.CutSuffix(f.tip, " · 3 unread")
		if other, ok := seen[said]; ok || said == "" {
			t.Errorf("mode %d says %q, as mode %d does", mode, said, other)
		}
		seen[said] = mode
		if counted != (mode != SignedOut) || counted != (f.title == "SecurePush: 3 unread") {
			t.Errorf("mode %d: %q, %q", mode, f.title, f.tip)
		}
	}
	if f := faceOf(State{Mode: Connected}, &words.Words{}); f.title != "SecurePush" || f.tip != "Connected" {
		t.Errorf("nothing unread: %q, %q", f.title, f.tip)
	}
	if got := stateWords(State{Mode: Trouble, Trouble: Problem{"new_one", "Its own title"}}, &words.Words{}); got != "Its own title" {
		t.Errorf("a trouble that the language does not know: %q", got)
	}
}

func TestTheIconIsThereInEverySizeAndTheDotIsSeenInEach(t *testing.T) {
	for _, size := range assets.MaskSizes() {
		for _, mode := range modes() {
			plain, dotted := iconOf(State{Mode: mode}), iconOf(State{Mode: mode})
			dotted.dot = true
			a, b := plain.pixels(size), dotted.pixels(size)
			if len(a) != 4*size*size || len(b) != len(a) {
				t.Fatalf("%d and %d bytes for %d pixels", len(a), len(b), size)
			}
			at := 4 * (size*int(dotCentre*float64(size)) + int(dotCentre*float64(size)))
			if c := attention(); !slices.Equal(b[at:at+4], []byte{255, c.r, c.g, c.b}) {
				t.Errorf("mode %d, %d pixels: no dot but %v", mode, size, b[at:at+4])
			}
			inked, changed := 0, 0
			for i := 0; i < len(a); i += 4 {
				if a[i] > 127 {
					inked++
				}
				if a[i] != b[i] || a[i+1] != b[i+1] {
					changed++
				}
			}
			if inked < size*size/10 || changed > size*size/3 {
				t.Errorf("mode %d, %d pixels: %d drawn, %d under the dot", mode, size, inked, changed)
			}
		}
	}
}

// TestColoursStandOutOnLightAndOnDarkBars holds the ratio of WCAG 2.2 for what is not text, with room to spare.
func TestColoursStandOutOnLightAndOnDarkBars(t *testing.T) {
	linear := func(b byte) float64 { return math.Pow((float64(b)/255+0.055)/1.055, 2.4) } // sRGB, but for the darkest
	light := func(c colour) float64 { return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b) + 0.05 }
	for _, c := range []colour{calm(), attention(), muted()} {
		for _, ground := range []colour{{0xFB, 0xFB, 0xFC}, {0x15, 0x17, 0x1A}} {
			high, low := max(light(c), light(ground)), min(light(c), light(ground))
			if high/low < 3.5 {
				t.Errorf("%v on %v: %.1f", c, ground, high/low)
			}
		}
	}
}

func TestLabelsAreSafeForAnyHost(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"an underline is no key", "a_b __", "a__b ____"},
		{"no line breaks", "a\nb\r\nc\u2028d", "a b  c d"},
		{"no NUL", "a\x00b", "a b"},
		{"no overriding of direction", "a\u202eb\u2066c", "abc"},
		{"no broken text", "a\xff\xfeb", "ab"},
		{"markup stays text", "<b>a</b> &amp;", "<b>a</b> &amp;"},
		{"bounded", strings.Repeat("x", 100), strings.Repeat("x", maxLabel) + "…"},
		{"right-to-left text stays", "שלום", "שלום"},
		{"emoji stay together", "👩\u200d⚕️ ok", "👩\u200d⚕️ ok"},
	} {
		if got := label(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	for _, huge := range []string{strings.Repeat("_", 1<<20), strings.Repeat("\u202e", 1<<20), strings.Repeat("\xff", 1<<20)} {
		if got := label(huge); len(got) > 4*maxLabel {
			t.Errorf("%d bytes", len(got))
		}
	}
}

func FuzzLabel(f *testing.F) {
	f.Add("a_b\x00\u202e\xff")
	f.Fuzz(func(t *testing.T, in string) {
		got := label(in)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\x00\n\u202e\u2066") || utf8.RuneCountInString(got) > 2*maxLabel+1 {
			t.Errorf("%q", got)
		}
		if strings.Contains(strings.ReplaceAll(got, "__", ""), "_") {
			t.Errorf("%q has a key", got)
		}
	})
}

func TestALineKeepsItsNumberAndNoOtherGetsIt(t *testing.T) {
	var l layout
	set := func(keys ...string) map[string]int32 {
		var entries []entry
		for _, k := range keys {
			entries = append(entries, entry{key: k, label: k})
		}
		l.set(entries)
		out := map[string]int32{}
		for _, line := range l.lines {
			out[line.key] = line.id
		}
		return out
	}
	first := set("a", "b")
	second := set("c", "b")
	third := set("a", "b")
	if second["b"] != first["b"] || third["b"] != first["b"] {
		t.Error("a line that stayed has another number")
	}
	seen := []int32{first["a"], first["b"], second["c"]}
	if slices.Contains(seen, third["a"]) || second["c"] == first["a"] || slices.Contains(seen, 0) {
		t.Errorf("a number was given out twice: %v %v %v", first, second, third)
	}
	if revision := l.revision; revision != 3 {
		t.Errorf("revision %d after three changes", revision)
	}
	set("a", "b")
	if l.revision != 3 {
		t.Error("the same menu counts as another")
	}
	if _, ok := l.line(first["a"]); ok {
		t.Error("a line that went is still there")
	}
}

func TestTheMiddleButtonPausesAndResumes(t *testing.T) {
	for _, c := range []struct {
		state State
		want  ActionKind
	}{
		{State{Mode: Connected}, ActPauseHalfHour},
		{State{Mode: Paused, Quiet: Quiet{Reason: QuietPause}}, ActResume},
		{State{Mode: Offline, Quiet: Quiet{Reason: QuietPause}}, ActResume},
		{State{Mode: Paused, Quiet: Quiet{Reason: QuietHours}}, ActResume},
		{State{Mode: Paused, Quiet: Quiet{Reason: QuietDesktop}}, ActPauseHalfHour},
		{State{Mode: SignedOut}, ActNothing},
	} {
		if got := toggle(c.state); got != c.want {
			t.Errorf("%+v: %d, want %d", c.state, got, c.want)
		}
	}
}
