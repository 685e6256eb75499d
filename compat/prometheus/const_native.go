package prometheus

import (
	"errors"
	"maps"
	"math"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// constNativeHistogram is a native histogram that does not change.
//
// Model. Immutable; its message is what Write puts out, always the same.
type constNativeHistogram struct {
	desc    *Desc
	labels  []*dto.LabelPair
	message *dto.Histogram
}

// NewConstNativeHistogram makes a native histogram of numbers that were read elsewhere, from
// an exponential histogram of OpenTelemetry, say. The buckets have the number of observations at
// each index of the schema; index 0 is the bucket whose upper bound is 1, and among the
// negative ones that whose lower bound is -1. zeroBucket has those whose magnitude is at most
// zeroThreshold.
//
// The error is about the descriptor or the label values (see [NewConstMetric]), a schema
// that is not from -4 to 8, or a count that is not that of all buckets together. If sum is
// NaN the count may be greater: NaN has no bucket.
func NewConstNativeHistogram(
	desc *Desc, count uint64, sum float64,
	positiveBuckets, negativeBuckets map[int]int64, zeroBucket uint64,
	schema int32, zeroThreshold float64,
	createdTimestamp time.Time, labelValues ...string,
) (Metric, error) {
	labels, err := constLabels(desc, labelValues)
	if err != nil {
		return nil, err
	}
	if schema < -4 || schema > 8 {
		return nil, errors.New("invalid native histogram schema")
	}
	if !addsUp(count, sum, zeroBucket, positiveBuckets, negativeBuckets) {
		return nil, errors.New("the sum of all bucket populations exceeds the count of observations")
	}
	m := &dto.Histogram{
		SampleCount: &count, SampleSum: &sum, CreatedTimestamp: timestamppb.New(createdTimestamp),
		Schema: &schema, ZeroThreshold: &zeroThreshold, ZeroCount: &zeroBucket,
	}
	m.PositiveSpan, m.PositiveDelta = spansOf(positiveBuckets)
	m.NegativeSpan, m.NegativeDelta = spansOf(negativeBuckets)
	if !isNative(m) { // or nobody would see that it is one
		m.PositiveSpan = []*dto.BucketSpan{{Offset: new(int32), Length: new(uint32)}}
	}
	return &constNativeHistogram{desc, labels, m}, nil
}

// MustNewConstNativeHistogram is NewConstNativeHistogram that panics on an error.
func MustNewConstNativeHistogram(
	desc *Desc, count uint64, sum float64,
	positiveBuckets, negativeBuckets map[int]int64, zeroBucket uint64,
	nativeHistogramSchema int32, nativeHistogramZeroThreshold float64,
	createdTimestamp time.Time, labelValues ...string,
) Metric {
	return must(NewConstNativeHistogram(desc, count, sum, positiveBuckets, negativeBuckets, zeroBucket,
		nativeHistogramSchema, nativeHistogramZeroThreshold, createdTimestamp, labelValues...))
}

// Desc implements Metric.
func (h *constNativeHistogram) Desc() *Desc { return h.desc }

// Write implements Metric.
func (h *constNativeHistogram) Write(out *dto.Metric) error {
	out.Label, out.Histogram = h.labels, h.message
	return nil
}

// addsUp says whether the buckets have as many observations as there were.
func addsUp(count uint64, sum float64, zero uint64, buckets ...map[int]int64) bool {
	total := int64(zero)
	for _, m := range buckets {
		for _, n := range m {
			total += n
		}
	}
	return total == int64(count) || math.IsNaN(sum) && total < int64(count)
}

// isNative says whether a histogram's message tells that it has a native part.
func isNative(m *dto.Histogram) bool {
	return m.GetZeroThreshold() != 0 || m.GetZeroCount() != 0 || len(m.PositiveSpan) > 0 || len(m.NegativeSpan) > 0
}

// spansOf returns buckets as messages have them: runs of indices, and of each count its
// difference to the one before. A gap of one or two is cheaper as empty buckets than as
// another span.
func spansOf(buckets map[int]int64) (spans []*dto.BucketSpan, deltas []int64) {
	var last int64
	next := 0
	add := func(count int64) {
		*spans[len(spans)-1].Length++
		deltas = append(deltas, count-last)
		last, next = count, next+1
	}
	for _, index := range slices.Sorted(maps.Keys(buckets)) {
		if gap := int32(index - next); spans == nil || gap > 2 {
			spans = append(spans, &dto.BucketSpan{Offset: new(gap), Length: new(uint32)})
			next = index
		}
		for next < index {
			add(0)
		}
		add(buckets[index])
	}
	return spans, deltas
}
