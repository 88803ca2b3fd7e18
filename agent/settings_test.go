package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"securepush/agent/local"
	"securepush/api"
)

// settingsOf opens a file with a text; "": there is no file.
func settingsOf(t *testing.T, text string) *settingsFile {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if text != "" {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := openSettings(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// titles joins what conditions say.
func titles(c []local.Condition) string {
	var b strings.Builder
	for _, c := range c {
		fmt.Fprintf(&b, "%s. %s\n", c.Title, c.Advice)
	}
	return b.String()
}

func TestOfAFileWrittenByHandWhatCanBeUsedCounts(t *testing.T) {
	night := local.QuietHours{Days: []string{"mon"}, From: "22:00", To: "07:00"}
	defaults := withDefaults(local.Settings{})
	with := func(change func(*local.Settings)) local.Settings {
		s := defaults
		change(&s)
		return s
	}
	for _, c := range []struct {
		name string
		file string
		want local.Settings
		told []string // each in a condition of its own
	}{
		{"no file", "", defaults, nil},
		{"an empty file", "\n", defaults, nil},
		{
			"every setting",
			"toast_content = \"sender\"\ntheme = \"dark\"\nsounds = \"urgent\"\nquiet_until = 7\nresumed_until = 8\nurgent_breaks_through = true\n" +
				"keep_days = 365\nca_file = \"/x.pem\"\n[[quiet_hours]]\ndays = [\"mon\"]\nfrom = \"22:00\"\nto = \"07:00\"\n",
			local.Settings{
				ToastContent: local.ToastSender, Theme: "dark", Sounds: local.SoundsUrgent, QuietUntil: 7, ResumedUntil: 8, UrgentBreaksThrough: true, KeepDays: 365,
				CAFile: "/x.pem", QuietHours: []local.QuietHours{night},
			},
			nil,
		},
		{
			"hours as a person writes them",
			`quiet_hours = [{days = ["mon"], from = "22:00", to = "07:00"}]`,
			with(func(s *local.Settings) { s.QuietHours = []local.QuietHours{night} }),
			nil,
		},
		{
			"one value that cannot be",
			"theme = \"pink\"\nkeep_days = 7\n",
			with(func(s *local.Settings) { s.KeepDays = 7 }),
			[]string{"theme"},
		},
		{
			"sounds that there are not",
			"sounds = \"loud\"\nkeep_days = 7\n",
			with(func(s *local.Settings) { s.KeepDays = 7 }),
			[]string{"sounds cannot be used. Sounds are on, urgent or off."},
		},
		{
			"values of the wrong kind",
			"theme = 7\nkeep_days = \"seven\"\nquiet_until = true\ntoasts_per_minute = 9\n",
			with(func(s *local.Settings) { s.ToastsPerMinute = 9 }),
			[]string{"keep_days", "quiet_until", "theme"},
		},
		{
			"a name that there is not",
			"them = \"dark\"\nkeep_days = 7\n",
			with(func(s *local.Settings) { s.KeepDays = 7 }),
			[]string{"them "},
		},
		{
			"where it is not clear how much a toast may show, it shows nothing",
			"toast_content = \"none\"\n",
			with(func(s *local.Settings) { s.ToastContent = local.ToastNothing }),
			[]string{"toast_content"},
		},
		{"a time that is none", `quiet_hours = [{days = ["mon"], from = "22", to = "07:00"}]`, defaults, []string{"quiet_hours"}},
		{"a day that is none", `quiet_hours = [{days = ["monday"], from = "22:00", to = "07:00"}]`, defaults, []string{"quiet_hours"}},
		{"no day", `quiet_hours = [{days = [], from = "22:00", to = "07:00"}]`, defaults, []string{"quiet_hours"}},
		{
			"of several hours the others count",
			`quiet_hours = [{day = ["mon"], from = "1:00", to = "2:00"}, {days = ["mon"], from = "22:00", to = "07:00"}]`,
			with(func(s *local.Settings) { s.QuietHours = []local.QuietHours{night} }),
			[]string{"quiet_hours cannot be used. day is not known there"},
		},
		{
			"too many hours",
			strings.Repeat("[[quiet_hours]]\ndays = [\"mon\"]\nfrom = \"22:00\"\nto = \"07:00\"\n", 21),
			with(func(s *local.Settings) {
				for range 20 {
					s.QuietHours = append(s.QuietHours, night)
				}
			}),
			[]string{"quiet_hours"},
		},
		{"too many days to keep", "keep_days = 366", defaults, []string{"keep_days"}},
		{"days before now", "keep_days = -1", defaults, []string{"keep_days"}},
		{"a pause before time began", "quiet_until = -1", defaults, []string{"quiet_until"}},
		{
			"a file that is none",
			"theme = \"dark\"\nkeep_days = [\n",
			with(func(s *local.Settings) { s.ToastContent = local.ToastNothing }),
			[]string{"config.toml cannot be read: line 2"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := settingsOf(t, c.file)
			if got := s.get(); !got.Equal(c.want) {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			told := s.conditions()
			if len(told) != len(c.told) {
				t.Fatalf("told %s", titles(told))
			}
			for i, words := range c.told {
				if text := titles(told[i : i+1]); !strings.Contains(text, words) || told[i].Code != "settings" || told[i].Advice == "" {
					t.Errorf("told %q, want %q in it", text, words)
				}
			}
		})
	}
}

func TestWhatCannotBeUsedStaysInTheFileUntilSomethingElseIsChosen(t *testing.T) {
	s := settingsOf(t, "theme = \"pink\"\nthem = \"dark\"\nkeep_days = 7\nquiet_hours = [{days = [\"mon\"], from = \"x\", to = \"y\"}]\n")
	change := func(f func(*local.Settings)) string {
		t.Helper()
		if _, _, err := s.change(f); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(s.path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	file := change(func(s *local.Settings) { s.QuietUntil = 1_800_000_000 })
	again, err := openSettings(s.path)
	if err != nil {
		t.Fatal(err)
	}
	if got := again.get(); got.QuietUntil != 1_800_000_000 || got.KeepDays != 7 || len(again.conditions()) != 3 || len(s.conditions()) != 3 {
		t.Fatalf("after a pause: %s%+v\n%s", file, got, titles(again.conditions()))
	}
	file = change(func(s *local.Settings) { s.Theme = "dark" })
	if text := titles(s.conditions()); strings.Contains(file, "pink") || strings.Contains(text, "theme") || len(s.conditions()) != 2 {
		t.Errorf("after another theme: %s%s", file, text)
	}
	if again, err = openSettings(s.path); err != nil || again.get().Theme != "dark" {
		t.Errorf("%+v, %v", again.get(), err)
	}
}

func TestAFileThatIsNoneIsSetAsideWhenSomethingIsChosen(t *testing.T) {
	const text = "theme = ["
	s := settingsOf(t, text)
	if _, err := os.Stat(s.path + ".broken"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before that: %v", err)
	}
	if _, _, err := s.change(func(s *local.Settings) { s.Theme = "pink" }); api.CodeOf(err) != api.CodeInvalidField {
		t.Error(err)
	}
	for _, theme := range []string{"dark", "light"} {
		if _, _, err := s.change(func(s *local.Settings) { s.Theme = theme }); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := os.ReadFile(s.path + ".broken"); err != nil || string(b) != text {
		t.Errorf("set aside: %q, %v", b, err)
	}
	if told := titles(s.conditions()); !strings.Contains(told, "config.toml.broken") {
		t.Errorf("told %s", told)
	}
	if again, err := openSettings(s.path); err != nil || again.get().Theme != "light" || len(again.conditions()) != 0 {
		t.Errorf("%+v, %v", again.get(), err)
	}
}

func TestSettingsAreRefusedInWordsWithTheirField(t *testing.T) {
	every := local.Weekdays()
	for field, n := range map[string]local.Settings{
		"toastContent": {ToastContent: "some"},
		"quietUntil":   {QuietUntil: -1},
		"resumedUntil": {ResumedUntil: -1},
		"keepDays":     {KeepDays: 366},
		"quietHours":   {QuietHours: []local.QuietHours{{Days: every, From: "22:00", To: "07:00"}, {Days: every, From: "25:00", To: "07:00"}}},
	} {
		s := settingsOf(t, "")
		_, _, err := s.change(func(s *local.Settings) { *s = n })
		p, ok := errors.AsType[*api.Problem](err)
		if !ok || p.Code != api.CodeInvalidField || p.Field != field || p.Detail == "" {
			t.Errorf("%s: %#v", field, err)
		}
		if _, err := os.Stat(s.path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: written all the same", field)
		}
	}
}
