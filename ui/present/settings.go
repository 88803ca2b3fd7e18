package present

import (
	"context"

	"securepush/agent/local"
	"securepush/api"
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
	kept   local.Settings // what the agent has
	saving bool
}

// NewSettings makes one.
func NewSettings(keeper Keeper, work *Work) *Settings {
	nop := func() {}
	s := &Settings{Changed: nop, Saved: nop, keeper: keeper, work: work}
	s.Values = local.Settings{ToastContent: local.ToastEverything, Theme: "system"}
	return s
}

// Load asks the agent.
func (s *Settings) Load() {
	s.work.Go(func(ctx context.Context) func() {
		v, err := s.keeper.Settings(ctx)
		return func() {
			if err != nil {
				s.Bad = api.Words(err)
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
		s.CABad = api.Words(err)
	} else {
		s.Bad = api.Words(err)
	}
	s.Values = s.kept
}
