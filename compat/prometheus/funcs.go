package prometheus

import (
	dto "github.com/prometheus/client_model/go"
)

// CounterFunc is a counter whose value a function returns in each scrape.
type CounterFunc interface {
	Metric
	Collector
}

// GaugeFunc is a gauge whose value a function returns in each scrape.
type GaugeFunc interface {
	Metric
	Collector
}

// UntypedFunc is a metric without a type whose value a function returns in each scrape:
// for passing on what comes from elsewhere.
type UntypedFunc interface {
	Metric
	Collector
}

// UntypedOpts are the options of an UntypedFunc; see [Opts].
type UntypedOpts Opts

// NewCounterFunc makes a counter whose value function returns. It is called in every
// scrape, by several goroutines at once when scrapes overlap, and should never return less
// than before. If it panics that scrape has an error.
func NewCounterFunc(opts CounterOpts, function func() float64) CounterFunc {
	return newValueFunc(Opts(opts).desc(nil), CounterValue, function)
}

// NewGaugeFunc makes a gauge whose value function returns. What is said of
// [NewCounterFunc]'s holds for it, but that it may return anything.
func NewGaugeFunc(opts GaugeOpts, function func() float64) GaugeFunc {
	return newValueFunc(Opts(opts).desc(nil), GaugeValue, function)
}

// NewUntypedFunc makes a metric without a type whose value function returns; see
// [NewGaugeFunc]. As in client_golang, Unit has no effect.
func NewUntypedFunc(opts UntypedOpts, function func() float64) UntypedFunc {
	opts.Unit = ""
	return newValueFunc(Opts(opts).desc(nil), UntypedValue, function)
}

// valueFunc is a metric that a function computes.
//
// Model. Immutable. It is none of ours: a scrape goes by Write, where a panic becomes an
// error, and a value that the engine would refuse in a counter is the user's affair.
type valueFunc struct {
	desc  *Desc
	typ   ValueType
	value func() float64
}

func newValueFunc(desc *Desc, typ ValueType, value func() float64) *valueFunc {
	return &valueFunc{desc, typ, value}
}

// Desc implements Metric.
func (f *valueFunc) Desc() *Desc { return f.desc }

// Write implements Metric.
func (f *valueFunc) Write(out *dto.Metric) error {
	v := f.value()
	out.Label = f.desc.constLabels
	switch f.typ {
	case CounterValue:
		out.Counter = &dto.Counter{Value: &v}
	case GaugeValue:
		out.Gauge = &dto.Gauge{Value: &v}
	default:
		out.Untyped = &dto.Untyped{Value: &v}
	}
	return nil
}

// Describe implements Collector.
func (f *valueFunc) Describe(ch chan<- *Desc) { ch <- f.desc }

// Collect implements Collector.
func (f *valueFunc) Collect(ch chan<- Metric) { ch <- f }
