package prometheus_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"

	compat "github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/graphite"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/prometheus/client_golang/prometheus/promhttp/zstd"
)

// ours sets the default registry for one test.
func ours(t *testing.T) *prometheus.Registry {
	registerer, gatherer := prometheus.DefaultRegisterer, prometheus.DefaultGatherer
	t.Cleanup(func() { prometheus.DefaultRegisterer, prometheus.DefaultGatherer = registerer, gatherer })
	r := prometheus.NewRegistry()
	prometheus.DefaultRegisterer, prometheus.DefaultGatherer = r, r
	return r
}

func names(t *testing.T, g prometheus.Gatherer) (list []string) {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		list = append(list, f.GetName())
	}
	return list
}

// TestDefaultRegisterer: what the service sets is what its libraries register with.
func TestDefaultRegisterer(t *testing.T) {
	r := ours(t)
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: "a"})
	prometheus.MustRegister(c)
	if err := prometheus.Register(c); err == nil || err != error(prometheus.AlreadyRegisteredError{ExistingCollector: c, NewCollector: c}) {
		t.Error(err)
	}
	promauto.NewCounter(prometheus.CounterOpts{Name: "b"})
	promauto.NewCounterVec(prometheus.CounterOpts{Name: "c"}, []string{"l"}).WithLabelValues("v")
	promauto.NewCounterFunc(prometheus.CounterOpts{Name: "d"}, func() float64 { return 1 })
	promauto.NewGauge(prometheus.GaugeOpts{Name: "e"})
	promauto.NewGaugeVec(prometheus.GaugeOpts{Name: "f"}, []string{"l"}).WithLabelValues("v")
	promauto.NewGaugeFunc(prometheus.GaugeOpts{Name: "g"}, func() float64 { return 1 })
	promauto.NewHistogram(prometheus.HistogramOpts{Name: "h"})
	promauto.NewHistogramVec(prometheus.HistogramOpts{Name: "i"}, []string{"l"}).WithLabelValues("v")
	promauto.NewSummary(prometheus.SummaryOpts{Name: "j"})
	promauto.NewSummaryVec(prometheus.SummaryOpts{Name: "k"}, []string{"l"}).WithLabelValues("v")
	promauto.NewUntypedFunc(prometheus.UntypedOpts{Name: "l"}, func() float64 { return 1 })
	if got := strings.Join(names(t, r), ""); got != "abcdefghijkl" {
		t.Error(got)
	}
	if !prometheus.Unregister(c) || slices.Contains(names(t, r), "a") {
		t.Error("a is still there")
	}
}

func TestDefaultGatherer(t *testing.T) {
	r := ours(t)
	promauto.NewGauge(prometheus.GaugeOpts{Name: "mine"}).Set(3)
	rec := httptest.NewRecorder()
	promhttp.Handler().ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	if body := rec.Body.String(); !strings.Contains(body, "\nmine 3\n") || strings.Contains(body, "go_goroutines") {
		t.Error(body)
	}
	if !slices.Contains(names(t, r), "promhttp_metric_handler_requests_total") {
		t.Error("the handler is not counted where the service's metrics are")
	}
	config := graphite.Config{URL: "localhost:1"}
	if _, err := graphite.NewBridge(&config); err != nil || config.Gatherer != nil {
		t.Error(err, "or the caller's configuration was changed")
	}
}

// TestDefaultRegistry: who sets nothing shares compat's registry, which knows the
// process.
func TestDefaultRegistry(t *testing.T) {
	if prometheus.DefaultRegisterer != compat.DefaultRegisterer || !slices.Contains(names(t, prometheus.DefaultGatherer), "go_goroutines") {
		t.Error("the default registry is another one")
	}
}

func bounds(t *testing.T, m prometheus.Metric) (list []float64) {
	t.Helper()
	var d dto.Metric
	if err := m.Write(&d); err != nil {
		t.Fatal(err)
	}
	for _, b := range d.Histogram.Bucket {
		list = append(list, b.GetUpperBound())
	}
	return list
}

// TestDefBuckets: every constructor takes what the service sets, when its options
// name no buckets.
func TestDefBuckets(t *testing.T) {
	was := prometheus.DefBuckets
	defer func() { prometheus.DefBuckets = was }()
	opts := prometheus.HistogramOpts{Name: "h"}
	for _, want := range [][]float64{was, {1, 2}, {}} {
		prometheus.DefBuckets = slices.Clone(want)
		for what, m := range map[string]any{
			"NewHistogram":             prometheus.NewHistogram(opts),
			"NewHistogramVec":          prometheus.NewHistogramVec(opts, []string{"l"}).WithLabelValues("v"),
			"V2.NewHistogramVec":       prometheus.V2.NewHistogramVec(prometheus.HistogramVecOpts{HistogramOpts: opts}).WithLabelValues(),
			"promauto.NewHistogram":    promauto.With(nil).NewHistogram(opts),
			"promauto.NewHistogramVec": promauto.With(nil).NewHistogramVec(opts, []string{"l"}).WithLabelValues("v"),
		} {
			if got := bounds(t, m.(prometheus.Metric)); !slices.Equal(got, want) {
				t.Errorf("%s has %v, want %v", what, got, want)
			}
		}
	}
	own, native := opts, opts
	own.Buckets, native.NativeHistogramBucketFactor = []float64{5}, 1.1
	if got := bounds(t, prometheus.NewHistogram(own)); !slices.Equal(got, []float64{5}) {
		t.Error(got)
	}
	if got := bounds(t, prometheus.NewHistogram(native)); got != nil {
		t.Error(got)
	}
}

// TestAliases: what is made here is what compat makes.
func TestAliases(t *testing.T) {
	var r compat.Registerer = prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(collectors.WithGoCollectorMemStatsMetricsDisabled()))
	var c compat.Counter = prometheus.NewCounter(prometheus.CounterOpts{Name: "c"})
	if err := r.Register(c); err != nil {
		t.Error(err)
	}
	vec := prometheus.V2.NewCounterVec(prometheus.CounterVecOpts{CounterOpts: prometheus.CounterOpts{Name: "v"},
		VariableLabels: prometheus.ConstrainedLabels{{Name: "l", Constraint: strings.ToUpper}}})
	vec.WithLabelValues("x").Inc()
	if !vec.DeleteLabelValues("X") {
		t.Error("the constraint did not reach the vec")
	}
}
