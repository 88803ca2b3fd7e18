//go:build linux

package e2e

import (
	"testing"

	"securepush/api"
	"securepush/cli/desktop"
)

func TestTwoDevicesSettleForEachOther(t *testing.T) {
	one, two := newStack(t, desktop.Options{}), newStack(t, desktop.Options{})
	onOne, onTwo := one.watch(), two.watch()
	c := one.clinic()
	for _, s := range []*stack{one, two} {
		s.listen()
		s.login(c.url)
		s.connected()
	}
	person := one.elsewhere(c.url)
	one.until("both devices are registered", func() bool {
		devices, err := person.Installations(t.Context())
		return err == nil && len(devices) == 2
	})
	read := one.curl(c.url, c.key, message(" eins"))
	deleted := one.curl(c.url, c.key, message(" zwei"))
	one.curl(c.url, c.key, message(" drei"))
	for _, marker := range []string{" eins", " zwei", " drei"} {
		onOne.wait(title + marker)
		onTwo.wait(title + marker)
	}
	one.until("three toasts on each", func() bool { return one.displayed() == 3 && two.displayed() == 3 })

	t.Log("what is read on one is gone on both")
	one.must("", "read", read)
	two.until("a toast is taken away", func() bool { return onTwo.closes() == 1 && two.displayed() == 2 })
	one.until("here too", func() bool { return one.displayed() == 2 })

	t.Log("what is deleted on the other, too")
	if err := two.agent.Delete(t.Context(), api.ID(deleted)); err != nil {
		t.Fatal(err)
	}
	one.until("a toast is taken away", func() bool { return onOne.closes() == 2 && one.displayed() == 1 })
	two.until("there too", func() bool { return two.displayed() == 1 })

	t.Log("and what comes next is shown on both, with nothing shown again")
	one.curl(c.url, c.key, message(" vier"))
	onOne.wait(title + " vier")
	onTwo.wait(title + " vier")
	for _, m := range []*monitor{onOne, onTwo} {
		if n := len(m.all()); n != 4 {
			t.Errorf("%d toasts: %+v", n, m.all())
		}
	}
}
