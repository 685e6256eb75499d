package engine

import (
	"regexp"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
)

// showcase has an instrument of each kind, names that need quotes, and exemplars.
func showcase() *Registry {
	r := NewRegistry()
	requests := MustStringCounterVec(r, Opts{Name: "requests_total", Help: `a "b" \c`}, "code")
	requests.With("200").Add(1234567)
	requests.With("500").AddFloat(0.5)
	requests.With("500").AddWithExemplar(2, Label{Name: "trace_id", Value: "abc"})
	MustGauge(r, Opts{Name: "temperature_celsius", Unit: "celsius"}).Set(-3)
	MustUpDown(r, Opts{Name: "in.flight"}).Add(5)
	odd := MustStringGaugeVec(r, Opts{Name: "odd", ConstLabels: map[string]string{"env": `"x"`}}, "user.id", `q"q`)
	odd.With("1", "2").Set(1)
	h := MustHistogram(r, HistogramOpts{Opts: Opts{Name: "latency_seconds", Unit: "seconds"}, Buckets: []float64{1, 2.5}})
	h.Observe(0.5)
	h.ObserveWithExemplar(2, Label{Name: "trace_id", Value: "def"})
	h.Observe(7)
	MustCounter(r, Opts{Name: "hits"}).Inc()
	MustCounterFunc(r, Opts{Name: "lines_total"}, func() float64 { return 3 })
	return r
}

var (
	moment = regexp.MustCompile(`\d{10}\.\d+`)
	ours   = regexp.MustCompile(`(?m)^.*pawl_.*\n`)
)

// shown is what a format makes of the showcase, with the times and the registry's own
// families taken out.
func shown(t *testing.T, o ExpositionOptions) string {
	t.Helper()
	text := string(showcase().AppendExposition(nil, o))
	return ours.ReplaceAllString(moment.ReplaceAllString(text, "T"), "")
}

func wantText(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimPrefix(want, "\n"); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestText004(t *testing.T) {
	wantText(t, shown(t, ExpositionOptions{}), `
# TYPE hits counter
hits 1
# TYPE in_flight gauge
in_flight 5
# TYPE latency_seconds histogram
latency_seconds_bucket{le="1"} 1
latency_seconds_bucket{le="2.5"} 2
latency_seconds_bucket{le="+Inf"} 3
latency_seconds_sum 9.5
latency_seconds_count 3
# TYPE lines_total counter
lines_total 3
# TYPE odd gauge
odd{env="\"x\"",q_q="2",user_id="1"} 1
# HELP requests_total a "b" \\c
# TYPE requests_total counter
requests_total{code="200"} 1234567
requests_total{code="500"} 2.5
# TYPE temperature_celsius gauge
temperature_celsius -3
`)
}

func TestText100(t *testing.T) {
	got := shown(t, ExpositionOptions{Format: Format{Syntax: encode.Text100, Scheme: encode.AllowUTF8}})
	for _, want := range []string{
		"# TYPE \"in.flight\" gauge\n{\"in.flight\"} 5\n",
		`odd{env="\"x\"","q\"q"="2","user.id"="1"} 1` + "\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestOpenMetrics1(t *testing.T) {
	wantText(t, shown(t, ExpositionOptions{Format: Format{Syntax: encode.OpenMetrics100}}), `
# TYPE hits unknown
hits 1
# TYPE in_flight gauge
in_flight 5
# TYPE latency_seconds histogram
# UNIT latency_seconds seconds
latency_seconds_bucket{le="1.0"} 1
latency_seconds_bucket{le="2.5"} 2 # {trace_id="def"} 2.0 T
latency_seconds_bucket{le="+Inf"} 3
latency_seconds_sum 9.5
latency_seconds_count 3
# TYPE lines counter
lines_total 3
# TYPE odd gauge
odd{env="\"x\"",q_q="2",user_id="1"} 1
# TYPE requests counter
# HELP requests a \"b\" \\c
requests_total{code="200"} 1234567
requests_total{code="500"} 2.5 # {trace_id="abc"} 2.0 T
# TYPE temperature_celsius gauge
# UNIT temperature_celsius celsius
temperature_celsius -3
# EOF
`)
}

// The created sample follows its metric's samples at once, or Prometheus loses it.
func TestOpenMetrics1Created(t *testing.T) {
	got := shown(t, ExpositionOptions{Format: Format{Syntax: encode.OpenMetrics100}, CreatedSamples: true})
	for _, want := range []string{
		"latency_seconds_count 3\nlatency_seconds_created T\n",
		"requests_total{code=\"200\"} 1234567\nrequests_created{code=\"200\"} T\nrequests_total{code=\"500\"} 2.5 # ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "hits_created") {
		t.Error("a created sample of a family that is no counter here")
	}
}

func TestOpenMetrics2(t *testing.T) {
	wantText(t, shown(t, ExpositionOptions{Format: Format{Syntax: encode.OpenMetrics200, Scheme: encode.AllowUTF8}}), `
# TYPE hits counter
hits 1 st@T
# TYPE "in.flight" gauge
{"in.flight"} 5
# TYPE latency_seconds histogram
# UNIT latency_seconds seconds
latency_seconds {count:3,sum:9.5,bucket:[1.0:1,2.5:2,+Inf:3]} st@T # {trace_id="def"} 2.0 T
# TYPE lines_total counter
lines_total 3
# TYPE odd gauge
odd{env="\"x\"","q\"q"="2","user.id"="1"} 1
# TYPE requests_total counter
# HELP requests_total a \"b\" \\c
requests_total{code="200"} 1234567 st@T
requests_total{code="500"} 2.5 st@T # {trace_id="abc"} 2.0 T
# TYPE temperature_celsius gauge
# UNIT temperature_celsius celsius
temperature_celsius -3
# EOF
`)
}

// Names that some scraper would take for one are refused, and the error names both.
func TestNamesThatClashInSomeFormat(t *testing.T) {
	for _, tc := range []struct{ first, second string }{
		{"a.b", "a_b"}, {"a_b", "a.b"}, {"a.b", "a b"}, {"a.b", "U__a_2e_b"}, {"a.b", "a_dot_b"},
	} {
		r := NewRegistry()
		MustGauge(r, Opts{Name: tc.first})
		_, err := NewGauge(r, Opts{Name: tc.second})
		wantRefusal(t, err, ErrConflict, tc.first, tc.second)
	}
	for _, tc := range []struct{ counter, gauge string }{
		{"x_total", "x"}, {"x_total", "x_created"}, {"x", "x_total"}, {"x.y_total", "x_y"},
	} {
		r := NewRegistry()
		MustCounter(r, Opts{Name: tc.counter})
		_, err := NewGauge(r, Opts{Name: tc.gauge})
		wantRefusal(t, err, ErrConflict, tc.counter, tc.gauge)
		r = NewRegistry()
		MustGauge(r, Opts{Name: tc.gauge})
		_, err = NewCounter(r, Opts{Name: tc.counter})
		wantRefusal(t, err, ErrConflict, tc.counter, tc.gauge)
	}
	_, err := NewStringGaugeVec(NewRegistry(), Opts{Name: "g"}, "a.b", "a_b")
	wantRefusal(t, err, ErrDuplicateLabel, "a.b", "a_b")
	_, err = NewStringGaugeVec(NewRegistry(), Opts{Name: "g", ConstLabels: map[string]string{"a_b": ""}}, "a.b")
	wantRefusal(t, err, ErrDuplicateLabel, "a.b", "a_b")
}

func TestLegacyNames(t *testing.T) {
	r := NewRegistryWith(RegistryOptions{Names: LegacyNames})
	_, err := NewGauge(r, Opts{Name: "a.b"})
	wantRefusal(t, err, ErrName, "a.b")
	_, err = NewStringGaugeVec(r, Opts{Name: "g"}, "user.id")
	wantRefusal(t, err, ErrLabelName, "user.id")
	_, err = NewStringGaugeVec(r, Opts{Name: "g"}, "user:id")
	wantRefusal(t, err, ErrLabelName, "user:id")
	for _, name := range []string{"", "\xff", "a\x00b"} {
		_, err = NewGauge(NewRegistry(), Opts{Name: name})
		wantRefusal(t, err, ErrName)
	}
}

func wantRefusal(t *testing.T, err, reason error, names ...string) {
	t.Helper()
	refused, _ := err.(*RegisterError)
	if refused == nil || refused.Err != reason {
		t.Errorf("error %v, want %v", err, reason)
		return
	}
	for _, name := range names {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%q is not named in: %v", name, err)
		}
	}
}

// Names with escapes in them cost a scrape nothing, in any format.
func TestOddNamesAllocateNothing(t *testing.T) {
	if raced {
		return
	}
	r := NewRegistry()
	odd := MustStringCounterVec(r, Opts{Name: `a"b`}, `q"q`, `b\`, "plain", strings.Repeat("é", 100)+"\n")
	odd.With("1", `"`, "", "\n").AddWithExemplar(1, Label{Name: `"`, Value: "x"})
	h := MustHistogram(r, HistogramOpts{Opts: Opts{Name: "a\n", ConstLabels: map[string]string{`"`: `"`}}, Native: NativeOpts{Factor: 1.1}})
	h.ObserveWithExemplar(1, Label{Name: "\n", Value: "x"})
	var buf []byte
	for syntax := range encode.Syntax(syntaxes) {
		for scheme := range encode.Scheme(schemes) {
			o := ExpositionOptions{Format: Format{Syntax: syntax, Scheme: scheme}, CreatedSamples: true}
			buf = r.AppendExposition(buf[:0], o)
			if n := testing.AllocsPerRun(20, func() { buf = r.AppendExposition(buf[:0], o) }); n != 0 {
				t.Errorf("%v: %v allocations, want 0", o.Format, n)
			}
		}
	}
}

// OpenMetrics 1.0 has exemplars on counters alone, and one whose name does not end
// in _total is none to it; nor is one that is called nothing else.
func TestExemplarsOfCountersWithoutTotal(t *testing.T) {
	for _, name := range []string{"hits", "_total", ".total"} {
		r := NewRegistry()
		MustCounter(r, named(name)).AddWithExemplar(1, Label{Name: "a", Value: "b"})
		got := ours.ReplaceAllString(string(r.AppendExposition(nil, ExpositionOptions{Format: Format{Syntax: encode.OpenMetrics100}, CreatedSamples: true})), "")
		name = encode.EscapeName(name, encode.Underscores)
		wantText(t, got, "# TYPE "+name+" unknown\n"+name+" 1\n# EOF\n")
		got = string(r.AppendExposition(nil, ExpositionOptions{Format: Format{Syntax: encode.OpenMetrics200}}))
		if !strings.Contains(got, name+" 1 st@") || !strings.Contains(got, ` # {a="b"} 1.0 `) {
			t.Errorf("no start or exemplar in\n%s", got)
		}
	}
}
