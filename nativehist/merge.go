package nativehist

import (
	"fmt"
	"math"
)

// bucket is one populated bucket.
type bucket struct {
	index int32
	n     uint64
}

// buckets lists the populated buckets, ascending. Counts past the end of their
// spans, and spans past the end of their counts, are left out: only a histogram
// that Validate refuses has any.
func buckets(spans []Span, counts []uint64) (list []bucket) {
	index := int32(0)
	for _, s := range spans {
		index += s.Offset
		for range min(uint64(s.Length), uint64(len(counts))) {
			if counts[0] > 0 {
				list = append(list, bucket{index, counts[0]})
			}
			index++
			counts = counts[1:]
		}
	}
	return list
}

// sides is a histogram's buckets in a form that can be worked on.
type sides struct{ positive, negative []bucket }

func (h *Histogram) sides() sides {
	return sides{buckets(h.PositiveSpans, h.PositiveCounts), buckets(h.NegativeSpans, h.NegativeCounts)}
}

func (h *Histogram) setSides(s sides) {
	h.PositiveSpans, h.PositiveCounts = layOut(s.positive)
	h.NegativeSpans, h.NegativeCounts = layOut(s.negative)
}

func layOut(list []bucket) ([]Span, []uint64) {
	var w spanWriter
	for _, b := range list {
		w.add(b.index, b.n)
	}
	return w.spans, w.counts
}

// ReduceResolution brings the histogram to a coarser schema, down to MinSchema; a
// schema that is not coarser is an error, and changes nothing. Spans are laid out
// anew, without empty buckets at their ends. h is valid.
func (h *Histogram) ReduceResolution(schema int32) error {
	if schema < MinSchema || schema >= h.Schema {
		return fmt.Errorf("nativehist: from schema %d to %d: %w", h.Schema, schema, ErrSchema)
	}
	h.setSides(h.sides().coarsen(h.Schema - schema))
	h.Schema = schema
	return nil
}

func (s sides) coarsen(steps int32) sides {
	return sides{coarsenAll(s.positive, steps), coarsenAll(s.negative, steps)}
}

// coarsenAll joins, in place, buckets that become one.
func coarsenAll(list []bucket, steps int32) []bucket {
	kept := list[:0]
	for _, b := range list {
		b.index = coarsen(b.index, steps)
		if last := len(kept) - 1; last >= 0 && kept[last].index == b.index {
			kept[last].n += b.n
		} else {
			kept = append(kept, b)
		}
	}
	return kept
}

// Merge adds other to h; other stays as it is, and may be h. Where the two differ,
// the larger zero threshold wins, moved up to the next bound for as long as it
// cuts through a populated bucket of either; then the coarser schema does. That
// is how FloatHistogram.Add of Prometheus reconciles them, with one difference:
// there, a bucket that went into the zero bucket can be counted a second time
// when its side is then made coarser. Both are valid; otherwise the error says
// which is not, and nothing changes.
func (h *Histogram) Merge(other *Histogram) error {
	if err := h.Validate(); err != nil {
		return err
	}
	if err := other.Validate(); err != nil {
		return err
	}
	a, b := h.sides(), other.sides()
	threshold := max(h.ZeroThreshold, other.ZeroThreshold)
	for {
		wider := a.uncut(h.Schema, h.ZeroThreshold, threshold)
		wider = b.uncut(other.Schema, other.ZeroThreshold, wider)
		if wider == threshold {
			break
		}
		threshold = wider
	}
	zero := h.ZeroCount + other.ZeroCount + a.trim(h.Schema, threshold) + b.trim(other.Schema, threshold)
	schema := min(h.Schema, other.Schema)
	a, b = a.coarsen(h.Schema-schema), b.coarsen(other.Schema-schema)
	h.setSides(sides{addAll(a.positive, b.positive), addAll(a.negative, b.negative)})
	h.Schema, h.ZeroThreshold, h.ZeroCount = schema, threshold, zero
	h.Count += other.Count
	h.Sum += other.Sum
	return nil
}

// uncut returns the threshold moved out of the bucket that it cuts through, if it
// is not the one that the buckets have been filled beside.
func (s sides) uncut(schema int32, own, threshold float64) float64 {
	if threshold == own {
		return threshold
	}
	for _, list := range [][]bucket{s.positive, s.negative} {
		for _, b := range list {
			if upper := Bound(schema, b.index); upper > threshold && Bound(schema, b.index-1) < threshold {
				threshold = upper
			}
		}
	}
	return threshold
}

// trim takes out what lies within the threshold and returns how many observations
// that was.
func (s *sides) trim(schema int32, threshold float64) (zero uint64) {
	for _, list := range []*[]bucket{&s.positive, &s.negative} {
		for len(*list) > 0 && Bound(schema, (*list)[0].index) <= threshold {
			zero += (*list)[0].n
			*list = (*list)[1:]
		}
	}
	return zero
}

// addAll merges two ascending lists.
func addAll(a, b []bucket) (sum []bucket) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].index < b[0].index:
			sum, a = append(sum, a[0]), a[1:]
		case a[0].index > b[0].index:
			sum, b = append(sum, b[0]), b[1:]
		default:
			sum = append(sum, bucket{a[0].index, a[0].n + b[0].n})
			a, b = a[1:], b[1:]
		}
	}
	return append(append(sum, a...), b...)
}

// interval is a bucket on the number line, which a quantile is sought in.
type interval struct {
	lower, upper float64
	n            float64
}

// intervals lists the populated buckets from the lowest values up. The bucket
// beside the zero bucket ends at it. The zero bucket of a histogram whose other
// buckets are all of one sign ends at 0.
func (h *Histogram) intervals() (list []interval) {
	s := h.sides()
	for i := len(s.negative) - 1; i >= 0; i-- {
		b := h.interval(s.negative[i])
		list = append(list, interval{-b.upper, -b.lower, b.n})
	}
	if h.ZeroCount > 0 {
		zero := interval{-h.ZeroThreshold, h.ZeroThreshold, float64(h.ZeroCount)}
		switch {
		case len(h.NegativeCounts) == 0 && len(h.PositiveCounts) > 0:
			zero.lower = 0
		case len(h.PositiveCounts) == 0 && len(h.NegativeCounts) > 0:
			zero.upper = 0
		}
		list = append(list, zero)
	}
	for _, b := range s.positive {
		list = append(list, h.interval(b))
	}
	return list
}

func (h *Histogram) interval(b bucket) interval {
	lower := Bound(h.Schema, b.index-1)
	return interval{max(lower, min(h.ZeroThreshold, math.MaxFloat64)), Bound(h.Schema, b.index), float64(b.n)}
}
