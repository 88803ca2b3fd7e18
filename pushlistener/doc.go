// Package pushlistener turns raw pushes into decisions: what to fetch, what to show, what to keep for later.
package pushlistener
