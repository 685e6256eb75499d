package nativehist

import (
	"slices"
	"sync"

	"github.com/pawl-metrics/pawl/shard"
)

// Cells is the slabs that a recorder has from its store. It knows nothing of the
// recorder, so that a cleanup can hold it when nobody can reach the recorder any
// more:
//
//	runtime.AddCleanup(handle, (*nativehist.Cells).Free, handle.recorder.Cells())
//
// Any number of goroutines may use it.
type Cells struct {
	store shard.Store
	mu    sync.Mutex
	slabs []cell
}

type cell struct {
	slab   shard.Slab
	layout shard.Layout
}

// Free returns every slab to the store. No goroutine can reach the recorder any
// more.
func (c *Cells) Free() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.slabs {
		c.store.Free(s.slab, s.layout)
	}
	c.slabs = nil
}

// alloc gives a block its slab.
func (c *Cells) alloc(b *block, desc []byte) error {
	l := shard.GroupLayout(b.words)
	slab, err := c.store.Alloc(desc, l)
	if err != nil {
		return err
	}
	b.cells.Init(slab)
	c.mu.Lock()
	c.slabs = append(c.slabs, cell{slab, l})
	c.mu.Unlock()
	return nil
}

// free takes back a block's slab, which nobody writes or reads any more.
func (c *Cells) free(b *block) {
	c.mu.Lock()
	c.slabs = slices.DeleteFunc(c.slabs, func(s cell) bool { return s.slab == b.cells.Slab })
	c.mu.Unlock()
	c.store.Free(b.cells.Slab, shard.GroupLayout(b.words))
}
