package main

import (
	"context"
	"time"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

// applicationCollector makes a family of every type from numbers that some application
// already has: here they are written down.
type applicationCollector struct{}

// started is when the application began to count.
var started = time.Unix(1700000000, 0)

func (applicationCollector) Collect(_ context.Context, s *engine.Sink) error {
	requests := s.Counter("app_requests_total", "Requests to the application.", "endpoint", "method")
	for _, r := range []struct {
		endpoint, method string
		n                float64
	}{{"/api/users", "GET", 1500}, {"/api/users", "POST", 300}, {"/api/orders", "GET", 800}, {"/api/orders", "POST", 200}} {
		requests.Add(r.n, r.endpoint, r.method).Start = encode.TimestampOf(started)
	}

	usage := s.Gauge("app_resource_usage", "What the application uses.", "resource", "unit")
	usage.Add(75.5, "cpu", "percent")
	usage.Add(1<<30, "memory", "bytes")
	usage.Add(42, "connections", "count")

	times := s.Histogram("app_response_time_seconds", "How long responses take.", "service")
	times.SetUnit("seconds")
	times.Add(engine.HistogramValue{Count: 1000, Sum: 125.5, Buckets: []engine.Bucket{
		{UpperBound: .1, Count: 500}, {UpperBound: .5, Count: 850}, {UpperBound: 1, Count: 950}, {UpperBound: 2.5, Count: 990},
	}}, "user_service")

	s.Summary("app_query_seconds", "How long database queries take.", "database").Add(
		engine.SummaryValue{Count: 2000, Sum: 45.2, Quantiles: []engine.Quantile{{Quantile: .5, Value: .02}, {Quantile: .99, Value: .1}}}, "primary")

	s.Info("app", "What the application is.").Add([]engine.Label{
		{Name: "version", Value: "2.1.0"}, {Name: "environment", Value: "production"}})

	s.StateSet("app_features", "Features of the application, on or off.").Add([]engine.State{
		{Name: "new_checkout", On: true}, {Name: "dark_mode", On: false}})

	// What waits in a queue now, by age: its buckets go up and down.
	s.GaugeHistogram("app_queue_age_seconds", "How long jobs have been waiting.").Add(engine.HistogramValue{
		Count: 12, Sum: 300, Buckets: []engine.Bucket{{UpperBound: 10, Count: 7}, {UpperBound: 60, Count: 11}}})

	s.Unknown("app_legacy_number", "A number of which nobody remembers what it is.").Add(7)
	return nil
}
