package pushlistener

import (
	"encoding/binary"
	"errors"
	"time"
)

// fate is what became of an ID, as the journal has it.
type fate byte

const (
	fateNone    fate = 0 // the journal does not know the ID
	fateWaiting fate = 1 // heard of, and neither shown nor settled
	fateShown   fate = 2
	fateSettled fate = 3 // read, gone or refused: never a toast
)

// group is the toast under which an ID was shown.
type group byte

const (
	groupOwn     group = 0 // its own
	groupDigest  group = 1
	groupGeneric group = 2
)

// record is one ID in the journal.
type record struct {
	fate    fate
	group   group
	seen    time.Time // when this device first heard of it, to the millisecond
	created time.Time // when it was sent, by the server's clock; zero: not known
}

const (
	recordVersion = 1
	recordSize    = 3 + 8 + 8
)

var errRecord = errors.New("pushlistener: damaged record in the journal")

// encode lays a record out as version, fate, group, seen and created; times are milliseconds since 1970, zero for none.
func (r record) encode() []byte {
	b := make([]byte, 3, recordSize)
	b[0], b[1], b[2] = recordVersion, byte(r.fate), byte(r.group)
	b = appendTime(b, r.seen)
	return appendTime(b, r.created)
}

func decodeRecord(b []byte) (record, error) {
	if len(b) != recordSize || b[0] != recordVersion || b[1] == 0 || b[1] > byte(fateSettled) || b[2] > byte(groupGeneric) {
		return record{}, errRecord
	}
	return record{fate: fate(b[1]), group: group(b[2]), seen: readTime(b[3:]), created: readTime(b[11:])}, nil
}

// promptRecord is the generic prompt of the present episode; the zero value is none.
type promptRecord struct {
	prompt Prompt
	at     time.Time // when it was last shown
}

func (p promptRecord) encode() []byte {
	return appendTime([]byte{recordVersion, byte(p.prompt)}, p.at)
}

func decodePrompt(b []byte) (promptRecord, error) {
	if len(b) != 10 || b[0] != recordVersion || b[1] > byte(PromptSignIn) {
		return promptRecord{}, errRecord
	}
	return promptRecord{prompt: Prompt(b[1]), at: readTime(b[2:])}, nil
}

func appendTime(b []byte, t time.Time) []byte {
	var ms int64
	if !t.IsZero() {
		ms = t.UnixMilli()
	}
	return binary.BigEndian.AppendUint64(b, uint64(ms))
}

func readTime(b []byte) time.Time {
	ms := int64(binary.BigEndian.Uint64(b)) //nolint:gosec // any 64 bits are a time; the record is checked otherwise
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// Kept content is stored under the time of sending and the ID, so that a walk is in order; its value is a byte of flags
// and the sealed text.
const (
	keptTime = 8
	keptRead = 1 // flag: read
)

// keptKey orders by time of sending. Times before 1970 count as 1970.
func keptKey(created time.Time, id string) []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, keptTime+len(id)), uint64(max(created.UnixNano(), 0)))
	return append(b, id...)
}

// decodeKept splits a value into its flags and the sealed text.
func decodeKept(v []byte) (read bool, sealed []byte, err error) {
	if len(v) < 1 || v[0] > keptRead {
		return false, nil, errRecord
	}
	return v[0] == keptRead, v[1:], nil
}
