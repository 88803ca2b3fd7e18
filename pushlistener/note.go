package pushlistener

import (
	"bytes"
	"encoding/json"
	"sort"
	"time"

	"go.etcd.io/bbolt"

	"securepush/api"
)

// Bounds of what the journal keeps.
const (
	maxRecords   = 10_000
	recordSlack  = 500 // so that not every write prunes
	maxRecordAge = 30 * 24 * time.Hour
	maxKept      = 1_000
)

// entry is one ID's new record; fateNone forgets the ID.
type entry struct {
	id  api.ID
	rec record
}

// note is something to be remembered: one transaction holds it whole, or several of them.
type note struct {
	clear    bool               // sign-out: forget everything, first
	owner    *string            // another account: forget what belonged to the last one, first
	entries  []entry            //
	keep     []api.Notification // content for reading offline
	drop     []api.ID           // kept content to remove
	read     []api.ID           // kept content that is read now
	unread   []api.ID           //
	readAll  bool               //
	cursor   *api.Cursor        //
	prompt   *promptRecord      //
	synced   time.Time          //
	finishes []api.ID           // whose items are finished when this is on disk
	done     []func(error)      // called when it is on disk, or cannot be
}

// empty says whether there is nothing to write.
func (n note) empty() bool {
	return !n.clear && n.owner == nil && len(n.entries)+len(n.keep)+len(n.drop)+len(n.read)+len(n.unread) == 0 &&
		!n.readAll && n.cursor == nil && n.prompt == nil && n.synced.IsZero()
}

// urgent says whether something waits for the note beyond an acknowledgement.
func (n note) urgent() bool { return len(n.finishes) > 0 || n.clear || n.owner != nil }

// apply writes several notes in one transaction and returns the horizon of [Journal.prune]. sealer may be nil: content
// is not kept then.
func (j *Journal) apply(notes []note, sealer Sealer) (horizon time.Time, err error) {
	err = j.update(func(tx *bbolt.Tx) error {
		for i := range notes {
			if err := j.applyOne(tx, &notes[i], sealer); err != nil {
				return err
			}
		}
		if j.items > maxRecords+recordSlack {
			if err := j.prune(tx); err != nil {
				return err
			}
		}
		horizon = readHorizon(tx)
		return nil
	})
	return horizon, err
}

func (j *Journal) applyOne(tx *bbolt.Tx, n *note, sealer Sealer) error {
	meta := tx.Bucket(bucketMeta)
	if n.clear {
		if err := j.wipe(tx, keyAccount, keyEdge, keyOwner); err != nil {
			return err
		}
	}
	if n.owner != nil {
		if err := j.wipe(tx); err != nil {
			return err
		}
		if err := meta.Put(keyOwner, []byte(*n.owner)); err != nil {
			return err
		}
	}
	for _, e := range n.entries {
		if err := j.putRecord(tx, e); err != nil {
			return err
		}
	}
	if err := j.applyKept(tx, n, sealer); err != nil {
		return err
	}
	if n.cursor != nil {
		if err := meta.Put(keyCursor, []byte(*n.cursor)); err != nil {
			return err
		}
	}
	if n.prompt != nil {
		if err := meta.Put(keyPrompt, n.prompt.encode()); err != nil {
			return err
		}
	}
	if !n.synced.IsZero() {
		return meta.Put(keySynced, appendTime(nil, n.synced))
	}
	return nil
}

func (j *Journal) putRecord(tx *bbolt.Tx, e entry) error {
	b, key := tx.Bucket(bucketItems), []byte(e.id)
	known := b.Get(key) != nil
	if e.rec.fate == fateNone {
		if known {
			j.items--
		}
		return b.Delete(key)
	}
	if !known {
		j.items++
	}
	return b.Put(key, e.rec.encode())
}

// prune forgets what is older than 30 days and then the oldest beyond 10,000. Until when it forgot is the horizon: an
// unknown ID from before it may have been shown, so a push of it shows nothing.
func (j *Journal) prune(tx *bbolt.Tx) error {
	type aged struct {
		key []byte
		rec record
	}
	var all []aged
	b := tx.Bucket(bucketItems)
	if err := b.ForEach(func(k, v []byte) error {
		rec, err := decodeRecord(v)
		if err != nil {
			rec = record{fate: fateSettled} // damaged: the first to go
		}
		if rec.fate != fateWaiting {
			all = append(all, aged{bytes.Clone(k), rec})
		}
		return nil
	}); err != nil {
		return err
	}
	sort.Slice(all, func(x, y int) bool { return all[x].rec.seen.Before(all[y].rec.seen) })
	horizon, oldest := readHorizon(tx), j.now().Add(-maxRecordAge)
	for i, a := range all {
		if len(all)-i <= maxRecords && !a.rec.seen.Before(oldest) {
			break
		}
		if a.rec.created.After(horizon) {
			horizon = a.rec.created
		}
		if err := b.Delete(a.key); err != nil {
			return err
		}
		j.items--
	}
	return tx.Bucket(bucketMeta).Put(keyHorizon, appendTime(nil, horizon))
}

func readHorizon(tx *bbolt.Tx) time.Time {
	v := tx.Bucket(bucketMeta).Get(keyHorizon)
	if len(v) != 8 {
		return time.Time{}
	}
	return readTime(v)
}

// loaded is what a listener begins with.
type loaded struct {
	owner    string
	cursor   api.Cursor
	prompt   promptRecord
	synced   time.Time
	horizon  time.Time
	waiting  []entry // at most maxWaiting, oldest first
	more     bool    // there are more of these
	standing []entry // shown lately, so a toast may stand, oldest first
}

const (
	standingAge = 24 * time.Hour
	maxStanding = 256
)

// load reads the whole state of a listener, after pruning what is too old.
func (j *Journal) load() (loaded, error) {
	var l loaded
	err := j.view(func(tx *bbolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		l.owner, l.cursor = string(meta.Get(keyOwner)), api.Cursor(meta.Get(keyCursor))
		if v := meta.Get(keyPrompt); v != nil {
			l.prompt, _ = decodePrompt(v) // damaged: the episode begins anew
		}
		if v := meta.Get(keySynced); len(v) == 8 {
			l.synced = readTime(v)
		}
		l.horizon = readHorizon(tx)
		recent := j.now().Add(-standingAge)
		return tx.Bucket(bucketItems).ForEach(func(k, v []byte) error {
			rec, _ := decodeRecord(v) // a damaged one is as none
			switch {
			case rec.fate == fateWaiting:
				l.waiting = append(l.waiting, entry{api.ID(k), rec})
			case rec.fate == fateShown && rec.seen.After(recent):
				l.standing = append(l.standing, entry{api.ID(k), rec})
			}
			return nil
		})
	})
	bySeen := func(e []entry) {
		sort.Slice(e, func(x, y int) bool { return e[x].rec.seen.Before(e[y].rec.seen) })
	}
	bySeen(l.waiting)
	bySeen(l.standing)
	if len(l.waiting) > maxWaiting {
		l.waiting, l.more = l.waiting[:maxWaiting], true
	}
	if n := len(l.standing); n > maxStanding {
		l.standing = l.standing[n-maxStanding:]
	}
	return l, err
}

// lookup reads the records of IDs; those that the journal does not know have fateNone.
func (j *Journal) lookup(ids ...api.ID) ([]record, error) {
	out := make([]record, len(ids))
	err := j.view(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketItems)
		for i, id := range ids {
			if v := b.Get([]byte(id)); v != nil {
				out[i], _ = decodeRecord(v) // damaged: as if not known, which repeats a toast and loses nothing
			}
		}
		return nil
	})
	return out, err
}

// encodeContent is the plaintext that is sealed.
func encodeContent(n api.Notification) ([]byte, error) { return json.Marshal(n) }

// decodeContent reads it back; the ID has to be the one it was kept under.
func decodeContent(b []byte, id api.ID) (api.Notification, error) {
	var n api.Notification
	if err := api.DecodeStrict(b, &n); err != nil || n.ID != id {
		return api.Notification{}, errRecord
	}
	return n, nil
}
