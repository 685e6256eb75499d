package testutil

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

func jobs(results ...string) *prometheus.CounterVec {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "jobs_total", Help: "Jobs."}, []string{"result"})
	for i, r := range results {
		vec.WithLabelValues(r).Add(float64(i + 1))
	}
	return vec
}

func gauge(name string, v float64) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: "A number."})
	g.Set(v)
	return g
}

func histogram() prometheus.Histogram {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "took_seconds", Help: "Time.", Buckets: []float64{1, 2}})
	h.Observe(1.5)
	return h
}

// collector sends fixed metrics, and panics after them if it is to.
type collector struct {
	metrics []prometheus.Metric
	panics  any
}

func (c collector) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range c.metrics {
		ch <- m.Desc()
	}
}

func (c collector) Collect(ch chan<- prometheus.Metric) {
	for _, m := range c.metrics {
		ch <- m
	}
	if c.panics != nil {
		panic(c.panics)
	}
}

func TestToFloat64(t *testing.T) {
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "c"})
	counter.Add(2)
	desc := prometheus.NewDesc("d", "", nil, nil)
	for _, c := range []struct {
		name   string
		c      prometheus.Collector
		want   float64
		panics string // a part of it
	}{
		{"counter", counter, 2, ""},
		{"gauge", gauge("g", -1.5), -1.5, ""},
		{"untyped", collector{metrics: []prometheus.Metric{prometheus.MustNewConstMetric(desc, prometheus.UntypedValue, 7)}}, 7, ""},
		{"a vec with one child", jobs("ok"), 1, ""},
		{"a vec with two", jobs("ok", "failed"), 0, "collected 2 metrics instead of exactly 1"},
		{"nothing", jobs(), 0, "collected 0 metrics instead of exactly 1"},
		{"histogram", histogram(), 0, "collected a non-gauge/counter/untyped metric: "},
		{"an error", collector{metrics: []prometheus.Metric{prometheus.NewInvalidMetric(desc, errors.New("broken"))}}, 0,
			"error happened while collecting metrics: broken"},
		{"a panic", collector{panics: "of its own"}, 0, "of its own"},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); c.panics == "" && got != "<nil>" || !strings.Contains(got, c.panics) {
					t.Errorf("panics %q, want %q", got, c.panics)
				}
			}()
			if got := ToFloat64(c.c); got != c.want || c.panics != "" {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestCounts(t *testing.T) {
	vec := jobs("ok", "failed")
	reg := prometheus.NewRegistry()
	reg.MustRegister(vec, gauge("temperature", 1), histogram())
	for _, c := range []struct {
		names []string
		want  int
	}{
		{nil, 4}, {[]string{"jobs_total"}, 2}, {[]string{"jobs_total", "took_seconds"}, 3},
		{[]string{"none"}, 0}, {[]string{}, 0},
	} {
		if n, err := GatherAndCount(reg, c.names...); n != c.want || err != nil {
			t.Errorf("%q: %d, %v; want %d", c.names, n, err, c.want)
		}
	}
	if n := CollectAndCount(vec); n != 2 {
		t.Errorf("%d collected", n)
	}
	if n := CollectAndCount(vec, "other"); n != 0 {
		t.Errorf("%d collected of another name", n)
	}
}

var errGather = errors.New("no")

func failing() prometheus.Gatherer {
	return prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, errGather })
}

// Each function says which of its steps failed.
func TestErrors(t *testing.T) {
	bad := prometheus.NewGauge(prometheus.GaugeOpts{Name: ""})
	broken := collector{metrics: []prometheus.Metric{prometheus.NewInvalidMetric(prometheus.NewDesc("x", "", nil, nil), errGather)}}
	const register, gathering, convert = "registering collector failed: ", "gathering metrics failed: ", "converting reader to metric families failed: "
	for _, c := range []struct {
		name, want string
		f          func() error
	}{
		{"compare, collector", register, func() error { return CollectAndCompare(bad, strings.NewReader("")) }},
		{"compare, metric", gathering, func() error { return CollectAndCompare(broken, strings.NewReader("")) }},
		{"compare, gatherer", gathering + "no", func() error { return GatherAndCompare(failing(), strings.NewReader("")) }},
		{"compare, text", convert, func() error { return GatherAndCompare(prometheus.NewRegistry(), strings.NewReader("{{{")) }},
		{"format, collector", register, func() error { _, err := CollectAndFormat(bad, expfmt.TypeTextPlain); return err }},
		{"format, gatherer", gathering + "no", func() error { _, err := GatherAndFormat(failing(), expfmt.TypeTextPlain); return err }},
		{"lint, collector", register, func() error { _, err := CollectAndLint(bad); return err }},
		{"lint, gatherer", gathering + "no", func() error { _, err := GatherAndLint(failing()); return err }},
		{"count, gatherer", gathering + "no", func() error { _, err := GatherAndCount(failing()); return err }},
		{"count, collector", register, func() error { return panicked(func() { CollectAndCount(bad) }) }},
		{"count, metric", gathering, func() error { return panicked(func() { CollectAndCount(broken) }) }},
	} {
		if err := c.f(); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	if err := GatherAndCompare(failing(), strings.NewReader("")); !errors.Is(err, errGather) {
		t.Errorf("%v is not the gatherer's", err)
	}
}

func panicked(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

const jobsText = `
	# HELP jobs_total Jobs.
	# TYPE jobs_total counter
	jobs_total{ result = "failed" } 2
	jobs_total{result="ok"} 1
`

func TestCompare(t *testing.T) {
	vec := jobs("ok", "failed")
	reg := prometheus.NewRegistry()
	reg.MustRegister(vec, gauge("temperature", 1), histogram())
	const histogramText = `
		# HELP took_seconds Time.
		# TYPE took_seconds histogram
		took_seconds_bucket{le="1"} 0
		took_seconds_bucket{le="2"} 1
		took_seconds_bucket{le="+Inf"} 1
		took_seconds_sum 1.5
		took_seconds_count 1
	`
	const gaugeText = "# HELP temperature A number.\n# TYPE temperature gauge\ntemperature 1\n"
	for _, c := range []struct {
		name, text string
		names      []string
	}{
		{"one family", jobsText, []string{"jobs_total"}},
		{"a histogram", histogramText, []string{"took_seconds"}},
		{"in another order", histogramText + gaugeText + jobsText, nil},
		{"names choose from the expected too", histogramText + jobsText, []string{"took_seconds"}},
		{"a name that neither has", jobsText, []string{"jobs_total", "other"}},
	} {
		if err := GatherAndCompare(reg, strings.NewReader(c.text), c.names...); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := CollectAndCompare(vec, strings.NewReader(jobsText)); err != nil {
		t.Error(err)
	}
	if err := CollectAndCompare(prometheus.NewGauge(prometheus.GaugeOpts{Name: "g"}),
		strings.NewReader("# HELP g\n# TYPE g gauge\ng 0\n")); err != nil {
		t.Errorf("no help text: %v", err)
	}
	if err := CollectAndCompare(prometheus.NewGauge(prometheus.GaugeOpts{Name: "a.b", Help: "Dots."}),
		strings.NewReader("# HELP \"a.b\" Dots.\n# TYPE \"a.b\" gauge\n{\"a.b\"} 0\n")); err != nil {
		t.Errorf("a name with dots: %v", err)
	}
}

// The error is the whole of both texts, and says of each line whose it is.
func TestCompareDifferent(t *testing.T) {
	err := CollectAndCompare(jobs("ok", "failed"), strings.NewReader(strings.Replace(jobsText, "1\n", "3\n", 1)))
	const want = ` # HELP jobs_total Jobs.
 # TYPE jobs_total counter
 jobs_total{result="failed"} 2
-jobs_total{result="ok"} 1
+jobs_total{result="ok"} 3
 `
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant\n%s", err, want)
	}
	err = CollectAndCompare(jobs("ok"), strings.NewReader("# HELP other Other.\n# TYPE other gauge\nother 1\n"))
	const all = `-# HELP jobs_total Jobs.
-# TYPE jobs_total counter
-jobs_total{result="ok"} 1
+# HELP other Other.
+# TYPE other gauge
+other 1
 `
	if err == nil || err.Error() != all {
		t.Errorf("%v\nwant\n%s", err, all)
	}
}

// A transaction ends after the comparison, which may use what was gathered.
func TestTransaction(t *testing.T) {
	var done int
	reg := prometheus.NewRegistry()
	reg.MustRegister(jobs("ok", "failed"))
	g := transaction{reg, &done}
	if err := TransactionalGatherAndCompare(g, strings.NewReader(jobsText)); err != nil || done != 1 {
		t.Errorf("%v, ended %d times", err, done)
	}
	if err := TransactionalGatherAndCompare(transaction{failing(), &done}, strings.NewReader("")); err == nil || done != 2 {
		t.Errorf("%v, ended %d times", err, done)
	}
}

type transaction struct {
	prometheus.Gatherer
	done *int
}

func (g transaction) Gather() ([]*dto.MetricFamily, func(), error) {
	families, err := g.Gatherer.Gather()
	return families, func() { *g.done++ }, err
}

func TestScrape(t *testing.T) {
	status, text := http.StatusOK, jobsText
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, text)
	}))
	defer s.Close()
	compare := func() error { return ScrapeAndCompare(s.URL, strings.NewReader(jobsText), "jobs_total") }
	if err := compare(); err != nil {
		t.Error(err)
	}
	text = "# TYPE x gauge\nx 1\n" + jobsText
	if err := compare(); err != nil {
		t.Errorf("with a family that is not asked for: %v", err)
	}
	text = "{{{"
	if err := compare(); err == nil || !strings.HasPrefix(err.Error(), "converting reader") {
		t.Errorf("no exposition: %v", err)
	}
	status = http.StatusBadGateway
	if err := compare(); err == nil || err.Error() != "the scraping target returned a status code other than 200: 502" {
		t.Errorf("status 502: %v", err)
	}
	if err := ScrapeAndCompare("there is no such address", strings.NewReader("")); err == nil || !strings.HasPrefix(err.Error(), "scraping metrics failed: ") {
		t.Errorf("no address: %v", err)
	}
}

func TestFormat(t *testing.T) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(jobs("ok"), gauge("temperature", 1))
	const text = "# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total{result=\"ok\"} 1\n"
	if got, err := GatherAndFormat(reg, expfmt.TypeTextPlain, "jobs_total"); string(got) != text || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := GatherAndFormat(reg, expfmt.TypeTextPlain); len(got) != 0 || err != nil {
		t.Errorf("without names: %q, %v", got, err)
	}
	const open = "# HELP temperature A number.\n# TYPE temperature gauge\ntemperature 1.0\n# EOF\n"
	if got, err := CollectAndFormat(gauge("temperature", 1), expfmt.TypeOpenMetrics, "temperature"); string(got) != open || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestLint(t *testing.T) {
	problems, err := CollectAndLint(prometheus.NewCounter(prometheus.CounterOpts{Name: "jobs", Help: "Jobs."}))
	if err != nil || len(problems) != 1 || problems[0].Metric != "jobs" || problems[0].Text != `counter metrics should have "_total" suffix` {
		t.Errorf("%v, %v", problems, err)
	}
	if problems, err := CollectAndLint(prometheus.NewCounter(prometheus.CounterOpts{Name: "jobs"}), "other"); len(problems) != 0 || err != nil {
		t.Errorf("another name: %v, %v", problems, err)
	}
}

// What difference says makes b of a, keeps what may be kept, and is no longer than it
// must be: as many lines in common as the table of the longest common subsequence has.
func TestDifference(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		a, b := randomLines(rnd), randomLines(rnd)
		var from, to []string
		kept := 0
		for _, l := range edits(a, b) {
			switch l[0] {
			case ' ':
				from, to, kept = append(from, l[1:]), append(to, l[1:]), kept+1
			case '-':
				from = append(from, l[1:])
			case '+':
				to = append(to, l[1:])
			}
		}
		if !slices.Equal(from, a) || !slices.Equal(to, b) || kept != common(a, b) {
			t.Fatalf("%q to %q: %q to %q, %d kept", a, b, from, to, kept)
		}
	}
}

func randomLines(rnd *rand.Rand) []string {
	lines := make([]string, 1+rnd.IntN(12))
	for i := range lines {
		lines[i] = string(rune('a' + rnd.IntN(4)))
	}
	return lines
}

// common is the length of the longest common subsequence, the slow way.
func common(a, b []string) int {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			up := row[j+1]
			if x == y {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(up, row[j])
			}
			diagonal = up
		}
	}
	return row[len(b)]
}

// Texts that differ in too many lines are told as replaced, in reasonable time.
func TestDifferenceOfLargeTexts(t *testing.T) {
	var a, b []string
	for i := range 2 * mostEdits {
		a, b = append(a, fmt.Sprint("a", i)), append(b, fmt.Sprint("b", i))
	}
	if lines := edits(a, b); len(lines) != len(a)+len(b) || lines[0] != "-a0" || lines[len(a)] != "+b0" {
		t.Errorf("%d lines", len(lines))
	}
	b = slices.Clone(a)
	b[len(b)/2] = "other"
	if lines := edits(a, b); len(lines) != len(a)+1 {
		t.Errorf("%d lines where one differs", len(lines))
	}
}
