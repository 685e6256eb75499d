package mmap

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// readers read files in parallel.
//
// Model. It is used by one goroutine, which waits while its own goroutines work.
type readers struct {
	merger *merger
	here   *machine
	desks  []*desk
}

func newReaders(m *merger, l Limits) *readers {
	r := &readers{merger: m, here: thisMachine()}
	for range runtime.GOMAXPROCS(0) {
		r.desks = append(r.desks, &desk{limits: l})
	}
	return r
}

// fewFiles is how many are read by one goroutine: starting another takes as long as
// reading one.
const fewFiles = 4

// each calls f for each source, from several goroutines. What f returns, or panics
// with, becomes the error of its source.
func (r *readers) each(sources []*source, f func(*source, *desk) error) {
	work := func(d *desk, next *atomic.Int64) {
		for {
			i := int(next.Add(1)) - 1
			if i >= len(sources) {
				return
			}
			s := sources[i]
			if s.err = guard(func() error { return f(s, d) }); s.err != nil {
				s.fail()
			}
		}
	}
	var next atomic.Int64
	if len(sources) <= fewFiles {
		work(r.desks[0], &next)
		return
	}
	var wg sync.WaitGroup
	for _, d := range r.desks {
		wg.Go(func() { work(d, &next) })
	}
	wg.Wait()
}

// fail leaves nothing of a file that could not be read to the end: not half of it.
func (s *source) fail() {
	s.close()
	s.ground, s.found, s.shape, s.folded, s.settled = ground{}, nil, shape{}, nil, false
}
