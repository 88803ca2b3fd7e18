package tray

import (
	"math"

	"securepush/assets"
)

// colour is one that can be told apart on light and on dark bars: at least 4:1 on white and on the dark theme's background.
type colour struct{ r, g, b byte }

// What the colours say is also said by the glyph.
func calm() colour      { return colour{0x0B, 0x8A, 0x8A} }
func attention() colour { return colour{0xC0, 0x60, 0x00} }
func muted() colour     { return colour{0x76, 0x7C, 0x82} }

// icon is what stands in the tray.
type icon struct {
	glyph     assets.Glyph
	colour    colour
	dot       bool // something is unread
	attention bool // nothing arrives until the person does something
}

// iconOf decides the icon. Where the person has something to mend, that is what it says, and not the dot.
func iconOf(s State) icon {
	i := icon{dot: s.Unread > 0 && s.Mode < Trouble}
	switch s.Mode {
	case Connecting:
		i.glyph, i.colour = assets.TrayConnecting, muted()
	case Connected:
		i.glyph, i.colour = assets.TrayConnected, calm()
	case Paused:
		i.glyph, i.colour = assets.TrayPaused, muted()
	case Offline:
		i.glyph, i.colour = assets.TrayOffline, muted()
	case Trouble, SignedOut:
		i.glyph, i.colour = assets.TraySignIn, attention()
	case SignInEnded:
		i.glyph, i.colour, i.attention = assets.TraySignIn, attention(), true
	case KeyringLocked, KeyringSilent:
		i.glyph, i.colour, i.attention = assets.TrayLocked, attention(), true
	}
	return i
}

// Where the dot is, in parts of the icon's edge.
const (
	dotCentre = 0.79
	dotRadius = 0.20
	dotGap    = 0.075 // between the dot and the glyph
)

// pixels draws the icon: alpha, red, green and blue of each pixel, row by row.
func (i icon) pixels(size int) []byte {
	mask := i.glyph.Mask(size)
	out := make([]byte, 0, 4*len(mask))
	for n, cover := range mask {
		c := i.colour
		if i.dot {
			out = append(out, i.dotted(float64(cover), n%size, n/size, float64(size))...)
			continue
		}
		out = append(out, cover, c.r, c.g, c.b)
	}
	return out
}

// dotted is a pixel of the glyph with the dot over it.
func (i icon) dotted(cover float64, x, y int, size float64) []byte {
	d := math.Hypot(float64(x)+0.5-dotCentre*size, float64(y)+0.5-dotCentre*size)
	dot := 255 * min(max(dotRadius*size-d+0.5, 0), 1)
	gap := min(max((dotRadius+dotGap)*size-d+0.5, 0), 1)
	if cover *= 1 - gap; dot > cover {
		c := attention()
		return []byte{byte(dot), c.r, c.g, c.b}
	}
	return []byte{byte(cover), i.colour.r, i.colour.g, i.colour.b}
}
