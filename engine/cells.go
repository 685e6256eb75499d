package engine

import (
	"math"
	"runtime"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/shard"
)

const maxFloat = math.MaxFloat64

// drop counts a refused recording.
func (f *family) drop(why drop) { f.reg.dropped[why].Inc() }

// alloc takes cells from the store, described for stores whose readers have
// nothing else to go by: the family's header and the series' sample prefix, as
// they stand in an exposition, and what the cells hold.
func (f *family) alloc(text *seriesText, holds string, l shard.Layout) (shard.Slab, error) {
	var desc []byte
	if _, ok := f.store.(shard.Persistent); ok {
		desc = append(desc, f.form(Format{Scheme: encode.AllowUTF8}).header...)
		desc = append(desc, f.opts.Name...)
		desc = append(desc, text.String()...)
		desc = append(desc, holds...)
	}
	return f.store.Alloc(desc, l)
}

// cells is a slab on its way back to its store.
type cells struct {
	store  shard.Store
	slab   shard.Slab
	layout shard.Layout
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
