package prometheus

import "github.com/pawl-metrics/pawl/engine"

// GaugeVec is a collector of gauges that differ in the values of their labels: of
// queue lengths by queue, for example.
// See [MetricVec] for what all vecs have in common.
type GaugeVec struct {
	*MetricVec
}

// GaugeVecOpts are the options of a GaugeVec whose labels have constraints; see V2.
type GaugeVecOpts struct {
	GaugeOpts

	// VariableLabels are the labels, and what their values are passed through. Nil is no
	// labels.
	VariableLabels ConstrainableLabels
}

// NewGaugeVec makes a vec of gauges with these labels.
func NewGaugeVec(opts GaugeOpts, labelNames []string) *GaugeVec {
	return V2.NewGaugeVec(GaugeVecOpts{opts, UnconstrainedLabels(labelNames)})
}

// NewGaugeVec is the function NewGaugeVec for labels that may have constraints.
func (v2) NewGaugeVec(opts GaugeVecOpts) *GaugeVec {
	f := newFamily(Opts(opts.GaugeOpts).desc(opts.VariableLabels))
	f.vec = true
	vec := enter(f, func(f *family) (*engine.StringVec[engine.Gauge], error) {
		return engine.NewStringGaugeVec(f.reg, f.opts(), f.labels()...)
	})
	return &GaugeVec{newVec(f.desc, &engineSeries[engine.Gauge]{vec, f, func(g *engine.Gauge) Metric { return (*gauge)(g) }})}
}

// GetMetricWithLabelValues returns the gauge with these values, in the order of the
// labels, which is made at the first call; see [MetricVec.GetMetricWithLabelValues].
func (v *GaugeVec) GetMetricWithLabelValues(lvs ...string) (Gauge, error) {
	if g := findValues[engine.Gauge](v.MetricVec, lvs); g != nil {
		return (*gauge)(g), nil
	}
	return as[Gauge](v.makeByValues(lvs))
}

// GetMetricWith returns the gauge with these labels, which is made at the first call; see
// [MetricVec.GetMetricWith].
func (v *GaugeVec) GetMetricWith(labels Labels) (Gauge, error) {
	if g := findLabels[engine.Gauge](v.MetricVec, labels); g != nil {
		return (*gauge)(g), nil
	}
	return as[Gauge](v.makeByLabels(labels))
}

// WithLabelValues is GetMetricWithLabelValues that panics on an error:
//
//	queued.WithLabelValues("GET", "404").Set(42)
func (v *GaugeVec) WithLabelValues(lvs ...string) Gauge {
	if s, ok := v.direct.(*engineSeries[engine.Gauge]); ok {
		if g := s.vec.Find(lvs...); g != nil {
			return (*gauge)(g)
		}
	}
	return mustMetric(v.GetMetricWithLabelValues(lvs...))
}

// With is GetMetricWith that panics on an error:
//
//	queued.With(prometheus.Labels{"method": "GET", "code": "404"}).Set(42)
func (v *GaugeVec) With(labels Labels) Gauge {
	if g := findLabels[engine.Gauge](v.MetricVec, labels); g != nil {
		return (*gauge)(g)
	}
	return mustMetric(as[Gauge](v.makeByLabels(labels)))
}

// CurryWith returns a vec for which these labels are set; see [MetricVec.CurryWith].
func (v *GaugeVec) CurryWith(labels Labels) (*GaugeVec, error) {
	c, err := v.MetricVec.CurryWith(labels)
	if err != nil {
		return nil, err
	}
	return &GaugeVec{c}, nil
}

// MustCurryWith is CurryWith that panics on an error.
func (v *GaugeVec) MustCurryWith(labels Labels) *GaugeVec { return mustMetric(v.CurryWith(labels)) }
