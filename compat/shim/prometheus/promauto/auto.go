package promauto

import (
	compat "github.com/pawl-metrics/pawl/compat/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/internal/buckets"
)

// Factory makes instruments and registers them with the Registerer given to With.
type Factory struct{ factory }

// factory keeps the embedded field's name from callers.
type factory = compat.Factory

// With returns a Factory for r. With nil it registers nothing.
func With(r prometheus.Registerer) Factory { return Factory{compat.With(r)} }

// NewHistogram makes a histogram as [prometheus.NewHistogram] does, and registers it.
func (f Factory) NewHistogram(opts prometheus.HistogramOpts) prometheus.Histogram {
	return f.factory.NewHistogram(buckets.Fill(opts, prometheus.DefBuckets))
}

// NewHistogramVec makes a vec as [prometheus.NewHistogramVec] does, and registers it.
func (f Factory) NewHistogramVec(opts prometheus.HistogramOpts, labelNames []string) *prometheus.HistogramVec {
	return f.factory.NewHistogramVec(buckets.Fill(opts, prometheus.DefBuckets), labelNames)
}

func auto() Factory { return With(prometheus.DefaultRegisterer) }

// NewCounter is NewCounter of a Factory for DefaultRegisterer.
func NewCounter(opts prometheus.CounterOpts) prometheus.Counter { return auto().NewCounter(opts) }

// NewCounterVec is NewCounterVec of a Factory for DefaultRegisterer.
func NewCounterVec(opts prometheus.CounterOpts, labelNames []string) *prometheus.CounterVec {
	return auto().NewCounterVec(opts, labelNames)
}

// NewCounterFunc is NewCounterFunc of a Factory for DefaultRegisterer.
func NewCounterFunc(opts prometheus.CounterOpts, function func() float64) prometheus.CounterFunc {
	return auto().NewCounterFunc(opts, function)
}

// NewGauge is NewGauge of a Factory for DefaultRegisterer.
func NewGauge(opts prometheus.GaugeOpts) prometheus.Gauge { return auto().NewGauge(opts) }

// NewGaugeVec is NewGaugeVec of a Factory for DefaultRegisterer.
func NewGaugeVec(opts prometheus.GaugeOpts, labelNames []string) *prometheus.GaugeVec {
	return auto().NewGaugeVec(opts, labelNames)
}

// NewGaugeFunc is NewGaugeFunc of a Factory for DefaultRegisterer.
func NewGaugeFunc(opts prometheus.GaugeOpts, function func() float64) prometheus.GaugeFunc {
	return auto().NewGaugeFunc(opts, function)
}

// NewSummary is NewSummary of a Factory for DefaultRegisterer.
func NewSummary(opts prometheus.SummaryOpts) prometheus.Summary { return auto().NewSummary(opts) }

// NewSummaryVec is NewSummaryVec of a Factory for DefaultRegisterer.
func NewSummaryVec(opts prometheus.SummaryOpts, labelNames []string) *prometheus.SummaryVec {
	return auto().NewSummaryVec(opts, labelNames)
}

// NewHistogram is NewHistogram of a Factory for DefaultRegisterer.
func NewHistogram(opts prometheus.HistogramOpts) prometheus.Histogram {
	return auto().NewHistogram(opts)
}

// NewHistogramVec is NewHistogramVec of a Factory for DefaultRegisterer.
func NewHistogramVec(opts prometheus.HistogramOpts, labelNames []string) *prometheus.HistogramVec {
	return auto().NewHistogramVec(opts, labelNames)
}

// NewUntypedFunc is NewUntypedFunc of a Factory for DefaultRegisterer.
func NewUntypedFunc(opts prometheus.UntypedOpts, function func() float64) prometheus.UntypedFunc {
	return auto().NewUntypedFunc(opts, function)
}
