// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// PriorityHigh says: High
func (w *Words) PriorityHigh() string { return w.say("priority.high") }

// PriorityHighMeans says: The toast stays for a while.
func (w *Words) PriorityHighMeans() string { return w.say("priority.high_means") }

// PriorityLow says: Low
func (w *Words) PriorityLow() string { return w.say("priority.low") }

// PriorityLowMeans says: Quiet: no sound, and it does not stay on the screen.
func (w *Words) PriorityLowMeans() string { return w.say("priority.low_means") }

// PriorityNormal says: Normal
func (w *Words) PriorityNormal() string { return w.say("priority.normal") }

// PriorityNormalMeans says: An ordinary toast.
func (w *Words) PriorityNormalMeans() string { return w.say("priority.normal_means") }

// PriorityUrgent says: Urgent
func (w *Words) PriorityUrgent() string { return w.say("priority.urgent") }

// PriorityUrgentMeans says: The toast stays until somebody touches it.
func (w *Words) PriorityUrgentMeans() string { return w.say("priority.urgent_means") }
