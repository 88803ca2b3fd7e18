package secure_test

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"

	"securepush/api"
	"securepush/secure"
)

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
		{
			name: "the person dismisses the prompt on create", script: script{promptOnCreate: true, dismiss: true}, get: none,
			set: outcome{secure.VaultUnavailable, secure.ErrNotStored}, get2: none,
		},
		{
			name: "the person dismisses the prompt on delete", script: script{promptOnDelete: true, dismiss: true}, get: none,
			erase: outcome{secure.VaultUnavailable, secure.ErrNotRemoved},
		},
		{
			name: "it says yes and stores nothing", script: script{forget: true}, get: none,
			set: outcome{secure.VaultUnavailable, secure.ErrNotStored}, get2: none,
		},
		{name: "it is locked and nobody asked", script: script{locked: true}, get: shut, set: shut, get2: shut, erase: shut},
		{
			name: "it is locked and the person dismisses the box", script: script{locked: true, dismiss: true}, person: true,
			get: shut, set: shut, get2: shut, erase: shut,
		},
		{
			name: "it is locked and the person unlocks it, slowly", script: script{locked: true, after: 300 * time.Millisecond},
			person: true, get: none,
		},
		{
			name: "another signal comes before the answer", script: script{locked: true, noise: true, dismiss: true}, person: true,
			get: shut, set: shut, get2: shut, erase: shut,
		},
		{
			name: "the answer has wrong types", script: script{promptOnCreate: true, dismiss: true, completed: []any{"no", uint32(7)}},
			get: none, set: nonsense, get2: none,
		},
		{
			name: "the answer is empty", script: script{promptOnCreate: true, dismiss: true, completed: []any{}},
			get: none, set: nonsense, get2: none,
		},
		{
			name: "its list of collections is none", script: script{collections: "login"},
			get: nonsense, set: nonsense, get2: nonsense, erase: nonsense,
		},
		{name: "it refuses plain sessions", script: script{refuseSession: true}, get: none, set: unavailable, get2: none},
		{
			name: "the disk is full", script: script{failWith: full}, get: none,
			set: outcome{state: secure.VaultFull}, get2: none,
		},
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
	case err := <-ended:
		if err == nil {
			t.Fatal("it answered")
		}
	case <-time.After(patience):
		t.Fatal("the child hangs on")
	}
}
