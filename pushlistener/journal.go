package pushlistener

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Errors of [OpenJournal].
var (
	// ErrAgentRunning says that another process has the journal open: an agent of this user runs already.
	ErrAgentRunning = errors.New("pushlistener: another agent has the journal open")
	// ErrJournalVersion says that a newer SecurePush wrote the journal.
	ErrJournalVersion = errors.New("pushlistener: the journal is of a newer version")
	// ErrJournalDamaged says that the journal turned out damaged while it was open. The next start sets it aside.
	ErrJournalDamaged = errors.New("pushlistener: the journal is damaged")
)

// The buckets and the keys of the first of them.
var (
	bucketMeta   = []byte("meta")
	bucketItems  = []byte("items")  // ID → record
	bucketKept   = []byte("kept")   // time of sending, ID → flags, sealed content
	bucketKeptID = []byte("keptid") // ID → key in bucketKept

	keyVersion = []byte("version")
	keyAccount = []byte("account") // the agent's account record
	keyEdge    = []byte("edge")    // the edge's state
	keyOwner   = []byte("owner")   // the account that the IDs and the cursor belong to
	keyCursor  = []byte("cursor")
	keyPrompt  = []byte("prompt")
	keyHorizon = []byte("horizon") // time of sending of the newest ID that was forgotten for want of room
	keySynced  = []byte("synced")  // when the inbox was last compared with the server
)

const (
	journalVersion = 1
	lockTimeout    = 250 * time.Millisecond
)

// JournalOptions are the choices of OpenJournal. The zero value works.
type JournalOptions struct {
	Timeout time.Duration // how long to wait for another process to let go; 0: 250 ms
	Now     func() time.Time
}

// Journal is what the listener remembers across restarts. It is safe for concurrent use.
type Journal struct {
	db    *bbolt.DB
	file  *os.File // of db, which closes it
	lock  *os.File
	aside string
	now   func() time.Time

	reads sync.RWMutex // held by readers; by nobody else while pages are overwritten
	write sync.Mutex   // held around each write, with what is below
	items int
	kept  int
	wiped bool          // by the transaction at hand
	limit time.Duration // content that was sent longer ago is not kept; 0: none
}

// OpenJournal opens or makes the journal at path (mode 0600, in a folder of mode 0700) and takes its lock:
// [ErrAgentRunning] when another process holds it. A file that cannot be read is set aside ([Journal.SetAside]) and a
// new one is begun with what could be saved of account and push channel; [ErrJournalVersion] for one of a newer program.
func OpenJournal(path string, o JournalOptions) (*Journal, error) {
	if o.Timeout == 0 {
		o.Timeout = lockTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	if err := os.MkdirAll(dir, 0o700); err != nil { //nolint:gosec // the folder is the caller's own choice
		return nil, fmt.Errorf("pushlistener: journal: %w", err)
	}
	root, err := os.OpenRoot(dir) // keeps a planted symlink from leading out of the folder
	if err != nil {
		return nil, fmt.Errorf("pushlistener: journal: %w", err)
	}
	defer func() { _ = root.Close() }()
	lock, err := takeLock(root, name+".lock", o.Timeout)
	if err != nil {
		return nil, err
	}
	j := &Journal{lock: lock, now: o.Now}
	if err := j.open(root, name); err != nil {
		_ = lock.Close()
		return nil, err
	}
	return j, nil
}

// open opens the file, or sets it aside and begins another.
func (j *Journal) open(root *os.Root, name string) error {
	db, file, err := openDB(root, name)
	if err == nil {
		j.db, j.file = db, file
		err = j.examine()
	}
	if err == nil || errors.Is(err, ErrJournalVersion) || errors.Is(err, ErrAgentRunning) || isSystem(err) {
		if err != nil && db != nil {
			_ = db.Close()
		}
		return err
	}
	saved := salvage(db)
	if db != nil {
		_ = db.Close()
	}
	aside := fmt.Sprintf("%s.damaged-%s", name, j.now().UTC().Format("20060102T150405"))
	if err := root.Rename(name, aside); err != nil {
		return fmt.Errorf("pushlistener: set the damaged journal aside: %w", err)
	}
	j.aside = filepath.Join(root.Name(), aside)
	if j.db, j.file, err = openDB(root, name); err != nil {
		return err
	}
	if err := j.examine(); err != nil {
		return err
	}
	return j.update(func(tx *bbolt.Tx) error {
		for k, v := range saved {
			if err := tx.Bucket(bucketMeta).Put([]byte(k), v); err != nil {
				return err
			}
		}
		return nil
	})
}

// isSystem tells a refusal of the operating system (no right, disk full) from a damaged file.
func isSystem(err error) bool {
	_, ok := errors.AsType[*os.PathError](err)
	return ok
}

// openDB opens the file. bbolt panics on some kinds of damage, and reads through a mapping, where a file that is too
// short faults: both come back as errors.
//
// The list of free pages is synced: without that, bbolt rebuilds it at open in a goroutine of its own, whose panic on
// a damaged file nobody can catch.
func openDB(root *os.Root, name string) (db *bbolt.DB, file *os.File, err error) {
	defer func() {
		if err != nil && file != nil {
			_ = file.Close() // after a panic nobody else does
		}
	}()
	defer guard(&err)()
	db, err = bbolt.Open(name, 0o600, &bbolt.Options{
		Timeout:      lockTimeout,
		FreelistType: bbolt.FreelistMapType,
		NoStatistics: true,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := root.OpenFile(name, flag, mode)
			if err == nil {
				err = f.Chmod(mode)
			}
			file = f
			return f, err
		},
	})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, nil, ErrAgentRunning
	}
	if err != nil {
		return nil, nil, fmt.Errorf("pushlistener: open the journal: %w", err)
	}
	return db, file, nil
}

// guard turns panics and memory faults of the caller into [ErrJournalDamaged]: use as defer guard(&err)().
func guard(err *error) func() {
	old := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(old)
		if r := recover(); r != nil {
			*err = fmt.Errorf("%w: %v", ErrJournalDamaged, r)
		}
	}
}

// examine makes the buckets of a new file and walks over everything but the kept content, which its seal protects.
// It writes only what is missing: an agent starts on a full disk, too.
func (j *Journal) examine() error {
	fresh := false
	err := j.view(func(tx *bbolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		if meta == nil {
			fresh = true
			return nil
		}
		v := meta.Get(keyVersion)
		if len(v) != 1 || tx.Bucket(bucketItems) == nil || tx.Bucket(bucketKept) == nil || tx.Bucket(bucketKeptID) == nil {
			return ErrJournalDamaged
		}
		if v[0] > journalVersion {
			return ErrJournalVersion
		}
		var known int
		var errs [3]error
		j.items, errs[0] = count(tx, bucketItems)
		j.kept, errs[1] = count(tx, bucketKept)
		known, errs[2] = count(tx, bucketKeptID)
		if known != j.kept {
			return fmt.Errorf("%w: %d kept, %d known", ErrJournalDamaged, j.kept, known)
		}
		return errors.Join(errs[:]...)
	})
	if err != nil || !fresh {
		return err
	}
	return j.update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{bucketMeta, bucketItems, bucketKept, bucketKeptID} {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return tx.Bucket(bucketMeta).Put(keyVersion, []byte{journalVersion})
	})
}

// count counts keys. They have to ascend: otherwise pages may lead to each other in a ring.
func count(tx *bbolt.Tx, bucket []byte) (int, error) {
	n := 0
	var last []byte
	c := tx.Bucket(bucket).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		if n > 0 && bytes.Compare(last, k) >= 0 {
			return n, ErrJournalDamaged
		}
		last = k
		n++
	}
	return n, nil
}

// salvage reads from a damaged journal what a person would have to enter again.
func salvage(db *bbolt.DB) map[string][]byte {
	saved := map[string][]byte{}
	if db == nil {
		return saved
	}
	read := func() (err error) {
		defer guard(&err)()
		return db.View(func(tx *bbolt.Tx) error {
			b := tx.Bucket(bucketMeta)
			if b == nil {
				return nil
			}
			for _, k := range [][]byte{keyAccount, keyOwner, keyEdge} {
				if v := b.Get(k); v != nil {
					saved[string(k)] = append([]byte(nil), v...)
				}
			}
			return nil
		})
	}
	_ = read() // what cannot be read is lost, and the person signs in again
	return saved
}

// Close lets go of the file and its lock.
func (j *Journal) Close() error {
	return errors.Join(j.db.Close(), j.lock.Close())
}

// SetAside is the path to which OpenJournal moved a damaged journal, "" when there was none.
func (j *Journal) SetAside() string { return j.aside }

func (j *Journal) view(f func(*bbolt.Tx) error) (err error) {
	j.reads.RLock()
	defer j.reads.RUnlock()
	defer guard(&err)()
	return j.db.View(f)
}

// update runs f in a transaction that is on disk when update returns.
func (j *Journal) update(f func(*bbolt.Tx) error) (err error) {
	j.write.Lock()
	defer j.write.Unlock()
	items, kept := j.items, j.kept
	j.wiped = false
	defer func() {
		if err != nil {
			j.items, j.kept = items, kept
		}
	}()
	defer guard(&err)()
	if err := j.db.Update(f); err != nil || !j.wiped {
		return err
	}
	return j.overwrite()
}

// Account reads the agent's account record; nil when there is none.
func (j *Journal) Account() ([]byte, error) { return j.get(keyAccount) }

// SetAccount replaces the agent's account record, on disk when it returns.
func (j *Journal) SetAccount(record []byte) error { return j.set(keyAccount, record) }

// Owner is the account of the last [SignedIn], whose IDs and cursor the journal holds; "" for none.
func (j *Journal) Owner() (string, error) {
	b, err := j.get(keyOwner)
	return string(b), err
}

// EdgeState reads what the edge last saved; nil when there is nothing.
func (j *Journal) EdgeState() ([]byte, error) { return j.get(keyEdge) }

// SetEdgeState replaces it, on disk when it returns.
func (j *Journal) SetEdgeState(state []byte) error { return j.set(keyEdge, state) }

func (j *Journal) get(key []byte) ([]byte, error) {
	var out []byte
	err := j.view(func(tx *bbolt.Tx) error {
		if v := tx.Bucket(bucketMeta).Get(key); v != nil {
			out = append([]byte{}, v...)
		}
		return nil
	})
	return out, err
}

func (j *Journal) set(key, value []byte) error {
	return j.update(func(tx *bbolt.Tx) error { return tx.Bucket(bucketMeta).Put(key, value) })
}

// Clear forgets everything: the account, the edge's state, IDs, kept content and the cursor. No page of the file has
// anything of them afterwards.
func (j *Journal) Clear() error {
	return j.update(func(tx *bbolt.Tx) error { return j.wipe(tx, keyAccount, keyEdge, keyOwner) })
}

// wipe forgets what belongs to an account, and the given keys.
func (j *Journal) wipe(tx *bbolt.Tx, keys ...[]byte) error {
	for _, name := range [][]byte{bucketItems, bucketKept, bucketKeptID} {
		if err := tx.DeleteBucket(name); err != nil {
			return err
		}
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
	j.items, j.kept, j.wiped = 0, 0, true
	for _, k := range append(keys, keyCursor, keyPrompt, keyHorizon, keySynced) {
		if err := tx.Bucket(bucketMeta).Delete(k); err != nil {
			return err
		}
	}
	return nil
}
