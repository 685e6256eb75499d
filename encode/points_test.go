package encode

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/nativehist"
)

func pointFamilies() []Family {
	labels := []Label{{"a", "x"}}
	histogram := func(n uint64) *HistogramValue {
		return &HistogramValue{Count: n, Sum: 2.5, Buckets: []Bucket{{UpperBound: 0.5, Count: 1}, {UpperBound: 1e6, Count: 2}}}
	}
	return []Family{
		{Name: "c_total", Type: Counter, Samples: []Sample{{Labels: labels, Value: 7}, {Value: math.Inf(1)}}},
		{Name: "g", Type: Gauge, Samples: []Sample{{Value: -1.5}}},
		{Name: "u", Samples: []Sample{{Value: 3}}},
		{Name: "h", Type: Histogram, Samples: []Sample{{Labels: labels, Histogram: histogram(3)}, {Histogram: histogram(9)}, {}}},
		{Name: "gh", Type: GaugeHistogram, Samples: []Sample{{Histogram: histogram(3)}}},
		{Name: "n", Type: Histogram, Samples: []Sample{{Histogram: &HistogramValue{Native: &nativehist.Histogram{Count: 4, Sum: 5}}}}},
		{Name: "s", Type: Summary, Samples: []Sample{{Summary: &SummaryValue{Count: 2, Sum: 3, Quantiles: []Quantile{{0.5, 1}, {0.9, 2}, {0.9, 4}}}}, {}}},
		{Name: "i", Type: Info, Samples: []Sample{{Labels: labels, Value: 99}}},
		{Name: "mode", Type: StateSet, Samples: []Sample{{States: []State{{"on", true}, {"off", false}, {"on", true}}}}},
		{Name: "bad", Type: Gauge, Samples: []Sample{{Labels: []Label{{"a.b", "1"}, {"a_b", "2"}}}, {Labels: []Label{{"", "1"}}}}},
		{Name: "", Type: Gauge, Samples: []Sample{{}}},
	}
}

// Points are the lines of text format 0.0.4, by another road.
func TestPointsAreTextLines(t *testing.T) {
	for _, f := range pointFamilies() {
		var want, got []byte
		for line := range strings.Lines(string(AppendFamily(nil, Format{}, Options{}, &f))) {
			if line[0] != '#' {
				want = append(want, line...)
			}
		}
		for p := range f.Points(Underscores, AppendBound) {
			labels := p.Sample.Labels
			if p.Own.Name != "" {
				labels = append(append([]Label(nil), labels...), p.Own)
			}
			got = AppendSeries(got, Format{}, p.Name, p.Suffix, labels)
			got = append(AppendFloat(got, p.Value), '\n')
		}
		if string(got) != string(want) {
			t.Errorf("%q: points\n%s\nlines\n%s", f.Name, got, want)
		}
	}
}

// A receiver that has had enough gets no more, wherever it stops.
func TestPointsStop(t *testing.T) {
	for _, f := range pointFamilies() {
		all := 0
		for range f.Points(Underscores, AppendBound) {
			all++
		}
		for limit := range all {
			n := 0
			for range f.Points(Underscores, AppendBound) {
				if n == limit {
					break
				}
				n++
			}
			if n != limit {
				t.Errorf("%s: %d points, stopped at %d", f.Name, n, limit)
			}
		}
	}
}

func TestPointsExemplars(t *testing.T) {
	e := []Exemplar{{Value: 1}, {Value: 2}, {Value: 3}}
	c := Family{Name: "c_total", Type: Counter, Samples: []Sample{{Exemplars: e}}}
	h := Family{Name: "h", Type: Histogram, Samples: []Sample{{Histogram: &HistogramValue{Count: 1, Buckets: []Bucket{
		{UpperBound: 1, Count: 1, Exemplar: &e[0]}, {UpperBound: math.Inf(1), Count: 1, Exemplar: &e[1]}}}}}}
	var got []string
	for _, f := range []Family{c, h} {
		for p := range f.Points(Underscores, AppendBound) {
			if p.Exemplar != nil {
				got = append(got, fmt.Sprint(p.Name, p.Suffix, p.Own.Value, " ", p.Exemplar.Value))
			}
		}
	}
	if want := "[c_total 3 h_bucket1 1 h_bucket+Inf 2]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestPointsCanonical(t *testing.T) {
	var got []string
	for p := range pointFamilies()[3].Points(Underscores, AppendCanonicalBound) {
		got = append(got, p.Own.Value)
	}
	if want := "0.5 1e+06 +Inf   0.5 1e+06 +Inf  "; strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", got, want)
	}
}
