package backend

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"securepush/api"
	"securepush/backend/hub/record"
	"securepush/backend/hub/sas"
	"securepush/backend/store"
)

// Settings that a server keeps for the commands.
const (
	settingPublicURL = "public url"
	settingHubName   = "hub name"
)

// maxRuleName is the limit of Notification Hubs.
const maxRuleName = 256

// ListRules returns the rules of the hub in order of name.
func (a *Admin) ListRules(ctx context.Context) ([]record.Rule, error) { return a.store.HubRules(ctx) }

// Rule returns one rule of the hub.
func (a *Admin) Rule(ctx context.Context, name string) (record.Rule, error) {
	rule, err := a.store.HubRule(ctx, name)
	return rule, ruleProblem(name, err)
}

// AddRule makes a rule of the hub with two new keys.
func (a *Admin) AddRule(ctx context.Context, name string, rights record.Rights) (record.Rule, error) {
	if name == "" || len(name) > maxRuleName || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`;&=+%"`, r) }) {
		return record.Rule{}, invalid("name", "The name of a rule has 1 to 256 printable characters of ASCII, without blanks and ; & = + % \".")
	}
	if strings.EqualFold(name, ownRule) || strings.EqualFold(name, deviceRule) {
		return record.Rule{}, invalid("name", "This name is the server's own.")
	}
	if rights == 0 {
		return record.Rule{}, invalid("rights", "A rule without a right can do nothing. Give it listen, send or manage.")
	}
	now := time.Now()
	rule := record.Rule{Name: name, Rights: rights, Primary: record.NewRuleKey(), Secondary: record.NewRuleKey(), Created: now, Modified: now}
	return rule, ruleProblem(name, a.store.AddHubRule(ctx, rule))
}

// RotateRule gives a rule a new key in place of one of its two. Whoever uses the other one notices nothing.
func (a *Admin) RotateRule(ctx context.Context, name string, secondary bool) (record.Rule, error) {
	rule, err := a.store.RotateHubRule(ctx, name, secondary, record.NewRuleKey())
	return rule, ruleProblem(name, err)
}

// RemoveRule removes a rule. What its keys have signed does not count any more.
func (a *Admin) RemoveRule(ctx context.Context, name string) error {
	return ruleProblem(name, a.store.DeleteHubRule(ctx, name))
}

// ConnectionString is what a client of the hub is given: where it is, and a key. public is where the server is reached, nil for
// what it said of itself when it last ran. The hub's name has to be told beside it.
func (a *Admin) ConnectionString(ctx context.Context, rule record.Rule, secondary bool, public *url.URL) (text, hub string, err error) {
	if public == nil {
		said, err := a.setting(ctx, settingPublicURL)
		if err != nil {
			return "", "", err
		}
		if public, err = url.Parse(said); err != nil || public.Host == "" {
			return "", "", invalid("public-url", "The server has not run on this data yet: say with --public-url how it is reached.")
		}
	}
	if hub, err = a.setting(ctx, settingHubName); err != nil {
		return "", "", err
	}
	if hub == "" {
		hub = defaultHubName
	}
	key := rule.Primary
	if secondary {
		key = rule.Secondary
	}
	c := sas.ConnectionString{Endpoint: &url.URL{Scheme: "https", Host: public.Host}, Rule: rule.Name, Key: key}
	return c.Reveal(), hub, nil
}

// setting is what a server has kept, empty where none has run yet.
func (a *Admin) setting(ctx context.Context, name string) (string, error) {
	value, err := a.store.Setting(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return value, err
}

// VAPIDKeys are the two halves of the key by which push services know this site (RFC 8292), as a hub of Azure asks for them.
func (a *Admin) VAPIDKeys(ctx context.Context) (public string, private api.Secret, err error) {
	key, err := vapidKey(ctx, a.store)
	if err != nil {
		return "", api.Secret{}, err
	}
	text, err := key.Marshal()
	return key.PublicKey(), api.NewSecret(text), err
}

func ruleProblem(name string, err error) error {
	switch {
	case errors.Is(err, record.ErrNotFound):
		return api.NewProblem(api.CodeNotFound, "There is no rule "+clip(name, 64)+".").Because(err)
	case errors.Is(err, record.ErrExists):
		return api.NewProblem(api.CodeConflict, "There is a rule "+clip(name, 64)+" already.").Because(err)
	}
	return err
}
