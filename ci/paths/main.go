// Paths is a program with every recording path in it, called so that nothing is
// left out or folded away. TestDisassembly builds it and reads its machine code.
package main

import (
	"os"

	"github.com/pawl-metrics/pawl/engine"
)

func main() {
	reg := engine.NewRegistry()
	c := engine.MustCounter(reg, engine.Opts{Name: "c"})
	g := engine.MustGauge(reg, engine.Opts{Name: "g"})
	u := engine.MustUpDown(reg, engine.Opts{Name: "u"})
	h := engine.MustHistogram(reg, engine.HistogramOpts{Opts: engine.Opts{Name: "h"}})
	for i := range len(os.Args) {
		c.Inc()
		c.Add(uint64(i))
		c.AddFloat(float64(i) / 2)
		g.Set(float64(i))
		g.Add(float64(i))
		u.Inc()
		u.Dec()
		u.Add(int64(i))
		h.Observe(float64(i))
	}
	os.Stdout.Write(reg.AppendText(nil))
}
