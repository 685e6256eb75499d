package shard

import (
	"sync"
	"unsafe"
)

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
	cur  *Chunk         // the chunk that slabs are cut from
	used int            // words of cur that are taken
	free map[int][]Slab // by size in words: freed, zeroed, nobody's
}

// Describes is false: anonymous memory has no other readers.
func (a *Arena) Describes() bool { return false }

// Alloc returns a zeroed slab. The description is ignored.
func (a *Arena) Alloc(_ []byte, l Layout) (Slab, error) {
	if err := l.check(); err != nil {
		return NoSlab(), err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if s, ok := a.reuse(l.Words); ok {
		return s, nil
	}
	if a.cur == nil || a.used+l.Words > stripeWords {
		// What is left of the old chunk is less than one slab: 64 KiB holds
		// hundreds of the largest slabs in use, so it is not worth a list.
		a.cur, a.used = newChunk(), 0
	}
	s := Slab{shared: unsafe.Add(a.cur.shared, a.used*8), chunk: a.cur}
	a.used += l.Words
	return s, nil
}

func (a *Arena) reuse(words int) (Slab, bool) {
	list := a.free[words]
	if len(list) == 0 {
		return Slab{}, false
	}
	s := list[len(list)-1]
	list[len(list)-1] = Slab{} // or the list would keep its chunk
	a.free[words] = list[:len(list)-1]
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
		a.free = make(map[int][]Slab)
	}
	a.free[l.Words] = append(a.free[l.Words], s)
}
