package backend

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"securepush/api"
)

// BenchmarkSend measures POST /api/notifications to its 201 after the sync to disk, from one sender and from 64 at once,
// who share the sync. The floor is the same request to a route that stores nothing.
func BenchmarkSend(b *testing.B) {
	for _, senders := range []int{1, 64} {
		b.Run(fmt.Sprint("senders=", senders), func(b *testing.B) {
			st := newSite(b, noLimits)
			st.addUser("anna")
			h := st.Handler()
			run(b, senders, func() int {
				w := newDiscard()
				h.ServeHTTP(w, rawRequest(http.MethodPost, "/api/notifications", `{"to":"anna","title":"Result","payload":"K 4.1 mmol/l"}`, st.key))
				return w.status
			}, http.StatusCreated)
		})
	}
	b.Run("floor", func(b *testing.B) {
		st := newSite(b, noLimits)
		h := st.Handler()
		run(b, 1, func() int {
			w := newDiscard()
			h.ServeHTTP(w, rawRequest(http.MethodGet, "/healthz", "", ""))
			return w.status
		}, http.StatusOK)
	})
}

// BenchmarkFetch measures GET /api/notifications/{id}, which stands in the way of every toast.
func BenchmarkFetch(b *testing.B) {
	st := newSite(b, noLimits)
	anna := st.addUser("anna")
	path := "/api/notifications/" + string(st.sendTo(anna, api.SendRequest{Title: "Result", Payload: "K 4.1 mmol/l"}))
	h := st.Handler()
	run(b, 1, func() int {
		w := newDiscard()
		h.ServeHTTP(w, rawRequest(http.MethodGet, path, "", anna.tokens.AccessToken))
		return w.status
	}, http.StatusOK)
}

// BenchmarkRefused measures what a request over the limit costs.
func BenchmarkRefused(b *testing.B) {
	st := newSite(b, func(c *Config) { c.Limits = defaultLimits; c.Limits.RequestBurst, c.Limits.RequestsPerSecond = 1, 1 })
	anna := st.addUser("anna")
	h := st.Handler()
	r := rawRequest(http.MethodPost, "/api/notifications", `{"payload":"x"}`, anna.tokens.AccessToken)
	h.ServeHTTP(newDiscard(), r)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(newDiscard(), r)
	}
}

func noLimits(c *Config) {
	c.Limits = defaultLimits
	c.Limits.RequestBurst, c.Limits.RequestsPerSecond = 1<<40, 1<<40
	c.Logger = nil
}

func run(b *testing.B, parallel int, ask func() int, want int) {
	b.Helper()
	b.ReportAllocs()
	b.SetParallelism(parallel)
	var wrong atomic.Int64
	b.ResetTimer()
	if parallel == 1 {
		for range b.N {
			if ask() != want {
				wrong.Add(1)
			}
		}
	} else {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if ask() != want {
					wrong.Add(1)
				}
			}
		})
	}
	if n := wrong.Load(); n > 0 {
		b.Errorf("%d of %d answers were others than %d", n, b.N, want)
	}
}
