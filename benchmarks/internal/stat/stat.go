// Package stat condenses samples: medians, spreads, and ratios that know when
// they say nothing.
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

// Spread returns the range of the samples without the fifth at either end: with
// five rounds the best and the worst are left out, with ten the best two and
// the worst two.
func Spread(samples []float64) Range {
	s := slices.Sorted(slices.Values(samples))
	if len(s) == 0 {
		return Range{}
	}
	cut := len(s) / 5
	return Range{s[cut], s[len(s)-1-cut]}
}

// Relative returns half the range's width as a part of mid: 0.1 is ±10%.
func (r Range) Relative(mid float64) float64 {
	if mid == 0 {
		return 0
	}
	return (r.Hi - r.Lo) / 2 / mid
}
