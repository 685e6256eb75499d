package measure

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Loop is a Subject made of a loop that each goroutine runs.
type Loop struct {
	// Body returns the loop of one worker. It is called once for each worker,
	// outside the time, so that it can make what the worker alone will use.
	Body func(worker int) func(iters int)

	// Total returns what has been recorded in all, and Each is what one
	// iteration should have added to it. A nil Total is not checked.
	Total func() float64
	Each  float64

	Per int // ops in one iteration; 0 is 1

	bodies []func(iters int)
	done   float64 // iterations of all workers
}

// Run has p workers do iters iterations each, at once.
func (l *Loop) Run(p, iters int) []Reading {
	l.Prepare(p)
	l.done += float64(p) * float64(iters)
	ops := float64(iters) * float64(max(l.Per, 1)) // of each worker
	before := readHeap()
	elapsed := together(p, func(w int) { l.bodies[w](iters) })
	allocs, bytes := before.since(ops * float64(p))
	return []Reading{{"ns", float64(elapsed) / ops, allocs, bytes}}
}

// Prepare makes what p workers need.
func (l *Loop) Prepare(p int) {
	for w := len(l.bodies); w < p; w++ {
		l.bodies = append(l.bodies, l.Body(w))
	}
}

// Check compares the total with what was done.
func (l *Loop) Check() error {
	if l.Total == nil {
		return nil
	}
	if got, want := l.Total(), l.done*l.Each; got != want {
		return fmt.Errorf("recorded %v, reads %v", want, got)
	}
	return nil
}

// together runs f on p goroutines that begin at the same time, and returns the
// time from the first beginning to the last end.
func together(p int, f func(w int)) time.Duration {
	var ready atomic.Int32
	var all sync.WaitGroup
	begins, ends := make([]time.Duration, p), make([]time.Duration, p)
	for w := range p {
		all.Go(func() {
			meet(&ready, p)
			begin := now()
			f(w)
			begins[w], ends[w] = begin, now()
		})
	}
	all.Wait()
	first, last := begins[0], ends[0]
	for w := range p {
		first, last = min(first, begins[w]), max(last, ends[w])
	}
	return last - first
}

// meet waits until p goroutines have come here.
func meet(ready *atomic.Int32, p int) {
	ready.Add(1)
	for int(ready.Load()) < p {
		runtime.Gosched()
	}
}

// OnEachP runs f on as many goroutines as there are Ps, at once: with all of them
// running, each has a P of its own.
func OnEachP(f func(w int)) { together(runtime.GOMAXPROCS(0), f) }
