// Package autopush receives Web Push messages over the Mozilla Push WebSocket protocol.
//
// [New] makes an [Edge]; its Run keeps one subscription at one push service alive for as long as it is wanted. It
// connects, subscribes, opens what arrives, hands it to a [Handler] and acknowledges what the handler has persisted.
// The protocol is described by Mozilla at https://mozilla-push-service.readthedocs.io; messages are encrypted by RFC 8291.
package autopush
