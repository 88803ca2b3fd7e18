package hub

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"securepush/api"
)

func TestADeviceThatIsForgottenLeavesItsTurnToTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		push := newService(func(*http.Request, int) *answer {
			<-release
			return status(201)
		})
		r := newRig(t, push, func(o *Options) { o.Workers = 2 }) // one for each origin
		for _, id := range []string{"a", "b", "c", "d"} {
			r.put(t, id, endpointOf(id))
		}
		r.run(t)
		r.send(t, api.NewID(), SendOptions{})
		synctest.Wait()
		if err := r.hub.Delete(t.Context(), "account", "b"); err != nil {
			t.Fatal(err)
		}
		r.put(t, "c", "https://moved.example/c")
		r.send(t, api.NewID(), SendOptions{Only: "c"})
		close(release)
		synctest.Wait()
		if pushes, lanes := r.left(); pushes != 0 || lanes != 0 {
			t.Errorf("%d pushes of %d devices are stuck", pushes, lanes)
		}
		if n := len(push.deliveries()); n != 4 {
			t.Errorf("%d pushes, not 4", n)
		}
	})
}

func TestManyOriginsThatHangLeaveWorkersForTheTrustedOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		push := newService(func(r *http.Request, _ int) *answer {
			if r.URL.Host != "push.example" {
				<-r.Context().Done()
				return nil
			}
			return status(201)
		})
		r := newRig(t, push, func(o *Options) { o.Trusted = []*url.URL{mustURL(t, "https://push.example")} })
		for i := range 20 {
			r.put(t, fmt.Sprintf("a-%02d", i), fmt.Sprintf("https://hangs-%d.example/", i))
		}
		r.put(t, "z", endpointOf("z"))
		r.run(t)
		r.send(t, api.NewID(), SendOptions{TTL: time.Hour})
		synctest.Wait()
		tried := map[string]bool{}
		for _, d := range push.deliveries() {
			tried[d.endpoint] = true
		}
		if !tried[endpointOf("z")] {
			t.Error("the trusted origin waits for the others")
		}
		later(10 * time.Minute) // three at a time, 20 s each
		for _, d := range push.deliveries() {
			tried[d.endpoint] = true
		}
		if len(tried) != 21 {
			t.Errorf("%d of 21 endpoints were tried", len(tried))
		}
	})
}
