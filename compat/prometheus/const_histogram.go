package prometheus

import (
	"maps"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// constHistogram is a classic histogram that does not change.
//
// Model. Immutable; messages point into it.
type constHistogram struct {
	desc    *Desc
	count   uint64
	sum     float64
	bounds  []float64 // ascending
	counts  []uint64  // counts[i] is the number of observations up to bounds[i]
	labels  []*dto.LabelPair
	created *timestamppb.Timestamp // nil for unknown
}

// NewConstHistogram makes a histogram of numbers that were read elsewhere, for a collector
// to send and forget. buckets has the number of observations up to and including each
// upper bound; the bucket of all, +Inf, goes without saying. Only the descriptor and the label
// values are checked: see [NewConstMetric].
func NewConstHistogram(desc *Desc, count uint64, sum float64, buckets map[float64]uint64, labelValues ...string) (Metric, error) {
	return newConstHistogram(desc, count, sum, buckets, nil, labelValues)
}

// MustNewConstHistogram is NewConstHistogram that panics on an error.
func MustNewConstHistogram(desc *Desc, count uint64, sum float64, buckets map[float64]uint64, labelValues ...string) Metric {
	return must(NewConstHistogram(desc, count, sum, buckets, labelValues...))
}

// NewConstHistogramWithCreatedTimestamp is NewConstHistogram for one that is known to have
// been empty at ct.
func NewConstHistogramWithCreatedTimestamp(desc *Desc, count uint64, sum float64, buckets map[float64]uint64, ct time.Time, labelValues ...string) (Metric, error) {
	return newConstHistogram(desc, count, sum, buckets, timestamppb.New(ct), labelValues)
}

// MustNewConstHistogramWithCreatedTimestamp is NewConstHistogramWithCreatedTimestamp that
// panics on an error.
func MustNewConstHistogramWithCreatedTimestamp(desc *Desc, count uint64, sum float64, buckets map[float64]uint64, ct time.Time, labelValues ...string) Metric {
	return must(NewConstHistogramWithCreatedTimestamp(desc, count, sum, buckets, ct, labelValues...))
}

func newConstHistogram(desc *Desc, count uint64, sum float64, buckets map[float64]uint64, created *timestamppb.Timestamp, labelValues []string) (Metric, error) {
	labels, err := constLabels(desc, labelValues)
	if err != nil {
		return nil, err
	}
	bounds, counts := ascending(buckets)
	return &constHistogram{desc, count, sum, bounds, counts, labels, created}, nil
}

// ascending returns the keys of m, sorted, and their values.
func ascending[V any](m map[float64]V) ([]float64, []V) {
	keys := slices.Sorted(maps.Keys(m))
	values := make([]V, len(keys))
	for i, k := range keys {
		values[i] = m[k]
	}
	return keys, values
}

// Desc implements Metric.
func (h *constHistogram) Desc() *Desc { return h.desc }

// Write implements Metric.
func (h *constHistogram) Write(out *dto.Metric) error {
	room, buckets := make([]dto.Bucket, len(h.bounds)), make([]*dto.Bucket, len(h.bounds))
	for i := range room {
		room[i].UpperBound, room[i].CumulativeCount = &h.bounds[i], &h.counts[i]
		buckets[i] = &room[i]
	}
	out.Label = h.labels
	out.Histogram = &dto.Histogram{SampleCount: &h.count, SampleSum: &h.sum, Bucket: buckets, CreatedTimestamp: h.created}
	return nil
}
