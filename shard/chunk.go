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

// StripeBytes is the size of a stripe.
const StripeBytes = stripeBytes

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

	more func(want int) (ready int) // makes stripes where a store provides them; nil elsewhere
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

// Backing is memory for a chunk that another package provides: a store in files.
type Backing struct {
	// Mem is address space for the shared stripe, which is usable, and then one
	// stripe for each P, of which the first Ready are. It is kept for as long as a
	// slab of the chunk is; Release then gives it back. One stripe alone makes a
	// chunk in which every recording goes to the shared one.
	Mem     []byte
	Ready   int
	Release func()
	// Grow makes stripes usable, zeroed, want of them in all or more, and returns how
	// many are: fewer when there is no room, and then it is not asked again. It is
	// called with the chunk locked, by a goroutine that is not pinned.
	Grow func(want int) (ready int)
}

// NewChunk makes a chunk of memory from elsewhere. With -tags purego, and on 32-bit
// machines, only the shared stripe is used.
func NewChunk(b Backing) *Chunk {
	c := &Chunk{shared: unsafe.Pointer(unsafe.SliceData(b.Mem)), mem: b.Mem, more: b.Grow}
	if Pinned {
		c.ready.Store(uint32(b.Ready))
	}
	if b.Grow == nil {
		c.full.Store(true)
	}
	if b.Release != nil {
		runtime.AddCleanup(c, func(release func()) { release() }, b.Release)
	}
	return c
}

// Slab returns the slab that begins at a word of the chunk's stripes. Whoever made
// the chunk gives each word away once.
func (c *Chunk) Slab(word int) Slab {
	return Slab{shared: unsafe.Add(c.shared, word*8), chunk: c}
}

// Stripes is how many Ps a chunk should have address space for; a P past that
// records in the shared stripe.
func Stripes() int {
	if !Pinned {
		return 0
	}
	return reservedStripes
}

// newSharedChunk makes a chunk of the shared stripe alone.
func newSharedChunk() *Chunk {
	c := &Chunk{shared: unsafe.Pointer(new(stripe))}
	c.full.Store(true)
	return c
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
	now := c.commit(ready, want)
	c.ready.Store(uint32(now))
	c.full.Store(now < want)
	return p < now
}

// commit makes stripes usable and returns how many are. The caller holds mu.
func (c *Chunk) commit(ready, want int) (now int) {
	if c.more != nil {
		return max(ready, min(c.more(want), want))
	}
	if commit(c.mem[(ready+1)*stripeBytes:(want+1)*stripeBytes]) != nil {
		return ready
	}
	return want
}
