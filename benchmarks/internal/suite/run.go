package suite

import (
	"fmt"
	"time"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
)

// Watcher is told how far a run is.
type Watcher interface {
	Progress(part float64, op *ops.Op, n int)
	Finished(op *ops.Op, r *Results) // all sizes of the op are measured
}

// Run measures what the configuration asks for.
func Run(c *Config, w Watcher) *Results {
	r := new(Results)
	groups := c.plan()
	total := 0
	for _, g := range groups {
		total += len(g.lanes)
	}
	done := 0
	for i, g := range groups {
		part := func(round, rounds int) float64 {
			return (float64(done) + float64(len(g.lanes)*round)/float64(rounds)) / float64(total)
		}
		g.run(c, r, func(round, rounds int) { w.Progress(part(round, rounds), g.op, g.n) })
		done += len(g.lanes)
		if i+1 == len(groups) || groups[i+1].op != g.op {
			w.Finished(g.op, r)
		}
	}
	return r
}

// run sets up the group's subjects, and then measures them in turns, round by round.
// Each round begins with another lane, so that none always comes after the same
// neighbour.
func (g *group) run(c *Config, r *Results, progress func(round, rounds int)) {
	rounds := c.rounds()
	progress(0, rounds)
	subjects := g.subjects()
	iters := make([]int, len(g.lanes))
	for i, l := range g.lanes {
		iters[i] = calibrate(subjects[l.peer.Impl], l.p, c.sample(g.op))
	}
	begin := time.Now()
	for round := range rounds {
		if round >= fewest && time.Since(begin) > c.patience() {
			break
		}
		for i := range g.lanes {
			i = (i + round) % len(g.lanes)
			l := g.lanes[i]
			measure.Settle()
			for _, reading := range subjects[l.peer.Impl].Run(l.p, iters[i]) {
				r.Add(Key{Op: g.op.Name, Impl: l.peer.Impl, P: l.p, N: g.n}, reading)
			}
		}
		progress(round+1, rounds)
	}
	g.check(subjects, r)
}

// subjects sets each implementation up once, for all of its lanes.
func (g *group) subjects() map[string]measure.Subject {
	subjects := make(map[string]measure.Subject)
	for _, l := range g.lanes {
		if subjects[l.peer.Impl] == nil {
			subjects[l.peer.Impl] = l.peer.Make(g.n)
		}
	}
	return subjects
}

// check asks every subject that can tell whether it has counted all.
func (g *group) check(subjects map[string]measure.Subject, r *Results) {
	for impl, s := range subjects {
		if c, ok := s.(measure.Checker); ok {
			if err := c.Check(); err != nil {
				r.Problems = append(r.Problems, fmt.Sprintf("%s, %s: %v", g.op.Name, impl, err))
			}
		}
	}
}

// calibrate finds the number of iterations that takes as long as a sample is to
// take. Finding it warms everything up.
func calibrate(s measure.Subject, p int, sample time.Duration) int {
	if _, ok := s.(measure.OneShot); ok {
		return 1
	}
	if l, ok := s.(measure.Preparer); ok {
		l.Prepare(p)
	}
	for iters := 1; ; {
		begin := time.Now()
		s.Run(p, iters)
		took := time.Since(begin)
		wanted := float64(iters) * float64(sample) / float64(max(took, 1))
		if took >= sample/4 {
			return max(1, int(wanted))
		}
		iters = int(min(max(wanted, 2*float64(iters)), 100*float64(iters)))
	}
}
