package engine

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/pawl-metrics/pawl/shard"
)

// ladder is the bounds of a classic histogram and a table that finds the bucket
// of a value in constant time.
//
// A float64's bits, read as an integer (with the bits of negative values turned
// over), grow as the value does. So the bits above some shift cut the number
// line into cells, and the table holds, for each cell between the first bound's
// and the last's, how many bounds lie below the cell: the index of the first
// bucket that a value in it can belong to. The shift is the largest for which no
// cell holds more than one bound, so one comparison settles it. Ladders of one
// bound or a few to the binade, which is nearly all of them, get by with the
// exponent bits and a table of a few dozen bytes.
//
// A probe before this was written, on an Intel Xeon, for the 11 default bounds: a
// table over the exponent 2.2 ns, branch-free comparison with every bound 6.5,
// linear with early exit 8.5, sort.SearchFloat64s 9.9. This takes 3 ns on Zen 3.
type ladder struct {
	bounds []float64 // ascending, finite, followed by +Inf, which no value exceeds
	first  uint64    // cell of the first bound
	shift  uint      // bits of a value below its cell
	table  []uint16  // by cell, from first; the last entry stands for all cells above
	dense  bool      // some cell holds many bounds: search instead of stepping

	tails       []string // by bucket: `le="1"} `, what follows a series' own labels
	strictTails []string // the same in OpenMetrics: `le="1.0"} `
}

// maxTable bounds the table of a ladder with bounds so close that their leading
// bits agree: past it, cells hold several bounds, and those are searched.
const maxTable = 4096

// maxBuckets is how many bounds a histogram can have: its section must fit in a
// stripe, with the two marks, the sum and the +Inf bucket.
const maxBuckets = shard.MaxWords - shard.SectionWords - 2

// newLadder checks bounds and builds their table. A trailing +Inf is dropped: it
// is there in any case.
func newLadder(family string, bounds []float64) (*ladder, error) {
	if n := len(bounds); n > 0 && math.IsInf(bounds[n-1], 1) {
		bounds = bounds[:n-1]
	}
	if err := checkBounds(family, bounds); err != nil {
		return nil, err
	}
	l := &ladder{bounds: append(slices.Clone(bounds), math.Inf(1))}
	for i := range l.bounds {
		l.bounds[i] += 0 // -0 becomes 0, so that the table need not know both
	}
	l.build()
	l.renderTails()
	return l, nil
}

// noLadder is that of a histogram without classic buckets: all values are in the
// one for +Inf.
func noLadder() *ladder {
	l := &ladder{bounds: []float64{math.Inf(1)}, first: math.MaxUint64, table: []uint16{0}}
	l.renderTails()
	return l
}

// classic says whether there is more than the bucket for +Inf.
func (l *ladder) classic() bool { return len(l.bounds) > 1 }

func checkBounds(family string, bounds []float64) error {
	if len(bounds) == 0 {
		return refuse(family, ErrBuckets, "no finite bounds")
	}
	if len(bounds) > maxBuckets {
		return refuse(family, ErrBuckets, "%d bounds, more than %d", len(bounds), maxBuckets)
	}
	for i, b := range bounds {
		switch {
		case b != b:
			return refuse(family, ErrBuckets, "bound %d is NaN", i)
		case math.IsInf(b, 0):
			return refuse(family, ErrBuckets, "bound %d is %v", i, b)
		case i > 0 && b == bounds[i-1]:
			return refuse(family, ErrBuckets, "bounds %d and %d are both %v", i-1, i, b)
		case i > 0 && b < bounds[i-1]:
			return refuse(family, ErrBuckets, "bound %d is %v, after %v", i, b, bounds[i-1])
		}
	}
	return nil
}

// ordered maps floats to integers that grow as they do. -0 comes just below 0;
// the comparison with the bound makes the two equal again.
func ordered(v float64) uint64 {
	b := math.Float64bits(v)
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

func unordered(u uint64) float64 {
	if u>>63 != 0 {
		return math.Float64frombits(u &^ (1 << 63))
	}
	return math.Float64frombits(^u)
}

// build chooses the shift and fills the table.
func (l *ladder) build() {
	bounds := l.bounds[:len(l.bounds)-1]
	for l.shift = 52; ; l.shift-- {
		crowd := crowding(bounds, l.shift)
		// One bit less doubles the table, at most.
		if crowd <= 1 || l.cells(bounds, l.shift-1) > maxTable {
			l.dense = crowd > 8
			break
		}
	}
	l.first = ordered(bounds[0]) >> l.shift
	l.table = make([]uint16, l.cells(bounds, l.shift)+1)
	for i := range l.table {
		start := unordered((l.first + uint64(i)) << l.shift)
		l.table[i] = uint16(sort.SearchFloat64s(bounds, start))
	}
}

// cells returns how many cells the bounds span.
func (l *ladder) cells(bounds []float64, shift uint) uint64 {
	return ordered(bounds[len(bounds)-1])>>shift - ordered(bounds[0])>>shift + 1
}

// crowding returns the largest number of bounds in one cell.
func crowding(bounds []float64, shift uint) (most int) {
	n := 0
	for i, b := range bounds {
		if i > 0 && ordered(b)>>shift != ordered(bounds[i-1])>>shift {
			n = 0
		}
		n++
		most = max(most, n)
	}
	return most
}

// index returns the bucket of v: the first whose bound is not below v. v is not
// NaN.
func (l *ladder) index(v float64) int {
	cell := ordered(v) >> (l.shift & 63) // the mask spares a test for shifts past 63
	at := uint64(0)
	if cell > l.first {
		at = min(cell-l.first, uint64(len(l.table)-1))
	}
	i := int(l.table[at])
	if l.dense {
		return i + sort.SearchFloat64s(l.bounds[i:], v)
	}
	for v > l.bounds[i] {
		i++
	}
	return i
}

// shape renders the bounds for comparison between registrations.
func (l *ladder) shape() string {
	return fmt.Sprintf(", buckets %v", l.bounds[:len(l.bounds)-1])
}

// finite returns the bounds without the +Inf behind them.
func (l *ladder) finite() []float64 { return l.bounds[:len(l.bounds)-1] }
