package ops

import (
	"io"

	"github.com/pawl-metrics/pawl/engine"
)

// pawl is a registry of ours.
type pawl struct{ reg *engine.Registry }

func newPawl() pawl { return pawl{engine.NewRegistry()} }

func (p pawl) scrape(w io.Writer) { must(p.reg.WriteText(w)) }

func (p pawl) counter() *engine.Counter { return engine.MustCounter(p.reg, pawlOpts) }

func (p pawl) counters() *engine.CounterVec[route] {
	return engine.MustCounterVec[route](p.reg, pawlOpts)
}

func (p pawl) histogram(bounds []float64) *engine.Histogram {
	return engine.MustHistogram(p.reg, pawlHistogram(bounds))
}

func (p pawl) histograms() *engine.HistogramVec[route] {
	return engine.MustHistogramVec[route](p.reg, pawlHistogram(bounds11))
}

var pawlOpts = engine.Opts{Name: name, Help: help}

func pawlHistogram(bounds []float64) engine.HistogramOpts {
	return engine.HistogramOpts{Opts: pawlOpts, Buckets: bounds}
}
