package delivery

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// What became of a push; labels of a metric.
const (
	resultSent       = "sent"       // the push service has it
	resultRetried    = "retried"    // not yet: it stays queued
	resultGone       = "gone"       // the device's channel is dead, or nobody wants it any more
	resultRefused    = "refused"    // the push service will never take it, or the address is not allowed
	resultExpired    = "expired"    // not taken until its deadline
	resultAbandoned  = "abandoned"  // given up before its deadline
	resultOverflow   = "overflow"   // dropped for a later one, the queue being full
	resultUnsendable = "unsendable" // could not be encrypted
	resultStopped    = "stopped"    // left when the sender ended
)

// metrics count pushes. Labels are fixed words: nothing in them names a device or a person.
type metrics struct {
	pushes  *prometheus.CounterVec // result
	queued  prometheus.Gauge
	latency prometheus.Histogram
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	const namespace, subsystem = "securepush", "hub"
	m := &metrics{
		pushes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "pushes_total", Help: "Pushes by what became of them.",
		}, []string{"result"}),
		queued: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "queued", Help: "Pushes that wait to be sent.",
		}),
		latency: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "push_seconds", Help: "Time from queueing a push until a push service took it.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 4, 10), // 0.5 ms to 131 s
		}),
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.pushes, m.queued, m.latency} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) count(result string) { m.pushes.WithLabelValues(result).Inc() }

// done counts a push that was tried and will not be tried again.
func (m *metrics) done(result string, queued time.Time) {
	m.count(result)
	if result == resultSent {
		m.latency.Observe(time.Since(queued).Seconds())
	}
}
