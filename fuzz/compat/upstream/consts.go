package upstream

import (
	"errors"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pawl-metrics/pawl/fuzz/compat/record"
)

var (
	then     = time.Date(2024, 5, 6, 7, 8, 9, 10_000_000, time.UTC)
	plain    = prometheus.NewDesc("m", "h", nil, nil)
	labelled = prometheus.NewDesc("ns_labelled", "h", []string{"b", "a"}, constLabels)
	invalid  = prometheus.NewInvalidDesc(errors.New("this descriptor is bad"))
)

// made writes down a metric, or why there is none.
func made(l *record.Log, what string, m prometheus.Metric, err error) {
	l.Err(what, err)
	if err == nil {
		l.Printf("%s: %v", what, m.Desc())
		write(l, what, m)
	}
}

func constMetrics(l *record.Log) {
	for _, t := range []prometheus.ValueType{prometheus.CounterValue, prometheus.GaugeValue, prometheus.UntypedValue, 0, 7} {
		for _, v := range []float64{0, 1.5, -3, math.Inf(1), math.NaN()} {
			m, err := prometheus.NewConstMetric(labelled, t, v, "1", "2")
			made(l, "const metric", m, err)
		}
		m, err := prometheus.NewConstMetricWithCreatedTimestamp(labelled, t, 1, then, "1", "2")
		made(l, "with a start", m, err)
		l.Try("must", func() { prometheus.MustNewConstMetricWithCreatedTimestamp(plain, t, 1, then) })
		l.Try("type", func() { l.Printf("%v", t.ToDTO()) })
	}
	l.Try("zero time", func() {
		m, err := prometheus.NewConstMetricWithCreatedTimestamp(plain, prometheus.CounterValue, 1, time.Time{})
		made(l, "zero time", m, err)
	})
	write(l, "must", prometheus.MustNewConstMetric(plain, prometheus.GaugeValue, 3))
	m := prometheus.NewInvalidMetric(plain, errors.New("no value"))
	l.Printf("%v", m.Desc())
	write(l, "invalid", m)
	l.Printf("%v %v %v", prometheus.CounterMetricTypePtr, prometheus.GaugeMetricTypePtr, prometheus.UntypedMetricTypePtr)
}

func constHistograms(l *record.Log) {
	buckets := map[float64]uint64{25: 121, 50: 2403, 100: 3221, 200: 4233}
	m, err := prometheus.NewConstHistogram(labelled, 4711, 403.5, buckets, "1", "2")
	made(l, "histogram", m, err)
	m, err = prometheus.NewConstHistogramWithCreatedTimestamp(plain, 4711, 403.5, buckets, then)
	made(l, "histogram with a start", m, err)
	m, err = prometheus.NewConstHistogram(plain, 0, 0, nil)
	made(l, "empty", m, err)
	m, err = prometheus.NewConstHistogram(plain, 5, math.NaN(), map[float64]uint64{math.Inf(1): 7, -1: 3})
	made(l, "odd", m, err)
	write(l, "must", prometheus.MustNewConstHistogram(plain, 1, 2, buckets))
	write(l, "must with a start", prometheus.MustNewConstHistogramWithCreatedTimestamp(plain, 1, 2, buckets, then))
	quantiles := map[float64]float64{0.5: 1, 0.9: math.NaN(), 0.1: 3}
	m, err = prometheus.NewConstSummary(labelled, 4711, 403.5, quantiles, "1", "2")
	made(l, "summary", m, err)
	m, err = prometheus.NewConstSummaryWithCreatedTimestamp(plain, 4711, 403.5, quantiles, then)
	made(l, "summary with a start", m, err)
	m, err = prometheus.NewConstSummary(plain, 0, 0, nil)
	made(l, "empty summary", m, err)
	write(l, "must", prometheus.MustNewConstSummary(plain, 1, 2, quantiles))
	write(l, "must with a start", prometheus.MustNewConstSummaryWithCreatedTimestamp(plain, 1, 2, quantiles, then))
}

func constNatives(l *record.Log) {
	type buckets = map[int]int64
	for _, c := range []struct {
		count              uint64
		sum                float64
		positive, negative buckets
		zero               uint64
		schema             int32
		threshold          float64
	}{
		{0, 0, nil, nil, 0, 3, 0},
		{10, 55, buckets{0: 1, 1: 2, 2: 3, 7: 2}, buckets{-3: 1}, 1, 2, 0.001},
		{10, 55, buckets{0: 1, 1: 2, 2: 3, 7: 2}, buckets{-3: 1}, 0, 0, 0},
		{3, 55, buckets{0: 1, 1: 2, 2: 3}, nil, 0, 0, 0},
		{6, math.NaN(), buckets{0: 1, 1: 2, 2: 3}, nil, 0, 0, 0},
		{8, math.NaN(), buckets{0: 1, 1: 2, 2: 3}, nil, 0, 0, 0},
		{6, 1, buckets{0: 1, 10: 2, 20: 3}, nil, 0, 8, 1},
		{6, 1, buckets{0: 1, 10: 2, 20: 3}, nil, 0, -4, 1},
		{6, 1, buckets{0: 1, 10: 2, 20: 3}, nil, 0, 9, 1},
		{6, 1, buckets{0: 1, 10: 2, 20: 3}, nil, 0, -5, 1},
		{6, 1, buckets{0: 1, 10: -2, 20: 3}, nil, 0, 1, 1},
		{7, 1, buckets{0: 1, 10: 2, 20: 3}, nil, 0, 1, 1},
	} {
		for _, start := range []time.Time{then, {}} {
			l.Try("native", func() {
				m, err := prometheus.NewConstNativeHistogram(labelled, c.count, c.sum, c.positive, c.negative, c.zero, c.schema, c.threshold, start, "1", "2")
				made(l, "native", m, err)
			})
			l.Try("must", func() {
				prometheus.MustNewConstNativeHistogram(plain, c.count, c.sum, c.positive, c.negative, c.zero, c.schema, c.threshold, start)
			})
		}
	}
	_, err := prometheus.NewConstNativeHistogram(labelled, 0, 0, nil, nil, 0, 0, 0, then, "1")
	l.Err("labels", err)
}

func constMisuse(l *record.Log) {
	for _, d := range []*prometheus.Desc{plain, labelled, invalid} {
		for _, values := range [][]string{nil, {"1"}, {"1", "2"}, {"1", "\xff"}, {"1", "2", "3"}} {
			_, err := prometheus.NewConstMetric(d, prometheus.GaugeValue, 1, values...)
			l.Err("metric", err)
			_, err = prometheus.NewConstMetricWithCreatedTimestamp(d, prometheus.CounterValue, 1, then, values...)
			l.Err("metric with a start", err)
			_, err = prometheus.NewConstHistogram(d, 1, 1, nil, values...)
			l.Err("histogram", err)
			_, err = prometheus.NewConstHistogramWithCreatedTimestamp(d, 1, 1, nil, then, values...)
			l.Err("histogram with a start", err)
			_, err = prometheus.NewConstSummary(d, 1, 1, nil, values...)
			l.Err("summary", err)
			_, err = prometheus.NewConstSummaryWithCreatedTimestamp(d, 1, 1, nil, then, values...)
			l.Err("summary with a start", err)
			l.Try("metric", func() { prometheus.MustNewConstMetric(d, prometheus.GaugeValue, 1, values...) })
			l.Try("histogram", func() { prometheus.MustNewConstHistogram(d, 1, 1, nil, values...) })
			l.Try("summary", func() { prometheus.MustNewConstSummary(d, 1, 1, nil, values...) })
		}
	}
}

func constDecorations(l *record.Log) {
	counter := prometheus.MustNewConstMetric(plain, prometheus.CounterValue, 5)
	gauge := prometheus.MustNewConstMetric(plain, prometheus.GaugeValue, 5)
	summary := prometheus.MustNewConstSummary(plain, 5, 1, nil)
	histogram := prometheus.MustNewConstHistogram(plain, 20, 1, map[float64]uint64{1: 5, 2: 10, 3: 15})
	live := prometheus.NewHistogram(native(1.1))
	live.Observe(3)
	one := prometheus.Exemplar{Value: 1.5, Labels: prometheus.Labels{"id": "1"}, Timestamp: then}
	timeless := prometheus.Exemplar{Value: 2.5, Labels: prometheus.Labels{"id": "2"}}
	large := prometheus.Exemplar{Value: 100, Labels: prometheus.Labels{"id": "3"}, Timestamp: then}
	bad := prometheus.Exemplar{Value: 1, Labels: prometheus.Labels{"__id": "3"}}
	for i := range 6 {
		for _, e := range [][]prometheus.Exemplar{nil, {one}, {one, timeless, large}, {large}, {bad}} {
			// New ones each time: client_golang's collect exemplars from Write to Write.
			counter := prometheus.MustNewConstMetric(plain, prometheus.CounterValue, 5)
			nat := prometheus.MustNewConstNativeHistogram(plain, 3, 1, map[int]int64{0: 3}, nil, 0, 2, 0, then)
			m := []prometheus.Metric{counter, gauge, summary, histogram, nat, live}[i]
			l.Printf("metric %d with %d exemplars", i, len(e))
			m, err := prometheus.NewMetricWithExemplars(m, e...)
			made(l, "exemplars", m, err)
			l.Try("must", func() { prometheus.MustNewMetricWithExemplars(histogram, e...) })
		}
	}
	timed := prometheus.NewMetricWithTimestamp(then, counter)
	l.Printf("%v", timed.Desc())
	write(l, "timed", timed)
	write(l, "timed again", prometheus.NewMetricWithTimestamp(then.Add(time.Hour), timed))
	write(l, "timed and invalid", prometheus.NewMetricWithTimestamp(then, prometheus.NewInvalidMetric(plain, errors.New("no value"))))
	both := prometheus.NewMetricWithTimestamp(then, prometheus.MustNewMetricWithExemplars(histogram, one))
	write(l, "both", both)
	r := prometheus.NewRegistry()
	r.MustRegister(prometheus.CollectorFunc(func(ch chan<- prometheus.Metric) { ch <- both }))
	gather(l, "registry", r)
}

func descriptors(l *record.Log) {
	for _, c := range []struct {
		name, help string
		labels     []string
		constant   prometheus.Labels
	}{
		{"a", "", nil, nil}, {"a", "help", []string{"x", "y"}, prometheus.Labels{"z": "1", "w": "2"}}, {"", "h", nil, nil}, {"a b", "h", nil, nil},
		{"1a", "h", nil, nil}, {"ünï", "h", []string{"ö"}, nil}, {"a\xff", "h", nil, nil}, {"a", "\xff", nil, nil}, {"a", "h", []string{"\xff"}, nil},
		{"a", "h", []string{"x", "x"}, nil}, {"a", "h", []string{"x"}, prometheus.Labels{"x": "1"}}, {"a", "h", []string{"__x"}, nil},
		{"a", "h", nil, prometheus.Labels{"__x": "1"}}, {"a", "h", nil, prometheus.Labels{"x": "\xff"}}, {"a", "h", []string{""}, nil},
		{"a", "h", []string{"__name__"}, nil}, {"a:b", "h", []string{"x:y"}, nil}, {"a", "h", []string{"le", "quantile"}, nil},
		{"a", "h", nil, prometheus.Labels{"x y": "1", "": "2"}},
	} {
		d := prometheus.NewDesc(c.name, c.help, c.labels, c.constant)
		l.Printf("%v", d)
		l.Err("descriptor", d.Err())
		l.Err("register", prometheus.NewRegistry().Register(one{d}))
	}
	l.Printf("%v", invalid)
	l.Err("invalid", invalid.Err())
	for _, parts := range [][3]string{{"a", "b", "c"}, {"", "b", "c"}, {"a", "", "c"}, {"", "", "c"}, {"a", "b", ""}, {"a", "", ""}, {"", "", ""}} {
		l.Printf("%q", prometheus.BuildFQName(parts[0], parts[1], parts[2]))
	}
	for _, unit := range []string{"", "seconds", "not a unit", "\xff"} {
		d := prometheus.V2.NewDesc("a", "h", prometheus.UnconstrainedLabels(nil), nil, prometheus.WithUnit(unit))
		l.Printf("%v", d)
		l.Err("unit", d.Err())
		r := prometheus.NewRegistry()
		l.Err("register", r.Register(one{d}))
		gather(l, "unit", r)
	}
}

// one collects a gauge of 1 for a descriptor.
type one struct{ d *prometheus.Desc }

func (o one) Describe(ch chan<- *prometheus.Desc) { ch <- o.d }
func (o one) Collect(ch chan<- prometheus.Metric) {
	m, err := prometheus.NewConstMetric(o.d, prometheus.GaugeValue, 1)
	if err != nil {
		m = prometheus.NewInvalidMetric(o.d, err)
	}
	ch <- m
}

func labelPairs(l *record.Log) {
	for _, p := range prometheus.MakeLabelPairs(labelled, []string{"1", "2"}) {
		l.Printf("%s=%q", p.GetName(), p.GetValue())
	}
	l.Printf("%v", prometheus.MakeLabelPairs(plain, nil))
	d := prometheus.NewDesc("m", "h", nil, constLabels)
	for _, p := range prometheus.MakeLabelPairs(d, nil) {
		l.Printf("%s=%q", p.GetName(), p.GetValue())
	}
}
