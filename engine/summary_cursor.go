package engine

import (
	"math"

	"github.com/pawl-metrics/pawl/nativehist"
)

// cursor walks the populated buckets of a histogram whose zero bucket has only zeros,
// from the lowest values up: negative buckets backwards, zero, positive ones.
type cursor struct {
	lower, upper float64 // of the present bucket
	n            uint64  // observations in it; 0 past the last one

	h     *NativeHistogram
	side  side
	span  int   // of the side's spans
	in    int   // place within the span
	count int   // place within the side's counts
	index int32 // of the bucket
}

type side int

const (
	negative side = iota
	zero
	positive
	over
)

// begin stands at the first bucket.
func (c *cursor) begin(h *NativeHistogram) {
	*c = cursor{h: h, span: len(h.NegativeSpans), count: len(h.NegativeCounts)}
	for _, s := range h.NegativeSpans {
		c.index += s.Offset + int32(s.Length)
	}
	c.next()
}

// next goes to the next bucket that has observations.
func (c *cursor) next() {
	c.n = 0
	for c.n == 0 && c.side != over {
		switch c.side {
		case negative:
			c.back()
		case zero:
			c.n, c.lower, c.upper = c.h.ZeroCount, 0, 0
			c.side, c.span, c.in, c.count, c.index = positive, 0, 0, 0, 0
			if len(c.h.PositiveSpans) > 0 {
				c.index = c.h.PositiveSpans[0].Offset
			}
		case positive:
			c.forth()
		}
	}
}

// back goes to the negative bucket nearer to 0.
func (c *cursor) back() {
	for c.in == 0 {
		if c.span == 0 {
			c.side = zero
			return
		}
		if c.span < len(c.h.NegativeSpans) {
			c.index -= c.h.NegativeSpans[c.span].Offset
		}
		c.span--
		c.in = int(c.h.NegativeSpans[c.span].Length)
	}
	c.in--
	c.count--
	c.index--
	c.n = c.h.NegativeCounts[c.count]
	c.lower, c.upper = -nativehist.Bound(c.h.Schema, c.index), -nativehist.Bound(c.h.Schema, c.index-1)
}

// forth goes to the next positive bucket.
func (c *cursor) forth() {
	for c.span < len(c.h.PositiveSpans) && c.in == int(c.h.PositiveSpans[c.span].Length) {
		if c.span++; c.span < len(c.h.PositiveSpans) {
			c.index += c.h.PositiveSpans[c.span].Offset
		}
		c.in = 0
	}
	if c.span == len(c.h.PositiveSpans) {
		c.side = over
		return
	}
	c.n = c.h.PositiveCounts[c.count]
	c.lower, c.upper = nativehist.Bound(c.h.Schema, c.index-1), nativehist.Bound(c.h.Schema, c.index)
	c.in++
	c.count++
	c.index++
}

// value returns what lies a fraction of the way into the present bucket, exponentially:
// equal steps are equal ratios there.
func (c *cursor) value(fraction float64) float64 {
	switch {
	case c.lower == 0: // only zeros, or a bucket that begins below the least float64
		return c.upper
	case c.upper == 0:
		return c.lower
	case math.IsInf(c.upper, 1):
		return math.Inf(1)
	case math.IsInf(c.lower, -1):
		return math.Inf(-1)
	case c.lower > 0:
		return c.lower * math.Pow(c.upper/c.lower, fraction)
	}
	return c.upper * math.Pow(c.lower/c.upper, 1-fraction)
}
