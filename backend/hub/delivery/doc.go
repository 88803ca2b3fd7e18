// Package delivery turns pushes into Web Push requests: it queues them for each endpoint, seals and sends them, tries again what
// a push service did not take yet, and reports what became of each.
//
// Start with [New]. [Sender.Add] takes a push, and [Sender.Run] does the sending. A queue for each endpoint, bounded and in
// memory, keeps a dead or slow device from holding up any other. Requests go to the Internet and to trusted origins, nowhere
// else: endpoints are named by devices.
package delivery
