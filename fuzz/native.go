package fuzz

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/pawl-metrics/pawl/nativehist"
)

// checkNative compares a native histogram with what was observed. Its schema and
// threshold are its own to choose once there are more buckets than may be; what
// they are says where each observation is.
func (s *series) checkNative(got *nativehist.Histogram) error {
	schema := nativehist.SchemaOf(s.fam.Native.Factor)
	threshold := s.fam.Native.ZeroThreshold
	switch {
	case threshold == 0:
		threshold = 0x1p-128
	case threshold < 0:
		threshold = 0
	}
	changed := got.Schema != schema || got.ZeroThreshold != threshold
	if got.Schema > schema || got.Schema < -4 || got.ZeroThreshold < threshold || changed && !s.over(schema, threshold) {
		return fmt.Errorf("schema %d and threshold %v, want %d and %v", got.Schema, got.ZeroThreshold, schema, threshold)
	}
	if err := s.checkSum(got.Sum); err != nil {
		return err
	}
	want := s.nativeAt(got.Schema, got.ZeroThreshold, got.Sum)
	if g, w := nativeText(got), nativeText(want); g != w {
		return fmt.Errorf("native histogram\n got %.2000s\nwant %.2000s", g, w)
	}
	return nil
}

// over says whether there were more buckets than may be.
func (s *series) over(schema int32, threshold float64) bool {
	most := s.fam.Native.MaxBuckets
	if most == 0 {
		most = 160
	}
	h := s.nativeAt(schema, threshold, 0)
	return most > 0 && len(h.PositiveCounts)+len(h.NegativeCounts) > most
}

// checkSum expects the model's sum as long as observations are added in the order
// of the program, and one that is near it afterwards.
func (s *series) checkSum(got float64) error {
	const hot = 250 // a native histogram adds in several places after some more
	switch {
	case s.seen <= hot && bits(got) == bits(s.sum):
	case s.seen > hot && !(s.size < 1e300 && math.Abs(got-s.sum) > 1e-9*s.size):
	default:
		return fmt.Errorf("sum %v of %d observations, want %v", got, s.seen, s.sum)
	}
	return nil
}

// nativeAt puts every observation in its bucket.
func (s *series) nativeAt(schema int32, threshold, sum float64) *nativehist.Histogram {
	h := &nativehist.Histogram{Schema: schema, ZeroThreshold: threshold, Sum: sum}
	sides := [2]map[int32]uint64{{}, {}}
	for v, n := range s.observed {
		h.Count += n
		switch {
		case math.Abs(v) <= threshold:
			h.ZeroCount += n
		case v > 0:
			sides[0][nativehist.Index(schema, v)] += n
		default:
			sides[1][nativehist.Index(schema, v)] += n
		}
	}
	h.PositiveSpans, h.PositiveCounts = singleSpans(sides[0])
	h.NegativeSpans, h.NegativeCounts = singleSpans(sides[1])
	return h
}

// singleSpans makes a span of each bucket.
func singleSpans(counts map[int32]uint64) (spans []nativehist.Span, list []uint64) {
	next := int32(0)
	for _, i := range slices.Sorted(maps.Keys(counts)) {
		spans = append(spans, nativehist.Span{Offset: i - next, Length: 1})
		list = append(list, counts[i])
		next = i + 1
	}
	return spans, list
}
