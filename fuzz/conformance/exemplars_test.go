package conformance

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/engine/export/scrape"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
)

// Every protocol that has exemplars brings each to the series that it belongs to: a
// counter, the bucket of a classic histogram, a native histogram.
func TestExemplars(t *testing.T) {
	for _, protocol := range protocols[:4] {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			native := hasNative(protocol)
			web := serve(t, scrape.Options{})
			s := watch(t, web.addr(), setting{Protocol: protocol, Native: native}).scraped(2)
			got := s.exemplars()
			for k, list := range got {
				for i := range list {
					web.checkMoment(t, k, list[i].Ts)
				}
			}
			want := wantExemplars(native)
			if diff := underscored(want).diff(underscored(flat(got))); diff != "" {
				t.Errorf("exemplars:\n%s", diff)
			}
		})
	}
}

// wantExemplars has the value of each exemplar under its series and labels.
func wantExemplars(native bool) values {
	v := values{`requests_total{code="200",method="GET"} # {trace_id="a1"}`: 1}
	for value, id := range traces {
		text := fmt.Sprintf(` # {kind="é",trace_id=%q}`, id)
		for _, name := range []string{"latency_seconds", "wait_seconds", "http.duration_seconds"} {
			v[fmt.Sprintf(`%s_bucket{le=%q,route="/a"}`, name, canonical(boundOf(value)))+text] = value
		}
		switch {
		case native:
			v[`size_bytes{route="/a"}`+text] = value
			v[`wait_seconds{route="/a"}`+text] = value
		case value == 90: // the latest of the one bucket that is left
			v[`size_bytes_bucket{le="+Inf",route="/a"}`+text] = value
		}
	}
	return v
}

func boundOf(value float64) float64 {
	for _, b := range bounds {
		if value <= b {
			return b
		}
	}
	return math.Inf(1)
}

// exemplars are those that the server has stored.
func (s *server) exemplars() map[string][]exemplar.Exemplar {
	s.t.Helper()
	q, err := s.db.ExemplarQuerier(background())
	if err != nil {
		s.t.Fatal(err)
	}
	all := []*labels.Matcher{labels.MustNewMatcher(labels.MatchRegexp, "__name__", ".+")}
	found, err := q.Select(0, math.MaxInt64, all)
	if err != nil {
		s.t.Fatal(err)
	}
	bySeries := make(map[string][]exemplar.Exemplar)
	for _, f := range found {
		bySeries[seriesKey(f.SeriesLabels)] = f.Exemplars
	}
	return bySeries
}

func flat(bySeries map[string][]exemplar.Exemplar) values {
	v := make(values)
	for k, list := range bySeries {
		for _, e := range list {
			v[k+" # "+strings.TrimSpace(key("", e.Labels.Map()))] = e.Value
		}
	}
	return v
}
