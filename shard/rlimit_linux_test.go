//go:build !purego && (amd64 || arm64 || loong64 || mips64 || mips64le || ppc64 || ppc64le || riscv64 || s390x)

package shard

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pawl-metrics/pawl/atomicf"
)

// instruments is one of each way to record, in one arena.
type instruments struct {
	counter, halves Slab
	group           *Group
	balance         *Balance
}

// groupBuckets is how many words of the group follow its sum.
const groupBuckets = 6

func newInstruments(t *testing.T, a *Arena) *instruments {
	ins := &instruments{
		counter: alloc(t, a, Layout{Words: 1}),
		halves:  alloc(t, a, Layout{Words: 1}),
		group:   new(Group),
		balance: new(Balance),
	}
	ins.group.Init(alloc(t, a, GroupLayout(1+groupBuckets)))
	ins.balance.Init(alloc(t, a, BalanceLayout))
	return ins
}

// record records everywhere once, on whatever P it is.
func (ins *instruments) record(i int) {
	inc(ins.counter, 1)
	ins.halves.AddFloat(0, 0.5)
	move(ins.balance, +1)
	observe(ins.group, 1+i%groupBuckets, 1)
	move(ins.balance, -1)
}

// hammer has so many goroutines record, each at least least times and until enough
// says so, beside a reader; then it checks that nothing was lost.
func (ins *instruments) hammer(t *testing.T, goroutines, least int, enough func() bool) {
	t.Helper()
	var total, running atomic.Int64
	var wg sync.WaitGroup
	running.Store(int64(goroutines))
	for range goroutines {
		wg.Go(func() {
			defer running.Add(-1)
			i := 0
			for ; i < least || !enough(); i++ {
				ins.record(i)
			}
			total.Add(int64(i))
		})
	}
	var last uint64
	for running.Load() > 0 && !t.Failed() {
		last = ins.check(t, last, int64(goroutines))
	}
	wg.Wait()

	n := uint64(total.Load())
	ins.check(t, n, 0)
	if got := ins.counter.Sum(0); got != n {
		t.Errorf("counter %d, want %d", got, n)
	}
	if got, want := ins.halves.SumFloat(0), float64(n)/2; got != want {
		t.Errorf("float counter %v, want %v", got, want)
	}
	if got := checkWhole(t, ins.group, groupBuckets); got != n {
		t.Errorf("group counts %d, want %d", got, n)
	}
	t.Logf("%d recordings by %d goroutines on %d Ps", n, goroutines, runtime.GOMAXPROCS(0))
}

// check reads everything: the counter has not gone down, the group is whole, and
// no more units are up than there are goroutines.
func (ins *instruments) check(t *testing.T, least uint64, most int64) (count uint64) {
	t.Helper()
	count = ins.counter.Sum(0)
	if count < least {
		t.Errorf("counter went from %d to %d", least, count)
	}
	checkWhole(t, ins.group, groupBuckets)
	if v := ins.balance.Net(); v < 0 || v > most {
		t.Errorf("balance is %d, with %d goroutines", v, most)
	}
	return count
}

// refusedEnv makes the test binary the child of TestAddressSpaceRefused.
const refusedEnv = "PAWL_TEST_RLIMIT_AS"

// Where the system refuses the reservation, chunks are on the heap and nothing
// else changes. The limit is the process', so a child takes it.
func TestAddressSpaceRefused(t *testing.T) {
	if os.Getenv(refusedEnv) != "" {
		addressSpaceRefused(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestAddressSpaceRefused$", "-test.v", "-test.count=1")
	cmd.Env = append(os.Environ(), refusedEnv+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), refusedDone) {
		t.Fatalf("child: %v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// refusedDone is what the child says last.
const refusedDone = "refused, recorded, exact"

func addressSpaceRefused(t *testing.T) {
	// A reservation several times the room left: the runtime also needs room, for
	// its heap and for threads, and the limit must refuse this and nothing else.
	const room = 256 << 20
	reservedStripes = 4 * room / stripeBytes
	if mem, err := reserve((reservedStripes + 1) * stripeBytes); err != nil {
		t.Fatalf("refused without a limit: %v", err)
	} else {
		release(mem)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_AS, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = addressSpace(t) + room
	if err := unix.Setrlimit(unix.RLIMIT_AS, &limit); err != nil {
		t.Fatal(err)
	}

	runtime.GOMAXPROCS(4)
	a := new(Arena)
	ins := newInstruments(t, a)
	if a.cut[0].chunk.heap == nil || a.cut[0].chunk.mem != nil {
		t.Fatal("the chunk was reserved all the same")
	}
	if ready := ins.counter.Ready(); ready != 0 {
		t.Errorf("a heap chunk is ready for %d Ps, want none: its stripes are not side by side", ready)
	}
	ins.hammer(t, 8, 20_000, func() bool { return heapStripes(a.cut[0].chunk) >= 2 })
	if shared := atomicf.Load(nth(ins.counter.shared, 0)); shared != 0 {
		t.Errorf("%d recordings went to the shared stripe", shared)
	}
	fmt.Println(refusedDone, "on", heapStripes(a.cut[0].chunk), "Ps")
}

func heapStripes(c *Chunk) (n int) {
	for p := range c.heap {
		if c.heap[p].Load() != nil {
			n++
		}
	}
	return n
}

// addressSpace returns the size of the process' address space.
func addressSpace(t *testing.T) uint64 {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skipf("NOT TESTED: refused address space: %v", err)
	}
	var pages uint64
	if _, err := fmt.Sscan(string(text), &pages); err != nil {
		t.Fatal(err)
	}
	return pages * uint64(os.Getpagesize())
}

// More Ps than a chunk has stripes for: the others record in the shared stripe.
// Unlike the stress tests, which lower the reservation, this has as many Ps as
// it takes.
func TestMorePsThanStripes(t *testing.T) {
	test := func(t *testing.T, a *Arena) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(reservedStripes + 8))
		ins := newInstruments(t, a)
		ins.hammer(t, 2*(reservedStripes+8), 1000, ins.mixed)
		t.Logf("of them %d in the shared stripe", atomicf.Load(nth(ins.counter.shared, 0)))
		if !ins.mixed() {
			t.Error("not every instrument has recorded in the shared stripe and in others")
		}
	}
	t.Run("reserved", func(t *testing.T) { test(t, new(Arena)) })
	t.Run("heap", func(t *testing.T) { test(t, &Arena{cut: [2]cutting{{chunk: newHeapChunk()}}}) })
	t.Run("commit refused", func(t *testing.T) { test(t, fullArena(t)) })
}

// fullArena returns an arena of which the chunk has a stripe for P 0 and is
// refused any more.
func fullArena(t *testing.T) *Arena {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	a := new(Arena)
	alloc(t, a, Layout{Words: 1})
	a.cut[0].chunk.full.Store(true)
	return a
}

// mixed says whether every instrument has recorded in the shared stripe and in
// some P's own.
func (ins *instruments) mixed() bool {
	ups, group := ins.balance.Slab, ins.group.Slab
	return mixed(ins.counter, 0) && mixed(ins.halves, 0) && mixed(group, 1) && mixed(ups, 0) && mixed(ups, 1)
}

func mixed(s Slab, word int) bool {
	shared := atomicf.Load(nth(s.shared, word))
	return shared != 0 && s.Sum(word) != shared
}
