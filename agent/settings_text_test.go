package agent

import (
	"path/filepath"
	"strings"
	"testing"

	"securepush/agent/local"
	"securepush/api"
)

func TestLanguageAndTextSizeAreKeptOrRefusedInWords(t *testing.T) {
	for _, tt := range []struct {
		name  string
		s     local.Settings
		field string
	}{
		{"nothing chosen", local.Settings{}, ""},
		{"the system's", local.Settings{Language: "system", TextSize: 100}, ""},
		{"a language", local.Settings{Language: "de", TextSize: 200}, ""},
		{"one that nobody speaks yet", local.Settings{Language: "pt-BR", TextSize: 130}, ""},
		{"no tag", local.Settings{Language: "../de"}, "language"},
		{"a long one", local.Settings{Language: strings.Repeat("a", 36)}, "language"},
		{"too small", local.Settings{TextSize: 99}, "textSize"},
		{"too large", local.Settings{TextSize: 201}, "textSize"},
		{"below nothing", local.Settings{TextSize: -100}, "textSize"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "config.toml")
			f, err := openSettings(path)
			if err != nil {
				t.Fatal(err)
			}
			_, _, err = f.change(func(s *local.Settings) { *s = tt.s })
			p, _ := err.(*api.Problem) //nolint:errorlint // it is not wrapped
			if tt.field != "" {
				if p == nil || p.Field != tt.field {
					t.Errorf("refused with %v, want the field %s", err, tt.field)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			again, err := openSettings(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := again.get(); got.Language != tt.s.Language || got.TextSize != tt.s.TextSize {
				t.Errorf("read back %q %d", got.Language, got.TextSize)
			}
		})
	}
}
