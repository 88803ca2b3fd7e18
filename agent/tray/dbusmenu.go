//go:build linux || freebsd || netbsd || openbsd

package tray

import (
	"slices"

	"github.com/godbus/dbus/v5"
)

// maxBatch bounds how much one call may ask for.
const maxBatch = 256

// node is a line of the menu with the lines below it (com.canonical.dbusmenu, GetLayout).
type node struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

// nodeProperties are a line's properties (GetGroupProperties).
type nodeProperties struct {
	ID         int32
	Properties map[string]dbus.Variant
}

// properties are those that differ from what the protocol assumes, and of them the ones that are asked for; none: all.
func (l line) properties(names []string) map[string]dbus.Variant {
	out := map[string]dbus.Variant{}
	add := func(name string, value any) {
		if len(names) == 0 || slices.Contains(names, name) {
			out[name] = dbus.MakeVariant(value)
		}
	}
	switch {
	case l.separator:
		add("type", "separator")
	default:
		add("label", l.label)
		if l.disabled {
			add("enabled", false)
		}
	}
	return out
}

// root is the menu itself, which has the number 0.
func (l *layout) root(depth int32, names []string) node {
	n := node{Properties: map[string]dbus.Variant{}, Children: []dbus.Variant{}}
	if len(names) == 0 || slices.Contains(names, "children-display") {
		n.Properties["children-display"] = dbus.MakeVariant("submenu")
	}
	if depth == 0 {
		return n
	}
	for _, line := range l.lines {
		n.Children = append(n.Children, dbus.MakeVariant(node{line.id, line.properties(names), []dbus.Variant{}}))
	}
	return n
}

func (t *Tray) menuProperty(name string) (any, bool) {
	f, _ := t.shown()
	switch name {
	case "Version":
		return uint32(3), true
	case "Status":
		if f.icon.attention {
			return "notice", true
		}
		return "normal", true
	case "TextDirection":
		return "ltr", true
	case "IconThemePath":
		return []string{}, true
	}
	return nil, false
}

func (t *Tray) menuMethods(m func(func([]any) ([]any, error)) method) methods {
	return methods{
		"GetLayout":          m(t.getLayout),
		"GetGroupProperties": m(t.getGroupProperties),
		"GetProperty":        m(t.getMenuProperty),
		"Event":              m(t.event),
		"EventGroup":         m(t.eventGroup),
		"AboutToShow":        m(func([]any) ([]any, error) { return []any{false}, nil }), // what changed was told at once
		"AboutToShowGroup":   m(func([]any) ([]any, error) { return []any{[]int32{}, []int32{}}, nil }),
	}
}

func (t *Tray) getLayout(args []any) ([]any, error) {
	parent, err := arg[int32](args, 0)
	if err != nil {
		return nil, err
	}
	depth, err := arg[int32](args, 1)
	if err != nil {
		return nil, err
	}
	names, err := arg[[]string](args, 2)
	if err != nil || len(names) > maxBatch {
		return nil, invalidArgs()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if parent == 0 {
		return []any{t.layout.revision, t.layout.root(depth, names)}, nil
	}
	found, ok := t.layout.line(parent)
	if !ok {
		return nil, invalidArgs()
	}
	return []any{t.layout.revision, node{found.id, found.properties(names), []dbus.Variant{}}}, nil
}

func (t *Tray) getGroupProperties(args []any) ([]any, error) {
	ids, err := arg[[]int32](args, 0)
	if err != nil || len(ids) > maxBatch {
		return nil, invalidArgs()
	}
	names, err := arg[[]string](args, 1)
	if err != nil || len(names) > maxBatch {
		return nil, invalidArgs()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	out := []nodeProperties{}
	if len(ids) == 0 || slices.Contains(ids, 0) {
		out = append(out, nodeProperties{0, t.layout.root(0, names).Properties})
	}
	for _, l := range t.layout.lines {
		if len(ids) == 0 || slices.Contains(ids, l.id) {
			out = append(out, nodeProperties{l.id, l.properties(names)})
		}
	}
	return []any{out}, nil
}

func (t *Tray) getMenuProperty(args []any) ([]any, error) {
	id, err := arg[int32](args, 0)
	if err != nil {
		return nil, err
	}
	name, err := arg[string](args, 1)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	have := t.layout.root(0, nil).Properties
	if l, ok := t.layout.line(id); ok {
		have = l.properties(nil)
	} else if id != 0 {
		return nil, invalidArgs()
	}
	if value, ok := have[name]; ok {
		return []any{value}, nil
	}
	switch name { // as the protocol assumes
	case "type":
		return []any{dbus.MakeVariant("standard")}, nil
	case "enabled", "visible":
		return []any{dbus.MakeVariant(true)}, nil
	}
	return []any{dbus.MakeVariant("")}, nil
}

func (t *Tray) event(args []any) ([]any, error) {
	id, err := arg[int32](args, 0)
	if err != nil {
		return nil, err
	}
	kind, err := arg[string](args, 1)
	if err != nil || !t.happened(id, kind) {
		return nil, invalidArgs()
	}
	return nil, nil
}

func (t *Tray) eventGroup(args []any) ([]any, error) {
	events, err := arg[[][]any](args, 0)
	if err != nil || len(events) > maxBatch {
		return nil, invalidArgs()
	}
	unknown := []int32{}
	for _, e := range events {
		id, err := arg[int32](e, 0)
		if err != nil {
			return nil, err
		}
		if kind, err := arg[string](e, 1); err != nil || !t.happened(id, kind) {
			unknown = append(unknown, id)
		}
	}
	return []any{unknown}, nil
}

// happened does what a click on a line asks for; false: there is no such line any more.
func (t *Tray) happened(id int32, kind string) bool {
	t.mu.Lock()
	l, ok := t.layout.line(id)
	t.mu.Unlock()
	if ok && kind == "clicked" && !l.disabled {
		t.act(l.action)
	}
	return ok || id == 0
}
