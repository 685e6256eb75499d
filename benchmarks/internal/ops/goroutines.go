package ops

import "slices"

// Goroutines returns how many goroutines to measure the op on, where procs is
// GOMAXPROCS.
func (o *Op) Goroutines(procs int, quick bool) []int {
	switch o.Workers {
	case Few:
		return distinct(1, procs)
	case Many:
		if quick {
			return distinct(1, procs, 4*procs)
		}
		return doublings(8*procs, procs)
	case Writers:
		return []int{max(1, procs-1)}
	case All:
		return []int{procs}
	}
	return []int{1}
}

// distinct sorts its arguments and drops repeated ones.
func distinct(list ...int) []int {
	slices.Sort(list)
	return slices.Compact(list)
}

// doublings returns 1, 2, 4 up to most, and also.
func doublings(most int, also ...int) []int {
	for p := 1; p <= most; p *= 2 {
		also = append(also, p)
	}
	return distinct(also...)
}
