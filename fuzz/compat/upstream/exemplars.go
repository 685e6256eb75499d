package upstream

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pawl-metrics/pawl/fuzz/compat/record"
)

func exemplars(l *record.Log) {
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: "c", Help: "h"})
	add := c.(prometheus.ExemplarAdder).AddWithExemplar
	add(1, prometheus.Labels{"trace_id": "1", "span": "2"})
	write(l, "one", c)
	add(2.5, prometheus.Labels{"b": "1", "a": "2"})
	c.Inc()
	write(l, "the last one", c)
	add(1, nil)
	write(l, "nil keeps it", c)
	add(1, prometheus.Labels{})
	write(l, "empty replaces it", c)
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Help: "h", Buckets: []float64{1, 2, 3}})
	observe := h.(prometheus.ExemplarObserver).ObserveWithExemplar
	observe(1, prometheus.Labels{"id": "1"})
	observe(1.5, prometheus.Labels{"id": "2"})
	observe(1.75, prometheus.Labels{"id": "3"})
	write(l, "in buckets", h)
	observe(2.5, nil)
	observe(9, prometheus.Labels{"id": "4"})
	observe(1.25, prometheus.Labels{})
	write(l, "in the last bucket", h)
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "v", Help: "h", Buckets: []float64{1}}, []string{"a"})
	v.WithLabelValues("x").(prometheus.ExemplarObserver).ObserveWithExemplar(3, prometheus.Labels{"id": "5"})
	n := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "n", Help: "h"}, []string{"a"})
	n.WithLabelValues("x").(prometheus.ExemplarAdder).AddWithExemplar(3, prometheus.Labels{"ünï": "5"})
	r := prometheus.NewRegistry()
	r.MustRegister(c, h, v, n)
	gather(l, "registry", r)
}

func exemplarMisuse(l *record.Log) {
	l.Printf("%d", prometheus.ExemplarMaxRunes)
	for _, labels := range []prometheus.Labels{
		{"": "x"}, {"__a": "x"}, {"a": "\xff"}, {"\xff": "a"}, {"a b": "c"}, {"a": strings.Repeat("x", 127)}, {"a": strings.Repeat("x", 128)},
		{"a": strings.Repeat("é", 127)}, {"a": strings.Repeat("é", 128)}, {"a": ""},
	} {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "c"})
		l.Try("counter", func() { c.(prometheus.ExemplarAdder).AddWithExemplar(1, labels) })
		write(l, "counter", c)
		h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Buckets: []float64{1}})
		l.Try("histogram", func() { h.(prometheus.ExemplarObserver).ObserveWithExemplar(1, labels) })
		write(l, "histogram", h)
		n := prometheus.NewHistogram(native(1.5))
		l.Try("native", func() { n.(prometheus.ExemplarObserver).ObserveWithExemplar(1, labels) })
		write(l, "native", n)
	}
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: "c"})
	l.Try("negative", func() { c.(prometheus.ExemplarAdder).AddWithExemplar(-1, prometheus.Labels{"a": "b"}) })
	write(l, "negative", c)
}
