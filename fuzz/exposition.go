package fuzz

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/pawl-metrics/pawl/encode"
)

// Family is one family as it is exposed. A list of them, in order, is what the
// model predicts and what every reader reports.
type Family struct {
	Name, Help, Type string
	Samples          []Sample
}

// Sample is one line.
type Sample struct {
	Name   string
	Labels []Label // in the order of their names
	Value  float64
	// Digits is how an integer is written, which says more than Value from 2^53
	// up. Empty when that is not predicted, or not known to the reader.
	Digits string
}

// Label is a pair.
type Label struct{ Name, Value string }

// label returns the value of one label, or "".
func (s *Sample) label(name string) string {
	for _, l := range s.Labels {
		if l.Name == name {
			return l.Value
		}
	}
	return ""
}

// Scrape returns what the registry must expose now. Callbacks are asked, and what
// they do is counted, so that each call is for one scrape.
func (m *Model) Scrape() []Family {
	var list []Family
	for _, name := range slices.Sorted(maps.Keys(m.families)) {
		f := m.families[name]
		e := Family{Name: escapeName(name, encode.Underscores), Help: f.Help, Type: f.Kind.typeWord()}
		if samples, ok := m.samples(f); ok {
			e.Samples = samples
			list = append(list, e)
		}
	}
	return list
}

// samples returns a family's samples; ok is false when it is not exposed at all,
// because it has no series or because a callback panicked.
func (m *Model) samples(f *family) (samples []Sample, ok bool) {
	all := f.ordered()
	for _, s := range all {
		if s.callback != nil && s.callback.Panic {
			m.With(m.panics, f.Name).whole++
			return nil, false
		}
	}
	for _, s := range all {
		samples = append(samples, s.samples()...)
	}
	return samples, len(all) > 0
}

// ordered returns the series in the order of their label values.
func (f *family) ordered() []*series {
	return slices.SortedFunc(maps.Values(f.series), func(a, b *series) int {
		return slices.CompareFunc(a.pairs(), b.pairs(), func(x, y Label) int { return cmp.Compare(x.Value, y.Value) })
	})
}

// pairs returns the labels in the order of their names.
func (s *series) pairs() []Label {
	var list []Label
	for _, n := range slices.Sorted(maps.Keys(s.labels)) {
		list = append(list, Label{n, s.labels[n]})
	}
	return list
}

// spelled returns the family's name as text format 0.0.4 has it by default.
func (s *series) spelled() string { return escapeName(s.fam.Name, encode.Underscores) }

// spelledPairs is pairs for that format.
func (s *series) spelledPairs() []Label {
	list := s.pairs()
	for i := range list {
		list[i].Name = escapeLabel(list[i].Name, encode.Underscores)
	}
	return byName(list)
}

func (s *series) samples() []Sample {
	one := Sample{Name: s.spelled(), Labels: s.spelledPairs()}
	switch s.fam.Kind {
	case Counter:
		one.Value = s.count()
		if !s.split {
			one.Digits = strconv.FormatUint(s.whole, 10)
		}
	case Gauge:
		one.Value = s.value
	case UpDown:
		one.Value, one.Digits = float64(s.net), strconv.FormatInt(s.net, 10)
	case Histogram:
		return s.steps()
	case CounterFunc:
		if why, ok := countable(s.callback.Value); !ok {
			s.model.Drop(why)
			return nil
		}
		one.Value = s.callback.Value + 0 // -0 is 0 to a counter
	case GaugeFunc:
		one.Value = s.callback.Value
	}
	return []Sample{one}
}

// steps returns a histogram's samples: cumulated buckets, sum, count.
func (s *series) steps() []Sample {
	var list []Sample
	count := uint64(0)
	bounds := s.fam.bounds()
	for i, n := range s.histogram() {
		count += n
		le := Label{"le", strconv.FormatFloat(bounds[i], 'g', -1, 64)}
		list = append(list, integer(s.spelled()+"_bucket", sortedWith(s.spelledPairs(), le), count))
	}
	sum := Sample{Name: s.spelled() + "_sum", Labels: s.spelledPairs(), Value: s.sum}
	return append(list, sum, integer(s.spelled()+"_count", s.spelledPairs(), count))
}

// bounds returns the family's bounds with the last one, and 0 for -0.
func (f *family) bounds() []float64 {
	list := append(slices.Clone(f.finite()), math.Inf(1))
	for i := range list {
		list[i] += 0
	}
	return list
}

func integer(name string, labels []Label, n uint64) Sample {
	return Sample{Name: name, Labels: labels, Value: float64(n), Digits: strconv.FormatUint(n, 10)}
}

// sortedWith adds a label to a list that is in the order of names.
func sortedWith(list []Label, l Label) []Label {
	return byName(append(list, l))
}

func byName(list []Label) []Label {
	slices.SortStableFunc(list, func(a, b Label) int { return cmp.Compare(a.Name, b.Name) })
	return list
}
