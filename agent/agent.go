package agent

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"securepush/agent/local"
	"securepush/agent/tray"
	"securepush/api"
	"securepush/notify"
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
	settings *settingsFile
	alarm    *alarm
	keyring  *secure.Keyring // nil with another vault
	vault    secure.Vault
	changes  changes
	entering chan struct{} // has room for one: whoever signs in or out fills it
	stopping chan struct{} // closed when Run ends: streams of changes end with it
	stopOnce sync.Once

	mu        sync.Mutex
	seats     []*seat         // the first one, which is always there, and the further ones
	unopened  int             // further ones that cannot be opened
	transport *http.Transport // of the present settings
	live      *live           // nil when not listening
	openNext  *local.Change   // what a window that is being started has to show
	openedAt  time.Time
	locked    bool // the screen
	inhibited bool // the desktop wants no notifications
	zone      *time.Location
	tray      bool // a desktop's tray shows the agent
}

// live is what only a running agent has.
type live struct {
	desktop *notify.Desktop
	tasks   *tasks
	tray    *tray.Tray
	shift   *shift
}

// Open opens the journals, the settings and the sessions, without asking the keyring for anything. [ErrRunning] means that
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
	a := &Agent{
		o: o, log: o.Logger, now: o.Now, vault: o.Vault, zone: systemZone(),
		entering: make(chan struct{}, 1), stopping: make(chan struct{}),
	}
	if a.vault == nil {
		a.keyring = secure.NewKeyring(secure.KeyringOptions{Logger: a.log})
		a.vault = a.keyring
	}
	first, err := a.openSeat(firstSeat) // its journal is the lock: nothing is touched before
	if err != nil {
		return nil, err
	}
	a.seats = []*seat{first}
	if err := a.open(); err != nil {
		return nil, errors.Join(err, a.closeSeats())
	}
	return a, nil
}

func (a *Agent) open() error {
	var err error
	if a.settings, err = openSettings(a.o.Paths.Settings()); err != nil {
		return err
	}
	a.alarm = a.newAlarm()
	if a.transport, err = secure.Transport(secure.TrustOptions{CAFile: a.settings.get().CAFile}); err != nil {
		// The file may come back; until then the system's roots are what there is, and the doctor says so.
		a.log.Warn("the certificate file cannot be used", slog.Any("error", err))
		if a.transport, err = secure.Transport(secure.TrustOptions{}); err != nil {
			return err
		}
	}
	return a.openFurther()
}

// Close ends the sessions' background work and lets go of the journals. Run has to have returned.
func (a *Agent) Close() error {
	a.stop()
	err := a.closeSeats()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.transport.CloseIdleConnections()
	return err
}

func (a *Agent) stop() { a.stopOnce.Do(func() { close(a.stopping) }) }

// newClient makes a client of a server, without tokens.
func (a *Agent) newClient(base *url.URL) *api.Client {
	return &api.Client{Base: base, HTTP: &http.Client{Transport: a.trust()}, Now: a.now}
}

// trust is how servers are trusted at present.
func (a *Agent) trust() *http.Transport {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.transport
}

// running returns the parts of the running agent, or nil.
func (a *Agent) running() *live {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.live
}

func (a *Agent) setLive(l *live) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.live = l
}

// deviceName is what the person's other devices call this one.
func deviceName() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "this device"
	}
	return name
}
