package conformance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/engine/export/scrape"
)

// Names arrive as the scheme spells them. A family's name is escaped and its suffixes
// follow, as client_golang does it; a legacy name stays under every scheme.
func TestSchemes(t *testing.T) {
	for _, c := range []struct{ protocol, scheme, counter, label, histogram string }{
		{"PrometheusProto", "allow-utf-8", "http.requests_total", "http.route", "http.duration_seconds"},
		{"OpenMetricsText2.0.0", "allow-utf-8", "http.requests_total", "http.route", "http.duration_seconds"},
		{"OpenMetricsText1.0.0", "allow-utf-8", "http.requests_total", "http.route", "http.duration_seconds"},
		{"PrometheusText1.0.0", "allow-utf-8", "http.requests_total", "http.route", "http.duration_seconds"},
		{"OpenMetricsText2.0.0", "underscores", "http_requests_total", "http_route", "http_duration_seconds"},
		{"OpenMetricsText1.0.0", "underscores", "http_requests_total", "http_route", "http_duration_seconds"},
		{"PrometheusText1.0.0", "underscores", "http_requests_total", "http_route", "http_duration_seconds"},
		{"OpenMetricsText2.0.0", "dots", "http_dot_requests__total", "http_dot_route", "http_dot_duration__seconds"},
		{"PrometheusText1.0.0", "dots", "http_dot_requests__total", "http_dot_route", "http_dot_duration__seconds"},
		{"OpenMetricsText2.0.0", "values", "U__http_2e_requests__total", "U__http_2e_route", "U__http_2e_duration__seconds"},
		{"OpenMetricsText1.0.0", "dots", "http_dot_requests__total", "http_dot_route", "http_dot_duration__seconds"},
		{"OpenMetricsText1.0.0", "values", "U__http_2e_requests__total", "U__http_2e_route", "U__http_2e_duration__seconds"},
		{"PrometheusText1.0.0", "values", "U__http_2e_requests__total", "U__http_2e_route", "U__http_2e_duration__seconds"},

		// Text 0.0.4 and OpenMetrics 0.0.1 have no place for the wish.
		{"PrometheusText0.0.4", "allow-utf-8", "http_requests_total", "http_route", "http_duration_seconds"},
		{"OpenMetricsText0.0.1", "allow-utf-8", "http_requests_total", "http_route", "http_duration_seconds"},
	} {
		t.Run(c.protocol+"/"+c.scheme, func(t *testing.T) {
			t.Parallel()
			s := watch(t, serve(t, scrape.Options{}).addr(), setting{Protocol: c.protocol, Scheme: c.scheme}).scraped(1)
			want := make(values)
			for k, v := range recorded() {
				want[respelt(k, c.counter, c.label, c.histogram)] = v
			}
			got, _ := s.latest()
			if diff := want.diff(got); diff != "" {
				t.Errorf("under the scheme %s:\n%s", c.scheme, diff)
			}
		})
	}
}

// respelt is a series of recorded under a scheme's names.
func respelt(k, counter, label, histogram string) string {
	if k == `http_requests_total{http_route="/a"}` {
		return fmt.Sprintf(`%s{%s="/a"}`, counter, label)
	}
	if suffix, ok := strings.CutPrefix(k, "http_duration_seconds"); ok {
		return histogram + suffix
	}
	return k
}
