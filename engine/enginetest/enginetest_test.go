package enginetest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/enginetest"
)

// fake records what a helper tells the test.
type fake struct {
	errors, fatals []string
}

func (f *fake) Helper() {}
func (f *fake) Errorf(format string, a ...any) {
	f.errors = append(f.errors, fmt.Sprintf(format, a...))
}
func (f *fake) Fatalf(format string, a ...any) {
	f.fatals = append(f.fatals, fmt.Sprintf(format, a...))
}

func registry() *engine.Registry {
	reg := engine.NewRegistry()
	v := engine.MustStringCounterVec(reg, engine.Opts{Name: "requests_total", Help: "Requests."}, "path")
	v.With("/a b").Add(3)
	v.With("# TYPE x gauge\n").Inc()
	engine.MustGauge(reg, engine.Opts{Name: "temperature"}).Set(-1.5)
	engine.MustHistogram(reg, engine.HistogramOpts{Opts: engine.Opts{Name: "size"}, Buckets: []float64{1}}).Observe(1)
	return reg
}

func TestValue(t *testing.T) {
	reg := registry()
	for series, want := range map[string]float64{
		`requests_total{path="/a b"}`:             3,
		`requests_total{path="# TYPE x gauge\n"}`: 1,
		`temperature`:            -1.5,
		`size_bucket{le="1"}`:    1,
		`size_bucket{le="+Inf"}`: 1,
		`size_sum`:               1,
		`pawl_dropped_observations_total{reason="nan"}`: 0,
	} {
		if got := enginetest.Value(t, reg, series); got != want {
			t.Errorf("%s is %v, want %v", series, got, want)
		}
	}
	var f fake
	enginetest.Value(&f, reg, "no_such")
	if len(f.fatals) != 1 || !strings.Contains(f.fatals[0], "no_such") || !strings.Contains(f.fatals[0], "temperature") {
		t.Errorf("a missing series is reported as %q", f.fatals)
	}
	if enginetest.Has(t, reg, "no_such") || !enginetest.Has(t, reg, "temperature") {
		t.Error("Has is wrong")
	}
}

func TestSeries(t *testing.T) {
	want := []string{`requests_total{path="# TYPE x gauge\n"}`, `requests_total{path="/a b"}`}
	if got := enginetest.Series(t, registry(), "requests_total"); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := enginetest.Series(t, registry()); len(got) != 7 {
		t.Errorf("%d series, want 7: %q", len(got), got)
	}
}

func TestCompare(t *testing.T) {
	reg := registry()
	enginetest.Compare(t, reg, `
		# HELP requests_total Requests.
		# TYPE requests_total counter
		requests_total{path="# TYPE x gauge\n"} 1
		requests_total{path="/a b"} 3
		# TYPE temperature gauge
		temperature -1.5
	`, "requests_total", "temperature")
	for _, wrong := range []string{"", "# TYPE temperature gauge\ntemperature 2", "temperature -1.5\n# TYPE temperature gauge"} {
		var f fake
		enginetest.Compare(&f, reg, wrong, "temperature")
		if len(f.errors) != 1 {
			t.Errorf("no difference seen to %q", wrong)
		}
	}
}

// The series of the rarer types, of collectors too, are those of the exposition.
func TestRareTypes(t *testing.T) {
	reg := engine.NewRegistry()
	engine.MustEnum(reg, engine.StatesOpts{Opts: engine.Opts{Name: "conn"}, States: []string{"open", "closed"}}).Set("closed")
	engine.MustStateSet(reg, engine.StatesOpts{Opts: engine.Opts{Name: "flags"}, States: []string{"a", "b"}}).Set("a", true)
	engine.MustInfo(reg, engine.Opts{Name: "build"}, map[string]string{"version": "1"})
	s := engine.MustSummary(reg, engine.SummaryOpts{Opts: engine.Opts{Name: "latency"}, Quantiles: []float64{0.5}})
	s.Observe(0)
	reg.MustRegister(engine.CollectorFunc(func(_ context.Context, s *engine.Sink) error {
		s.Gauge("collected", "", "a").Add(7, "b")
		return nil
	}))
	for series, want := range map[string]float64{
		`conn{conn="open"}`:       0,
		`conn{conn="closed"}`:     1,
		`flags{flags="a"}`:        1,
		`build_info{version="1"}`: 1,
		`latency{quantile="0.5"}`: 0,
		`latency_count`:           1,
		`collected{a="b"}`:        7,
	} {
		if got := enginetest.Value(t, reg, series); got != want {
			t.Errorf("%s is %v, want %v", series, got, want)
		}
	}
	enginetest.Compare(t, reg, "# TYPE conn gauge\nconn{conn=\"open\"} 0\nconn{conn=\"closed\"} 1", "conn")
}
