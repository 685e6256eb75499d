package prometheus

import (
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/pawl-metrics/pawl/engine"
)

// children are the metrics of a vec whose function is the user's: a hash table of chains.
//
//	buckets  [ . ]-> child -> child        the hash narrows, equality of all values decides
//	         [ . ]
//	         [ . ]-> child
//
// Model. Whoever looks up loads the table and follows a chain, and takes no lock. All that
// changes a chain holds mu. A new child is put before the others, complete; one that is
// removed is linked around, and goes on leading a reader who stands at it to those behind
// it. A table that is too small is copied, its children too, as each is in one
// chain only; a reader of the old one finds what was true when the copying began.
type children struct {
	newMetric func(lvs ...string) Metric
	seed      maphash.Seed
	table     atomic.Pointer[childTable]

	mu    sync.Mutex
	count int
}

type childTable struct {
	buckets []atomic.Pointer[child] // a power of two
}

// child is one metric. Only next changes.
type child struct {
	hash   uint64
	values []string
	metric Metric
	next   atomic.Pointer[child]
}

const minBuckets = 8

func newChildren(newMetric func(...string) Metric) *children {
	c := &children{newMetric: newMetric, seed: maphash.MakeSeed()}
	c.table.Store(newChildTable(minBuckets))
	return c
}

func newChildTable(buckets int) *childTable {
	return &childTable{make([]atomic.Pointer[child], buckets)}
}

func (t *childTable) bucket(hash uint64) *atomic.Pointer[child] {
	return &t.buckets[hash&uint64(len(t.buckets)-1)]
}

// hash hashes values in turn: what the one before became is a part of the next one's.
func (c *children) hash(values []string) (h uint64) {
	const odd = 0x9e3779b97f4a7c15 // 2^64 over the golden ratio
	for _, s := range values {
		h = (h<<5 | h>>59) * odd
		h ^= maphash.String(c.seed, s)
	}
	return h
}

// find returns the metric with these values, or nil.
func (c *children) find(values []string) Metric {
	hash := c.hash(values)
	for e := c.table.Load().bucket(hash).Load(); e != nil; e = e.next.Load() {
		if e.hash == hash && slices.Equal(e.values, values) {
			return e.metric
		}
	}
	return nil
}

func (c *children) metric(values []string) Metric {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m := c.find(values); m != nil {
		return m
	}
	// The function may keep or change what it gets.
	e := &child{hash: c.hash(values), values: values, metric: c.newMetric(slices.Clone(values)...)}
	if c.count++; c.count > len(c.table.Load().buckets) {
		c.grow()
	}
	c.table.Load().push(e)
	return e.metric
}

// push puts a child before those of its chain. The caller holds mu, or has the table
// to itself.
func (t *childTable) push(e *child) {
	head := t.bucket(e.hash)
	e.next.Store(head.Load())
	head.Store(e)
}

// grow doubles the table. The caller holds mu.
func (c *children) grow() {
	old := c.table.Load()
	t := newChildTable(2 * len(old.buckets))
	old.each(func(e *child) { t.push(&child{hash: e.hash, values: e.values, metric: e.metric}) })
	c.table.Store(t)
}

func (t *childTable) each(f func(*child)) {
	for i := range t.buckets {
		for e := t.buckets[i].Load(); e != nil; e = e.next.Load() {
			f(e)
		}
	}
}

// each calls f with the metrics that there are, or were when a removal or a new one came
// between.
func (c *children) each(f func(Metric)) { c.table.Load().each(func(e *child) { f(e.metric) }) }

func (c *children) remove(values []string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	hash := c.hash(values)
	return c.unlink(c.table.Load().bucket(hash), func(e *child) bool {
		return e.hash == hash && slices.Equal(e.values, values)
	}) > 0
}

func (c *children) removeMatching(wanted []*string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.table.Load()
	for i := range t.buckets {
		n += c.unlink(&t.buckets[i], func(e *child) bool { return e.matches(wanted) })
	}
	return n
}

// unlink takes those out of a chain that go. The caller holds mu.
func (c *children) unlink(at *atomic.Pointer[child], goes func(*child) bool) (n int) {
	for e := at.Load(); e != nil; e = e.next.Load() {
		if goes(e) {
			at.Store(e.next.Load())
			n++
		} else {
			at = &e.next
		}
	}
	c.count -= n
	return n
}

func (e *child) matches(wanted []*string) bool {
	for i, w := range wanted {
		if w != nil && *w != e.values[i] {
			return false
		}
	}
	return true
}

func (c *children) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.table.Store(newChildTable(minBuckets))
	c.count = 0
}

func (c *children) source() *engine.Registry { return nil }
