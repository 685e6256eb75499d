package main

import (
	"context"
	"time"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

// samplesCollector makes samples that say more than a value: when it was true, by which
// trace it can be explained, since when it has been counted.
type samplesCollector struct {
	now func() time.Time
}

func (c *samplesCollector) Collect(_ context.Context, s *engine.Sink) error {
	now := encode.TimestampOf(c.now())

	// A value that was read some time ago. Timestamps are exact to the nanosecond; text
	// has room for milliseconds, OpenMetrics for all of them. Give one only to a value
	// that is older than the scrape: a series with timestamps does not end when the
	// target does.
	s.Gauge("custom_samples", "Samples made by hand.", "instance", "job").Add(42, "server1", "app").Timestamp = now

	// A counter with the trace of a request that it has counted, for OpenMetrics and
	// protobuf. Exemplars are labels, a value, and when it was.
	jobs := s.Counter("custom_jobs_total", "Jobs made by hand.", "instance").Add(38, "server2")
	jobs.Start = encode.TimestampOf(started)
	jobs.Exemplars = []engine.Exemplar{{
		Labels:    []engine.Label{{Name: "trace_id", Value: "abc123"}, {Name: "span_id", Value: "def456"}},
		Value:     1,
		Timestamp: now,
	}}

	// A native histogram: buckets by index, here of schema 0, where each is twice as wide
	// as the one before it.
	s.Histogram("custom_sizes_bytes", "Sizes counted by somebody else.").Add(engine.HistogramValue{
		Native: &engine.NativeHistogram{Count: 6, Sum: 21, Schema: 0, ZeroThreshold: 0.001, ZeroCount: 1,
			PositiveSpans:  []engine.BucketSpan{{Offset: 0, Length: 2}, {Offset: 1, Length: 1}},
			PositiveCounts: []uint64{2, 1, 2}},
	})
	return nil
}
