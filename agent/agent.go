package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"securepush/agent/local"
	"securepush/agent/tray"
	"securepush/api"
	"securepush/pushlistener"
	"securepush/secure"
)

// ErrRunning says that another agent of this person has the journal open.
var ErrRunning = pushlistener.ErrAgentRunning

// Options of an agent. Paths and Executable are required.
type Options struct {
	Paths      Paths
	Executable string // this program: it is the window, and a child of it shows a prompt where our own sender cannot
	Version    string
	Logger     *slog.Logger     // nil: discard
	Vault      secure.Vault     // nil: the OS keyring
	Now        func() time.Time // nil: time.Now
	// StartWindow starts the window program; nil: this program without a command. env is added to the environment.
	StartWindow func(env []string) error
}

// Agent is one person's agent. Open makes one that can act; Run makes it listen. It is safe for concurrent use.
type Agent struct {
	o        Options
	log      *slog.Logger
	now      func() time.Time
	journal  *pushlistener.Journal
	settings *settingsFile
	alarm    *alarm
	keyring  *secure.Keyring // nil with another vault
	vault    secure.Vault
	session  *secure.Session
	changes  changes
	history  history
	stopping chan struct{} // closed when Run ends: streams of changes end with it
	stopOnce sync.Once

	mu        sync.Mutex
	profile   profile
	transport *http.Transport // of the present settings
	sealer    *secure.Sealer  // nil until the keyring gave the key
	live      *live           // nil when not listening
	openNext  *local.Change   // what a window that is being started has to show
	openedAt  time.Time
	locked    bool // the screen
	inhibited bool // the desktop wants no notifications
	zone      *time.Location
	tray      bool      // a desktop's tray shows the agent
	inboxAt   time.Time // when the inbox last changed
}

// live is what only a running listener has.
type live struct {
	listener *pushlistener.Listener
	edge     *edge
	toasts   *toasts
	tasks    *tasks
	tray     *tray.Tray
}

// Open opens the journal, the settings and the session, without asking the keyring for anything. [ErrRunning] means that
// another agent is there.
func Open(_ context.Context, o Options) (*Agent, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := o.Paths.make(); err != nil {
		return nil, err
	}
	journal, err := pushlistener.OpenJournal(o.Paths.Journal(), pushlistener.JournalOptions{Now: o.Now})
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	a := &Agent{o: o, log: o.Logger, now: o.Now, journal: journal, vault: o.Vault, stopping: make(chan struct{}), zone: systemZone()}
	if err := a.open(); err != nil {
		return nil, errors.Join(err, journal.Close())
	}
	return a, nil
}

func (a *Agent) open() error {
	if aside := a.journal.SetAside(); aside != "" {
		a.log.Warn("the journal was damaged: it was set aside and a new one begun", slog.String("file", filepath.Base(aside)))
	}
	var err error
	if a.settings, err = openSettings(a.o.Paths.Settings()); err != nil {
		return err
	}
	a.alarm = a.newAlarm()
	if a.profile, err = readProfile(a.journal); err != nil {
		return err
	}
	if a.transport, err = secure.Transport(secure.TrustOptions{CAFile: a.settings.get().CAFile}); err != nil {
		// The file may come back; until then the system's roots are what there is, and the doctor says so.
		a.log.Warn("the certificate file cannot be used", slog.Any("error", err))
		if a.transport, err = secure.Transport(secure.TrustOptions{}); err != nil {
			return err
		}
	}
	if a.vault == nil {
		a.keyring = secure.NewKeyring(secure.KeyringOptions{Logger: a.log})
		a.vault = a.keyring
	}
	a.session = secure.OpenSession(secure.SessionOptions{
		Vault: a.vault, Client: a.newClient, Account: a.profile.Account,
		Installation: func() string { return a.readProfile().Installation },
		LockFile:     filepath.Join(a.o.Paths.StateDir, "session.lock"),
		Changed:      a.sessionChanged, Logger: a.log, Now: a.now,
	})
	return nil
}

// Close ends the session's background work and lets go of the journal. Run has to have returned.
func (a *Agent) Close() error {
	a.stop()
	a.session.Close()
	a.mu.Lock()
	a.transport.CloseIdleConnections()
	a.mu.Unlock()
	return a.journal.Close()
}

func (a *Agent) stop() { a.stopOnce.Do(func() { close(a.stopping) }) }

// newClient makes a client of a server, without tokens.
func (a *Agent) newClient(base *url.URL) *api.Client {
	a.mu.Lock()
	defer a.mu.Unlock()
	return &api.Client{Base: base, HTTP: &http.Client{Transport: a.transport}, Now: a.now}
}

// client is the signed-in account's client.
func (a *Agent) client() (*api.Client, error) {
	a.mu.Lock()
	account := a.profile.Account
	a.mu.Unlock()
	if account == nil {
		return nil, api.NewProblem(api.CodeSignInNeeded, "Sign in first.")
	}
	base, err := api.ParseServer(account.Server)
	if err != nil {
		return nil, err
	}
	c := a.newClient(base)
	c.Tokens = tokensOf{a.session, *account}
	return c, nil
}

// present returns the parts of the running listener, or nil.
func (a *Agent) present() *live {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.live
}

// tell hands an event to the listener, if one runs.
func (a *Agent) tell(e pushlistener.Event) {
	if l := a.present(); l != nil {
		l.listener.Tell(e)
	}
}

// ready loads the sign-in from the keyring for a command that acts once. A running listener has it already.
func (a *Agent) ready(ctx context.Context) error {
	if a.present() != nil {
		return nil
	}
	return a.session.Load(ctx)
}

// deviceName is what the person's other devices call this one.
func deviceName() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "this device"
	}
	return name
}
