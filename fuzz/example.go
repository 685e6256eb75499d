package fuzz

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/shard"
)

// example is an exemplar that a program gave. Its time is within the run.
type example struct {
	labels []Label
	value  float64
	when   int // how many the run had given before
}

// exemplar draws labels for an exemplar: mostly such as can be carried.
func (w *World) exemplar(v float64) example {
	x := example{value: v, when: w.given}
	w.given++
	for range w.src.Pick(4) {
		x.labels = append(x.labels, Label{w.src.LabelName(), w.src.Text()})
	}
	if !x.valid() {
		w.Model.exemplars.whole++
	}
	return x
}

// valid says whether formats can carry it.
func (x *example) valid() bool {
	runes := 0
	for i, l := range x.labels {
		same := func(m Label) bool { return m.Name == l.Name }
		if !goodName(l.Name) || !utf8.ValidString(l.Value) || slices.ContainsFunc(x.labels[:i], same) {
			return false
		}
		runes += utf8.RuneCountInString(l.Name + l.Value)
	}
	return runes <= 128
}

// shown returns the labels as arguments in Go.
func (x *example) shown() string {
	var s strings.Builder
	for _, l := range x.labels {
		s.WriteString(", engine.Label{Name: " + goString(l.Name) + ", Value: " + goString(l.Value) + "}")
	}
	return s.String()
}

// lendLabels is lend for labels.
func lendLabels(list []Label) (lent []engine.Label, spoil func()) {
	var all []string
	for _, l := range list {
		all = append(all, l.Name, l.Value)
	}
	all, spoil = lend(all)
	for i := range list {
		lent = append(lent, engine.Label{Name: all[2*i], Value: all[2*i+1]})
	}
	return lent, spoil
}

// many is more observations than a native histogram takes before it gets cells.
const many = 300

func (w *World) observeWithExemplar(h *handle, inst *engine.Histogram, v float64) {
	x := w.exemplar(v)
	w.log.line("%s.ObserveWithExemplar(%s%s)", h.name, number(v), x.shown())
	lent, spoil := lendLabels(x.labels)
	inst.ObserveWithExemplar(v, lent...)
	spoil()
	switch {
	case w.refuses(h):
	case v != v:
		w.Model.Drop(NotANumber)
	default:
		h.series.observe(v)
		h.series.keep(bucketOf(h.series.fam.finite(), v), x)
		h.series.disperse(x)
	}
}

// keep keeps a counter's latest exemplar, or that of a classic bucket.
func (s *series) keep(bucket int, x example) {
	if !x.valid() {
		return
	}
	if s.exemplars == nil {
		s.exemplars, s.slabs = make(map[int]example), make(map[int]int)
	}
	s.exemplars[bucket] = x
	s.file(bucket, x)
}

// file takes a slab for x, unless that of the exemplar before it is large enough. When
// the store has none, scrapes show x all the same: all that can be seen of it is that
// nothing is left for others.
func (s *series) file(bucket int, x example) {
	words := 16
	for words < x.words() {
		words *= 2
	}
	if !s.dropped && s.slabs[bucket] < words && s.model.alloc(s.fam) {
		s.slabs[bucket] = words
	}
}

// words returns how many a store that persists needs for x: what sections have before
// their data; value, time and length of the labels; and those, each string behind its
// length, which is two bytes from 128 on.
func (x *example) words() int {
	size := 0
	for _, l := range x.labels {
		for _, t := range []string{l.Name, l.Value} {
			size += 1 + len(t)
			if len(t) >= 128 {
				size++
			}
		}
	}
	return shard.SectionWords + 3 + (size+7)/8
}

// disperse keeps x among a native histogram's exemplars. When there are too many, the
// older one of the two that lie closest goes; or, when x would lie closer than that to a
// neighbour, this one.
func (s *series) disperse(x example) {
	most := s.fam.Native.MaxExemplars
	if most == 0 {
		most = 10
	}
	if !x.valid() || !s.fam.native() || most < 0 || math.IsInf(x.value, 0) {
		return
	}
	if len(s.spread) == most {
		i := s.leaver(x)
		s.spread = slices.Delete(s.spread, i, i+1)
		s.spread = append([]example{x}, s.spread...) // before its equals
	} else {
		s.spread = append(s.spread, x) // behind them
	}
	slices.SortStableFunc(s.spread, func(a, b example) int {
		switch {
		case a.value < b.value:
			return -1
		case a.value > b.value:
			return 1
		}
		return 0
	})
}

// leaver returns which of the exemplars has to go for x.
func (s *series) leaver(x example) int {
	type pair struct {
		gone int
		far  float64
	}
	var pairs []pair // in the order in which client_golang looks at them
	for i := range len(s.spread) - 1 {
		gone := i
		if s.spread[i+1].when < s.spread[i].when {
			gone++
		}
		pairs = append(pairs, pair{gone, far(s.spread[i].value, s.spread[i+1].value)})
	}
	for i := len(s.spread) - 1; i >= 0; i-- {
		if s.spread[i].value < x.value {
			pairs = append(pairs, pair{i, far(s.spread[i].value, x.value)})
			break
		}
	}
	for i := range s.spread {
		if s.spread[i].value >= x.value {
			pairs = append(pairs, pair{i, far(x.value, s.spread[i].value)})
			break
		}
	}
	return slices.MinFunc(pairs, func(a, b pair) int { return cmp.Compare(a.far, b.far) }).gone
}

// far is the distance of two values on a logarithmic scale, which near 0 goes through it to
// the negative values.
func far(a, b float64) float64 {
	if a > 0 && b > 0 {
		return math.Abs(math.Log(b) - math.Log(a))
	}
	return math.Abs(scale(b) - scale(a))
}

func scale(v float64) float64 {
	const one = 1 << 32
	return math.Asinh(max(-math.MaxFloat64/one, min(v, math.MaxFloat64/one)) * one)
}
