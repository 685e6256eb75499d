package upstream

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pawl-metrics/pawl/fuzz/compat/record"
)

func vecs(l *record.Log) {
	r := prometheus.NewRegistry()
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c", Help: "h", ConstLabels: constLabels}, []string{"method", "code"})
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "g", Help: "h"}, []string{"b", "a"})
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h", Help: "h", Buckets: []float64{1, 2}}, []string{"x"})
	s := prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: "s", Help: "h"}, []string{"x"})
	none := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "none", Help: "h"}, nil)
	r.MustRegister(c, g, h, s, none)
	gather(l, "empty", r)
	c.WithLabelValues("GET", "200").Inc()
	c.With(prometheus.Labels{"code": "200", "method": "GET"}).Add(2)
	c.WithLabelValues("", "").Inc()
	c.WithLabelValues("GE", "T200").Inc()
	c.WithLabelValues("é\"\\\n", " ").Inc()
	g.WithLabelValues("2", "1").Set(5)
	g.With(prometheus.Labels{"a": "0", "b": "9"}).Dec()
	h.WithLabelValues("1").Observe(1)
	h.With(prometheus.Labels{"x": "2"}).Observe(5)
	s.WithLabelValues("1").Observe(1)
	none.WithLabelValues().Set(4)
	none.With(nil).Inc()
	none.With(prometheus.Labels{}).Inc()
	gather(l, "filled", r)
	collect(l, "collector", g)
	if a, b := c.WithLabelValues("GET", "200"), c.With(prometheus.Labels{"code": "200", "method": "GET"}); a == b {
		l.Printf("the same counter")
	}
	l.Printf("%v", c.WithLabelValues("GET", "200").Desc())
	for _, names := range [][]string{{"a", "a"}, {""}, {"__a"}, {"a b"}, {"zone"}, {"\xff"}, {"__name__"}} {
		l.Try("label names", func() {
			v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c", ConstLabels: constLabels}, names)
			descs := make(chan *prometheus.Desc, 1)
			v.Describe(descs)
			l.Printf("%v", <-descs)
			l.Err("register", prometheus.NewRegistry().Register(v))
			for range names {
				v.WithLabelValues(make([]string, len(names))...).Inc()
			}
		})
	}
}

func vecErrors(l *record.Log) {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c"}, []string{"a", "b"})
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "g"}, []string{"a", "b"})
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h"}, []string{"a", "b"})
	s := prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: "s"}, []string{"a", "b"})
	for _, values := range [][]string{nil, {}, {"1"}, {"1", "2", "3"}, {"\xff", "2"}, {"1", "\xffx"}} {
		_, err := c.GetMetricWithLabelValues(values...)
		l.Err("counter values", err)
		_, err = g.GetMetricWithLabelValues(values...)
		l.Err("gauge values", err)
		_, err = h.GetMetricWithLabelValues(values...)
		l.Err("histogram values", err)
		_, err = s.GetMetricWithLabelValues(values...)
		l.Err("summary values", err)
		l.Try("counter", func() { c.WithLabelValues(values...) })
		l.Try("gauge", func() { g.WithLabelValues(values...) })
		l.Try("histogram", func() { h.WithLabelValues(values...) })
		l.Try("summary", func() { s.WithLabelValues(values...) })
	}
	for _, labels := range []prometheus.Labels{nil, {"a": "1"}, {"a": "1", "c": "2"}, {"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "\xff"}} {
		_, err := c.GetMetricWith(labels)
		l.Err("counter labels", err)
		_, err = g.GetMetricWith(labels)
		l.Err("gauge labels", err)
		_, err = h.GetMetricWith(labels)
		l.Err("histogram labels", err)
		_, err = s.GetMetricWith(labels)
		l.Err("summary labels", err)
		l.Try("counter", func() { c.With(labels) })
		l.Try("gauge", func() { g.With(labels) })
		l.Try("histogram", func() { h.With(labels) })
		l.Try("summary", func() { s.With(labels) })
	}
	collect(l, "nothing was made", c)
	collect(l, "nothing was made", h)
}

func vecDeletion(l *record.Log) {
	r := prometheus.NewRegistry()
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "g", Help: "h"}, []string{"a", "b", "c"})
	r.MustRegister(v)
	fill := func() {
		for _, a := range []string{"1", "2"} {
			for _, b := range []string{"1", "2"} {
				for _, c := range []string{"1", "2"} {
					v.WithLabelValues(a, b, c).Set(1)
				}
			}
		}
	}
	fill()
	held := v.WithLabelValues("1", "1", "1")
	l.Printf("%t %t", v.DeleteLabelValues("1", "1", "1"), v.DeleteLabelValues("1", "1", "1"))
	held.Inc()
	write(l, "held", held)
	l.Printf("the same: %t", held == v.WithLabelValues("1", "1", "1"))
	l.Printf("%t %t", v.DeleteLabelValues("1"), v.DeleteLabelValues("\xff", "1", "1"))
	l.Printf("%t %t", v.Delete(prometheus.Labels{"a": "2", "b": "2", "c": "2"}), v.Delete(prometheus.Labels{"a": "2"}))
	l.Printf("%t %t", v.Delete(nil), v.Delete(prometheus.Labels{"a": "2", "b": "2", "x": "2"}))
	gather(l, "some left", r)
	l.Printf("%d", v.DeletePartialMatch(prometheus.Labels{"a": "1", "c": "2"}))
	l.Printf("%d", v.DeletePartialMatch(prometheus.Labels{"a": "3"}))
	l.Printf("%d", v.DeletePartialMatch(prometheus.Labels{"x": "1"}))
	l.Printf("%d", v.DeletePartialMatch(prometheus.Labels{"b": "1"}))
	gather(l, "fewer left", r)
	l.Printf("%d", v.DeletePartialMatch(prometheus.Labels{}))
	gather(l, "matched nothing", r)
	fill()
	curried := v.MustCurryWith(prometheus.Labels{"b": "1"})
	l.Printf("%t %t", curried.DeleteLabelValues("1", "1"), curried.Delete(prometheus.Labels{"a": "2", "c": "1"}))
	l.Printf("%d", curried.DeletePartialMatch(prometheus.Labels{"b": "1"}))
	l.Printf("%d", curried.DeletePartialMatch(prometheus.Labels{"a": "1"}))
	gather(l, "curried", r)
	curried.Reset()
	gather(l, "reset", r)
	fill()
	v.Reset()
	v.Reset()
	gather(l, "reset again", r)
}

func vecCurried(l *record.Log) {
	r := prometheus.NewRegistry()
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c", Help: "h"}, []string{"a", "b", "c"})
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h", Help: "h", Buckets: []float64{1}}, []string{"a", "b"})
	s := prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: "s", Help: "h"}, []string{"a", "b"})
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "g", Help: "h"}, []string{"a", "b"})
	r.MustRegister(c, h, s, g)
	b, err := c.CurryWith(prometheus.Labels{"b": "B"})
	l.Err("curry", err)
	b.WithLabelValues("A", "C").Inc()
	b.With(prometheus.Labels{"c": "C", "a": "A2"}).Inc()
	ba := b.MustCurryWith(prometheus.Labels{"a": "AA"})
	ba.WithLabelValues("C").Inc()
	all := ba.MustCurryWith(prometheus.Labels{"c": "CC"})
	all.WithLabelValues().Inc()
	all.With(nil).Inc()
	same := c.MustCurryWith(nil)
	same.WithLabelValues("1", "2", "3").Inc()
	for _, labels := range []prometheus.Labels{{"b": "B"}, {"x": "1"}, {"a": "1", "x": "1"}, {"c": "\xff"}} {
		v, err := b.CurryWith(labels)
		l.Err("curry again", err)
		l.Try("must curry", func() { b.MustCurryWith(labels) })
		if err == nil {
			_, err = v.GetMetricWithLabelValues("1")
			l.Err("use", err)
		}
	}
	_, err = b.GetMetricWith(prometheus.Labels{"a": "1", "b": "2", "c": "3"})
	l.Err("curried label given", err)
	_, err = b.GetMetricWith(prometheus.Labels{"a": "1", "b": "2"})
	l.Err("curried label given", err)
	_, err = b.GetMetricWithLabelValues("1", "2", "3")
	l.Err("too many values", err)
	_, err = b.GetMetricWith(prometheus.Labels{"a": "1"})
	l.Err("too few labels", err)
	ho, err := h.CurryWith(prometheus.Labels{"a": "1"})
	l.Err("curry", err)
	ho.WithLabelValues("2").Observe(1)
	h.MustCurryWith(prometheus.Labels{"b": "3"}).With(prometheus.Labels{"a": "1"}).Observe(2)
	s.MustCurryWith(prometheus.Labels{"b": "3"}).With(prometheus.Labels{"a": "1"}).Observe(2)
	g.MustCurryWith(prometheus.Labels{"b": "3"}).WithLabelValues("1").Set(2)
	_, isVec := ho.(*prometheus.HistogramVec)
	l.Printf("%T is a *HistogramVec: %t", ho, isVec)
	l.Try("histogram", func() { h.MustCurryWith(prometheus.Labels{"x": "1"}) })
	l.Try("summary", func() { s.MustCurryWith(prometheus.Labels{"x": "1"}) })
	l.Try("gauge", func() { g.MustCurryWith(prometheus.Labels{"x": "1"}) })
	gather(l, "registry", r)
	l.Err("a curried vec is the same collector", r.Register(b))
}

func vecConstrained(l *record.Log) {
	r := prometheus.NewRegistry()
	labels := prometheus.ConstrainedLabels{{Name: "method", Constraint: strings.ToUpper}, {Name: "code"}, {Name: "kind", Constraint: func(string) string { return "any" }}}
	c := prometheus.V2.NewCounterVec(prometheus.CounterVecOpts{CounterOpts: prometheus.CounterOpts{Name: "c", Help: "h"}, VariableLabels: labels})
	g := prometheus.V2.NewGaugeVec(prometheus.GaugeVecOpts{GaugeOpts: prometheus.GaugeOpts{Name: "g", Help: "h", Unit: "bytes"}, VariableLabels: labels})
	h := prometheus.V2.NewHistogramVec(prometheus.HistogramVecOpts{HistogramOpts: prometheus.HistogramOpts{Name: "h", Help: "h", Buckets: []float64{1}}, VariableLabels: labels})
	s := prometheus.V2.NewSummaryVec(prometheus.SummaryVecOpts{SummaryOpts: prometheus.SummaryOpts{Name: "s", Help: "h"}, VariableLabels: prometheus.UnconstrainedLabels{"a"}})
	r.MustRegister(c, g, h, s)
	c.WithLabelValues("get", "200", "x").Inc()
	c.WithLabelValues("GET", "200", "y").Inc()
	c.With(prometheus.Labels{"method": "Get", "code": "200", "kind": "z"}).Inc()
	g.WithLabelValues("get", "200", "x").Set(1)
	h.WithLabelValues("get", "200", "x").Observe(1)
	s.WithLabelValues("get").Observe(1)
	curried := c.MustCurryWith(prometheus.Labels{"method": "put"})
	curried.WithLabelValues("1", "w").Inc()
	curried.With(prometheus.Labels{"code": "1", "kind": "v"}).Inc()
	gather(l, "filled", r)
	l.Printf("%t", c.DeleteLabelValues("get", "200", "?"))
	l.Printf("%t", g.Delete(prometheus.Labels{"method": "get", "code": "200", "kind": "?"}))
	l.Printf("%d", c.DeletePartialMatch(prometheus.Labels{"method": "put"}))
	gather(l, "deleted", r)
	_, err := c.GetMetricWithLabelValues("get")
	l.Err("too few", err)
	_, err = c.GetMetricWith(prometheus.Labels{"method": "x", "code": "\xff", "kind": "y"})
	l.Err("not UTF-8", err)
	l.Printf("%v", prometheus.V2.NewDesc("d", "h", labels, constLabels, prometheus.WithUnit("seconds")))
	l.Try("quantile", func() {
		prometheus.V2.NewSummaryVec(prometheus.SummaryVecOpts{SummaryOpts: prometheus.SummaryOpts{Name: "s"}, VariableLabels: prometheus.ConstrainedLabels{{Name: "quantile"}}})
	})
}

// infoVec is a vec with a user's own constructor, as MetricVec's documentation describes it.
type infoVec struct{ *prometheus.MetricVec }

type info struct {
	prometheus.Metric
	values []string
}

func newInfoVec(made *int) infoVec {
	desc := prometheus.NewDesc("info", "h", []string{"a", "b"}, constLabels)
	return infoVec{prometheus.NewMetricVec(desc, func(values ...string) prometheus.Metric {
		*made++
		return info{prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(len(values)), values...), values}
	})}
}

func vecOwn(l *record.Log) {
	made := 0
	v := newInfoVec(&made)
	r := prometheus.NewRegistry()
	r.MustRegister(v)
	m, err := v.GetMetricWithLabelValues("1", "2")
	l.Err("get", err)
	l.Printf("%v, made %d", m.(info).values, made)
	_, err = v.GetMetricWith(prometheus.Labels{"b": "2", "a": "1"})
	l.Err("get", err)
	l.Printf("made %d", made)
	_, err = v.GetMetricWith(prometheus.Labels{"b": "2"})
	l.Err("get", err)
	_, err = v.GetMetricWithLabelValues("2")
	l.Err("get", err)
	c, err := v.CurryWith(prometheus.Labels{"a": "7"})
	l.Err("curry", err)
	m, err = c.GetMetricWithLabelValues("8")
	l.Err("get", err)
	l.Printf("%v, made %d", m.(info).values, made)
	gather(l, "filled", r)
	l.Printf("%t %d", v.DeleteLabelValues("1", "2"), v.DeletePartialMatch(prometheus.Labels{"a": "7"}))
	gather(l, "emptied", r)
	collect(l, "collector", v)
	l.Try("a constructor that panics", func() {
		v := prometheus.NewMetricVec(prometheus.NewDesc("x", "", []string{"a"}, nil), func(...string) prometheus.Metric { panic("no") })
		_, _ = v.GetMetricWithLabelValues("1")
	})
}

func vecInterfaces(l *record.Log) {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c"}, []string{"a"})
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h"}, []string{"a"})
	s := prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: "s"}, []string{"a"})
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "g"}, []string{"a"})
	is := make(map[string][]bool)
	for what, v := range map[string]any{"counter": c.WithLabelValues("1"), "gauge": g.WithLabelValues("1"), "histogram": h.WithLabelValues("1"), "summary": s.WithLabelValues("1")} {
		_, metric := v.(prometheus.Metric)
		_, collector := v.(prometheus.Collector)
		_, counter := v.(prometheus.Counter)
		_, gauge := v.(prometheus.Gauge)
		_, histogram := v.(prometheus.Histogram)
		_, summary := v.(prometheus.Summary)
		_, adder := v.(prometheus.ExemplarAdder)
		_, observer := v.(prometheus.ExemplarObserver)
		is[what] = []bool{metric, collector, counter, gauge, histogram, summary, adder, observer}
	}
	for _, what := range []string{"counter", "gauge", "histogram", "summary"} {
		l.Printf("%s: %v", what, is[what])
	}
	var _ prometheus.ObserverVec = h
	var _ prometheus.ObserverVec = s
	m, err := c.MetricVec.GetMetricWithLabelValues("1")
	l.Err("through MetricVec", err)
	_, counter := m.(prometheus.Counter)
	l.Printf("a counter: %t", counter)
	var nothing prometheus.Collector = c.WithLabelValues("1")
	collect(l, "one series as a collector", nothing)
	r := prometheus.NewRegistry()
	l.Err("one series", r.Register(nothing))
	gather(l, "one series", r)
}
