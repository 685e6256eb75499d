package upstream

import (
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pawl-metrics/pawl/fuzz/compat/record"
)

var constLabels = prometheus.Labels{"zone": "eu", "az": "1"}

func counters(l *record.Log) {
	c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "n", Subsystem: "s", Name: "c_total", Help: "With \"quotes\"\nand lines.", ConstLabels: constLabels})
	l.Printf("%v", c.Desc())
	write(l, "new", c)
	for _, v := range []float64{1, 0, 0.5, 2, 1 << 53, 0.25, 3} {
		c.Add(v)
		write(l, "added", c)
	}
	c.Inc()
	write(l, "incremented", c)
	for _, v := range []float64{-1, -0.001, math.Inf(-1)} {
		l.Try("negative", func() { c.Add(v) })
	}
	write(l, "after", c)
	collect(l, "collector", c)
	small := prometheus.NewCounter(prometheus.CounterOpts{Name: "small"})
	for range 1000 {
		small.Add(0.125)
		small.Inc()
	}
	small.Add(math.SmallestNonzeroFloat64)
	small.Add(math.Copysign(0, -1))
	write(l, "small", small)
	large := prometheus.NewCounter(prometheus.CounterOpts{Name: "large"})
	large.Add(1e300)
	write(l, "large", large)
	for _, opts := range []prometheus.CounterOpts{{}, {Name: "with space"}, {Name: "ünï"}, {Name: "\xff"}, {Name: "a", Unit: "seconds"},
		{Name: "a", ConstLabels: prometheus.Labels{"__x": "y"}}, {Name: "a", ConstLabels: prometheus.Labels{"x": "\xff"}}} {
		l.Try("odd options", func() {
			c := prometheus.NewCounter(opts)
			c.Inc()
			l.Printf("%v", c.Desc())
			l.Err("register", prometheus.NewRegistry().Register(c))
			write(l, "odd options", c)
		})
	}
}

func gauges(l *record.Log) {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "g", Help: "h", Unit: "bytes", ConstLabels: constLabels})
	l.Printf("%v", g.Desc())
	write(l, "new", g)
	for _, v := range []float64{1, -2.5, 0, math.Inf(1), math.Inf(-1), math.NaN(), 1e300, math.SmallestNonzeroFloat64} {
		g.Set(v)
		write(l, "set", g)
	}
	g.Set(10)
	g.Inc()
	g.Dec()
	g.Add(2.5)
	g.Sub(5)
	g.Add(-0.5)
	write(l, "moved", g)
	g.Add(math.Inf(1))
	write(l, "infinite", g)
	g.Add(math.Inf(-1))
	write(l, "undefined", g)
	before := time.Now()
	g.SetToCurrentTime()
	r := prometheus.NewRegistry()
	r.MustRegister(g)
	list, err := r.Gather()
	now := list[0].Metric[0].Gauge.GetValue()
	l.Printf("now: %t, %v", now >= float64(before.UnixNano())/1e9-1 && now < float64(before.UnixNano())/1e9+60, err)
	collect(l, "collector", g)
}

func functions(l *record.Log) {
	r := prometheus.NewRegistry()
	next := func() func() float64 {
		n := 0.0
		return func() float64 { n++; return n }
	}
	c := prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "c", Help: "h", ConstLabels: constLabels}, next())
	g := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "g", Help: "h", Unit: "bytes"}, next())
	u := prometheus.NewUntypedFunc(prometheus.UntypedOpts{Name: "u", Help: "h"}, next())
	for _, f := range []prometheus.Metric{c, g, u} {
		l.Printf("%v", f.Desc())
		write(l, "direct", f)
	}
	r.MustRegister(c, g, u)
	gather(l, "first", r)
	gather(l, "second", r)
	for _, v := range []float64{math.NaN(), math.Inf(1), -1} {
		r := prometheus.NewRegistry()
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "g"}, func() float64 { return v }),
			prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "c"}, func() float64 { return v }))
		gather(l, "odd", r)
	}
}

func histograms(l *record.Log) {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Help: "h", ConstLabels: constLabels, Buckets: []float64{-1, 0, 0.5, 1, 8}})
	l.Printf("%v", h.Desc())
	write(l, "new", h)
	for _, v := range []float64{-2, -1, -0.5, 0, math.Copysign(0, -1), 0.25, 0.5, 1, 1.5, 8, 8.5, 1e10} {
		h.Observe(v)
	}
	write(l, "observed", h)
	h.Observe(math.Inf(1))
	write(l, "infinite", h)
	h.Observe(math.Inf(-1))
	write(l, "both infinite", h)
	collect(l, "collector", h)
	d := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "d"})
	for i := range 200 {
		d.Observe(float64(i) / 16)
	}
	write(l, "default buckets", d)
	many := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "many", Buckets: prometheus.LinearBuckets(0, 1, 100)})
	for i := range 500 {
		many.Observe(float64(i)/4 - 5)
	}
	write(l, "many buckets", many)
	r := prometheus.NewRegistry()
	r.MustRegister(h, d, many)
	gather(l, "registry", r)
}

func histogramOptions(l *record.Log) {
	for _, buckets := range [][]float64{nil, {}, {1}, {1, math.Inf(1)}, {math.Inf(1)}, {math.Inf(-1), 0}, {1, 1}, {2, 1}, {1, 2, math.Inf(1), math.Inf(1)}, {math.NaN()}, {1, math.NaN()}, {0, math.SmallestNonzeroFloat64}} {
		l.Printf("buckets %v", buckets)
		l.Try("buckets", func() {
			h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Buckets: buckets})
			h.Observe(1)
			write(l, "buckets", h)
		})
	}
	for _, opts := range []prometheus.HistogramOpts{
		{Name: "h", ConstLabels: prometheus.Labels{"le": "1"}}, {Name: "not valid\xff"}, {Name: "a", Unit: "seconds", Namespace: "n", Subsystem: "s"},
		{Name: "h", ConstLabels: prometheus.Labels{"__name__": "1"}}, {},
	} {
		l.Try("options", func() {
			h := prometheus.NewHistogram(opts)
			l.Printf("%v", h.Desc())
			l.Err("register", prometheus.NewRegistry().Register(h))
		})
	}
	l.Try("le as a variable label", func() {
		v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h"}, []string{"le"})
		l.Err("register", prometheus.NewRegistry().Register(v))
		v.WithLabelValues("1")
	})
	l.Printf("default buckets %v", prometheus.DefBuckets)
	was := prometheus.DefBuckets
	prometheus.DefBuckets = []float64{1, 2}
	write(l, "changed default", prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h"}))
	prometheus.DefBuckets = was
}

func bucketHelpers(l *record.Log) {
	l.Printf("%v", prometheus.LinearBuckets(-15, 5, 6))
	l.Printf("%v", prometheus.ExponentialBuckets(100, 1.2, 5))
	l.Printf("%v", prometheus.ExponentialBucketsRange(1, 100, 10))
	l.Printf("%v", prometheus.ExponentialBucketsRange(1, 100, 1))
	l.Printf("%v", prometheus.LinearBuckets(0.1, 0.1, 12))
	for _, n := range []int{0, -1} {
		l.Try("linear", func() { prometheus.LinearBuckets(0, 1, n) })
		l.Try("exponential", func() { prometheus.ExponentialBuckets(1, 2, n) })
		l.Try("range", func() { prometheus.ExponentialBucketsRange(1, 2, n) })
	}
	l.Try("exponential", func() { prometheus.ExponentialBuckets(0, 2, 3) })
	l.Try("exponential", func() { prometheus.ExponentialBuckets(1, 1, 3) })
	l.Try("range", func() { prometheus.ExponentialBucketsRange(0, 1, 3) })
}

func summaries(l *record.Log) {
	for _, objectives := range []map[float64]float64{nil, {}, {0.5: 0.05, 0.9: 0.01, 0.99: 0.001}, {0: 0, 1: 0}} {
		s := prometheus.NewSummary(prometheus.SummaryOpts{Name: "s", Help: "h", ConstLabels: constLabels, Objectives: objectives})
		l.Printf("%v", s.Desc())
		write(l, "new", s)
		for i := range 2000 {
			s.Observe(float64(i%100) / 8)
		}
		write(l, "observed", s)
		collect(l, "collector", s)
	}
	for _, opts := range []prometheus.SummaryOpts{
		{Name: "s", ConstLabels: prometheus.Labels{"quantile": "1"}}, {Name: "s", MaxAge: -1}, {Name: "s", MaxAge: time.Second, AgeBuckets: 1, BufCap: 1},
		{Name: "not valid\xff"}, {Name: "s", Unit: "seconds"}, {Name: "s", Objectives: map[float64]float64{0.5: 0.1}, MaxAge: -time.Second},
	} {
		l.Try("options", func() {
			s := prometheus.NewSummary(opts)
			l.Printf("%v", s.Desc())
			l.Err("register", prometheus.NewRegistry().Register(s))
			s.Observe(3)
			write(l, "options", s)
		})
	}
	l.Try("quantile as a variable label", func() {
		prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: "s"}, []string{"quantile"})
	})
	l.Printf("%v %v %v", prometheus.DefMaxAge, prometheus.DefAgeBuckets, prometheus.DefBufCap)
	s := prometheus.NewSummary(prometheus.SummaryOpts{Name: "s", Objectives: map[float64]float64{0.5: 0.01}})
	for range 100 {
		s.Observe(3)
	}
	write(l, "constant", s)
	_, takesExemplars := s.(prometheus.ExemplarObserver)
	l.Printf("takes exemplars: %t", takesExemplars)
	r := prometheus.NewRegistry()
	v := prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: "v", Help: "h", Objectives: map[float64]float64{0.5: 0.01}}, []string{"a"})
	r.MustRegister(s, v)
	v.WithLabelValues("x").Observe(2)
	v.WithLabelValues("y")
	gather(l, "registry", r)
}

func timers(l *record.Log) {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Buckets: []float64{1000}})
	d := prometheus.NewTimer(h).ObserveDuration()
	l.Printf("took some time: %t", d >= 0)
	d = prometheus.NewTimer(h).ObserveDurationWithExemplar(prometheus.Labels{"id": "1"})
	l.Printf("took some time: %t", d >= 0)
	l.Printf("without an observer: %t", prometheus.NewTimer(nil).ObserveDuration() >= 0)
	r := prometheus.NewRegistry()
	r.MustRegister(h)
	list, err := r.Gather()
	got := list[0].Metric[0].Histogram
	l.Printf("%d in %d, %v, exemplar %t", got.GetSampleCount(), got.Bucket[0].GetCumulativeCount(), err, got.Bucket[0].Exemplar != nil)
	seen := 0.0
	prometheus.NewTimer(prometheus.ObserverFunc(func(v float64) { seen = v + 1 })).ObserveDuration()
	l.Printf("observer function: %t", seen >= 1)
	prometheus.NewTimer(prometheus.ObserverFunc(func(v float64) { seen = v + 2 })).ObserveDurationWithExemplar(nil)
	l.Printf("observer function: %t", seen >= 2)
}
