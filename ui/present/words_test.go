package present

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"securepush/api"
)

func TestMomentsAreToldAsPeopleDo(t *testing.T) {
	for _, tt := range []struct {
		ago         time.Duration
		moment, day string
	}{
		{-30 * time.Second, "now", "Today"},
		{10 * time.Second, "now", "Today"},
		{8 * time.Minute, "8 min", "Today"},
		{95 * time.Minute, "13:05", "Today"},
		{-2 * time.Hour, "16:40", "Today"},
		{15 * time.Hour, "Yesterday", "Yesterday"},
		{3 * 24 * time.Hour, "Wed", "Wednesday"},
		{20 * 24 * time.Hour, "1 Nov", "1 November"},
		{400 * 24 * time.Hour, "17 Oct 2025", "17 October 2025"},
	} {
		at := today.Add(-tt.ago)
		if got := Moment(at, today); got != tt.moment {
			t.Errorf("%v ago: %q, want %q", tt.ago, got, tt.moment)
		}
		if got := Day(at, today); got != tt.day {
			t.Errorf("%v ago: day %q, want %q", tt.ago, got, tt.day)
		}
	}
	if got := Since(today.Add(-26*time.Hour), today); got != "yesterday at 12:40" {
		t.Errorf("since: %q", got)
	}
}

func TestDaysAreCountedByTheCalendarAcrossDaylightSaving(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here: ", err)
	}
	now := time.Date(2026, time.March, 29, 23, 30, 0, 0, berlin) // a day of 23 hours
	if got := Day(time.Date(2026, time.March, 28, 0, 10, 0, 0, berlin), now); got != "Yesterday" {
		t.Error(got)
	}
}

func TestARowHasATitleWhateverWasSent(t *testing.T) {
	for _, tt := range []struct {
		n           api.Notification
		title, line string
	}{
		{api.Notification{Title: "T", Payload: "a\nb"}, "T", "a"},
		{api.Notification{Payload: "\n\n first \nsecond"}, "first", "second"},
		{api.Notification{Title: "\x00\u202e", Payload: " \r\n\t"}, WordUntitled, ""},
	} {
		r := RowOf(tt.n, today)
		if r.Title != tt.title || r.Line != tt.line {
			t.Errorf("%+v: %q, %q", tt.n, r.Title, r.Line)
		}
	}
}

func TestALinkIsOpenedOnlyWhenItIsOne(t *testing.T) {
	for _, tt := range []struct {
		s       string
		opens   bool
		warning string
	}{
		{"https://a.example/x", true, ""},
		{"http://a.example", true, "not encrypted"},
		{"https://bank.example@evil.example/", true, "The site is evil.example."},
		{"https://bаnk.example/", true, "look like others"},
		{"javascript:alert(1)", false, "cannot be opened"},
		{"file:///etc/passwd", false, "cannot be opened"},
		{"https://", false, "cannot be opened"},
		{"://", false, "cannot be opened"},
	} {
		l := LinkOf(tt.s)
		if l == nil || (l.URL != nil) != tt.opens || !strings.Contains(l.Warning, tt.warning) || tt.warning == "" && l.Warning != "" {
			t.Errorf("%q: %+v", tt.s, l)
		}
	}
	if LinkOf(" ") != nil {
		t.Error("a link of nothing")
	}
}

func FuzzTextsCanBeDrawn(f *testing.F) {
	for _, s := range []string{"", "a\r\nb", "\x00\x1b[31m", "\u202egnp.exe", "\xff\xfe", strings.Repeat("x", 5000), strings.Repeat("ab ", 3000), "👩‍⚕️", "\u2028", "שלום"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, one := Text(s), Line(s)
		if !utf8.ValidString(text) || !utf8.ValidString(one) {
			t.Fatal("not UTF-8")
		}
		for _, r := range text + one {
			if hidden(r) || r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
				t.Fatalf("%q is left", r)
			}
		}
		if strings.ContainsAny(one, "\n\t") || utf8.RuneCountInString(one) > lineRunes+2 {
			t.Fatalf("not one short line: %q", one)
		}
		for p := range strings.SplitSeq(text, "\n") {
			if utf8.RuneCountInString(p) > paragraphRunes+101 {
				t.Fatal("a paragraph without an end")
			}
		}
	})
}
