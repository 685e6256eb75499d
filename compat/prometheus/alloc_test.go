package prometheus

import (
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/engine"
)

// A recording, and a lookup that finds its series, allocate nothing: the slice and the map of
// the caller stay on its stack.
func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	labels := []string{"a", "b", "c"}
	c, g := NewCounterVec(CounterOpts{Name: "c"}, labels), NewGaugeVec(GaugeOpts{Name: "g"}, labels)
	h, s := NewHistogramVec(HistogramOpts{Name: "h"}, labels), NewSummaryVec(SummaryOpts{Name: "s"}, labels)
	constrained := V2.NewCounterVec(CounterVecOpts{CounterOpts{Name: "k"}, ConstrainedLabels{
		{Name: "a", Constraint: strings.ToLower}, {Name: "b"}, {Name: "c"}}})
	curried, curriedHist := c.MustCurryWith(Labels{"b": "2"}), h.MustCurryWith(Labels{"b": "2"})
	own := infoVec(UnconstrainedLabels(labels))
	ownCurried, err := own.CurryWith(Labels{"b": "2"})
	if err != nil {
		t.Fatal(err)
	}
	prepared := Labels{"a": "1", "b": "2", "c": "3"}
	counter, histogram, gauge := NewCounter(CounterOpts{Name: "c"}), NewHistogram(HistogramOpts{Name: "h"}), NewGauge(GaugeOpts{Name: "g"})
	one := "1"
	for name, f := range map[string]func(){
		"Inc":                         func() { counter.Inc() },
		"Add of a fraction":           func() { counter.Add(0.5) },
		"Set":                         func() { gauge.Set(1) },
		"Gauge.Add":                   func() { gauge.Add(1) },
		"Observe":                     func() { histogram.Observe(1) },
		"counter, values":             func() { c.WithLabelValues(one, "2", "3").Inc() },
		"counter, Get":                func() { _, _ = c.GetMetricWithLabelValues(one, "2", "3") },
		"counter, prepared labels":    func() { c.With(prepared).Inc() },
		"counter, labels":             func() { c.With(Labels{"a": one, "b": "2", "c": "3"}).Inc() },
		"gauge, values":               func() { g.WithLabelValues(one, "2", "3").Inc() },
		"gauge, prepared labels":      func() { g.With(prepared).Inc() },
		"histogram, values":           func() { h.WithLabelValues(one, "2", "3").Observe(1) },
		"histogram, prepared labels":  func() { h.With(prepared).Observe(1) },
		"summary, values":             func() { s.WithLabelValues(one, "2", "3").Observe(1) },
		"summary, prepared labels":    func() { s.With(prepared).Observe(1) },
		"curried, values":             func() { curried.WithLabelValues(one, "3").Inc() },
		"curried, labels":             func() { curried.With(Labels{"a": one, "c": "3"}).Inc() },
		"curried ObserverVec, labels": func() { curriedHist.With(prepared2).Observe(1) },
		"constrained, values":         func() { constrained.WithLabelValues(one, "2", "3").Inc() },
		"constrained, labels":         func() { constrained.With(prepared).Inc() },
		"user's, values":              func() { _, _ = own.GetMetricWithLabelValues(one, "2", "3") },
		"user's, labels":              func() { _, _ = own.GetMetricWith(prepared) },
		"user's, curried, values":     func() { _, _ = ownCurried.GetMetricWithLabelValues(one, "3") },
	} {
		f()
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

var prepared2 = Labels{"a": "1", "c": "3"}

func BenchmarkLookup(b *testing.B) {
	v := NewCounterVec(CounterOpts{Name: "c"}, []string{"a", "b", "c"})
	curried := v.MustCurryWith(Labels{"b": "GET"})
	prepared := Labels{"a": "users", "b": "GET", "c": "200"}
	fast := v.series.(*engineSeries[engine.Counter]).vec
	for name, f := range map[string]func(){
		"engine":   func() { fast.With("users", "GET", "200").Inc() },
		"values":   func() { v.WithLabelValues("users", "GET", "200").Inc() },
		"curried":  func() { curried.WithLabelValues("users", "200").Inc() },
		"prepared": func() { v.With(prepared).Inc() },
		"literal":  func() { v.With(Labels{"a": "users", "b": "GET", "c": "200"}).Inc() },
	} {
		b.Run("impl="+name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
		})
	}
}

func BenchmarkRecording(b *testing.B) {
	c, h := NewCounter(CounterOpts{Name: "c"}), NewHistogram(HistogramOpts{Name: "h"})
	bare, bareHist := (*engine.Counter)(c.(*counter)), (*engine.Histogram)(h.(*histogram))
	for name, f := range map[string]func(){
		"op=inc/impl=engine":     func() { bare.Inc() },
		"op=inc/impl=compat":     func() { c.Inc() },
		"op=add/impl=engine":     func() { bare.AddFloat(2) },
		"op=add/impl=compat":     func() { c.Add(2) },
		"op=observe/impl=engine": func() { bareHist.Observe(0.2) },
		"op=observe/impl=compat": func() { h.Observe(0.2) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
		})
	}
}
