//go:build linux

package e2e

import (
	"bytes"
	"context"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"securepush/cli/desktop"
)

func TestTheDemoShowsTheWholeWayAndLeavesOnlyAPicture(t *testing.T) {
	need(t, desktop.Missing())
	dir, err := os.MkdirTemp("", "sp") // a socket's path is at most 107 bytes, so not t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for _, name := range []string{"home", "tmp"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	picture := filepath.Join(dir, "picture.png")
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "demo", "--private", "--screenshot", picture)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(dir, "home"), "TMPDIR=" + filepath.Join(dir, "tmp")}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	for _, words := range []string{"[8/8] See the toast … done", "The whole way worked", "Screenshot with window and toast: " + picture} {
		if !strings.Contains(out.String(), words) {
			t.Errorf("it does not say %q: %s", words, out.String())
		}
	}
	seePicture(t, picture)
	if left := leftIn(t, dir); len(left) != 0 {
		t.Errorf("it leaves %q", left)
	}
	allEnded(t, dir)
}

// seePicture checks that a screenshot shows more than one thing.
func seePicture(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	colours := map[[3]uint32]int{}
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y += 4 {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x += 4 {
			r, g, b, _ := img.At(x, y).RGBA()
			colours[[3]uint32{r, g, b}]++
		}
	}
	if img.Bounds().Dx() < 1000 || len(colours) < 50 {
		t.Errorf("a picture of %v with %d colours", img.Bounds().Size(), len(colours))
	}
}

// leftIn lists the files in the folders that the demo was given.
func leftIn(t *testing.T, dir string) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	hidden, err := filepath.Glob(filepath.Join(dir, "*", ".*"))
	if err != nil {
		t.Fatal(err)
	}
	return append(left, hidden...)
}
