package engine

import (
	"math"
	"runtime"

	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/shard"
)

const maxFloat = math.MaxFloat64

// drop counts a refused recording.
func (f *family) drop(why drop) { f.reg.dropped[why].Inc() }

// alloc takes cells for a series from the store. holds says what they hold; a store
// that persists is told that, and everything about the series that began at start
// (Unix nanoseconds). holds is shared by the series of a family, and not changed.
func (f *family) alloc(text *seriesText, start int64, holds *descriptor.Descriptor, l shard.Layout) (shard.Slab, error) {
	if f.lasting == nil {
		return f.store.Alloc(nil, l)
	}
	return f.lasting.Alloc(f.describe(text.String(), start, holds), l)
}

// describe renders what a store that persists is told about a slab of the series with
// these rendered labels.
func (f *family) describe(labels string, start int64, holds *descriptor.Descriptor) []byte {
	d := *holds
	d.Family, d.Labels, d.Start = f.opts.Name, joined(labelsOf(labels), holds.Labels), start
	d.Type, d.Help, d.Unit, d.Mode = f.typ, f.opts.Help, f.opts.Unit, f.mode
	return descriptor.Append(nil, &d)
}

// cells is a slab on its way back to its store.
type cells struct {
	store  shard.Store
	slab   shard.Slab
	layout shard.Layout
}

// giveUp takes a slab of a dropped series away from the readers of a store that
// persists, at once, and sees to it that the store gets it back.
func giveUp[S any](s *S, f *family, slab shard.Slab, l shard.Layout) {
	if f.lasting != nil && slab.Valid() {
		f.lasting.Withdraw(slab)
	}
	freeAfter(s, f.store, slab, l)
}

// giveUpExemplars does the same for the exemplars of a dropped series, if there are any.
func giveUpExemplars[S any](s *S, x *exemplarFile) {
	if x != nil {
		x.withdraw()
		runtime.AddCleanup(s, (*exemplarFile).free, x)
	}
}

// freeAfter returns the slab to its store when s is garbage: when no handle can
// reach it any more. It is called only for series that have been dropped, so that
// living series carry no cleanup. Recording methods end in KeepAlive for the
// sake of this: a cleanup must not run between the load of a cell's address
// and the store to it.
func freeAfter[S any](s *S, store shard.Store, slab shard.Slab, l shard.Layout) {
	if slab.Valid() {
		runtime.AddCleanup(s, func(c cells) { c.store.Free(c.slab, c.layout) }, cells{store, slab, l})
	}
}
