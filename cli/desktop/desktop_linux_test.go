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
	if err := d.LockKeyring(ctx); err != nil {
		t.Fatal(err)
	}
	if err := d.UnlockKeyring(ctx); err != nil {
		t.Fatal(err)
	}
}
