package pushservice

import "github.com/prometheus/client_golang/prometheus"

// metrics count what the service does. Labels are fixed words: nothing in them names a device or a sender.
type metrics struct {
	connected prometheus.Gauge
	pushes    *prometheus.CounterVec // result: accepted, stored, delivered, expired, or the status of a refusal
	acks      *prometheus.CounterVec // code
	nacks     *prometheus.CounterVec // code
	closes    *prometheus.CounterVec // cause
}

func newMetrics(r prometheus.Registerer, s *Service) (*metrics, error) {
	const namespace, subsystem = "securepush", "pushservice"
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: namespace, Subsystem: subsystem, Name: name, Help: help}
	}
	vec := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts(opts(name, help)), []string{label})
	}
	gauge := func(name, help string, f func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts(opts(name, help)), f)
	}
	m := &metrics{
		connected: prometheus.NewGauge(prometheus.GaugeOpts(opts("devices_connected", "Devices that have said hello and are connected."))),
		pushes:    vec("pushes_total", "Pushes by what became of them; refusals by HTTP status.", "result"),
		acks:      vec("acks_total", "Messages acknowledged by devices, by code.", "code"),
		nacks:     vec("nacks_total", "Messages that devices report as failed, by code.", "code"),
		closes:    vec("closes_total", "Connections ended by the service, by cause.", "cause"),
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{
		m.connected, m.pushes, m.acks, m.nacks, m.closes,
		gauge("devices_known", "Devices remembered, connected or away.", func() float64 { return float64(s.devices.count()) }),
		gauge("pending_bytes", "Memory that pending messages count for.", func() float64 { return float64(s.memory.used.Load()) }),
	} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// ackCode is the label of an acknowledgement's code; what devices make up is "other".
func ackCode(code int) string {
	switch code {
	case 0, 100:
		return "100"
	case 101:
		return "101"
	case 102:
		return "102"
	default:
		return "other"
	}
}

func nackCode(code int) string {
	switch code {
	case 301:
		return "301"
	case 302:
		return "302"
	case 303:
		return "303"
	default:
		return "other"
	}
}
