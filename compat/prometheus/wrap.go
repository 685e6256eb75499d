package prometheus

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	dto "github.com/prometheus/client_model/go"
)

// WrapRegistererWith returns a registerer that adds labels to all metrics of what is
// registered with it, and registers it with reg:
//
//	reg = prometheus.WrapRegistererWith(prometheus.Labels{"db": "orders"}, reg)
//
// A metric that has such a label already is an error in Register. A nil reg is one that does
// nothing. The collectors that an [AlreadyRegisteredError] has are without wrapping.
func WrapRegistererWith(labels Labels, reg Registerer) Registerer {
	return &wrappingRegisterer{reg, "", maps.Clone(labels)}
}

// WrapRegistererWithPrefix is [WrapRegistererWith] with a prefix for the names of metrics instead. It
// is for collectors of others that lack one; what is one's own has a Namespace.
func WrapRegistererWithPrefix(prefix string, reg Registerer) Registerer {
	return &wrappingRegisterer{reg, prefix, nil}
}

// WrapCollectorWith returns a collector of c's metrics with labels added.
func WrapCollectorWith(labels Labels, c Collector) Collector {
	return newWrapping(c, "", maps.Clone(labels))
}

// WrapCollectorWithPrefix returns a collector of c's metrics with a prefix to their names.
func WrapCollectorWithPrefix(prefix string, c Collector) Collector {
	return newWrapping(c, prefix, nil)
}

// wrappingRegisterer wraps what it registers. Immutable.
type wrappingRegisterer struct {
	to     Registerer // nil: nowhere
	prefix string
	labels Labels
}

// Register implements Registerer.
func (r *wrappingRegisterer) Register(c Collector) error {
	if r.to == nil {
		return nil
	}
	return r.to.Register(newWrapping(c, r.prefix, r.labels))
}

// MustRegister implements Registerer.
func (r *wrappingRegisterer) MustRegister(cs ...Collector) { mustRegister(r, cs) }

// Unregister implements Registerer.
func (r *wrappingRegisterer) Unregister(c Collector) bool {
	return r.to != nil && r.to.Unregister(newWrapping(c, r.prefix, r.labels))
}

// wrappingCollector adds to another collector's metrics.
//
// Model. Immutable but for last, of which any state is right.
type wrappingCollector struct {
	wrapped Collector
	prefix  string
	labels  Labels
	pairs   []*dto.LabelPair // labels, as they go out

	last atomic.Pointer[wrappedDesc] // most collectors have one descriptor for many metrics
}

// wrappedDesc is a descriptor, and what is made of it. Immutable.
type wrappedDesc struct{ from, to *Desc }

func newWrapping(c Collector, prefix string, labels Labels) *wrappingCollector {
	return &wrappingCollector{wrapped: c, prefix: prefix, labels: labels,
		pairs: constPairs(slices.Sorted(maps.Keys(labels)), labels)}
}

// innermost returns a collector without its wrapping.
func innermost(c Collector) Collector {
	for {
		w, ok := c.(*wrappingCollector)
		if !ok {
			return c
		}
		c = w.wrapped
	}
}

// Describe implements Collector.
func (w *wrappingCollector) Describe(ch chan<- *Desc) {
	stream(w.wrapped.Describe, func(d *Desc) { ch <- w.desc(d) })
}

// Collect implements Collector.
func (w *wrappingCollector) Collect(ch chan<- Metric) {
	send := func(m Metric) { ch <- w.metric(m) }
	if each := walkOf(w.wrapped); each != nil {
		each(send)
	} else {
		stream(w.wrapped.Collect, send)
	}
}

// walk is Collect without a channel, where the collector within can do without.
func (w *wrappingCollector) walk() func(f func(Metric)) {
	each := walkOf(w.wrapped)
	if each == nil {
		return nil
	}
	return func(f func(Metric)) { each(func(m Metric) { f(w.metric(m)) }) }
}

// desc returns the descriptor with what is added.
func (w *wrappingCollector) desc(d *Desc) *Desc {
	if l := w.last.Load(); l != nil && l.from == d {
		return l.to
	}
	l := &wrappedDesc{d, wrapDesc(d, w.prefix, w.labels)}
	w.last.Store(l)
	return l.to
}

func wrapDesc(d *Desc, prefix string, labels Labels) *Desc {
	all := make(Labels, len(d.constLabels)+len(labels))
	for _, p := range d.constLabels {
		all[p.GetName()] = p.GetValue()
	}
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if _, taken := all[name]; taken {
			return &Desc{fqName: d.fqName, help: d.help, unit: d.unit, constLabels: d.constLabels, variableLabels: d.variableLabels,
				err: fmt.Errorf("attempted wrapping with already existing label name %q", name)}
		}
		all[name] = labels[name]
	}
	wrapped := newDesc(prefix+d.fqName, d.help, d.unit, d.variableLabels, all)
	if d.err != nil {
		wrapped.err = d.err
	}
	return wrapped
}

func (w *wrappingCollector) metric(m Metric) Metric {
	return &wrappedMetric{m, w.desc(m.Desc()), w.pairs}
}

// wrappedMetric is a metric with another descriptor and more labels. Immutable.
type wrappedMetric struct {
	Metric
	desc  *Desc
	added []*dto.LabelPair
}

// Desc implements Metric.
func (m *wrappedMetric) Desc() *Desc { return m.desc }

// Write implements Metric. The labels that there are may be shared, so all go into a new
// list.
func (m *wrappedMetric) Write(out *dto.Metric) error {
	if err := m.Metric.Write(out); err != nil || len(m.added) == 0 {
		return err
	}
	out.Label = slices.Concat(out.Label, m.added)
	sortPairs(out.Label)
	return nil
}
