//go:build linux && !race && !purego && amd64

package shard

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/pawl-metrics/pawl/atomicf"
)

// What cells cost, as the kernel counts it. Not under -race, whose shadow memory
// is several times the program's, nor under purego and on 32-bit machines, which
// have no stripes; elsewhere than on amd64 pages may be large enough to drown
// what is measured here.

// mapping is one line of /proc/self/smaps and some of what follows it.
type mapping struct {
	from, to  uintptr
	access    string
	anonymous int // bytes of pages of its own: the shared zero page is not among them
}

// mappings returns the process' address space.
func mappings(t *testing.T) (maps []mapping) {
	t.Helper()
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skipf("NOT TESTED: what cells cost in memory: %v", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var m mapping
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x %s", &m.from, &m.to, &m.access); n == 3 {
			maps = append(maps, m)
			continue
		}
		var kb int
		if n, _ := fmt.Sscanf(lines.Text(), "Anonymous: %d kB", &kb); n == 1 {
			maps[len(maps)-1].anonymous = kb << 10
		}
	}
	if err := lines.Err(); err != nil || len(maps) == 0 {
		t.Fatalf("reading smaps: %d mappings, %v", len(maps), err)
	}
	return maps
}

// residentIn returns how much memory stands behind the slabs' chunks: what is in
// the mappings that their reservations begin with, which are the stripes that are
// committed. The rest of a reservation cannot be resident.
func residentIn(t *testing.T, slabs []Slab) (bytes int) {
	t.Helper()
	maps := mappings(t)
	counted := make(map[uintptr]bool)
	for _, s := range slabs {
		from := uintptr(s.chunk.shared)
		if m := find(maps, from); !counted[m.from] {
			counted[m.from] = true
			bytes += m.anonymous
		}
	}
	return bytes
}

// readsAreFree says whether this kernel answers the read of a page that was never
// written with the one page of zeros that all processes share. Nearly all do; on
// some virtual machines every such page becomes memory of its own.
func readsAreFree(t *testing.T) bool {
	t.Helper()
	mem, err := reserve(64 * os.Getpagesize())
	if err != nil {
		t.Fatal(err)
	}
	defer release(mem)
	if err := commit(mem); err != nil {
		t.Fatal(err)
	}
	sum := byte(0)
	for i := 0; i < len(mem); i += os.Getpagesize() {
		sum += mem[i]
	}
	return find(mappings(t), uintptr(unsafe.Pointer(&mem[0]))).anonymous+int(sum) == 0
}

// find returns the mapping that addr is in, or a zero one.
func find(maps []mapping, addr uintptr) mapping {
	i := sort.Search(len(maps), func(i int) bool { return addr < maps[i].to })
	if i == len(maps) || addr < maps[i].from {
		return mapping{}
	}
	return maps[i]
}

func heapBytes() int {
	runtime.GC()
	runtime.GC() // what the first one queued for cleanup
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// A million counters cost 8 MB on each P that has recorded in them, nothing on
// the others, and a directory of less than a byte each. (The 16 bytes of each
// Slab are its owner's.) Where reading makes memory, a sum makes it of every
// stripe that is ready, and of no more.
func TestMillionCountersCostTheirCells(t *testing.T) {
	const counters = 1_000_000
	// What one P touches: whole stripes, and the pages begun in the last one.
	page := os.Getpagesize()
	perP := counters / stripeWords * stripeBytes
	perP += (counters%stripeWords*8 + page - 1) / page * page

	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	a, slabs := new(Arena), make([]Slab, counters)
	before := heapBytes()
	for i := range slabs {
		slabs[i] = alloc(t, a, Layout{Words: 1})
	}
	if directory := heapBytes() - before; directory > counters {
		t.Errorf("directory of %d bytes for %d counters, want less than one each", directory, counters)
	} else {
		t.Logf("directory: %d bytes", directory)
	}

	check := func(when string, ps int) {
		t.Helper()
		got, want := residentIn(t, slabs), ps*perP
		if got < want || got > want+want/100 {
			t.Errorf("%s: %d bytes resident, want %d", when, got, want)
		} else {
			t.Logf("%s: %d bytes resident, %.3f per counter", when, got, float64(got)/counters)
		}
	}
	check("allocated", 0)
	recordOn(0, slabs)
	check("recorded on P 0", 1)

	// Commit every stripe there is and read them all. This is megabytes in one
	// piece, which a kernel with huge pages would like to fill with one.
	for _, s := range slabs {
		if !s.chunk.grow(reservedStripes - 1) {
			t.Fatal("not every stripe could be committed")
		}
	}
	check("all stripes committed", 1)
	sumAll(t, slabs, 1)
	summed := func(ps int) int { return ps }
	if !readsAreFree(t) {
		t.Log("this kernel makes memory of pages that are only read")
		summed = func(int) int { return 1 + reservedStripes }
	}
	check("summed", summed(1))

	runtime.GOMAXPROCS(2)
	recordOn(1, slabs)
	check("recorded on P 1", summed(2))
	sumAll(t, slabs, 2)
	check("summed again", summed(2))
	runtime.KeepAlive(a)
}

// recordOn adds one to each slab on P want. No goroutine can choose its P, so as
// many as there are Ps look for it, and whoever is there does the next batch.
func recordOn(want int, slabs []Slab) {
	var next atomic.Int64 // moved on P want only
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for int(next.Load()) < len(slabs) {
				if Pin() == want {
					i := int(next.Load())
					end := min(i+1000, len(slabs))
					for ; i < end; i++ {
						atomicf.Add(slabs[i].Word(want), 1)
					}
					next.Store(int64(end))
				}
				Unpin()
			}
		})
	}
	wg.Wait()
}

func sumAll(t *testing.T, slabs []Slab, want uint64) {
	t.Helper()
	for i, s := range slabs {
		if got := s.Sum(0); got != want {
			t.Fatalf("counter %d is %d, want %d", i, got, want)
		}
	}
}

// tail returns an address at the end of the slab's reservation, where no memory
// is committed in these tests.
func tail(s Slab) uintptr { return uintptr(unsafe.Pointer(&s.chunk.mem[len(s.chunk.mem)-1])) }

// reserved says whether the address belongs to a reservation.
func reserved(t *testing.T, addr uintptr) bool {
	t.Helper()
	return find(mappings(t), addr).access == "---p"
}

// awaitReturn collects garbage until the address is reserved no more. Cleanups
// run some time after the collection that found them due.
func awaitReturn(t *testing.T, what string, addr uintptr) {
	t.Helper()
	for range 200 {
		runtime.GC()
		if !reserved(t, addr) {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%s: the reservation was never given back", what)
}

// lone makes a slab in a chunk and an arena of its own.
//
//go:noinline
func lone(t *testing.T) (s Slab, end uintptr) {
	s = alloc(t, new(Arena), Layout{Words: 1})
	s.Add(0, 7)
	if !reserved(t, tail(s)) {
		t.Fatal("the end of a new chunk is not reserved")
	}
	return s, tail(s)
}

func TestReservationLivesAsLongAsItsSlabs(t *testing.T) {
	kept, keptEnd := lone(t)
	_, lostEnd := lone(t)
	awaitReturn(t, "no slab left", lostEnd)
	for range 3 {
		runtime.GC()
	}
	if !reserved(t, keptEnd) {
		t.Fatal("a reservation was given back under a slab")
	}
	if got := kept.Sum(0); got != 7 {
		t.Errorf("the slab holds %d, want 7", got)
	}
	runtime.KeepAlive(kept)
	awaitReturn(t, "the last slab gone", keptEnd)
}

// An arena holds on to the chunk that it cuts slabs from, and to no other.
func TestArenaDoesNotKeepFullChunks(t *testing.T) {
	a := new(Arena)
	full := tail(alloc(t, a, Layout{Words: MaxWords}))
	next := tail(alloc(t, a, Layout{Words: 1}))
	awaitReturn(t, "full chunk", full)
	if !reserved(t, next) {
		t.Error("the arena lost the chunk that it is filling")
	}
	runtime.KeepAlive(a)
}
