package prometheus

import (
	compat "github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/prometheus/client_golang/prometheus/internal/buckets"
)

// Register registers the collector with DefaultRegisterer.
func Register(c Collector) error { return DefaultRegisterer.Register(c) }

// MustRegister registers the collectors with DefaultRegisterer, and panics at the first
// that it does not take.
func MustRegister(cs ...Collector) { DefaultRegisterer.MustRegister(cs...) }

// Unregister takes the collector out of DefaultRegisterer and reports whether it was there.
func Unregister(c Collector) bool { return DefaultRegisterer.Unregister(c) }

// NewHistogram is [compat.NewHistogram]. Without buckets in opts it has DefBuckets.
func NewHistogram(opts HistogramOpts) Histogram {
	return compat.NewHistogram(buckets.Fill(opts, DefBuckets))
}

// NewHistogramVec is [compat.NewHistogramVec]. Without buckets in opts its histograms have
// DefBuckets.
func NewHistogramVec(opts HistogramOpts, labelNames []string) *HistogramVec {
	return compat.NewHistogramVec(buckets.Fill(opts, DefBuckets), labelNames)
}

// V2 has the constructors that take constrained labels.
var V2 = v2{}

type v2 struct{}

// NewDesc is NewDesc of [compat.V2].
func (v2) NewDesc(fqName, help string, variableLabels ConstrainableLabels, constLabels Labels, opts ...DescOpt) *Desc {
	return compat.V2.NewDesc(fqName, help, variableLabels, constLabels, opts...)
}

// NewCounterVec is NewCounterVec of [compat.V2].
func (v2) NewCounterVec(opts CounterVecOpts) *CounterVec { return compat.V2.NewCounterVec(opts) }

// NewGaugeVec is NewGaugeVec of [compat.V2].
func (v2) NewGaugeVec(opts GaugeVecOpts) *GaugeVec { return compat.V2.NewGaugeVec(opts) }

// NewSummaryVec is NewSummaryVec of [compat.V2].
func (v2) NewSummaryVec(opts SummaryVecOpts) *SummaryVec { return compat.V2.NewSummaryVec(opts) }

// NewHistogramVec is NewHistogramVec of [compat.V2], with this package's DefBuckets.
func (v2) NewHistogramVec(opts HistogramVecOpts) *HistogramVec {
	opts.HistogramOpts = buckets.Fill(opts.HistogramOpts, DefBuckets)
	return compat.V2.NewHistogramVec(opts)
}
