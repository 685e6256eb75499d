package encode

import (
	"iter"
	"math"
	"strings"
)

// Point is one sample as text format 0.0.4 has it: a name, labels, one number. A
// histogram is many of them. Bridges to systems that know nothing but numbers send
// points.
//
// Names are not escaped. The suffix stands apart, because escaping leaves it alone: see
// [AppendName].
type Point struct {
	Name   string // the family's
	Suffix string // "", "_bucket", "_sum", "_count", or "_info" where an info family's name lacks it
	// Sample is what the point is of: its labels, timestamp and start.
	Sample *Sample
	// Own is the label that the type adds: le, quantile, or the stateset's name. Where
	// there is none its name is blank.
	Own      Label
	Value    float64
	Exemplar *Exemplar // a counter's newest, or a classic bucket's
}

// Points yields the family's samples as text format 0.0.4 has them, in its order. A
// native histogram is what it is there: its classic buckets, of which there is always
// +Inf. Samples without the value of their type, buckets out of order and labels that
// cannot stand on one series are left out, as [AppendFamily] leaves them out; labels
// are looked at as the scheme spells them. append writes bounds and quantiles:
// [AppendBound] as that format does, [AppendCanonicalBound] as Prometheus 3 stores them.
//
// Points are valid for as long as the family is. What they allocate is one text for
// each bound of the family, not one for each series.
func (f *Family) Points(scheme Scheme, bound func(dst []byte, v float64) []byte) iter.Seq[Point] {
	return func(yield func(Point) bool) {
		names, ok := spell(Format{Text004, AllowUTF8}, f)
		if !ok {
			return
		}
		p := pointer{typ: names.typ, name: f.Name, write: bound, yield: yield}
		w := writer{f: Format{Text004, scheme.known()}, fam: f}
		for i := range f.Samples {
			if s := &f.Samples[i]; w.labelsFit(s) && !p.sample(s) {
				return
			}
		}
	}
}

// pointer points out the samples of one family. Its methods return false when the
// receiver has had enough.
type pointer struct {
	typ   Type
	name  string
	write func(dst []byte, v float64) []byte
	yield func(Point) bool
	texts []bound // those seen so far: the series of a family mostly have the same bounds
}

type bound struct {
	v    float64
	text string
}

func (p *pointer) sample(s *Sample) bool {
	switch {
	case p.typ == Histogram || p.typ == GaugeHistogram:
		return s.Histogram == nil || p.histogram(s)
	case p.typ == Summary:
		return s.Summary == nil || p.summary(s)
	case p.typ == StateSet:
		return p.states(s)
	}
	point := Point{Name: p.name, Sample: s, Value: s.Value}
	if p.typ == Info {
		point.Value = 1
		if !strings.HasSuffix(p.name, "_info") {
			point.Suffix = "_info"
		}
	}
	if n := len(s.Exemplars); n > 0 && p.typ == Counter {
		point.Exemplar = &s.Exemplars[n-1]
	}
	return p.yield(point)
}

func (p *pointer) histogram(s *Sample) bool {
	n := 0
	for r := s.Histogram.buckets(); r.next(); n++ {
		if r.ended {
			r.Exemplar = s.Histogram.infExemplar()
		}
		own := Label{"le", p.text(n, r.UpperBound)}
		if !p.yield(Point{p.name, "_bucket", s, own, float64(r.Count), r.Exemplar}) {
			return false
		}
	}
	count, sum := s.Histogram.total()
	return p.total(s, count, sum)
}

func (p *pointer) summary(s *Sample) bool {
	n := 0
	for r := s.Summary.quantiles(false); r.next(); n++ {
		own := Label{"quantile", p.text(n, r.Quantile.Quantile)}
		if !p.yield(Point{p.name, "", s, own, r.Value, nil}) {
			return false
		}
	}
	return p.total(s, s.Summary.Count, s.Summary.Sum)
}

func (p *pointer) total(s *Sample, count uint64, sum float64) bool {
	return p.yield(Point{Name: p.name, Suffix: "_sum", Sample: s, Value: sum}) &&
		p.yield(Point{Name: p.name, Suffix: "_count", Sample: s, Value: float64(count)})
}

func (p *pointer) states(s *Sample) bool {
	for i := range s.States {
		state := &s.States[i]
		if stateBefore(s.States[:i], state.Name) {
			continue
		}
		if !p.yield(Point{Name: p.name, Sample: s, Own: Label{p.name, state.Name}, Value: state.value()}) {
			return false
		}
	}
	return true
}

// text returns the n-th bound as le and quantile have it.
func (p *pointer) text(n int, v float64) string {
	if n < len(p.texts) && math.Float64bits(p.texts[n].v) == math.Float64bits(v) {
		return p.texts[n].text
	}
	fresh := bound{v, string(p.write(nil, v))}
	if n < len(p.texts) {
		p.texts[n] = fresh
	} else {
		p.texts = append(p.texts, fresh)
	}
	return fresh.text
}
