package tray

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
	introspection "github.com/godbus/dbus/v5/introspect"

	"securepush/agent/tray/traytest"
	"securepush/api"
	"securepush/notify/notifytest"
)

func TestHostileTitlesAreText(t *testing.T) {
	bus := notifytest.StartBus(t)
	host := traytest.StartHost(t, bus.Address, true)
	r := start(t, bus.Address)
	item := host.Item()
	titles := append(notifytest.Hostile(), strings.Repeat("_", 1<<20), strings.Repeat("\u202e\x00a", 1<<18), "\xff\xfe", "<b>x</b>", "-")
	for len(titles) > 0 {
		n := min(len(titles), maxItems)
		s := State{Mode: Connected, Unread: len(titles)}
		for i, title := range titles[:n] {
			s.Items = append(s.Items, Item{ID: api.ID(strconv.Itoa(len(titles) - i)), Text: title})
		}
		s.Unread += maxItems // so that the number is always said
		marker := strconv.Itoa(s.Unread) + " unread notifications"
		r.set(s)
		item.Until(func(labels []string) bool { return slices.Contains(labels, marker) })
		lines, _ := item.Menu()
		for i, l := range lines[2 : 2+n] {
			if l.Separator || !l.Enabled || len(l.Label) > 8*maxLabel || strings.ContainsAny(l.Label, "\x00\n\u202e\u2066") {
				t.Errorf("%.40q became %q", titles[i], l.Label)
			}
			if err := item.ClickID(l.ID); err != nil {
				t.Error(err)
			}
			r.acted(Action{Kind: ActOpen, ID: s.Items[i].ID})
		}
		titles = titles[n:]
	}
}

func TestHostileCallsAreRefusedAndCostNothingElse(t *testing.T) {
	bus := notifytest.StartBus(t)
	host := traytest.StartHost(t, bus.Address, true)
	r := start(t, bus.Address)
	item := host.Item()
	many := make([]int32, 1<<16)
	for _, c := range []struct {
		method string
		args   []any
	}{
		{menuName + ".GetLayout", nil},
		{menuName + ".GetLayout", []any{"0", "1", "2"}},
		{menuName + ".GetLayout", []any{int32(0), int32(-1), []int32{1}}},
		{menuName + ".GetLayout", []any{int32(-5), int32(-1), []string{}}},
		{menuName + ".GetLayout", []any{int32(0), int32(-1), make([]string, 1<<16)}},
		{menuName + ".GetGroupProperties", []any{many, []string{}}},
		{menuName + ".GetGroupProperties", []any{[]int32{}, make([]string, 1<<16)}},
		{menuName + ".GetProperty", []any{int32(99), "label"}},
		{menuName + ".GetProperty", []any{int32(0)}},
		{menuName + ".Event", []any{int32(99), "clicked", dbus.MakeVariant(0), uint32(0)}},
		{menuName + ".Event", []any{"quit"}},
		{menuName + ".EventGroup", []any{many}},
		{menuName + ".EventGroup", []any{[]struct{ A, B string }{{"a", "b"}}}},
		{menuName + ".NoSuchMethod", nil},
		{busName + ".Properties.Get", []any{itemName, "NoSuchProperty"}},
		{busName + ".Properties.Get", []any{"no.such.Interface", "Title"}},
		{busName + ".Properties.Get", []any{itemName}},
		{busName + ".Properties.Set", []any{itemName, "Title", dbus.MakeVariant("x")}},
		{busName + ".Properties.GetAll", nil},
		{"no.such.Interface.Activate", []any{int32(0), int32(0)}},
	} {
		if err := item.Call(c.method, c.args...).Err; err == nil {
			t.Errorf("%s%.60v was not refused", c.method, c.args)
		}
	}
	for _, path := range []dbus.ObjectPath{"/", "/x", "/StatusNotifierItem/x"} {
		if err := item.Conn().Object(item.Name(), path).CallWithContext(t.Context(), itemName+".Activate", 0, int32(0), int32(0)).Err; err == nil {
			t.Errorf("there is something at %s", path)
		}
	}
	r.fails.Store(true)
	if err := item.Call(itemName+".Activate", int32(0), int32(0)).Err; err == nil {
		t.Error("a fault of ours was not told")
	}
	if got := item.Labels()[0]; got != "Connected" {
		t.Errorf("the menu begins with %q", got)
	}
}

// TestForgedSignalsChangeNothing sends what a watcher would send, from somebody else.
func TestForgedSignalsChangeNothing(t *testing.T) {
	bus := notifytest.StartBus(t)
	host := traytest.StartHost(t, bus.Address, true)
	r := start(t, bus.Address)
	item := host.Item()
	r.presence(true)
	forger := bus.Dial(t)
	for range 100 {
		for _, name := range []string{
			busName + ".NameOwnerChanged", watcherName + ".StatusNotifierHostUnregistered", watcherName + ".StatusNotifierHostRegistered",
		} {
			if err := forger.Emit(watcherPath, name, watcherName, "", ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.set(State{Mode: Offline})
	item.Until(func(labels []string) bool { return labels[0] == "Offline" })
	if len(r.present) > 0 {
		t.Errorf("present: %v", <-r.present)
	}
}

func TestToolsCanLookAtTheItem(t *testing.T) {
	bus := notifytest.StartBus(t)
	host := traytest.StartHost(t, bus.Address, true)
	start(t, bus.Address)
	item := host.Item()
	for path, object := range map[dbus.ObjectPath]string{itemPath: itemName, menuPath: menuName} {
		node, err := introspection.Call(item.Conn().Object(item.Name(), path))
		if err != nil {
			t.Fatal(err)
		}
		if len(node.Interfaces) != 1 || node.Interfaces[0].Name != object {
			t.Fatalf("%s: %+v", path, node)
		}
		found, _ := (&Tray{}).objects()[path][object]
		if len(node.Interfaces[0].Methods) != len(found) {
			t.Errorf("%s: %d methods are described, %d there", object, len(node.Interfaces[0].Methods), len(found))
		}
		for _, p := range node.Interfaces[0].Properties {
			var v dbus.Variant
			if err := item.Conn().Object(item.Name(), path).Call(busName+".Properties.Get", 0, object, p.Name).Store(&v); err != nil || v.Signature().String() != p.Type {
				t.Errorf("%s.%s: %s, described as %s, %v", object, p.Name, v.Signature(), p.Type, err)
			}
		}
	}
}
