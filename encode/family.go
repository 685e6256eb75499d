package encode

import (
	"math"

	"github.com/pawl-metrics/pawl/nativehist"
)

// Family is one metric family as plain data: what a collector fills in, and what
// [AppendFamily] writes in any format.
//
// Name is the name that samples have in text format 0.0.4, thus x_total for a
// counter. A family named x of type Info has samples named x_info.
//
// The encoder never fails and never spoils a scrape: what a format cannot say is
// left out, down to a whole sample. What needs a view over families, such as that
// no two have one name, or that a series appears once, is its caller's business.
type Family struct {
	Name, Help, Unit string
	Type             Type
	Samples          []Sample
}

// Sample is one series with its value. Which of the fields hold the value depends
// on the family's type:
//
//	Counter, Gauge, Untyped     Value
//	Histogram, GaugeHistogram   Histogram
//	Summary                     Summary
//	Info                        none: it is always 1
//	StateSet                    States
//
// Labels are written in their order. They must be without duplicates, and without
// the label that the type adds (le, quantile, or the stateset's own name).
type Sample struct {
	Labels    []Label
	Value     float64
	Histogram *HistogramValue
	Summary   *SummaryValue
	States    []State

	Timestamp Timestamp  // when the value was true; mostly none, which means now
	Start     Timestamp  // when a counter, histogram or summary was 0
	Exemplars []Exemplar // of a counter; formats with room for one take the last
}

// HistogramValue is a classic histogram, a native one, or one that is both.
type HistogramValue struct {
	Count   uint64
	Sum     float64
	Buckets []Bucket // ascending, cumulative; +Inf may be left out

	// Native, when it is there, has the last word on Count and Sum. It goes to the
	// formats that have native histograms; the others get Buckets.
	Native *nativehist.Histogram
	// Exemplars are those of a native histogram. They need timestamps. The formats
	// that have room take those of the buckets when there are none.
	Exemplars []Exemplar
}

// Bucket is one bucket of a classic histogram.
type Bucket struct {
	UpperBound float64
	Count      uint64 // of all observations up to UpperBound
	Exemplar   *Exemplar
}

// SummaryValue is the value of a summary.
type SummaryValue struct {
	Count     uint64
	Sum       float64
	Quantiles []Quantile // ascending
}

// Quantile is one estimated quantile of a summary.
type Quantile struct {
	Quantile, Value float64
}

// State is one state of a stateset.
type State struct {
	Name string
	On   bool
}

// Exemplar is a labelled observation that stands beside a sample.
type Exemplar struct {
	Labels    []Label
	Value     float64
	Timestamp Timestamp
}

// total returns the count and the sum.
func (h *HistogramValue) total() (count uint64, sum float64) {
	if h.Native != nil {
		return h.Native.Count, h.Native.Sum
	}
	return h.Count, h.Sum
}

// bucketReader reads a histogram's buckets as every format needs them: ascending,
// cumulative, and with +Inf last, which it adds. A bucket that breaks the order
// is passed over.
type bucketReader struct {
	rest  []Bucket
	count uint64 // of the whole histogram

	Bucket // the present one
	begun  bool
	ended  bool
}

func (h *HistogramValue) buckets() bucketReader {
	count, _ := h.total()
	return bucketReader{rest: h.Buckets, count: count}
}

func (r *bucketReader) next() bool {
	if r.ended {
		return false
	}
	for len(r.rest) > 0 {
		b := r.rest[0]
		r.rest = r.rest[1:]
		if r.fits(&b) {
			r.Bucket, r.begun = b, true
			r.UpperBound = unsigned(b.UpperBound)
			return true
		}
	}
	r.end()
	return true
}

// unsigned returns v, and 0 for -0: as bounds they are the same.
func unsigned(v float64) float64 {
	if v == 0 {
		return 0
	}
	return v
}

// fits says whether b can stand next, before +Inf.
func (r *bucketReader) fits(b *Bucket) bool {
	ascends := !r.begun || b.UpperBound > r.UpperBound
	return ascends && b.UpperBound < math.Inf(1) && b.Count >= r.Count && b.Count <= r.count
}

func (r *bucketReader) end() {
	r.ended = true
	r.Bucket = Bucket{UpperBound: math.Inf(1), Count: r.count}
}

// infExemplar returns the exemplar of the +Inf bucket.
func (h *HistogramValue) infExemplar() *Exemplar {
	if n := len(h.Buckets); n > 0 && math.IsInf(h.Buckets[n-1].UpperBound, 1) {
		return h.Buckets[n-1].Exemplar
	}
	return nil
}

// negative says whether a bucket lies below 0: the first one would.
func (h *HistogramValue) negative() bool {
	r := h.buckets()
	return r.next() && r.UpperBound < 0
}

// ValidNative returns the native histogram when it is one that Prometheus takes: one that
// does not contradict itself, with indexes that do not overflow. Else it returns nil.
func (h *HistogramValue) ValidNative() *nativehist.Histogram { return h.native() }

// native returns the native histogram when it is one that Prometheus takes. It
// fails the whole scrape for one that contradicts itself.
func (h *HistogramValue) native() *nativehist.Histogram {
	if h.Native == nil || !validNative(h.Native) {
		return nil
	}
	return h.Native
}

func validNative(h *nativehist.Histogram) bool {
	n := h.ZeroCount
	ok := h.Schema >= -4 && h.Schema <= 8 && h.ZeroThreshold >= 0 && h.ZeroThreshold <= math.MaxFloat64 &&
		h.Count <= math.MaxInt64 && validSpans(h.PositiveSpans, len(h.PositiveCounts)) &&
		validSpans(h.NegativeSpans, len(h.NegativeCounts)) &&
		addCounts(&n, h.PositiveCounts, h.Count) && addCounts(&n, h.NegativeCounts, h.Count)
	return ok && (n == h.Count || n < h.Count && math.IsNaN(h.Sum))
}

// maxIndex bounds the indexes of buckets. No float64 comes near it, at any schema;
// and far beyond, where indexes still fit into 32 bits, Prometheus takes a histogram
// in and overflows when it joins spans, which fails the scrape.
const maxIndex = 1 << 29

// validSpans says whether spans make up so many buckets, with sensible indexes.
func validSpans(spans []nativehist.Span, buckets int) bool {
	index, total := int64(0), int64(0)
	for i, s := range spans {
		if i > 0 && s.Offset < 0 || s.Offset < -maxIndex {
			return false
		}
		index += int64(s.Offset) + int64(s.Length)
		total += int64(s.Length)
		if index > maxIndex || total > int64(buckets) {
			return false
		}
	}
	return total == int64(buckets)
}

// addCounts adds counts to sum and says whether it stayed within limit, without
// wrapping around.
func addCounts(sum *uint64, counts []uint64, limit uint64) bool {
	if *sum > limit {
		return false
	}
	for _, c := range counts {
		if c > limit-*sum {
			return false
		}
		*sum += c
	}
	return true
}
