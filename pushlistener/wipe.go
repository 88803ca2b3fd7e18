package pushlistener

import (
	"encoding/binary"
	"time"

	"go.etcd.io/bbolt"

	"securepush/api"
)

// KeepFor sets for how long after its sending content is kept, and removes what was sent longer ago: no page of the file has
// it afterwards. 0 means no limit. It returns how many were removed.
func (j *Journal) KeepFor(limit time.Duration) (removed int, err error) {
	j.write.Lock()
	j.limit = limit
	j.write.Unlock()
	due := false
	err = j.view(func(tx *bbolt.Tx) error {
		due = len(j.outdated(tx, limit)) > 0
		return nil
	})
	if err != nil || !due {
		return 0, err
	}
	err = j.update(func(tx *bbolt.Tx) error {
		ids := j.outdated(tx, limit)
		for _, id := range ids {
			if err := j.dropKept(tx, id); err != nil {
				return err
			}
		}
		removed, j.wiped = len(ids), true
		return nil
	})
	return removed, err
}

// outdated lists the kept content that was sent too long ago. Keys begin with the time of sending.
func (j *Journal) outdated(tx *bbolt.Tx, limit time.Duration) []api.ID {
	var ids []api.ID
	c := tx.Bucket(bucketKept).Cursor()
	for k, _ := c.First(); len(k) > keptTime; k, _ = c.Next() {
		if sent := time.Unix(0, int64(binary.BigEndian.Uint64(k))); !j.tooOld(sent, limit) { //nolint:gosec // see keptKey
			break
		}
		ids = append(ids, api.ID(k[keptTime:]))
	}
	return ids
}

func (j *Journal) tooOld(sent time.Time, limit time.Duration) bool {
	return limit > 0 && j.now().Sub(sent) > limit
}

// overwrite fills the pages that are free now with zeros. bbolt only marks them as free, and what was wiped would stand in them.
// Nobody reads meanwhile: pages that a reader may look at are not free. A crash in between leaves a whole file, as bbolt itself
// writes into free pages before a transaction counts.
func (j *Journal) overwrite() error {
	j.reads.Lock()
	defer j.reads.Unlock()
	return j.db.Update(func(tx *bbolt.Tx) error {
		zeros := make([]byte, j.db.Info().PageSize)
		for id := 0; ; id++ {
			page, err := tx.Page(id)
			if err != nil || page == nil {
				return err
			}
			if page.Type != "free" {
				continue
			}
			if _, err := j.file.WriteAt(zeros, int64(id)*int64(len(zeros))); err != nil {
				return err
			}
		}
	})
}
