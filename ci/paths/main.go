// Paths is a program with every recording path in it, called so that nothing is
// left out or folded away. TestDisassembly builds it and reads its machine code.
package main

import (
	"os"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/nativehist"
	"github.com/pawl-metrics/pawl/shard"
)

func main() {
	reg := engine.NewRegistry()
	native, err := nativehist.Options{Factor: 1.1, Extra: 2}.Config()
	if err != nil {
		panic(err)
	}
	record(instruments{
		engine.MustCounter(reg, engine.Opts{Name: "c"}),
		engine.MustGauge(reg, engine.Opts{Name: "g"}),
		engine.MustUpDown(reg, engine.Opts{Name: "u"}),
		engine.MustHistogram(reg, engine.HistogramOpts{Opts: engine.Opts{Name: "h"}}),
		nativehist.NewRecorder(new(shard.Arena), native),
		engine.MustSummary(reg, engine.SummaryOpts{Opts: engine.Opts{Name: "s"}, Quantiles: []float64{0.5}}),
	}, len(os.Args))
	os.Stdout.Write(reg.AppendText(nil))
}

type instruments struct {
	c *engine.Counter
	g *engine.Gauge
	u *engine.UpDown
	h *engine.Histogram
	n *nativehist.Recorder
	s *engine.Summary
}

//go:noinline
func record(r instruments, n int) {
	r.c.Inc()
	r.c.Add(uint64(n))
	r.c.AddFloat(float64(n) / 2)
	r.g.Set(float64(n))
	r.u.Inc()
	r.u.Dec()
	r.u.Add(int64(n))
	r.h.Observe(float64(n))
	r.n.Observe(float64(n), 0)
	r.s.Observe(float64(n))
}
