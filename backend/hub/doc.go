// Package hub is a notification hub: the data plane of Azure Notification Hubs over HTTP, as its official clients speak it.
//
// It checks who may do what (shared access signatures), keeps registrations and installations, and sends to them.
package hub
