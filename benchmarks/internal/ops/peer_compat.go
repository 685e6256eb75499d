package ops

import (
	"io"
	"net/http"

	compat "github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/promhttp"
)

// compatible is a registry of package compat's. Nothing here is written as one would
// for pawl: it is client_golang's code with another import.
type compatible struct {
	reg    *compat.Registry
	served http.Handler // of reg, made once as a service makes it
	accept string       // what a scrape asks for
}

func newCompat() compatible {
	reg := compat.NewRegistry()
	return compatible{reg, promhttp.HandlerFor(reg, promhttp.HandlerOpts{EnableOpenMetrics: true, DisableCompression: true}), ""}
}

// in is the same registry, scraped in another format.
func (c compatible) in(accept string) compatible { return compatible{c.reg, c.served, accept} }

// The formats in which compat is scraped, as a server asks for them.
const (
	acceptOpenMetrics = "application/openmetrics-text;version=1.0.0"
	acceptProtobuf    = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
)

// scrape asks the handler, which writes what the engine's instruments have without
// gathering. What there is of HTTP in it is in the time.
func (c compatible) scrape(w io.Writer) {
	ask := must(http.NewRequest(http.MethodGet, "/metrics", nil))
	ask.Header.Set("Accept", c.accept)
	to := passing{response{head: http.Header{}}, w}
	c.served.ServeHTTP(&to, ask)
	if to.status > http.StatusOK {
		panic("benchmarks: compat's handler refused")
	}
}

// passing is a response that goes to w.
type passing struct {
	response
	w io.Writer
}

func (p *passing) Write(b []byte) (int, error) { return p.w.Write(b) }

func (c compatible) handler() http.Handler {
	return promhttp.HandlerFor(c.reg, promhttp.HandlerOpts{})
}

func (c compatible) counter() compat.Counter {
	return compatRegistered(c, compat.NewCounter(compat.CounterOpts{Name: name, Help: help}))
}

func (c compatible) gauge() compat.Gauge {
	return compatRegistered(c, compat.NewGauge(compat.GaugeOpts{Name: name, Help: help}))
}

func (c compatible) counters(labels ...string) *compat.CounterVec {
	return compatRegistered(c, compat.NewCounterVec(compat.CounterOpts{Name: name, Help: help}, labels))
}

func (c compatible) histogram(opts compat.HistogramOpts) compat.Histogram {
	return compatRegistered(c, compat.NewHistogram(opts))
}

func (c compatible) histograms(opts compat.HistogramOpts) *compat.HistogramVec {
	return compatRegistered(c, compat.NewHistogramVec(opts, routeLabels))
}

func compatHistogram(bounds []float64) compat.HistogramOpts {
	return compat.HistogramOpts{Name: name, Help: help, Buckets: bounds}
}

func compatNative(factor float64) compat.HistogramOpts {
	return compat.HistogramOpts{Name: name, Help: help, NativeHistogramBucketFactor: factor, NativeHistogramMaxBucketNumber: nativeBuckets}
}

func compatRegistered[C compat.Collector](c compatible, x C) C {
	check(c.reg.Register(x))
	return x
}
