package notify_test

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"securepush/api"
	"securepush/notify"
	"securepush/notify/notifytest"
)

// shape lists a document's elements and attributes without any value, and its text.
func shape(t *testing.T, doc string) (names []string, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(doc))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return names, text
		}
		if err != nil {
			t.Fatalf("%v in %q", err, doc)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			names = append(names, tok.Name.Local)
			for _, a := range tok.Attr {
				names = append(names, "@"+a.Name.Local)
			}
		case xml.EndElement:
			names = append(names, "/"+tok.Name.Local)
		case xml.CharData:
			text += "|" + string(tok)
		default:
			t.Fatalf("%T in %q", tok, doc)
		}
	}
}

func TestHostileTextNeverChangesTheToastsXML(t *testing.T) {
	plain, err := notify.ToastXML(notify.Toast{Tag: "a", Title: "t", Body: "b", Sender: "s"})
	if err != nil {
		t.Fatal(err)
	}
	want, _ := shape(t, plain)
	if n := len(notifytest.Hostile()); n < 60 {
		t.Fatalf("%d hostile strings", n)
	}
	for _, h := range notifytest.Hostile() {
		toast := notify.Toast{Tag: "a", Title: "t" + h, Body: "b" + h, Sender: "s" + h}
		doc, err := notify.ToastXML(toast)
		if err != nil {
			t.Fatal(err)
		}
		got, text := shape(t, doc)
		if !slices.Equal(got, want) {
			t.Errorf("%.40q changes the tree: %v", h, got)
		}
		if c := notify.Compose(toast); text != "|"+c.Title+"|"+c.Body {
			t.Errorf("%.40q: text %q, want %q", h, text, c)
		}
	}
}

func TestToastXMLSaysHowMuchToInterrupt(t *testing.T) {
	for _, c := range []struct {
		priority   api.Priority
		have, lack string
	}{
		{api.PriorityLow, `<audio silent="true">`, "scenario"},
		{api.PriorityNormal, `duration="short"`, "scenario"},
		{api.PriorityHigh, `duration="long"`, "scenario"},
		{api.PriorityUrgent, `scenario="urgent"`, "silent"},
	} {
		doc, err := notify.ToastXML(notify.Toast{Tag: "a", Title: "t", Priority: c.priority})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(doc, c.have) || strings.Contains(doc, c.lack) {
			t.Errorf("%s: %s", c.priority, doc)
		}
	}
}

func TestClickOnAToastNamesItsTag(t *testing.T) {
	for arguments, want := range map[string]notify.Event{
		"default a":                        {Kind: notify.Opened, Tag: "a"},
		"open a b":                         {Kind: notify.Opened, Tag: "a b"},
		"mark-read a":                      {Kind: notify.MarkedRead, Tag: "a"},
		"":                                 {},
		"open":                             {},
		"open ":                            {},
		"delete a":                         {},
		"https://x.example a":              {},
		"open " + strings.Repeat("x", 300): {},
	} {
		if got, ok := notify.ToastEvent(arguments); got != want || ok != (want != notify.Event{}) {
			t.Errorf("%.40q: %+v, %v", arguments, got, ok)
		}
	}
}

func TestToastXMLIsSilentWhereNothingIsToBeHeard(t *testing.T) {
	for sounds, want := range map[notify.Sounds]map[api.Priority]bool{
		notify.SoundsOn:     {api.PriorityNormal: false, api.PriorityUrgent: false},
		notify.SoundsUrgent: {api.PriorityNormal: true, api.PriorityUrgent: false},
		notify.SoundsOff:    {api.PriorityNormal: true, api.PriorityUrgent: true},
	} {
		for priority, silent := range want {
			doc, err := notify.ToastXMLWith(sounds, notify.Toast{Tag: "a", Title: "t", Priority: priority})
			if err != nil || strings.Contains(doc, `<audio silent="true">`) != silent {
				t.Errorf("sounds %d, %s: %s, %v", sounds, priority, doc, err)
			}
		}
	}
}
