package secure_test

import (
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// secretValue is the Secret of the Secret Service API.
type secretValue struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

const (
	servicePath    = dbus.ObjectPath("/org/freedesktop/secrets")
	collectionPath = servicePath + "/collection/login"
	itemPath       = collectionPath + "/1"
	promptPath     = servicePath + "/prompt/1"
	noPath         = dbus.ObjectPath("/")
)

// script says how a Secret Service misbehaves. The zero value behaves.
type script struct {
	locked          bool
	collections     any  // in place of the list
	promptOnCreate  bool // CreateItem and Delete answer with a prompt
	promptOnDelete  bool
	dismiss         bool          // the person says no
	after           time.Duration // the person takes this long
	noise           bool          // another signal comes first
	completed       []any         // in place of the right body
	refuseSession   bool
	failWith        *dbus.Error   // of CreateItem and Delete
	hang            chan struct{} // SearchItems waits for it
	dieDuringPrompt func()
	forget          bool // CreateItem says yes and stores nothing
}

// service is a Secret Service with one collection and room for one item.
type service struct {
	script
	conn *dbus.Conn

	mu      sync.Mutex
	value   *secretValue
	pending func() // what the prompt does when the person agrees
	prompts int
	hanging int
}

func (b *bus) startService(t *testing.T, s script) *service {
	t.Helper()
	svc := &service{script: s, conn: b.connect(t)}
	for _, e := range []struct {
		path  dbus.ObjectPath
		iface string
		v     any
	}{
		{servicePath, "org.freedesktop.Secret.Service", (*serviceObject)(svc)},
		{collectionPath, "org.freedesktop.Secret.Collection", (*collectionObject)(svc)},
		{itemPath, "org.freedesktop.Secret.Item", (*itemObject)(svc)},
		{promptPath, "org.freedesktop.Secret.Prompt", (*promptObject)(svc)},
		{servicePath, "org.freedesktop.DBus.Properties", (*propertiesObject)(svc)},
		{collectionPath, "org.freedesktop.DBus.Properties", (*propertiesObject)(svc)},
		{servicePath + "/session/1", "org.freedesktop.Secret.Session", (*sessionObject)(svc)},
	} {
		must(t, svc.conn.Export(e.v, e.path, e.iface))
	}
	_, err := svc.conn.RequestName("org.freedesktop.secrets", dbus.NameFlagDoNotQueue)
	must(t, err)
	return svc
}

func (s *service) count(n *int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *n
}

type (
	serviceObject    service
	collectionObject service
	itemObject       service
	promptObject     service
	propertiesObject service
	sessionObject    service
)

func (o *serviceObject) OpenSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	if o.refuseSession {
		return dbus.Variant{}, "", dbus.NewError("org.freedesktop.DBus.Error.NotSupported", []any{"no plain sessions"})
	}
	return dbus.MakeVariant(""), servicePath + "/session/1", nil
}

func (o *serviceObject) Unlock(what []dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.locked {
		return what, noPath, nil
	}
	o.pending = func() { o.locked = false }
	return nil, promptPath, nil
}

func (o *serviceObject) ReadAlias(string) (dbus.ObjectPath, *dbus.Error) { return collectionPath, nil }

func (o *sessionObject) Close() *dbus.Error { return nil }

func (o *collectionObject) CreateItem(_ map[string]dbus.Variant, v secretValue, _ bool) (dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.failWith != nil:
		return "", "", o.failWith
	case o.forget:
		return itemPath, noPath, nil
	case o.promptOnCreate:
		o.pending = func() { o.value = &v }
		return noPath, promptPath, nil
	}
	o.value = &v
	return itemPath, noPath, nil
}

func (o *collectionObject) SearchItems(map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
	if o.hang != nil {
		o.mu.Lock()
		o.hanging++
		o.mu.Unlock()
		<-o.hang
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.value == nil {
		return nil, nil
	}
	return []dbus.ObjectPath{itemPath}, nil
}

func (o *itemObject) GetSecret(dbus.ObjectPath) (secretValue, *dbus.Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return *o.value, nil
}

func (o *itemObject) Delete() (dbus.ObjectPath, *dbus.Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.failWith != nil:
		return "", o.failWith
	case o.promptOnDelete:
		o.pending = func() { o.value = nil }
		return promptPath, nil
	}
	o.value = nil
	return noPath, nil
}

// Prompt opens the box; the answer comes as a signal, after the method has returned.
func (o *promptObject) Prompt(string) *dbus.Error {
	o.mu.Lock()
	o.prompts++
	done := []dbus.ObjectPath{collectionPath}
	if o.dismiss {
		done = nil
	}
	pending, body := o.pending, []any{o.dismiss, dbus.MakeVariant(done)}
	if o.completed != nil {
		body = o.completed
	}
	o.mu.Unlock()
	if o.dieDuringPrompt != nil {
		time.AfterFunc(50*time.Millisecond, o.dieDuringPrompt)
		return nil
	}
	time.AfterFunc(o.after+20*time.Millisecond, func() {
		if o.noise {
			_ = o.conn.Emit(promptPath, "org.freedesktop.Secret.Prompt.Thinking")
		}
		o.mu.Lock()
		if !o.dismiss && pending != nil {
			pending()
		}
		o.mu.Unlock()
		_ = o.conn.Emit(promptPath, "org.freedesktop.Secret.Prompt.Completed", body...)
	})
	return nil
}

func (o *propertiesObject) Get(_, name string) (dbus.Variant, *dbus.Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if name == "Locked" {
		return dbus.MakeVariant(o.locked), nil
	}
	if o.collections != nil {
		return dbus.MakeVariant(o.collections), nil
	}
	return dbus.MakeVariant([]dbus.ObjectPath{collectionPath}), nil
}
