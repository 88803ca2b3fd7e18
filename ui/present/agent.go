package present

import (
	"context"

	"securepush/agent/local"
	"securepush/api"
)

// Watcher tells how the agent is and what changes. Changes calls f until ctx ends or the agent goes away.
type Watcher interface {
	Status(ctx context.Context) (local.Status, error)
	Changes(ctx context.Context, window bool, f func(local.Change)) error
}

// Session signs in and out.
type Session interface {
	CheckServer(ctx context.Context, address string) (local.ServerInfo, error)
	SignIn(ctx context.Context, server, user string, password api.Secret) (local.Account, error)
	AddAccount(ctx context.Context, server, user string, password api.Secret) (local.Account, error)
	SignOut(ctx context.Context) error
}

// Unlocker asks the keyring to open, which may show the desktop's own prompt. It is called on a person's click only.
type Unlocker interface {
	Unlock(ctx context.Context) error
}

// Mail reads and changes the inbox.
type Mail interface {
	Inbox(ctx context.Context, q local.InboxQuery) (local.Inbox, error)
	Notification(ctx context.Context, id api.ID) (api.Notification, error)
	SetRead(ctx context.Context, id api.ID, read bool) error
	MarkRead(ctx context.Context, ids []api.ID, read bool) error
	MarkAllRead(ctx context.Context) error
	Delete(ctx context.Context, id api.ID) error
}

// Sender sends notifications, the same key only once, and asks for a test of this device.
type Sender interface {
	SendOnce(ctx context.Context, r api.SendRequest, key string) (api.SendResult, error)
	Test(ctx context.Context) (api.SendResult, error)
}

// Keeper keeps the person's choices.
type Keeper interface {
	Settings(ctx context.Context) (local.Settings, error)
	SaveSettings(ctx context.Context, s local.Settings) error
}

// Agent is all that the window asks of the agent. *local.Client is one.
type Agent interface {
	Watcher
	Session
	Unlocker
	Mail
	Sender
	Tracker
	Keeper
	Quieter
	Connector
	Starter
}

var _ Agent = (*local.Client)(nil)
