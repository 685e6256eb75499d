package shard

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"
)

// A chunk of memory from elsewhere works as the arena's own: here it is a slice,
// of which stripes are given one at a time, and at last refused.
func TestBacking(t *testing.T) {
	const room = 3
	mem := make([]uint64, (room+1)*stripeWords)
	var asked atomic.Int32
	released := make(chan struct{})
	b := Backing{
		Mem:     unsafe.Slice((*byte)(unsafe.Pointer(&mem[0])), len(mem)*8),
		Release: func() { close(released) },
		Grow: func(want int) int {
			asked.Add(1)
			return min(want, 1)
		},
	}
	c := NewChunk(b)
	s := c.Slab(5)
	if in, word := s.Place(); in != c || word != 5 {
		t.Errorf("the slab says that it is word %d of %p, and it is word 5 of %p", word, in, c)
	}
	const writers, each = 8, 1000
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				s.Add(0, 1)
				runtime.Gosched()
			}
		})
	}
	wg.Wait()
	if got := s.Sum(0); got != writers*each {
		t.Errorf("the sum is %d, want %d", got, writers*each)
	}
	if n := mem[5] + mem[stripeWords+5]; n != writers*each {
		t.Errorf("the shared stripe and P 0's have %d of %d", n, writers*each)
	}
	if Pinned && runtime.GOMAXPROCS(0) > 1 && asked.Load() != 1 {
		t.Errorf("asked %d times for stripes: a refusal is final", asked.Load())
	}
	s, c = Slab{}, nil
	runtime.GC()
	<-released // or the test's own timeout says so
}

// A slab that needs only the shared stripe gets no others, on any store.
func TestSharedLayout(t *testing.T) {
	a := new(Arena)
	l := Layout{Words: 2, Shared: true}
	s := alloc(t, a, l)
	s.Add(1, 7)
	if *s.Shared(1) != 7 || s.Ready() != 0 || s.Sum(1) != 7 {
		t.Errorf("shared cell %d, %d Ps ready, sum %d", *s.Shared(1), s.Ready(), s.Sum(1))
	}
	a.Free(s, l)
	if wide := alloc(t, a, Layout{Words: 2}); Pinned && wide.Ready() == 0 {
		t.Error("a freed slab of the shared stripe was given to a series that wants them all")
	}
	if again := alloc(t, a, l); again != s || *again.Shared(1) != 0 {
		t.Error("the freed slab was not reused, or not zeroed")
	}
}
