package notify

// ToastXML is toastXML of a toast with content, for tests that live outside.
func ToastXML(t Toast) (string, error) { return ToastXMLWith(SoundsOn, t) }

// ToastXMLWith is the same with a choice of sounds.
func ToastXMLWith(s Sounds, t Toast) (string, error) {
	return toastXML(message{Content: Compose(t), tag: t.Tag, priority: t.Priority, silent: s.Silent(t.Priority), sticky: t.Sticky, actions: contentActions()})
}

// ToastEvent is toastEvent, for tests that live outside.
var ToastEvent = toastEvent
