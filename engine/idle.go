package engine

import (
	"math"
	"sync/atomic"

	"github.com/pawl-metrics/pawl/atomicf"
)

// idleOps is what an instrument has to know for its series to expire.
type idleOps[S any] struct {
	// detach is called for each new series, before it is shared. It moves what is
	// recorded out of the series' object, where it is in there.
	detach func(*S)

	// stirred says whether anything was recorded since it was last asked, of which p
	// holds the memory. Recording methods know nothing of it: sums are compared. It is
	// asked by one goroutine at a time.
	stirred func(s *S, p *pulse) bool

	// share makes to another object of the series from: what one records, the other has.
	// False means that it cannot.
	share func(to, from *S) bool
}

// pulse is numbers that change with each recording.
type pulse [2]uint64

// beat notes new numbers and says whether they are new.
func (p *pulse) beat(a, b uint64) bool {
	now := pulse{a, b}
	changed := *p != now
	*p = now
	return changed
}

// A counter's fraction comes in a cell that is made with the first one, and is known
// to one object alone. So a counter that is to have another object gets that cell
// first: then all that is ever recorded has its place.
var counterIdle = &idleOps[Counter]{
	detach: func(*Counter) {},
	stirred: func(c *Counter, p *pulse) bool {
		n, f, _ := c.read()
		return p.beat(n, math.Float64bits(f))
	},
	share: func(to, from *Counter) bool {
		if _, ok := from.fraction(); !ok {
			return false
		}
		to.text.share(&from.text)
		to.fam, to.cell = from.fam, from.cell
		to.more.Store(from.more.Load())
		return true
	},
}

// Ups and downs are looked at apart: what goes up and down again is not idle.
var upDownIdle = &idleOps[UpDown]{
	detach:  func(*UpDown) {},
	stirred: func(u *UpDown, p *pulse) bool { return p.beat(u.net.Sum(0), u.net.Sum(1)) },
	share: func(to, from *UpDown) bool {
		to.text.share(&from.text)
		to.fam = from.fam
		to.net.Init(from.net.Slab)
		return true
	},
}

// A gauge that is set to the value that it has is not idle, though its word does not
// change. So a scrape marks the gauge, and the next recording, which looks at the
// flags anyway, takes the mark away and counts that.
var gaugeIdle = &idleOps[Gauge]{
	detach: func(g *Gauge) {
		home := *g.home
		home.loose = new(looseGauge)
		g.home = &home
		if g.word == &g.own {
			g.word = &home.loose.value
		}
	},
	stirred: func(g *Gauge, p *pulse) bool {
		if r := g.home.recent; r != nil {
			return p.beat(uint64(r.last.Load()), 0)
		}
		g.text.flags.Or(untouched) // before the look: a recording that misses it was there before
		return p.beat(math.Float64bits(g.word.Load()), g.home.loose.touches.Load())
	},
	share: func(to, from *Gauge) bool {
		to.text.share(&from.text)
		to.home, to.word = from.home, from.word
		return true
	},
}

// looseGauge is what a gauge whose series may expire has outside its object.
type looseGauge struct {
	value   atomicf.Float64
	touches atomic.Uint64 // recordings that found the gauge marked
}

// touch notes a recording in a gauge that is marked.
func (g *Gauge) touch() {
	g.text.flags.And(^uint32(untouched))
	g.home.loose.touches.Add(1)
}

var histogramIdle = &idleOps[Histogram]{
	detach:  func(*Histogram) {},
	stirred: func(h *Histogram, p *pulse) bool { return p.beat(h.observations(), 0) },
	share: func(to, from *Histogram) bool {
		to.text.share(&from.text)
		to.ladder, to.fam, to.native, to.recorder = from.ladder, from.fam, from.native, from.recorder
		to.cells.Init(from.cells.Slab)
		to.exemplars.Store(from.makeExemplars())
		return true
	},
}

var summaryIdle = &idleOps[Summary]{
	detach:  func(*Summary) {},
	stirred: func(s *Summary, p *pulse) bool { return p.beat(s.cells.Updates(), 0) },
	share: func(to, from *Summary) bool {
		to.text.share(&from.text)
		to.fam, to.window = from.fam, from.window
		to.cells.Init(from.cells.Slab)
		return true
	},
}

// observations returns how many there have been, resets by the limit on buckets
// included: each moves the marks of its section on by one.
func (h *Histogram) observations() uint64 {
	if h.recorder != nil {
		return h.recorder.Observations()
	}
	return h.cells.Updates()
}
