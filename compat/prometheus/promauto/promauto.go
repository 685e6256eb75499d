// Package promauto makes collectors that are registered already. It has the constructors of
// package prometheus, with the same arguments, in two sets: functions, which register with
// prometheus.DefaultRegisterer, and methods of a [Factory], which register with
// whatever [With] is given.
//
//	var requests = promauto.NewCounterVec(prometheus.CounterOpts{
//		Name: "http_requests_total",
//		Help: "Requests served, by status and method.",
//	}, []string{"code", "method"})
//
//	func newCache(reg prometheus.Registerer) *cache {
//		factory := promauto.With(reg)
//		return &cache{
//			hits:   factory.NewCounter(prometheus.CounterOpts{Name: "cache_hits_total"}),
//			misses: factory.NewCounter(prometheus.CounterOpts{Name: "cache_misses_total"}),
//		}
//	}
//
// # What it costs
//
// All of them panic when the registration fails. That is convenient in a program, and a
// risk in a library: whether a name is free depends on all other packages, so that a metric
// may work for years until somebody adds one of that name elsewhere. Then the first of
// the two to be initialised stays, and importing the other panics. Libraries do better to
// take a Registerer and return an error, or to let their users call With.
package promauto

import "github.com/pawl-metrics/pawl/compat/prometheus"

// NewCounter makes a counter and registers it with prometheus.DefaultRegisterer.
func NewCounter(opts prometheus.CounterOpts) prometheus.Counter {
	return With(prometheus.DefaultRegisterer).NewCounter(opts)
}

// NewCounterVec makes a vec of counters and registers it with prometheus.DefaultRegisterer.
func NewCounterVec(opts prometheus.CounterOpts, labelNames []string) *prometheus.CounterVec {
	return With(prometheus.DefaultRegisterer).NewCounterVec(opts, labelNames)
}

// NewCounterFunc makes a counter of a function and registers it with
// prometheus.DefaultRegisterer.
func NewCounterFunc(opts prometheus.CounterOpts, function func() float64) prometheus.CounterFunc {
	return With(prometheus.DefaultRegisterer).NewCounterFunc(opts, function)
}

// NewGauge makes a gauge and registers it with prometheus.DefaultRegisterer.
func NewGauge(opts prometheus.GaugeOpts) prometheus.Gauge {
	return With(prometheus.DefaultRegisterer).NewGauge(opts)
}

// NewGaugeVec makes a vec of gauges and registers it with prometheus.DefaultRegisterer.
func NewGaugeVec(opts prometheus.GaugeOpts, labelNames []string) *prometheus.GaugeVec {
	return With(prometheus.DefaultRegisterer).NewGaugeVec(opts, labelNames)
}

// NewGaugeFunc makes a gauge of a function and registers it with
// prometheus.DefaultRegisterer.
func NewGaugeFunc(opts prometheus.GaugeOpts, function func() float64) prometheus.GaugeFunc {
	return With(prometheus.DefaultRegisterer).NewGaugeFunc(opts, function)
}

// NewSummary makes a summary and registers it with prometheus.DefaultRegisterer.
func NewSummary(opts prometheus.SummaryOpts) prometheus.Summary {
	return With(prometheus.DefaultRegisterer).NewSummary(opts)
}

// NewSummaryVec makes a vec of summaries and registers it with prometheus.DefaultRegisterer.
func NewSummaryVec(opts prometheus.SummaryOpts, labelNames []string) *prometheus.SummaryVec {
	return With(prometheus.DefaultRegisterer).NewSummaryVec(opts, labelNames)
}

// NewHistogram makes a histogram and registers it with prometheus.DefaultRegisterer.
func NewHistogram(opts prometheus.HistogramOpts) prometheus.Histogram {
	return With(prometheus.DefaultRegisterer).NewHistogram(opts)
}

// NewHistogramVec makes a vec of histograms and registers it with
// prometheus.DefaultRegisterer.
func NewHistogramVec(opts prometheus.HistogramOpts, labelNames []string) *prometheus.HistogramVec {
	return With(prometheus.DefaultRegisterer).NewHistogramVec(opts, labelNames)
}

// NewUntypedFunc makes an untyped metric of a function and registers it with
// prometheus.DefaultRegisterer.
func NewUntypedFunc(opts prometheus.UntypedOpts, function func() float64) prometheus.UntypedFunc {
	return With(prometheus.DefaultRegisterer).NewUntypedFunc(opts, function)
}
