package backend

import (
	"context"
	"errors"
	"sort"
	"strings"

	"securepush/api"
	"securepush/backend/hub/record"
	"securepush/backend/hub/tagexpr"
	"securepush/backend/store"
)

// tagFactor is how many more people a tag may reach than a list may name.
const tagFactor = 10

const tagPage = 500

// recipient is a person a notification goes to.
type recipient struct{ account, name string }

// recipients finds the people that a request to send names, in the order of the request. Whoever has no right to send to
// others learns nothing about who exists.
func (s *Server) recipients(ctx context.Context, to api.Recipients, who store.Principal) ([]recipient, error) {
	self := recipient{who.Account, who.Name}
	if len(to) == 0 {
		if who.Account == "" {
			return nil, invalid("to", "A sender key has to say to whom.")
		}
		return []recipient{self}, nil
	}
	if len(to) > s.limits.Recipients {
		return nil, invalid("to", "The list of recipients is too long.")
	}
	if !who.Has(api.ClaimSend) {
		for _, name := range to {
			// A name with a letter such as the Kelvin sign is one's own without case, too, but would be looked up as a tag.
			if who.Account == "" || !userName.MatchString(userOf(name)) || !strings.EqualFold(userOf(name), who.Name) {
				return nil, api.NewProblem(api.CodeForbidden, "You may send to yourself only.")
			}
		}
	}
	if len(to) == 1 && !userName.MatchString(userOf(to[0])) {
		return s.tagged(ctx, to[0])
	}
	out := make([]recipient, len(to))
	for i, name := range to {
		r, err := s.named(ctx, userOf(name))
		if err != nil {
			return nil, err
		}
		out[i] = r
	}
	return out, nil
}

// recipientsOf finds the people that something was sent to, in the order of the request.
func (s *Server) recipientsOf(ctx context.Context, to api.Recipients, sent store.Sent) ([]recipient, error) {
	all := make([]recipient, len(sent.Items))
	byName := make(map[string]recipient, len(sent.Items))
	for i, item := range sent.Items {
		account, err := s.store.Account(ctx, item.Account)
		if err != nil {
			return nil, err
		}
		all[i] = recipient{account.ID, account.Name}
		byName[record.Fold(account.Name)] = all[i]
	}
	if len(to) < 2 { // to oneself, to one, or to whoever had some tags
		return all, nil
	}
	out := make([]recipient, 0, len(to))
	for _, name := range to {
		if r, ok := byName[record.Fold(userOf(name))]; ok {
			out = append(out, r)
		}
	}
	return out, nil
}

// userOf is the user that a recipient names, as such or by the tag that every user has.
func userOf(to string) string {
	if len(to) > len(userTag) && strings.EqualFold(to[:len(userTag)], userTag) {
		return to[len(userTag):]
	}
	return to
}

func (s *Server) named(ctx context.Context, name string) (recipient, error) {
	unknown := api.NewProblem(api.CodeUnknownRecipient, "There is no user called “"+clip(name, 64)+"”.")
	unknown.Field = "to"
	if !userName.MatchString(name) {
		return recipient{}, invalid("to", "A list of recipients may hold user names only.")
	}
	account, err := s.store.AccountByName(ctx, name)
	if errors.Is(err, store.ErrNotFound) || err == nil && account.Disabled {
		return recipient{}, unknown.Because(err)
	}
	return recipient{account.ID, account.Name}, err
}

// tagged finds the people of whom a device has the tags that an expression asks for.
func (s *Server) tagged(ctx context.Context, text string) ([]recipient, error) {
	expr, err := tagexpr.Parse(text)
	if err != nil {
		return nil, invalid("to", "This is neither a user nor a tag expression: "+err.Error()).Because(err)
	}
	for _, tag := range expr.Tags() {
		if strings.HasPrefix(tag, "$") {
			return nil, invalid("to", "Tags that begin with $ are the hub's own.")
		}
	}
	drivers, ok := expr.Drivers()
	if !ok {
		return nil, invalid("to", "This expression also fits devices with no tag at all. Name a tag that is not negated.")
	}
	found := map[string]bool{}
	for _, tag := range drivers {
		if err := s.collect(ctx, expr, tag, found); err != nil {
			return nil, err
		}
	}
	return s.holders(ctx, found)
}

// collect adds the accounts of those devices of a tag that an expression fits.
func (s *Server) collect(ctx context.Context, expr *tagexpr.Expr, tag string, found map[string]bool) error {
	for after := ""; ; {
		devices, err := s.store.InstallationsByTag(ctx, tag, after, tagPage)
		if err != nil {
			return err
		}
		for _, d := range devices {
			if found[d.Account] {
				continue
			}
			tags := make(map[string]bool, len(d.Tags))
			for _, t := range d.Tags {
				tags[record.Fold(t)] = true
			}
			if expr.Match(func(t string) bool { return tags[t] }) {
				found[d.Account] = true
			}
		}
		if len(found) > tagFactor*s.limits.Recipients {
			return invalid("to", "Too many people have these tags.")
		}
		if len(devices) < tagPage {
			return nil
		}
		after = devices[len(devices)-1].InstallationID
	}
}

// holders names accounts, in order of name.
func (s *Server) holders(ctx context.Context, accounts map[string]bool) ([]recipient, error) {
	out := make([]recipient, 0, len(accounts))
	for id := range accounts {
		account, err := s.store.Account(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound) || err == nil && account.Disabled:
			continue
		case err != nil:
			return nil, err
		}
		out = append(out, recipient{id, account.Name})
	}
	if len(out) == 0 {
		p := api.NewProblem(api.CodeUnknownRecipient, "Nobody has a device that this fits.")
		p.Field = "to"
		return nil, p
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out, nil
}
