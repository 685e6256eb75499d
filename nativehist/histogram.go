package nativehist

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Span is a run of consecutive buckets.
type Span struct {
	Offset int32  // of the first span its index; of later ones the gap after the span before
	Length uint32 // buckets
}

// Histogram is a native histogram at one moment: plain data, which nothing
// guards.
//
// A bucket of index i holds the observations v with
//
//	Bound(Schema, i-1) < |v| <= Bound(Schema, i)
//
// that the zero bucket, |v| <= ZeroThreshold, does not have.
type Histogram struct {
	Schema         int32
	ZeroThreshold  float64
	ZeroCount      uint64
	Count          uint64   // observations: all buckets', and those of NaN, if any
	Sum            float64  // of the observed values
	PositiveSpans  []Span   // ascending
	PositiveCounts []uint64 // one for each bucket of the spans, not cumulated
	NegativeSpans  []Span   // by magnitude, ascending
	NegativeCounts []uint64
}

// Clone returns a copy that shares no memory with h.
func (h *Histogram) Clone() *Histogram {
	c := *h
	c.PositiveSpans, c.PositiveCounts = slices.Clone(h.PositiveSpans), slices.Clone(h.PositiveCounts)
	c.NegativeSpans, c.NegativeCounts = slices.Clone(h.NegativeSpans), slices.Clone(h.NegativeCounts)
	return &c
}

// What [Histogram.Validate] finds, wrapped in an [InvalidError].
var (
	ErrSchema        = errors.New("no such schema of exponential buckets")
	ErrZeroThreshold = errors.New("zero threshold is negative or NaN")
	ErrSpanOffset    = errors.New("a later span has a negative offset")
	ErrSpanIndex     = errors.New("bucket index out of range")
	ErrSpanLength    = errors.New("spans and counts differ in length")
	ErrCount         = errors.New("buckets do not add up to the count")
)

// InvalidError is a histogram that contradicts itself. Prometheus refuses the
// whole scrape that has one in it.
type InvalidError struct {
	Detail string // with the numbers
	Err    error  // which rule
}

func (e *InvalidError) Error() string { return "nativehist: " + e.Detail + ": " + e.Err.Error() }

// Unwrap returns the rule: one of this package's Err variables.
func (e *InvalidError) Unwrap() error { return e.Err }

func invalid(rule error, format string, args ...any) error {
	return &InvalidError{fmt.Sprintf(format, args...), rule}
}

// Validate checks the histogram by the rules of Prometheus (Histogram.Validate in
// its model/histogram), and that the zero threshold is a threshold. Buckets may
// add up to less than the count only where the sum is NaN.
func (h *Histogram) Validate() error {
	if h.Schema < MinSchema || h.Schema > MaxSchema {
		return invalid(ErrSchema, "schema %d", h.Schema)
	}
	if !(h.ZeroThreshold >= 0) {
		return invalid(ErrZeroThreshold, "zero threshold %v", h.ZeroThreshold)
	}
	if err := checkSpans("positive", h.PositiveSpans, len(h.PositiveCounts)); err != nil {
		return err
	}
	if err := checkSpans("negative", h.NegativeSpans, len(h.NegativeCounts)); err != nil {
		return err
	}
	found := h.ZeroCount + total(h.PositiveCounts) + total(h.NegativeCounts)
	if found > h.Count || found < h.Count && h.Sum == h.Sum {
		return invalid(ErrCount, "%d observations in buckets, count %d", found, h.Count)
	}
	return nil
}

func checkSpans(side string, spans []Span, counts int) error {
	length, end := uint64(0), int64(0) // past the last bucket
	for n, s := range spans {
		if n > 0 && s.Offset < 0 {
			return invalid(ErrSpanOffset, "%s span %d has offset %d", side, n, s.Offset)
		}
		if s.Offset == math.MinInt32 {
			return invalid(ErrSpanIndex, "%s span %d begins at bucket %d", side, n, s.Offset)
		}
		length += uint64(s.Length)
		end += int64(s.Offset) + int64(s.Length)
		if end-1 > math.MaxInt32 {
			return invalid(ErrSpanIndex, "%s span %d ends at bucket %d", side, n, end-1)
		}
	}
	if length != uint64(counts) {
		return invalid(ErrSpanLength, "%s spans have %d buckets, and there are %d counts", side, length, counts)
	}
	return nil
}

func total(counts []uint64) (sum uint64) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

// NoOp says whether the histogram needs a span of no buckets, {0, 0}, among its
// positive ones when it is exposed: empty, with a zero threshold of 0, it would be
// taken for a classic one. The span is the encoder's to write. It is not put into
// PositiveSpans, where it would be a bucket layout like any other to every method
// here.
func (h *Histogram) NoOp() bool {
	return h.ZeroThreshold == 0 && h.ZeroCount == 0 && len(h.PositiveSpans) == 0 && len(h.NegativeSpans) == 0
}

// AppendDeltas appends each count less the one before it, the first as it is: the
// form in which protobuf carries the counts of one sign.
func AppendDeltas(dst []int64, counts []uint64) []int64 {
	before := uint64(0)
	for _, n := range counts {
		dst = append(dst, int64(n-before))
		before = n
	}
	return dst
}

// smallGap is how many empty buckets in a row are cheaper written as zeros than
// as a new span: client_golang's choice, to which ours are byte for byte equal.
const smallGap = 2

// spanWriter builds spans and counts from populated buckets in ascending order.
type spanWriter struct {
	spans  []Span
	counts []uint64
	next   int32 // index after the last bucket
}

func (w *spanWriter) add(index int32, n uint64) {
	gap := index - w.next
	if len(w.spans) == 0 || gap > smallGap {
		w.spans = append(w.spans, Span{Offset: gap})
	} else {
		for range gap {
			w.append(0)
		}
	}
	w.append(n)
	w.next = index + 1
}

func (w *spanWriter) append(n uint64) {
	w.counts = append(w.counts, n)
	w.spans[len(w.spans)-1].Length++
}
