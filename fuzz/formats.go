package fuzz

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

// The moment that the model gives for each within the run.
const (
	momentSeconds = 1_764_000_000
	momentMillis  = momentSeconds * 1000
)

var moment = encode.UnixTimestamp(momentSeconds, 0)

// span is when a program ran, in milliseconds.
type span struct{ from, to int64 }

// moment puts one moment for each that is within the span.
func (s span) moment(ms int64) int64 {
	if ms >= s.from-1 && ms <= s.to+1 {
		return momentMillis
	}
	return ms
}

// created does so for a value in seconds, as bits.
func (s span) created(list []Point) {
	for i := range list {
		for ms := s.from - 1; strings.HasSuffix(list[i].Name, "_created") && ms <= s.to+1; ms++ {
			if v := list[i].Value; v >= bitsOf(float64(ms)/1000) && v <= bitsOf(float64(ms+1)/1000) {
				list[i].Value = bitsOf(momentSeconds)
			}
		}
	}
}

// Families returns what the registry holds, as data that encode's expectation knows
// of. Callbacks are not asked for the second time that a scrape would.
func (m *Model) Families(f encode.Format) (list []encode.Family, err error) {
	for _, name := range slices.Sorted(maps.Keys(m.families)) {
		fam := m.families[name]
		e := encode.Family{Name: name, Help: fam.Help, Unit: fam.Unit,
			Type: map[string]encode.Type{"counter": encode.Counter, "gauge": encode.Gauge, "histogram": encode.Histogram}[fam.Kind.typeWord()]}
		for _, s := range fam.ordered() {
			sample, err := s.sample(f)
			if err != nil {
				return nil, fmt.Errorf("family %q: %w", name, err)
			}
			e.Samples = append(e.Samples, sample)
		}
		list = append(list, e)
	}
	return list, nil
}

func (s *series) sample(f encode.Format) (out encode.Sample, err error) {
	for _, l := range s.pairs() {
		out.Labels = append(out.Labels, encode.Label(l))
	}
	switch s.fam.Kind {
	case Histogram:
		out.Start = moment
		out.Histogram, err = s.histogramValue(f)
	case Counter:
		out.Start, out.Value = moment, s.count()
		if x, ok := s.exemplars[0]; ok {
			out.Exemplars = []encode.Exemplar{x.exposed()}
		}
	case CounterFunc, GaugeFunc:
		out.Value = s.callback.Value
	default:
		out.Value = s.samples()[0].Value
	}
	return out, err
}

// exposed returns the exemplar with a time of the run.
func (x example) exposed() encode.Exemplar {
	e := encode.Exemplar{Value: x.value, Timestamp: moment}
	for _, l := range x.labels {
		e.Labels = append(e.Labels, encode.Label(l))
	}
	return e
}

func (s *series) histogramValue(f encode.Format) (*encode.HistogramValue, error) {
	h := &encode.HistogramValue{Sum: s.sum}
	bounds := s.fam.bounds()
	for i, n := range s.histogram() {
		h.Count += n
		b := encode.Bucket{UpperBound: bounds[i], Count: h.Count}
		if x, ok := s.exemplars[i]; ok {
			b.Exemplar = new(encode.Exemplar)
			*b.Exemplar = x.exposed()
		}
		h.Buckets = append(h.Buckets, b)
	}
	if !s.fam.native() {
		return h, nil
	}
	got := s.inst.(*engine.Histogram).Snapshot().Native
	if err := s.checkNative(got); err != nil {
		return nil, err
	}
	h.Native, h.Sum = s.nativeAt(got.Schema, got.ZeroThreshold, got.Sum), got.Sum
	for _, x := range s.spread {
		h.Exemplars = append(h.Exemplars, x.exposed())
	}
	if f.Syntax >= encode.OpenMetrics200 && s.fam.nativeAlone() {
		h.Buckets = nil // else the one for +Inf is all that there is to show
	}
	return h, nil
}

// agree compares what two formats say under one scheme: a format may know less of a
// histogram than text does, but nothing else. Created samples are OpenMetrics 1.0's
// own.
func agree(text, other Exposed) error {
	values := make(map[string]string)
	for _, p := range text.Points {
		values[p.Name+p.Labels] = p.Value
	}
	for _, p := range other.Points {
		if strings.HasPrefix(p.Value, "schema") || p.Value == bitsOf(momentSeconds) {
			continue
		}
		if v, ok := values[p.Name+p.Labels]; !ok || v != p.Value {
			return fmt.Errorf("%s%s is %s, in text %q", p.Name, p.Labels, p.Value, v)
		}
		delete(values, p.Name+p.Labels)
	}
	for name := range values {
		base, _, _ := strings.Cut(name, `"`)
		if !strings.HasSuffix(base, "_sum") && !strings.HasSuffix(base, "_count") && !strings.HasSuffix(base, "_bucket") {
			return fmt.Errorf("%s is missing, which text has", name)
		}
	}
	return nil
}

// longExemplar says whether some exemplar has a label name that takes more room
// than encode has on its stack.
func (m *Model) longExemplar() bool {
	const room = 64
	long := func(x example) bool {
		return slices.ContainsFunc(x.labels, func(l Label) bool { return len(escapeLabel(l.Name, encode.Values)) > room })
	}
	for _, f := range m.families {
		for _, s := range f.series {
			if slices.ContainsFunc(s.spread, long) || slices.ContainsFunc(slices.Collect(maps.Values(s.exemplars)), long) {
				return true
			}
		}
	}
	return false
}

// nudge records something more in every handle, and nothing that would take away a
// line of text.
func (w *World) nudge() {
	for _, h := range w.handles {
		switch inst := h.inst.(type) {
		case *engine.Counter:
			inst.AddFloat(1.5)
		case *engine.Gauge:
			inst.Set(math.Inf(-1))
		case *engine.UpDown:
			inst.Inc()
		case *engine.Histogram:
			inst.ObserveWithExemplar(3, engine.Label{Name: "a", Value: "b"})
		}
	}
}
