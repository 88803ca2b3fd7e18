// Package installation is the installation document of Notification Hubs: its JSON, how a PATCH changes it, and the
// registrations that follow from it.
//
// Sources: Notification Hubs REST API, "Create or overwrite an installation", "Update an installation"; where the service's
// recorded replies differ, they are followed.
package installation
