package store

import (
	"context"

	"securepush/api"
)

// PutInstallation stores a device of an account as a whole, with the tags given. ErrNotFound: the ID is
// another account's. ErrGone: its push endpoint is the one that was reported dead; the device must subscribe anew.
func (s *Store) PutInstallation(ctx context.Context, account string, in api.Installation) error {
	return ErrUnavailable
}

// Installation returns one device of an account; see its Gone. ErrNotFound.
func (s *Store) Installation(ctx context.Context, account, id string) (Installation, error) {
	return Installation{}, ErrUnavailable
}

// Installations lists the devices of an account, the last updated first.
func (s *Store) Installations(ctx context.Context, account string) ([]Installation, error) {
	return nil, ErrUnavailable
}

// DeleteInstallation forgets a device of an account. ErrNotFound.
func (s *Store) DeleteInstallation(ctx context.Context, account, id string) error {
	return ErrUnavailable
}

// InstallationsByTag returns up to limit devices that have a tag and are not gone, in order of ID, after the ID given.
func (s *Store) InstallationsByTag(ctx context.Context, tag, after string, limit int) ([]Installation, error) {
	return nil, ErrUnavailable
}

// MarkInstallationGone notes that the push service reported a device's channel as dead, unless the device has another
// endpoint by now. An unknown device is no error.
func (s *Store) MarkInstallationGone(ctx context.Context, id, endpoint string) error {
	return ErrUnavailable
}
