package engine

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/pawl-metrics/pawl/shard"
)

// A recording method, spelled out up to where the collector may strike: the cell's
// address has been loaded, the store is still to come, and this goroutine holds
// the only reference to the series. What orphan returns beside the handle does
// not keep it.
//
//go:noinline
func orphan(r *Registry, v *StringVec[Counter]) (*Counter, shard.Slab) {
	c := v.With("old")
	v.Delete("old")
	r.AppendText(nil) // or the order would keep it
	return c, c.cell
}

// Without KeepAlive behind the store, the collector takes the series while its
// address is in hand, another series gets the cell, and the store lands there.
// This is what makes the next test worth its lines.
func TestWithoutKeepAliveStoresGoAstray(t *testing.T) {
	store := new(strictStore)
	r := registryOn(store)
	v := MustStringCounterVec(r, named("c"), "k")
	_, cell := orphan(r, v)
	collectUntil(t, "the cell of an unreachable series was not freed", func() bool { return store.freed() == 1 })
	fresh := v.With("new")
	cell.Add(0, 1)
	if fresh.cell != cell || fresh.Value() != 1 {
		t.Errorf("the new series has another cell, and %v", fresh.Value())
	}
	store.check(t)
}

// With it, the cell stays the series' own.
func TestKeepAliveKeepsTheCell(t *testing.T) {
	store := new(strictStore)
	r := registryOn(store)
	v := MustStringCounterVec(r, named("c"), "k")
	c, cell := orphan(r, v)
	settle(t)
	fresh := v.With("new")
	cell.Add(0, 1)
	runtime.KeepAlive(c)
	if fresh.cell == cell || fresh.Value() != 0 || store.freed() != 0 {
		t.Errorf("%d slabs were freed under a handle; the new series has %v", store.freed(), fresh.Value())
	}
	store.check(t)
}

// dropped makes one series of each sharded instrument, records in it, drops it,
// and returns the handles.
//
//go:noinline
func dropped(r *Registry, reset bool) (handles []any, slabs int) {
	c := MustStringCounterVec(r, named("c"), "k")
	f := MustCounterVec[pathLabel](r, named("f"))
	l := MustCounterVec[pathLabel](r, named("l"))
	u := MustUpDownVec[pathLabel](r, named("u"))
	h := MustHistogramVec[pathLabel](r, buckets("h", 1, 2))
	g := MustGaugeVec[pathLabel](r, named("g"))
	k := pathLabel{"/"}
	handles = []any{c.With("/"), f.With(k), l.With(k), u.With(k), h.With(k), g.With(k)}
	c.With("/").Inc()
	f.With(k).AddFloat(0.5)
	late := l.With(k)
	u.With(k).Inc()
	h.With(k).Observe(1)
	g.With(k).Set(1)
	if reset {
		c.Reset()
		f.Reset()
		l.Reset()
		u.Reset()
		h.Reset()
		g.Reset()
	} else if !c.Delete("/") || !f.Delete(k) || !l.Delete(k) || !u.Delete(k) || !h.Delete(k) || !g.Delete(k) {
		panic("not deleted")
	}
	late.AddFloat(0.5) // a fraction made after the series was dropped
	r.AppendText(nil)
	return handles, 7 // f and l have two, g none
}

// Cells go back to the store when no handle is left, and not before: the integer
// cells, and the fraction cells whether made before or after the drop, each once.
func TestCellsReturnWithTheLastHandle(t *testing.T) {
	for _, reset := range []bool{false, true} {
		t.Run(fmt.Sprintf("reset=%v", reset), func(t *testing.T) {
			store := new(strictStore)
			r := registryOn(store)
			handles, slabs := dropped(r, reset)
			settle(t)
			if n := store.freed(); n != 0 {
				t.Fatalf("%d slabs were freed under a handle", n)
			}
			runtime.KeepAlive(handles)
			collectUntil(t, "slabs of dropped series were not freed", func() bool { return store.freed() >= slabs })
			settle(t)
			store.check(t)
			if n := store.freed(); n != slabs || len(store.held) != 0 {
				t.Errorf("%d slabs were freed, %d are held; want %d and 0", n, len(store.held), slabs)
			}
		})
	}
}

// A new series in used cells starts at zero.
func TestReusedCellsAreZero(t *testing.T) {
	store := new(strictStore)
	r := registryOn(store)
	_, slabs := dropped(r, false)
	collectUntil(t, "slabs of dropped series were not freed", func() bool { return store.freed() >= slabs })
	fresh := NewRegistryWith(RegistryOptions{Store: store})
	c, f := MustCounter(fresh, named("c")), MustCounter(fresh, named("f"))
	u, h := MustUpDown(fresh, named("u")), MustHistogram(fresh, buckets("h", 1, 2))
	f.AddFloat(0.25)
	if c.Value() != 0 || f.Value() != 0.25 || u.Value() != 0 || h.Snapshot().Count != 0 || h.Snapshot().Sum != 0 {
		t.Errorf("fresh series show %v, %v, %v, %v", c.Value(), f.Value(), u.Value(), h.Snapshot())
	}
}

// Cells of living series are never freed, handles or not.
func TestLivingSeriesKeepTheirCells(t *testing.T) {
	store := new(strictStore)
	r := registryOn(store)
	func() {
		MustCounter(r, named("c")).AddFloat(1.5)
		MustHistogramVec[pathLabel](r, buckets("h", 1)).With(pathLabel{"/"}).Observe(1)
	}()
	before := exposure(r)
	settle(t)
	if exposure(r) != before || store.freed() != 0 {
		t.Errorf("%d slabs of living series were freed; exposed:\n%s", store.freed(), exposure(r))
	}
}

// Series that are dropped between two scrapes, or where nobody scrapes, are
// garbage like others: churn does not pile them up.
func TestDroppedSeriesAreGarbageWithoutAScrape(t *testing.T) {
	store := new(strictStore)
	v := MustStringCounterVec(registryOn(store), named("c"), "k")
	const n = 1000
	for i := range n {
		k := fmt.Sprint(i)
		v.With(k).Inc()
		v.Delete(k)
	}
	settle(t)
	if freed := store.freed(); freed < n/2 {
		t.Errorf("of %d dropped series %d have returned their cells", n, freed)
	}
	runtime.KeepAlive(v)
}

// The steps of Delete with a fraction made in between: the series is marked dead,
// another goroutine adds its first fraction, then Delete sees to the cells. The
// fraction's cell must be freed once.
func TestFractionMadeDuringDelete(t *testing.T) {
	store := new(strictStore)
	r := registryOn(store)
	v := MustStringCounterVec(r, named("c"), "k")
	deleteInSteps(v, func(c *Counter) { c.AddFloat(0.5) })
	r.AppendText(nil)
	collectUntil(t, "the slabs were not freed", func() bool { return store.freed() >= 2 })
	settle(t)
	store.check(t)
}

// deleteInSteps is core.delete with a step in between.
//
//go:noinline
func deleteInSteps(v *StringVec[Counter], between func(*Counter)) {
	c := v.With("x")
	key := []string{"x"}
	hash := v.hash(key)
	e := findValues(v.table.Load(), hash, key)
	v.table.Load().remove(hash, e)
	v.series.bury(c)
	between(c)
	v.series.ops.drop(c)
}

// The same by chance: goroutines add first fractions to series that others delete.
func TestStressFractionsDuringDelete(t *testing.T) {
	store := new(strictStore)
	r := registryOn(store)
	v := MustStringCounterVec(r, named("c"), "k")
	keys := []string{"a", "b", "c"}
	stress(4, func(w int, stop <-chan struct{}) {
		rng := rand.New(rand.NewPCG(uint64(w), 1))
		for !closed(stop) {
			k := keys[rng.IntN(len(keys))]
			if w%2 == 0 {
				v.With(k).AddFloat(0.5)
			} else {
				v.Delete(k)
			}
		}
	}, func() {
		r.AppendText(nil)
		runtime.GC()
	})
	v.Reset()
	r.AppendText(nil)
	settle(t)
	store.check(t)
}

// orphaned makes a series of which only the handle is left, as With, Delete and a
// scrape do together.
func orphaned[S any](o *ops[S], f *family) *S {
	s := new(S)
	if err := o.init(s, f, 0); err != nil {
		panic(err)
	}
	o.drop(s)
	return s
}

// commitLock returns the mutex under which stripes of the slab's chunk are made
// usable. It keeps the chunk, and no series.
func commitLock(s shard.Slab) *sync.Mutex {
	mu := reflect.ValueOf(s).FieldByName("chunk").Elem().FieldByName("mu")
	if mu.Type() != typeOf[sync.Mutex]() {
		panic("shard.Chunk has another mutex")
	}
	return (*sync.Mutex)(unsafe.Pointer(mu.UnsafeAddr()))
}

// The collector strikes between the load of a cell's address and the store to it,
// in the recording methods themselves.
//
// A chunk is made while there is one P. When there are more, the first recording on
// another P loads the cell's address and then commits that P's stripe, for which
// it needs a mutex. The test holds it: the method stands still with the address
// in hand and the last handle to the series behind it. Without its KeepAlive the
// collector takes the series there and its cells are free before the store.
func TestCollectionBetweenLoadAndStore(t *testing.T) {
	if !shard.Pinned {
		return // there are no stripes to commit, so nowhere to stop
	}
	timing, err := histogramOps(buckets("h", 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Run("Counter.Add", func(t *testing.T) {
		strike(t, counterOps, func(c *Counter) {}, func(c *Counter) { c.Add(1) })
	})
	t.Run("Counter.AddFloat", func(t *testing.T) {
		strike(t, counterOps, func(c *Counter) { c.AddFloat(0.5) }, func(c *Counter) { c.AddFloat(0.5) })
	})
	t.Run("Counter.AddFloat first", func(t *testing.T) {
		strike(t, counterOps, func(c *Counter) {}, func(c *Counter) { c.AddFloat(0.5) })
	})
	t.Run("UpDown.Add", func(t *testing.T) {
		strike(t, upDownOps, func(u *UpDown) {}, func(u *UpDown) { u.Add(-1) })
	})
	t.Run("Gauge.Set of a recent mode", func(t *testing.T) {
		strike(t, gaugeOps, func(g *Gauge) {}, func(g *Gauge) { g.Set(1) })
	})
	t.Run("Histogram.Observe", func(t *testing.T) {
		strike(t, timing, func(h *Histogram) {}, func(h *Histogram) { h.Observe(1) })
	})
}

func strike[S any](t *testing.T, o *ops[S], prepare, record func(*S)) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for range 200 {
		if strikeOnce(t, o, prepare, record) {
			return
		}
	}
	t.Fatal("no recording met a P without a stripe")
}

// strikeOnce reports whether the recording was met in the act.
func strikeOnce[S any](t *testing.T, o *ops[S], prepare, record func(*S)) bool {
	runtime.GOMAXPROCS(1)
	store := new(strictStore)
	last := make(chan *S, 1) // the only reference to the series
	func() {
		s := orphaned(o, &family{store: store, mode: GaugeMostRecent}) // of which only gauges make anything
		prepare(s)
		last <- s
	}()
	lock := commitLock(store.all[0])
	lock.Lock()
	runtime.GOMAXPROCS(2)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s := <-last
		for onFirstP() {
			runtime.Gosched()
		}
		record(s)
	}()
	settle(t)
	met := !closed(done)
	if n := store.freed(); n != 0 && met {
		t.Errorf("%d slabs were freed under a recording", n)
	}
	lock.Unlock()
	<-done
	collectUntil(t, "the cells of an orphan were not freed", func() bool { return store.freed() == len(store.all) })
	for _, slab := range store.all {
		if slab.Sum(0) != 0 {
			t.Errorf("free cells hold %x: a recording came after the collector", slab.Sum(0))
		}
	}
	store.check(t)
	return met
}

func onFirstP() bool {
	p := shard.Pin()
	shard.Unpin()
	return p == 0
}

// Through the API: goroutines record through the last handles of series that they
// have deleted, others make series, which get the cells that the collector
// returns, and the collector runs all the time. A new series reads 0, and then
// what was recorded in it.
func TestStressRecordingThroughLastHandles(t *testing.T) {
	const recorders, makers = 8, 4
	store := new(strictStore)
	r := registryOn(store)
	doomed := MustCounterVec[route](r, named("doomed_total"))
	flight := MustUpDownVec[route](r, named("doomed_inflight"))
	timing := MustHistogramVec[route](r, buckets("doomed_seconds", 1))
	kept := MustCounterVec[route](r, named("kept_total"))
	keptFlight := MustUpDownVec[route](r, named("kept_inflight"))
	keptTiming := MustHistogramVec[route](r, buckets("kept_seconds", 1))
	record := func(k route) {
		c, f, u, h := doomed.With(k), doomed.With(route{"f", k.Path, k.Status}), flight.With(k), timing.With(k)
		f.AddFloat(0.5)
		doomed.Delete(k)
		doomed.Delete(route{"f", k.Path, k.Status})
		flight.Delete(k)
		timing.Delete(k)
		runtime.Gosched() // let a scrape forget them
		c.Add(1 << 40)
		c.AddFloat(1<<40 + 0.5)
		f.AddFloat(1<<40 + 0.5)
		u.Add(1 << 40)
		h.Observe(1 << 40)
	}
	var wrong atomic.Pointer[string]
	check := func(k route) {
		c, u, h := kept.With(k), keptFlight.With(k), keptTiming.With(k)
		for i := range uint64(3) {
			if v, d, s := c.Value(), u.Value(), h.Snapshot(); v != float64(i)*1.5 || d != int64(i) || s.Count != i || s.Sum != float64(i) {
				fault := fmt.Sprintf("after %d recordings a new series shows %v, %v, %v", i, v, d, s)
				wrong.CompareAndSwap(nil, &fault)
			}
			c.Inc()
			c.AddFloat(0.5)
			u.Inc()
			h.Observe(1)
		}
		kept.Delete(k)
		keptFlight.Delete(k)
		keptTiming.Delete(k)
	}
	stress(recorders+makers, func(w int, stop <-chan struct{}) {
		for i := 0; !closed(stop); i++ {
			if k := (route{"m", fmt.Sprint(w), i % 50}); w < recorders {
				record(k)
			} else {
				check(k)
			}
		}
	}, func() {
		r.AppendText(nil)
		runtime.GC()
	})
	if s := wrong.Load(); s != nil {
		t.Error(*s)
	}
	r.AppendText(nil)
	settle(t)
	store.check(t)
	if store.allocs == 0 || store.freed() < store.allocs/2 {
		t.Errorf("of %d slabs %d were freed", store.allocs, store.freed())
	}
}
