// Package hubclient uses a notification hub the way any client of Azure Notification Hubs does: it keeps the installations of
// browsers there and sends to their tags.
//
// The hub may be Azure's or the one within this process; which one, the connection string and the HTTP transport say. Source:
// "Notification Hubs REST API", version 2020-06, as the services and the official clients really speak it.
package hubclient
