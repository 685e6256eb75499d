package suite

import (
	"fmt"
	"time"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
)

// run sets up the group's subjects, and then measures them in turns, round by round.
// Each round begins with another lane, so that none always comes after the same
// neighbour.
func (g *group) run(c *Config, r *Results) {
	subjects := g.subjects()
	begin := time.Now()
	iters := make([]int, len(g.lanes))
	first := make([][]measure.Reading, len(g.lanes))
	for i, l := range g.lanes {
		measure.Settle()
		iters[i], first[i] = calibrate(subjects[l.peer.Impl], l.p, c.sample(g.op))
	}
	for round := range c.rounds(g.n) {
		if round > 0 && time.Since(begin) > c.patience() {
			break
		}
		for i := range g.lanes {
			i = (i + round) % len(g.lanes)
			l := g.lanes[i]
			readings := first[i]
			if round > 0 || readings == nil {
				measure.Settle()
				readings = subjects[l.peer.Impl].Run(l.p, iters[i])
			}
			for _, reading := range readings {
				r.Add(Key{Op: g.op.Name, Impl: l.peer.Impl, P: l.p, N: g.n}, reading)
			}
		}
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

// long is how many samples an op takes that is measured from the first time on.
// To warm up for some long op by doing it would double what it costs; a scrape has
// been done once by then, in the set-up.
const long = 10

// calibrate finds the number of iterations that takes as long as a sample is to
// take. Finding it warms everything up. An op that is long is not done for that alone:
// its readings are the first round's.
func calibrate(s measure.Subject, p int, sample time.Duration) (iters int, first []measure.Reading) {
	if _, ok := s.(measure.OneShot); ok {
		return 1, nil
	}
	if l, ok := s.(measure.Preparer); ok {
		l.Prepare(p)
	}
	for iters := 1; ; {
		begin := time.Now()
		readings := s.Run(p, iters)
		took := time.Since(begin)
		wanted := float64(iters) * float64(sample) / float64(max(took, 1))
		switch {
		case iters == 1 && took >= long*sample:
			return 1, readings
		case took >= sample/4:
			return max(1, int(wanted)), nil
		}
		iters = int(min(max(wanted, 2*float64(iters)), 100*float64(iters)))
	}
}
