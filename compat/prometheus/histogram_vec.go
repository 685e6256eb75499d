package prometheus

import "github.com/pawl-metrics/pawl/engine"

// HistogramVec is a collector of histograms that differ in the values of their labels: of
// latencies by method and code, for example. Lookups return an [Observer], which is a [Histogram]
// and an [ExemplarObserver].
// See [MetricVec] for what all vecs have in common.
type HistogramVec struct {
	*MetricVec
}

// HistogramVecOpts are the options of a HistogramVec whose labels have constraints; see V2.
type HistogramVecOpts struct {
	HistogramOpts

	// VariableLabels are the labels, and what their values are passed through. Nil is no
	// labels.
	VariableLabels ConstrainableLabels
}

// NewHistogramVec makes a vec of histograms with these labels. What [NewHistogram] panics at is a
// panic here when the first histogram is made.
func NewHistogramVec(opts HistogramOpts, labelNames []string) *HistogramVec {
	return V2.NewHistogramVec(HistogramVecOpts{opts, UnconstrainedLabels(labelNames)})
}

// NewHistogramVec is the function NewHistogramVec for labels that may have constraints.
func (v2) NewHistogramVec(opts HistogramVecOpts) *HistogramVec {
	f := newFamily(opts.base().desc(opts.VariableLabels))
	f.vec, f.misuse = true, opts.misuse(f.desc)
	var of engine.HistogramOpts
	if f.misuse == nil {
		of = opts.engine(f)
	} else {
		f.renamed = true
	}
	vec := enter(f, func(f *family) (*engine.StringVec[engine.Histogram], error) {
		of.Opts = f.opts()
		return engine.NewStringHistogramVec(f.reg, of, f.labels()...)
	})
	return &HistogramVec{newVec(f.desc, &engineSeries[engine.Histogram]{vec, f, func(h *engine.Histogram) Metric { return (*histogram)(h) }})}
}

// GetMetricWithLabelValues returns the histogram with these values, in the order of the
// labels, which is made at the first call; see [MetricVec.GetMetricWithLabelValues].
func (v *HistogramVec) GetMetricWithLabelValues(lvs ...string) (Observer, error) {
	if h := findValues[engine.Histogram](v.MetricVec, lvs); h != nil {
		return (*histogram)(h), nil
	}
	return as[Observer](v.makeByValues(lvs))
}

// GetMetricWith returns the histogram with these labels, which is made at the first call; see
// [MetricVec.GetMetricWith].
func (v *HistogramVec) GetMetricWith(labels Labels) (Observer, error) {
	if h := findLabels[engine.Histogram](v.MetricVec, labels); h != nil {
		return (*histogram)(h), nil
	}
	return as[Observer](v.makeByLabels(labels))
}

// WithLabelValues is GetMetricWithLabelValues that panics on an error:
//
//	latency.WithLabelValues("GET", "404").Observe(0.2)
func (v *HistogramVec) WithLabelValues(lvs ...string) Observer {
	if s, ok := v.direct.(*engineSeries[engine.Histogram]); ok {
		if h := s.vec.Find(lvs...); h != nil {
			return (*histogram)(h)
		}
	}
	return mustMetric(v.GetMetricWithLabelValues(lvs...))
}

// With is GetMetricWith that panics on an error:
//
//	latency.With(prometheus.Labels{"method": "GET", "code": "404"}).Observe(0.2)
func (v *HistogramVec) With(labels Labels) Observer {
	if h := findLabels[engine.Histogram](v.MetricVec, labels); h != nil {
		return (*histogram)(h)
	}
	return mustMetric(as[Observer](v.makeByLabels(labels)))
}

// CurryWith returns a vec for which these labels are set; see [MetricVec.CurryWith].
func (v *HistogramVec) CurryWith(labels Labels) (ObserverVec, error) {
	c, err := v.MetricVec.CurryWith(labels)
	if err != nil {
		return nil, err
	}
	return &HistogramVec{c}, nil
}

// MustCurryWith is CurryWith that panics on an error.
func (v *HistogramVec) MustCurryWith(labels Labels) ObserverVec {
	return mustMetric(v.CurryWith(labels))
}
