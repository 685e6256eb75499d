package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/encode"
)

// made is a collector of a function, with a name, and families that it describes.
type made struct {
	name  string
	descs []Desc
	f     func(context.Context, *Sink) error
	calls atomic.Int32
}

func (m *made) String() string   { return m.name }
func (m *made) Describe() []Desc { return m.descs }
func (m *made) Collect(ctx context.Context, s *Sink) error {
	m.calls.Add(1)
	return m.f(ctx, s)
}

func making(name string, f func(s *Sink)) *made {
	return &made{name: name, f: func(_ context.Context, s *Sink) error { f(s); return nil }}
}

func gaugesOf(name string, values ...float64) *made {
	return making("of "+name, func(s *Sink) {
		g := s.Gauge(name, "", "i")
		for i, v := range values {
			g.Add(v, fmt.Sprint(i))
		}
	})
}

// bodyOf is the text exposition without the registry's own families.
func bodyOf(r *Registry) string { return ours.ReplaceAllString(string(r.AppendText(nil)), "") }

// reported lists what the registry counts of its collectors, but for zeros.
func reported(t *testing.T, r *Registry) (list []string) {
	t.Helper()
	for line := range strings.Lines(string(r.AppendText(nil))) {
		if strings.HasPrefix(line, "pawl_collector_") && !strings.HasSuffix(line, " 0\n") {
			list = append(list, strings.TrimSuffix(strings.TrimPrefix(line, "pawl_collector_"), "\n"))
		}
	}
	return list
}

func wantReports(t *testing.T, r *Registry, want ...string) {
	t.Helper()
	if got := reported(t, r); !slices.Equal(got, want) {
		t.Errorf("reports %q, want %q", got, want)
	}
}

// A Sink takes a family of each type, and all that can be said of a sample.
func TestSinkTakesEveryType(t *testing.T) {
	r := NewRegistry()
	at, since := encode.UnixTimestamp(1700000000, 250_000_000), encode.UnixTimestamp(1600000000, 0)
	r.MustRegister(making("all", func(s *Sink) {
		c := s.Counter("c_seconds_total", "Counted.", "b", "a")
		c.SetUnit("seconds")
		p := c.Add(7, "B", "A")
		p.Start, p.Exemplars = since, []Exemplar{{Labels: []Label{{Name: "id", Value: "x"}}, Value: 1}}
		s.Gauge("g", "").Add(-1.5).Timestamp = at
		s.Unknown("u", "").Add(3)
		s.Histogram("h", "").Add(HistogramValue{Count: 3, Sum: 5, Buckets: []Bucket{{UpperBound: 1, Count: 2}}})
		s.GaugeHistogram("gh", "").Add(HistogramValue{Count: 1, Sum: 2})
		s.Summary("s", "").Add(SummaryValue{Count: 2, Sum: 4, Quantiles: []Quantile{{Quantile: 0.5, Value: 2}}})
		s.Info("build", "", "a").Add([]Label{{Name: "version", Value: "1.2\xff"}}, "b")
		s.StateSet("mode", "").Add([]State{{Name: "on", On: true}, {Name: "off"}})
		s.Histogram("n", "").Add(HistogramValue{Native: &NativeHistogram{Schema: 1, ZeroThreshold: 1, ZeroCount: 2, Count: 2, Sum: 1}})
	}))
	strict := encode.Format{Syntax: encode.OpenMetrics100}
	got := ours.ReplaceAllString(string(r.AppendExposition(nil, ExpositionOptions{Format: strict, CreatedSamples: true})), "")
	wantText(t, got, `
# TYPE build info
build_info{a="b",version="1.2`+"\uFFFD"+`"} 1.0
# TYPE c_seconds counter
# UNIT c_seconds seconds
# HELP c_seconds Counted.
c_seconds_total{a="A",b="B"} 7.0 # {id="x"} 1.0
c_seconds_created{a="A",b="B"} 1600000000
# TYPE g gauge
g -1.5 1700000000.25
# TYPE gh gaugehistogram
gh_bucket{le="+Inf"} 1
gh_gsum 2.0
gh_gcount 1
# TYPE h histogram
h_bucket{le="1.0"} 2
h_bucket{le="+Inf"} 3
h_sum 5.0
h_count 3
# TYPE mode stateset
mode{mode="on"} 1.0
mode{mode="off"} 0.0
# TYPE n histogram
n_bucket{le="+Inf"} 2
n_sum 1.0
n_count 2
# TYPE s summary
s{quantile="0.5"} 2.0
s_sum 4.0
s_count 2
# TYPE u unknown
u 3.0
# EOF
`)
	wantReports(t, r)
}

// What collectors make stands among the instruments in name order.
func TestCollectorsInNameOrder(t *testing.T) {
	r := NewRegistry()
	MustGauge(r, named("b"))
	MustGauge(r, named("d"))
	r.MustRegister(making("x", func(s *Sink) { s.Gauge("e", "").Add(5); s.Gauge("a", "").Add(1) }))
	r.MustRegister(CollectorFunc(func(_ context.Context, s *Sink) error { s.Gauge("c", "").Add(3); return nil }))
	want := "# TYPE a gauge\na 1\n# TYPE b gauge\nb 0\n# TYPE c gauge\nc 3\n# TYPE d gauge\nd 0\n# TYPE e gauge\ne 5\n"
	for range 2 {
		if got := bodyOf(r); got != want {
			t.Errorf("got\n%s", got)
		}
	}
}

// An error, a panic and an end of the goroutine cost the collector's own families in
// that scrape, all of them, are counted, and reach the hook with their text.
func TestFailingCollectorsCostThemselves(t *testing.T) {
	var heard []string
	r := NewRegistryWith(RegistryOptions{OnCollectorError: func(c string, err error) { heard = append(heard, c+": "+err.Error()) }})
	why := errors.New("disk on fire")
	fail := func(what string, how func() error) {
		m := making(what, nil)
		m.f = func(_ context.Context, s *Sink) error { s.Gauge("half_"+what, "").Add(1); return how() }
		r.MustRegister(m)
	}
	fail("error", func() error { return why })
	fail("panic", func() error { panic("boom") })
	r.MustRegister(gaugesOf("ok", 1))
	if got := bodyOf(r); got != "# TYPE ok gauge\nok{i=\"0\"} 1\n" {
		t.Errorf("got %q", got)
	}
	want := []string{"error: engine: collector error: disk on fire", "panic: engine: collector panic: panic: boom"}
	if !slices.Equal(heard, want) {
		t.Errorf("heard %q", heard)
	}
	wantReports(t, r, `errors_total{collector="error",reason="error"} 2`, `errors_total{collector="panic",reason="panic"} 2`)
}

func TestGoexitIsAnError(t *testing.T) {
	r := NewRegistry()
	m := making("quitter", func(s *Sink) { s.Gauge("g", "").Add(1); runtime.Goexit() })
	r.MustRegister(m)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if got := r.AppendExpositionContext(ctx, nil, ExpositionOptions{}); bytes.Contains(got, []byte("\ng 1\n")) {
		t.Error("half a collection was exposed")
	}
	if c := r.reports.errors.With("quitter", "error").Value(); c != 1 {
		t.Errorf("counted %v", c)
	}
}

// A collector that does not come back costs scrapes that have a deadline only
// itself, is not called again meanwhile, and is there again once it has returned.
func TestCollectorsThatHang(t *testing.T) {
	r := NewRegistry()
	free := make(chan struct{})
	slow := gaugesOf("slow", 1)
	inner := slow.f
	slow.f = func(ctx context.Context, s *Sink) error { <-free; return inner(ctx, s) }
	r.MustRegister(slow)
	r.MustRegister(gaugesOf("quick", 1))
	scrape := func() string {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		return ours.ReplaceAllString(string(r.AppendExpositionContext(ctx, nil, ExpositionOptions{})), "")
	}
	const quick = "# TYPE quick gauge\nquick{i=\"0\"} 1\n"
	for range 3 {
		if got := scrape(); got != quick {
			t.Errorf("got %q", got)
		}
	}
	if got := bodyOf(r); got != quick { // without a deadline: it is still away
		t.Errorf("got %q", got)
	}
	errs := r.reports.errors
	if timeout, busy := errs.With("of slow", "timeout").Value(), errs.With("of slow", "busy").Value(); timeout != 1 || busy != 3 {
		t.Errorf("%v timeouts, %v times busy", timeout, busy)
	}
	close(free)
	for c := (*r.collectors.Load())[0]; c.away.Load() > 0; {
		time.Sleep(time.Millisecond)
	}
	if got := bodyOf(r); !strings.Contains(got, "slow{i=\"0\"} 1\n") {
		t.Errorf("got %q after it came back", got)
	}
}

// The context that a collector gets is the scrape's.
func TestCollectorsGetTheScrapesContext(t *testing.T) {
	type key struct{}
	r := NewRegistry()
	var got any
	m := making("x", nil)
	m.f = func(ctx context.Context, _ *Sink) error { got = ctx.Value(key{}); return nil }
	r.MustRegister(m)
	r.AppendExpositionContext(context.WithValue(context.Background(), key{}, 7), nil, ExpositionOptions{})
	if got != 7 {
		t.Errorf("got %v", got)
	}
}

// Samples that cannot be exposed, and the second of a series, cost themselves.
func TestBadSamplesCostThemselves(t *testing.T) {
	r := NewRegistry()
	r.MustRegister(making("x", func(s *Sink) {
		g := s.Gauge("g", "", "a", "b")
		g.Add(1, "2", "1")
		g.Add(2, "1", "2")
		g.Add(3, "too few")
		g.Add(4, "1", "2").Timestamp = encode.UnixTimestamp(1, 0) // another time is no other series
		g.Add(5, "1\xff", "2")
		g.Add(6, "1\xfe", "2")
		s.Family(&Family{Name: "h", Type: HistogramType, Samples: []Sample{{}, {Histogram: &HistogramValue{Count: 1},
			Labels: []Label{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}}},
			{Histogram: &HistogramValue{}, Labels: []Label{{Name: "b", Value: "2"}, {Name: "a", Value: "1"}}},
			{Histogram: &HistogramValue{}, Labels: []Label{{Name: "le", Value: "2"}}},
			{Histogram: &HistogramValue{}, Labels: []Label{{Name: "a", Value: "\xff"}}},
			{Histogram: &HistogramValue{}, Labels: []Label{{Name: "__a", Value: "2"}}},
			{Histogram: &HistogramValue{}, Labels: []Label{{Name: "a", Value: "2"}, {Name: "a", Value: "2"}}},
		}})
	}))
	want := "# TYPE g gauge\ng{a=\"2\",b=\"1\"} 1\ng{a=\"1\",b=\"2\"} 2\ng{a=\"1\uFFFD\",b=\"2\"} 5\n# TYPE h histogram\n" +
		"h_bucket{a=\"1\",b=\"2\",le=\"+Inf\"} 1\nh_sum{a=\"1\",b=\"2\"} 0\nh_count{a=\"1\",b=\"2\"} 1\n"
	if got := bodyOf(r); got != want {
		t.Errorf("got\n%s", got)
	}
	wantReports(t, r, // of two scrapes, of which this is the second
		`dropped_total{collector="x",reason="duplicate_sample"} 6`, `dropped_total{collector="x",reason="invalid_sample"} 12`)
}

// Families that cannot be exposed, or whose names are taken, cost themselves.
func TestBadFamiliesCostThemselves(t *testing.T) {
	r := NewRegistry()
	MustCounter(r, named("c_total"))
	MustHistogram(r, buckets("h", 1))
	r.MustRegister(making("a", func(s *Sink) {
		for _, name := range []string{"c_total", "c", "h", "h_count", "c_created"} {
			s.Gauge(name, "").Add(1)
		}
		for _, name := range []string{"", "nul\x00", "\xff"} {
			s.Gauge(name, "").Add(1)
		}
		s.Gauge("help", "\xff").Add(1)
		s.Gauge("unit", "").SetUnit("seconds")
		s.Gauge("labels", "", "a", "a").Add(1, "1", "2")
		s.Gauge("label", "", "__a").Add(1, "1")
		s.Histogram("hist", "", "le").Add(HistogramValue{}, "1")
		s.StateSet("state", "", "state").Add(nil, "1")
		s.Gauge("shared", "").Add(1)
		s.Gauge("x_count", "").Add(1)
	}))
	r.MustRegister(making("b", func(s *Sink) {
		s.Counter("shared", "").Add(1) // of another type
		s.Histogram("x", "").Add(HistogramValue{})
		s.Gauge("of_b", "").Add(1)
	}))
	got := bodyOf(r)
	if want := []string{"c_total", "h", "of_b", "shared", "x_count"}; !slices.Equal(familiesIn(got), want) {
		t.Errorf("families %q, want %q", familiesIn(got), want)
	}
	wantReports(t, r, `dropped_total{collector="a",reason="conflict"} 10`, `dropped_total{collector="a",reason="invalid_family"} 18`,
		`dropped_total{collector="b",reason="conflict"} 4`)
}

func familiesIn(text string) (names []string) {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			names = append(names, strings.Fields(rest)[0])
		}
	}
	return names
}

// What is described is claimed at registration.
func TestDescribedNamesAreClaimed(t *testing.T) {
	r := NewRegistry()
	MustCounter(r, named("c_total"))
	describing := func(descs ...Desc) *made { m := making("d", func(*Sink) {}); m.descs = descs; return m }
	for _, bad := range [][]Desc{
		{{Name: "c_total", Type: CounterType}},
		{{Name: "c", Type: GaugeType}},
		{{Name: "new", Type: GaugeType}, {Name: "new", Type: GaugeType}},
		{{Name: "new", Type: HistogramType}, {Name: "new_sum", Type: GaugeType}},
	} {
		if err := r.Register(describing(bad...)); !errors.Is(err, ErrConflict) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if err := r.Register(describing(Desc{Name: ""})); !errors.Is(err, ErrName) {
		t.Errorf("no name: %v", err)
	}
	if err := r.Register(nil); !errors.Is(err, ErrFunc) {
		t.Errorf("nil: %v", err)
	}
	first := describing(Desc{Name: "new", Type: HistogramType})
	if err := r.Register(first); err != nil {
		t.Fatal(err)
	}
	if err := r.Register(first); !errors.Is(err, ErrDuplicate) {
		t.Errorf("twice: %v", err)
	}
	second := describing(Desc{Name: "new", Type: HistogramType})
	if err := r.Register(second); err != nil {
		t.Errorf("another with the same family: %v", err)
	}
	if _, err := NewGauge(r, named("new_count")); !errors.Is(err, ErrConflict) {
		t.Errorf("a gauge with a described name: %v", err)
	}
	// Whoever has not described it does not get it either.
	r.MustRegister(making("thief", func(s *Sink) { s.Gauge("new_count", "").Add(1) }))
	wantReports(t, r, `dropped_total{collector="thief",reason="conflict"} 1`)
	if !r.Unregister(first) || r.Unregister(first) {
		t.Error("Unregister is wrong")
	}
	if _, err := NewGauge(r, named("new_count")); !errors.Is(err, ErrConflict) {
		t.Errorf("while the second has it: %v", err)
	}
	r.Unregister(second)
	if _, err := NewGauge(r, named("new_count")); err != nil {
		t.Errorf("when nobody has it any more: %v", err)
	}
}

// Two collectors may have parts of one family; it is one in the exposition, and no
// series is there twice. The first one's help stands.
func TestCollectorsShareAFamily(t *testing.T) {
	r := NewRegistry()
	for _, db := range []string{"b", "a", "a"} {
		r.MustRegister(making(db, func(s *Sink) { s.Gauge("open", "of "+db, "db").Add(float64(len(db)), db) }))
	}
	r.MustRegister(making("odd", func(s *Sink) { s.Counter("open", "", "db").Add(1, "c") }))
	want := "# HELP open of b\n# TYPE open gauge\nopen{db=\"b\"} 1\nopen{db=\"a\"} 1\n"
	if got := bodyOf(r); got != want {
		t.Errorf("got\n%s", got)
	}
	wantReports(t, r, `dropped_total{collector="a",reason="duplicate_sample"} 2`, `dropped_total{collector="odd",reason="conflict"} 2`)
}

// A view of a part calls the collectors that it needs, and those that do not say.
func TestOnlyCallsWhatItNeeds(t *testing.T) {
	r := NewRegistry()
	MustCounter(r, named("c_total"))
	MustHistogram(r, HistogramOpts{Opts: Opts{Name: "h_seconds", Help: "H.", Unit: "seconds"}, Buckets: []float64{1}})
	described, silent := gaugesOf("x", 1), gaugesOf("y", 1)
	described.descs = []Desc{{Name: "x", Type: GaugeType}, {Name: "i", Type: InfoType}}
	r.MustRegister(described)
	r.MustRegister(silent)
	for _, c := range []struct {
		names []string
		want  []string
		calls int32
	}{
		{nil, nil, 0},
		{[]string{"c"}, nil, 0},
		{[]string{"c_total"}, []string{"c_total"}, 0},
		{[]string{"c_created"}, []string{"c_total"}, 0},
		{[]string{"h_seconds_count", "nothing"}, []string{"h_seconds"}, 0},
		{[]string{"x", "c_total"}, []string{"c_total", "x"}, 1},
		{[]string{"y"}, []string{"y"}, 0},
		{[]string{"i_info"}, nil, 1},
	} {
		described.calls.Store(0)
		silent.calls.Store(0)
		text := string(r.Only(c.names...).AppendExpositionContext(context.Background(), nil, ExpositionOptions{}))
		if got := familiesIn(text); !slices.Equal(got, c.want) || described.calls.Load() != c.calls || silent.calls.Load() != 1 {
			t.Errorf("%q: families %q, %d and %d calls", c.names, got, described.calls.Load(), silent.calls.Load())
		}
	}
	text := string(r.Only("h_seconds_sum").AppendExpositionContext(context.Background(), nil, ExpositionOptions{Format: Format{Syntax: encode.OpenMetrics100}}))
	if !strings.Contains(text, "# UNIT h_seconds seconds\n") { // client_python loses it
		t.Errorf("no unit in\n%s", text)
	}
	if got := r.Only("x", "y").Only("y", "z"); !slices.Equal(got.want.names, []string{"y"}) {
		t.Errorf("a part of a part wants %q", got.want.names)
	}
}

// With gives prefixes and labels to instruments and to all that collectors make.
func TestWith(t *testing.T) {
	r := NewRegistry()
	v := r.With("app_", map[string]string{"env": "prod"}).With("db_", map[string]string{"db": "users"})
	MustStringCounterVec(v, named("queries_total"), "kind").With("read").Inc()
	v.MustRegister(making("c", func(s *Sink) {
		s.Gauge("open", "", "a").Add(1, "b")
		s.Gauge("clash", "", "env").Add(1, "b")
		s.Family(&Family{Name: "whole", Samples: []Sample{{Value: 1, Labels: []Label{{Name: "z", Value: "y"}}},
			{Value: 1, Labels: []Label{{Name: "db", Value: "y"}}}}})
	}))
	want := `# TYPE app_db_open gauge
app_db_open{a="b",db="users",env="prod"} 1
# TYPE app_db_queries_total counter
app_db_queries_total{db="users",env="prod",kind="read"} 1
# TYPE app_db_whole untyped
app_db_whole{db="users",env="prod",z="y"} 1
`
	if got := bodyOf(r); got != want {
		t.Errorf("got\n%s", got)
	}
	wantReports(t, r, `dropped_total{collector="c",reason="invalid_family"} 2`, `dropped_total{collector="c",reason="invalid_sample"} 2`)
	if _, err := NewGauge(v, Opts{Name: "g", ConstLabels: map[string]string{"db": "x"}}); !errors.Is(err, ErrDuplicateLabel) {
		t.Errorf("a label twice: %v", err)
	}
	if err := r.With("", map[string]string{"__x": ""}).Register(making("", nil)); !errors.Is(err, ErrLabelName) {
		t.Errorf("a bad label: %v", err)
	}
	c := making("again", func(*Sink) {})
	r.MustRegister(c)
	if err := v.Register(c); err != nil {
		t.Errorf("through another view: %v", err)
	}
	if !v.Unregister(c) || !r.Unregister(c) || r.Unregister(c) {
		t.Error("Unregister mixes up the views")
	}
}

// Merged registries are scraped as one.
func TestMerge(t *testing.T) {
	a, b := NewRegistry(), NewRegistry()
	MustStringCounterVec(a, Opts{Name: "c_total", Help: "Of a."}, "x").With("1").Add(2)
	v := MustStringCounterVec(b, Opts{Name: "c_total", Help: "Of b."}, "x", "y")
	v.With("1", "1").Add(3)
	MustGauge(b, named("only_b")).Set(1)
	MustGauge(b, named("g"))
	MustCounter(a, named("g"))
	MustGauge(b, named("h_count"))
	MustHistogram(a, buckets("h", 1))
	b.MustRegister(gaugesOf("c_created", 1))
	MustCounter(a, named("drop_total")).AddFloat(-1)
	MustCounter(b, named("drop_total")).AddFloat(-1)
	text := string(Merge(a, b, a).AppendExpositionContext(context.Background(), nil, ExpositionOptions{}))
	if want := []string{"c_total", "drop_total", "g", "h", "only_b"}; !slices.Equal(familiesIn(ours.ReplaceAllString(text, "")), want) {
		t.Errorf("families %q, want %q", familiesIn(text), want)
	}
	for _, want := range []string{"# HELP c_total Of a.\n# TYPE c_total counter\nc_total{x=\"1\"} 2\nc_total{x=\"1\",y=\"1\"} 3\n",
		"# TYPE g counter\n", "\ndrop_total 0\n", `pawl_dropped_observations_total{reason="negative"} 2` + "\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	var w bytes.Buffer
	if n, err := Merge().WriteExpositionContext(context.Background(), &w, ExpositionOptions{}); n != 0 || err != nil {
		t.Errorf("of nothing: %d, %v", n, err)
	}
}

// Gather's data, written by package encode, is the exposition, byte by byte where
// that writes integers in the same way.
func TestGatherIsTheExposition(t *testing.T) {
	for name, r := range map[string]*Registry{"instruments": showcase(), "collectors too": withCollectors(showcase())} {
		rare(r)
		h := MustHistogram(r, HistogramOpts{Opts: named("native.seconds"), Buckets: []float64{1, 5}, Native: NativeOpts{Factor: 1.1}})
		for i := range 1000 {
			h.Observe(float64(i) / 7)
		}
		h.ObserveWithExemplar(3, Label{Name: "trace_id", Value: "abc"})
		for _, syntax := range []encode.Syntax{encode.Text004, encode.ProtobufDelimited} {
			for scheme := range encode.Scheme(schemes) {
				f := Format{Syntax: syntax, Scheme: scheme}
				want := r.AppendExposition(nil, ExpositionOptions{Format: f})
				var got []byte
				if err := r.Gather(context.Background(), func(fam *Family) error {
					got = encode.AppendFamily(got, f, encode.Options{Exemplars: true}, fam)
					return nil
				}); err != nil {
					t.Error(err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%s, %v: got\n%q\nwant\n%q", name, f, got, want)
				}
			}
		}
	}
}

// withCollectors adds a family of each type, made by collectors.
func withCollectors(r *Registry) *Registry {
	r.With("via_", map[string]string{"x.y": "z"}).MustRegister(gaugesOf("wrapped", 1, 2))
	r.MustRegister(making("many", func(s *Sink) {
		s.Info("info", "", "a").Add([]Label{{Name: "version", Value: "1"}}, `"`)
		s.StateSet("states", "").Add([]State{{Name: "on", On: true}, {Name: "off"}})
		s.Summary("summary", "").Add(SummaryValue{Count: 1, Sum: 2, Quantiles: []Quantile{{Quantile: 0.5, Value: 1}}})
		g := s.Gauge("large", "", "i", "j")
		for _, i := range numbers {
			g.Add(1, i, "b")
		}
	}))
	r.MustRegister(making("more", func(s *Sink) { s.Gauge("large", "", "i", "j").Add(1, "x", "b") }))
	return r
}

var numbers = func() (list []string) {
	for i := range 1000 {
		list = append(list, fmt.Sprint(i))
	}
	return list
}()

func TestGatherStops(t *testing.T) {
	r, stop, n := showcase(), errors.New("stop"), 0
	if err := r.Gather(context.Background(), func(*Family) error { n++; return stop }); err != stop || n != 1 {
		t.Errorf("%v after %d families", err, n)
	}
	if err := Merge().Gather(context.Background(), func(*Family) error { return stop }); err != nil {
		t.Errorf("of nothing: %v", err)
	}
}

// A panic of each leaves the registry as it was.
func TestGatherSurvivesItsCaller(t *testing.T) {
	r := withCollectors(showcase())
	want := bodyOf(r)
	func() {
		defer func() { _ = recover() }()
		_ = r.Gather(context.Background(), func(*Family) error { panic("mine") })
	}()
	if got := bodyOf(r); got != want {
		t.Errorf("got\n%s", got)
	}
}

// Large families of collectors are written in chunks too.
func TestCollectorsAreWrittenInChunks(t *testing.T) {
	r := withCollectors(NewRegistry())
	r.MustRegister(making("huge", func(s *Sink) {
		g := s.Gauge("huge", "Many.", "i", "j")
		for i := range 20000 {
			g.Add(1, numbers[i%1000], numbers[i/1000])
		}
	}))
	for _, syntax := range []encode.Syntax{encode.Text004, encode.OpenMetrics200, encode.ProtobufDelimited} {
		o := ExpositionOptions{Format: Format{Syntax: syntax}}
		want := r.AppendExposition(nil, o)
		w := &counting{}
		if _, err := r.WriteExposition(w, o); err != nil || !bytes.Equal(w.Bytes(), want) {
			t.Errorf("%v: %d bytes, want %d; %v", o.Format, w.Len(), len(want), err)
		}
		if syntax != encode.ProtobufDelimited && w.most > 2*chunk {
			t.Errorf("%v: a chunk of %d bytes", o.Format, w.most)
		}
	}
}

type counting struct {
	bytes.Buffer
	most int
}

func (c *counting) Write(p []byte) (int, error) {
	c.most = max(c.most, len(p))
	return c.Buffer.Write(p)
}

// Once the buffers are there, collecting and gathering allocate nothing.
func TestCollectingAllocatesNothing(t *testing.T) {
	if raced {
		return
	}
	r := NewRegistry()
	MustCounterFunc(r, named("lines_total"), func() float64 { return 3 })
	MustStringCounterVec(r, named("c_total"), "a").With("b").AddWithExemplar(1, Label{Name: "trace_id", Value: "abc"})
	MustHistogram(r, buckets("h", 1, 2)).ObserveWithExemplar(1.5, Label{Name: "trace_id", Value: "abc"})
	MustUpDown(r, named("u"))
	h := MustHistogram(r, HistogramOpts{Opts: named("native.seconds"), Native: NativeOpts{Factor: 1.1}})
	h.ObserveWithExemplar(3, Label{Name: "trace_id", Value: "abc"})
	states := []State{{Name: "on", On: true}, {Name: "off"}}
	whole := &Family{Name: "whole", Samples: []Sample{{Value: 1}}}
	r.MustRegister(making("many", func(s *Sink) {
		g := s.Gauge("unsorted", "", "i", "j")
		for i := range numbers {
			g.Add(1, numbers[len(numbers)-1-i], "b")
		}
		s.StateSet("states", "").Add(states)
		s.Family(whole)
	}))
	r.MustRegister(making("more", func(s *Sink) { s.Gauge("unsorted", "", "i", "j").Add(1, "x", "b") }))
	var dst []byte
	view := r.Only("unsorted")
	for name, op := range map[string]func(){
		"text":   func() { dst = r.AppendText(dst[:0]) },
		"part":   func() { dst = view.AppendExpositionContext(context.Background(), dst[:0], ExpositionOptions{}) },
		"gather": func() { _ = r.Gather(context.Background(), func(*Family) error { return nil }) },
	} {
		op()
		op()
		if n := testing.AllocsPerRun(20, op); n != 0 {
			t.Errorf("%s: %v allocations, want 0", name, n)
		}
	}
}

// Scrapes, registrations and collectors at once.
func TestStressCollectors(t *testing.T) {
	r := withCollectors(showcase())
	stop := make(chan struct{})
	var all sync.WaitGroup
	for w := range 2 {
		all.Go(func() {
			for i := 0; !closed(stop); i++ {
				c := gaugesOf(fmt.Sprintf("g%d", w), 1, 2)
				c.descs = []Desc{{Name: c.name[3:], Type: GaugeType}}
				r.MustRegister(c)
				r.AppendText(nil)
				r.Unregister(c)
			}
		})
		all.Go(func() {
			for i := 0; !closed(stop); i++ {
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i%50)*10*time.Microsecond)
				r.AppendExpositionContext(ctx, nil, ExpositionOptions{Format: Format{Syntax: encode.Syntax(i % syntaxes)}})
				_ = r.Gather(ctx, func(*Family) error { return nil })
				cancel()
			}
		})
	}
	time.Sleep(stressTime())
	close(stop)
	all.Wait()
}

// A gauge x beside a counter x_total, as Go's runtime has them: both are there, in every
// format, and under their names.
func TestCounterBesideItsNamesake(t *testing.T) {
	for _, described := range []bool{false, true} {
		reg := NewRegistry()
		twins := making("twins", func(s *Sink) {
			s.Gauge("alloc_bytes", "Now.").Add(1)
			s.Counter("alloc_bytes_total", "Ever.").Add(2)
		})
		if described {
			twins.descs = []Desc{{Name: "alloc_bytes", Type: GaugeType}, {Name: "alloc_bytes_total", Type: CounterType}}
		}
		reg.MustRegister(twins)
		for syntax, want := range map[encode.Syntax][]string{
			encode.Text004:        {"# TYPE alloc_bytes gauge\nalloc_bytes 1\n", "# TYPE alloc_bytes_total counter\nalloc_bytes_total 2\n"},
			encode.OpenMetrics100: {"# TYPE alloc_bytes gauge\n", "alloc_bytes 1.0\n", "# TYPE alloc_bytes_total unknown\n", "alloc_bytes_total 2.0\n"},
			encode.OpenMetrics200: {"# TYPE alloc_bytes_total counter\n"},
		} {
			text := string(reg.AppendExposition(nil, ExpositionOptions{Format: Format{Syntax: syntax, Scheme: encode.Underscores}}))
			for _, w := range want {
				if !strings.Contains(text, w) {
					t.Errorf("described %v, %v: %q is missing in\n%s", described, syntax, w, text)
				}
			}
		}
	}
}

// What a collector has deferred is run once for each scrape, after what it made has been
// written, and when the collector fails too.
func TestDefer(t *testing.T) {
	for _, failure := range []error{nil, errNoRoom} {
		var order []string
		reg := NewRegistry()
		reg.MustRegister(&made{name: "d", f: func(_ context.Context, s *Sink) error {
			s.Defer(func() { order = append(order, "deferred") })
			s.Gauge("g", "").Add(1)
			return failure
		}})
		for range 2 {
			reg.Gather(context.Background(), func(f *Family) error {
				if f.Name == "g" {
					order = append(order, "used")
				}
				return nil
			})
		}
		want := []string{"used", "deferred", "used", "deferred"}
		if failure != nil {
			want = []string{"deferred", "deferred"}
		}
		if !slices.Equal(order, want) {
			t.Errorf("with error %v: %q, want %q", failure, order, want)
		}
	}
}
