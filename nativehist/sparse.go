package nativehist

import "math"

// sparse is the state of a histogram in plain words: what a recorder starts with,
// and what everything that is not on the fast path works on. It is owned by one
// goroutine at a time: under the recorder's mutex, or as a reader's copy.
type sparse struct {
	schema             int32
	threshold          float64
	zero               uint64
	sum                float64
	positive, negative population
	extra              []uint64 // classic buckets, counted beside
}

// place says where an observation goes: which population, or none for the zero
// bucket, and which bucket of it. The infinities are compared with the threshold
// as if they were the largest finite values, as client_golang has it.
func (s *sparse) place(v float64) (p *population, index int32) {
	near := max(min(v, math.MaxFloat64), -math.MaxFloat64)
	switch {
	case near > s.threshold:
		p = &s.positive
	case near < -s.threshold:
		p = &s.negative
	default:
		return nil, 0
	}
	return p, gridOf(s.schema).index(v)
}

// observe records v, which is not NaN, and counts it among the extras at i.
func (s *sparse) observe(v float64, i int) {
	if p, index := s.place(v); p != nil {
		p.add(index, 1)
	} else {
		s.zero++
	}
	s.sum += v
	if len(s.extra) > 0 {
		s.extra[i]++
	}
}

// sides are the buckets of positive values and those of negative ones.
func (s *sparse) sides() [2]*population { return [2]*population{&s.positive, &s.negative} }

// put adds n > 0 observations of a bucket of another scale, which is the same or
// finer. Whether a bucket has gone into the zero bucket is decided by its own bound;
// at a coarser schema its successor may reach past the threshold.
func (s *sparse) put(schema int32, threshold float64, side int, index int32, n uint64) {
	if s.threshold > threshold && Bound(schema, index) <= s.threshold {
		s.zero += n
		return
	}
	p := &s.positive
	if side != 0 {
		p = &s.negative
	}
	p.add(coarsen(index, schema-s.schema), n)
}

// rescale brings the state to a scale that is not finer.
func (s *sparse) rescale(schema int32, threshold float64) {
	if s.schema == schema && s.threshold == threshold {
		return
	}
	old := *s
	s.schema, s.threshold = schema, threshold
	s.positive, s.negative = population{}, population{}
	for side, p := range old.sides() {
		p.each(func(index int32, n uint64) bool {
			s.put(old.schema, old.threshold, side, index, n)
			return true
		})
	}
}

// blank returns a state of the same scale without observations.
func (s *sparse) blank() sparse {
	return sparse{schema: s.schema, threshold: s.threshold, extra: make([]uint64, len(s.extra))}
}

// clone returns a copy.
func (s *sparse) clone() (c sparse) {
	c.copyFrom(s)
	return c
}

// populated is the number that a bucket limit is about: the zero bucket is not
// counted.
func (s *sparse) populated() int { return s.positive.populated + s.negative.populated }

// reset returns to the state before the first observation.
func (s *sparse) reset(c *Config) {
	s.schema, s.threshold = c.schema, c.threshold
	s.zero, s.sum = 0, 0
	s.positive.reset()
	s.negative.reset()
	clear(s.extra)
}

// widen puts the buckets closest to 0, one or two, into the zero bucket, if that
// keeps the threshold within the most that is allowed.
func (s *sparse) widen(most float64) bool {
	if s.threshold >= most {
		return false
	}
	index, ok := s.positive.smallest()
	if n, also := s.negative.smallest(); also && (!ok || n < index) {
		index, ok = n, true
	}
	if !ok || Bound(s.schema, index) > most {
		return false
	}
	s.threshold = Bound(s.schema, index)
	s.zero += s.positive.take(index) + s.negative.take(index)
	return true
}

// halve brings the state to the next lower schema, which may leave it with as
// many buckets as before.
func (s *sparse) halve() bool {
	if s.schema == MinSchema {
		return false
	}
	s.schema--
	s.positive.halve()
	s.negative.halve()
	return true
}

// write makes the state plain data, in the memory that dst has.
func (s *sparse) write(dst *Histogram) {
	dst.Schema, dst.ZeroThreshold, dst.ZeroCount, dst.Sum = s.schema, s.threshold, s.zero, s.sum
	dst.PositiveSpans, dst.PositiveCounts = s.positive.write(dst.PositiveSpans, dst.PositiveCounts)
	dst.NegativeSpans, dst.NegativeCounts = s.negative.write(dst.NegativeSpans, dst.NegativeCounts)
	dst.Count = s.zero + total(dst.PositiveCounts) + total(dst.NegativeCounts)
}

func (p *population) write(spans []Span, counts []uint64) ([]Span, []uint64) {
	w := spanWriter{spans: spans[:0], counts: counts[:0]}
	for i := range p.windows {
		base := p.windows[i].key << windowShift
		for j, n := range p.windows[i].counts {
			if n != 0 {
				w.add(base+int32(j), n)
			}
		}
	}
	return w.spans, w.counts
}
