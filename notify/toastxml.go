package notify

import (
	"encoding/xml"
	"strings"

	"securepush/api"
)

// The toast schema of Windows 10 and later, as far as it is used here:
// https://learn.microsoft.com/windows/apps/design/shell/tiles-and-notifications/toast-schema.
type (
	xmlToast struct {
		XMLName  xml.Name    `xml:"toast"`
		Launch   string      `xml:"launch,attr"`
		Duration string      `xml:"duration,attr"`
		Scenario string      `xml:"scenario,attr,omitempty"`
		Binding  xmlBinding  `xml:"visual>binding"`
		Actions  []xmlAction `xml:"actions>action,omitempty"`
		Audio    *xmlAudio   `xml:"audio"`
	}
	xmlBinding struct {
		Template string   `xml:"template,attr"`
		Text     []string `xml:"text"`
	}
	xmlAction struct {
		Content    string `xml:"content,attr"`
		Arguments  string `xml:"arguments,attr"`
		Activation string `xml:"activationType,attr"`
	}
	xmlAudio struct {
		Silent bool `xml:"silent,attr"`
	}
)

// toastXML writes a toast as Windows wants it. All text goes through encoding/xml: the well-known templates put it into
// CDATA, which "]]>" leaves.
func toastXML(m message) (string, error) {
	t := xmlToast{
		Launch:   toastArguments("default", m.tag),
		Duration: "short",
		Binding:  xmlBinding{Template: "ToastGeneric", Text: []string{m.Title, m.Body}},
	}
	if m.priority == api.PriorityHigh || m.sticky {
		t.Duration = "long"
	}
	if m.priority == api.PriorityUrgent {
		t.Duration, t.Scenario = "long", "urgent"
	}
	if m.silent {
		t.Audio = &xmlAudio{Silent: true}
	}
	for _, a := range m.actions {
		if a.key != "default" { // that is the toast itself
			t.Actions = append(t.Actions, xmlAction{a.label, toastArguments(a.key, m.tag), "foreground"})
		}
	}
	b, err := xml.Marshal(t)
	return string(b), err
}

// toastArguments is what a click brings back, perhaps days later and to another process: all that is needed to act on it.
func toastArguments(key, tag string) string { return key + " " + tag }

// toastEvent is the event of a click's arguments. They come from outside, so unknown keys and strange tags are refused.
func toastEvent(arguments string) (Event, bool) {
	key, tag, _ := strings.Cut(arguments, " ")
	for _, a := range contentActions() {
		if a.key == key && tag != "" && len(tag) <= maxForeign {
			return Event{Kind: a.kind, Tag: tag}, true
		}
	}
	return Event{}, false
}
