package engine

import (
	"sync"
	"sync/atomic"

	"github.com/pawl-metrics/pawl/encode"
)

// core is what vecs of both kinds are made of: the table of series, and the slow
// path that changes it.
//
// Ownership. Lookups load the table and read it without locks; a new series, a
// removal and a scrape never hold them up. Everything that changes the table
// holds mu. byText exists only where label structs have String methods, and
// belongs to mu.
type core[K, S any] struct {
	table  atomic.Pointer[table[K, S]]
	hasher hasher
	*member[S]

	mu     sync.Mutex
	byText map[string]*entry[K, S]

	noCells *S // what With returns when the store had none
}

func (c *core[K, S]) setUp(m *member[S]) {
	c.member = m
	c.table.Store(newTable[K, S](minSlots))
	c.noCells = m.void(dropStore)
}

// insert makes a series. The caller holds mu and has looked for the key.
func (c *core[K, S]) insert(hash uint64, e *entry[K, S], text encode.Prefix) error {
	if err := c.add(&e.inst, text); err != nil {
		return err
	}
	t := c.table.Load()
	if t.full() {
		t = t.grown()
		t.insert(hash, e)
		c.table.Store(t)
		return nil
	}
	t.insert(hash, e)
	return nil
}

// delete drops a series. The caller holds mu.
func (c *core[K, S]) delete(hash uint64, e *entry[K, S]) {
	c.table.Load().remove(hash, e)
	delete(c.byText, c.series.ops.text(&e.inst).String())
	c.remove(&e.inst)
}

// Reset drops every series of the vec. What kept handles record afterwards is
// not exposed; With makes new series, from zero.
func (c *core[K, S]) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.table.Load()
	c.table.Store(newTable[K, S](minSlots))
	clear(c.byText)
	old.each(func(_ uint64, e *entry[K, S]) { c.remove(&e.inst) })
}

// Len returns how many series the vec has.
func (c *core[K, S]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.table.Load().live
}
