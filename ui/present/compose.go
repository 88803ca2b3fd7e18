package present

import (
	"context"
	"strconv"
	"strings"

	"securepush/agent/local"
	"securepush/api"
)

// Draft is what stands in the form for sending.
type Draft struct {
	To       string // user names, or a tag expression; "" is the person's own devices
	Title    string
	Text     string
	Link     string
	Priority api.Priority
}

// Compose presents the form for sending.
type Compose struct {
	Changed func()

	Draft    Draft
	ToOthers bool   // whether the account may choose recipients
	Ready    bool   // signed in and registered
	Blocked  string // why not, when not Ready
	ToBad    string
	TitleBad string
	TextBad  string
	LinkBad  string
	Result   string // what came of the last sending
	Failed   bool   // the result is a failure
	Busy     bool
	Testing  bool

	sender Sender
	work   *Work
	user   string
}

// NewCompose makes one.
func NewCompose(sender Sender, work *Work) *Compose {
	return &Compose{Changed: func() {}, Draft: Draft{Priority: api.PriorityNormal}, sender: sender, work: work}
}

// Allow says who may send. registered means that this device has been connected since the sign-in.
func (c *Compose) Allow(s *local.Status, registered bool) {
	c.Blocked, c.ToOthers, c.user = WordSignInFirst, false, ""
	if s != nil && s.SignIn == local.SignInActive && s.Account != nil {
		c.ToOthers, c.user, c.Blocked = s.Account.CanSendToOthers(), s.Account.User, ""
		if !registered {
			c.Blocked = WordNotConnected
		}
	}
	c.Ready = c.Blocked == ""
	c.Changed()
}

// Edit takes what is typed. What was said about the last sending goes away.
func (c *Compose) Edit(d Draft) {
	if d == c.Draft {
		return
	}
	if d.To != c.Draft.To {
		c.ToBad = ""
	}
	if d.Title != c.Draft.Title {
		c.TitleBad = ""
	}
	if d.Text != c.Draft.Text {
		c.TextBad = ""
	}
	if d.Link != c.Draft.Link {
		c.LinkBad = ""
	}
	c.Draft, c.Result, c.Failed = d, "", false
	c.Changed()
}

// Reset empties the form: another account.
func (c *Compose) Reset() {
	c.Draft = Draft{Priority: api.PriorityNormal}
	c.ToBad, c.TitleBad, c.TextBad, c.LinkBad, c.Result, c.Failed = "", "", "", "", "", false
	c.Changed()
}

// Send sends the draft. After success the form is empty but for the recipient; after failure it is as it was.
func (c *Compose) Send() {
	if c.Busy || !c.Ready {
		return
	}
	c.ToBad, c.TitleBad, c.TextBad, c.LinkBad, c.Result, c.Failed = "", "", "", "", "", false
	req := api.SendRequest{Title: strings.TrimSpace(c.Draft.Title), Payload: strings.TrimSpace(c.Draft.Text), Priority: c.Draft.Priority}
	if c.ToOthers {
		req.To = recipients(c.Draft.To)
	}
	if req.Payload == "" {
		c.TextBad = "Write what you want to say."
	}
	if l := LinkOf(c.Draft.Link); l != nil {
		req.URL = strings.TrimSpace(c.Draft.Link)
		if l.URL == nil {
			c.LinkBad = "A link begins with https:// or http://."
		}
	}
	if c.TextBad != "" || c.LinkBad != "" {
		c.Changed()
		return
	}
	c.Busy = true
	c.work.Go(func(ctx context.Context) func() {
		result, err := c.sender.Send(ctx, req)
		return func() { c.sent(result, err) }
	})
	c.Changed()
}

func (c *Compose) sent(result api.SendResult, err error) {
	c.Busy = false
	if err != nil {
		c.refused(err)
	} else {
		c.Draft = Draft{To: c.Draft.To, Priority: api.PriorityNormal}
		c.Result = sentWords(result)
	}
	c.Changed()
}

func (c *Compose) refused(err error) {
	words, field := api.Words(err), ""
	if p, ok := asProblem(err); ok {
		field = p.Field
	}
	switch {
	case field == "to" || api.CodeOf(err) == api.CodeUnknownRecipient:
		c.ToBad = words
	case field == "title":
		c.TitleBad = words
	case field == "payload":
		c.TextBad = words
	case field == "url":
		c.LinkBad = words
	}
	c.Result, c.Failed = "Not sent. "+words, true
	if c.ToBad+c.TitleBad+c.TextBad+c.LinkBad != "" {
		c.Result = "Not sent. See above."
	}
	if c.ToBad != "" && !c.ToOthers {
		c.Result = "Not sent. " + words
	}
}

// Test asks for a test notification to this device.
func (c *Compose) Test() {
	if c.Testing || !c.Ready {
		return
	}
	c.Testing = true
	c.work.Go(func(ctx context.Context) func() {
		_, err := c.sender.Test(ctx)
		return func() {
			c.Testing = false
			c.Result, c.Failed = "A test notification is on its way.", false
			if err != nil {
				c.Result, c.Failed = api.Words(err), true
			}
			c.Changed()
		}
	})
	c.Changed()
}

// recipients reads user names divided by commas, semicolons or spaces, or one tag expression.
func recipients(s string) api.Recipients {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil
	}
	if strings.ContainsAny(s, "&|!():") {
		return api.Recipients{s}
	}
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\t' })
}

// sentWords says what a send made.
func sentWords(r api.SendResult) string {
	people := ""
	if len(r.IDs) > 1 {
		people = " to " + strconv.Itoa(len(r.IDs)) + " people"
	}
	switch r.Devices {
	case 0:
		return "Sent" + people + ". No device is listening right now; it waits in the inbox."
	case 1:
		return "Sent" + people + ". On its way to 1 device."
	default:
		return "Sent" + people + ". On its way to " + strconv.Itoa(r.Devices) + " devices."
	}
}
