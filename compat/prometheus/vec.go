package prometheus

import (
	"fmt"
	"slices"

	"github.com/pawl-metrics/pawl/engine"
)

// MetricVec is a collector of metrics that differ in the values of their labels. It is
// what [CounterVec] and its like embed, and what vecs of a user's own metrics are made
// of: embed what [NewMetricVec] returns, and add methods that give GetMetricWith,
// GetMetricWithLabelValues and CurryWith the types of your own, and With,
// WithLabelValues and MustCurryWith that panic where those have errors.
//
// # Model
//
// All methods may be called concurrently. A lookup of a metric that exists takes no lock:
// neither a scrape nor a new metric holds it up. Lookups are decided by equality of the
// values.
//
// The fields are immutable. A vec and those curried from it share series.
type MetricVec struct {
	desc   *Desc
	names  []string  // of all labels
	curry  []curried // by index
	series series

	constrains bool // some label has a constraint

	// direct is series where the values of a lookup are those of the series: neither
	// curried nor constrained.
	direct series
}

// curried is a label whose value a curried vec has fixed.
type curried struct {
	index int // among the variable labels
	value string
}

// series are the metrics of a vec: the engine's (engineSeries), or what a user's function
// makes (children). Values are those of all labels, in their order, constraints
// applied.
type series interface {
	// metric finds a metric, or makes it. It keeps values.
	metric(values []string) Metric
	remove(values []string) bool
	// removeMatching removes the metrics with these values, of which those that are nil
	// may be any, and returns how many there were.
	removeMatching(values []*string) int
	reset()
	each(f func(Metric))
	source() *engine.Registry
}

// NewMetricVec makes a vec of metrics that newMetric makes. It is called with the values of
// all labels, at most once for each metric that is there, and under a lock: it must not use the vec.
func NewMetricVec(desc *Desc, newMetric func(lvs ...string) Metric) *MetricVec {
	return newVec(desc, newChildren(newMetric))
}

func newVec(desc *Desc, s series) *MetricVec {
	v := &MetricVec{desc: desc, names: desc.variableLabels.names, series: s, constrains: len(desc.variableLabels.constraints) > 0}
	if !v.constrains {
		v.direct = s
	}
	return v
}

// Describe sends the vec's one descriptor.
func (v *MetricVec) Describe(ch chan<- *Desc) { ch <- v.desc }

// Collect sends all metrics. No lock is held.
func (v *MetricVec) Collect(ch chan<- Metric) { v.series.each(func(m Metric) { ch <- m }) }

func (v *MetricVec) each(f func(Metric))      { v.series.each(f) }
func (v *MetricVec) source() *engine.Registry { return v.series.source() }
func (v *MetricVec) family() *Desc            { return v.desc }

// Reset removes all metrics, also those that a curried vec cannot reach. What is recorded in
// handles that were kept is exposed no more.
func (v *MetricVec) Reset() { v.series.reset() }

// DeleteLabelValues removes the metric with these values, in the order of the labels, and
// says whether there was one. A wrong number of values is no error; there is none
// then. See [MetricVec.GetMetricWithLabelValues] for what the order of values is prone to.
func (v *MetricVec) DeleteLabelValues(lvs ...string) bool {
	values, err := v.values(lvs)
	return err == nil && v.series.remove(values)
}

// Delete removes the metric with these labels, and says whether there was one. Wrong labels
// are no error; there is none then.
func (v *MetricVec) Delete(labels Labels) bool {
	values, err := v.labelled(labels)
	return err == nil && v.series.remove(values)
}

// DeletePartialMatch removes all metrics that have these labels, whatever the values of
// the others are, and returns how many that were. Labels that the vec is curried with match
// none: for those ask the vec that it was curried from.
func (v *MetricVec) DeletePartialMatch(labels Labels) int {
	wanted := make([]*string, len(v.names))
	for name, value := range labels {
		i := slices.Index(v.names, name)
		if i < 0 || v.isCurried(i) {
			return 0
		}
		wanted[i] = new(v.constrained(name, value))
	}
	return v.series.removeMatching(wanted)
}

func (v *MetricVec) isCurried(i int) bool {
	for _, c := range v.curry {
		if c.index == i {
			return true
		}
	}
	return false
}

// constrained returns the value that a label gets for a given one.
func (v *MetricVec) constrained(name, value string) string {
	if !v.constrains {
		return value
	}
	return v.desc.variableLabels.constrain(name, value)
}

// CurryWith returns a vec for which these labels are set: its lookups are without them, and those
// that are left keep their order. The metrics are the same ones: register only one of the two,
// mostly that which is not curried. A curried vec can be curried again, with other labels.
func (v *MetricVec) CurryWith(labels Labels) (*MetricVec, error) {
	curry, old := make([]curried, 0, len(v.curry)+len(labels)), v.curry
	for i, name := range v.names {
		value, given := labels[name]
		switch {
		case len(old) > 0 && old[0].index == i && given:
			return nil, errCurried(name)
		case len(old) > 0 && old[0].index == i:
			curry, old = append(curry, old[0]), old[1:]
		case given:
			curry = append(curry, curried{i, v.constrained(name, value)})
		}
	}
	if unknown := len(v.curry) + len(labels) - len(curry); unknown > 0 {
		return nil, fmt.Errorf("%d unknown label(s) found during currying", unknown)
	}
	c := *v
	if c.curry = curry; len(curry) > 0 {
		c.direct = nil
	}
	return &c, nil
}

func errCurried(name string) error { return fmt.Errorf("label name %q is already curried", name) }
