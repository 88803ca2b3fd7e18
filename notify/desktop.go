package notify

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"securepush/api"
	"securepush/assets"
)

// How desktops know us.
const (
	appName  = "SecurePush"
	appEntry = assets.AppID // desktop entry and theme icon, without suffix
)

// maxForeign bounds what a desktop hands back, such as an activation token, in bytes.
const maxForeign = 256

// defaultTimeout bounds every operation.
const defaultTimeout = 2 * time.Second

// Options configures a [Desktop]. The zero value works.
type Options struct {
	Executable string        // this program, to be started again for a prompt; "": os.Executable
	Icon       []byte        // our own icon as PNG; nil: the theme's icon "securepush"
	IconDir    string        // private folder for the icon's file; "": the theme's icon
	BusAddress string        // of the session bus; "": as the environment says
	Timeout    time.Duration // of every operation; 0: 2 s
	Sounds     Sounds        // which toasts may be heard; see also [Desktop.SetSounds]
	Logger     *slog.Logger  // nil: discard
}

// Desktop shows toasts. It is safe for concurrent use; every call returns within [Options.Timeout].
type Desktop struct {
	timeout time.Duration
	log     *slog.Logger
	sender  sender
	child   *promptChild
	events  *eventQueue
	sounds  atomic.Int32 // Sounds
	stop    func() bool
	once    sync.Once
}

// sender is one system's way to show a toast.
type sender interface {
	show(ctx context.Context, m message) error
	withdraw(ctx context.Context, tag string) error
	server(ctx context.Context) (Server, error)
	// childEnv is what a prompt's child needs beside our own environment; false: no child must be started.
	childEnv() ([]string, bool)
	close()
}

// message is a toast that is safe to show.
type message struct {
	Content
	tag      string
	replaces string
	priority api.Priority
	sticky   bool
	silent   bool
	actions  []action
}

// action is a button. The one with the key "default" is a click on the toast itself.
type action struct {
	key, label string
	kind       EventKind
}

func contentActions() []action {
	return append(promptActions(), action{"mark-read", "Mark read", MarkedRead})
}

// promptActions has an explicit Open, too: some daemons show nothing for "default".
func promptActions() []action {
	return []action{{"default", "Open", Opened}, {"open", "Open", Opened}}
}

// Open makes a Desktop. It starts connecting and does not wait for it: no daemon and no bus is a state, not an error.
// Its background work ends with ctx or [Desktop.Close].
func Open(ctx context.Context, o Options) (*Desktop, error) {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	child, err := newPromptChild(ctx, o.Executable, o.Logger)
	if err != nil {
		return nil, err
	}
	d := &Desktop{timeout: o.Timeout, log: o.Logger, child: child, events: newEventQueue(o.Logger)}
	d.SetSounds(o.Sounds)
	d.sender = newSender(ctx, o, d.events.put)
	d.stop = context.AfterFunc(ctx, d.shut)
	return d, nil
}

// Close stops everything that was started and waits for it. Toasts that stand stay.
func (d *Desktop) Close() error {
	d.stop()
	d.shut()
	return nil
}

func (d *Desktop) shut() {
	d.once.Do(func() {
		d.child.close()
		d.sender.close()
		d.events.close()
	})
}

// Events tells what happens to toasts. There is one channel; it is closed after the Desktop. Events that nobody reads
// are dropped beyond a few hundred.
func (d *Desktop) Events() <-chan Event { return d.events.ch }

// Show shows a toast, in the place of the one with the same tag. Errors: [ErrNoDaemon], [ErrRefused], [ErrTimeout],
// [ErrContentUnsupported], [ErrClosed].
func (d *Desktop) Show(ctx context.Context, t Toast) error {
	m := message{Content: Compose(t), tag: t.Tag, replaces: t.Replaces, priority: t.Priority, sticky: t.Sticky}
	if t.Actions {
		m.actions = contentActions()
	}
	return d.show(ctx, m)
}

// ShowPrompt shows a prompt, in the place of the toast with the same tag. Where our own sender cannot be used, a child
// process tries by other means; then nil means only that it was tried, and the prompt can be neither replaced nor
// withdrawn. Errors as of [Desktop.Show]; none is worth a retry.
func (d *Desktop) ShowPrompt(ctx context.Context, tag string, p Prompt) error {
	title, body := p.Words()
	if title == "" {
		return errUnknownPrompt
	}
	err := d.show(ctx, message{
		Content: Content{Title: title, Body: body}, tag: tag,
		sticky: p.sticky(), actions: promptActions(),
	})
	// A daemon that hangs would hang the child as well, and show the prompt twice when it wakes.
	if !errors.Is(err, ErrNoDaemon) && !errors.Is(err, ErrRefused) && !errors.Is(err, ErrContentUnsupported) {
		return err
	}
	env, ok := d.sender.childEnv()
	if !ok {
		return err
	}
	return d.child.start(p, env) //nolint:contextcheck // the child outlives the call, to its own deadline
}

func (d *Desktop) show(ctx context.Context, m message) error {
	if m.tag == "" {
		return errors.New("notify: a toast needs a tag")
	}
	m.silent = Sounds(d.sounds.Load()).Silent(m.priority)
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	return d.sender.show(ctx, m)
}

// Withdraw takes away the toast with this tag; one that does not stand is no error.
func (d *Desktop) Withdraw(ctx context.Context, tag string) error {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	return d.sender.withdraw(ctx, tag)
}

// Server asks who shows the toasts.
func (d *Desktop) Server(ctx context.Context) (Server, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	return d.sender.server(ctx)
}

// expired is the error for a context that ended.
func expired(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ErrTimeout
	}
	return ctx.Err()
}
