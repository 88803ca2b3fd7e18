package notify

import "securepush/api"

// Sounds says which toasts may be heard. Whether they are, the desktop decides. One of low priority is never heard.
type Sounds int32

// The choices.
const (
	SoundsOn     Sounds = 0 // all
	SoundsUrgent Sounds = 1 // urgent ones only
	SoundsOff    Sounds = 2 // none
)

// soundName is what is to be heard, of the freedesktop Sound Naming Specification.
const soundName = "message-new-instant"

// Silent says whether a toast of a priority is not to be heard.
func (s Sounds) Silent(p api.Priority) bool {
	switch s {
	case SoundsOn:
		return p == api.PriorityLow
	case SoundsUrgent:
		return p != api.PriorityUrgent
	case SoundsOff:
	}
	return true
}

// SetSounds changes which of the toasts that are shown from now on may be heard. A prompt counts as of normal priority; one that a
// child process shows is not heard.
func (d *Desktop) SetSounds(s Sounds) { d.sounds.Store(int32(s)) }
