package chart

import (
	"math"
	"strconv"
)

// scale maps values to positions, logarithmically.
type scale struct {
	lo, hi   float64 // values
	from, to float64 // positions
}

func (s scale) at(v float64) float64 {
	v = min(max(v, s.lo), s.hi)
	return s.from + (s.to-s.from)*math.Log(v/s.lo)/math.Log(s.hi/s.lo)
}

// ticks returns values that are worth a line: powers of ten, with 2 and 5 between
// them where there is room.
func (s scale) ticks() (list []float64) {
	steps := []float64{1, 2, 5}
	if s.hi/s.lo > 2000 {
		steps = []float64{1}
	}
	first, last := math.Floor(math.Log10(s.lo)), math.Floor(math.Log10(s.hi))
	for exponent := first; exponent <= last; exponent++ {
		for _, step := range steps {
			if v := step * math.Pow(10, exponent); v >= s.lo*0.999 && v <= s.hi*1.001 {
				list = append(list, v)
			}
		}
	}
	return list
}

// No scale goes further: a logarithmic one has no zero and no end.
const (
	least = 1e-3
	most  = 1e15
)

// around widens a range of values to whole ticks.
func around(lo, hi float64) (float64, float64) {
	lo = below(clamp(lo))
	return lo, max(above(clamp(hi)), 2*lo)
}

func clamp(v float64) float64 {
	if v != v {
		return 1
	}
	return min(max(v, least), most)
}

// below returns the largest tick that is at most v.
func below(v float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{5, 2} {
		if v >= decade*step {
			return decade * step
		}
	}
	return decade
}

// above returns the smallest tick that is at least v.
func above(v float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 2, 5} {
		if v <= decade*step {
			return decade * step
		}
	}
	return decade * 10
}

// short prints a number for an axis.
func short(v float64) string {
	switch {
	case v >= 1e6:
		return strconv.FormatFloat(v/1e6, 'g', 4, 64) + "M"
	case v >= 1e3:
		return strconv.FormatFloat(v/1e3, 'g', 4, 64) + "k"
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}
