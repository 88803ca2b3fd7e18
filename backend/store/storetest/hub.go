package storetest

import (
	"context"
	"strings"
	"time"

	"securepush/api"
	"securepush/backend/hub/record"
)

// Hub is what the notification hub asks of the database; the methods are described at [store.Store].
type Hub interface {
	HubRule(ctx context.Context, name string) (record.Rule, error)
	HubRules(ctx context.Context) ([]record.Rule, error)
	AddHubRule(ctx context.Context, r record.Rule) error
	SetHubRule(ctx context.Context, r record.Rule) error
	RotateHubRule(ctx context.Context, name string, secondary bool, key api.Secret) (record.Rule, error)
	DeleteHubRule(ctx context.Context, name string) error

	PutRegistration(ctx context.Context, r record.Registration, ifMatch string) (record.Registration, error)
	Registration(ctx context.Context, id string) (record.Registration, error)
	DeleteRegistration(ctx context.Context, id, ifMatch string) error
	Registrations(ctx context.Context, q record.Query) ([]record.Registration, error)
	Targets(ctx context.Context, a record.Audience) ([]record.Registration, error)
	ExpireHandle(ctx context.Context, f record.Feedback) error

	PutHubInstallation(ctx context.Context, in record.Installation, derived []record.Registration) error
	HubInstallation(ctx context.Context, id string) (record.Installation, error)
	UpdateHubInstallation(ctx context.Context, id string,
		change func(record.Installation) (record.Installation, []record.Registration, error)) error
	DeleteHubInstallation(ctx context.Context, id string) error

	AddScheduled(ctx context.Context, n record.Scheduled) error
	CountScheduled(ctx context.Context) (int, error)
	DeleteScheduled(ctx context.Context, id string) error
	NextScheduled(ctx context.Context) (due time.Time, ok bool, err error)
	TakeScheduled(ctx context.Context, now time.Time, limit int) ([]record.Scheduled, error)
	Feedback(ctx context.Context, day time.Time, after int64, limit int) (found []record.Feedback, last int64, err error)
	FeedbackDays(ctx context.Context) ([]time.Time, error)
	PutJob(ctx context.Context, j record.Job) error
	Job(ctx context.Context, id string) (record.Job, error)
	Jobs(ctx context.Context) ([]record.Job, error)
}

// native is a registration of a browser.
func native(id string, tags ...string) record.Registration {
	return record.Registration{ID: id, Platform: record.Browser, Handle: "https://push.example/" + id, Tags: tags}
}

// templated is a registration with a template.
func templated(id string, tags ...string) record.Registration {
	r := native(id, tags...)
	r.Template = &record.Template{Name: "t", Body: `{"a":"$(b)"}`}
	return r
}

// of gives a registration another platform.
func of(p record.Platform, r record.Registration) record.Registration {
	r.Platform = p
	return r
}

// slot makes of a registration one that follows from an installation.
func slot(name string, r record.Registration) record.Registration {
	r.ID, r.Slot = "", name
	return r
}

func (k *kit) register(all ...record.Registration) {
	k.Helper()
	for _, r := range all {
		_, err := k.s.PutRegistration(k.Context(), r, "")
		k.must(err)
	}
}

func (k *kit) install(id string, derived ...record.Registration) {
	k.Helper()
	k.must(k.s.PutHubInstallation(k.Context(), record.Installation{ID: id, Document: []byte(`{"id":"` + id + `"}`)}, derived))
}

func (k *kit) installation(id string) record.Installation {
	k.Helper()
	in, err := k.s.HubInstallation(k.Context(), id)
	k.must(err)
	return in
}

// names are the IDs of registrations, or "installation/slot" of those that follow from one.
func names(found []record.Registration) string {
	all := make([]string, len(found))
	for i, r := range found {
		if all[i] = r.ID; r.Installation != "" {
			all[i] = r.Installation + "/" + r.Slot
		}
	}
	return strings.Join(all, " ")
}

// listed are the names of what a query finds.
func (k *kit) listed(q record.Query) string {
	k.Helper()
	found, err := k.s.Registrations(k.Context(), q)
	k.must(err)
	return names(found)
}

// targets are the names of whom a send may concern.
func (k *kit) targets(a record.Audience) string {
	k.Helper()
	found, err := k.s.Targets(k.Context(), a)
	k.must(err)
	for i, r := range found { // a send needs less than what the name is made of
		found[i], err = k.s.Registration(k.Context(), r.ID)
		k.must(err)
	}
	return names(found)
}

// nobody fails if anything finds a registration of browsers that had a handle and the tag t.
func (k *kit) nobody(handle string) {
	k.Helper()
	same(k, "by tag", k.listed(record.Query{Tag: "t"}), "")
	same(k, "by handle", k.listed(record.Query{Handles: []string{handle}}), "")
	for _, template := range []bool{false, true} {
		for _, platform := range []record.Platform{"", record.Browser} {
			same(k, "targets", k.targets(record.Audience{Platform: platform, Template: template, Tags: []string{"t"}}), "")
		}
	}
}

// dead reports a browser's handle as dead.
func (k *kit) dead(handle string) {
	k.Helper()
	k.must(k.s.ExpireHandle(k.Context(), record.Feedback{Platform: record.Browser, Handle: handle, Error: "ExpiredChannel"}))
}

// feedback is what was reported on the day of the clock.
func (k *kit) feedback() []record.Feedback {
	k.Helper()
	found, _, err := k.s.Feedback(k.Context(), k.now(), 0, 0)
	k.must(err)
	return found
}

var hubRulePromises = []promise{
	{"a new hub has two rules, with keys that nobody else has", func(k *kit) {
		all, err := k.s.HubRules(k.Context())
		k.must(err)
		same(k, "rules", len(all), 2)
		keys := map[string]bool{}
		for i, want := range []struct{ name, rights string }{
			{record.DefaultFullRule, "Listen,Manage,Send"}, {record.DefaultListenRule, "Listen"},
		} {
			same(k, "name", all[i].Name, want.name)
			same(k, "rights", all[i].Rights.String(), want.rights)
			same(k, "created", all[i].Created, k.now())
			for _, key := range []api.Secret{all[i].Primary, all[i].Secondary} {
				same(k, "characters of the key", len(key.Reveal()), 44)
				keys[key.Reveal()] = true
			}
		}
		same(k, "keys", len(keys), 4)
	}},
	{"a rule is found by name in any case", func(k *kit) {
		r := record.Rule{Name: "Änne", Rights: record.Send, Primary: record.NewRuleKey(), Secondary: record.NewRuleKey()}
		k.must(k.s.AddHubRule(k.Context(), r))
		for _, name := range []string{"Änne", "änne", "ÄNNE"} {
			got, err := k.s.HubRule(k.Context(), name)
			k.must(err)
			r.Created, r.Modified = k.now(), k.now()
			same(k, "rule", got, r)
		}
		_, err := k.s.HubRule(k.Context(), "other")
		k.wants(record.ErrNotFound, err)
	}},
	{"a name of a rule is taken in any case", func(k *kit) {
		r := record.Rule{Name: strings.ToLower(record.DefaultFullRule), Primary: record.NewRuleKey(), Secondary: record.NewRuleKey()}
		k.wants(record.ErrExists, k.s.AddHubRule(k.Context(), r))
	}},
	{"a key is replaced and the other stays", func(k *kit) {
		old, err := k.s.HubRule(k.Context(), record.DefaultListenRule)
		k.must(err)
		k.pass(time.Hour)
		changed := old
		changed.Primary, changed.Rights = record.NewRuleKey(), record.Listen|record.Send
		k.must(k.s.SetHubRule(k.Context(), changed))
		got, err := k.s.HubRule(k.Context(), record.DefaultListenRule)
		k.must(err)
		changed.Modified = k.now()
		same(k, "rule", got, changed)
		changed.Name = "unknown"
		k.wants(record.ErrNotFound, k.s.SetHubRule(k.Context(), changed))
	}},
	{"one of two keys is renewed, whatever has become of the other", func(k *kit) {
		want, err := k.s.HubRule(k.Context(), record.DefaultListenRule)
		k.must(err)
		for _, secondary := range []bool{true, false} {
			k.pass(time.Hour)
			key := record.NewRuleKey()
			want.Modified = k.now()
			if secondary {
				want.Secondary = key
			} else {
				want.Primary = key
			}
			got, err := k.s.RotateHubRule(k.Context(), strings.ToLower(want.Name), secondary, key)
			k.must(err)
			same(k, "told", got, want)
			got, err = k.s.HubRule(k.Context(), want.Name)
			k.must(err)
			same(k, "stored", got, want)
		}
		_, err = k.s.RotateHubRule(k.Context(), "unknown", false, record.NewRuleKey())
		k.wants(record.ErrNotFound, err)
		if _, err = k.s.RotateHubRule(k.Context(), want.Name, false, api.Secret{}); err == nil {
			k.Fatal("an empty key was taken")
		}
	}},
	{"a removed rule is refused at once and its name is free again", func(k *kit) {
		r, err := k.s.HubRule(k.Context(), record.DefaultListenRule)
		k.must(err)
		k.must(k.s.DeleteHubRule(k.Context(), strings.ToUpper(r.Name)))
		_, err = k.s.HubRule(k.Context(), r.Name)
		k.wants(record.ErrNotFound, err)
		k.wants(record.ErrNotFound, k.s.DeleteHubRule(k.Context(), r.Name))
		k.must(k.s.AddHubRule(k.Context(), r))
	}},
	{"a rule without a key is refused, as anybody could sign with it", func(k *kit) {
		key := record.NewRuleKey()
		for _, r := range []record.Rule{
			{Name: "r", Primary: key},
			{Name: "r", Secondary: key},
			{Primary: key, Secondary: key},
		} {
			if k.s.AddHubRule(k.Context(), r) == nil || k.s.SetHubRule(k.Context(), r) == nil {
				k.Fatal("it was taken")
			}
		}
	}},
}
