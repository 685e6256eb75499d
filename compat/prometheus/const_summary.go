package prometheus

import (
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// constSummary is a summary that does not change.
//
// Model. Immutable; messages point into it.
type constSummary struct {
	desc    *Desc
	count   uint64
	sum     float64
	ranks   []float64 // ascending
	values  []float64 // values[i] is the quantile of ranks[i]
	labels  []*dto.LabelPair
	created *timestamppb.Timestamp // nil for unknown
}

// NewConstSummary makes a summary of numbers that were read elsewhere, for a collector to
// send and forget. quantiles has the value at each rank: {0.5: 0.23, 0.99: 0.56} is a
// median of 0.23. Only the descriptor and the label values are checked: see [NewConstMetric].
func NewConstSummary(desc *Desc, count uint64, sum float64, quantiles map[float64]float64, labelValues ...string) (Metric, error) {
	return newConstSummary(desc, count, sum, quantiles, nil, labelValues)
}

// MustNewConstSummary is NewConstSummary that panics on an error.
func MustNewConstSummary(desc *Desc, count uint64, sum float64, quantiles map[float64]float64, labelValues ...string) Metric {
	return must(NewConstSummary(desc, count, sum, quantiles, labelValues...))
}

// NewConstSummaryWithCreatedTimestamp is NewConstSummary for one that is known to have
// been empty at ct.
func NewConstSummaryWithCreatedTimestamp(desc *Desc, count uint64, sum float64, quantiles map[float64]float64, ct time.Time, labelValues ...string) (Metric, error) {
	return newConstSummary(desc, count, sum, quantiles, timestamppb.New(ct), labelValues)
}

// MustNewConstSummaryWithCreatedTimestamp is NewConstSummaryWithCreatedTimestamp that
// panics on an error.
func MustNewConstSummaryWithCreatedTimestamp(desc *Desc, count uint64, sum float64, quantiles map[float64]float64, ct time.Time, labelValues ...string) Metric {
	return must(NewConstSummaryWithCreatedTimestamp(desc, count, sum, quantiles, ct, labelValues...))
}

func newConstSummary(desc *Desc, count uint64, sum float64, quantiles map[float64]float64, created *timestamppb.Timestamp, labelValues []string) (Metric, error) {
	labels, err := constLabels(desc, labelValues)
	if err != nil {
		return nil, err
	}
	ranks, values := ascending(quantiles)
	return &constSummary{desc, count, sum, ranks, values, labels, created}, nil
}

// Desc implements Metric.
func (s *constSummary) Desc() *Desc { return s.desc }

// Write implements Metric.
func (s *constSummary) Write(out *dto.Metric) error {
	room, quantiles := make([]dto.Quantile, len(s.ranks)), make([]*dto.Quantile, len(s.ranks))
	for i := range room {
		room[i].Quantile, room[i].Value = &s.ranks[i], &s.values[i]
		quantiles[i] = &room[i]
	}
	out.Label = s.labels
	out.Summary = &dto.Summary{SampleCount: &s.count, SampleSum: &s.sum, Quantile: quantiles, CreatedTimestamp: s.created}
	return nil
}
