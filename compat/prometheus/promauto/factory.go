package promauto

import "github.com/pawl-metrics/pawl/compat/prometheus"

// Factory makes collectors and registers them with its Registerer. The zero value registers
// nothing. Its methods panic when the registration fails, and may be called concurrently if
// the Registerer's may.
type Factory struct {
	r prometheus.Registerer
}

// With returns a factory that registers with r. If r is nil, it registers nothing.
func With(r prometheus.Registerer) Factory { return Factory{r} }

// registered registers a collector and returns it.
func registered[C prometheus.Collector](f Factory, c C) C {
	if f.r != nil {
		f.r.MustRegister(c)
	}
	return c
}

// NewCounter makes a counter and registers it.
func (f Factory) NewCounter(opts prometheus.CounterOpts) prometheus.Counter {
	return registered(f, prometheus.NewCounter(opts))
}

// NewCounterVec makes a vec of counters and registers it.
func (f Factory) NewCounterVec(opts prometheus.CounterOpts, labelNames []string) *prometheus.CounterVec {
	return registered(f, prometheus.NewCounterVec(opts, labelNames))
}

// NewCounterFunc makes a counter of a function and registers it.
func (f Factory) NewCounterFunc(opts prometheus.CounterOpts, function func() float64) prometheus.CounterFunc {
	return registered(f, prometheus.NewCounterFunc(opts, function))
}

// NewGauge makes a gauge and registers it.
func (f Factory) NewGauge(opts prometheus.GaugeOpts) prometheus.Gauge {
	return registered(f, prometheus.NewGauge(opts))
}

// NewGaugeVec makes a vec of gauges and registers it.
func (f Factory) NewGaugeVec(opts prometheus.GaugeOpts, labelNames []string) *prometheus.GaugeVec {
	return registered(f, prometheus.NewGaugeVec(opts, labelNames))
}

// NewGaugeFunc makes a gauge of a function and registers it.
func (f Factory) NewGaugeFunc(opts prometheus.GaugeOpts, function func() float64) prometheus.GaugeFunc {
	return registered(f, prometheus.NewGaugeFunc(opts, function))
}

// NewSummary makes a summary and registers it.
func (f Factory) NewSummary(opts prometheus.SummaryOpts) prometheus.Summary {
	return registered(f, prometheus.NewSummary(opts))
}

// NewSummaryVec makes a vec of summaries and registers it.
func (f Factory) NewSummaryVec(opts prometheus.SummaryOpts, labelNames []string) *prometheus.SummaryVec {
	return registered(f, prometheus.NewSummaryVec(opts, labelNames))
}

// NewHistogram makes a histogram and registers it.
func (f Factory) NewHistogram(opts prometheus.HistogramOpts) prometheus.Histogram {
	return registered(f, prometheus.NewHistogram(opts))
}

// NewHistogramVec makes a vec of histograms and registers it.
func (f Factory) NewHistogramVec(opts prometheus.HistogramOpts, labelNames []string) *prometheus.HistogramVec {
	return registered(f, prometheus.NewHistogramVec(opts, labelNames))
}

// NewUntypedFunc makes an untyped metric of a function and registers it.
func (f Factory) NewUntypedFunc(opts prometheus.UntypedOpts, function func() float64) prometheus.UntypedFunc {
	return registered(f, prometheus.NewUntypedFunc(opts, function))
}
