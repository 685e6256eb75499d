package shard

import "sync"

// Arena is a [Store] in anonymous memory outside the Go heap. The zero value is
// ready for use, and it must not be copied after first use.
//
// An arena keeps no list of its chunks: a chunk is kept by the slabs in it, and
// is given back to the system when the last of them is garbage. Freed slabs are
// kept for reuse by slabs of the same size, and with them their chunks, for as
// long as the arena lives: a registry stays as large as it once was.
//
// What an arena costs is 8 bytes for each word on each P that has touched the
// page; page tables add half a byte. Each chunk is two of the mappings that the
// kernel allows a process (65530 by default, some 250 million counters); past
// that, chunks fall back to the Go heap.
type Arena struct {
	mu   sync.Mutex
	cut  [2]cutting        // where slabs are cut from; the second for those of the shared stripe alone
	free map[Layout][]Slab // freed, zeroed, nobody's
}

// cutting is a chunk that slabs are cut from.
type cutting struct {
	chunk *Chunk
	used  int // words that are taken
}

// Alloc returns a zeroed slab. The description is ignored.
func (a *Arena) Alloc(_ []byte, l Layout) (Slab, error) {
	if err := l.check(); err != nil {
		return NoSlab(), err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if s, ok := a.reuse(l); ok {
		return s, nil
	}
	if l.Shared {
		return a.cut[1].take(l.Words, newSharedChunk), nil
	}
	return a.cut[0].take(l.Words, newChunk), nil
}

// take cuts a slab. What is left of an old chunk is less than one slab: 64 KiB
// holds hundreds of the largest slabs in use, so it is not worth a list.
func (c *cutting) take(words int, fresh func() *Chunk) Slab {
	if c.chunk == nil || c.used+words > stripeWords {
		c.chunk, c.used = fresh(), 0
	}
	s := c.chunk.Slab(c.used)
	c.used += words
	return s
}

func (a *Arena) reuse(l Layout) (Slab, bool) {
	list := a.free[l]
	if len(list) == 0 {
		return Slab{}, false
	}
	s := list[len(list)-1]
	list[len(list)-1] = Slab{} // or the list would keep its chunk
	a.free[l] = list[:len(list)-1]
	return s, true
}

// Free zeroes the slab and keeps it for a later Alloc of the same size.
func (a *Arena) Free(s Slab, l Layout) {
	if !s.Valid() {
		return
	}
	s.clear(l.Words)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.free == nil {
		a.free = make(map[Layout][]Slab)
	}
	a.free[l] = append(a.free[l], s)
}
