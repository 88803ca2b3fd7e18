package words

import (
	"sync"
	"testing"
	"time"
)

func TestTheLanguageIsThePersonsOrTheSystems(t *testing.T) {
	for _, tt := range []struct{ setting, locale, want string }{
		{"", "", "en"},
		{"", "C", "en"},
		{"", "de_AT.UTF-8", "de"},
		{"", "de_DE@euro", "de"},
		{"system", "de", "de"},
		{"system", "tlh_QO", "en"},
		{"en", "de_DE.UTF-8", "en"},
		{"de", "en_US.UTF-8", "de"},
		{"DE-ch", "en_US.UTF-8", "de"},
		{"nonsense", "de_DE", "en"},
		{"../de", "", "en"},
	} {
		if got := Choose(tt.setting, tt.locale); got != tt.want {
			t.Errorf("setting %q, locale %q: %s, want %s", tt.setting, tt.locale, got, tt.want)
		}
	}
}

func TestTheLocaleIsTheFirstThatTheEnvironmentNames(t *testing.T) {
	env := map[string]string{"LANG": "en_US.UTF-8"}
	for _, step := range []struct{ name, value string }{{"LANG", "en_US.UTF-8"}, {"LC_MESSAGES", "de_DE.UTF-8"}, {"LC_ALL", "C"}} {
		env[step.name] = step.value
		if got := Locale(func(name string) string { return env[name] }); got != step.value {
			t.Errorf("with %s: %q", step.name, got)
		}
	}
}

func TestWithoutALanguageEnglishIsSpoken(t *testing.T) {
	var w Words
	if w.Tag() != "en" || w.InboxUndo() != "Undo" {
		t.Errorf("%s: %s", w.Tag(), w.InboxUndo())
	}
	if w := New("xx"); w.Tag() != "en" || w.InboxUndo() != "Undo" {
		t.Errorf("%s: %s", w.Tag(), w.InboxUndo())
	}
}

func TestTheLanguageChangesAtOnceForEverybody(t *testing.T) {
	var w Words
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { _ = w.InboxUndo() + w.Tag() })
	}
	w.Use("de")
	wg.Wait()
	if w.InboxUndo() != "Rückgängig" {
		t.Error(w.InboxUndo())
	}
}

func TestNumbersAndNamesStandInTheirPlaces(t *testing.T) {
	de, en := New("de"), New("en")
	for got, want := range map[string]string{
		en.SigninWaiting(1): "One is waiting.", en.SigninWaiting(3): "3 are waiting.",
		de.SigninWaiting(1): "Eine wartet.", de.SigninWaiting(3): "3 warten.",
		de.ComposeDevices(1): "Unterwegs zu 1 Gerät.", de.LinkAsk("{host} {n}"): "{host} {n} öffnen?",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestATextThatCountsMayNameOthersToo(t *testing.T) {
	w := &Words{}
	w.now.Store(&catalogue{form: eastSlavic, texts: map[string]string{"a.b#one": "{n} {who}", "a.b#few": "{who}: {n}", "a.b#other": "other"}})
	for n, want := range map[int]string{21: "21 Anna", 3: "Anna: 3", 5: "other"} {
		if got := w.count("a.b", n, "who", "Anna"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestCodesAreSaidWhereTheyAreKnown(t *testing.T) {
	de := New("de")
	if title, advice, ok := de.Condition("journal"); !ok || title == "" || advice == "" {
		t.Error("journal is not known")
	}
	if _, _, ok := de.Condition("something_new"); ok {
		t.Error("an unknown condition was said")
	}
	if _, ok := de.Problem("something_new"); ok {
		t.Error("an unknown problem was said")
	}
}

func TestWhatIsSaidElsewhereIsFoundAgain(t *testing.T) {
	de := New("de")
	for said, want := range map[string]string{
		"push.clinic.example cannot be reached.": "push.clinic.example ist nicht erreichbar.",
		"The proxy on the way to push.clinic.example cannot be reached. Check the network, and HTTPS_PROXY.": "Der Proxy auf dem Weg zu push.clinic.example ist nicht erreichbar. Das Netz und HTTPS_PROXY prüfen.",
		"The proxy 10.0.0.1:3128 wants a sign-in. Put the right user and password into HTTPS_PROXY, and restart the listener.": "Der Proxy 10.0.0.1:3128 verlangt eine Anmeldung. " +
			"Den richtigen Benutzer mit Passwort in HTTPS_PROXY eintragen und SecurePush neu starten.",
		"The proxy 10.0.0.1:3128 does not lead to push.clinic.example: it answers 403.": "Der Proxy 10.0.0.1:3128 führt nicht zu push.clinic.example: er antwortet 403.",
		"Offline since 14:02":                                   "Offline seit 14:02",
		"There is no user called “bernd”.":                      "Ein Benutzerkonto namens „bernd“ gibt es nicht.",
		"The disk is full.":                                     "Der Datenträger ist voll.",
		"The disk is full. Really.":                             "",
		" cannot be reached.":                                   "",
		"Something else that nobody has translated.":            "",
		"The journal cannot be written. Is the disk full?":      "Das Journal kann nicht geschrieben werden. Ist der Datenträger voll?",
		"There is no certificate file \"/home/a{host}/x.pem\".": "Die Zertifikatsdatei \"/home/a{host}/x.pem\" gibt es nicht.",
	} {
		if got, ok := de.Phrase(said); got != want || ok != (want != "") {
			t.Errorf("%q: %q %v", said, got, ok)
		}
	}
	if _, ok := New("en").Phrase("The disk is full."); ok {
		t.Error("English was said again in English")
	}
}

func TestLanguagesAreNamedInThemselves(t *testing.T) {
	l := Languages()
	if len(l) < 2 || l[0] != (Language{"de", "Deutsch"}) || l[1] != (Language{"en", "English"}) {
		t.Errorf("%+v", l)
	}
}

func TestMomentsAreToldAsPeopleDo(t *testing.T) {
	now := time.Date(2026, time.November, 21, 14, 40, 0, 0, time.UTC)
	en, de := New("en"), New("de")
	for _, tt := range []struct {
		ago                     time.Duration
		moment, day, wann, tag_ string
	}{
		{-30 * time.Second, "now", "Today", "jetzt", "Heute"},
		{10 * time.Second, "now", "Today", "jetzt", "Heute"},
		{8 * time.Minute, "8 min", "Today", "8 Min.", "Heute"},
		{95 * time.Minute, "13:05", "Today", "13:05", "Heute"},
		{-2 * time.Hour, "16:40", "Today", "16:40", "Heute"},
		{15 * time.Hour, "Yesterday", "Yesterday", "Gestern", "Gestern"},
		{3 * 24 * time.Hour, "Wed", "Wednesday", "Mi", "Mittwoch"},
		{20 * 24 * time.Hour, "1 Nov", "1 November", "1. Nov.", "1. November"},
		{400 * 24 * time.Hour, "17 Oct 2025", "17 October 2025", "17. Okt. 2025", "17. Oktober 2025"},
	} {
		at := now.Add(-tt.ago)
		if got := [4]string{en.Moment(at, now), en.Day(at, now), de.Moment(at, now), de.Day(at, now)}; got != [4]string{tt.moment, tt.day, tt.wann, tt.tag_} {
			t.Errorf("%v ago: %q", tt.ago, got)
		}
	}
	for _, tt := range []struct {
		ago      time.Duration
		said, de string
	}{
		{time.Hour, "13:40", "13:40"},
		{26 * time.Hour, "yesterday at 12:40", "gestern um 12:40"},
		{-20 * time.Hour, "tomorrow at 10:40", "morgen um 10:40"},
		{20 * 24 * time.Hour, "1 November at 14:40", "1. November um 14:40"},
	} {
		if a, b := en.Since(now.Add(-tt.ago), now), de.Since(now.Add(-tt.ago), now); a != tt.said || b != tt.de {
			t.Errorf("since %v: %q, %q", tt.ago, a, b)
		}
	}
	if got := de.Full(now) + "|" + de.DateAndClock(now); got != "Samstag, 21. November 2026, 14:40:00|21. November 2026, 14:40" {
		t.Error(got)
	}
}

func TestDaysAreCountedByTheCalendarAcrossDaylightSaving(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here: ", err)
	}
	now := time.Date(2026, time.March, 29, 23, 30, 0, 0, berlin) // a day of 23 hours
	if got := new(Words).Day(time.Date(2026, time.March, 28, 0, 10, 0, 0, berlin), now); got != "Yesterday" {
		t.Error(got)
	}
}
