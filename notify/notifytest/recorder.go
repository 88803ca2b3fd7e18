package notifytest

import (
	"context"
	"slices"
	"sync"

	"securepush/api"
	"securepush/notify"
)

// Standing is a toast as a person sees it, in plain text.
type Standing struct{ Title, Body string }

// Recorder is a desktop that only remembers: the fake for whoever needs a [Port]. It is safe for concurrent use.
type Recorder struct {
	events  chan notify.Event
	changed chan struct{}

	mu       sync.Mutex
	standing []entry // oldest first
	shown    []Standing
	prompts  []notify.Prompt
	sounds   notify.Sounds
	err      error
}

type entry struct {
	tag string
	Standing
	heard bool
}

// NewRecorder makes an empty desktop.
func NewRecorder() *Recorder {
	return &Recorder{events: make(chan notify.Event, 64), changed: make(chan struct{}, 1)}
}

// Fail makes every following call return err; nil makes them work again.
func (r *Recorder) Fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

// Show implements [Port].
func (r *Recorder) Show(_ context.Context, t notify.Toast) error {
	c := notify.Compose(t)
	return r.show(t.Tag, t.Replaces, Standing(c), t.Priority)
}

// ShowPrompt implements [Port].
func (r *Recorder) ShowPrompt(_ context.Context, tag string, p notify.Prompt) error {
	title, body := p.Words()
	err := r.show(tag, "", Standing{title, body}, api.PriorityNormal)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.prompts = append(r.prompts, p)
	}
	return err
}

// SetSounds implements [Port].
func (r *Recorder) SetSounds(s notify.Sounds) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sounds = s
}

// Heard implements [Screen].
func (r *Recorder) Heard(title string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.standing, func(e entry) bool { return e.Title == title && e.heard })
}

func (r *Recorder) show(tag, replaces string, s Standing, p api.Priority) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return r.err
	}
	if !slices.ContainsFunc(r.standing, func(e entry) bool { return e.tag == tag }) {
		r.remove(replaces)
	}
	r.remove(tag)
	r.standing = append(r.standing, entry{tag, s, !r.sounds.Silent(p)})
	r.shown = append(r.shown, s)
	r.tell()
	return nil
}

// Withdraw implements [Port].
func (r *Recorder) Withdraw(_ context.Context, tag string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.remove(tag)
	}
	return r.err
}

// Events implements [Port].
func (r *Recorder) Events() <-chan notify.Event { return r.events }

// Shown is everything that was ever shown, in order.
func (r *Recorder) Shown() []Standing {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.shown)
}

// Prompts is every prompt that was ever shown, in order.
func (r *Recorder) Prompts() []notify.Prompt {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.prompts)
}

// Standing implements [Screen].
func (r *Recorder) Standing() []Standing {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]Standing, len(r.standing))
	for i, e := range r.standing {
		out[i] = e.Standing
	}
	return out
}

// Changed implements [Screen].
func (r *Recorder) Changed() <-chan struct{} { return r.changed }

// Do implements [Screen].
func (r *Recorder) Do(title string, k notify.EventKind) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.standing {
		if e.Title == title {
			r.remove(e.tag)
			r.events <- notify.Event{Kind: k, Tag: e.tag}
			return true
		}
	}
	return false
}

// Restart implements [Screen].
func (r *Recorder) Restart() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.standing = nil
	r.events <- notify.Event{Kind: notify.DaemonRestarted}
	r.tell()
	return true
}

func (r *Recorder) remove(tag string) {
	r.standing = slices.DeleteFunc(r.standing, func(e entry) bool { return e.tag == tag })
	r.tell()
}

func (r *Recorder) tell() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}
