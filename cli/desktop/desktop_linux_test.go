package desktop_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"securepush/cli/desktop"
)

func TestADesktopComesUpShowsAToastAndGoesAway(t *testing.T) {
	if missing := desktop.Missing(); len(missing) > 0 {
		t.Skipf("needs the packages %s", strings.Join(missing, " "))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	d, err := desktop.Start(ctx, desktop.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Stop()
	if _, err := d.Run(ctx, "dunstctl", "count"); err != nil {
		t.Fatal(err)
	}
	picture := filepath.Join(t.TempDir(), "screen.png")
	if err := d.Screenshot(ctx, picture); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(picture); err != nil || info.Size() == 0 {
		t.Fatalf("no picture: %v", err)
	}
	for _, locked := range []bool{true, false} {
		change := d.UnlockKeyring
		if locked {
			change = d.LockKeyring
		}
		if err := change(ctx); err != nil {
			t.Fatal(err)
		}
		got, err := d.Run(ctx, "dbus-send", "--session", "--print-reply=literal", "--dest=org.freedesktop.secrets",
			"/org/freedesktop/secrets/collection/login", "org.freedesktop.DBus.Properties.Get",
			"string:org.freedesktop.Secret.Collection", "string:Locked")
		if err != nil || strings.Contains(got, "true") != locked {
			t.Fatalf("locked is %v, want %v: %v", got, locked, err)
		}
	}
}
