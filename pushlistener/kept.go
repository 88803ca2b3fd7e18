package pushlistener

import (
	"bytes"
	"context"
	"encoding/base64"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"securepush/api"
)

// keptCursor begins the cursors of kept pages, which mean nothing to the back end.
const keptCursor = "kept."

// Kept is a page of the content kept for reading offline, newest first, and the time at which it was last compared with
// the server. before is the Next of an earlier page and empty for the newest; another cursor gives an empty page.
// What s cannot open is left out. limit 0 means 50.
func (j *Journal) Kept(ctx context.Context, s Sealer, limit int, before api.Cursor) (api.Page, time.Time, error) {
	page := api.Page{Items: []api.Notification{}, Next: before}
	var asOf time.Time
	if limit <= 0 {
		limit = 50
	}
	from, ok := parseKeptCursor(before)
	err := j.view(func(tx *bbolt.Tx) error {
		if v := tx.Bucket(bucketMeta).Get(keySynced); len(v) == 8 {
			asOf = readTime(v)
		}
		c := tx.Bucket(bucketKept).Cursor()
		if err := tx.Bucket(bucketKept).ForEach(func(_, v []byte) error {
			if read, _, err := decodeKept(v); err == nil && !read {
				page.Unread++
			}
			return nil
		}); err != nil || !ok {
			return err
		}
		var k, v []byte
		if from == nil {
			k, v = c.Last()
		} else {
			c.Seek(from)
			k, v = c.Prev()
		}
		for ; k != nil && ctx.Err() == nil; k, v = c.Prev() {
			if len(page.Items) == limit {
				page.More = true
				return nil
			}
			page.Next = api.Cursor(keptCursor + base64.RawURLEncoding.EncodeToString(k))
			if n, err := openKept(s, k, v); err == nil {
				page.Items = append(page.Items, n)
			}
		}
		return ctx.Err()
	})
	return page, asOf, err
}

func parseKeptCursor(c api.Cursor) (key []byte, ok bool) {
	if c == "" {
		return nil, true
	}
	text, ok := strings.CutPrefix(string(c), keptCursor)
	if !ok {
		return nil, false
	}
	key, err := base64.RawURLEncoding.DecodeString(text)
	return key, err == nil && len(key) > keptTime
}

// KeptByID is one kept notification; false when it is not kept or s cannot open it.
func (j *Journal) KeptByID(_ context.Context, s Sealer, id api.ID) (api.Notification, bool, error) {
	var n api.Notification
	found := false
	err := j.view(func(tx *bbolt.Tx) error {
		key := tx.Bucket(bucketKeptID).Get([]byte(id))
		if key == nil {
			return nil
		}
		var err error
		n, err = openKept(s, key, tx.Bucket(bucketKept).Get(key))
		found = err == nil
		return nil
	})
	return n, found, err
}

func openKept(s Sealer, key, value []byte) (api.Notification, error) {
	read, sealed, err := decodeKept(value)
	if err != nil || s == nil || len(key) <= keptTime {
		return api.Notification{}, errRecord
	}
	id := api.ID(key[keptTime:])
	plain, err := s.Open(id, sealed)
	if err != nil {
		return api.Notification{}, err
	}
	n, err := decodeContent(plain, id)
	n.Read = read
	return n, err
}

// applyKept brings the kept content up to date.
func (j *Journal) applyKept(tx *bbolt.Tx, n *note, sealer Sealer) error {
	for _, id := range n.drop {
		if err := j.dropKept(tx, id); err != nil {
			return err
		}
	}
	if sealer != nil {
		for i := range n.keep {
			if err := j.keepOne(tx, &n.keep[i], sealer); err != nil {
				return err
			}
		}
		for j.kept > maxKept {
			k, _ := tx.Bucket(bucketKept).Cursor().First()
			if k == nil {
				break
			}
			if err := j.dropKept(tx, api.ID(k[keptTime:])); err != nil {
				return err
			}
		}
	}
	if n.readAll {
		return flagAll(tx)
	}
	for _, id := range n.read {
		if err := flagKept(tx, id, keptRead); err != nil {
			return err
		}
	}
	for _, id := range n.unread {
		if err := flagKept(tx, id, 0); err != nil {
			return err
		}
	}
	return nil
}

func (j *Journal) keepOne(tx *bbolt.Tx, n *api.Notification, sealer Sealer) error {
	if j.tooOld(n.CreatedAt, j.limit) {
		return nil
	}
	sealed, ok := seal(n, sealer)
	if !ok {
		return nil
	}
	if err := j.dropKept(tx, n.ID); err != nil {
		return err
	}
	var flags byte
	if n.Read {
		flags = keptRead
	}
	key := keptKey(n.CreatedAt, string(n.ID))
	if err := tx.Bucket(bucketKeptID).Put([]byte(n.ID), key); err != nil {
		return err
	}
	j.kept++
	return tx.Bucket(bucketKept).Put(key, append([]byte{flags}, sealed...))
}

// seal is false for what cannot be sealed, which then stays in the server's inbox only.
func seal(n *api.Notification, sealer Sealer) ([]byte, bool) {
	plain, err := encodeContent(*n)
	if err != nil {
		return nil, false
	}
	sealed, err := sealer.Seal(n.ID, plain)
	return sealed, err == nil
}

func (j *Journal) dropKept(tx *bbolt.Tx, id api.ID) error {
	ids := tx.Bucket(bucketKeptID)
	key := bytes.Clone(ids.Get([]byte(id)))
	if key == nil {
		return nil
	}
	j.kept--
	if err := ids.Delete([]byte(id)); err != nil {
		return err
	}
	return tx.Bucket(bucketKept).Delete(key)
}

func flagKept(tx *bbolt.Tx, id api.ID, flags byte) error {
	key := bytes.Clone(tx.Bucket(bucketKeptID).Get([]byte(id)))
	if key == nil {
		return nil
	}
	v := bytes.Clone(tx.Bucket(bucketKept).Get(key))
	if len(v) == 0 || v[0] == flags {
		return nil
	}
	v[0] = flags
	return tx.Bucket(bucketKept).Put(key, v)
}

func flagAll(tx *bbolt.Tx) error {
	var ids []api.ID
	if err := tx.Bucket(bucketKept).ForEach(func(k, v []byte) error {
		if read, _, err := decodeKept(v); err == nil && !read && len(k) > keptTime {
			ids = append(ids, api.ID(k[keptTime:]))
		}
		return nil
	}); err != nil {
		return err
	}
	for _, id := range ids {
		if err := flagKept(tx, id, keptRead); err != nil {
			return err
		}
	}
	return nil
}
