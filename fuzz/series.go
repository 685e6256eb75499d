package fuzz

import "math"

// series is one series of the model: the arithmetic of the instruments, by one
// goroutine and without tricks.
type series struct {
	model  *Model
	owner  *member
	fam    *family
	labels map[string]string

	dropped bool // by Delete or Reset: it takes no more cells of the store

	whole   uint64   // a counter's integer part
	part    float64  // and what fractions were added to it
	split   bool     // there were any
	value   float64  // a gauge's
	net     int64    // an UpDown's
	sum     float64  // a histogram's
	buckets []uint64 // not cumulated; made by the first observation

	observed  map[float64]uint64 // of a native histogram: how often each value
	seen      int                // observations of a native histogram
	size      float64            // and the sum of their magnitudes
	exemplars map[int]example    // the latest of each classic bucket; a counter's at 0
	spread    []example          // of a native histogram, in the order of their values
	slabs     map[int]int        // how many words the store has for the exemplar of each bucket

	callback *Callback
	inst     any // the engine's instrument, once With has returned it
}

// Callback is what a CounterFunc or GaugeFunc returns when it is asked.
type Callback struct {
	Value float64
	Panic bool
	name  string // in transcripts
}

func (c *Callback) call() float64 {
	if c.Panic {
		panic("a callback that panics")
	}
	return c.Value
}

// addFloat adds to a counter, whole amounts exactly, the rest as a float64, and says
// whether it could.
func (s *series) addFloat(v float64) bool {
	why, ok := countable(v)
	switch {
	case !ok:
		s.model.Drop(why)
		return false
	case v == math.Trunc(v) && v < 1<<64:
		s.whole += uint64(v)
	case !s.split && !s.dropped && !s.model.alloc(s.fam):
		s.model.Drop(NoCells)
		return false
	default:
		s.split = true
		s.part += v
	}
	return true
}

// count returns a counter's value.
func (s *series) count() float64 {
	if s.split {
		return float64(s.whole) + s.part
	}
	return float64(s.whole)
}

// observe counts v in the first bucket whose bound is not below it.
func (s *series) observe(v float64) {
	if math.IsNaN(v) {
		s.model.Drop(NotANumber)
		return
	}
	s.histogram()[bucketOf(s.fam.finite(), v)]++
	s.sum += v
	if s.fam.native() {
		if s.observed == nil {
			s.observed = make(map[float64]uint64)
		}
		s.observed[v]++
		s.seen++
		s.size += math.Abs(v)
	}
}

func bucketOf(bounds []float64, v float64) int {
	for i, b := range bounds {
		if v <= b {
			return i
		}
	}
	return len(bounds)
}

// histogram returns the buckets.
func (s *series) histogram() []uint64 {
	if s.buckets == nil {
		s.buckets = make([]uint64, len(s.fam.finite())+1)
	}
	return s.buckets
}
