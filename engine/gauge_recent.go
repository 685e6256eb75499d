package engine

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/shard"
)

// recent is the value of a gauge of a recent mode.
//
// Model. On each P a pair that changes in one step, a value and when it was set; it
// belongs to whoever has the P pinned. The newest pair is the value. No two Sets of
// one gauge have the same time, and who comes later has the later one, whatever the
// clock does: each takes its time from last, by compare-and-swap, before it pins.
// One that is overtaken on its P between the two finds a newer pair there, and
// leaves it.
type recent struct {
	cells shard.Group
	last  atomic.Int64 // the newest time that a Set has taken, Unix nanoseconds
}

// Data words of a recent value.
const (
	recentValue = iota
	recentTime  // 0: never set
	recentWords
)

var (
	recentLayout = shard.GroupLayout(recentWords)
	recentCells  = &descriptor.Descriptor{Kind: descriptor.Recent}
)

func (r *recent) settle(f *family, text *seriesText, start int64) error {
	slab, err := f.alloc(text, start, recentCells, recentLayout)
	r.cells.Init(slab)
	return err
}

// now takes a time for a Set.
func (r *recent) now() uint64 {
	clock := time.Now().UnixNano()
	for {
		last := r.last.Load()
		now := max(clock, last+1)
		if r.last.CompareAndSwap(last, now) {
			return uint64(now)
		}
	}
}

func (r *recent) set(v float64) {
	at := r.now()
	r.cells.Update(func(s *shard.Section) {
		if atomicf.Load(s.Word(recentTime)) < at {
			atomicf.Store(s.Word(recentValue), math.Float64bits(v))
			atomicf.Store(s.Word(recentTime), at)
		}
	})
}

// value returns the newest value, 0 when there is none.
func (r *recent) value() float64 {
	var newest, pair [recentWords]uint64
	if !r.cells.Valid() {
		return 0
	}
	for i := range r.cells.Sections() {
		if r.cells.Copy(i, pair[:]) && pair[recentTime] > newest[recentTime] {
			newest = pair
		}
	}
	return math.Float64frombits(newest[recentValue])
}
