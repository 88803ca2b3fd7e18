package present

import (
	"context"
	"strings"

	"securepush/agent/local"
	"securepush/api"
	"securepush/assets/words"
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
	Soon     bool   // signed in, and registered before long
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
	w      *words.Words
	user   string
}

// NewCompose makes one.
func NewCompose(sender Sender, work *Work, w *words.Words) *Compose {
	return &Compose{Changed: func() {}, Draft: Draft{Priority: api.PriorityNormal}, sender: sender, work: work, w: w}
}

// Allow says who may send. registered means that this device has been connected since the sign-in.
func (c *Compose) Allow(s *local.Status, registered bool) {
	c.Blocked, c.Soon, c.ToOthers, c.user = c.w.ComposeSignInFirst(), false, false, ""
	if s != nil && s.SignIn == local.SignInActive && s.Account != nil {
		c.ToOthers, c.user, c.Blocked = s.Account.CanSendToOthers(), s.Account.User, ""
		if !registered {
			c.Blocked, c.Soon = c.w.ComposeNotConnected(), true
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
		c.TextBad = c.w.ComposeNoText()
	}
	if l := LinkOf(c.w, c.Draft.Link); l != nil {
		req.URL = strings.TrimSpace(c.Draft.Link)
		if l.URL == nil {
			c.LinkBad = c.w.ComposeBadLink()
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
		c.Result = sentWords(c.w, result)
	}
	c.Changed()
}

func (c *Compose) refused(err error) {
	why, field := problemWords(c.w, err), ""
	if p, ok := asProblem(err); ok {
		field = p.Field
	}
	switch {
	case field == "to" || api.CodeOf(err) == api.CodeUnknownRecipient:
		c.ToBad = why
	case field == "title":
		c.TitleBad = why
	case field == "payload":
		c.TextBad = why
	case field == "url":
		c.LinkBad = why
	}
	c.Result, c.Failed = c.w.ComposeFailed(why), true
	if c.ToBad+c.TitleBad+c.TextBad+c.LinkBad != "" {
		c.Result = c.w.ComposeFailedAbove()
	}
	if c.ToBad != "" && !c.ToOthers {
		c.Result = c.w.ComposeFailed(why)
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
			c.Result, c.Failed = c.w.TrySent(), false
			if err != nil {
				c.Result, c.Failed = problemWords(c.w, err), true
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
func sentWords(w *words.Words, r api.SendResult) string {
	sent, way := w.ComposeSent(), w.ComposeNoDevice()
	if len(r.IDs) > 1 {
		sent = w.ComposeSentTo(len(r.IDs))
	}
	if r.Devices > 0 {
		way = w.ComposeDevices(r.Devices)
	}
	return sent + " " + way
}
