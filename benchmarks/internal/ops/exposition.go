package ops

import "github.com/pawl-metrics/pawl/benchmarks/internal/measure"

// exposition is a registry of n series with handles to all of them.
type exposition struct {
	scraper
	n      int
	record func(i, k int) // changes the value of series i, for the k-th time
}

// touch changes the value of every series, for the k-th time.
func (e *exposition) touch(k int) {
	for i := range e.n {
		e.record(i, k)
	}
}

// recordEach touches all series on each P, so that whoever keeps something for each
// P has it.
func (e exposition) recordEach(times int) exposition {
	measure.OnEachP(func(int) {
		for k := range times {
			e.touch(k)
		}
	})
	return e
}

// scrapes makes a Subject that scrapes; between scrapes every value changes, or
// none. The first scrape, which does what was put off while series were made, is
// part of the set-up.
func scrapes(make func(n int) exposition, change bool) func(n int) measure.Subject {
	return func(n int) measure.Subject {
		e, w, k := make(n), discard(), 0
		s := &measure.Steps{Per: n, Step: func() {
			e.scrape(w)
			check(w.Flush())
		}}
		s.Step()
		if change {
			s.Before = func() { k++; e.touch(k) }
		}
		return s
	}
}
