package clientpython

import "math"

// total is a sum that carries along what rounding took from it, so that it comes out
// the same in whatever order its terms are added. Two float64 hold some 106 bits, and
// the terms of one sum rarely need more.
type total struct{ high, low float64 }

// add adds v, by Knuth's TwoSum: high + v is rounded, and what it lost goes to low.
func (t *total) add(v float64) {
	sum := t.high + v
	part := sum - t.high
	t.low += (t.high - (sum - part)) + (v - part)
	t.high = sum
}

// value returns the sum, rounded once. Where it is infinite or NaN, low makes no sense.
func (t *total) value() float64 {
	if v := t.high + t.low; !math.IsNaN(v) {
		return v
	}
	return t.high
}

// rest returns what value leaves of the sum.
func (t *total) rest() float64 {
	rest := (t.high - t.value()) + t.low
	if math.IsNaN(rest) || math.IsInf(rest, 0) {
		return 0
	}
	return rest
}

// cell is where one sample's values come together in one scan. A cell whose scan is not
// the present one is empty.
type cell struct {
	scan    uint64
	entries int // that were merged
	total   total
	value   float64 // by the rules that choose one
	stamp   float64 // the value's
	pids    []pidValue
}

// pidValue is the value of one process.
type pidValue struct {
	pid   string
	value float64
}

func (c *cell) begin(scan uint64) {
	*c = cell{scan: scan, pids: c.pids[:0]}
}

// add merges one entry.
func (c *cell) add(rule Mode, value, stamp float64) {
	if rule == Sum {
		c.total.add(value)
	} else if c.entries == 0 || c.prefers(rule, value, stamp) {
		c.value, c.stamp = value, stamp
	}
	c.entries++
}

// prefers says whether a value takes the place of the cell's. It never does when they
// are equal, so the first one stays.
func (c *cell) prefers(rule Mode, value, stamp float64) bool {
	switch rule {
	case Min:
		return value < c.value || math.IsNaN(c.value)
	case Max:
		return value > c.value || math.IsNaN(c.value)
	case MostRecent:
		return stamp > c.stamp || math.IsNaN(c.stamp)
	}
	return true // All, in an archive: a process by its newest value
}

// result returns the merged value.
func (c *cell) result(rule Mode) float64 {
	if rule == Sum {
		return c.total.value()
	}
	return c.value
}
