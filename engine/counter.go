package engine

import (
	"runtime"
	"sync/atomic"

	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/shard"
)

// Counter is a sum that only grows. It is also a handle: hot code keeps the
// pointer and calls its methods from any number of goroutines, at a few
// nanoseconds each, without locks or allocation. Counters are made by
// [NewCounter] and by the With of a vec.
//
// Model. The value is an integer part, one word per P that belongs to whoever
// has that P pinned, and a float part of the same kind that exists once a
// fraction has been added. A reader sums the words: it sees every addition that
// had finished when it began, and successive reads never go down.
type Counter struct {
	cell shard.Slab
	more atomic.Pointer[counterMore] // set under fam.mu
	fam  *family
	text seriesText
}

var (
	counterLayout = shard.Layout{Words: 1}
	counterCell   = &descriptor.Descriptor{Kind: descriptor.Counter}
	fractionCell  = &descriptor.Descriptor{Kind: descriptor.Fraction}
)

// NewCounter registers a counter without variable labels.
func NewCounter(reg *Registry, opts Opts) (*Counter, error) {
	m, err := register(reg, opts, nil, counterOps)
	if err != nil {
		return nil, err
	}
	return m.addOnly(new(Counter))
}

// MustCounter is NewCounter that panics on an error.
func MustCounter(reg *Registry, opts Opts) *Counter { return must(NewCounter(reg, opts)) }

// Inc adds 1.
func (c *Counter) Inc() { c.Add(1) }

// Add adds n. The sum is exact up to 2^64-1, past which it starts again at 0, as
// a counter that was reset.
func (c *Counter) Add(n uint64) {
	cell, ready := c.cell, c.cell.Ready()
	if p := shard.Pin(); uint(p) < ready {
		atomicf.Add(cell.Word(p), n)
		shard.Unpin()
		runtime.KeepAlive(c)
		return
	}
	shard.Unpin()
	c.addSlow(n)
}

// AddFloat adds v, which may be a fraction. Whole amounts are added as Add does.
// A negative, NaN or infinite v is refused and counted in
// pawl_dropped_observations_total.
func (c *Counter) AddFloat(v float64) {
	if n, ok := wholeCount(v); ok {
		c.Add(n)
		return
	}
	more := c.more.Load()
	if !(v > 0 && v <= maxFloat) || more == nil || !more.frac.Valid() {
		c.addFloatSlow(v)
		return
	}
	cell, ready := more.frac, more.frac.Ready()
	if p := shard.Pin(); uint(p) < ready {
		atomicf.AddFloat(cell.Word(p), v)
		shard.Unpin()
		runtime.KeepAlive(c)
		return
	}
	shard.Unpin()
	cell.AddFloat(0, v)
	runtime.KeepAlive(c)
}

// addSlow is Add on a P that has no stripe yet, or never will.
func (c *Counter) addSlow(n uint64) {
	if !c.refuses() {
		c.cell.Add(0, n)
	}
	runtime.KeepAlive(c)
}

// addFloatSlow refuses what cannot be added, and makes the float cell.
func (c *Counter) addFloatSlow(v float64) {
	switch {
	case c.refuses():
	case !(v > 0 && v <= maxFloat):
		c.fam.drop(counterDrop(v))
	default:
		if cell, ok := c.fraction(); ok {
			cell.AddFloat(0, v)
		} else {
			c.fam.drop(dropStore)
		}
	}
	runtime.KeepAlive(c)
}

// refuses says whether c is an instrument that only refuses, and if so counts.
func (c *Counter) refuses() bool {
	why, void := c.text.void()
	if void {
		c.fam.drop(why)
	}
	return void
}

// fraction returns the float cell, made at the first call.
func (c *Counter) fraction() (shard.Slab, bool) {
	c.fam.mu.Lock()
	defer c.fam.mu.Unlock()
	more := c.moreLocked()
	if more.frac.Valid() {
		return more.frac, true
	}
	cell, err := c.allocFraction()
	if err != nil {
		return cell, false
	}
	c.more.Store(&counterMore{frac: cell, exemplar: more.exemplar})
	return cell, true
}

// allocFraction returns a float cell. That of a dropped series is not a store's
// that persists: its readers would find the series again. The caller holds fam.mu.
func (c *Counter) allocFraction() (shard.Slab, error) {
	store := c.fam.store
	switch dropped := c.text.is(freeing); {
	case !dropped:
		return c.fam.alloc(&c.text, 0, fractionCell, counterLayout)
	case c.fam.lasting != nil:
		store = c.fam.reg.memory
	}
	cell, err := store.Alloc(nil, counterLayout)
	freeAfter(c, store, cell, counterLayout)
	return cell, err
}

// Value returns the sum. See the type's comment for what a concurrent read sees.
func (c *Counter) Value() float64 {
	n, f, split := c.read()
	if split {
		return float64(n) + f
	}
	return float64(n)
}

// whole returns the integer part.
func (c *Counter) whole() uint64 {
	n, _, _ := c.read()
	return n
}

// read returns both parts; split says whether there is a float part.
func (c *Counter) read() (n uint64, f float64, split bool) {
	if c.cell.Valid() {
		n = c.cell.Sum(0)
	}
	if more := c.more.Load(); more != nil && more.frac.Valid() {
		f, split = more.frac.SumFloat(0), true
	}
	runtime.KeepAlive(c)
	return n, f, split
}

var counterOps = &ops[Counter]{
	typ:  encode.Counter,
	text: func(c *Counter) *seriesText { return &c.text },
	init: func(c *Counter, f *family, start int64) (err error) {
		c.fam = f
		c.cell, err = f.alloc(&c.text, start, counterCell, counterLayout)
		return err
	},
	drop: func(c *Counter) {
		c.fam.mu.Lock()
		defer c.fam.mu.Unlock()
		c.text.flags.Or(freeing)
		giveUp(c, c.fam, c.cell, counterLayout)
		if more := c.more.Load(); more != nil {
			giveUp(c, c.fam, more.frac, counterLayout)
			giveUpExemplars(c, more.exemplar.file)
		}
	},
	void: func(c *Counter, f *family) { c.fam, c.cell = f, shard.NoSlab() },
	rows: writeCounters,
	read: func(g *gatherer, s *Sample, p placed[Counter]) bool {
		s.Value, s.Start = p.s.Value(), p.begun()
		if e := p.s.more.Load().latest(); e != nil {
			s.Exemplars = g.exemplars.take(1)
			s.Exemplars[0] = *e
		}
		return true
	},
	idle: counterIdle,
}
