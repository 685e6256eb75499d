package prometheus

import "github.com/pawl-metrics/pawl/engine"

// CounterVec is a collector of counters that differ in the values of their labels: of
// requests by method and code, for example.
// See [MetricVec] for what all vecs have in common.
type CounterVec struct {
	*MetricVec
}

// CounterVecOpts are the options of a CounterVec whose labels have constraints; see V2.
type CounterVecOpts struct {
	CounterOpts

	// VariableLabels are the labels, and what their values are passed through. Nil is no
	// labels.
	VariableLabels ConstrainableLabels
}

// NewCounterVec makes a vec of counters with these labels.
func NewCounterVec(opts CounterOpts, labelNames []string) *CounterVec {
	return V2.NewCounterVec(CounterVecOpts{opts, UnconstrainedLabels(labelNames)})
}

// NewCounterVec is the function NewCounterVec for labels that may have constraints.
func (v2) NewCounterVec(opts CounterVecOpts) *CounterVec {
	f := newFamily(Opts(opts.CounterOpts).desc(opts.VariableLabels))
	f.vec = true
	vec := enter(f, func(f *family) (*engine.StringVec[engine.Counter], error) {
		return engine.NewStringCounterVec(f.reg, f.opts(), f.labels()...)
	})
	return &CounterVec{newVec(f.desc, &engineSeries[engine.Counter]{vec, f, func(c *engine.Counter) Metric { return (*counter)(c) }})}
}

// GetMetricWithLabelValues returns the counter with these values, in the order of the
// labels, which is made at the first call; see [MetricVec.GetMetricWithLabelValues].
func (v *CounterVec) GetMetricWithLabelValues(lvs ...string) (Counter, error) {
	if c := findValues[engine.Counter](v.MetricVec, lvs); c != nil {
		return (*counter)(c), nil
	}
	return as[Counter](v.makeByValues(lvs))
}

// GetMetricWith returns the counter with these labels, which is made at the first call; see
// [MetricVec.GetMetricWith].
func (v *CounterVec) GetMetricWith(labels Labels) (Counter, error) {
	if c := findLabels[engine.Counter](v.MetricVec, labels); c != nil {
		return (*counter)(c), nil
	}
	return as[Counter](v.makeByLabels(labels))
}

// WithLabelValues is GetMetricWithLabelValues that panics on an error:
//
//	requests.WithLabelValues("GET", "404").Inc()
func (v *CounterVec) WithLabelValues(lvs ...string) Counter {
	if s, ok := v.direct.(*engineSeries[engine.Counter]); ok {
		if c := s.vec.Find(lvs...); c != nil {
			return (*counter)(c)
		}
	}
	return mustMetric(v.GetMetricWithLabelValues(lvs...))
}

// With is GetMetricWith that panics on an error:
//
//	requests.With(prometheus.Labels{"method": "GET", "code": "404"}).Inc()
func (v *CounterVec) With(labels Labels) Counter {
	if c := findLabels[engine.Counter](v.MetricVec, labels); c != nil {
		return (*counter)(c)
	}
	return mustMetric(as[Counter](v.makeByLabels(labels)))
}

// CurryWith returns a vec for which these labels are set; see [MetricVec.CurryWith].
func (v *CounterVec) CurryWith(labels Labels) (*CounterVec, error) {
	c, err := v.MetricVec.CurryWith(labels)
	if err != nil {
		return nil, err
	}
	return &CounterVec{c}, nil
}

// MustCurryWith is CurryWith that panics on an error.
func (v *CounterVec) MustCurryWith(labels Labels) *CounterVec { return mustMetric(v.CurryWith(labels)) }
