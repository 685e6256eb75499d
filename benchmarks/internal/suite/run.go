package suite

import (
	"fmt"

	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
)

// Watcher is told how far a run is.
type Watcher interface {
	Progress(part float64, op *ops.Op, n int)
	Finished(op *ops.Op, r *Results) // all sizes of the op are measured, in all passes
}

// Run measures what the configuration asks for, in processes that it starts one
// after the other.
func Run(c *Config, w Watcher) *Results {
	r := new(Results)
	groups := c.plan()
	total, done := 0, 0
	for _, g := range groups {
		total += len(g.lanes) * c.processes(g.n)
	}
	for pass := range c.passes() {
		for i, g := range groups {
			if c.takes(pass, g.n) {
				w.Progress(float64(done)/float64(total), g.op, g.n)
				r.measure(c, &g, pass+1)
				done += len(g.lanes)
				w.Progress(float64(done)/float64(total), g.op, g.n)
			}
			if pass+1 == c.passes() && (i+1 == len(groups) || groups[i+1].op != g.op) {
				w.Finished(g.op, r)
			}
		}
	}
	return r
}

// measure has a process measure a group. One that fails is a problem, and the others
// go on.
func (r *Results) measure(c *Config, g *group, pass int) {
	one, err := task{*c, g.op.Name, g.n}.start()
	if err != nil {
		r.Problems = append(r.Problems, fmt.Sprintf("%s, n=%d, pass %d: %v", g.op.Name, g.n, pass, err))
		return
	}
	r.Merge(pass, one)
}
