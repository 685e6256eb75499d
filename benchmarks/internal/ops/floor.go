package ops

import "github.com/pawl-metrics/pawl/benchmarks/internal/measure"

// word is a worker's own word in memory, on a cache line of its own: what a
// counter would be if it had neither other writers nor readers.
type word[T any] struct {
	v T
	_ [120]byte
}

// floorOf is the floor of a recording: body on a word of the worker's own.
func floorOf[T any](body func(v *T, iters int)) func(int) measure.Subject {
	return func(int) measure.Subject {
		return &measure.Loop{Body: func(int) func(int) {
			w := new(word[T])
			return func(iters int) { body(&w.v, iters) }
		}}
	}
}

func floorInc(v *uint64, iters int) {
	for range iters {
		*v++
	}
}

func floorAddFloat(v *float64, iters int) {
	for range iters {
		*v += fraction
	}
}

func floorSet(v *float64, iters int) {
	for i := range iters {
		*v = float64(i)
	}
}
