// Package pushlistener turns raw pushes into decisions: what to fetch, what to show, what to keep for later.
//
// Make a [Listener] with [New], give it the ports it needs ([Backend], [Toasts], [Edge], [Sealer] and a [Journal]), run
// it, and tell it what happens around it ([Listener.Tell]). What can be seen of it is a [Snapshot].
//
// # How it works
//
// One goroutine owns the state. Everything that happens is an event; step, a function without clock, disk or network,
// changes the state and says what is to be done: fetch, look further, show, withdraw, remember. Workers do it and answer
// with events. The only timer is set to the time at which the state wants to be called again.
//
// # Nothing is lost
//
// The back end's database is the truth, and the cursor in the journal is this device's place in it. The cursor moves
// only when everything before it has been shown or settled and that is on disk. So whatever is forgotten here, a push
// that never came, an ID beyond the thousand that are held, a process that dies, lies behind the cursor and is found by
// the next catch-up: at every start, connection, sign-in, unlock and wake-up, a few seconds after each push, and every
// half hour. IDs are in the journal before their push is acknowledged all the same: an old ID, pushed again, may lie
// before the cursor.
//
// # Once
//
// An ID leaves the memory only when its fate is in the journal, and is looked up there when it is pushed again or found
// by the cursor. The order is: show, then note; and the next toast goes only when the note is on disk. What a kill
// leaves, step by step:
//
//   - before the ID is on disk: the push is not acknowledged and comes again; the cursor finds it, too;
//   - after that, before the toast: the ID waits in the journal and is asked for at the next start;
//   - after the toast, before the note: the toast is repeated, in place, since its tag is made of the ID. If it was a
//     digest of two or three, they come back one by one;
//   - after the note, before the cursor has moved: the cursor passes the ID again, and the journal knows it;
//   - between prompt and note: the prompt is repeated in place.
//
// A note is one transaction, on disk when it is reported: a kill or a power cut leaves all of it or nothing. A journal
// that is damaged all the same is set aside. Then cursor and fates are gone: the unread of the last page of the inbox
// are shown once more, as one digest if they are more than three. While the disk takes nothing, fates stay in memory
// and are written later, and pushes are not acknowledged.
//
// The journal remembers 10,000 fates for 30 days. An unknown ID that is older than the newest that was forgotten is
// left to the cursor, so a replay of pushes from before that shows nothing either.
//
// # Never a nag
//
// What is found together, by a catch-up or after something that held everything up, is shown together: up to three by
// themselves, more as one digest; what came in a quiet time is one digest as soon as there are two. What comes one after the other gets toasts of its own up to five a minute; the rest
// of the minute goes into the digest, which is replaced in place at most every 15 seconds. Digest and generic toast
// share one tag each; which IDs they stand for is known, so that they go when the last of them is read.
//
// A generic prompt belongs to an episode, which lasts as long as its cause does for some ID. The episode is in the
// journal, so a restart shows nothing again. Content takes the prompt's place once nothing waits for its cause.
package pushlistener
