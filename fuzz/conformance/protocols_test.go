package conformance

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/engine/export/scrape"
	"github.com/prometheus/prometheus/model/histogram"
)

// Every protocol leaves the same series behind, with the values that were recorded.
func TestProtocols(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			web := serve(t, scrape.Options{})
			s := watch(t, web.addr(), setting{Protocol: protocol}).scraped(2)
			checkAnswer(t, *web.answered.Load(), protocol)
			got, natives := s.latest()
			if diff := recorded().diff(underscored(got)); diff != "" {
				t.Errorf("Prometheus has not what was recorded:\n%s", diff)
			}
			if len(natives) > 0 {
				t.Errorf("native histograms, which nobody wanted: %v", natives)
			}
		})
	}
}

// contentTypes are how the answer to each protocol begins.
var contentTypes = map[string]string{
	"PrometheusProto":      "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
	"OpenMetricsText2.0.0": "application/openmetrics-text; version=2.0.0; charset=utf-8; escaping=allow-utf-8",
	"OpenMetricsText1.0.0": "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
	"OpenMetricsText0.0.1": "application/openmetrics-text; version=0.0.1; charset=utf-8",
	"PrometheusText1.0.0":  "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
	"PrometheusText0.0.4":  "text/plain; version=0.0.4; charset=utf-8",
}

func checkAnswer(t *testing.T, h http.Header, protocol string) {
	t.Helper()
	if got := h.Get("Content-Type"); !strings.HasPrefix(got, contentTypes[protocol]) {
		t.Errorf("answered in %s, want %s", got, contentTypes[protocol])
	}
	if h.Get("Content-Encoding") != "gzip" {
		t.Errorf("Prometheus asked for gzip, and got %q", h.Get("Content-Encoding"))
	}
}

// underscored gives names the form that recorded has. Only some protocols can ask for
// others; see TestSchemes.
func underscored(got values) values {
	out := make(values)
	for k, v := range got {
		for _, name := range []string{"http.requests_total", "http.route", "http.duration_seconds"} {
			k = strings.Replace(k, name, strings.ReplaceAll(name, ".", "_"), 1)
		}
		out[k] = v
	}
	return out
}

// The two protocols that have native histograms bring them beside the same floats.
func TestNativeHistograms(t *testing.T) {
	for _, protocol := range protocols[:2] {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			s := watch(t, serve(t, scrape.Options{}).addr(), setting{Protocol: protocol, Native: true}).scraped(2)
			got, natives := s.latest()
			want := recorded()
			want.without("size_bytes") // it has no classic part
			got.without("size_bytes")
			if diff := want.diff(underscored(got)); diff != "" {
				t.Errorf("the floats are not what was recorded:\n%s", diff)
			}
			names := slices.Sorted(maps.Keys(natives))
			if !slices.Equal(names, []string{`size_bytes{route="/a"}`, `wait_seconds{route="/a"}`}) {
				t.Fatalf("native histograms: %v", names)
			}
			for _, h := range natives {
				checkNative(t, h)
			}
		})
	}
}

// checkNative looks into every bucket of a native histogram of 1 to 100.
func checkNative(t *testing.T, h *histogram.FloatHistogram) {
	t.Helper()
	if err := h.Validate(); err != nil {
		t.Error(err)
	}
	if h.Count != 100 || h.Sum != 5050 || h.Schema != 3 || h.ZeroCount != 0 || h.ZeroThreshold != 0x1p-128 {
		t.Errorf("count %v, sum %v, schema %v, %v zeros up to %v", h.Count, h.Sum, h.Schema, h.ZeroCount, h.ZeroThreshold)
	}
	for it := h.PositiveBucketIterator(); it.Next(); {
		b, want := it.At(), 0.0
		for v := 1.0; v <= 100; v++ {
			if b.Lower < v && v <= b.Upper {
				want++
			}
		}
		if b.Count != want {
			t.Errorf("%v in %v, want %v", b.Count, b, want)
		}
	}
}
