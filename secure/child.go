package secure

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/zalando/go-keyring"

	"securepush/api"
)

type op string

const (
	opGet    op = "get"
	opSet    op = "set"
	opDelete op = "delete"
)

// request is the one line that the child reads. It is a wire struct: the value is in clear, as on the session bus.
//
// Example: {"op":"set","key":"6f1c0c1e-…","value":"eyJ2Ijox…"}.
type request struct {
	Op    op     `json:"op"`
	Key   string `json:"key"`
	Value string `json:"value,omitempty"`
}

// answer is the one line that the child writes.
//
// Example: {"value":"eyJ2Ijox…"} or {"failure":"locked","cause":"failed to unlock correct collection …"}.
type answer struct {
	Value   string  `json:"value,omitempty"`
	Failure failure `json:"failure,omitempty"`
	Cause   string  `json:"cause,omitempty"` // for the log
}

// failure says what went wrong in the child, as far as that decides anything.
type failure string

const (
	failNotFound   failure = "not_found"
	failForeign    failure = "foreign" // there is a value, and it cannot be ours
	failLocked     failure = "locked"
	failNotSetUp   failure = "not_set_up"
	failNoService  failure = "no_service"
	failFull       failure = "full"
	failNonsense   failure = "nonsense"
	failNotStored  failure = "not_stored"
	failNotRemoved failure = "not_removed"
	failDefect     failure = "defect" // we asked for something that cannot be asked
	failOther      failure = "other"
)

const (
	maxLine    = 16 << 10 // bytes of a request or an answer
	maxRemoves = 16       // items of one name that Delete removes
)

// RunKeyringChild is the body of the hidden subcommand [ChildCommand]: it reads one request, asks the keyring, writes one
// answer and returns the exit code. It ends the process when stdin closes early, as then whoever asked is gone, and the call
// it may be stuck in has no end of its own.
func RunKeyringChild(stdin io.Reader, stdout io.Writer) int {
	DisableCoreDumps()
	in := bufio.NewReader(io.LimitReader(stdin, maxLine))
	line, err := in.ReadBytes('\n')
	if err != nil {
		return 2
	}
	var req request
	if err := api.DecodeStrict(line, &req); err != nil {
		return 2
	}
	go func() { // lives as long as this short process
		_, _ = io.Copy(io.Discard, stdin)
		os.Exit(3)
	}()
	out, err := json.Marshal(perform(systemItems{}, req))
	if err != nil {
		return 1
	}
	if _, err := stdout.Write(append(out, '\n')); err != nil {
		return 1
	}
	return 0
}

// items is what the child needs of go-keyring.
type items interface {
	Get(key string) (string, error)
	Set(key, value string) error
	Delete(key string) error
}

// systemItems is the keyring of the operating system.
type systemItems struct{}

// Get reads the first item of that name.
func (systemItems) Get(key string) (string, error) { return keyring.Get(Service, key) }

// Set writes, or says so.
func (systemItems) Set(key, value string) error { return keyring.Set(Service, key, value) }

// Delete removes the first item of that name, or says so.
func (systemItems) Delete(key string) error { return keyring.Delete(Service, key) }

func perform(it items, req request) (a answer) {
	defer func() {
		if p := recover(); p != nil { // go-keyring asserts types without looking
			a = answer{Failure: failNonsense, Cause: "the library panicked"}
		}
	}()
	switch req.Op {
	case opGet:
		return get(it, req.Key)
	case opSet:
		return set(it, req.Key, req.Value)
	case opDelete:
		return remove(it, req.Key)
	}
	return answer{Failure: failDefect}
}

func get(it items, key string) answer {
	v, err := it.Get(key)
	if err != nil {
		return failed(err)
	}
	if checkValue(api.NewSecret(v)) != nil {
		return answer{Failure: failForeign}
	}
	return answer{Value: v}
}

// set reads back what it wrote: the library reports success also when the person dismissed the box that asks.
func set(it items, key, value string) answer {
	if err := it.Set(key, value); err != nil {
		return failed(err)
	}
	got, err := it.Get(key)
	if errors.Is(err, keyring.ErrNotFound) || (err == nil && got != value) {
		return answer{Failure: failNotStored}
	}
	if err != nil {
		return failed(err)
	}
	return answer{}
}

// remove goes on until nothing of that name is found, as another program may have put more than one item there. When the
// same value is still there after a removal it stops: a person may have said no, and is asked once.
func remove(it items, key string) answer {
	before, err := it.Get(key)
	for range maxRemoves {
		if errors.Is(err, keyring.ErrNotFound) {
			return answer{}
		}
		if err != nil {
			return failed(err)
		}
		if err := it.Delete(key); err != nil && !errors.Is(err, keyring.ErrNotFound) {
			return failed(err)
		}
		var after string
		if after, err = it.Get(key); err == nil && after == before {
			return answer{Failure: failNotRemoved}
		}
		before = after
	}
	return answer{Failure: failNotRemoved}
}

func failed(err error) answer { return answer{Failure: classify(err), Cause: err.Error()} }

// classify tells the library's errors apart; some are told by their text alone.
func classify(err error) failure {
	if errors.Is(err, keyring.ErrNotFound) {
		return failNotFound
	}
	if errors.Is(err, keyring.ErrSetDataTooBig) {
		return failDefect
	}
	if _, ok := errors.AsType[*exec.Error](err); ok || errors.Is(err, keyring.ErrUnsupportedPlatform) {
		return failNoService
	}
	if f := classifyBus(err); f != "" {
		return f
	}
	text := err.Error()
	switch {
	case strings.Contains(text, "failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'"):
		return failNotSetUp
	case strings.Contains(text, "failed to unlock correct collection"):
		return failLocked // also when the person cancelled
	}
	return failOther
}

// err is what an answer means, given what the probe found before.
func (a answer) err(r Report) error {
	var cause error
	if a.Cause != "" {
		cause = errors.New(a.Cause)
	}
	switch a.Failure {
	case "":
		return nil
	case failNotFound:
		return vaultError(VaultAbsent, nil)
	case failForeign:
		return vaultError(VaultAbsent, errForeign)
	case failLocked:
		return vaultError(VaultLocked, cause)
	case failNotSetUp:
		if r.Collection != "" { // the default collection is there, so it was not unlocked
			return vaultError(VaultLocked, cause)
		}
		return vaultError(VaultUnavailable, because(ErrNotSetUp, cause))
	case failFull:
		return vaultError(VaultFull, cause)
	case failNonsense:
		return vaultError(VaultUnavailable, because(ErrBadProvider, cause))
	case failNotStored:
		return vaultError(VaultUnavailable, ErrNotStored)
	case failNotRemoved:
		return vaultError(VaultUnavailable, ErrNotRemoved)
	case failDefect:
		return vaultError(VaultUnavailable, because(ErrBadValue, cause))
	case failNoService:
		return vaultError(VaultUnavailable, because(ErrNoService, cause))
	case failOther:
	}
	return vaultError(VaultUnavailable, cause)
}

func because(kind, cause error) error {
	if cause == nil {
		return kind
	}
	return fmt.Errorf("%w: %w", kind, cause)
}
