package shard

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/atomicf"
)

// soak lengthens the stress tests: go test ./shard -run Stress -soak 5m
var soak = flag.Duration("soak", 0, "how long each stress test runs; 0 means a second or so")

func stressTime() time.Duration {
	if *soak > 0 {
		return *soak
	}
	return 700 * time.Millisecond
}

// arenas are the kinds of memory that slabs come from, each exercised by every
// stress test.
func arenas(t *testing.T, test func(t *testing.T, a *Arena)) {
	t.Run("reserved", func(t *testing.T) { test(t, new(Arena)) })
	t.Run("heap", func(t *testing.T) { test(t, &Arena{cut: [2]cutting{{chunk: newHeapChunk()}}}) })
	t.Run("past-reservation", func(t *testing.T) {
		was := reservedStripes
		reservedStripes = 2
		defer func() { reservedStripes = was }()
		test(t, new(Arena))
	})
}

// wobble changes GOMAXPROCS up and down until stop is closed, and restores it.
func wobble(stop <-chan struct{}) (done <-chan struct{}) {
	was := runtime.GOMAXPROCS(0)
	end := make(chan struct{})
	go func() {
		defer close(end)
		defer runtime.GOMAXPROCS(was)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
				runtime.GOMAXPROCS([]int{1, 4, 2, 7, 3}[i%5])
			}
		}
	}()
	return end
}

// inc is the recording path as an instrument writes it.
func inc(s Slab, n uint64) {
	ready := s.Ready()
	if p := Pin(); uint(p) < ready {
		atomicf.Add(s.Word(p), n)
		Unpin()
		return
	}
	Unpin()
	s.Add(0, n)
}

func alloc(t testing.TB, a *Arena, l Layout) Slab {
	t.Helper()
	s, err := a.Alloc(nil, l)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStressCounterIsExactAndMonotone(t *testing.T) {
	arenas(t, func(t *testing.T, a *Arena) {
		s, f := alloc(t, a, Layout{Words: 1}), alloc(t, a, Layout{Words: 1})
		stop := make(chan struct{})
		wobbled := wobble(stop)
		var want, halves atomic.Uint64
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				var mine uint64
				for {
					select {
					case <-stop:
						want.Add(mine)
						halves.Add(mine / 100)
						return
					default:
					}
					for range 100 {
						inc(s, 1)
					}
					f.AddFloat(0, 0.5)
					mine += 100
				}
			})
		}
		var last uint64
		for end := time.Now().Add(stressTime()); time.Now().Before(end); {
			sum := s.Sum(0)
			if sum < last {
				t.Fatalf("sum went from %d to %d", last, sum)
			}
			last = sum
		}
		close(stop)
		wg.Wait()
		<-wobbled
		if got := s.Sum(0); got != want.Load() {
			t.Errorf("sum %d, want %d", got, want.Load())
		}
		if got, want := f.SumFloat(0), float64(halves.Load())/2; got != want {
			t.Errorf("float sum %v, want %v", got, want)
		}
	})
}

// observe is a histogram's recording path: bucket i and the sum.
func observe(g *Group, i int, v float64) {
	ready := g.Ready()
	if p := Pin(); uint(p) < ready && !g.Held() {
		s := g.Section(p)
		n := s.Begin()
		atomicf.Add(s.Word(i), 1)
		atomicf.AddFloat(s.Word(0), v)
		s.End(n)
		Unpin()
		return
	}
	Unpin()
	g.Update(func(s *Section) {
		atomicf.Add(s.Word(i), 1)
		atomicf.AddFloat(s.Word(0), v)
	})
}

// Writers observe 1.0: in every snapshot the sum must equal the sum of buckets.
// Two of the buckets are always raised together by way of their index pattern,
// so a torn copy shows in the difference as well.
func TestStressGroupSnapshotsAreWhole(t *testing.T) {
	const buckets = 12
	for _, writers := range []int{1, 2, 6} {
		t.Run(fmt.Sprintf("writers=%d", writers), func(t *testing.T) {
			arenas(t, func(t *testing.T, a *Arena) {
				g := new(Group)
				g.Init(alloc(t, a, GroupLayout(1+buckets)))
				stop := make(chan struct{})
				wobbled := wobble(stop)
				var want atomic.Uint64
				var wg sync.WaitGroup
				for w := range writers {
					wg.Go(func() {
						var n uint64
						for i := w; ; i++ {
							if i&255 == 0 {
								select {
								case <-stop:
									want.Add(n)
									return
								default:
								}
							}
							observe(g, 1+i%buckets, 1)
							n++
						}
					})
				}
				snapshots := 0
				for end := time.Now().Add(stressTime() / 3); time.Now().Before(end); snapshots++ {
					checkWhole(t, g, buckets)
				}
				close(stop)
				wg.Wait()
				<-wobbled
				if got := checkWhole(t, g, buckets); got != want.Load() {
					t.Errorf("count %d, want %d", got, want.Load())
				}
				t.Logf("%d snapshots of %d observations", snapshots, want.Load())
			})
		})
	}
}

func checkWhole(t *testing.T, g *Group, buckets int) (count uint64) {
	t.Helper()
	words := make([]uint64, 1+buckets)
	for i := range g.Sections() {
		if !g.Copy(i, words) {
			continue
		}
		var sum uint64
		for _, b := range words[1:] {
			sum += b
		}
		if float64(sum) != math.Float64frombits(words[0]) {
			t.Fatalf("section %d: buckets hold %d, sum is %v", i, sum, math.Float64frombits(words[0]))
		}
		count += sum
	}
	return count
}

// Writers raise and lower by one in turn, so the value is never below 0 and never
// above the number of writers.
func TestStressBalanceShowsOnlyWhatExisted(t *testing.T) {
	const writers = 5
	arenas(t, func(t *testing.T, a *Arena) {
		b := new(Balance)
		b.Init(alloc(t, a, BalanceLayout))
		stop := make(chan struct{})
		wobbled := wobble(stop)
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					for range 50 {
						move(b, 1)
						runtime.Gosched() // come down on another P now and then
						move(b, -1)
					}
				}
			})
		}
		for end := time.Now().Add(stressTime()); time.Now().Before(end); {
			if v := b.Net(); v < 0 || v > writers {
				t.Fatalf("read %d, which never existed", v)
			}
		}
		close(stop)
		wg.Wait()
		<-wobbled
		if v := b.Net(); v != 0 {
			t.Errorf("at rest: %d, want 0", v)
		}
	})
}

func move(b *Balance, d int64) {
	word, amount := Side(d)
	ready := b.Ready()
	if p := Pin(); uint(p) < ready && !b.Held() {
		atomicf.Add(b.WordAt(p, word), amount)
		Unpin()
		return
	}
	Unpin()
	b.Move(d)
}

func TestBalanceExtremes(t *testing.T) {
	b := new(Balance)
	b.Init(alloc(t, new(Arena), BalanceLayout))
	for _, d := range []int64{math.MinInt64, 1, math.MaxInt64} {
		b.Move(d)
	}
	if v := b.Net(); v != 0 {
		t.Errorf("MinInt64 + 1 + MaxInt64 is %d, want 0", v)
	}
}

func TestAllocRefusesWhatCannotBe(t *testing.T) {
	a := new(Arena)
	for _, words := range []int{-1, 0} {
		if _, err := a.Alloc(nil, Layout{Words: words}); err == nil {
			t.Errorf("a slab of %d words was allocated", words)
		}
	}
	if _, err := a.Alloc(nil, Layout{Words: MaxWords + 1}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a slab past a stripe: %v", err)
	}
	s := alloc(t, a, Layout{Words: MaxWords})
	s.Add(MaxWords-1, 5)
	if got := s.Sum(MaxWords - 1); got != 5 {
		t.Errorf("last word of the largest slab: %d, want 5", got)
	}
}

func TestFreedCellsComeBackZero(t *testing.T) {
	arenas(t, func(t *testing.T, a *Arena) {
		l := Layout{Words: 3}
		s := alloc(t, a, l)
		for i := range 3 {
			s.Add(i, 7)
		}
		other := alloc(t, a, l)
		other.Add(0, 1)
		a.Free(s, l)
		again := alloc(t, a, l)
		if again != s {
			t.Error("the freed slab was not used again")
		}
		for i := range 3 {
			if got := again.Sum(i); got != 0 {
				t.Errorf("word %d of a reused slab is %d", i, got)
			}
		}
		if other.Sum(0) != 1 {
			t.Error("freeing one slab changed its neighbour")
		}
	})
}

// Slabs never overlap, in any stripe, across chunk borders and sizes.
func TestSlabsDoNotOverlap(t *testing.T) {
	a := new(Arena)
	var slabs []Slab
	var sizes []int
	for i := range 4000 {
		words := 1 + i*7%40
		s := alloc(t, a, Layout{Words: words})
		for w := range words {
			if got := s.Sum(w); got != 0 {
				t.Fatalf("slab %d word %d starts at %d", i, w, got)
			}
			s.Add(w, uint64(i+1))
		}
		slabs, sizes = append(slabs, s), append(sizes, words)
	}
	for i, s := range slabs {
		for w := range sizes[i] {
			if got := s.Sum(w); got != uint64(i+1) {
				t.Fatalf("slab %d word %d: %d, want %d", i, w, got, i+1)
			}
		}
	}
}

func TestNoSlabIsNeverReady(t *testing.T) {
	s := NoSlab()
	if s.Valid() || s.Ready() != 0 {
		t.Errorf("NoSlab: valid %v, ready %d", s.Valid(), s.Ready())
	}
}
