package upstream

import (
	"database/sql"
	"errors"
	"expvar"
	"fmt"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint/validations"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/pawl-metrics/pawl/fuzz/compat/record"
)

func autos(l *record.Log) {
	defer func(r prometheus.Registerer) { prometheus.DefaultRegisterer = r }(prometheus.DefaultRegisterer)
	mine := prometheus.NewRegistry()
	prometheus.DefaultRegisterer = mine
	one := func() float64 { return 1 }
	promauto.NewCounter(prometheus.CounterOpts{Name: "a"}).Inc()
	promauto.NewCounterVec(prometheus.CounterOpts{Name: "b"}, []string{"x"}).WithLabelValues("1").Inc()
	promauto.NewCounterFunc(prometheus.CounterOpts{Name: "c"}, one)
	promauto.NewGauge(prometheus.GaugeOpts{Name: "d"}).Inc()
	promauto.NewGaugeVec(prometheus.GaugeOpts{Name: "e"}, []string{"x"}).WithLabelValues("1").Inc()
	promauto.NewGaugeFunc(prometheus.GaugeOpts{Name: "f"}, one)
	promauto.NewHistogram(prometheus.HistogramOpts{Name: "g"}).Observe(1)
	promauto.NewHistogramVec(prometheus.HistogramOpts{Name: "h"}, []string{"x"}).WithLabelValues("1").Observe(1)
	promauto.NewSummary(prometheus.SummaryOpts{Name: "i"}).Observe(1)
	promauto.NewSummaryVec(prometheus.SummaryOpts{Name: "j"}, []string{"x"}).WithLabelValues("1").Observe(1)
	promauto.NewUntypedFunc(prometheus.UntypedOpts{Name: "k"}, one)
	gather(l, "default", mine)
	r := prometheus.NewRegistry()
	f := promauto.With(prometheus.WrapRegistererWithPrefix("p_", r))
	f.NewCounter(prometheus.CounterOpts{Name: "a"})
	f.NewCounterVec(prometheus.CounterOpts{Name: "b"}, []string{"x"})
	f.NewCounterFunc(prometheus.CounterOpts{Name: "c"}, one)
	f.NewGauge(prometheus.GaugeOpts{Name: "d"})
	f.NewGaugeVec(prometheus.GaugeOpts{Name: "e"}, []string{"x"})
	f.NewGaugeFunc(prometheus.GaugeOpts{Name: "f"}, one)
	f.NewHistogram(prometheus.HistogramOpts{Name: "g"})
	f.NewHistogramVec(prometheus.HistogramOpts{Name: "h"}, []string{"x"})
	f.NewSummary(prometheus.SummaryOpts{Name: "i"})
	f.NewSummaryVec(prometheus.SummaryOpts{Name: "j"}, []string{"x"})
	f.NewUntypedFunc(prometheus.UntypedOpts{Name: "k"}, one)
	gather(l, "with", r)
	l.Try("again", func() { f.NewCounter(prometheus.CounterOpts{Name: "a"}) })
	l.Try("again", func() { promauto.NewGauge(prometheus.GaugeOpts{Name: "a"}) })
	l.Try("bad name", func() { promauto.NewGauge(prometheus.GaugeOpts{Name: "\xff"}) })
	promauto.With(nil).NewCounter(prometheus.CounterOpts{Name: "a"}).Inc()
	var none promauto.Factory
	none.NewCounter(prometheus.CounterOpts{Name: "a"}).Inc()
}

func testutils(l *record.Log) {
	c := counterNamed("c_total", "h", nil)
	c.Add(2.5)
	vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "v", Help: "h"}, []string{"x"})
	vec.WithLabelValues("1").Set(4)
	l.Printf("%v %v", testutil.ToFloat64(c), testutil.ToFloat64(vec))
	vec.WithLabelValues("2").Set(5)
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Help: "h"})
	l.Try("two", func() { testutil.ToFloat64(vec) })
	l.Try("none", func() { testutil.ToFloat64(prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "v"}, []string{"x"})) })
	l.Try("histogram", func() { testutil.ToFloat64(h) })
	l.Printf("%v", testutil.ToFloat64(prometheus.NewUntypedFunc(prometheus.UntypedOpts{Name: "u"}, func() float64 { return 6 })))
	l.Printf("%d %d %d %d", testutil.CollectAndCount(vec), testutil.CollectAndCount(vec, "v"), testutil.CollectAndCount(vec, "w"), testutil.CollectAndCount(h))
	r := prometheus.NewRegistry()
	r.MustRegister(c, vec, h)
	n, err := testutil.GatherAndCount(r)
	l.Err("count", err)
	l.Printf("%d", n)
	n, err = testutil.GatherAndCount(r, "v", "h")
	l.Err("count", err)
	l.Printf("%d", n)
	good := "# HELP v h\n# TYPE v gauge\nv{x=\"1\"} 4\nv{x=\"2\"} 5\n"
	for what, text := range map[string]string{"good": good, "wrong value": strings.Replace(good, " 5", " 6", 1), "missing": strings.Replace(good, "v{x=\"2\"} 5\n", "", 1),
		"empty": "", "other help": strings.Replace(good, "v h", "v i", 1), "no text": "v{", "no help": "v{x=\"1\"} 4\n", "other name": strings.ReplaceAll(good, "v", "w")} {
		sub := new(record.Log)
		sub.Err(what, testutil.CollectAndCompare(vec, strings.NewReader(text)))
		sub.Err(what, testutil.GatherAndCompare(r, strings.NewReader(text), "v"))
		sub.Err(what, testutil.TransactionalGatherAndCompare(prometheus.ToTransactionalGatherer(r), strings.NewReader(text), "v"))
		l.Add(what, sub)
	}
	l.Err("by other names", testutil.GatherAndCompare(r, strings.NewReader(good), "v", "none"))
	server := httptest.NewServer(handler(r))
	defer server.Close()
	l.Err("scrape", testutil.ScrapeAndCompare(server.URL, strings.NewReader(good), "v"))
	l.Err("scrape", testutil.ScrapeAndCompare(server.URL, strings.NewReader(strings.Replace(good, " 5", " 6", 1)), "v"))
	refusing := httptest.NewServer(answering(404, "no"))
	defer refusing.Close()
	l.Err("scrape", testutil.ScrapeAndCompare(refusing.URL, strings.NewReader(good), "v"))
	for _, f := range []expfmt.FormatType{expfmt.TypeTextPlain, expfmt.TypeOpenMetrics, expfmt.TypeProtoDelim} {
		text, err := testutil.CollectAndFormat(vec, f, "v")
		l.Err("format", err)
		l.Printf("%q", text)
		text, err = testutil.GatherAndFormat(r, f, "v", "c_total")
		l.Err("format", err)
		if f != expfmt.TypeProtoDelim {
			l.Printf("%q", text)
		}
	}
	l.Err("compare an invalid one", testutil.CollectAndCompare(several{descs: []*prometheus.Desc{invalid}}, strings.NewReader(good)))
	l.Try("count an invalid one", func() { testutil.CollectAndCount(several{descs: []*prometheus.Desc{invalid}}) })
	_, err = testutil.CollectAndLint(several{descs: []*prometheus.Desc{invalid}})
	l.Err("lint an invalid one", err)
}

func lints(l *record.Log) {
	problems := func(what string, list []promlint.Problem, err error) {
		l.Err(what, err)
		texts := make([]string, len(list))
		for i, p := range list {
			texts[i] = fmt.Sprintf("%s: %s", p.Metric, p.Text)
		}
		slices.Sort(texts)
		l.Printf("%s: %q", what, texts)
	}
	for _, text := range []string{
		"# HELP a h\n# TYPE a counter\na 1\n", "# TYPE a_total gauge\na_total 1\n", "# HELP camelCase h\n# TYPE camelCase gauge\ncamelCase 1\n",
		"# HELP a_milliseconds h\n# TYPE a_milliseconds gauge\na_milliseconds 1\n", "# HELP a_gauge h\n# TYPE a_gauge gauge\na_gauge 1\n",
		"# HELP a:b h\n# TYPE a:b gauge\na:b 1\n", "# HELP a_sec h\n# TYPE a_sec gauge\na_sec 1\n", "# HELP a h\n# TYPE a gauge\na{le=\"1\",quantile=\"2\"} 1\n",
		"# HELP a_total h\n# TYPE a_total counter\na_total{camelCase=\"x\"} 1\n", "# HELP a_total_total h\n# TYPE a_total_total counter\na_total_total 1\n",
		"# HELP a h\n# TYPE a summary\na{quantile=\"0.5\"} 1\na_sum 1\na_count 1\n", "a{", "", "# HELP a_kilobytes_total h\n# TYPE a_kilobytes_total counter\na_kilobytes_total 1\n",
		"# HELP a_count h\n# TYPE a_count gauge\na_count 1\n# HELP b_bucket h\n# TYPE b_bucket gauge\nb_bucket 1\n# HELP c_info h\n# TYPE c_info counter\nc_info 1\n",
		"# HELP a h\n# TYPE a gauge\na{x=\"1\"} 1\na{x=\"1\"} 2\n", "# HELP temperature_celsius h\n# TYPE temperature_celsius gauge\ntemperature_celsius 1\n",
	} {
		list, err := promlint.New(strings.NewReader(text)).Lint()
		problems(fmt.Sprintf("%q", text), list, err)
	}
	lint := promlint.NewWithMetricFamilies([]*dto.MetricFamily{{Name: new("aB"), Type: new(dto.MetricType_GAUGE)}})
	lint.AddCustomValidations(func(f *dto.MetricFamily) []error { return []error{errors.New("custom " + f.GetName())} })
	list, err := lint.Lint()
	problems("custom", list, err)
	list, err = testutil.CollectAndLint(counterNamed("a", "", nil))
	problems("collector", list, err)
	list, err = testutil.GatherAndLint(everything(), "g_bytes", "c_total")
	problems("gatherer", list, err)
	f := &dto.MetricFamily{Name: new("aB_gauge:total_sec"), Type: new(dto.MetricType_GAUGE), Metric: []*dto.Metric{{Label: []*dto.LabelPair{pair("aB", "x"), pair("le", "1")}}, {Label: []*dto.LabelPair{pair("aB", "x"), pair("le", "1")}}}}
	for i, v := range []promlint.Validation{validations.LintCamelCase, validations.LintCounter, validations.LintDuplicateMetric, validations.LintHelp, validations.LintHistogramSummaryReserved,
		validations.LintMetricTypeInName, validations.LintMetricUnits, validations.LintReservedChars, validations.LintUnitAbbreviations} {
		l.Printf("validation %d: %v", i, v(f))
	}
}

// collections: which families there are, their help and type, and which labels. The
// values are of the process.
func collections(l *record.Log) {
	shape := func(what string, c prometheus.Collector) {
		r := prometheus.NewPedanticRegistry()
		l.Err(what, r.Register(c))
		list, err := r.Gather()
		l.Err(what, err)
		for _, f := range list {
			for _, m := range f.Metric {
				var names []string
				for _, p := range m.Label {
					names = append(names, p.GetName())
				}
				l.Printf("%s: %s %s %q %s %v buckets %d quantiles %d", what, f.GetName(), f.GetType(), f.GetHelp(), f.GetUnit(), names, len(m.GetHistogram().GetBucket()), len(m.GetSummary().GetQuantile()))
			}
		}
	}
	shape("go", collectors.NewGoCollector())
	shape("old go", prometheus.NewGoCollector())
	shape("go all", collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsAll)))
	shape("go gc", collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsGC), collectors.WithGoCollectorMemStatsMetricsDisabled()))
	shape("go some", collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsScheduler, collectors.MetricsMemory, collectors.MetricsDebug)))
	shape("go own", collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.GoRuntimeMetricsRule{Matcher: regexp.MustCompile("/sched/.*")})))
	shape("go less", collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsAll), collectors.WithoutGoCollectorRuntimeMetrics(regexp.MustCompile("/gc/.*"))))
	for _, flags := range []collectors.GoCollectionOption{0, collectors.GoRuntimeMemStatsCollection, collectors.GoRuntimeMetricsCollection, collectors.GoRuntimeMemStatsCollection | collectors.GoRuntimeMetricsCollection} {
		shape(fmt.Sprint("go flags ", flags), collectors.NewGoCollector(collectors.WithGoCollections(flags)))
	}
	shape("process", collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	shape("old process", prometheus.NewProcessCollector(prometheus.ProcessCollectorOpts{Namespace: "ns"}))
	for _, report := range []bool{false, true} {
		shape("no such process", collectors.NewProcessCollector(collectors.ProcessCollectorOpts{PidFn: func() (int, error) { return 0, errors.New("no pid") }, ReportErrors: report}))
	}
	_, err := prometheus.NewPidFileFn("/no/such/file")()
	l.Err("pid file", err)
	shape("build", collectors.NewBuildInfoCollector())
	shape("old build", prometheus.NewBuildInfoCollector())
	shape("version", version.NewCollector("prog"))
	shape("version", version.NewCollector("prog", version.WithExtraConstLabels(constLabels)))
	shape("database", collectors.NewDBStatsCollector(new(sql.DB), "db"))
	defaults, err := prometheus.DefaultGatherer.Gather()
	l.Err("default", err)
	for _, f := range defaults {
		l.Printf("default: %s", f.GetName())
	}
}

func expvars(l *record.Log) {
	name := func(s string) string { return "parity_" + s }
	if expvar.Get(name("int")) == nil {
		expvar.NewInt(name("int")).Set(42)
		expvar.NewFloat(name("float")).Set(1.5)
		expvar.NewString(name("text")).Set("x")
		m := expvar.NewMap(name("map"))
		m.Add("a", 1)
		m.Add("b", 2)
		expvar.Publish(name("bool"), expvar.Func(func() any { return true }))
		expvar.Publish(name("nested"), expvar.Func(func() any {
			return map[string]any{"200": map[string]any{"GET": 11, "POST": 12}, "404": map[string]any{"GET": 13, "bad": "x"}}
		}))
	}
	c := collectors.NewExpvarCollector(map[string]*prometheus.Desc{
		name("int"):    prometheus.NewDesc("int", "h", nil, nil),
		name("float"):  prometheus.NewDesc("float", "h", nil, nil),
		name("text"):   prometheus.NewDesc("text", "h", nil, nil),
		name("map"):    prometheus.NewDesc("map", "h", []string{"key"}, constLabels),
		name("bool"):   prometheus.NewDesc("bool", "h", nil, nil),
		name("nested"): prometheus.NewDesc("nested", "h", []string{"code", "method"}, nil),
		name("none"):   prometheus.NewDesc("none", "h", nil, nil),
	})
	r := prometheus.NewRegistry()
	l.Err("register", r.Register(c))
	gather(l, "expvar", r)
	bad := prometheus.NewExpvarCollector(map[string]*prometheus.Desc{name("map"): prometheus.NewDesc("map", "h", []string{"a", "b"}, nil)})
	r = prometheus.NewRegistry()
	l.Err("register", r.Register(bad))
	gather(l, "too few levels", r)
}
