package agent

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"securepush/agent/local"
	"securepush/api"
)

const settingsID = "6f1c0c1e-0000-4000-8000-000000000000"

func TestTheChoicesForAnAccountAreKeptOrRefusedInWords(t *testing.T) {
	many := map[string]local.AccountSettings{}
	for i := range maxAccountEntries + 1 {
		many[fmt.Sprint(i)] = local.AccountSettings{Muted: true}
	}
	one := func(c local.AccountSettings) map[string]local.AccountSettings {
		return map[string]local.AccountSettings{settingsID: c}
	}
	for _, row := range []struct {
		name     string
		accounts map[string]local.AccountSettings
		ok       bool
	}{
		{"nothing chosen", nil, true},
		{"everything", one(local.AccountSettings{Name: "Clinic · Süd", Colour: "teal", Muted: true, ToastContent: local.ToastSender}), true},
		{"a name of forty letters", one(local.AccountSettings{Name: strings.Repeat("ü", 40)}), true},
		{"a longer one", one(local.AccountSettings{Name: strings.Repeat("ü", 41)}), false},
		{"two lines", one(local.AccountSettings{Name: "a\nb"}), false},
		{"a terminal's colour", one(local.AccountSettings{Name: "a\x1b[31m"}), false},
		{"nothing but a space", one(local.AccountSettings{Name: " "}), false},
		{"bytes that are no text", one(local.AccountSettings{Name: "a\xff"}), false},
		{"a colour that there is not", one(local.AccountSettings{Colour: "mauve"}), false},
		{"a level that there is not", one(local.AccountSettings{ToastContent: "some"}), false},
		{"no account", map[string]local.AccountSettings{"": {Muted: true}}, false},
		{"too many", many, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			f, err := openSettings(filepath.Join(t.TempDir(), "config.toml"))
			if err != nil {
				t.Fatal(err)
			}
			_, _, err = f.change(func(s *local.Settings) { s.Accounts = row.accounts })
			if p, _ := err.(*api.Problem); (err == nil) != row.ok || p != nil && p.Field != "accounts" { //nolint:errorlint // it is not wrapped
				t.Fatalf("%v", err)
			}
			again, err := openSettings(f.path)
			if err != nil || len(again.conditions()) > 0 {
				t.Fatalf("%v, %+v", err, again.conditions())
			}
			if got := again.get().Accounts; row.ok && !maps.Equal(got, row.accounts) || !row.ok && len(got) > 0 {
				t.Errorf("read back %+v", got)
			}
		})
	}
}

func TestOfChoicesWrittenByHandWhatCanBeUsedCounts(t *testing.T) {
	for _, row := range []struct {
		name, file string
		want       local.AccountSettings
	}{
		{"all of it", "name = \"Clinic\"\ncolour = \"red\"\nmuted = true\ntoast_content = \"nothing\"", local.AccountSettings{Name: "Clinic", Colour: "red", Muted: true, ToastContent: local.ToastNothing}},
		{"a colour that there is not", "name = \"Clinic\"\ncolour = \"mauve\"\nmuted = true", local.AccountSettings{Name: "Clinic", Muted: true}},
		{"where it is not clear how much a toast may show, it shows nothing", "colour = \"red\"\ntoast_content = \"none\"", local.AccountSettings{Colour: "red", ToastContent: local.ToastNothing}},
		{"a wrong kind", "muted = \"yes\"\ntoast_content = 3", local.AccountSettings{ToastContent: local.ToastNothing}},
		{"a name that there is not", "mutet = true\ncolour = \"red\"", local.AccountSettings{Colour: "red"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := settingsOf(t, "theme = \"dark\"\n[accounts."+settingsID+"]\n"+row.file+"\n")
			if got := s.get(); got.Accounts[settingsID] != row.want || got.Theme != "dark" || got.ToastContent != local.ToastEverything {
				t.Errorf("%+v", got)
			}
			told := titles(s.conditions())
			if bad := row.name != "all of it"; bad != strings.Contains(told, "accounts") {
				t.Errorf("told %q", told)
			}
			// What a person wrote stays until they choose something else there.
			if _, _, err := s.change(func(s *local.Settings) { s.Theme = "light" }); err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(s.path)
			if err != nil || !strings.Contains(string(b), strings.SplitN(row.file, " ", 2)[0]) {
				t.Errorf("%s, %v", b, err)
			}
		})
	}
	if got := settingsOf(t, "[accounts]\n\""+settingsID+"\" = 3\n").get().Accounts; got[settingsID].ToastContent != local.ToastNothing {
		t.Errorf("an entry that is none: %+v", got)
	}
}
