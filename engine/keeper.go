package engine

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"weak"
)

// keeper finds the series of a vec that have been idle, and lets them sleep.
//
//	      no recording between two scrapes that are
//	      ExpireAfter or more apart
//	awake ------------------------------------------> asleep
//	  ^   <-------------------------------------------   |
//	  |     a recording, seen by a scrape, or With       |  a scrape finds that
//	  | With                                             |  no handle is left
//	(none) <---------------------------------------------+
//
// A series that is awake is in the table, in the order of the scrape, and has a watch.
// One that sleeps is exposed no more, and the vec keeps its object by a weak pointer
// alone. So it is known whether anybody else has a handle: when the collector has taken
// the object, nobody has. What was recorded is not in that object but in cells, of
// which the vec keeps a second object, the twin. Scrapes compare the cells: a change
// wakes the series, as the object that the handles know or, when the last of those
// is gone, as its twin. So nothing that was recorded through a handle is lost, not even
// by one that is dropped right after.
//
// Recording does no more than it always does. A scrape reads the sums of all series
// of the vec one time more.
//
// Ownership. watches, sleepers and idle belong to the scrape that holds keepers.scraping.
// asleep is changed under the vec's mu, as the table is, and read without; fresh, and
// whether a sleeper is up, belong to mu. scraping is taken before mu.
type keeper[K, S any] struct {
	clock  func() time.Duration
	asleep atomic.Pointer[table[K, sleeper[K, S]]] // nil where series do not expire
	moves  atomic.Uint64                           // odd while a series is moved between table and asleep
	fresh  []watch[K, S]                           // since the last scrape

	watches  []watch[K, S]
	sleepers []*entry[K, sleeper[K, S]]
	idle     []watch[K, S] // found by the scrape that is under way
}

// watch is a series that is awake, as scrapes have seen it.
type watch[K, S any] struct {
	e     *entry[K, S]
	hash  uint64
	start int64 // Unix nanoseconds
	pulse pulse
	since time.Duration // the last scrape that found it changed
}

// sleeper is a series that sleeps.
type sleeper[K, S any] struct {
	handle weak.Pointer[entry[K, S]]
	twin   *entry[K, S]
	hash   uint64
	start  int64
	pulse  pulse       // belongs to scraping
	up     atomic.Bool // awake again, or deleted
}

// started is when the process' metrics began, for a clock that never jumps.
var started = time.Now()

func uptime() time.Duration { return time.Since(started) }

// watch begins to watch a new series. The caller holds mu.
func (c *core[K, S]) watch(hash uint64, e *entry[K, S], start int64) {
	if c.lifetime.idle > 0 {
		c.fresh = append(c.fresh, watch[K, S]{e: e, hash: hash, start: start})
	}
}

// keep is what a scrape does first: it wakes the sleepers in which something was
// recorded, and lets those sleep that have been idle for long enough. The caller holds
// scraping, until it has the list of the series to be exposed.
func (c *core[K, S]) keep() {
	c.wakeStirred()
	c.findIdle(c.clock())
	for part := range slices.Chunk(c.idle, 64) { // lookups that make series come in between
		c.mu.Lock()
		for i := range part {
			if !c.sleep(&part[i]) {
				c.watches = append(c.watches, part[i])
			}
		}
		c.mu.Unlock()
	}
	clear(c.idle)
	c.idle = c.idle[:0]
}

// findIdle looks at every series that is awake, and moves idle ones to c.idle.
func (c *core[K, S]) findIdle(now time.Duration) {
	known := len(c.watches)
	c.mu.Lock()
	c.watches, c.fresh = append(c.watches, c.fresh...), nil
	c.mu.Unlock()
	ops, kept := c.series.ops, c.watches[:0]
	for i := range c.watches {
		w := &c.watches[i]
		stirred := ops.idle.stirred(&w.e.inst, &w.pulse)
		switch {
		case ops.text(&w.e.inst).is(dead): // deleted
			continue
		case stirred || i >= known:
			w.since = now
		case now-w.since >= c.lifetime.idle:
			c.idle = append(c.idle, *w)
			continue
		}
		kept = append(kept, *w)
	}
	clear(c.watches[len(kept):])
	c.watches = kept
}

// sleep takes a series out of the table and the exposition, and says whether it could.
// The caller holds mu and scraping.
func (c *core[K, S]) sleep(w *watch[K, S]) bool {
	ops, text := c.series.ops, c.series.ops.text(&w.e.inst)
	if text.is(dead) {
		return true // deleted in the meantime
	}
	twin := &entry[K, S]{key: w.e.key}
	if !ops.idle.share(&twin.inst, &w.e.inst) {
		return false
	}
	g := &entry[K, sleeper[K, S]]{key: w.e.key}
	g.inst.handle, g.inst.twin, g.inst.hash, g.inst.start, g.inst.pulse = weak.Make(w.e), twin, w.hash, w.start, w.pulse
	c.moves.Add(1)
	insertGrowing(&c.asleep, w.hash, g)
	c.table.Load().remove(w.hash, w.e)
	c.moves.Add(1)
	if c.byText != nil {
		c.byText[text.String()] = twin
	}
	c.series.bury(&w.e.inst)
	c.sleepers = append(c.sleepers, g)
	return true
}

// wake makes a sleeper what it was. The caller holds mu.
func (c *core[K, S]) wake(g *entry[K, sleeper[K, S]]) *entry[K, S] {
	s := &g.inst
	e := s.object()
	s.up.Store(true)
	c.moves.Add(1)
	c.place(s.hash, e)
	c.asleep.Load().remove(s.hash, g)
	c.moves.Add(1)
	if c.byText != nil {
		c.byText[c.series.ops.text(&e.inst).String()] = e
	}
	c.series.revive(&e.inst, s.start)
	c.watch(s.hash, e, s.start)
	return e
}

// object returns the object that handles point to or, when there are none, the twin.
func (s *sleeper[K, S]) object() *entry[K, S] {
	if e := s.handle.Value(); e != nil {
		return e
	}
	return s.twin
}

// wakeStirred wakes the sleepers in which something was recorded, and forgets those
// that have no handle any more.
func (c *core[K, S]) wakeStirred() {
	c.sleepers = slices.DeleteFunc(c.sleepers, func(g *entry[K, sleeper[K, S]]) bool {
		s := &g.inst
		e := s.object() // before the look at the cells: without a handle it is the last one
		stirred := c.series.ops.idle.stirred(&e.inst, &s.pulse)
		runtime.KeepAlive(e)
		if !stirred && e != s.twin {
			return s.up.Load()
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		switch {
		case s.up.Load():
		case stirred:
			c.wake(g)
		default:
			c.forget(g)
		}
		return true
	})
}

// forget drops a sleeper. The caller holds mu.
func (c *core[K, S]) forget(g *entry[K, sleeper[K, S]]) {
	c.full.Store(nil)
	c.count--
	c.asleep.Load().remove(g.inst.hash, g)
	delete(c.byText, c.series.ops.text(&g.inst.twin.inst).String())
	c.giveBack(g)
}

// giveBack gives the cells of a sleeper back when the last handle is gone. It is not in the
// order.
func (c *core[K, S]) giveBack(g *entry[K, sleeper[K, S]]) {
	g.inst.up.Store(true)
	c.series.ops.drop(&g.inst.object().inst)
}

// resetAsleep drops all sleepers. The caller holds mu.
func (c *core[K, S]) resetAsleep() {
	if old := c.asleep.Load(); old != nil {
		c.asleep.Store(newTable[K, sleeper[K, S]](minSlots))
		old.each(func(_ uint64, g *entry[K, sleeper[K, S]]) { c.giveBack(g) })
	}
}

// keepers are the vecs of a family whose series expire.
//
// A scrape that has found a series changed must be one that exposes it: the next one may
// find it idle, and when nobody has a handle, that was the last of it. So scraping is
// held from the look at the first series until the order has been listed. Otherwise a
// scrape that is slow in between might note a value as seen, and come too late to show
// it, for another one has hidden the series.
//
// Ownership. list is changed under mu and read without. scraping is held by one scrape
// of the family at a time, and taken before the vecs' and the order's locks. A family
// without such vecs does not take it.
type keepers struct {
	mu       sync.Mutex
	list     atomic.Pointer[[]func()]
	scraping sync.Mutex
}

func (k *keepers) add(keep func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var list []func()
	if old := k.list.Load(); old != nil {
		list = slices.Clone(*old)
	}
	list = append(list, keep)
	k.list.Store(&list)
}

// listed lets every vec keep its series, and then returns what order lists.
func (b *series[S]) listed(keepers []func()) []placed[S] {
	b.keepers.scraping.Lock()
	defer b.keepers.scraping.Unlock()
	for _, keep := range keepers {
		keep()
	}
	return b.order.list()
}
