// Package atom reads and writes the XML of Notification Hubs: registrations and jobs in Atom entries and feeds, with the
// filters, outcomes, errors and feedback that go with them.
//
// It reads with patience, since clients differ, and writes the one form that the official clients are known to read: the
// order of elements, the absence of white space and of prefixes, and which elements are left out are part of the protocol.
// Appending functions add to the slice they are given, as append does. Nothing here keeps state; all of it is safe for
// concurrent use.
//
// Source: replies recorded from the service; "Notification Hubs REST APIs"; RFC 4287.
package atom
