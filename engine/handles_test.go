package engine

import (
	"context"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/encode"
)

// A registry that reports to another one has no families of its own, and what it refuses
// is counted there.
func TestReportsTo(t *testing.T) {
	reports := NewRegistry()
	owner := new(int)
	reg := NewRegistryWith(RegistryOptions{Reports: reports, Owner: owner})
	if text := reg.AppendText(nil); len(text) > 0 {
		t.Errorf("an empty registry exposes\n%s", text)
	}
	c := MustCounter(reg, named("c_total"))
	c.AddFloat(-1)
	c.AddFloat(math.NaN())
	MustGaugeFunc(reg, named("g"), func() float64 { panic("no value") })
	if text := string(reg.AppendText(nil)); text != "# TYPE c_total counter\nc_total 0\n" {
		t.Errorf("exposes\n%s", text)
	}
	if n := reports.Dropped(); n != 2 {
		t.Errorf("%d refusals are counted, want 2", n)
	}
	if text := string(reports.AppendText(nil)); !strings.Contains(text, `pawl_callback_panics_total{family="g"} 1`) || strings.Contains(text, "c_total 0") {
		t.Errorf("the other registry exposes\n%s", text)
	}
	if c.Registry().Owner() != owner || reports.Owner() != nil {
		t.Error("a handle does not lead to the owner")
	}
}

// A handle's sample is what Gather has of its series.
func TestSampleOfHandle(t *testing.T) {
	reg := NewRegistry()
	opts := Opts{Name: "x_total", ConstLabels: map[string]string{"b": `q"\`}}
	c := MustStringCounterVec(reg, opts, "c", "a")
	c.With("1", "2").AddWithExemplar(1.5, Label{Name: "id", Value: "7"})
	c.With("0", "2").Inc()
	g := MustStringGaugeVec(reg, named("g"), "a")
	g.With("z").Set(-1)
	h := MustHistogram(reg, buckets("h", 1, 2))
	h.Observe(1.5)
	native := MustHistogram(reg, HistogramOpts{Opts: named("n"), Native: NativeOpts{Factor: 1.1}})
	native.ObserveWithExemplar(3, Label{Name: "id", Value: "8"})
	s := MustSummary(reg, SummaryOpts{Opts: named("s"), Quantiles: []float64{0.5}})
	s.Observe(2)
	samples := []Sample{c.With("1", "2").Sample(), c.With("0", "2").Sample(), g.With("z").Sample(), h.Sample(), native.Sample(), s.Sample()}
	for _, want := range gathered(t, reg) {
		if strings.HasPrefix(want.Name, "pawl_") {
			continue
		}
		for i := range want.Samples {
			if !slices.ContainsFunc(samples, func(have Sample) bool { return sameSample(&have, &want.Samples[i]) }) {
				t.Errorf("no handle's sample of %s is %+v", want.Name, want.Samples[i])
			}
		}
	}
	gone := c.With("1", "2")
	c.Delete("1", "2")
	if s := gone.Sample(); s.Value != 1.5 || s.Start != (Timestamp{}) || len(s.Labels) != 3 {
		t.Errorf("of a deleted series: %+v", s)
	}
}

// sameSample compares two samples; no labels are no labels, nil or not.
func sameSample(a, b *Sample) bool {
	x, y := *a, *b
	if len(x.Labels) == 0 && len(y.Labels) == 0 {
		x.Labels, y.Labels = nil, nil
	}
	return reflect.DeepEqual(x, y)
}

// gathered returns copies of all families.
func gathered(t *testing.T, s Source) (list []Family) {
	t.Helper()
	err := s.Gather(t.Context(), func(f *Family) error {
		own := *f
		own.Samples = nil
		for i := range f.Samples {
			sample := ownSample(&f.Samples[i])
			sample.Labels = slices.Clone(sample.Labels)
			own.Samples = append(own.Samples, sample)
		}
		list = append(list, own)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestStringVecFind(t *testing.T) {
	reg := NewRegistry()
	v := MustStringCounterVec(reg, named("c_total"), "a", "b")
	values := []string{"1", "2"}
	if v.Find(values...) != nil || v.Len() != 0 {
		t.Error("found a series that was never made, or made one")
	}
	c := v.With(values...)
	if v.Find(values...) != c || v.Find("1") != nil || v.Find("2", "1") != nil {
		t.Error("Find is not With of the series that are there")
	}
	if n := testing.AllocsPerRun(100, func() { v.Find("1", "2") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	v.Delete(values...)
	if v.Find(values...) != nil {
		t.Error("found a deleted series")
	}
}

// All has a vec's own series, though another vec of the family has the same values of
// variable labels.
func TestStringVecAll(t *testing.T) {
	reg := NewRegistry()
	opts := func(zone string) Opts {
		return Opts{Name: "c_total", ConstLabels: map[string]string{"m": zone}}
	}
	const odd = `","m="b",` + "\n\\"
	a, b := MustStringCounterVec(reg, opts("a"), "k", "z"), MustStringCounterVec(reg, opts("b"), "k", "z")
	for _, v := range []string{"3", "1", "2", odd} {
		a.With(v, v).Add(1)
		b.With(v, v).Add(2)
	}
	for v, want := range map[*StringVec[Counter]]float64{a: 1, b: 2} {
		var got []string
		for c := range v.All() {
			if c.Value() != want {
				t.Errorf("a counter of the other vec: %v", c.Sample())
			}
			got = append(got, c.Sample().Labels[0].Value)
		}
		if want := []string{odd, "1", "2", "3"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for range a.All() {
		a.Reset() // needs no lock that All has
		break
	}
}

// A checked view has families whose names a registry would not have side by side, and
// plain data among them.
func TestMergeChecked(t *testing.T) {
	reports := NewRegistry()
	sole := func() *Registry { return NewRegistryWith(RegistryOptions{Reports: reports}) }
	counter, gauge, part := sole(), sole(), sole()
	MustCounter(counter, named("x_total")).Add(3)
	MustGauge(gauge, named("x")).Set(1)
	MustCounter(part, Opts{Name: "x_total", ConstLabels: map[string]string{"a": "1"}}).Add(4)
	ready := []*Family{
		{Name: "b", Type: encode.Gauge, Samples: []Sample{{Value: 5}}},
		{Name: "x_total", Type: encode.Counter, Samples: []Sample{{Labels: []Label{{Name: "a", Value: "2"}}, Value: 6}}},
	}
	v := MergeChecked(counter, gauge, part).With(ready...)
	for _, c := range []struct{ syntax, want string }{
		{"text", "# TYPE b gauge\nb 5\n# TYPE x gauge\nx 1\n# TYPE x_total counter\nx_total 3\nx_total{a=\"1\"} 4\nx_total{a=\"2\"} 6\n"},
		{"om", "# TYPE b gauge\nb 5.0\n# TYPE x gauge\nx 1.0\n# TYPE x_total unknown\nx_total 3.0\nx_total{a=\"1\"} 4.0\nx_total{a=\"2\"} 6.0\n# EOF\n"},
	} {
		format := Format{}
		if c.syntax == "om" {
			format.Syntax = encode.OpenMetrics100
		}
		got := string(v.AppendExpositionContext(t.Context(), nil, ExpositionOptions{Format: format}))
		if strings.ReplaceAll(got, ".0\n", "\n") != strings.ReplaceAll(c.want, ".0\n", "\n") {
			t.Errorf("%s:\n%s\nwant\n%s", c.syntax, got, c.want)
		}
	}
	if got := string(MergeChecked().With(ready[0]).AppendExpositionContext(t.Context(), nil, ExpositionOptions{})); got != "# TYPE b gauge\nb 5\n" {
		t.Errorf("plain data alone:\n%s", got)
	}
	if got := string(v.Only("b").AppendExpositionContext(t.Context(), nil, ExpositionOptions{})); got != "# TYPE b gauge\nb 5\n" {
		t.Errorf("a part:\n%s", got)
	}
}

// A checked view of one twin counter writes it by way of plain data.
func TestMergeCheckedTwin(t *testing.T) {
	reports := NewRegistry()
	counter, gauge := NewRegistryWith(RegistryOptions{Reports: reports}), NewRegistryWith(RegistryOptions{Reports: reports})
	MustCounter(counter, named("x_total")).Add(3)
	MustGauge(gauge, named("x")).Set(1)
	got := string(MergeChecked(counter, gauge).AppendExpositionContext(t.Context(), nil, ExpositionOptions{Format: Format{Syntax: encode.OpenMetrics100}}))
	if strings.Count(got, "# TYPE x ") != 1 || !strings.Contains(got, "\nx_total 3") {
		t.Errorf("\n%s", got)
	}
}

// The start of a series is found among many.
func TestSampleStart(t *testing.T) {
	v := MustStringCounterVec(NewRegistry(), named("c_total"), "a")
	before := time.Now()
	for i := range 100 {
		v.With(strings.Repeat("x", i)).Inc()
	}
	for c := range v.All() {
		sec, nsec := c.Sample().Start.Unix()
		if at := time.Unix(sec, int64(nsec)); at.Before(before.Truncate(0)) || at.After(time.Now()) {
			t.Fatalf("%v began at %v", c.Sample().Labels, at)
		}
	}
}

// A view has a registry under other names: instruments, the families of collectors, and
// the same registry as it is.
func TestWithRenamed(t *testing.T) {
	reg := NewRegistryWith(RegistryOptions{Reports: NewRegistry()})
	MustStringGaugeVec(reg, named("g"), "b").With("1").Set(2)
	reg.MustRegister(CollectorFunc(func(_ context.Context, s *Sink) error {
		s.Gauge("made", "", "m").Add(3, "x")
		s.Family(&Family{Name: "stray", Type: encode.Gauge, Samples: []Sample{{Value: 4}}})
		return nil
	}))
	v := MergeChecked(reg).WithRenamed(reg, "p_", map[string]string{"c": "8", "a": "9"}).WithRenamed(reg, "", map[string]string{"z": "7"})
	got := string(v.AppendExpositionContext(t.Context(), nil, ExpositionOptions{}))
	want := `# TYPE g gauge
g{b="1"} 2
g{b="1",z="7"} 2
# TYPE made gauge
made{m="x"} 3
made{m="x",z="7"} 3
# TYPE p_g gauge
p_g{a="9",b="1",c="8"} 2
# TYPE p_made gauge
p_made{a="9",c="8",m="x"} 3
# TYPE p_stray gauge
p_stray{a="9",c="8"} 4
# TYPE stray gauge
stray 4
stray{z="7"} 4
`
	if got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
	if got := string(v.Only("p_made").AppendExpositionContext(t.Context(), nil, ExpositionOptions{})); got != "# TYPE p_made gauge\np_made{a=\"9\",c=\"8\",m=\"x\"} 3\n" {
		t.Errorf("a part:\n%s", got)
	}
}
