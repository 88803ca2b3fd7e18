package hub

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"securepush/api"
	"securepush/webpush"
)

// Limits of an installation, as Azure Notification Hubs has them; the endpoint's is UnifiedPush's.
const (
	maxEndpoint = 1000 // bytes
	maxTags     = 60
	maxTag      = 120 // characters
)

// userTag starts the tag that stands for a person. Only the hub gives it.
const userTag = "username:"

// tagForm is what Azure Notification Hubs takes for a tag.
var tagForm = regexp.MustCompile(`^[-_@#.:\p{L}\p{Mn}\p{Nd}\p{Pc}]+$`)

// check returns an installation as it is to be stored, or an [*api.Problem].
func (h *Hub) check(in api.Installation) (api.Installation, error) {
	if !strings.EqualFold(in.Platform, "browser") {
		return in, invalid("platform", "The platform must be browser.")
	}
	in.Platform = "browser"
	if in.UserID == "" {
		return in, invalid("userId", "The device must belong to a user.")
	}
	if err := h.checkChannel(in.PushChannel); err != nil {
		return in, err
	}
	tags, err := checkTags(in.Tags, in.UserID)
	in.Tags = tags
	return in, err
}

func (h *Hub) checkChannel(c api.PushChannel) error {
	if len(c.Endpoint) > maxEndpoint {
		return invalid("pushChannel.endpoint", "The push endpoint has more than 1000 bytes.")
	}
	u, err := url.Parse(c.Endpoint)
	if err == nil {
		err = h.allow(u)
	}
	if err != nil {
		return invalid("pushChannel.endpoint", "Pushes cannot be sent to this endpoint. It must be an https address on the Internet, or the push service of this server.").Because(err)
	}
	const anySecret = "AAAAAAAAAAAAAAAAAAAAAA"
	if err := webpush.CheckSubscription(c.P256DH, anySecret); err != nil {
		return invalid("pushChannel.p256dh", "The key is not a P-256 public key in base64url.").Because(err)
	}
	if err := webpush.CheckSubscription(c.P256DH, c.Auth); err != nil {
		return invalid("pushChannel.auth", "The secret is not 16 bytes in base64url.").Because(err)
	}
	return nil
}

// checkTags returns the tags with the user's own at the end. A device may send that one back, but not another's.
func checkTags(tags []string, user string) ([]string, error) {
	own := userTag + user
	out := make([]string, 0, len(tags)+1)
	seen := map[string]bool{strings.ToLower(own): true}
	for _, t := range tags {
		folded := strings.ToLower(t) // tags compare without case
		if isUserTag(t) && !strings.EqualFold(t, own) {
			return nil, invalid("tags", "Tags that begin with username: are given by the server.")
		}
		if seen[folded] || strings.EqualFold(t, own) {
			continue
		}
		if len([]rune(t)) > maxTag || !tagForm.MatchString(t) {
			return nil, invalid("tags", "A tag may have 120 letters, digits and _ @ # . : - at the most.")
		}
		seen[folded] = true
		out = append(out, t)
	}
	if len(out) >= maxTags {
		return nil, invalid("tags", "A device may have 60 tags at the most.")
	}
	return append(out, own), nil
}

// isUserTag says whether a tag could be taken for a person's. EqualFold knows letters such as ſ, which stands for s where
// tags are compared without case and is left alone by ToLower.
func isUserTag(tag string) bool {
	before, _, found := strings.Cut(tag, ":")
	return found && strings.EqualFold(before+":", userTag)
}

func invalid(field, words string) *api.Problem {
	p := api.NewProblem(api.CodeInvalidField, words)
	p.Field = field
	return p
}

var errEndpoint = errors.New("hub: endpoint not allowed")

// endpointRule says which endpoints a device may name: https on a public host, or a trusted origin. What a name resolves
// to is looked at when it is dialled, since it may change.
func endpointRule(trusted []*url.URL) func(*url.URL) error {
	origins := make(map[string]bool, len(trusted))
	for _, u := range trusted {
		if o, err := webpush.Origin(u); err == nil {
			origins[o] = true
		}
	}
	return func(u *url.URL) error {
		origin, err := webpush.Origin(u)
		switch {
		case err != nil:
			return err
		case u.User != nil || u.Fragment != "":
			return errEndpoint
		case origins[origin]:
			return nil
		case u.Scheme != "https":
			return errEndpoint
		}
		return publicHost(u.Hostname())
	}
}

func publicHost(host string) error {
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return errEndpoint
	}
	if addr, err := netip.ParseAddr(host); err == nil && (addr.Is4In6() || forbidden(addr)) {
		return errEndpoint
	}
	return nil
}
