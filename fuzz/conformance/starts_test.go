package conformance

import (
	"regexp"
	"testing"

	"github.com/pawl-metrics/pawl/engine/export/scrape"
)

// counting are the series that have a start, which gauges have not; startless are those
// among them of which a protocol cannot tell: nobody knows when a callback began, and in
// OpenMetrics 1.0 hits is of unknown type.
var (
	counting  = regexp.MustCompile(`_(total|count|sum|bucket)\b|^hits|^size_bytes|^wait_seconds`)
	startless = map[string]*regexp.Regexp{
		"OpenMetricsText1.0.0": regexp.MustCompile(`^hits|^ticks`),
		"OpenMetricsText0.0.1": regexp.MustCompile(`^hits|^ticks`),
		"OpenMetricsText2.0.0": regexp.MustCompile(`^ticks`),
		"PrometheusProto":      regexp.MustCompile(`^ticks`),
	}
)

// With created-timestamp-zero-ingestion, whatever counts begins with a zero at the
// moment when its instrument was made, and then has what was recorded. No series tells
// of it.
func TestStarts(t *testing.T) {
	for _, protocol := range protocols[:4] {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			web := serve(t, scrape.Options{CreatedSamples: true})
			s := watch(t, web.addr(), setting{Protocol: protocol, Native: hasNative(protocol), Starts: true}).scraped(2)
			for k, list := range s.exposed() {
				web.checkStart(t, k, list[0], counting.MatchString(k) && !startless[protocol].MatchString(k))
			}
			got, _ := s.latest()
			want := recorded()
			if hasNative(protocol) {
				want.without("size_bytes")
				got.without("size_bytes")
			}
			if diff := want.diff(underscored(got)); diff != "" {
				t.Errorf("after the start:\n%s", diff)
			}
		})
	}
}

// checkStart looks at the first sample of a series.
func (s *service) checkStart(t *testing.T, k string, first point, want bool) {
	t.Helper()
	switch {
	case !want && first.at <= s.ready.UnixMilli():
		t.Errorf("%s has a start", k)
	case want && !first.zero():
		t.Errorf("%s starts with %v", k, first)
	case want:
		s.checkMoment(t, k, first.at)
	}
}

func (p point) zero() bool {
	if p.native != nil {
		return p.native.Count == 0 && p.native.Sum == 0
	}
	return p.value == 0
}

// Without CreatedSamples, OpenMetrics 1.0 tells no start; with it, a Prometheus that does
// not look for starts takes each for a series. Its value is the moment.
func TestCreatedSamples(t *testing.T) {
	t.Parallel()
	web := serve(t, scrape.Options{CreatedSamples: true})
	s := watch(t, web.addr(), setting{Protocol: "OpenMetricsText1.0.0"}).scraped(2)
	got, _ := s.latest()
	for _, k := range []string{`requests_created{code="200",method="GET"}`, "work_seconds_created", `http.requests_created{http.route="/a"}`,
		`latency_seconds_created{route="/a"}`, `size_bytes_created{route="/a"}`, `http.duration_seconds_created{route="/a"}`} {
		web.checkMoment(t, k, int64(got[k]*1000))
	}
}
