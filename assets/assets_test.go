package assets

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"
)

// render draws an SVG at four times the size and averages, so that edges come out even at 16 pixels.
func render(t *testing.T, svg []byte, size int) *image.NRGBA {
	t.Helper()
	icon, err := oksvg.ReadIconStream(bytes.NewReader(svg))
	if err != nil {
		t.Fatal(err)
	}
	const over = 4
	n := size * over
	big := image.NewRGBA(image.Rect(0, 0, n, n))
	icon.SetTarget(0, 0, float64(n), float64(n))
	icon.Draw(rasterx.NewDasher(n, n, rasterx.NewScannerGV(n, n, big, big.Bounds())), 1)
	small := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			small.Set(x, y, average(big, x*over, y*over, over))
		}
	}
	return small
}

func average(img *image.RGBA, x0, y0, n int) color.RGBA64 {
	var r, g, b, a uint32
	for y := y0; y < y0+n; y++ {
		for x := x0; x < x0+n; x++ {
			cr, cg, cb, ca := img.At(x, y).RGBA()
			r, g, b, a = r+cr, g+cg, b+cb, a+ca
		}
	}
	k := uint32(n * n)
	return color.RGBA64{R: uint16(r / k), G: uint16(g / k), B: uint16(b / k), A: uint16(a / k)}
}

func TestPicturesAreRenderedFromTheMark(t *testing.T) {
	for _, size := range IconSizes() {
		want := render(t, Mark(), size)
		if os.Getenv("SECUREPUSH_WRITE_ICONS") != "" {
			var out bytes.Buffer
			if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, want); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile("icons/icon-"+strconv.Itoa(size)+".png", out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		img, err := png.Decode(bytes.NewReader(Icon(size)))
		if err != nil {
			t.Fatalf("icon of %d pixels: %v", size, err)
		}
		got := image.NewNRGBA(img.Bounds())
		draw.Draw(got, got.Bounds(), img, image.Point{}, draw.Src)
		if !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("icon of %d pixels differs from the mark: run go generate ./assets", size)
		}
	}
}

func TestMasksOfTheTrayAreRenderedFromItsGlyphs(t *testing.T) {
	write := os.Getenv("SECUREPUSH_WRITE_ICONS") != ""
	for _, g := range TrayGlyphs() {
		for _, size := range MaskSizes() {
			img := render(t, g.SVG(), size)
			want := make([]byte, 0, size*size)
			for i := 3; i < len(img.Pix); i += 4 {
				want = append(want, img.Pix[i])
			}
			if write {
				if err := os.WriteFile("icons/tray/"+string(g)+"-"+strconv.Itoa(size)+".pgm", append(maskHeader(size), want...), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if !bytes.Equal(g.Mask(size), want) {
				t.Errorf("the mask of %s with %d pixels differs from the glyph: run go generate ./assets", g, size)
			}
		}
	}
}

func TestEveryGlyphIsOneSquareDrawingWithoutColourOfItsOwn(t *testing.T) {
	for _, g := range Glyphs() {
		svg := g.SVG()
		if svg == nil {
			t.Errorf("%s: no such file", g)
			continue
		}
		if bytes.Contains(svg, []byte("stroke")) || bytes.Contains(svg, []byte("fill")) {
			t.Errorf("%s: only plain shapes can be recoloured", g)
		}
		for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", g, err)
			}
		}
		for _, size := range []int{16, 32} {
			if n := inked(render(t, svg, size)); n < size*size/20 {
				t.Errorf("%s at %d pixels: only %d pixels drawn", g, size, n)
			}
		}
	}
}

func inked(img *image.NRGBA) (n int) {
	for i := 3; i < len(img.Pix); i += 4 {
		if img.Pix[i] > 127 {
			n++
		}
	}
	return n
}

func TestAGlyphThatIsUnknownIsNil(t *testing.T) {
	if Glyph("nothing").SVG() != nil || Icon(7) != nil || Glyph("nothing").Mask(22) != nil || TrayPaused.Mask(7) != nil || GlyphLock.Mask(22) != nil {
		t.Error("something came back")
	}
}

// TestTextsAndSurfacesOfTheThemeHaveContrast holds the ratios of WCAG 2.2: 7 for text, 4.5 for what is beside it.
func TestTextsAndSurfacesOfTheThemeHaveContrast(t *testing.T) {
	var th map[string]map[string]any
	if err := json.Unmarshal(Theme(), &th); err != nil {
		t.Fatal(err)
	}
	pairs := []struct {
		text, ground string
		ratio        float64
	}{
		{"foreground", "background", 7},
		{"foreground", "surface", 7},
		{"foreground", "raised", 7},
		{"foreground", "button", 7},
		{"muted", "background", 4.5},
		{"muted", "surface", 4.5},
		{"muted", "raised", 4.5},
		{"placeholder", "inputBackground", 4.5},
		{"primary", "background", 4.5},
		{"primary", "surface", 4.5},
		{"primary", "accentTint", 4.5},
		{"warning", "background", 4.3},
		{"warning", "attentionTint", 4},
		{"error", "surface", 4.5},
		{"error", "urgentTint", 4.5},
		{"success", "background", 4.5},
		{"foregroundOnPrimary", "primary", 4.5},
		{"foregroundOnError", "error", 4.5},
		{"foreground", "attentionTint", 7},
		{"foreground", "urgentTint", 7},
		{"foreground", "accentTint", 7},
	}
	for _, colour := range []string{"blue", "green", "orange", "purple", "red", "teal", "pink", "grey"} {
		for _, ground := range []string{"background", "surface", "raised", "menuBackground", "accentTint"} {
			pairs = append(pairs, pairs[0])
			pairs[len(pairs)-1].text, pairs[len(pairs)-1].ground, pairs[len(pairs)-1].ratio = "account-"+colour, ground, 3
		}
	}
	for _, variant := range []string{"Colors-light", "Colors-dark"} {
		for _, p := range pairs {
			text, _ := th[variant][p.text].(string)
			ground, _ := th[variant][p.ground].(string)
			if got := contrast(luminance(t, text), luminance(t, ground)); got < p.ratio {
				t.Errorf("%s: %s on %s is %.2f, want %.1f", variant, p.text, p.ground, got, p.ratio)
			}
		}
		if len(th["Colors-light"]) != len(th[variant]) {
			t.Errorf("%s has other colours than the light variant", variant)
		}
	}
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	v, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil || len(hex) != 7 {
		t.Fatalf("%q is not an opaque colour", hex)
	}
	lin := func(c uint64) float64 {
		s := float64(c&0xff) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(v>>16) + 0.7152*lin(v>>8) + 0.0722*lin(v)
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

func TestDesktopEntryAndUnitNameTheProgram(t *testing.T) {
	if e := string(DesktopEntry()); !strings.Contains(e, "Icon="+AppID+"\n") || !strings.Contains(e, "StartupWMClass=SecurePush\n") {
		t.Errorf("desktop entry without the application's ID:\n%s", e)
	}
	if strings.Count(string(UserUnit()), ExecPlaceholder) != 1 {
		t.Errorf("unit without exactly one place for the program:\n%s", UserUnit())
	}
}
