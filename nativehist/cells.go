package nativehist

import (
	"errors"
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

	withdrawn bool // under the recorder's mutex
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

// errWithdrawn is the answer to who wants cells for a series that is gone.
var errWithdrawn = errors.New("nativehist: the recorder has been withdrawn from its store")

// alloc takes a slab.
func (c *Cells) alloc(desc []byte, l shard.Layout) (shard.Slab, error) {
	if c.withdrawn {
		return shard.NoSlab(), errWithdrawn
	}
	slab, err := c.store.Alloc(desc, l)
	if err == nil {
		c.add(slab, l)
	}
	return slab, err
}

func (c *Cells) add(s shard.Slab, l shard.Layout) {
	c.mu.Lock()
	c.slabs = append(c.slabs, cell{s, l})
	c.mu.Unlock()
}

// free takes back a slab, which nobody writes or reads any more.
func (c *Cells) free(s shard.Slab, l shard.Layout) {
	c.mu.Lock()
	c.slabs = slices.DeleteFunc(c.slabs, func(o cell) bool { return o.slab == s })
	c.mu.Unlock()
	c.store.Free(s, l)
}

// withdraw hides all slabs from the readers of a store that has any. There will be
// no others.
func (c *Cells) withdraw() {
	store := c.store.(shard.Persistent)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.withdrawn = true
	for _, s := range c.slabs {
		store.Withdraw(s.slab)
	}
}
