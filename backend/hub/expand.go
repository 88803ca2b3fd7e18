package hub

import (
	"hash/maphash"
	"maps"
	"slices"
	"strings"

	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
	"securepush/backend/hub/tagexpr"
	"securepush/backend/hub/template"
	"securepush/webpush"
)

// expansion turns a notification into pushes to whoever it concerns. It is not safe for concurrent use.
type expansion struct {
	audience   record.Audience // whom the store is asked for; its After says how far we are
	expression *tagexpr.Expr   // nil: everybody of the audience
	properties map[string]string
	headers    map[string]string
	push       delivery.Push // what all have in common
	forms      map[string]*form
	seed       maphash.Seed
	seen       map[uint64]struct{} // hashes of what has been sent; of a million devices two share one at odds of 1 to 30 million
}

// form is a template, read once for all devices that have it.
type form struct {
	template *template.Template // nil: it does not parse
	same     []byte             // what devices without variables of their own get; nil: not known yet
}

// maxForms bounds the forms kept of one notification. Beyond that, each device's template is read anew.
const maxForms = 64

func newExpansion(n *record.Notification) (*expansion, error) {
	e := &expansion{
		headers: make(map[string]string, len(n.Headers)), seed: maphash.MakeSeed(), seen: make(map[uint64]struct{}),
		push: delivery.Push{Body: n.Body, Queued: n.Enqueued},
	}
	for _, h := range n.Headers {
		e.headers[h.Name] = h.Value
	}
	setHeaders(&e.push, e.headers)
	e.audience.Limit = targetPage
	if n.Format == record.FormatTemplate {
		properties, err := template.Properties(n.Body)
		if err != nil {
			return nil, err
		}
		e.audience.Template, e.properties, e.forms = true, properties, make(map[string]*form)
	} else {
		e.audience.Platform = record.Platform(n.Format)
	}
	if n.Tags == "" || n.Direct {
		return e, nil
	}
	expression, err := tagexpr.Parse(n.Tags)
	if err != nil {
		return nil, err
	}
	e.expression = expression
	if tags, ok := expression.Drivers(); ok {
		e.audience.Tags = tags
	}
	return e, nil
}

// setHeaders gives a push what the headers of Web Push say. They are valid.
func setHeaders(p *delivery.Push, headers map[string]string) {
	p.Urgency, p.Topic = headers[headerUrgency], headers[headerTopic]
	if ttl, err := parseTTL(headers[headerTTL]); err == nil {
		p.Deadline = p.Queued.Add(ttl)
	}
}

// matches says whether a registration of the audience is meant.
func (e *expansion) matches(r *record.Registration) bool {
	return e.expression == nil || e.expression.Match(func(tag string) bool {
		return slices.ContainsFunc(r.Tags, func(t string) bool { return strings.EqualFold(t, tag) })
	})
}

// again says whether the device has had this notification: a native one by its handle, others by handle and template.
func (e *expansion) again(r *record.Registration) bool {
	var h maphash.Hash
	h.SetSeed(e.seed)
	parts := []string{string(r.Platform), r.Handle, "", ""}
	if r.Template != nil {
		parts[2], parts[3] = r.Template.Name, r.Template.Body
	}
	for _, part := range parts {
		_, _ = h.WriteString(part) // never fails
		_ = h.WriteByte(0)
	}
	sum := h.Sum64()
	if _, ok := e.seen[sum]; ok {
		return true
	}
	e.seen[sum] = struct{}{}
	return false
}

// to makes the push for a registration that matches. There is none when the outcome is known already.
func (e *expansion) to(r *record.Registration) (p delivery.Push, outcome string) {
	switch {
	case e.again(r):
		return p, outcomeSkipped
	case !spoken(r.Platform):
		return p, delivery.InvalidCredentials
	}
	p = e.push
	p.Endpoint, p.P256DH, p.Auth = r.Handle, r.P256DH, r.Auth
	if e.properties != nil && !e.render(&p, r) {
		return p, delivery.UnknownError
	}
	if len(p.Body) > webpush.MaxPlaintext { // now, as the queue is bounded in pushes, not in bytes
		return p, delivery.InvalidNotificationSize
	}
	return p, ""
}

// render gives a push the body and the headers that a device's template makes of the properties. It reports false when the
// template makes nothing.
func (e *expansion) render(p *delivery.Push, r *record.Registration) bool {
	if r.Template == nil {
		return false
	}
	f := e.form(r.Template.Body)
	if f.template == nil {
		return false
	}
	lookup := e.lookup(r.PushVariables)
	if len(r.Template.Headers) > 0 {
		e.renderHeaders(p, r.Template.Headers, lookup)
	}
	if f.same != nil && len(r.PushVariables) == 0 {
		p.Body = f.same
		return true
	}
	text, err := f.template.Render(lookup)
	if err != nil {
		return false
	}
	p.Body = []byte(text)
	if len(r.PushVariables) == 0 {
		f.same = p.Body
	}
	return true
}

func (e *expansion) form(body string) *form {
	if f := e.forms[body]; f != nil {
		return f
	}
	f := &form{}
	f.template, _ = template.Parse(body, template.FormatOf(body)) // it did parse when it was registered
	if len(e.forms) < maxForms {
		e.forms[body] = f
	}
	return f
}

// lookup finds a property by its name in lower case; those of the notification win over the device's variables.
func (e *expansion) lookup(variables map[string]string) func(name string) (string, bool) {
	return func(name string) (string, bool) {
		if value, ok := e.properties[name]; ok {
			return value, true
		}
		if value, ok := variables[name]; ok {
			return value, true
		}
		for n, value := range variables {
			if strings.EqualFold(n, name) {
				return value, true
			}
		}
		return "", false
	}
}

// renderHeaders adds the headers of a template to those of the notification, which win.
func (e *expansion) renderHeaders(p *delivery.Push, headers []record.Header, lookup func(string) (string, bool)) {
	all := make(map[string]string)
	for _, h := range headers {
		i := slices.IndexFunc(webPushNames, func(name string) bool { return strings.EqualFold(h.Name, name) })
		if i < 0 {
			continue
		}
		expression, err := template.ParseExpression(h.Value)
		if err != nil {
			continue
		}
		if value := expression.Eval(lookup); validHeader(webPushNames[i], value) {
			all[webPushNames[i]] = value
		}
	}
	maps.Copy(all, e.headers)
	setHeaders(p, all)
}
