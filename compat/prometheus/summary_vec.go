package prometheus

import (
	"slices"

	"github.com/pawl-metrics/pawl/engine"
)

// SummaryVec is a collector of summaries that differ in the values of their labels: of
// latencies by method and code, for example. Lookups return an [Observer], which is a [Summary].
// See [MetricVec] for what all vecs have in common.
type SummaryVec struct {
	*MetricVec
}

// SummaryVecOpts are the options of a SummaryVec whose labels have constraints; see V2.
type SummaryVecOpts struct {
	SummaryOpts

	// VariableLabels are the labels, and what their values are passed through. Nil is no
	// labels.
	VariableLabels ConstrainableLabels
}

// NewSummaryVec makes a vec of summaries with these labels. It panics when one of them is
// quantile. What else [NewSummary] panics at is a panic when the first summary is
// made.
func NewSummaryVec(opts SummaryOpts, labelNames []string) *SummaryVec {
	return V2.NewSummaryVec(SummaryVecOpts{opts, UnconstrainedLabels(labelNames)})
}

// NewSummaryVec is the function NewSummaryVec for labels that may have constraints.
func (v2) NewSummaryVec(opts SummaryVecOpts) *SummaryVec {
	if slices.Contains(compiled(opts.VariableLabels).names, quantileLabel) {
		panic(errQuantileLabel)
	}
	f := newFamily(opts.base().desc(opts.VariableLabels))
	f.vec, f.misuse = true, opts.misuse(f.desc)
	var of engine.SummaryOpts
	if f.misuse == nil {
		of = opts.engine(f)
	} else {
		f.renamed = true
	}
	vec := enter(f, func(f *family) (*engine.StringVec[engine.Summary], error) {
		of.Opts = f.opts()
		return engine.NewStringSummaryVec(f.reg, of, f.labels()...)
	})
	return &SummaryVec{newVec(f.desc, &engineSeries[engine.Summary]{vec, f, func(s *engine.Summary) Metric { return (*summary)(s) }})}
}

// GetMetricWithLabelValues returns the summary with these values, in the order of the
// labels, which is made at the first call; see [MetricVec.GetMetricWithLabelValues].
func (v *SummaryVec) GetMetricWithLabelValues(lvs ...string) (Observer, error) {
	if s := findValues[engine.Summary](v.MetricVec, lvs); s != nil {
		return (*summary)(s), nil
	}
	return as[Observer](v.makeByValues(lvs))
}

// GetMetricWith returns the summary with these labels, which is made at the first call; see
// [MetricVec.GetMetricWith].
func (v *SummaryVec) GetMetricWith(labels Labels) (Observer, error) {
	if s := findLabels[engine.Summary](v.MetricVec, labels); s != nil {
		return (*summary)(s), nil
	}
	return as[Observer](v.makeByLabels(labels))
}

// WithLabelValues is GetMetricWithLabelValues that panics on an error:
//
//	latency.WithLabelValues("GET", "404").Observe(0.2)
func (v *SummaryVec) WithLabelValues(lvs ...string) Observer {
	if s, ok := v.direct.(*engineSeries[engine.Summary]); ok {
		if s := s.vec.Find(lvs...); s != nil {
			return (*summary)(s)
		}
	}
	return mustMetric(v.GetMetricWithLabelValues(lvs...))
}

// With is GetMetricWith that panics on an error:
//
//	latency.With(prometheus.Labels{"method": "GET", "code": "404"}).Observe(0.2)
func (v *SummaryVec) With(labels Labels) Observer {
	if s := findLabels[engine.Summary](v.MetricVec, labels); s != nil {
		return (*summary)(s)
	}
	return mustMetric(as[Observer](v.makeByLabels(labels)))
}

// CurryWith returns a vec for which these labels are set; see [MetricVec.CurryWith].
func (v *SummaryVec) CurryWith(labels Labels) (ObserverVec, error) {
	c, err := v.MetricVec.CurryWith(labels)
	if err != nil {
		return nil, err
	}
	return &SummaryVec{c}, nil
}

// MustCurryWith is CurryWith that panics on an error.
func (v *SummaryVec) MustCurryWith(labels Labels) ObserverVec { return mustMetric(v.CurryWith(labels)) }
