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
// scale, e being one of the candidates. That is client_golang's rule, but for
// values that are not positive, which have no place on its scale.
func (s *spread) add(e *Exemplar) {
	old := s.list.Load()
	var list []*Exemplar
	if old != nil {
		list = slices.Clone(*old)
	}
	at, _ := slices.BinarySearchFunc(list, e, func(a, b *Exemplar) int {
		if a.Value < b.Value {
			return -1
		}
		return 1 // behind its equals
	})
	list = slices.Insert(list, at, e)
	if len(list) > s.most {
		i := s.leaver(list, e)
		list = slices.Delete(list, i, i+1)
	}
	s.list.CompareAndSwap(old, &list)
}

// leaver returns the place of the exemplar that has to go for e.
func (s *spread) leaver(list []*Exemplar, e *Exemplar) int {
	oldest := 0
	for i := range list {
		if older(list[i], list[oldest]) {
			oldest = i
		}
	}
	if age(list[oldest], e) > s.ttl {
		return oldest
	}
	closest, least := 0, math.Inf(1)
	for i := range len(list) - 1 {
		if d := logScale(list[i+1].Value) - logScale(list[i].Value); d < least {
			closest, least = i, d
		}
	}
	if older(list[closest+1], list[closest]) {
		closest++
	}
	return closest
}

func older(a, b *Exemplar) bool { return a.Timestamp.Compare(b.Timestamp) < 0 }

// age returns how much older a is than b.
func age(a, b *Exemplar) time.Duration {
	as, an := a.Timestamp.Unix()
	bs, bn := b.Timestamp.Unix()
	return time.Duration(bs-as)*time.Second + time.Duration(bn-an)
}

// logScale is the logarithm of v, or of what is near enough to it: it goes on
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
