package present

import (
	"context"
	"slices"

	"securepush/agent/local"
	"securepush/assets/words"
)

// Settings presents the person's choices. A change applies at once and is taken back when the agent refuses it.
type Settings struct {
	Changed func()
	Saved   func() // called after a change was taken

	Values local.Settings
	Loaded bool
	Wrong  map[string]string // what was refused, in words, by the choice: see the Field constants
	Bad    string            // what belongs to no field
	Hours  []Hours           // quiet hours as they are being written

	keeper Keeper
	work   *Work
	w      *words.Words
	kept   local.Settings // what the agent has
	saving bool
}

// The values of settings that follow the system, or leave things as they are.
const (
	LanguageSystem = "system"
	TextSizeUsual  = 100 // per cent
)

// The choices that can be refused, by their names in the agent's settings.
const (
	FieldToasts   = "toastContent"
	FieldTheme    = "theme"
	FieldSounds   = "sounds"
	FieldLanguage = "language"
	FieldTextSize = "textSize"
	FieldCA       = "caFile"
	FieldHours    = "quietHours"
	FieldUrgent   = "urgentBreaksThrough"
	FieldKeep     = "keepDays"
)

// KeepDaysUsual is for how long content is kept where nothing is chosen.
const KeepDaysUsual = 30

// NewSettings makes one.
func NewSettings(keeper Keeper, work *Work, w *words.Words) *Settings {
	nop := func() {}
	s := &Settings{Changed: nop, Saved: nop, keeper: keeper, work: work, w: w}
	s.Values = local.Settings{ToastContent: local.ToastEverything, Theme: "system", Language: LanguageSystem, TextSize: TextSizeUsual}
	return s
}

// Load asks the agent.
func (s *Settings) Load() {
	s.work.Go(func(ctx context.Context) func() {
		v, err := s.keeper.Settings(ctx)
		return func() {
			if err != nil {
				s.Bad = problemWords(s.w, err)
			} else if !s.saving {
				s.Values, s.kept, s.Loaded, s.Bad = v, v, true, ""
				s.showHours()
			}
			s.Changed()
		}
	})
}

// Apply shows and saves other values.
func (s *Settings) Apply(v local.Settings) {
	if !s.Loaded || v.Equal(s.Values) {
		return
	}
	for _, field := range changedFields(s.Values, v) {
		delete(s.Wrong, field)
	}
	s.Values, s.Bad = v, ""
	s.save()
	s.Changed()
}

func (s *Settings) save() {
	if s.saving || s.Values.Equal(s.kept) {
		return
	}
	s.saving = true
	v := s.Values
	s.work.Go(func(ctx context.Context) func() {
		err := s.keeper.SaveSettings(ctx, v)
		return func() {
			s.saving = false
			if err != nil {
				s.refused(v, err)
			} else {
				s.kept = v
				s.Saved()
				s.save() // what changed meanwhile
			}
			s.Changed()
		}
	})
}

// refused takes back what the agent did not take, and says why beside it. What was typed stays in its field, to be corrected.
func (s *Settings) refused(v local.Settings, err error) {
	changed := changedFields(s.kept, v)
	field := ""
	if p, ok := asProblem(err); ok && slices.Contains(changed, p.Field) {
		field = p.Field
	} else if len(changed) > 0 {
		field = changed[0]
	}
	if field == "" {
		s.Bad = problemWords(s.w, err)
	} else {
		if s.Wrong == nil {
			s.Wrong = map[string]string{}
		}
		s.Wrong[field] = problemWords(s.w, err)
	}
	s.Values = s.kept
}

// TooMuch says beside a choice that something was too long to be put in, and has been left out.
func (s *Settings) TooMuch(field string, bytes int) {
	if s.Wrong == nil {
		s.Wrong = map[string]string{}
	}
	s.Wrong[field] = s.w.ComposePasteTooLong(kilobytes(s.w, bytes))
	s.Changed()
}

// changedFields names the choices in which both differ.
func changedFields(a, b local.Settings) (out []string) {
	for _, f := range []struct {
		name string
		same bool
	}{
		{FieldCA, a.CAFile == b.CAFile},
		{FieldHours, sameHours(a.QuietHours, b.QuietHours)},
		{FieldToasts, a.ToastContent == b.ToastContent},
		{FieldUrgent, a.UrgentBreaksThrough == b.UrgentBreaksThrough},
		{FieldKeep, a.KeepDays == b.KeepDays},
		{FieldTheme, a.Theme == b.Theme},
		{FieldSounds, a.Sounds == b.Sounds},
		{FieldLanguage, a.Language == b.Language},
		{FieldTextSize, a.TextSize == b.TextSize},
	} {
		if !f.same {
			out = append(out, f.name)
		}
	}
	return append(out, changedAccounts(a.Accounts, b.Accounts)...)
}
