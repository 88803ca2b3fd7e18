// Package sas makes, reads and checks the shared access signatures that open a notification hub, and the connection strings
// that hold what is needed to make them.
//
// A token is checked in this order: [Parse], the look-up of its [Token.Rule] with [Token.SignedBy] for either of the rule's
// keys, [Token.Expired], [Token.CoversURL]. Each step that fails has its [Error]. A client makes tokens with [Sign], from a
// [ConnectionString].
//
// The form is that of "Notification Hubs REST API, Common concepts, Create SAS security token", read as generously as the
// service reads what its official clients send. Values of this package are never written to after they were made and are safe
// for concurrent use.
package sas
