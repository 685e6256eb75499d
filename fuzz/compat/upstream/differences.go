package upstream

import (
	"math"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/fuzz/compat/record"
)

// Differences are compat's deliberate ones. What each library has to log is in the
// test.
var Differences = map[string]func(l *record.Log){
	"NaN":                         poison,
	"infinite amounts":            infinite,
	"callbacks that panic":        callbackPanics,
	"metrics that panic":          writePanics,
	"colliding hashes":            collisions,
	"a lookup during a scrape":    lookupDuringScrape,
	"the caller's buckets":        callersBuckets,
	"the caller's labels":         callersLabels,
	"units through Gatherers":     units,
	"what Unregister remembers":   remembered,
	"order of exemplars' labels":  exemplarOrder,
	"quantiles have a value near": quantiles,
	"OpenMetrics":                 openMetrics,
}

func poison(l *record.Log) {
	c := counterNamed("c", "h", nil)
	c.Inc()
	c.Add(math.NaN())
	write(l, "counter", c)
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Buckets: []float64{1}})
	h.Observe(0.5)
	h.Observe(math.NaN())
	write(l, "histogram", h)
	n := prometheus.NewHistogram(native(2))
	n.Observe(0.5)
	n.Observe(math.NaN())
	write(l, "native", n)
	s := prometheus.NewSummary(prometheus.SummaryOpts{Name: "s"})
	s.Observe(0.5)
	s.Observe(math.NaN())
	write(l, "summary", s)
}

func infinite(l *record.Log) {
	c := counterNamed("c", "h", nil)
	c.Inc()
	c.Add(math.Inf(1))
	write(l, "counter", c)
}

func callbackPanics(l *record.Log) {
	r := prometheus.NewRegistry()
	r.MustRegister(gaugeNamed("g", "h", nil), prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "f"}, func() float64 { panic("callback") }))
	l.Try("gather", func() {
		list, err := r.Gather()
		l.Printf("an error: %t, families: %d", err != nil, len(list))
	})
}

type panicking struct{ d *prometheus.Desc }

func (p panicking) Desc() *prometheus.Desc  { return p.d }
func (p panicking) Write(*dto.Metric) error { panic("write") }

func writePanics(l *record.Log) {
	r := prometheus.NewRegistry()
	r.MustRegister(gaugeNamed("g", "h", nil), several{[]*prometheus.Desc{plain}, []prometheus.Metric{panicking{plain}}})
	l.Try("gather", func() {
		list, err := r.Gather()
		l.Printf("an error: %t, families: %d", err != nil, len(list))
	})
}

// collisions: two strings with one FNV-1a hash, as found in client_golang's PR 221.
func collisions(l *record.Log) {
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "g"}, []string{"a"})
	v.WithLabelValues("77kepQFQ8Kl").Set(1)
	v.WithLabelValues("!0IC=VloaY").Set(2)
	l.Printf("deleted %d", v.DeletePartialMatch(prometheus.Labels{"a": "77kepQFQ8Kl"}))
	r := prometheus.NewRegistry()
	r.MustRegister(v)
	gather(l, "left", r)
}

// lookupDuringScrape: a scrape whose reader stands still, a creation that waits for
// it, and a lookup of a series that exists.
func lookupDuringScrape(l *record.Log) {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c"}, []string{"a"})
	v.WithLabelValues("1")
	v.WithLabelValues("2")
	ch := make(chan prometheus.Metric)
	scraped := make(chan bool)
	go func() { v.Collect(ch); close(scraped) }()
	<-ch // the scrape is under way, and has one more to send
	created := make(chan bool)
	go func() { v.WithLabelValues("3"); close(created) }()
	select {
	case <-created:
	case <-time.After(time.Second / 2): // long enough to be waiting
	}
	found := make(chan bool)
	go func() { v.WithLabelValues("1").Inc(); close(found) }()
	held := false
	select {
	case <-found:
	case <-time.After(2 * time.Second):
		held = true
	}
	l.Printf("held up: %t", held)
	go func() {
		for range ch {
		}
	}()
	<-scraped
	close(ch)
	<-created
	<-found
}

func callersBuckets(l *record.Log) {
	buckets := []float64{1, 2}
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Buckets: buckets})
	buckets[0] = 1.5
	write(l, "histogram", h)
}

func callersLabels(l *record.Log) {
	labels := prometheus.Labels{"a": "1"}
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "g"}, []string{"a"})
	curried := v.MustCurryWith(labels)
	w := prometheus.WrapRegistererWith(labels, nil)
	_ = w
	r := prometheus.NewRegistry()
	wrapped := prometheus.WrapRegistererWith(labels, r)
	labels["a"] = "2"
	curried.WithLabelValues().Set(1)
	wrapped.MustRegister(gaugeNamed("w", "h", nil))
	gather(l, "wrapped", r)
}

func units(l *record.Log) {
	r := prometheus.NewRegistry()
	r.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "g_bytes", Unit: "bytes"}))
	gather(l, "units", prometheus.Gatherers{r})
}

func remembered(l *record.Log) {
	r := prometheus.NewRegistry()
	c := counterNamed("c", "one help", nil)
	r.MustRegister(c)
	r.Unregister(c)
	err := r.Register(counterNamed("c", "another help", nil))
	l.Printf("refused: %t", err != nil)
}

func exemplarOrder(l *record.Log) {
	labels := prometheus.Labels{}
	for _, s := range strings.Split("abcdefghijklmnopqrst", "") {
		labels[s] = "1"
	}
	c := counterNamed("c", "h", nil)
	c.(prometheus.ExemplarAdder).AddWithExemplar(1, labels)
	var m dto.Metric
	l.Err("write", c.Write(&m))
	l.Printf("sorted: %t", slices.IsSortedFunc(m.Counter.Exemplar.Label, func(a, b *dto.LabelPair) int { return strings.Compare(a.GetName(), b.GetName()) }))
}

// quantiles: client_golang's objectives bound the error of the rank, so that the value may
// be any; compat's bound the error of the value.
func quantiles(l *record.Log) {
	s := prometheus.NewSummary(prometheus.SummaryOpts{Name: "s", Objectives: map[float64]float64{0.5: 0.05, 0.9: 0.01, 0.99: 0.001}})
	for i := range 10_000 {
		s.Observe(float64(i*7919%10_000 + 1))
	}
	var m dto.Metric
	l.Err("write", s.Write(&m))
	for _, q := range m.Summary.Quantile {
		want := q.GetQuantile() * 10_000
		l.Printf("%v: within 1 %% of the value: %t", q.GetQuantile(), math.Abs(q.GetValue()-want) <= want/100)
	}
}

// openMetrics: what the specification forbids, and client_golang writes all the same.
func openMetrics(l *record.Log) {
	r := prometheus.NewRegistry()
	c := counterNamed("no_suffix", "h", nil)
	d := counterNamed("d_total", "h", nil)
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "negative", Help: "h", Buckets: []float64{-1, 1}})
	r.MustRegister(c, d, h)
	c.(prometheus.ExemplarAdder).AddWithExemplar(1, prometheus.Labels{"id": "1"})
	d.(prometheus.ExemplarAdder).AddWithExemplar(1, prometheus.Labels{"ü": "1"})
	h.Observe(-2)
	rec := httptest.NewRecorder()
	handler(r).ServeHTTP(rec, get("application/openmetrics-text;version=1.0.0"))
	text := rec.Body.String()
	l.Printf("an exemplar of an unknown type: %t", strings.Contains(text, "no_suffix 1.0 # "))
	l.Printf("a quoted label name: %t", strings.Contains(text, `{"ü"="1"}`))
	l.Printf("the sum of negative buckets: %t", strings.Contains(text, "negative_sum"))
}
