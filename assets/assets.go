package assets

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
)

//go:generate env SECUREPUSH_WRITE_ICONS=1 go test -count=1 -run AreRenderedFrom .

// AppID names the application to the desktop: desktop entry, icon, bus names, window class.
const AppID = "io.github.securepush"

// ExecPlaceholder stands in [UserUnit] where the path of the program belongs. Whoever fills it in quotes the path as
// systemd.service(5) asks: in double quotes, with \, ", % and $ escaped.
const ExecPlaceholder = "@EXEC@"

//go:embed icons theme.json securepush.desktop securepush.service
var files embed.FS

// Glyph is the file name of an icon of one colour, to be recoloured by the theme.
type Glyph string

// The glyphs. Those of the tray show the state of the agent and stay legible at 16 pixels.
const (
	TrayConnected  Glyph = "tray-connected"
	TrayConnecting Glyph = "tray-connecting"
	TraySignIn     Glyph = "tray-sign-in"
	TrayPaused     Glyph = "tray-paused"
	TrayOffline    Glyph = "tray-offline"
	TrayLocked     Glyph = "tray-locked"
	GlyphOpenLink  Glyph = "open-link"
	GlyphLock      Glyph = "lock"
	GlyphRead      Glyph = "mark-read"
	GlyphUnread    Glyph = "mark-unread"
	GlyphAllRead   Glyph = "all-read"
	GlyphFilter    Glyph = "filter"
)

// TrayGlyphs lists those of the tray.
func TrayGlyphs() []Glyph {
	return []Glyph{TrayConnected, TrayConnecting, TraySignIn, TrayPaused, TrayOffline, TrayLocked}
}

// Glyphs lists every glyph.
func Glyphs() []Glyph {
	return []Glyph{
		TrayConnected, TrayConnecting, TraySignIn, TrayPaused, TrayOffline, TrayLocked,
		GlyphOpenLink, GlyphLock, GlyphRead, GlyphUnread, GlyphAllRead, GlyphFilter,
	}
}

// SVG returns the drawing of a glyph. A name that is not in [Glyphs] gives nil.
func (g Glyph) SVG() []byte { return read("icons/" + string(g) + ".svg") }

// MaskSizes are the edges, in pixels, for which a glyph of the tray has a mask.
func MaskSizes() []int { return []int{22, 24, 32, 48} }

// Mask returns how much of each pixel a glyph of the tray covers, from 0 to 255, row by row; nil for a glyph that is not in
// [TrayGlyphs] or a size that is not in [MaskSizes]. A tray gets pixels from us, and drawing an SVG is no work for an agent.
func (g Glyph) Mask(size int) []byte {
	_, pixels, _ := bytes.Cut(read(fmt.Sprintf("icons/tray/%s-%d.pgm", g, size)), maskHeader(size))
	return pixels
}

// maskHeader is what a plain greyscale picture (pgm(5)) begins with.
func maskHeader(size int) []byte { return fmt.Appendf(nil, "P5\n%d %d\n255\n", size, size) }

// Mark returns SecurePush's own mark in its colours, as SVG.
func Mark() []byte { return read("icons/mark.svg") }

// IconSizes are the edges, in pixels, for which [Icon] has a picture.
func IconSizes() []int { return []int{48, 128, 512} }

// Icon returns the application's icon as PNG, size pixels wide and high; nil for a size that is not in [IconSizes].
func Icon(size int) []byte { return read(fmt.Sprintf("icons/icon-%d.png", size)) }

// Theme returns the colours and sizes of the window, in Fyne's JSON theme format.
func Theme() []byte { return read("theme.json") }

// DesktopEntry returns the entry for the applications menu, to be installed as AppID + ".desktop".
func DesktopEntry() []byte { return read("securepush.desktop") }

// UserUnit returns the systemd user unit of the agent, with [ExecPlaceholder] where the program's path belongs.
func UserUnit() []byte { return read("securepush.service") }

func read(name string) []byte {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return nil
	}
	return b
}
