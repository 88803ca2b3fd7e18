// Package notifytest is what tests need around package notify: a fake that records, a conformance suite that the fake and
// the real senders run, hostile texts, and on Linux a private bus, a scripted notification daemon and a real one.
package notifytest
