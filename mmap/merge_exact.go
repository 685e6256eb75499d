package mmap

import "math"

// exact is a sum of floats with what rounding took from it: about twice as many bits
// as a float64 has (a "double-double", see Dekker, "A floating-point technique
// for extending the available precision", 1971).
//
// Plain sums depend on the order. When a process dies and its file is folded, its share
// is added at another place than before, and the total could come out smaller by
// the last bit: Prometheus would take that for a restart and count everything again.
type exact struct{ hi, lo float64 }

func (x *exact) add(v float64) {
	sum := x.hi + v
	if math.IsInf(sum, 0) || math.IsNaN(sum) {
		*x = exact{hi: sum}
		return
	}
	part := sum - x.hi
	rest := (x.hi - (sum - part)) + (v - part) + x.lo
	x.hi = sum + rest
	x.lo = rest - (x.hi - sum)
}

// plus adds another sum.
func (x *exact) plus(hi, lo uint64) {
	x.add(math.Float64frombits(hi))
	if lo<<1 != 0 {
		x.add(math.Float64frombits(lo))
	}
}
