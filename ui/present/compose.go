package present

import (
	"context"
	"strings"
	"time"

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
	Expiry   Expiry
	Until    string // the day, with ExpiryDay
}

// ComposeBad is what is wrong with the fields of the form, each "" when nothing is.
type ComposeBad struct{ To, Title, Text, Link, Until string }

// Compose presents the form for sending.
type Compose struct {
	Changed func()

	Draft    Draft
	ToOthers bool   // whether the account may choose recipients
	Ready    bool   // signed in and registered
	Soon     bool   // signed in, and registered before long
	Blocked  string // why not, when not Ready
	Bad      ComposeBad
	Result   string // what came of the last sending
	Failed   bool   // the result is a failure
	Unclear  bool   // the failure leaves open whether it was sent: sending once more sends it once
	Sent     bool   // the result is of a notification that was sent
	Busy     bool
	Testing  bool

	sender Sender
	work   *Work
	w      *words.Words
	now    func() time.Time
	user   string
	once   *attempt
}

// attempt is a request on its way, or one of which nobody knows whether it arrived.
type attempt struct {
	request api.SendRequest
	key     string // by which the server knows a repeat
}

// NewCompose makes one.
func NewCompose(sender Sender, work *Work, w *words.Words, now func() time.Time) *Compose {
	return &Compose{
		Changed: func() {}, Draft: Draft{Priority: api.PriorityNormal}, sender: sender, work: work, w: w, now: now,
	}
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

// Edit takes what is typed. What was said about the last sending goes away, and what is typed now is sent as something new.
func (c *Compose) Edit(d Draft) {
	before := c.Draft
	if d == before {
		return
	}
	c.Draft, c.once = d, nil
	c.forgetResult()
	live := c.check(false)
	follow := func(bad *string, now string, changed bool) {
		if changed {
			*bad = now
		}
	}
	follow(&c.Bad.To, live.To, d.To != before.To)
	follow(&c.Bad.Title, live.Title, d.Title != before.Title)
	follow(&c.Bad.Text, live.Text, d.Text != before.Text)
	follow(&c.Bad.Link, live.Link, d.Link != before.Link)
	follow(&c.Bad.Until, live.Until, d.Until != before.Until || d.Expiry != before.Expiry)
	c.Changed()
}

func (c *Compose) forgetResult() {
	c.Result, c.Failed, c.Unclear, c.Sent = "", false, false, false
}

// TooMuch says beside a field that something was too long to be put in, and has been left out.
func (c *Compose) TooMuch(bad *string, bytes int) {
	*bad = c.w.ComposePasteTooLong(kilobytes(c.w, bytes))
	c.Changed()
}

// Dirty says whether something is typed that would be lost.
func (c *Compose) Dirty() bool {
	d := c.Draft
	return strings.TrimSpace(d.Title+d.Text+d.Link+d.Until) != ""
}

// Reset empties the form: the person does not want it, or another account has come.
func (c *Compose) Reset() {
	c.Draft, c.Bad, c.once = Draft{Priority: api.PriorityNormal}, ComposeBad{}, nil
	c.forgetResult()
	c.Changed()
}

// Send sends the draft. After success the form is empty but for the recipient; after failure it is as it was, and sending it
// unchanged is a repeat of the same request.
func (c *Compose) Send() {
	if c.Busy || !c.Ready {
		return
	}
	c.forgetResult()
	c.Bad = c.check(true)
	if c.Bad != (ComposeBad{}) {
		c.Changed()
		return
	}
	if c.once == nil {
		c.once = &attempt{c.request(), string(api.NewID())}
	}
	once := c.once
	c.Busy = true
	c.work.Go(func(ctx context.Context) func() {
		result, err := c.sender.SendOnce(ctx, once.request, once.key)
		return func() { c.sent(once, result, err) }
	})
	c.Changed()
}

func (c *Compose) request() api.SendRequest {
	d := c.Draft
	r := api.SendRequest{
		Title: strings.TrimSpace(d.Title), Payload: strings.TrimSpace(d.Text), URL: strings.TrimSpace(d.Link), Priority: d.Priority,
	}
	if c.ToOthers {
		r.To = recipients(d.To)
	}
	if at, ok := d.Expiry.at(d.Until, c.now()); ok {
		r.ExpiresAt = &at
	}
	return r
}

// sent takes the answer. What was typed meanwhile stays.
func (c *Compose) sent(once *attempt, result api.SendResult, err error) {
	c.Busy = false
	switch {
	case err != nil:
		c.refused(err)
	default:
		if c.once == once {
			c.Draft, c.Bad, c.once = Draft{To: c.Draft.To, Priority: api.PriorityNormal}, ComposeBad{}, nil
		}
		c.Result, c.Sent = sentWords(c.w, once.request.To, result), true
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
		c.Bad.To = why
	case field == "title":
		c.Bad.Title = why
	case field == "payload":
		c.Bad.Text = why
	case field == "url":
		c.Bad.Link = why
	case field == "expiresAt":
		c.Bad.Until = why
	}
	c.Result, c.Failed = c.w.ComposeFailed(why), true
	if c.Bad != (ComposeBad{}) {
		c.Result = c.w.ComposeFailedAbove()
	}
	if c.Bad.To != "" && !c.ToOthers {
		c.Result = c.w.ComposeFailed(why)
	}
	if unclear(err) {
		c.Result, c.Unclear = c.w.ComposeUnclear(why), true
		return
	}
	c.once = nil // it was not taken: the next is a new one
}

// unclear says whether a request may have been taken although no answer came.
func unclear(err error) bool {
	switch api.CodeOf(err) {
	case api.CodeUnreachable, api.CodeUnavailable, api.CodeInternal, "":
		return true
	default:
		return false
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
			c.forgetResult()
			c.Result = c.w.TrySent()
			if err != nil {
				c.Result, c.Failed = problemWords(c.w, err), true
			}
			c.Changed()
		}
	})
	c.Changed()
}

// sentWords says what a send made: to whom, and to how many devices.
func sentWords(w *words.Words, to api.Recipients, r api.SendResult) string {
	sent, way := w.ComposeSentSelf(), w.ComposeNoDevice()
	switch {
	case len(to) > 0 && (len(to) > mostNamed || isExpression(to[0])):
		sent = w.ComposeSentTo(len(r.IDs))
	case len(to) > 0:
		sent = w.ComposeSentNames(Line(strings.Join(to, ", ")))
	}
	if r.Devices > 0 {
		way = w.ComposeDevices(r.Devices)
	}
	return sent + " " + way
}
