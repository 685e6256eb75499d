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
	hashOf  func(*K) uint64

	limit[K, S]
	keeper[K, S]
}

func (c *core[K, S]) setUp(m *member[S]) {
	c.member = m
	c.table.Store(newTable[K, S](minSlots))
	c.noCells = m.void(dropStore)
	if m.lifetime.idle > 0 {
		c.asleep.Store(newTable[K, sleeper[K, S]](minSlots))
		c.clock = uptime
		m.series.keepers.add(c.keep)
	}
}

// insert makes a series. The caller holds mu, has looked for the key, and there is
// room.
func (c *core[K, S]) insert(hash uint64, e *entry[K, S], text encode.Prefix) error {
	start, err := c.add(&e.inst, text)
	if err != nil {
		return err
	}
	c.count++
	c.place(hash, e)
	c.watch(hash, e, start)
	if c.byText != nil {
		c.byText[text.String()] = e
	}
	return nil
}

// place puts a series into the table. The caller holds mu.
func (c *core[K, S]) place(hash uint64, e *entry[K, S]) { insertGrowing(&c.table, hash, e) }

// insertGrowing inserts into a table that is copied when it is full.
func insertGrowing[K, S any](at *atomic.Pointer[table[K, S]], hash uint64, e *entry[K, S]) {
	t := at.Load()
	if t.full() {
		t = t.grown()
		t.insert(hash, e)
		at.Store(t)
		return
	}
	t.insert(hash, e)
}

// drop drops what a lookup has found, and says whether that was anything. The caller
// holds mu.
func (c *core[K, S]) drop(e *entry[K, S], asleep *entry[K, sleeper[K, S]]) bool {
	switch {
	case e != nil:
		c.delete(c.hashOf(&e.key), e)
	case asleep != nil:
		c.forget(asleep)
	default:
		return false
	}
	return true
}

// deleteMatch drops the series whose keys match, and returns how many there were. drop
// takes mu; match is called without it.
func (c *core[K, S]) deleteMatch(match func(*K) bool, drop func(*K) bool) (dropped int) {
	for _, k := range c.keys() {
		if match(k) && drop(k) {
			dropped++
		}
	}
	return dropped
}

// keys returns the keys of all series but the overflow series.
func (c *core[K, S]) keys() []*K {
	c.mu.Lock()
	defer c.mu.Unlock()
	keys := make([]*K, 0, c.count)
	c.table.Load().each(func(_ uint64, e *entry[K, S]) {
		if e != c.overflow {
			keys = append(keys, &e.key)
		}
	})
	if t := c.asleep.Load(); t != nil {
		t.each(func(_ uint64, g *entry[K, sleeper[K, S]]) { keys = append(keys, &g.key) })
	}
	return keys
}

// delete drops a series. The caller holds mu.
func (c *core[K, S]) delete(hash uint64, e *entry[K, S]) {
	c.full.Store(nil)
	inTable := true
	if e == c.overflow {
		c.overflow, inTable = nil, c.isPlain()
	} else {
		c.count--
	}
	if inTable {
		c.table.Load().remove(hash, e)
	}
	delete(c.byText, c.series.ops.text(&e.inst).String())
	c.remove(&e.inst)
}

// Reset drops every series of the vec. What kept handles record afterwards is
// not exposed; With makes new series, from zero.
func (c *core[K, S]) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.overflow != nil {
		c.delete(c.hashOf(&c.overflow.key), c.overflow)
	}
	c.full.Store(nil)
	c.count = 0
	old := c.table.Load()
	c.table.Store(newTable[K, S](minSlots))
	clear(c.byText)
	old.each(func(_ uint64, e *entry[K, S]) { c.remove(&e.inst) })
	c.resetAsleep()
}

// Len returns how many series the vec has, the overflow series and those that are
// hidden for being idle included.
func (c *core[K, S]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.count
	if c.overflow != nil {
		n++
	}
	return n
}
