package hub

import (
	"context"

	"securepush/backend/hub/record"
)

// Store is where the hub keeps everything. Every method is safe for concurrent use; errors that a caller decides by are those
// of package record, and every other one says that the store cannot do its work.
type Store interface {
	RuleStore
	RegistrationStore
	InstallationStore
	SendStore
}

// RuleStore keeps the rules whose keys sign tokens.
type RuleStore interface {
	// HubRule returns the rule of a name, whatever its case, or [record.ErrNotFound].
	HubRule(ctx context.Context, name string) (record.Rule, error)
}

// RegistrationStore keeps registrations, also those that follow from installations.
type RegistrationStore interface {
	// PutRegistration creates or replaces. ifMatch is empty: whatever there is; "*": there must be one; else the ETag that it
	// must have. It returns what is stored now, or [record.ErrNotFound], [record.ErrMismatch] or [record.ErrGone].
	PutRegistration(ctx context.Context, r record.Registration, ifMatch string) (record.Registration, error)
	// Registration returns one, or [record.ErrNotFound].
	Registration(ctx context.Context, id string) (record.Registration, error)
	// DeleteRegistration removes one, with ifMatch as above: [record.ErrNotFound], [record.ErrMismatch].
	DeleteRegistration(ctx context.Context, id, ifMatch string) error
	// Registrations returns those that a query asks for, in order of ID.
	Registrations(ctx context.Context, q record.Query) ([]record.Registration, error)
}

// InstallationStore keeps installations and, in the same transactions, the registrations that follow from them.
type InstallationStore interface {
	// PutHubInstallation creates or replaces an installation, which is no longer expired then.
	PutHubInstallation(ctx context.Context, in record.Installation, derived []record.Registration) error
	// HubInstallation returns one, or [record.ErrNotFound].
	HubInstallation(ctx context.Context, id string) (record.Installation, error)
	// UpdateHubInstallation changes one in a transaction, or returns [record.ErrNotFound]. An error of change undoes it and is
	// returned unchanged.
	UpdateHubInstallation(ctx context.Context, id string,
		change func(record.Installation) (record.Installation, []record.Registration, error)) error
	// DeleteHubInstallation removes one; that there is none is no error.
	DeleteHubInstallation(ctx context.Context, id string) error
}
