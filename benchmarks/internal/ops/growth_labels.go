package ops

import (
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/engine"
)

// growthLabels: the size is the number of labels.
var growthLabels = Op{
	Name: "growth_labels", Title: "Lookup and Inc by number of labels",
	About: "From strings to an increment of an existing series among a thousand, on one goroutine, by number of labels. " +
		"pawl here is looked up by a struct; StringVec, for label names that are only known at run time, is pawl-strings.",
	Quick:  []int{1, 3, 8},
	Full:   []int{1, 2, 3, 5, 8},
	Growth: true,
	Peers: []Peer{
		{Impl: Pawl, Make: labelsPawl},
		{Impl: PawlStrings, Make: labelsPawlStrings},
		{Impl: Prom, Make: labelsProm},
		{Impl: PawlCompat, Make: labelsCompat},
		{Impl: Victoria, Make: labelsVictoria},
		{Impl: Otel, Make: labelsOtel},
	},
}

const labelled = 1000 // series in each table

// labelNames returns k label names.
func labelNames(k int) []string {
	list := make([]string, k)
	for i := range list {
		list[i] = fmt.Sprintf("label_%c", 'a'+i)
	}
	return list
}

// labelValues returns new strings for the k labels of series i.
func labelValues(k, i int) []string {
	list := make([]string, k)
	for at := range list {
		list[at] = fmt.Sprintf("value-%c-%04d", 'a'+at, i)
	}
	return list
}

func valuesFor(k int) func(int) [][]string {
	return func(worker int) [][]string {
		list := make([][]string, fresh)
		for i := range list {
			list[i] = labelValues(k, (i*7+worker)%labelled)
		}
		return list
	}
}

// The label structs, by number of labels.
type (
	labels1 struct{ LabelA string }
	labels2 struct{ LabelA, LabelB string }
	labels3 struct{ LabelA, LabelB, LabelC string }
	labels5 struct{ LabelA, LabelB, LabelC, LabelD, LabelE string }
	labels8 struct{ LabelA, LabelB, LabelC, LabelD, LabelE, LabelF, LabelG, LabelH string }
)

func labelsPawl(k int) measure.Subject {
	switch k {
	case 1:
		return labelsPawlAs(k, func(v []string) labels1 { return labels1{v[0]} })
	case 2:
		return labelsPawlAs(k, func(v []string) labels2 { return labels2{v[0], v[1]} })
	case 3:
		return labelsPawlAs(k, func(v []string) labels3 { return labels3{v[0], v[1], v[2]} })
	case 5:
		return labelsPawlAs(k, func(v []string) labels5 { return labels5{v[0], v[1], v[2], v[3], v[4]} })
	case 8:
		return labelsPawlAs(k, func(v []string) labels8 {
			return labels8{v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]}
		})
	}
	panic(fmt.Sprintf("benchmarks: no struct of %d labels", k))
}

func labelsPawlAs[L comparable](k int, labels func([]string) L) measure.Subject {
	p := newPawl()
	vec := engine.MustCounterVec[L](p.reg, pawlOpts)
	for i := range labelled {
		vec.With(labels(labelValues(k, i)))
	}
	own := func(worker int) []L {
		list := make([]L, fresh)
		for i, v := range valuesFor(k)(worker) {
			list[i] = labels(v)
		}
		return list
	}
	return loopOver(1, totalOf(p, name), own, func(list []L, iters int) {
		for i := range iters {
			vec.With(list[i%fresh]).Inc()
		}
	})
}

func labelsPawlStrings(k int) measure.Subject {
	p := newPawl()
	vec := engine.MustStringCounterVec(p.reg, pawlOpts, labelNames(k)...)
	for i := range labelled {
		vec.With(labelValues(k, i)...)
	}
	return loopOver(1, totalOf(p, name), valuesFor(k), func(list [][]string, iters int) {
		for i := range iters {
			vec.With(list[i%fresh]...).Inc()
		}
	})
}

func labelsProm(k int) measure.Subject {
	p := newProm()
	vec := p.counters(labelNames(k)...)
	for i := range labelled {
		vec.WithLabelValues(labelValues(k, i)...)
	}
	return loopOver(1, totalOf(p, name), valuesFor(k), func(list [][]string, iters int) {
		for i := range iters {
			vec.WithLabelValues(list[i%fresh]...).Inc()
		}
	})
}

func labelsVictoria(k int) measure.Subject {
	v := newVictoria()
	names := labelNames(k)
	for i := range labelled {
		v.set.GetOrCreateCounter(victoriaNameOf(names, labelValues(k, i)))
	}
	return loopOver(1, totalOf(v, name), valuesFor(k), func(list [][]string, iters int) {
		for i := range iters {
			v.set.GetOrCreateCounter(victoriaNameOf(names, list[i%fresh])).Inc()
		}
	})
}

func labelsOtel(k int) measure.Subject {
	o := newOtel()
	c := o.counter()
	names := labelNames(k)
	labels := func(values []string) metric.MeasurementOption {
		kvs := make([]attribute.KeyValue, 0, 8)
		for i, v := range values {
			kvs = append(kvs, attribute.String(names[i], v))
		}
		return metric.WithAttributeSet(attribute.NewSet(kvs...))
	}
	for i := range labelled {
		c.Add(background, 0, labels(labelValues(k, i)))
	}
	return loopOver(1, totalOf(o, name), valuesFor(k), func(list [][]string, iters int) {
		for i := range iters {
			c.Add(background, 1, labels(list[i%fresh]))
		}
	})
}

// victoriaNameOf is victoriaName for any number of labels.
func victoriaNameOf(names, values []string) string {
	var b strings.Builder
	b.Grow(32 * (1 + len(names)))
	b.WriteString(name)
	separator := byte('{')
	for i, n := range names {
		b.WriteByte(separator)
		b.WriteString(n)
		b.WriteString(`="`)
		b.WriteString(values[i])
		b.WriteByte('"')
		separator = ','
	}
	b.WriteByte('}')
	return b.String()
}
