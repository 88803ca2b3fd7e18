package store

import (
	"context"

	"securepush/api"
)

// Send stores a message for each of its recipients, all or none, in order. once may be nil.
//
// ErrNotFound: a recipient's account does not exist. ErrExists: an ID is taken. ErrConflict: the Idempotency-Key was
// used with another body.
func (s *Store) Send(ctx context.Context, m Message, to []Recipient, once *Idempotency) (Sent, error) {
	return Sent{}, ErrUnavailable
}

// Notification returns one notification of an account. ErrNotFound: unknown or somebody else's; ErrGone: deleted,
// replaced or expired.
func (s *Store) Notification(ctx context.Context, account string, id api.ID) (api.Notification, error) {
	return api.Notification{}, ErrUnavailable
}

// NotificationsByID returns those of the IDs that an account has and that are not gone, in order of arrival.
func (s *Store) NotificationsByID(ctx context.Context, account string, ids []api.ID) ([]api.Notification, error) {
	return nil, ErrUnavailable
}

// Page returns a run of an account's notifications, with the count of all unread ones. ErrBadCursor.
func (s *Store) Page(ctx context.Context, account string, q PageQuery) (api.Page, error) {
	return api.Page{}, ErrUnavailable
}

// Unread counts an account's unread notifications.
func (s *Store) Unread(ctx context.Context, account string) (int, error) { return 0, ErrUnavailable }

// SetRead sets the read state of one notification and tells whether that changed it. ErrNotFound, ErrGone.
func (s *Store) SetRead(ctx context.Context, account string, id api.ID, read bool) (changed bool, err error) {
	return false, ErrUnavailable
}

// SetReadMany sets the read state of several, or of all when ids is empty, and returns those that it changed. IDs that
// are unknown or gone are passed over.
func (s *Store) SetReadMany(ctx context.Context, account string, ids []api.ID, read bool) (changed []api.ID, err error) {
	return nil, ErrUnavailable
}

// DeleteNotification wipes a notification. ErrNotFound, ErrGone.
func (s *Store) DeleteNotification(ctx context.Context, account string, id api.ID) error {
	return ErrUnavailable
}
