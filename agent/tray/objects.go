//go:build linux || freebsd || netbsd || openbsd

package tray

import (
	"log/slog"

	"github.com/godbus/dbus/v5"
)

// Our objects on the bus, and their interfaces.
const (
	itemPath   = dbus.ObjectPath("/StatusNotifierItem")
	itemName   = "org.kde.StatusNotifierItem"
	menuPath   = dbus.ObjectPath("/MenuBar")
	menuName   = "com.canonical.dbusmenu"
	properties = busName + ".Properties"
	introspect = busName + ".Introspectable"
)

// objects are what godbus asks for. Any program of the session can call us with anything, so each method looks at its
// arguments itself. None can do more than the agent's socket lets the same programs do.
type objects map[dbus.ObjectPath]object

type object map[string]methods

type methods map[string]method

// method answers a call.
type method struct {
	log *slog.Logger
	do  func(args []any) ([]any, error)
}

// LookupObject implements dbus.Handler.
func (o objects) LookupObject(path dbus.ObjectPath) (dbus.ServerObject, bool) {
	found, ok := o[path]
	return found, ok
}

// LookupInterface implements dbus.ServerObject. A caller need not name the interface.
func (o object) LookupInterface(name string) (dbus.Interface, bool) {
	if name == "" {
		return anyInterface(o), true
	}
	found, ok := o[name]
	return found, ok
}

type anyInterface object

// LookupMethod implements dbus.Interface.
func (a anyInterface) LookupMethod(name string) (dbus.Method, bool) {
	for _, m := range a {
		if found, ok := m[name]; ok {
			return found, true
		}
	}
	return nil, false
}

// LookupMethod implements dbus.Interface.
func (m methods) LookupMethod(name string) (dbus.Method, bool) {
	found, ok := m[name]
	return found, ok
}

// DecodeArguments implements dbus.ArgumentDecoder: the arguments stay as they came.
func (m method) DecodeArguments(_ *dbus.Conn, _ string, _ *dbus.Message, args []any) ([]any, error) {
	return args, nil
}

// Call implements dbus.Method. A panic costs the call only.
func (m method) Call(args ...any) (out []any, err error) {
	defer func() {
		if recover() != nil {
			m.log.Error("a call of the tray panicked")
			out, err = nil, invalidArgs()
		}
	}()
	return m.do(args)
}

// NumArguments completes dbus.Method; as the decoder is our own, nobody asks.
func (m method) NumArguments() int { return 0 }

// NumReturns completes dbus.Method.
func (m method) NumReturns() int { return 0 }

// ArgumentValue completes dbus.Method.
func (m method) ArgumentValue(int) any { return nil }

// ReturnValue completes dbus.Method.
func (m method) ReturnValue(int) any { return nil }

func invalidArgs() error { return dbus.ErrMsgInvalidArg }

// arg is the argument at a place, of the type that it has to have.
func arg[T any](args []any, i int) (T, error) {
	var none T
	if i >= len(args) {
		return none, invalidArgs()
	}
	v, ok := args[i].(T)
	if !ok {
		return none, invalidArgs()
	}
	return v, nil
}

// objects are the item and its menu.
func (t *Tray) objects() objects {
	m := func(do func(args []any) ([]any, error)) method { return method{t.o.Logger, do} }
	with := func(name, description string, own methods, get func(name string) (any, bool), names ...string) object {
		return object{
			name: own,
			properties: {
				"Get":    m(func(args []any) ([]any, error) { return getProperty(args, name, get) }),
				"GetAll": m(func(args []any) ([]any, error) { return getProperties(args, name, get, names) }),
				"Set":    m(func([]any) ([]any, error) { return nil, dbus.NewError(busName+".Error.PropertyReadOnly", nil) }),
			},
			introspect: {"Introspect": m(func([]any) ([]any, error) { return []any{description}, nil })},
		}
	}
	return objects{
		itemPath: with(itemName, itemXML, t.itemMethods(m), t.itemProperty, itemProperties()...),
		menuPath: with(menuName, menuXML, t.menuMethods(m), t.menuProperty, "Version", "Status", "TextDirection", "IconThemePath"),
	}
}

func getProperty(args []any, iface string, get func(string) (any, bool)) ([]any, error) {
	of, err := arg[string](args, 0)
	if err != nil {
		return nil, err
	}
	name, err := arg[string](args, 1)
	if err != nil {
		return nil, err
	}
	if value, ok := get(name); ok && (of == iface || of == "") {
		return []any{dbus.MakeVariant(value)}, nil
	}
	return nil, dbus.NewError(busName+".Error.UnknownProperty", nil)
}

func getProperties(args []any, iface string, get func(string) (any, bool), names []string) ([]any, error) {
	of, err := arg[string](args, 0)
	if err != nil {
		return nil, err
	}
	out := map[string]dbus.Variant{}
	if of != iface && of != "" {
		return []any{out}, nil
	}
	for _, name := range names {
		if value, ok := get(name); ok {
			out[name] = dbus.MakeVariant(value)
		}
	}
	return []any{out}, nil
}
