package measure

import "time"

// Steps is a Subject whose op is long: a scrape, or the filling of a registry.
// Only the step is timed. It runs on one goroutine, whatever p is.
type Steps struct {
	Per    int    // ops in one step: series in a scrape
	Before func() // what has to happen before each step; may be nil
	Step   func()
}

// Run does iters steps. Allocations are those of the last one.
func (s *Steps) Run(_, iters int) []Reading {
	var elapsed time.Duration
	for range iters - 1 {
		s.before()
		elapsed += timed(s.Step)
	}
	s.before()
	before := readHeap()
	elapsed += timed(s.Step)
	allocs, bytes := before.since(float64(s.Per))
	return []Reading{{"ns", float64(elapsed) / float64(iters) / float64(s.Per), allocs, bytes}}
}

func (s *Steps) before() {
	if s.Before != nil {
		s.Before()
	}
}

func timed(f func()) time.Duration {
	begin := now()
	f()
	return now() - begin
}
