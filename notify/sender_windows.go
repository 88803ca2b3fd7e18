package notify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"git.sr.ht/~jackmordaunt/go-toast/wintoast"
)

// activatorID names our click receiver; the library's own is shared by all programs that use it.
const activatorID = "{6B7D2C5E-3B0B-4F0E-9C56-2A7D1F5E8C41}"

// errWithdraw says that a toast cannot be taken away here: the library tells Windows no tag to find it by.
var errWithdraw = fmt.Errorf("notify: withdrawing a toast: %w", errors.ErrUnsupported)

// windows shows toasts through the Windows Runtime, from one goroutine: a call that hangs holds that one only.
// Toasts replace nothing and stay until Windows clears them.
type windows struct {
	icon *iconFile
	jobs chan job
	quit chan struct{}
	done chan struct{}
	once sync.Once
}

type job struct {
	xml  string
	done chan error // buffered: nobody may be waiting any more
}

func newSender(_ context.Context, o Options, emit func(Event)) sender {
	w := &windows{
		icon: &iconFile{png: o.Icon, dir: o.IconDir, log: o.Logger},
		jobs: make(chan job), quit: make(chan struct{}), done: make(chan struct{}),
	}
	wintoast.SetActivationCallback(func(_, arguments string, _ []wintoast.UserData) {
		if e, ok := toastEvent(arguments); ok {
			emit(e)
		}
	})
	go w.run()
	return w
}

func (w *windows) run() {
	defer close(w.done)
	for {
		select {
		case j := <-w.jobs:
			j.done <- w.push(j.xml)
		case <-w.quit:
			return
		}
	}
}

// push shows a toast. No option is given on purpose: the library's fallback would write the text into a PowerShell script.
func (w *windows) push(xml string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: the Windows Runtime call panicked", ErrRefused)
		}
	}()
	if err := wintoast.SetAppData(wintoast.AppData{AppID: appName, GUID: activatorID, IconPath: w.icon.path()}); err != nil {
		return fmt.Errorf("%w: register: %w", ErrRefused, err)
	}
	if err := wintoast.Push(xml); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return nil
}

func (w *windows) show(ctx context.Context, m message) error {
	text, err := toastXML(m)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	j := job{text, make(chan error, 1)}
	select {
	case w.jobs <- j:
	case <-w.quit:
		return ErrClosed
	case <-ctx.Done():
		return expired(ctx)
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return expired(ctx)
	}
}

func (w *windows) withdraw(context.Context, string) error { return errWithdraw }

func (w *windows) server(context.Context) (Server, error) {
	return Server{Name: "Windows", Vendor: "Microsoft", Version: os.Getenv("OS")}, nil
}

func (w *windows) childEnv() ([]string, bool) { return nil, true }

func (w *windows) close() {
	w.once.Do(func() { close(w.quit) })
	select {
	case <-w.done:
	case <-time.After(defaultTimeout): // a call of Windows hangs, and cannot be ended
	}
}
