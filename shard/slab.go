package shard

import (
	"math"
	"sync/atomic"
	"unsafe"

	"github.com/pawl-metrics/pawl/atomicf"
)

// Slab is the cells that one series owns: the same words in every stripe of one
// chunk. It is a small value, copied freely; whoever holds a copy keeps the
// chunk's memory from being returned to the system, and nothing more: the
// words themselves belong to the series until [Store.Free].
//
// # The fast path
//
// A recording method is written out in its instrument, so that it is one
// function without a call between Pin and Unpin:
//
//	cell, ready := c.cell, c.cell.Ready()
//	if p := shard.Pin(); uint(p) < ready {
//		atomicf.Add(cell.Word(p), n)
//		shard.Unpin()
//		runtime.KeepAlive(c)
//		return
//	}
//	shard.Unpin()
//	cell.Add(0, n)
//	runtime.KeepAlive(c)
//
// Everything the section needs is loaded before Pin, because a nil dereference
// while pinned cannot be recovered. KeepAlive comes last, because a series
// whose handle is dead gives its cells to another series.
type Slab struct {
	shared unsafe.Pointer // first word, in the shared stripe
	chunk  *Chunk
}

// noChunk stands behind a slab that has no cells: nothing is ready in it.
var noChunk Chunk

// NoSlab returns a slab without cells. Its Ready is 0, so that a recording
// always leaves the fast path, where [Slab.Valid] tells.
func NoSlab() Slab { return Slab{chunk: &noChunk} }

// Valid says whether the slab has cells.
func (s Slab) Valid() bool { return s.shared != nil }

// Place returns the chunk that the slab is in, and its first word there: what
// [Chunk.Slab] made it of.
func (s Slab) Place() (c *Chunk, word int) {
	return s.chunk, int(uintptr(s.shared)-uintptr(s.chunk.shared)) / 8
}

// Ready returns how many Ps may use Word. It never shrinks.
func (s Slab) Ready() uint { return uint(s.chunk.ready.Load()) }

// Word returns the first cell on P p. The caller has p pinned and p < Ready.
func (s Slab) Word(p int) *uint64 {
	return (*uint64)(unsafe.Add(s.shared, stripeBytes+p<<stripeShift))
}

// WordAt returns the i-th cell on P p, under the same condition.
func (s Slab) WordAt(p, i int) *uint64 {
	return (*uint64)(unsafe.Add(s.shared, stripeBytes+p<<stripeShift+i*8))
}

// Shared returns the i-th cell in the shared stripe. Nobody owns it: it is changed
// by atomic operations, or under a mutex of the series.
func (s Slab) Shared(i int) *uint64 { return nth(s.shared, i) }

// own returns the slab's first word in stripe p, or nil. The caller has p pinned.
func (s Slab) own(p int) unsafe.Pointer {
	base := s.chunk.stripe(p)
	if base == nil {
		return nil
	}
	return unsafe.Add(base, uintptr(s.shared)-uintptr(s.chunk.shared))
}

// nth returns the i-th word after p.
func nth(p unsafe.Pointer, i int) *uint64 { return (*uint64)(unsafe.Add(p, i*8)) }

// Add adds d to word i, wherever the P that it runs on may record: its own
// stripe, made now if need be, or the shared one. It is the slow path of a
// counter, correct everywhere. The caller must not be pinned and must keep the
// slab's owner alive until Add has returned.
func (s Slab) Add(i int, d uint64) {
	for {
		p := Pin()
		if own := s.own(p); own != nil {
			atomicf.Add(nth(own, i), d)
			Unpin()
			return
		}
		Unpin()
		if !s.chunk.grow(p) {
			atomic.AddUint64(nth(s.shared, i), d)
			return
		}
	}
}

// AddFloat is Add for a word that holds a float64's bits.
func (s Slab) AddFloat(i int, d float64) {
	for {
		p := Pin()
		if own := s.own(p); own != nil {
			atomicf.AddFloat(nth(own, i), d)
			Unpin()
			return
		}
		Unpin()
		if !s.chunk.grow(p) {
			addFloatShared(nth(s.shared, i), d)
			return
		}
	}
}

func addFloatShared(w *uint64, d float64) {
	for {
		old := atomic.LoadUint64(w)
		if atomic.CompareAndSwapUint64(w, old, math.Float64bits(math.Float64frombits(old)+d)) {
			return
		}
	}
}

// Sum returns the sum of word i over all stripes. Each stripe is read once, so
// the result lies between the true sum when Sum was called and the true sum when
// it returned; it counts every Add that had returned before, and successive
// sums by one reader never go down.
func (s Slab) Sum(i int) uint64 {
	sum := atomicf.Load(nth(s.shared, i))
	if s.chunk.heap != nil {
		return sum + s.sumHeap(i)
	}
	for p := range int(s.chunk.ready.Load()) {
		sum += atomicf.Load(nth(s.shared, i+(p+1)*stripeWords))
	}
	return sum
}

func (s Slab) sumHeap(i int) (sum uint64) {
	for p := range s.chunk.heap {
		if own := s.own(p); own != nil {
			sum += atomicf.Load(nth(own, i))
		}
	}
	return sum
}

// SumFloat is Sum for a word that holds a float64's bits. Stripes are added in a
// fixed order: rounding is monotone, so the sum of words that only grow only
// grows too.
func (s Slab) SumFloat(i int) float64 {
	sum := math.Float64frombits(atomicf.Load(nth(s.shared, i)))
	for p := range s.chunk.stripes() {
		if own := s.own(p); own != nil {
			sum += math.Float64frombits(atomicf.Load(nth(own, i)))
		}
	}
	return sum
}

// clear zeroes every word of the slab. Nobody else can reach it. Words that are
// zero already are left alone: writing them would make memory of pages that
// their P never touched.
func (s Slab) clear(words int) {
	clearWords(s.shared, words)
	for p := range s.chunk.stripes() {
		if own := s.own(p); own != nil {
			clearWords(own, words)
		}
	}
}

func clearWords(p unsafe.Pointer, words int) {
	for i := range words {
		if w := nth(p, i); atomicf.Load(w) != 0 {
			atomicf.Store(w, 0)
		}
	}
}
