// Package storetest holds any implementation of the back end's database to the same behaviour.
//
// Start with [Run].
package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"securepush/api"
	"securepush/backend/store"
)

// Store is what the back end asks of its database; the methods are described at [store.Store].
type Store interface {
	AddAccount(ctx context.Context, name string, passwordHash api.Secret, claims []string) (store.Account, error)
	Account(ctx context.Context, id string) (store.Account, error)
	AccountByName(ctx context.Context, name string) (store.Account, error)
	Accounts(ctx context.Context) ([]store.Account, error)
	SetPassword(ctx context.Context, id string, passwordHash api.Secret) error
	SetDisabled(ctx context.Context, id string, disabled bool) error
	SetClaims(ctx context.Context, id string, claims []string) error

	StartSession(ctx context.Context, in store.SignIn) (store.Grant, error)
	RefreshSession(ctx context.Context, refresh api.Secret) (store.Grant, error)
	Authenticate(ctx context.Context, bearer api.Secret) (store.Principal, error)
	RevokeToken(ctx context.Context, token api.Secret) (account string, err error)
	Sessions(ctx context.Context, account string) ([]store.Session, error)
	RevokeSession(ctx context.Context, account, session string) error
	RevokeSessions(ctx context.Context, account string) error

	AddSenderKey(ctx context.Context, name string, claims []string) (store.SenderKey, api.Secret, error)
	SenderKeys(ctx context.Context) ([]store.SenderKey, error)
	RevokeSenderKey(ctx context.Context, name string) error

	Send(ctx context.Context, m store.Message, to []store.Recipient, once *store.Idempotency) (store.Sent, error)
	Sent(ctx context.Context, once store.Idempotency) (store.Sent, error)
	Notification(ctx context.Context, account string, id api.ID) (api.Notification, error)
	NotificationsByID(ctx context.Context, account string, ids []api.ID) ([]api.Notification, error)
	Page(ctx context.Context, account string, q store.PageQuery) (api.Page, error)
	Unread(ctx context.Context, account string) (int, error)
	SetRead(ctx context.Context, account string, id api.ID, read bool, on string) (changed bool, err error)
	SetReadMany(ctx context.Context, account string, ids []api.ID, read bool, on string) (changed []api.ID, err error)
	DeleteNotification(ctx context.Context, account string, id api.ID) error

	AddReceipts(ctx context.Context, receipts []store.Receipt) error
	SetSessionInstallation(ctx context.Context, session, installation string) error
	EndSessionsOn(ctx context.Context, account, installation, but string) error
	Status(ctx context.Context, who string, id api.ID) (api.Delivery, error)
	SentBy(ctx context.Context, sender string, before api.Cursor, limit int) (api.SentPage, error)

	PutInstallation(ctx context.Context, account string, in api.Installation) error
	Installation(ctx context.Context, account, id string) (store.Installation, error)
	Installations(ctx context.Context, account string) ([]store.Installation, error)
	InstallationsByTag(ctx context.Context, tag, after string, limit int) ([]store.Installation, error)
	MarkInstallationGone(ctx context.Context, id, endpoint string) error

	ForgetInstallation(ctx context.Context, account, id string) error
	DueInstallations(ctx context.Context, after string, limit int) ([]store.Installation, error)
	SettleInstallation(ctx context.Context, id string, version int64) error
	SetHub(ctx context.Context, identity string) error
	CountInstallations(ctx context.Context, accounts []string) (int, error)

	Hub

	Secret(ctx context.Context, name string, create func() ([]byte, error)) ([]byte, error)
	Setting(ctx context.Context, name string) (string, error)
	SetSetting(ctx context.Context, name, value string) error
	Clean(ctx context.Context) error
	Ping(ctx context.Context) error
	Close() error
}

// Open makes an empty database that takes the time from now, with the default options. It closes it with the test.
type Open func(t *testing.T, now func() time.Time) Store

// Run holds a database to its promises, each a subtest with a database of its own.
func Run(t *testing.T, open Open) {
	for _, group := range []struct {
		name  string
		tests []promise
	}{
		{"accounts", accountPromises},
		{"sessions", sessionPromises},
		{"sender keys", keyPromises},
		{"send", sendPromises},
		{"idempotency", idempotencyPromises},
		{"notifications", notificationPromises},
		{"pages", pagePromises},
		{"receipts", receiptPromises},
		{"installations", installationPromises},
		{"directory", directoryPromises},
		{"hub rules", hubRulePromises},
		{"hub registrations", hubRegistrationPromises},
		{"hub queries", hubQueryPromises},
		{"hub targets", hubTargetPromises},
		{"hub installations", hubInstallationPromises},
		{"hub installation updates", hubUpdatePromises},
		{"hub dead handles", hubExpiryPromises},
		{"hub sends", hubSendPromises},
		{"general", generalPromises},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, p := range group.tests {
				t.Run(p.name, func(t *testing.T) {
					k := &kit{T: t, at: time.Date(2026, 11, 21, 14, 32, 8, 0, time.UTC)}
					k.s = open(t, k.now)
					p.test(k)
				})
			}
		})
	}
}

// promise is a sentence and the test of it.
type promise struct {
	name string
	test func(k *kit)
}

// kit is what a test of a promise works with: the database, the clock, and steps that must succeed.
type kit struct {
	*testing.T
	s  Store
	mu sync.Mutex
	at time.Time
}

func (k *kit) now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.at
}

// pass lets time pass.
func (k *kit) pass(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at = k.at.Add(d)
}

// must ends the test on an error.
func (k *kit) must(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

// wants fails unless err is the one wanted.
func (k *kit) wants(want, err error) {
	k.Helper()
	if !errors.Is(err, want) {
		k.Fatalf("got error %v, want %v", err, want)
	}
}

// same fails unless both are equal.
func same[T comparable](k *kit, what string, got, want T) {
	k.Helper()
	if got != want {
		k.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

func (k *kit) account(name string, claims ...string) store.Account {
	k.Helper()
	a, err := k.s.AddAccount(k.Context(), name, api.NewSecret("hash of "+name), claims)
	k.must(err)
	return a
}

func (k *kit) signIn(a store.Account) store.Grant {
	k.Helper()
	g, err := k.s.StartSession(k.Context(), store.SignIn{Account: a.ID, Device: "desk"})
	k.must(err)
	return g
}

func (k *kit) refresh(token api.Secret) store.Grant {
	k.Helper()
	g, err := k.s.RefreshSession(k.Context(), token)
	k.must(err)
	return g
}

// send stores a message for one account and returns its ID.
func (k *kit) send(a store.Account, m store.Message) api.ID {
	k.Helper()
	id := api.NewID()
	_, err := k.s.Send(k.Context(), m, []store.Recipient{{Account: a.ID, ID: id}}, nil)
	k.must(err)
	return id
}

func (k *kit) unread(a store.Account) int {
	k.Helper()
	n, err := k.s.Unread(k.Context(), a.ID)
	k.must(err)
	return n
}

func (k *kit) page(a store.Account, q store.PageQuery) api.Page {
	k.Helper()
	p, err := k.s.Page(k.Context(), a.ID, q)
	k.must(err)
	return p
}

// titles are what stands on a page, in its order.
func titles(p api.Page) string {
	var all string
	for _, n := range p.Items {
		all += n.Title
	}
	return all
}

func after(t time.Time, d time.Duration) *time.Time {
	t = t.Add(d)
	return &t
}
