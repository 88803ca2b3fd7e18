package hub

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"securepush/api"
	"securepush/backend/hub/record"
	"securepush/backend/hub/sas"
)

// authorise says whether a request's token allows an operation, and notes its rule: "Notification Hubs security". The checks
// stand in the order in which their words may be told to a stranger: who has no key learns nothing but that.
func (h *Hub) authorise(ctx context.Context, c *call, op operation) error {
	header := c.authorization(op)
	if len(header) > 1 {
		return refused(sas.ErrMalformed)
	}
	token, err := sas.Parse(strings.Join(header, ""))
	if err != nil {
		return refused(err)
	}
	if err := h.findRule(ctx, c, token.Rule()); err != nil {
		return err
	}
	switch {
	case !signed(token, c.rule):
		return refused(sas.ErrSignature)
	case token.Expired(h.now()):
		return refused(sas.ErrExpired)
	case !token.CoversURL(h.known, h.asSeen(c.r.URL)), h.isDevice(c.rule) && !h.forOneInstallation(c, op, token):
		return refused(sas.ErrAudience)
	case c.rule.Rights.Has(op.right):
		return h.allow(ctx, c, token)
	case op.right == record.Manage:
		return refuse(http.StatusUnauthorized, "Manage claim is required for this operation.")
	}
	return &failure{status: http.StatusForbidden, bare: true} // without Retry-After, with which .NET reads it as throttling
}

// refused answers with what is wrong with a token.
func refused(err error) error {
	return &failure{status: http.StatusUnauthorized, text: err.Error(), cause: err}
}

// findRule notes the rule of a name. The store is asked each time, so that what another process changes counts at once. A rule
// or hub that does not exist has keys that nobody knows, so that neither can be probed.
func (h *Hub) findRule(ctx context.Context, c *call, name string) error {
	c.rule = h.nobody
	if !strings.EqualFold(c.hub, h.o.Name) {
		return nil
	}
	if own := h.o.Own; own != nil && strings.EqualFold(own.Name, name) {
		c.rule = *own
		return nil
	}
	if d := h.o.Device; d != nil && strings.EqualFold(d.Rule.Name, name) {
		c.rule = d.Rule
		return nil
	}
	rule, err := h.o.Store.HubRule(ctx, name)
	switch {
	case err == nil:
		c.rule = rule
	case !errors.Is(err, record.ErrNotFound):
		return unavailable(err)
	}
	return nil
}

// signed says whether either key of a rule made a token's signature. Both are always tried: the time taken tells nothing.
func signed(token *sas.Token, rule record.Rule) bool {
	primary, secondary := token.SignedBy(rule.Primary), token.SignedBy(rule.Secondary)
	return primary || secondary
}

// known says whether a name in a token can mean this server.
func (h *Hub) known(name string) bool {
	return strings.EqualFold(name, h.o.PublicURL.Hostname()) || api.IsLoopback(name) || containsFold(h.o.Hosts, name)
}

func containsFold(list []string, s string) bool {
	for _, one := range list {
		if strings.EqualFold(one, s) {
			return true
		}
	}
	return false
}

// asSeen is a request's URL with the path that the client saw: whatever stands before the hub's name in PublicURL, too.
func (h *Hub) asSeen(u *url.URL) *url.URL {
	before := strings.TrimSuffix(h.o.PublicURL.EscapedPath(), "/")
	if before == "" {
		return u
	}
	seen, err := url.Parse(before + u.EscapedPath())
	if err != nil {
		return u
	}
	return seen
}

func (h *Hub) isDevice(rule record.Rule) bool {
	return h.o.Device != nil && rule.Name == h.o.Device.Rule.Name
}

// forOneInstallation says whether a request is about an installation, and the token for nothing more than that.
func (h *Hub) forOneInstallation(c *call, op operation, token *sas.Token) bool {
	if op.pattern != installationPattern {
		return false
	}
	all := &url.URL{Path: "/" + c.hub + "/" + c.path[0]}
	return !token.CoversURL(h.known, h.asSeen(all))
}

// allow asks the back end whether a device may still touch its installation, and notes that it is one.
func (h *Hub) allow(ctx context.Context, c *call, token *sas.Token) error {
	if !h.isDevice(c.rule) {
		return nil
	}
	c.device = token.Resource()
	if h.o.Device.Allow == nil {
		return nil
	}
	return h.o.Device.Allow(ctx, c.device, c.path[1])
}
