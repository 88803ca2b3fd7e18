// Package pushservice is a Web Push push service: senders POST messages to it (RFC 8030), devices receive them over the
// WebSocket protocol of Mozilla's autopush.
//
// Start with [New], mount [Service.Handler] and [Service.WebSocket], and keep [Service.Run] running. All state is in
// memory and bounded: after a restart devices get a new name and subscribe anew, as the protocol has it.
package pushservice
