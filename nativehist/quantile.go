package nativehist

import "math"

// Quantile returns the value below which a share q of the observations lies, as
// PromQL's histogram_quantile estimates it: exponentially between the bounds of
// its bucket, linearly in the zero bucket. It is NaN for a histogram without
// observations and for a NaN q, and an infinity for q outside [0, 1]. NaN
// observations rank above all others. h is valid.
func (h *Histogram) Quantile(q float64) float64 {
	switch {
	case q < 0:
		return math.Inf(-1)
	case q > 1:
		return math.Inf(1)
	case h.Count == 0 || q != q:
		return math.NaN()
	}
	list, count := h.intervals(), float64(h.Count)
	if len(list) == 0 {
		return math.NaN()
	}
	// Counting from the nearer end loses less to rounding. Where there are NaN
	// observations the upper end is not where the buckets end.
	if h.Sum == h.Sum && q >= 0.5 {
		return fromAbove(list, (1-q)*count)
	}
	return fromBelow(list, q*count)
}

func fromBelow(list []interval, rank float64) float64 {
	below := 0.0
	for _, b := range list {
		if below+b.n >= rank {
			return b.at((rank - below) / b.n)
		}
		below += b.n
	}
	return math.NaN()
}

func fromAbove(list []interval, rank float64) float64 {
	above := 0.0
	for i := len(list) - 1; i >= 0; i-- {
		b := list[i]
		if above+b.n >= rank {
			return b.at((above + b.n - rank) / b.n)
		}
		above += b.n
	}
	return list[0].lower
}

// at returns the value a fraction of the way into the bucket.
func (b interval) at(fraction float64) float64 {
	if b.lower <= 0 && b.upper >= 0 {
		return b.lower + (b.upper-b.lower)*fraction
	}
	lower, upper := math.Log2(math.Abs(b.lower)), math.Log2(math.Abs(b.upper))
	if b.lower > 0 {
		return math.Exp2(lower + (upper-lower)*fraction)
	}
	return -math.Exp2(upper + (lower-upper)*(1-fraction))
}

// below returns the fraction of the bucket that lies below v, which is in it.
func (b interval) below(v float64) float64 {
	if b.lower <= 0 && b.upper >= 0 {
		return (v - b.lower) / (b.upper - b.lower)
	}
	lower, upper, at := math.Log2(math.Abs(b.lower)), math.Log2(math.Abs(b.upper)), math.Log2(math.Abs(v))
	if v > 0 {
		return (at - lower) / (upper - lower)
	}
	return 1 - (at-upper)/(lower-upper)
}

// CountInRange estimates how many observations lie between lo and hi, as PromQL's
// histogram_fraction does, times the count. It is NaN if either bound is, and 0
// unless lo < hi. Observations of NaN are in no range. h is valid.
func (h *Histogram) CountInRange(lo, hi float64) float64 {
	switch {
	case lo != lo || hi != hi:
		return math.NaN()
	case lo >= hi:
		return 0
	}
	list := h.intervals()
	return rankOf(list, hi) - rankOf(list, lo)
}

// rankOf returns how many observations lie below v.
func rankOf(list []interval, v float64) (rank float64) {
	for _, b := range list {
		switch {
		case b.lower >= v:
			return rank
		case b.upper > v:
			return rank + b.n*b.below(v)
		}
		rank += b.n
	}
	return rank
}
