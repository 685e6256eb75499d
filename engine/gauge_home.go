package engine

import (
	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/shard"
)

// gaugeHome is whose a gauge is, and the cells that it has from a store. Gauges that
// have none, which is nearly all, share that of their family. Immutable once the
// gauge is shared.
type gaugeHome struct {
	fam    *family
	slab   shard.Slab  // has the word, in a store that persists, and keeps its chunk
	recent *recent     // of a recent mode
	loose  *looseGauge // of a gauge whose series may expire
}

var (
	gaugeLayout = shard.Layout{Words: 1, Shared: true}
	gaugeCell   = &descriptor.Descriptor{Kind: descriptor.Gauge}
)

// settle gives a new gauge its word.
func (g *Gauge) settle(f *family, start int64) (err error) {
	g.home, g.word = &f.gauges, &g.own
	switch {
	case f.mode.Recent():
		g.home = &gaugeHome{fam: f, recent: new(recent)}
		g.text.flags.Or(byMode)
		return g.home.recent.settle(f, &g.text, start)
	case f.lasting != nil:
		g.home = &gaugeHome{fam: f}
		if g.home.slab, err = f.alloc(&g.text, start, gaugeCell, gaugeLayout); err == nil {
			g.word = atomicf.At(g.home.slab.Shared(0))
		}
	}
	return err
}

func (h *gaugeHome) cells() shard.Slab {
	if h.recent != nil {
		return h.recent.cells.Slab
	}
	return h.slab
}

func (h *gaugeHome) layout() shard.Layout {
	if h.recent != nil {
		return recentLayout
	}
	return gaugeLayout
}
