package agent

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"securepush/agent/local"
	"securepush/api"
)

// Bounds of the settings.
const (
	maxQuietHours = 20
	maxKeepDays   = 365
	maxPath       = 4 << 10 // bytes
)

// settingTrouble is what is wrong with a setting. field is its name in JSON.
type settingTrouble struct{ field, words string }

// settingTroubles says in words what is wrong with settings.
func settingTroubles(s local.Settings) []settingTrouble {
	var out []settingTrouble
	check := func(ok bool, field, words string) {
		if !ok {
			out = append(out, settingTrouble{field, words})
		}
	}
	check(knownContent(s.ToastContent), "toastContent", "A toast shows everything, the sender or nothing.")
	check(slices.Contains([]local.Sounds{"", local.SoundsOn, local.SoundsUrgent, local.SoundsOff}, s.Sounds), "sounds", "Sounds are on, urgent or off.")
	check(slices.Contains([]string{"system", "light", "dark"}, s.Theme), "theme", "The theme is system, light or dark.")
	check(canBeTag(s.Language), "language", "The language is system, or a tag such as de or pt-BR.")
	check(s.TextSize == 0 || s.TextSize >= 100 && s.TextSize <= 200, "textSize", "The size of text is between 100 and 200 per cent.")
	check(len(s.CAFile) <= maxPath, "caFile", "This path is too long.")
	check(s.CAFile == "" || filepath.IsAbs(s.CAFile), "caFile", "Give the full path of the certificate file.")
	check(s.QuietUntil >= 0, "quietUntil", "The end of a pause is in seconds since 1970.")
	check(s.ResumedUntil >= 0, "resumedUntil", "The time is in seconds since 1970.")
	check(s.KeepDays >= 0 && s.KeepDays <= maxKeepDays, "keepDays", "Content is kept for 1 to 365 days.")
	check(len(s.QuietHours) <= maxQuietHours, "quietHours", "There are at most 20 quiet hours.")
	if words := accountsTrouble(s.Accounts); words != "" {
		out = append(out, settingTrouble{"accounts", words})
	}
	for i, h := range s.QuietHours {
		if words := hoursTrouble(h); words != "" {
			if len(s.QuietHours) > 1 {
				words = "Entry " + strconv.Itoa(i+1) + ": " + words
			}
			out = append(out, settingTrouble{"quietHours", words})
			break
		}
	}
	return out
}

// canBeTag says whether a text looks like the tag of a language. Which ones are spoken, the window knows.
func canBeTag(s string) bool {
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	}
	return len(s) <= 35 && !strings.ContainsFunc(s, odd)
}

func hoursTrouble(h local.QuietHours) string {
	if len(h.Days) == 0 {
		return "Quiet hours need a day."
	}
	for _, day := range h.Days {
		if !slices.Contains(local.Weekdays(), day) {
			return "The days are mon, tue, wed, thu, fri, sat and sun."
		}
	}
	if _, _, err := hoursOf(h); err != nil {
		return "Quiet hours go from a time such as 22:00 to one such as 07:00."
	}
	return ""
}

// checkSettings says in words what is wrong first.
func checkSettings(s local.Settings) error {
	troubles := settingTroubles(s)
	if len(troubles) == 0 {
		return nil
	}
	p := api.NewProblem(api.CodeInvalidField, troubles[0].words)
	p.Field = troubles[0].field
	return p
}

// badSetting stands in the file and cannot be used.
type badSetting struct {
	name  string // in the file
	value any
	words string
}

// decodeSettings reads a file that is as it should be.
func decodeSettings(b []byte, s *local.Settings) error {
	return toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(s)
}

// salvageSettings takes of a file what can be used. With an error it is none of the language. Where it cannot be told how much
// a toast may show, it shows nothing.
func salvageSettings(b []byte) (local.Settings, []badSetting, error) {
	var raw map[string]any
	if err := toml.Unmarshal(b, &raw); err != nil {
		return local.Settings{ToastContent: local.ToastNothing}, nil, err
	}
	s := local.Settings{}
	var bad []badSetting
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		next, words := takeSetting(s, name, raw[name])
		if words != "" {
			bad = append(bad, badSetting{name, raw[name], words})
			switch next = takeEntries(s, name, raw[name]); name {
			case "toast_content":
				next.ToastContent = local.ToastNothing
			case "accounts":
				next = takeAccounts(s, raw[name])
			}
		}
		s = next
	}
	return s, bad, nil
}

// takeSetting returns s with one setting of the file, or in words why it cannot be.
func takeSetting(s local.Settings, name string, value any) (local.Settings, string) {
	next := s
	b, err := toml.Marshal(map[string]any{name: value})
	if err == nil {
		err = decodeSettings(b, &next)
	}
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(unknown.Errors) > 0 {
		key := unknown.Errors[0].Key()
		if len(key) > 1 {
			return s, fmt.Sprintf("%s is not known there.", key[len(key)-1])
		}
		return s, "There is no such setting."
	}
	if err != nil {
		return s, "It is of the wrong kind."
	}
	if troubles := settingTroubles(withDefaults(next)); len(troubles) > 0 {
		return s, troubles[0].words
	}
	return next, ""
}

// takeEntries returns s with those entries of a list that can be used.
func takeEntries(s local.Settings, name string, value any) local.Settings {
	entries, _ := value.([]any)
	var good []any
	for _, entry := range entries {
		if _, words := takeSetting(s, name, append(slices.Clone(good), entry)); words == "" {
			good = append(good, entry)
		}
	}
	if len(good) == 0 {
		return s
	}
	next, _ := takeSetting(s, name, good)
	return next
}

// brokenWords says where a file is none of the language.
func brokenWords(err error) string {
	if e, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, _ := e.Position()
		return fmt.Sprintf("line %d, %s", row, strings.TrimPrefix(e.Error(), "toml: "))
	}
	return "it is not TOML"
}
