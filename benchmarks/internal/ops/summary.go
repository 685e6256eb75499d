package ops

import (
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/engine"
)

// objectives are the quantiles, with the errors that client_golang's documentation
// recommends: of the rank. pawl's error is of the value, VictoriaMetrics bounds none.
var objectives = map[float64]float64{0.5: 0.05, 0.9: 0.01, 0.99: 0.001}

var quantiles = slices.Sorted(maps.Keys(objectives))

// window is how far back quantiles look: client_golang's default.
const window = 10 * time.Minute

var summaryObserve = Op{
	Name: "summary_observe", Title: "Summary.Observe, count and sum alone",
	About: "One observation in one summary without quantiles that all goroutines share, through a kept handle. " +
		"In both a scrape sees count and sum of the same observations. VictoriaMetrics has no such summary.",
	Workers: Many,
	Peers: []Peer{
		{Impl: Pawl, Make: func(int) measure.Subject { return summaryPawl(nil) }},
		{Impl: Prom, Make: func(int) measure.Subject { return summaryProm(nil) }},
		{Impl: PawlCompat, Make: func(int) measure.Subject { return summaryCompat(nil) }},
	},
}

var summaryQuantiles = Op{
	Name: "summary_quantiles_observe", Title: "Summary.Observe, three quantiles",
	About: "One observation in one summary with the quantiles 0.5, 0.9 and 0.99 over ten minutes that all goroutines share, " +
		"through a kept handle, of durations around 80 ms. pawl's are within 1 % of the value; client_golang's have the errors " +
		"of rank that it recommends; VictoriaMetrics' are of a random sample of 1000.",
	Workers: Few,
	Peers: []Peer{
		{Impl: Pawl, Make: func(int) measure.Subject { return summaryPawl(quantiles) }},
		{Impl: Prom, Make: func(int) measure.Subject { return summaryProm(objectives) }},
		{Impl: PawlCompat, Make: func(int) measure.Subject { return summaryCompat(objectives) }},
		{Impl: Victoria, Make: func(int) measure.Subject { return summaryVictoria() }},
	},
}

func summaryPawl(quantiles []float64) measure.Subject {
	p := newPawl()
	s := engine.MustSummary(p.reg, engine.SummaryOpts{Opts: pawlOpts, Quantiles: quantiles, MaxAge: window})
	return loop(1, totalOf(p, name+"_count"), func(iters int) {
		for i := range iters {
			s.Observe(observations[i%observed])
		}
	})
}

func summaryProm(objectives map[float64]float64) measure.Subject {
	p := newProm()
	s := registered(p, prometheus.NewSummary(prometheus.SummaryOpts{Name: name, Help: help, Objectives: objectives, MaxAge: window}))
	return loop(1, totalOf(p, name+"_count"), func(iters int) {
		for i := range iters {
			s.Observe(observations[i%observed])
		}
	})
}

func summaryVictoria() measure.Subject {
	v := newVictoria()
	s := v.set.NewSummaryExt(name, window, quantiles)
	return loop(1, totalOf(v, name+"_count"), func(iters int) {
		for i := range iters {
			s.Update(observations[i%observed])
		}
	})
}
