package ui

import (
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"securepush/ui/present/presenttest"
)

// picturesDir holds the pictures of the README.
const picturesDir = "../docs/pictures"

// picture is a screen as the README shows it.
type picture struct {
	file, theme string
	size        fyne.Size
}

// pictures says which screens the README shows.
func pictures() map[string]picture {
	return map[string]picture{
		"detail":         {"inbox-light.png", "light", wide},
		"narrow-list":    {"inbox-dark-narrow.png", "dark", narrow},
		"send-to-others": {"send-light.png", "light", fyne.NewSize(windowWidth, 840)}, // all of the form
		"settings":       {"settings-dark.png", "dark", wide},
	}
}

// TestThePicturesOfTheReadmeShowTheWindowAsItIs draws them anew and compares; with SECUREPUSH_PICTURES it writes them. The
// fonts are the window's own, so that pictures are the same on every machine but for rounding.
func TestThePicturesOfTheReadmeShowTheWindowAsItIs(t *testing.T) {
	found := 0
	for _, sc := range slices.Concat(screens(), sending()) {
		p, wanted := pictures()[sc.name]
		if !wanted {
			continue
		}
		found++
		sc.size = p.size
		paint(t, sc, p.theme, func(drawn image.Image) {
			path := filepath.Join(picturesDir, p.file)
			if os.Getenv("SECUREPUSH_PICTURES") != "" {
				writeSmallPNG(t, path, drawn)
			} else if n := unlike(drawn, readPNG(t, path)); n > 200 {
				t.Errorf("%s: %d pixels are otherwise; make pictures", path, n)
			}
		})
	}
	if found != len(pictures()) {
		t.Errorf("%d of %d screens", found, len(pictures()))
	}
}

// paint draws a screen in a theme.
func paint(t *testing.T, sc screen, variant string, use func(image.Image)) {
	t.Helper()
	perform(t, sc.size, func(f *presenttest.Agent) {
		f.Choices.Theme = variant
		sc.prepare(f)
	}, func(s *stage) {
		sc.act(s)
		s.w.win.Resize(sc.size)
		s.Settle()
		use(s.w.win.Canvas().Capture())
	})
}

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func writeSmallPNG(t *testing.T, path string, img image.Image) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	small := png.Encoder{CompressionLevel: png.BestCompression}
	if err := errors.Join(small.Encode(f, img), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// unlike counts the pixels that a person could tell apart.
func unlike(a, b image.Image) (n int) {
	if a.Bounds() != b.Bounds() {
		return a.Bounds().Dx() * a.Bounds().Dy()
	}
	far := func(x, y uint32) bool { return max(x, y)-min(x, y) > 0x1000 }
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			r1, g1, b1, _ := a.At(x, y).RGBA()
			r2, g2, b2, _ := b.At(x, y).RGBA()
			if far(r1, r2) || far(g1, g2) || far(b1, b2) {
				n++
			}
		}
	}
	return n
}

// bothSizes adds to each screen of one size the same state in the other. What is said in another language or in large letters
// stays as it is.
func bothSizes(screens []screen) []screen {
	var all []screen
	for _, sc := range screens {
		all = append(all, sc)
		switch {
		case strings.HasPrefix(sc.name, "german-") || strings.HasPrefix(sc.name, "text-"):
		case sc.size == wide:
			all = append(all, screen{sc.name + "-in-narrow", narrow, sc.prepare, sc.act})
		default:
			all = append(all, screen{sc.name + "-in-wide", wide, sc.prepare, sc.act})
		}
	}
	return all
}
