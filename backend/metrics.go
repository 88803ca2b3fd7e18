package backend

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"securepush/backend/store"
)

// metrics are the counters of one server, in a registry of their own.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	limited  prometheus.Counter
	panics   prometheus.Counter
	sent     prometheus.Counter
	receipts *prometheus.CounterVec
	signIns  *prometheus.CounterVec
	scrape   http.Handler
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "securepush_http_requests_total", Help: "Requests answered, by route, method and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "securepush_http_request_seconds", Help: "Time to answer, by route and method.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5},
		}, []string{"route", "method"}),
		limited: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "securepush_http_limited_total", Help: "Requests refused because their client sends too many.",
		}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "securepush_http_panics_total", Help: "Requests that ended in a panic.",
		}),
		sent: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "securepush_notifications_stored_total", Help: "Notifications stored, one for each recipient.",
		}),
		receipts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "securepush_receipts_total", Help: "What devices have fetched and shown, by whether it was noted.",
		}, []string{"result"}),
		signIns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "securepush_sign_ins_total", Help: "Answers of the token endpoint, by grant and outcome.",
		}, []string{"grant", "outcome"}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.limited, m.panics, m.sent, m.receipts, m.signIns,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.scrape = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
	return m
}

// request counts an answer. The labels are the route's own: what a client writes never becomes one.
func (m *metrics) request(rt route, status int, took time.Duration) {
	m.requests.WithLabelValues(rt.path, rt.method, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(rt.path, rt.method).Observe(took.Seconds())
}

func (s *Server) serveMetrics(w http.ResponseWriter, r *http.Request, _ store.Principal) error {
	s.metrics.scrape.ServeHTTP(w, r)
	return nil
}
