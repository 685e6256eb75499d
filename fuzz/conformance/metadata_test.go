package conformance

import (
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/engine/export/scrape"
	"github.com/prometheus/common/model"
	prom "github.com/prometheus/prometheus/scrape"
)

// registered is what the service's families were registered with.
var registered = []prom.MetricMetadata{
	{MetricFamily: "requests_total", Type: model.MetricTypeCounter, Help: helpText},
	{MetricFamily: "work_seconds_total", Type: model.MetricTypeCounter, Help: "Time at work.", Unit: "seconds"},
	{MetricFamily: "bytes_total", Type: model.MetricTypeCounter},
	{MetricFamily: "hits", Type: model.MetricTypeCounter, Help: "A counter without _total."},
	{MetricFamily: "ticks_total", Type: model.MetricTypeCounter},
	{MetricFamily: "http.requests_total", Type: model.MetricTypeCounter, Help: "A dotted name."},
	{MetricFamily: "temperature_celsius", Type: model.MetricTypeGauge, Help: "How warm it is.", Unit: "celsius"},
	{MetricFamily: "odd", Type: model.MetricTypeGauge, Help: "Values that need care."},
	{MetricFamily: "connections", Type: model.MetricTypeGauge},
	{MetricFamily: "load_ratio", Type: model.MetricTypeGauge, Unit: "ratio"},
	{MetricFamily: "latency_seconds", Type: model.MetricTypeHistogram, Help: "A classic one.", Unit: "seconds"},
	{MetricFamily: "size_bytes", Type: model.MetricTypeHistogram, Help: "A native one.", Unit: "bytes"},
	{MetricFamily: "wait_seconds", Type: model.MetricTypeHistogram, Help: "Both.", Unit: "seconds"},
	{MetricFamily: "http.duration_seconds", Type: model.MetricTypeHistogram, Help: "A dotted name.", Unit: "seconds"},
}

// Type, help and unit arrive as they were registered, as far as a protocol has them.
func TestMetadata(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			s := watch(t, serve(t, scrape.Options{}).addr(), setting{Protocol: protocol}).scraped(1)
			got := make(map[string]prom.MetricMetadata)
			for _, m := range s.target().ListMetadata() {
				if !strings.HasPrefix(m.MetricFamily, "pawl_") {
					got[m.MetricFamily] = m
				}
			}
			for _, want := range registered {
				want = as(want, protocol)
				if m, ok := got[want.MetricFamily]; !ok || m != want {
					t.Errorf("got %q, want %q", m, want)
				}
			}
			if len(got) != len(registered) {
				t.Errorf("%d families, want %d", len(got), len(registered))
			}
		})
	}
}

// as is what a protocol can say of a family. Text has no units; in OpenMetrics 1.0 a
// counter's family has no _total, and one that never had is of unknown type.
func as(m prom.MetricMetadata, protocol string) prom.MetricMetadata {
	if strings.HasPrefix(protocol, "PrometheusText") {
		m.Unit = ""
	}
	if !hasNames(protocol) {
		m.MetricFamily = strings.ReplaceAll(m.MetricFamily, ".", "_")
	}
	if protocol == "OpenMetricsText1.0.0" || protocol == "OpenMetricsText0.0.1" {
		if m.MetricFamily == "hits" {
			m.Type = model.MetricTypeUnknown
		}
		m.MetricFamily = strings.TrimSuffix(m.MetricFamily, "_total")
	}
	return m
}
