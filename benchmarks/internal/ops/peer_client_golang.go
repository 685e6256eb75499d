package ops

import (
	"io"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// prom is a registry of client_golang's.
type prom struct{ reg *prometheus.Registry }

func newProm() prom { return prom{prometheus.NewRegistry()} }

// scrape does what promhttp does, but for HTTP.
func (p prom) scrape(w io.Writer) {
	enc := expfmt.NewEncoder(w, expfmt.NewFormat(expfmt.TypeTextPlain))
	for _, family := range must(p.reg.Gather()) {
		check(enc.Encode(family))
	}
}

func (p prom) counter() prometheus.Counter {
	return registered(p, prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help}))
}

func (p prom) gauge() prometheus.Gauge {
	return registered(p, prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help}))
}

func (p prom) counters(labels ...string) *prometheus.CounterVec {
	return registered(p, prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels))
}

func (p prom) histogram(bounds []float64) prometheus.Histogram {
	return registered(p, prometheus.NewHistogram(promHistogram(bounds)))
}

func (p prom) histograms() *prometheus.HistogramVec {
	return registered(p, prometheus.NewHistogramVec(promHistogram(bounds11), routeLabels))
}

func promHistogram(bounds []float64) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{Name: name, Help: help, Buckets: bounds}
}

func registered[C prometheus.Collector](p prom, c C) C {
	check(p.reg.Register(c))
	return c
}
