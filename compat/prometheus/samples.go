package prometheus

import (
	"math"
	"slices"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/nativehist"
)

// This file makes protobuf messages of the engine's plain data, in the shape in which
// client_golang makes them: which fields are set, and which slices are nil, is what
// users' tests compare.

// pairs returns the labels of a series of the family.
func (f *family) pairs(labels []engine.Label) []*dto.LabelPair {
	switch {
	case len(f.desc.variableLabels.names) == 0:
		return f.desc.constLabels
	case f.renamed:
		values := make([]string, len(labels))
		for i := range labels { // in the order of the labels: see hiddenLabel
			values[i] = labels[i].Value
		}
		return MakeLabelPairs(f.desc, values)
	}
	return labelPairs(labels)
}

// labelPairs converts labels, in their order.
func labelPairs(labels []engine.Label) []*dto.LabelPair {
	type room struct { // one allocation for all that a pair is made of
		pair        dto.LabelPair
		name, value string
	}
	rooms, pairs := make([]room, len(labels)), make([]*dto.LabelPair, len(labels))
	for i, l := range labels {
		r := &rooms[i]
		r.name, r.value = l.Name, l.Value
		r.pair.Name, r.pair.Value = &r.name, &r.value
		pairs[i] = &r.pair
	}
	return pairs
}

// timestamp converts a timestamp; nil for none.
func timestamp(t engine.Timestamp) *timestamppb.Timestamp {
	if !t.IsSet() {
		return nil
	}
	sec, nsec := t.Unix()
	return &timestamppb.Timestamp{Seconds: sec, Nanos: nsec}
}

// exemplar converts an exemplar; nil for none.
func exemplar(e *engine.Exemplar) *dto.Exemplar {
	if e == nil {
		return nil
	}
	return &dto.Exemplar{Label: labelPairs(e.Labels), Value: new(e.Value), Timestamp: timestamp(e.Timestamp)}
}

// lastExemplar converts a counter's exemplar.
func lastExemplar(list []engine.Exemplar) *dto.Exemplar {
	if len(list) == 0 {
		return nil
	}
	return exemplar(&list[len(list)-1])
}

// writeSummary converts a summary. ranks are the quantiles as they were asked for.
func writeSummary(s *engine.Sample, ranks []float64) *dto.Summary {
	m := &dto.Summary{SampleCount: new(s.Summary.Count), SampleSum: new(s.Summary.Sum), CreatedTimestamp: timestamp(s.Start)}
	for _, rank := range ranks {
		m.Quantile = append(m.Quantile, &dto.Quantile{Quantile: new(rank), Value: new(valueAt(s.Summary.Quantiles, rank))})
	}
	return m
}

// valueAt returns the value of the last quantile up to rank, or of the first: the engine
// has one at 0 for all ranks below, and one at 1 for all above.
func valueAt(list []engine.Quantile, rank float64) float64 {
	value := list[0].Value
	for _, q := range list {
		if q.Quantile <= rank {
			value = q.Value
		}
	}
	return value
}

// writeHistogram converts a histogram. bounds are those asked for, where the engine has
// others.
func writeHistogram(s *engine.Sample, bounds []float64) *dto.Histogram {
	v := s.Histogram
	m := &dto.Histogram{SampleCount: new(v.Count), SampleSum: new(v.Sum), CreatedTimestamp: timestamp(s.Start)}
	classic := v.Buckets
	if bounds != nil {
		classic = rebucket(classic, bounds)
	}
	m.Bucket = classicBuckets(classic)
	if v.Native == nil {
		return m
	}
	writeNative(m, v.Native)
	for i := range v.Exemplars {
		m.Exemplars = append(m.Exemplars, exemplar(&v.Exemplars[i]))
	}
	if len(classic) == 0 {
		m.Bucket = latestAsBucket(v)
	}
	return m
}

// classicBuckets converts buckets. That for +Inf goes without saying, unless it has an
// exemplar.
func classicBuckets(buckets []engine.Bucket) []*dto.Bucket {
	list := make([]*dto.Bucket, 0, len(buckets))
	for i := range buckets {
		b := &buckets[i]
		if math.IsInf(b.UpperBound, 1) && b.Exemplar == nil {
			continue
		}
		list = append(list, &dto.Bucket{CumulativeCount: new(b.Count), UpperBound: new(b.UpperBound), Exemplar: exemplar(b.Exemplar)})
	}
	return list
}

// latestAsBucket returns the +Inf bucket that a histogram without classic buckets has once
// there is an exemplar, with the latest.
func latestAsBucket(v *engine.HistogramValue) []*dto.Bucket {
	if len(v.Exemplars) == 0 {
		return nil
	}
	latest := slices.MaxFunc(v.Exemplars, func(a, b engine.Exemplar) int { return a.Timestamp.Compare(b.Timestamp) })
	return classicBuckets([]engine.Bucket{{UpperBound: math.Inf(1), Count: v.Count, Exemplar: &latest}})
}

// rebucket returns the buckets of other bounds, of which the engine has the finite ones
// (and one where there are none). Each takes in what the engine has up to it: a bound
// that is NaN nothing, as no observation is below it.
func rebucket(have []engine.Bucket, bounds []float64) []engine.Bucket {
	list := make([]engine.Bucket, 0, len(bounds)+1)
	var count uint64
	for _, bound := range append(slices.Clip(bounds), math.Inf(1)) {
		b := engine.Bucket{UpperBound: bound}
		for len(have) > 0 && have[0].UpperBound <= bound {
			count, b.Exemplar = have[0].Count, later(b.Exemplar, have[0].Exemplar)
			have = have[1:]
		}
		b.Count = count
		list = append(list, b)
	}
	return list
}

// later returns the later of two exemplars, of which either may be nil.
func later(a, b *engine.Exemplar) *engine.Exemplar {
	if a == nil || b != nil && b.Timestamp.Compare(a.Timestamp) >= 0 {
		return b
	}
	return a
}

// writeNative adds the native part. A native histogram that would look like a classic
// one gets a span of no buckets.
func writeNative(m *dto.Histogram, h *engine.NativeHistogram) {
	m.Schema, m.ZeroThreshold, m.ZeroCount = new(h.Schema), new(h.ZeroThreshold), new(h.ZeroCount)
	m.PositiveSpan, m.PositiveDelta = bucketSpans(h.PositiveSpans), deltas(h.PositiveCounts)
	m.NegativeSpan, m.NegativeDelta = bucketSpans(h.NegativeSpans), deltas(h.NegativeCounts)
	if h.NoOp() {
		m.PositiveSpan = bucketSpans([]engine.BucketSpan{{}})
	}
}

func bucketSpans(spans []engine.BucketSpan) []*dto.BucketSpan {
	if len(spans) == 0 {
		return nil
	}
	list := make([]*dto.BucketSpan, len(spans))
	for i, s := range spans {
		list[i] = &dto.BucketSpan{Offset: new(s.Offset), Length: new(s.Length)}
	}
	return list
}

func deltas(counts []uint64) []int64 {
	if len(counts) == 0 {
		return nil
	}
	return nativehist.AppendDeltas(make([]int64, 0, len(counts)), counts)
}
