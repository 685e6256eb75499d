package shard

import (
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

const (
	stripeShift = 16
	stripeBytes = 1 << stripeShift
	stripeWords = stripeBytes / 8
)

// stripe is a stripe that lives on the Go heap.
type stripe [stripeWords]uint64

// reservedStripes is how many Ps a chunk has room for. GOMAXPROCS may exceed
// it; those Ps share. A variable so that tests can lower it.
var reservedStripes = max(64, 2*runtime.NumCPU())

// Chunk is one row of stripes: the shared one and one for each P.
//
// Ownership. A word of stripe p belongs to the goroutine that has P p pinned. A
// word of the shared stripe belongs to nobody and is changed by LOCKed adds, or
// under its group's mutex. ready and heap only grow; both are published by an
// atomic store after the memory behind them is usable, so whoever sees a stripe
// may use it.
type Chunk struct {
	ready atomic.Uint32 // P p < ready writes at shared + (p+1)<<stripeShift

	shared unsafe.Pointer           // the shared stripe, always usable
	mem    []byte                   // the reservation; nil when stripes are on the heap
	heap   []atomic.Pointer[stripe] // one per P, filled on first use; nil when mem is not
	mu     sync.Mutex               // serialises commits
	full   atomic.Bool              // a commit was refused; do not ask again
}

// newChunk makes a chunk with stripes for the Ps that exist now.
func newChunk() *Chunk {
	if !Pinned {
		return &Chunk{shared: unsafe.Pointer(new(stripe))}
	}
	mem, err := reserve((reservedStripes + 1) * stripeBytes)
	if err != nil {
		return newHeapChunk()
	}
	now := min(runtime.GOMAXPROCS(0), reservedStripes)
	if err := commit(mem[:(now+1)*stripeBytes]); err != nil {
		release(mem)
		return newHeapChunk()
	}
	c := &Chunk{shared: unsafe.Pointer(unsafe.SliceData(mem)), mem: mem}
	c.ready.Store(uint32(now))
	// Every slab holds its chunk, and every handle its slab: when the chunk is
	// unreachable nobody can read or write the reservation.
	runtime.AddCleanup(c, release, mem)
	return c
}

func newHeapChunk() *Chunk {
	return &Chunk{
		shared: unsafe.Pointer(new(stripe)),
		heap:   make([]atomic.Pointer[stripe], reservedStripes),
	}
}

// stripes returns how many Ps may have a stripe here, used or not.
func (c *Chunk) stripes() int {
	if c.heap != nil {
		return len(c.heap)
	}
	return int(c.ready.Load())
}

// stripe returns the address of stripe p, or nil when P p has none (yet).
func (c *Chunk) stripe(p int) unsafe.Pointer {
	if c.heap != nil {
		if p >= len(c.heap) {
			return nil
		}
		return unsafe.Pointer(c.heap[p].Load())
	}
	if p >= int(c.ready.Load()) {
		return nil
	}
	return unsafe.Add(c.shared, (p+1)<<stripeShift)
}

// grow gives P p a stripe and reports whether it has one now. It allocates and
// makes system calls, so the caller must not be pinned.
func (c *Chunk) grow(p int) bool {
	if !Pinned || p >= reservedStripes || c.full.Load() {
		return false
	}
	if c.heap != nil {
		if p >= len(c.heap) {
			return false
		}
		c.heap[p].CompareAndSwap(nil, new(stripe))
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	ready := int(c.ready.Load())
	if p < ready {
		return true
	}
	room := len(c.mem)/stripeBytes - 1
	if p >= room {
		return false
	}
	want := min(max(p+1, runtime.GOMAXPROCS(0)), room)
	if commit(c.mem[(ready+1)*stripeBytes:(want+1)*stripeBytes]) != nil {
		c.full.Store(true)
		return false
	}
	c.ready.Store(uint32(want))
	return true
}
