package prometheus

import (
	"math"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

// This file makes the engine's plain data of protobuf messages, for what collectors of
// others gave.

// familyOf converts a gathered family. ok is false for what the engine's data cannot say:
// counts that are fractions, and types that only a newer client_model knows.
func familyOf(m *dto.MetricFamily) (*engine.Family, bool) {
	typ, ok := familyTypes[m.GetType()]
	if !ok {
		return nil, false
	}
	f := &engine.Family{Name: m.GetName(), Help: m.GetHelp(), Unit: m.GetUnit(), Type: typ}
	f.Samples = make([]engine.Sample, len(m.Metric))
	for i, metric := range m.Metric {
		if !sampleInto(&f.Samples[i], typ, metric) {
			return nil, false
		}
	}
	slices.SortStableFunc(f.Samples, func(a, b engine.Sample) int { return compareLabels(a.Labels, b.Labels) })
	return f, true
}

var familyTypes = map[dto.MetricType]engine.Type{
	dto.MetricType_COUNTER:         engine.CounterType,
	dto.MetricType_GAUGE:           engine.GaugeType,
	dto.MetricType_UNTYPED:         engine.UntypedType,
	dto.MetricType_SUMMARY:         engine.SummaryType,
	dto.MetricType_HISTOGRAM:       engine.HistogramType,
	dto.MetricType_GAUGE_HISTOGRAM: engine.GaugeHistogramType,
}

func compareLabels(a, b []engine.Label) int {
	return slices.CompareFunc(a, b, func(a, b engine.Label) int { return strings.Compare(a.Value, b.Value) })
}

// sampleInto converts one metric.
func sampleInto(s *engine.Sample, typ engine.Type, m *dto.Metric) bool {
	s.Labels = labelsOf(m.Label)
	if m.TimestampMs != nil {
		ms := m.GetTimestampMs()
		s.Timestamp = encode.UnixTimestamp(ms/1000, ms%1000*1_000_000)
	}
	switch typ {
	case engine.CounterType:
		s.Value, s.Start = m.GetCounter().GetValue(), timestampOf(m.GetCounter().GetCreatedTimestamp())
		if e := m.GetCounter().GetExemplar(); e != nil {
			s.Exemplars = []engine.Exemplar{exemplarOf(e)}
		}
	case engine.GaugeType:
		s.Value = m.GetGauge().GetValue()
	case engine.UntypedType:
		s.Value = m.GetUntyped().GetValue()
	case engine.SummaryType:
		s.Summary, s.Start = summaryOf(m.GetSummary()), timestampOf(m.GetSummary().GetCreatedTimestamp())
	default:
		var ok bool
		s.Start = timestampOf(m.GetHistogram().GetCreatedTimestamp())
		s.Histogram, ok = histogramOf(m.GetHistogram())
		return ok
	}
	return true
}

func labelsOf(pairs []*dto.LabelPair) []engine.Label {
	labels := make([]engine.Label, len(pairs))
	for i, p := range pairs {
		labels[i] = engine.Label{Name: p.GetName(), Value: p.GetValue()}
	}
	return labels
}

func timestampOf(t *timestamppb.Timestamp) engine.Timestamp {
	if t == nil {
		return engine.Timestamp{}
	}
	return encode.UnixTimestamp(t.GetSeconds(), int64(t.GetNanos()))
}

func exemplarOf(e *dto.Exemplar) engine.Exemplar {
	return engine.Exemplar{Labels: labelsOf(e.Label), Value: e.GetValue(), Timestamp: timestampOf(e.Timestamp)}
}

func summaryOf(m *dto.Summary) *engine.SummaryValue {
	v := &engine.SummaryValue{Count: m.GetSampleCount(), Sum: m.GetSampleSum()}
	for _, q := range m.Quantile {
		v.Quantiles = append(v.Quantiles, engine.Quantile{Quantile: q.GetQuantile(), Value: q.GetValue()})
	}
	return v
}

// histogramOf converts a histogram of whole counts.
func histogramOf(m *dto.Histogram) (*engine.HistogramValue, bool) {
	if m.GetSampleCountFloat() != 0 || m.GetZeroCountFloat() != 0 || len(m.PositiveCount) > 0 || len(m.NegativeCount) > 0 {
		return nil, false
	}
	v := &engine.HistogramValue{Count: m.GetSampleCount(), Sum: m.GetSampleSum()}
	for _, b := range m.Bucket {
		if b.CumulativeCountFloat != nil && b.GetCumulativeCountFloat() != 0 {
			return nil, false
		}
		bucket := engine.Bucket{UpperBound: b.GetUpperBound(), Count: b.GetCumulativeCount()}
		if b.Exemplar != nil {
			bucket.Exemplar = new(exemplarOf(b.Exemplar))
		}
		v.Buckets = append(v.Buckets, bucket)
	}
	for _, e := range m.Exemplars {
		v.Exemplars = append(v.Exemplars, exemplarOf(e))
	}
	if m.Schema == nil {
		return v, true
	}
	return v, nativeOf(v, m)
}

// nativeOf converts the native part. It must hold together: the engine takes its word,
// and Prometheus refuses the whole scrape when it does not.
func nativeOf(v *engine.HistogramValue, m *dto.Histogram) bool {
	n := &engine.NativeHistogram{Schema: m.GetSchema(), ZeroThreshold: m.GetZeroThreshold(), ZeroCount: m.GetZeroCount(),
		Count: m.GetSampleCount(), Sum: m.GetSampleSum()}
	var ok bool
	n.PositiveSpans, n.PositiveCounts, ok = bucketsOf(m.PositiveSpan, m.PositiveDelta)
	if !ok {
		return false
	}
	n.NegativeSpans, n.NegativeCounts, ok = bucketsOf(m.NegativeSpan, m.NegativeDelta)
	if !ok || n.Schema == customBounds || n.Validate() != nil {
		return false
	}
	v.Native = n
	return true
}

// customBounds is the schema of native histograms with bounds of their own.
const customBounds = -53

// bucketsOf turns counts that are each the difference to the one before into counts.
func bucketsOf(spans []*dto.BucketSpan, deltas []int64) ([]engine.BucketSpan, []uint64, bool) {
	var out []engine.BucketSpan
	for _, s := range spans {
		out = append(out, engine.BucketSpan{Offset: s.GetOffset(), Length: s.GetLength()})
	}
	counts, sum := make([]uint64, len(deltas)), int64(0)
	for i, d := range deltas {
		if sum += d; sum < 0 || sum == math.MaxInt64 {
			return nil, nil, false
		}
		counts[i] = uint64(sum)
	}
	return out, counts, true
}
