package ops

import "github.com/pawl-metrics/pawl/benchmarks/internal/measure"

// loop is a Subject whose workers all run the same body, which adds each to what
// total reads.
func loop(each float64, total func() float64, body func(iters int)) measure.Subject {
	return &measure.Loop{Body: func(int) func(int) { return body }, Total: total, Each: each}
}

// loopOver is loop for bodies that have something of their own for each worker.
func loopOver[T any](each float64, total func() float64, own func(worker int) T, body func(own T, iters int)) measure.Subject {
	return &measure.Loop{Total: total, Each: each, Body: func(worker int) func(int) {
		mine := own(worker)
		return func(iters int) { body(mine, iters) }
	}}
}
