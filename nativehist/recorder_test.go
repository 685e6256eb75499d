package nativehist

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/pawl-metrics/pawl/shard"
)

// What observations read, and what the slow path writes, on lines of their own
// would cost memory that a cold series should not; the layout stays within two.
var _ [128 - unsafe.Sizeof(layout{})]byte

// hot returns a recorder that has the values' buckets on its fast path.
func hot(t testing.TB, o Options, values []float64) *Recorder {
	t.Helper()
	r := NewRecorder(new(shard.Arena), config(t, o))
	for range 3 + 2*hotAfter/len(values) {
		for _, v := range values {
			r.Observe(v, 0)
		}
	}
	if r.layout.Load() == nil {
		t.Fatal("not hot")
	}
	return r
}

func TestHotObservationsLeaveBaseAlone(t *testing.T) {
	values := latencies(100)
	r := hot(t, Options{Schema: 3, Extra: 2}, values)
	r.Observe(0, 1)
	before := r.base.count()
	for range 100 {
		for _, v := range values {
			r.Observe(v, 0)
		}
		r.Observe(0, 1)
	}
	if got := r.base.count(); got != before {
		t.Errorf("%d of 10000 observations took the mutex", got-before)
	}
}

func TestNaNDoesNothing(t *testing.T) {
	for _, r := range []*Recorder{NewRecorder(new(shard.Arena), config(t, Options{})), hot(t, Options{}, []float64{1})} {
		var before, after Histogram
		r.Snapshot(&before, nil)
		r.Observe(math.NaN(), 0)
		if r.Snapshot(&after, nil); !equal(before, after) {
			t.Errorf("%+v after a NaN, from %+v", after, before)
		}
	}
}

func TestAnExtraOutOfRangeIsTheLast(t *testing.T) {
	r := hot(t, Options{Extra: 3}, []float64{1})
	for range 2 {
		r.Observe(1, 7)
		r.Observe(1, -1)
		r.Observe(1e300, 3)
	}
	var h Histogram
	extra := make([]uint64, 3)
	if r.Snapshot(&h, extra); extra[1] != 0 || extra[2] != 6 || total(extra) != h.Count {
		t.Errorf("extra counters %v, count %d", extra, h.Count)
	}
}

// failing is a store out of memory.
type failing struct{ shard.Arena }

func (*failing) Alloc([]byte, shard.Layout) (shard.Slab, error) {
	return shard.NoSlab(), errors.New("full")
}

func TestWithoutMemoryItStaysColdAndCounts(t *testing.T) {
	r := NewRecorder(new(failing), config(t, Options{Schema: 3}))
	for _, v := range latencies(5000) {
		r.Observe(v, -1)
	}
	var h Histogram
	if r.Snapshot(&h, nil); h.Count != 5000 || r.layout.Load() != nil {
		t.Errorf("count %d", h.Count)
	}
}

// counting is a store that knows how many slabs are out.
type counting struct {
	shard.Arena
	out atomic.Int64
}

func (c *counting) Alloc(desc []byte, l shard.Layout) (shard.Slab, error) {
	c.out.Add(1)
	return c.Arena.Alloc(desc, l)
}

func (c *counting) Free(s shard.Slab, l shard.Layout) {
	c.out.Add(-1)
	c.Arena.Free(s, l)
}

// Blocks that limit steps and new ranges leave behind are folded after a
// collection, and nothing is lost or counted twice.
func TestRetiredBlocksAreFoldedAndFreed(t *testing.T) {
	store := new(counting)
	r := NewRecorder(store, config(t, Options{Schema: 8, MaxBuckets: 40, Extra: 1}))
	var h Histogram
	extra := make([]uint64, 1)
	n := uint64(0)
	for round := range 30 {
		for _, v := range latencies(2000) {
			r.Observe(v*math.Pow(3, float64(round%7)), 0)
			n++
		}
		if round%3 == 0 {
			runtime.GC()
		}
		if out := store.out.Load(); out > 1+maxRetired {
			t.Fatalf("%d slabs", out)
		}
		if r.Snapshot(&h, extra); h.Count != n || extra[0] != n {
			t.Fatalf("count %d, extra %d, want %d", h.Count, extra[0], n)
		}
	}
	runtime.GC()
	r.Snapshot(&h, extra)
	if out := store.out.Load(); out > 1 {
		t.Errorf("%d slabs after a collection", out)
	}
	r.Cells().Free()
	if out := store.out.Load(); out != 0 {
		t.Errorf("%d slabs after Free", out)
	}
}

// A cleanup returns the slabs of a recorder that nobody has any more, also with a
// reset pending.
func TestCleanupFreesCells(t *testing.T) {
	store := new(counting)
	func() {
		o := Options{Schema: 3, MaxBuckets: 30, MinResetDuration: time.Hour}
		r := NewRecorder(store, config(t, o))
		for _, v := range latencies(3000) {
			r.Observe(v, -1)
		}
		for range 2 * hotAfter {
			r.Observe(1, -1)
		}
		if store.out.Load() == 0 || !r.pending {
			t.Fatal("neither hot nor pending")
		}
		runtime.AddCleanup(r, (*Cells).Free, r.Cells())
	}()
	for range 100 {
		if runtime.GC(); store.out.Load() == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d slabs are still out", store.out.Load())
}

// When the values move, the block follows.
func TestRangeFollowsTheValues(t *testing.T) {
	r := hot(t, Options{Schema: 3}, latencies(100))
	for range 20 {
		for _, v := range latencies(500) {
			r.Observe(-1e6*v, -1)
		}
	}
	before := r.base.count()
	for _, v := range latencies(500) {
		r.Observe(-1e6*v, -1)
	}
	if slow := r.base.count() - before; slow > 5 {
		t.Errorf("%d of 500 took the mutex", slow)
	}
}

// The range of values is larger than a block: the densest part of it is in one.
func TestDensestRange(t *testing.T) {
	var p population
	for i := int32(-9000); i <= 9000; i += 50 {
		p.add(i, 1)
	}
	p.add(4000, 1000)
	p.add(4999, 1000)
	r := choose(&p, 2048)
	for _, i := range []int{4000, 4999} {
		r.word = 1
		if r.at(i) == 0 {
			t.Errorf("%d is not in %+v", i, r)
		}
	}
	if r.cells > 2048 {
		t.Errorf("%d cells", r.cells)
	}
}

// Writers observe 1, -1, 0 and 1e300 and their sum in equal shares, so that every
// observation shows in two places at least; readers check that each snapshot is
// whole, and that none goes down. Ranges, limit steps and GOMAXPROCS change under
// them.
func TestStress(t *testing.T) {
	for name, o := range map[string]Options{
		"plain":  {Schema: 3, Extra: 2},
		"halve":  {Schema: 8, MaxBuckets: 12, Extra: 2},
		"widen":  {Schema: 8, MaxBuckets: 12, MaxZeroThreshold: 3, Extra: 2},
		"strays": {Schema: 8, Extra: 2},
	} {
		t.Run(name, func(t *testing.T) { stress(t, o, name == "strays") })
	}
}

func stress(t *testing.T, o Options, strays bool) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	const writers = 4
	each := scaled(60_000)
	rec := NewRecorder(new(shard.Arena), config(t, o))
	var writing, reading sync.WaitGroup
	var done, begun atomic.Uint64
	var stop atomic.Bool
	for w := range writers {
		writing.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 1))
			for i := range each {
				// Integers: their sums are exact. Every value adds its own sign's
				// extra, so the extras tell what the buckets must hold.
				v, extra := float64(1+r.IntN(8)), 0
				if strays {
					v = math.Ldexp(1, i%40)
				} else if i%500 == 499 {
					v = float64(1 + r.IntN(1000))
				}
				if i%3 == 0 {
					v, extra = -v, 1
				}
				begun.Add(1)
				rec.Observe(v, extra)
				done.Add(1)
			}
		})
	}
	for range 2 {
		reading.Go(func() {
			var h Histogram
			extra, last := make([]uint64, 2), uint64(0)
			for !stop.Load() {
				before := done.Load()
				rec.Snapshot(&h, extra)
				after := begun.Load()
				switch {
				case h.Count < before || h.Count > after:
					t.Errorf("count %d, of at least %d and at most %d", h.Count, before, after)
				case h.Count < last:
					t.Errorf("count %d after %d", h.Count, last)
				case total(extra) != h.Count:
					t.Errorf("extra counters %v, count %d", extra, h.Count)
				case h.ZeroCount == 0 && (total(h.PositiveCounts) != extra[0] || total(h.NegativeCounts) != extra[1]):
					t.Errorf("%d positive, %d negative, extra counters %v", total(h.PositiveCounts), total(h.NegativeCounts), extra)
				case h.Validate() != nil:
					t.Error(h.Validate())
				}
				last = h.Count
				if t.Failed() {
					return
				}
			}
		})
	}
	reading.Go(func() {
		for i := 0; !stop.Load(); i++ {
			time.Sleep(3 * time.Millisecond)
			runtime.GOMAXPROCS([]int{1, 4, 2, 7, 3}[i%5])
			if i%4 == 0 {
				runtime.GC()
			}
		}
	})
	writing.Wait()
	stop.Store(true)
	reading.Wait()
	var h Histogram
	extra := make([]uint64, 2)
	if rec.Snapshot(&h, extra); h.Count != uint64(writers*each) {
		t.Errorf("count %d, want %d", h.Count, writers*each)
	}
	if o.MaxBuckets > 0 && rec.base.populated() > o.MaxBuckets {
		t.Errorf("%d buckets, of %d allowed", rec.base.populated(), o.MaxBuckets)
	}
}

// Observations of 1 alone: sum, count and bucket are one number, in every snapshot
// between resets, which come all the time.
func TestStressResets(t *testing.T) {
	c := config(t, Options{Schema: 3, MaxBuckets: 4, MinResetDuration: time.Millisecond})
	rec := NewRecorder(new(shard.Arena), c)
	var stop atomic.Bool
	var writing, reading sync.WaitGroup
	for range 3 {
		writing.Go(func() {
			for i := range scaled(200_000) {
				rec.Observe(1, -1)
				if i%5000 == 0 {
					for v := range 5 {
						rec.Observe(float64(int(2)<<v), -1)
					}
				}
			}
		})
	}
	reading.Go(func() {
		var h Histogram
		for last := int64(0); !stop.Load(); {
			start := rec.Snapshot(&h, nil)
			if err := h.Validate(); err != nil || h.Sum < float64(h.Count) || start < last {
				t.Errorf("%v: sum %v, start %d after %d", err, h.Sum, start, last)
				return
			}
			last = start
		}
	})
	writing.Wait()
	stop.Store(true)
	reading.Wait()
}

func TestNothingIsAllocated(t *testing.T) {
	if raced {
		return
	}
	values := latencies(200)
	r := hot(t, Options{Schema: 3, Extra: 2}, values)
	cold := NewRecorder(new(shard.Arena), config(t, Options{Schema: 3}))
	var h, g Histogram
	extra := make([]uint64, 2)
	i := 0
	for name, op := range map[string]func(){
		"Observe":       func() { r.Observe(values[i%200], 0); i++ },
		"Snapshot":      func() { r.Snapshot(&h, extra) },
		"Snapshot cold": func() { cold.Snapshot(&g, nil) },
	} {
		op()
		if n := testing.AllocsPerRun(200, op); n != 0 {
			t.Errorf("%s: %v allocations, want 0", name, n)
		}
	}
}

// What a series costs that is seldom observed, its share of nothing included.
func TestColdMemory(t *testing.T) {
	if raced {
		return
	}
	const series = 500
	c, store, values := config(t, Options{Schema: 3}), new(shard.Arena), latencies(200)
	all := make([]*Recorder, series)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range all {
		all[i] = NewRecorder(store, c)
		for _, v := range values {
			all[i].Observe(v, -1)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := (after.HeapAlloc - before.HeapAlloc) / series
	if each > 2000 {
		t.Errorf("%d bytes a series, want at most 2000", each)
	}
	t.Logf("%d bytes a series of 200 latencies", each)
	runtime.KeepAlive(all)
}

func BenchmarkObserve(b *testing.B) {
	values := latencies(4096)
	for _, schema := range []int32{3, 8} {
		b.Run(fmt.Sprintf("impl=pawl/schema=%d", schema), func(b *testing.B) {
			r := hot(b, Options{Schema: schema}, values)
			i := 0
			for b.Loop() {
				r.Observe(values[i&4095], -1)
				i++
			}
		})
	}
	b.Run("impl=cold/schema=3", func(b *testing.B) {
		r := NewRecorder(new(failing), config(b, Options{Schema: 3}))
		i := 0
		for b.Loop() {
			r.Observe(values[i&4095], -1)
			i++
		}
	})
}

func BenchmarkSnapshot(b *testing.B) {
	for _, schema := range []int32{3, 8} {
		b.Run(fmt.Sprintf("impl=pawl/schema=%d", schema), func(b *testing.B) {
			r := hot(b, Options{Schema: schema}, latencies(4096))
			var h Histogram
			for b.Loop() {
				r.Snapshot(&h, nil)
			}
		})
	}
}

// A reader that is between its copy of base and its copies of blocks would count
// what is folded in between twice or never.
func TestAReaderHoldsFoldingOff(t *testing.T) {
	values := latencies(100)
	r := hot(t, Options{Schema: 3}, values)
	s := takeScratch()
	r.mu.Lock()
	r.retire()
	r.mu.Unlock()
	s.begin(r)
	fold := func() int {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.fold()
		return len(r.retired)
	}
	for range 3 {
		runtime.GC()
		if fold() != 1 {
			t.Fatal("folded under a reader")
		}
	}
	r.readers.Add(-1)
	s.put()
	if fold() != 0 {
		t.Error("not folded after the reader")
	}
}
