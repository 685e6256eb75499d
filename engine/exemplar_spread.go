package engine

import (
	"math"
	"slices"
	"sync/atomic"
	"time"
)

// spread keeps a few exemplars of a native histogram that lie far from one another,
// so that there is one near whatever quantile is looked at.
//
// Model. An immutable list behind a pointer, which a writer replaces with one
// compare-and-swap. A writer that loses leaves its exemplar out: another came at
// the same moment, and exemplars are samples. Nobody waits.
type spread struct {
	list atomic.Pointer[[]*Exemplar] // by value
	most int
	ttl  time.Duration
}

// add takes e in. When the list is full, the oldest goes if it has outlived ttl;
// else the older one of the two that lie closest to each other on a logarithmic
// scale, or, when e would lie closer than that to one of its neighbours, this one.
// That is client_golang's rule, ties included, but for values that are not positive,
// which have no place on its scale.
func (s *spread) add(e *Exemplar) {
	old := s.list.Load()
	var list []*Exemplar
	if old != nil {
		list = slices.Clone(*old)
	}
	at := 0
	if len(list) < s.most {
		at = place(list, func(x *Exemplar) bool { return x.Value > e.Value }) // behind its equals
	} else {
		at = place(list, func(x *Exemplar) bool { return x.Value >= e.Value })
		gone := s.leaver(list, at, e)
		list = slices.Delete(list, gone, gone+1)
		if gone < at {
			at--
		}
	}
	list = slices.Insert(list, at, e)
	s.list.CompareAndSwap(old, &list)
}

// place returns the index of the first exemplar that is behind, or their number.
func place(list []*Exemplar, behind func(*Exemplar) bool) int {
	if i := slices.IndexFunc(list, behind); i >= 0 {
		return i
	}
	return len(list)
}

// leaver returns the index of the exemplar that has to go for e, which is to be
// inserted at index at.
func (s *spread) leaver(list []*Exemplar, at int, e *Exemplar) int {
	oldest := 0
	for i := range list {
		if older(list[i], list[oldest]) {
			oldest = i
		}
	}
	if len(list) == 1 || age(list[oldest], e) > s.ttl {
		return oldest
	}
	gone, least := 0, math.Inf(1)
	for i := range len(list) - 1 {
		if d := apart(list[i], list[i+1]); d < least {
			gone, least = i, d
			if older(list[i+1], list[i]) {
				gone = i + 1
			}
		}
	}
	if at > 0 {
		if d := apart(list[at-1], e); d < least {
			gone, least = at-1, d
		}
	}
	if at < len(list) && apart(e, list[at]) < least {
		gone = at
	}
	return gone
}

// apart returns how far two exemplars lie from each other. Both positive, that is
// computed as client_golang does, to the last bit: values at equal ratios are frequent, and
// which of two such distances is the smaller one decides.
func apart(a, b *Exemplar) float64 {
	if a.Value > 0 && b.Value > 0 {
		return math.Abs(math.Log(b.Value) - math.Log(a.Value))
	}
	return math.Abs(logScale(b.Value) - logScale(a.Value))
}

func older(a, b *Exemplar) bool { return a.Timestamp.Compare(b.Timestamp) < 0 }

// age returns how much older a is than b.
func age(a, b *Exemplar) time.Duration {
	as, an := a.Timestamp.Unix()
	bs, bn := b.Timestamp.Unix()
	return time.Duration(bs-as)*time.Second + time.Duration(bn-an)
}

// logScale is the logarithm of v plus a constant, or near enough to it: it goes on
// through 0 to the negative values.
func logScale(v float64) float64 {
	const middle = 1 << 32
	return math.Asinh(max(-math.MaxFloat64/middle, min(v, math.MaxFloat64/middle)) * middle)
}

// all returns the list.
func (s *spread) all() []*Exemplar {
	if list := s.list.Load(); list != nil {
		return *list
	}
	return nil
}
