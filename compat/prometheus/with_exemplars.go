package prometheus

import (
	"errors"
	"math"
	"slices"
	"sort"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// ExemplarMaxRunes is how many runes the names and values of an exemplar's labels may have
// together.
const ExemplarMaxRunes = 128

// Exemplar is an observation that stands for others, with labels that lead to what
// happened: a trace's id.
type Exemplar struct {
	Value     float64
	Labels    Labels
	Timestamp time.Time // the zero time is the present one
}

// withExemplarsMetric is a metric with exemplars besides.
//
// Model. Immutable. What the metric itself puts out may be shared with others, so what
// gets an exemplar is copied first.
type withExemplarsMetric struct {
	Metric
	exemplars []*dto.Exemplar // at least one
}

// NewMetricWithExemplars gives a metric exemplars: a counter the last of them, a classic
// histogram the last in each bucket, a native one all. The error is about labels, as in
// ObserveWithExemplar, or says that there are none. Write fails for other types.
func NewMetricWithExemplars(m Metric, exemplars ...Exemplar) (Metric, error) {
	if len(exemplars) == 0 {
		return nil, errors.New("no exemplar was passed for NewMetricWithExemplars")
	}
	now, list := time.Now(), make([]*dto.Exemplar, len(exemplars))
	for i, e := range exemplars {
		if e.Timestamp.IsZero() {
			e.Timestamp = now
		}
		var err error
		if list[i], err = newExemplar(e); err != nil {
			return nil, err
		}
	}
	return &withExemplarsMetric{m, list}, nil
}

// MustNewMetricWithExemplars is NewMetricWithExemplars that panics on an error.
func MustNewMetricWithExemplars(m Metric, exemplars ...Exemplar) Metric {
	return must(NewMetricWithExemplars(m, exemplars...))
}

func newExemplar(e Exemplar) (*dto.Exemplar, error) {
	ts := timestamppb.New(e.Timestamp)
	if err := ts.CheckValid(); err != nil {
		return nil, err
	}
	labels, err := exemplarLabels(e.Labels)
	if err != nil {
		return nil, err
	}
	return &dto.Exemplar{Label: labelPairs(labels), Value: &e.Value, Timestamp: ts}, nil
}

// Write implements Metric.
func (m *withExemplarsMetric) Write(out *dto.Metric) error {
	if err := m.Metric.Write(out); err != nil {
		return err
	}
	switch {
	case out.Counter != nil:
		c := out.Counter
		out.Counter = &dto.Counter{Value: c.Value, CreatedTimestamp: c.CreatedTimestamp, Exemplar: m.exemplars[len(m.exemplars)-1]}
	case out.Histogram != nil:
		out.Histogram = shallowCopy(out.Histogram)
		for _, e := range m.exemplars {
			addExemplar(out.Histogram, e)
		}
	default:
		return errors.New("cannot inject exemplar into Gauge, Summary or Untyped")
	}
	return nil
}

// addExemplar puts an exemplar where it belongs in a histogram: in the list of a native one,
// and in a bucket of a classic one, which may have to be made for what is above
// the bounds.
func addExemplar(h *dto.Histogram, e *dto.Exemplar) {
	if isNative(h) {
		h.Exemplars = append(h.Exemplars, e)
		if len(h.Bucket) == 0 {
			return
		}
	}
	i := sort.Search(len(h.Bucket), func(i int) bool { return h.Bucket[i].GetUpperBound() >= e.GetValue() })
	if i == len(h.Bucket) {
		h.Bucket = append(h.Bucket, &dto.Bucket{CumulativeCount: new(h.GetSampleCount()), UpperBound: new(math.Inf(1))})
	}
	b := h.Bucket[i]
	h.Bucket[i] = &dto.Bucket{CumulativeCount: b.CumulativeCount, CumulativeCountFloat: b.CumulativeCountFloat, UpperBound: b.UpperBound, Exemplar: e}
}

// shallowCopy copies a histogram and its lists of buckets and exemplars, not what is in
// them.
func shallowCopy(h *dto.Histogram) *dto.Histogram {
	return &dto.Histogram{
		SampleCount: h.SampleCount, SampleCountFloat: h.SampleCountFloat, SampleSum: h.SampleSum,
		Bucket: slices.Clone(h.Bucket), CreatedTimestamp: h.CreatedTimestamp,
		Schema: h.Schema, ZeroThreshold: h.ZeroThreshold, ZeroCount: h.ZeroCount, ZeroCountFloat: h.ZeroCountFloat,
		NegativeSpan: h.NegativeSpan, NegativeDelta: h.NegativeDelta, NegativeCount: h.NegativeCount,
		PositiveSpan: h.PositiveSpan, PositiveDelta: h.PositiveDelta, PositiveCount: h.PositiveCount,
		Exemplars: slices.Clone(h.Exemplars),
	}
}
