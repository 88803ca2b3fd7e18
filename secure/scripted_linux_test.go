package secure_test

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"

	"securepush/api"
	"securepush/secure"
)

// secretValue is the Secret of the Secret Service API.
type secretValue struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

const (
	servicePath    = dbus.ObjectPath("/org/freedesktop/secrets")
	collectionPath = servicePath + "/collection/login"
	itemPath       = collectionPath + "/1"
	promptPath     = servicePath + "/prompt/1"
	noPath         = dbus.ObjectPath("/")
)

// script says how a Secret Service misbehaves. The zero value behaves.
type script struct {
	locked          bool
	collections     any  // in place of the list
	promptOnCreate  bool // CreateItem and Delete answer with a prompt
	promptOnDelete  bool
	dismiss         bool          // the person says no
	after           time.Duration // the person takes this long
	noise           bool          // another signal comes first
	completed       []any         // in place of the right body
	refuseSession   bool
	failWith        *dbus.Error   // of CreateItem and Delete
	hang            chan struct{} // SearchItems waits for it
	dieDuringPrompt func()
	forget          bool // CreateItem says yes and stores nothing
}

// service is a Secret Service with one collection and room for one item.
type service struct {
	script
	conn *dbus.Conn

	mu      sync.Mutex
	value   *secretValue
	pending func() // what the prompt does when the person agrees
	prompts int
	hanging int
}

func (b *bus) startService(t *testing.T, s script) *service {
	t.Helper()
	svc := &service{script: s, conn: b.connect(t)}
	for _, e := range []struct {
		path  dbus.ObjectPath
		iface string
		v     any
	}{
		{servicePath, "org.freedesktop.Secret.Service", (*serviceObject)(svc)},
		{collectionPath, "org.freedesktop.Secret.Collection", (*collectionObject)(svc)},
		{itemPath, "org.freedesktop.Secret.Item", (*itemObject)(svc)},
		{promptPath, "org.freedesktop.Secret.Prompt", (*promptObject)(svc)},
		{servicePath, "org.freedesktop.DBus.Properties", (*propertiesObject)(svc)},
		{collectionPath, "org.freedesktop.DBus.Properties", (*propertiesObject)(svc)},
		{servicePath + "/session/1", "org.freedesktop.Secret.Session", (*sessionObject)(svc)},
	} {
		must(t, svc.conn.Export(e.v, e.path, e.iface))
	}
	_, err := svc.conn.RequestName("org.freedesktop.secrets", dbus.NameFlagDoNotQueue)
	must(t, err)
	return svc
}

func (s *service) count(n *int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *n
}

type (
	serviceObject    service
	collectionObject service
	itemObject       service
	promptObject     service
	propertiesObject service
	sessionObject    service
)

func (o *serviceObject) OpenSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	if o.refuseSession {
		return dbus.Variant{}, "", dbus.NewError("org.freedesktop.DBus.Error.NotSupported", []any{"no plain sessions"})
	}
	return dbus.MakeVariant(""), servicePath + "/session/1", nil
}

func (o *serviceObject) Unlock(what []dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.locked {
		return what, noPath, nil
	}
	o.pending = func() { o.locked = false }
	return nil, promptPath, nil
}

func (o *serviceObject) ReadAlias(string) (dbus.ObjectPath, *dbus.Error) { return collectionPath, nil }

func (o *sessionObject) Close() *dbus.Error { return nil }

func (o *collectionObject) CreateItem(_ map[string]dbus.Variant, v secretValue, _ bool) (dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.failWith != nil:
		return "", "", o.failWith
	case o.forget:
		return itemPath, noPath, nil
	case o.promptOnCreate:
		o.pending = func() { o.value = &v }
		return noPath, promptPath, nil
	}
	o.value = &v
	return itemPath, noPath, nil
}

func (o *collectionObject) SearchItems(map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
	if o.hang != nil {
		o.mu.Lock()
		o.hanging++
		o.mu.Unlock()
		<-o.hang
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.value == nil {
		return nil, nil
	}
	return []dbus.ObjectPath{itemPath}, nil
}

func (o *itemObject) GetSecret(dbus.ObjectPath) (secretValue, *dbus.Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return *o.value, nil
}

func (o *itemObject) Delete() (dbus.ObjectPath, *dbus.Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.failWith != nil:
		return "", o.failWith
	case o.promptOnDelete:
		o.pending = func() { o.value = nil }
		return promptPath, nil
	}
	o.value = nil
	return noPath, nil
}

// Prompt opens the box; the answer comes as a signal, after the method has returned.
func (o *promptObject) Prompt(string) *dbus.Error {
	o.mu.Lock()
	o.prompts++
	done := []dbus.ObjectPath{collectionPath}
	if o.dismiss {
		done = nil
	}
	pending, body := o.pending, []any{o.dismiss, dbus.MakeVariant(done)}
	if o.completed != nil {
		body = o.completed
	}
	o.mu.Unlock()
	if o.dieDuringPrompt != nil {
		time.AfterFunc(50*time.Millisecond, o.dieDuringPrompt)
		return nil
	}
	time.AfterFunc(o.after+20*time.Millisecond, func() {
		if o.noise {
			_ = o.conn.Emit(promptPath, "org.freedesktop.Secret.Prompt.Thinking")
		}
		o.mu.Lock()
		if !o.dismiss && pending != nil {
			pending()
		}
		o.mu.Unlock()
		_ = o.conn.Emit(promptPath, "org.freedesktop.Secret.Prompt.Completed", body...)
	})
	return nil
}

func (o *propertiesObject) Get(_, name string) (dbus.Variant, *dbus.Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if name == "Locked" {
		return dbus.MakeVariant(o.locked), nil
	}
	if o.collections != nil {
		return dbus.MakeVariant(o.collections), nil
	}
	return dbus.MakeVariant([]dbus.ObjectPath{collectionPath}), nil
}

// outcome is the state, and the kind of error within it, that one call has to end in.
type outcome struct {
	state secure.VaultState
	kind  error
}

var (
	good     = outcome{}
	none     = outcome{state: secure.VaultAbsent}
	shut     = outcome{state: secure.VaultLocked}
	late     = outcome{state: secure.VaultTimedOut}
	nonsense = outcome{secure.VaultUnavailable, secure.ErrBadProvider}
)

func TestEveryWayInWhichAKeyringServiceMisbehavesEndsInItsState(t *testing.T) {
	full := dbus.NewError("org.freedesktop.DBus.Error.Failed", []any{"An error occurred on the device"})
	unavailable := outcome{state: secure.VaultUnavailable}
	for _, c := range []struct {
		name                  string
		script                script
		person                bool
		get, set, get2, erase outcome
	}{
		{name: "it behaves", get: none},
		{name: "a prompt on each write is agreed to", script: script{promptOnCreate: true, promptOnDelete: true}, get: none},
		{name: "the person dismisses the prompt on create", script: script{promptOnCreate: true, dismiss: true}, get: none,
			set: outcome{secure.VaultUnavailable, secure.ErrNotStored}, get2: none},
		{name: "the person dismisses the prompt on delete", script: script{promptOnDelete: true, dismiss: true}, get: none,
			erase: outcome{secure.VaultUnavailable, secure.ErrNotRemoved}},
		{name: "it says yes and stores nothing", script: script{forget: true}, get: none,
			set: outcome{secure.VaultUnavailable, secure.ErrNotStored}, get2: none},
		{name: "it is locked and nobody asked", script: script{locked: true}, get: shut, set: shut, get2: shut, erase: shut},
		{name: "it is locked and the person dismisses the box", script: script{locked: true, dismiss: true}, person: true,
			get: shut, set: shut, get2: shut, erase: shut},
		{name: "it is locked and the person unlocks it, slowly", script: script{locked: true, after: 300 * time.Millisecond},
			person: true, get: none},
		{name: "another signal comes before the answer", script: script{locked: true, noise: true, dismiss: true}, person: true,
			get: shut, set: shut, get2: shut, erase: shut},
		{name: "the answer has wrong types", script: script{promptOnCreate: true, dismiss: true, completed: []any{"no", uint32(7)}},
			get: none, set: nonsense, get2: none},
		{name: "the answer is empty", script: script{promptOnCreate: true, dismiss: true, completed: []any{}},
			get: none, set: nonsense, get2: none},
		{name: "its list of collections is none", script: script{collections: "login"},
			get: nonsense, set: nonsense, get2: nonsense, erase: nonsense},
		{name: "it refuses plain sessions", script: script{refuseSession: true}, get: none, set: unavailable, get2: none},
		{name: "the disk is full", script: script{failWith: full}, get: none,
			set: outcome{state: secure.VaultFull}, get2: none},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := startBus(t, nil)
			svc := b.startService(t, c.script)
			defer leaks(t)()
			k := b.keyring(secure.KeyringOptions{InteractiveTimeout: patience})
			ctx := t.Context()
			if c.person {
				ctx = secure.Interactive(ctx)
			}
			_, err := k.Get(ctx, alice)
			c.get.check(t, "get", err)
			c.set.check(t, "set", k.Set(ctx, alice, api.NewSecret("value")))
			v, err := k.Get(ctx, alice)
			c.get2.check(t, "get after set", err)
			if err == nil && v.Reveal() != "value" {
				t.Error("read another value than the one written")
			}
			c.erase.check(t, "delete", k.Delete(ctx, alice))
			if _, err := k.Get(ctx, alice); c.erase == good && c.get2.state != secure.VaultLocked {
				none.check(t, "get after delete", err)
			}
			if n := svc.count(&svc.prompts); c.script.locked && !c.person && n != 0 {
				t.Errorf("%d prompts that nobody asked for", n)
			}
		})
	}
}

func (o outcome) check(t *testing.T, call string, err error) {
	t.Helper()
	if secure.StateOf(err) != o.state || (o.kind != nil && !errors.Is(err, o.kind)) {
		t.Errorf("%s: got %v, want %v %v", call, err, o.state, o.kind)
	}
}

func TestABusThatDiesDuringAPromptIsNonsenseAndNoCrash(t *testing.T) {
	b := startBus(t, nil)
	b.startService(t, script{promptOnCreate: true, dieDuringPrompt: func() { _ = b.daemon.Process.Kill() }})
	err := b.keyring(secure.KeyringOptions{}).Set(t.Context(), alice, api.NewSecret("value"))
	nonsense.check(t, "set", err)
}

func TestAHungServiceBehindAnUnlockedProbeIsKilledWithItsChildAndTheChildHoldsNoSecretInSight(t *testing.T) {
	const canary = "canary-6b1f2f0c"
	allowCore(t)
	b := startBus(t, nil)
	svc := b.startService(t, script{hang: make(chan struct{})})
	defer leaks(t)()
	defer close(svc.hang)
	k := b.keyring(secure.KeyringOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- k.Set(ctx, alice, api.NewSecret(canary)) }()
	eventually(t, "the call to hang", func() bool { return svc.count(&svc.hanging) > 0 })
	pids := children(t)
	seen := false
	for _, pid := range pids {
		dir := "/proc/" + strconv.Itoa(pid)
		argv, _ := os.ReadFile(dir + "/cmdline")
		env, _ := os.ReadFile(dir + "/environ")
		seen = seen || strings.Contains(string(argv), secure.ChildCommand)
		if strings.Contains(string(argv)+string(env), canary) {
			t.Error("the value stands in argv or environment")
		}
		limits, _ := os.ReadFile(dir + "/limits")
		if strings.Contains(string(argv), secure.ChildCommand) && !noCore(string(limits)) {
			t.Error("the child may leave a core file")
		}
	}
	if !seen {
		t.Fatalf("no keyring child among %v, so this proves nothing", pids)
	}
	cancel()
	late.check(t, "set", <-done)
}

// allowCore lets this process, and what it starts, leave core files, where it may.
func allowCore(t *testing.T) {
	t.Helper()
	var before unix.Rlimit
	must(t, unix.Getrlimit(unix.RLIMIT_CORE, &before))
	more := unix.Rlimit{Cur: max(before.Max, 1), Max: max(before.Max, 1)}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &more); err != nil {
		t.Logf("core files are not allowed here: %v", err)
		return
	}
	t.Cleanup(func() { _ = unix.Setrlimit(unix.RLIMIT_CORE, &before) })
}

func noCore(limits string) bool {
	for line := range strings.Lines(limits) {
		if rest, ok := strings.CutPrefix(line, "Max core file size"); ok {
			return strings.Fields(rest)[0] == "0"
		}
	}
	return false
}

func TestManyCallsLeaveNothingBehind(t *testing.T) {
	n := 20
	if testing.Short() {
		n = 5
	}
	b := startBus(t, nil)
	b.startService(t, script{promptOnCreate: true})
	defer leaks(t)()
	k := b.keyring(secure.KeyringOptions{})
	for range n { // a provider that prompts for each write made the library leak n² goroutines
		must(t, k.Set(t.Context(), alice, api.NewSecret("value")))
	}
}

func TestAChildEndsWhenWhoeverAskedIsGone(t *testing.T) {
	b := startBus(t, nil)
	svc := b.startService(t, script{hang: make(chan struct{})})
	defer close(svc.hang)
	cmd := b.command(os.Args[0], secure.ChildCommand)
	stdin, err := cmd.StdinPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { end(cmd) })
	_, err = stdin.Write([]byte(`{"op":"get","key":"` + alice + `"}` + "\n"))
	must(t, err)
	eventually(t, "the call to hang", func() bool { return svc.count(&svc.hanging) > 0 })
	must(t, stdin.Close())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("the child hangs on")
	}
}
