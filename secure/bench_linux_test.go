package secure_test

import (
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"securepush/api"
	"securepush/secure"
)

// BenchmarkGetThroughTheChild reads from a real keyring. The floor is starting this binary to do nothing.
func BenchmarkGetThroughTheChild(b *testing.B) {
	desk := startBus(b, nil)
	desk.startKeyring(b, password)
	k := desk.keyring(secure.KeyringOptions{})
	must(b, k.Set(b.Context(), alice, api.NewSecret("value")))
	for b.Loop() {
		if _, err := k.Get(b.Context(), alice); err != nil {
			b.Fatal(err)
		}
	}
	median := func(call func()) float64 {
		var took []time.Duration
		for range 31 {
			start := time.Now()
			call()
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		return float64(took[len(took)/2].Microseconds()) / 1000
	}
	b.ReportMetric(median(func() { k.Probe(b.Context()) }), "ms/probe")
	b.ReportMetric(median(func() { _ = exec.Command(os.Args[0], "-test.run=^$").Run() }), "ms/floor")
	b.ReportMetric(median(func() {
		if _, err := k.Get(b.Context(), alice); err != nil {
			b.Fatal(err)
		}
	}), "ms/get")
	b.ReportMetric(median(func() { must(b, k.Set(b.Context(), alice, api.NewSecret("value"))) }), "ms/set")
}
