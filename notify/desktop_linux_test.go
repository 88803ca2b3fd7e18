package notify_test

import (
	"os"
	"testing"

	"securepush/notify"
	"securepush/notify/notifytest"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == notify.PromptCommand {
		os.Exit(notify.RunPromptChild(os.Args[2:]))
	}
	os.Exit(m.Run())
}

// openDesktop opens a Desktop on a bus and closes it with the test. Where the deadline is not the subject it is long: on a
// busy machine a daemon may take its time.
func openDesktop(t testing.TB, bus *notifytest.Bus, o notify.Options) *notify.Desktop {
	t.Helper()
	o.BusAddress = bus.Address
	if o.Timeout == 0 {
		o.Timeout = patience
	}
	d, err := notify.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestConformance(t *testing.T) {
	t.Run("recorder", func(t *testing.T) {
		notifytest.Suite(t, func(*testing.T) (notifytest.Port, notifytest.Screen) {
			r := notifytest.NewRecorder()
			return r, r
		})
	})
	t.Run("scripted daemon", func(t *testing.T) {
		bus := notifytest.StartBus(t)
		notifytest.Suite(t, func(t *testing.T) (notifytest.Port, notifytest.Screen) {
			s := notifytest.StartDaemon(t, bus, notifytest.Normal)
			return openDesktop(t, bus, notify.Options{}), s
		})
	})
	t.Run("dunst", func(t *testing.T) {
		notifytest.Suite(t, func(t *testing.T) (notifytest.Port, notifytest.Screen) {
			bus := notifytest.StartBus(t)
			s := notifytest.StartDunst(t, bus, "")
			return openDesktop(t, bus, notify.Options{}), s
		})
	})
}
