package present

import (
	"context"

	"securepush/agent/local"
	"securepush/assets/words"
)

// Settings presents the person's choices. A change applies at once and is taken back when the agent refuses it.
type Settings struct {
	Changed func()
	Saved   func() // called after a change was taken

	Values local.Settings
	Loaded bool
	CABad  string
	Bad    string // what belongs to no field

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
	s.Values, s.CABad, s.Bad = v, "", ""
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

// refused takes back what the agent did not take. The path of the CA file stays in its field, to be corrected.
func (s *Settings) refused(v local.Settings, err error) {
	if v.CAFile != s.kept.CAFile {
		s.CABad = problemWords(s.w, err)
	} else {
		s.Bad = problemWords(s.w, err)
	}
	s.Values = s.kept
}
