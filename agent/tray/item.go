//go:build linux || freebsd || netbsd || openbsd

package tray

import (
	"github.com/godbus/dbus/v5"

	"securepush/assets"
)

// maxToken bounds an activation token, in bytes.
const maxToken = 256

// pixmap is a picture (StatusNotifierItem, "Icons").
type pixmap struct {
	Width, Height int32
	Pixels        []byte
}

// tooltip is what StatusNotifierItem calls so.
type tooltip struct {
	Icon    string
	Pixmaps []pixmap
	Title   string
	Text    string
}

func itemProperties() []string {
	return []string{
		"Category", "Id", "Title", "Status", "WindowId", "IconName", "IconPixmap", "IconThemePath", "OverlayIconName", "OverlayIconPixmap",
		"AttentionIconName", "AttentionIconPixmap", "AttentionMovieName", "ToolTip", "ItemIsMenu", "Menu",
	}
}

func (t *Tray) itemProperty(name string) (any, bool) {
	f, _ := t.shown()
	switch name {
	case "Category":
		return "Communications", true
	case "Id":
		return assets.AppID, true
	case "Title":
		return f.title, true
	case "Status":
		return f.status(), true
	case "WindowId":
		return int32(0), true
	case "IconPixmap":
		return f.icon.pixmaps(), true
	case "AttentionIconPixmap":
		if f.icon.attention {
			return f.icon.pixmaps(), true
		}
		return []pixmap{}, true
	case "OverlayIconPixmap":
		return []pixmap{}, true
	case "IconName", "IconThemePath", "OverlayIconName", "AttentionIconName", "AttentionMovieName":
		return "", true // a name would be looked for where nothing of ours need be installed
	case "ToolTip":
		return tooltip{Pixmaps: []pixmap{}, Title: "SecurePush", Text: f.tip}, true
	case "ItemIsMenu":
		return false, true
	case "Menu":
		return menuPath, true
	}
	return nil, false
}

// status is the item's, in the words of StatusNotifierItem.
func (f face) status() string {
	if f.icon.attention {
		return "NeedsAttention"
	}
	return "Active"
}

// pixmaps are the icon in every size that we have.
func (i icon) pixmaps() []pixmap {
	out := []pixmap{}
	for _, size := range assets.MaskSizes() {
		if i.glyph != "" {
			out = append(out, pixmap{int32(size), int32(size), i.pixels(size)}) //nolint:gosec // small numbers of ours
		}
	}
	return out
}

func (t *Tray) itemMethods(m func(func([]any) ([]any, error)) method) methods {
	do := func(kind func() ActionKind) method {
		return m(func([]any) ([]any, error) { t.act(Action{Kind: kind()}); return nil, nil })
	}
	open := do(func() ActionKind { return ActOpen })
	toggled := do(func() ActionKind {
		t.mu.Lock()
		defer t.mu.Unlock()
		return toggle(t.state)
	})
	nothing := do(func() ActionKind { return ActNothing })
	return methods{
		"Activate": open, "SecondaryActivate": toggled, "XAyatanaSecondaryActivate": toggled,
		"ContextMenu": nothing, "Scroll": nothing,
		"ProvideXdgActivationToken": nothing, // see intercept
	}
}

// intercept takes activation tokens in the order in which calls arrive: godbus makes a goroutine of each call, and the
// token of a click must be there before the click.
func (t *Tray) intercept(msg *dbus.Message) {
	if msg.Type != dbus.TypeMethodCall || len(msg.Body) != 1 || msg.Headers[dbus.FieldMember].Value() != "ProvideXdgActivationToken" {
		return
	}
	token, _ := msg.Body[0].(string)
	if len(token) > maxToken {
		return
	}
	for i := range len(token) {
		if token[i] < ' ' || token[i] > '~' {
			return // it becomes the value of an environment variable
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token = token
}
