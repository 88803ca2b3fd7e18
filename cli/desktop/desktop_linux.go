package desktop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// startTimeout bounds the start of each part.
const startTimeout = 20 * time.Second

// Options of a desktop. Dir is required.
type Options struct {
	Dir    string // an empty folder of the caller's; home, sockets and state live in it
	Screen string // WIDTHxHEIGHT, default 1440x900
	Locked bool   // leave the keyring locked: it exists, but nobody has given its password
	Mute   bool   // no notification daemon: the caller brings its own
	Bare   bool   // the bus starts no services by itself: a part that was stopped stays away
	Blind  bool   // no X server, and so no notification daemon of its own
	Menu   string // program that chooses one of a toast's actions, as dmenu does; "": dunst's own choice
}

// Desktop is a running desktop. It is not safe for concurrent use.
type Desktop struct {
	Display    string
	BusAddress string
	dir        string
	menu       string
	parts      []*Part
	bus        *dbus.Conn
}

// keyringPassword opens a keyring that holds throw-away secrets only.
const keyringPassword = "throw-away"

// Programs names what has to be installed, each with its Debian package.
func Programs() map[string]string {
	return map[string]string{
		"Xvfb": "xvfb", "dbus-daemon": "dbus", "gnome-keyring-daemon": "gnome-keyring", "dunst": "dunst", "import": "imagemagick",
	}
}

// Missing lists the Debian packages of the programs that are not there.
func Missing() []string {
	var packages []string
	for program, name := range Programs() {
		if _, err := exec.LookPath(program); err != nil {
			packages = append(packages, name)
		}
	}
	return packages
}

// Start brings everything up and returns when the bus, the keyring and the notification daemon answer.
func Start(ctx context.Context, o Options) (d *Desktop, err error) {
	d = &Desktop{dir: o.Dir, menu: o.Menu}
	defer func() {
		if err != nil {
			d.Stop()
		}
	}()
	for _, dir := range []string{"home", "run", "config", "state", "data", "cache"} {
		if err := os.MkdirAll(filepath.Join(o.Dir, dir), 0o700); err != nil {
			return d, fmt.Errorf("make folder: %w", err)
		}
	}
	if !o.Blind {
		if err := d.startScreen(ctx, o.Screen); err != nil {
			return d, err
		}
	}
	if err := d.startBus(ctx, o.Bare); err != nil {
		return d, err
	}
	if !o.Blind {
		d.paint(ctx)
	}
	if err := d.StartKeyring(ctx, !o.Locked); err != nil {
		return d, err
	}
	if o.Mute || o.Blind {
		return d, nil
	}
	_, err = d.StartToasts(ctx)
	return d, err
}

// startScreen starts the X server on a display that it finds free.
func (d *Desktop) startScreen(ctx context.Context, size string) error {
	if size == "" {
		size = "1440x900"
	}
	// -r: no key is repeated, however long a program that presses it is kept from letting it go
	number, err := d.startAndRead(ctx, "Xvfb", "-displayfd", "3", "-screen", "0", size+"x24", "-nolisten", "tcp", "-noreset", "-r")
	if err != nil {
		return err
	}
	d.Display = ":" + number
	return nil
}

// Background is the colour of the empty screen.
const Background = "#2A3B45"

// paint gives the empty screen a colour, so that windows stand out on a screenshot. The program says that it failed
// also when it did not.
func (d *Desktop) paint(ctx context.Context) {
	_, _ = d.Run(ctx, "display", "-window", "root", "xc:"+Background)
}

// Env is the environment for programs on this desktop.
func (d *Desktop) Env() []string {
	env := []string{
		"HOME=" + filepath.Join(d.dir, "home"), "XDG_RUNTIME_DIR=" + filepath.Join(d.dir, "run"),
		"XDG_CONFIG_HOME=" + filepath.Join(d.dir, "config"), "XDG_STATE_HOME=" + filepath.Join(d.dir, "state"),
		"XDG_DATA_HOME=" + filepath.Join(d.dir, "data"), "XDG_CACHE_HOME=" + filepath.Join(d.dir, "cache"),
		"PATH=" + os.Getenv("PATH"), "LANG=en_US.UTF-8", "LIBGL_ALWAYS_SOFTWARE=1",
		"NO_AT_BRIDGE=1",
	}
	if d.Display != "" {
		env = append(env, "DISPLAY="+d.Display)
	}
	if d.BusAddress != "" {
		env = append(env, "DBUS_SESSION_BUS_ADDRESS="+d.BusAddress)
	}
	return env
}

// StartKeyring starts gnome-keyring, unlocked or as it starts after an automatic login. An earlier one has to be stopped.
func (d *Desktop) StartKeyring(ctx context.Context, unlocked bool) error {
	if !unlocked { // the keyring has to exist before it can be locked
		if err := d.StartKeyring(ctx, true); err != nil {
			return err
		}
		return d.LockKeyring(ctx)
	}
	p, err := d.start("gnome-keyring-daemon", strings.NewReader(keyringPassword), nil, "--unlock", "--components=secrets", "--foreground")
	if err != nil {
		return err
	}
	return d.owned(ctx, "org.freedesktop.secrets", p)
}

// LockKeyring locks the login collection.
func (d *Desktop) LockKeyring(ctx context.Context) error {
	login := []dbus.ObjectPath{"/org/freedesktop/secrets/collection/login"}
	call := d.bus.Object("org.freedesktop.secrets", "/org/freedesktop/secrets").
		CallWithContext(ctx, "org.freedesktop.Secret.Service.Lock", 0, login)
	if call.Err != nil {
		return fmt.Errorf("lock the keyring: %w", call.Err)
	}
	return nil
}

// secret is a value on its way to the keyring (Secret Service API, "Secret").
type secret struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

// UnlockKeyring gives the password to the running gnome-keyring without a box on the screen, as a login does.
func (d *Desktop) UnlockKeyring(ctx context.Context) error {
	service := d.bus.Object("org.freedesktop.secrets", "/org/freedesktop/secrets")
	var output dbus.Variant
	var session dbus.ObjectPath
	open := service.CallWithContext(ctx, "org.freedesktop.Secret.Service.OpenSession", 0, "plain", dbus.MakeVariant(""))
	if err := open.Store(&output, &session); err != nil {
		return fmt.Errorf("unlock the keyring: %w", err)
	}
	err := service.CallWithContext(ctx, "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface.UnlockWithMasterPassword", 0,
		dbus.ObjectPath("/org/freedesktop/secrets/collection/login"),
		secret{Session: session, Parameters: []byte{}, Value: []byte(keyringPassword), ContentType: "text/plain"}).Err
	if err != nil {
		return fmt.Errorf("unlock the keyring: %w", err)
	}
	return nil
}

// StartToasts starts dunst. Stop the part to see a desktop without a notification daemon.
func (d *Desktop) StartToasts(ctx context.Context) (*Part, error) {
	conf := filepath.Join(d.dir, "dunstrc")
	text := dunstConfig
	if d.menu != "" {
		text = strings.Replace(text, "[global]\n", "[global]\n    dmenu = "+d.menu+"\n", 1)
	}
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("configure dunst: %w", err)
	}
	p, err := d.start("dunst", nil, nil, "-conf", conf)
	if err != nil {
		return nil, err
	}
	return p, d.owned(ctx, "org.freedesktop.Notifications", p)
}

// dunstConfig makes toasts that can be read on a screenshot and keeps them until they are closed.
const dunstConfig = `[global]
    width = (320, 420)
    height = 240
    offset = 24x24
    origin = top-right
    font = DejaVu Sans 11
    frame_width = 1
    frame_color = "#3FB8AF"
    corner_radius = 8
    padding = 14
    horizontal_padding = 16
    separator_color = frame
    gap_size = 0
    separator_height = 1
    markup = full
    format = "<b>%s</b>\n%b"
    word_wrap = yes
    show_indicators = no
    icon_position = left
    max_icon_size = 48
    history_length = 100
    idle_threshold = 0
[urgency_low]
    background = "#1C1F23"
    foreground = "#ECEFF2"
    timeout = 60
[urgency_normal]
    background = "#1C1F23"
    foreground = "#ECEFF2"
    timeout = 60
[urgency_critical]
    background = "#1C1F23"
    foreground = "#ECEFF2"
    frame_color = "#FF7A70"
    timeout = 0
`

// Run runs a short program on the desktop and returns what it prints.
func (d *Desktop) Run(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // names come from our own code
	cmd.Env = d.Env()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}

// Screenshot writes a picture of the whole screen.
func (d *Desktop) Screenshot(ctx context.Context, path string) error {
	_, err := d.Run(ctx, "import", "-window", "root", path)
	return err
}

// Stop ends everything that Start began, in reverse order, and waits for it.
func (d *Desktop) Stop() {
	if d.bus != nil {
		_ = d.bus.Close()
	}
	for i := len(d.parts) - 1; i >= 0; i-- {
		d.parts[i].Stop()
	}
	d.parts = nil
}

// owned waits until a bus name has an owner.
func (d *Desktop) owned(ctx context.Context, name string, p *Part) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		var has bool
		err := d.bus.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, name).Store(&has)
		if err == nil && has {
			return nil
		}
		select {
		case <-again.C:
		case <-p.exited:
			return fmt.Errorf("%s ended: %s", p.name, p.output.String())
		case <-ctx.Done():
			return fmt.Errorf("%s does not take its name on the bus: %w", p.name, errors.Join(err, ctx.Err()))
		}
	}
}

// startAndRead starts a program that writes one line to descriptor 3 when it is ready.
func (d *Desktop) startAndRead(ctx context.Context, name string, args ...string) (string, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", fmt.Errorf("make a pipe: %w", err)
	}
	defer func() { _ = r.Close() }()
	p, err := d.start(name, nil, w, args...)
	_ = w.Close()
	if err != nil {
		return "", err
	}
	if err := r.SetReadDeadline(time.Now().Add(startTimeout)); err != nil {
		return "", fmt.Errorf("set a deadline: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = r.SetReadDeadline(time.Now()) })
	defer stop()
	line, err := readLine(r)
	if err != nil {
		return "", fmt.Errorf("%s does not start: %w: %s", name, err, p.output.String())
	}
	return line, nil
}

func readLine(r io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); ; {
		if _, err := r.Read(b); err != nil {
			return "", err
		}
		if b[0] == '\n' {
			return strings.TrimSpace(string(line)), nil
		}
		line = append(line, b[0])
	}
}
