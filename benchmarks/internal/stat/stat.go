// Package stat condenses samples: medians, spreads, and ratios that know when
// they say nothing. What is measured in several processes comes as one list of samples
// for each of them.
package stat

import "slices"

// Median returns the middle of the samples, or 0 when there are none.
func Median(samples []float64) float64 {
	s := slices.Sorted(slices.Values(samples))
	n := len(s)
	switch {
	case n == 0:
		return 0
	case n%2 == 1:
		return s[n/2]
	}
	return (s[n/2-1] + s[n/2]) / 2
}

// Range is where samples lie.
type Range struct{ Lo, Hi float64 }

// Spread returns the least and the greatest of the samples.
func Spread(samples []float64) Range {
	if len(samples) == 0 {
		return Range{}
	}
	return Range{slices.Min(samples), slices.Max(samples)}
}

// Medians condenses the samples of each process to one number.
func Medians(processes [][]float64) []float64 {
	list := make([]float64, len(processes))
	for i, rounds := range processes {
		list[i] = Median(rounds)
	}
	return list
}

// Relative returns half the range's width as a part of mid: 0.1 is ±10%.
func (r Range) Relative(mid float64) float64 {
	if mid == 0 {
		return 0
	}
	return (r.Hi - r.Lo) / 2 / mid
}
