// Package hub sends notification IDs to devices: it keeps their installations and turns one send into Web Push requests.
//
// Start with [New]. [Hub.Put] takes a device in, [Hub.Send] queues a push for every device of a tag, and [Hub.Run] does
// the sending. A queue for each device, bounded and in memory, keeps a dead or slow device from holding up any other;
// what is in it is only a hint, since devices ask the back end for what they missed.
package hub
