package engine

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/encode"
)

// fakeClock is the clock of vecs under test; it stands still between steps.
type fakeClock struct{ now atomic.Int64 }

func (c *fakeClock) read() time.Duration      { return time.Duration(c.now.Load()) }
func (c *fakeClock) advance(by time.Duration) { c.now.Add(int64(by)) }

func clockOf[K, S any](c *core[K, S]) *fakeClock {
	clock := new(fakeClock)
	c.clock = clock.read
	return clock
}

const idleTime = time.Minute

var idling = Opts{Name: "c", ExpireAfter: idleTime}

// expiring is a vec of some instrument whose series expire.
type expiring struct {
	clock  *fakeClock
	with   func(key string) (handle any, record func()) // record changes the value
	delete func(key string) bool
	reset  func()
	len    func() int
	start  func(key string) int64 // of the series in the exposition; 0 when it is not there

	orphaned func() bool // no series that sleeps has a handle
}

func expiringOf[S any](v *StringVec[S], record func(*S)) expiring {
	return expiring{
		clock: clockOf(&v.core),
		with: func(key string) (any, func()) {
			s := v.With(key)
			return s, func() { record(s) }
		},
		delete: func(key string) bool { return v.Delete(key) },
		reset:  v.Reset,
		len:    v.Len,
		start: func(key string) int64 {
			for _, p := range v.series.list() {
				if v.series.ops.text(p.s).String() == `{k="`+key+`"} ` {
					return p.start
				}
			}
			return 0
		},
		orphaned: func() bool {
			v.series.keepers.scraping.Lock()
			defer v.series.keepers.scraping.Unlock()
			return !slices.ContainsFunc(v.sleepers, func(g *entry[[]string, sleeper[[]string, S]]) bool { return g.inst.handle.Value() != nil })
		},
	}
}

// expiringKinds are all instruments and the ways in which they record.
var expiringKinds = map[string]func(*Registry) expiring{
	"counter": func(r *Registry) expiring { return expiringOf(MustStringCounterVec(r, idling, "k"), (*Counter).Inc) },
	"fraction": func(r *Registry) expiring {
		return expiringOf(MustStringCounterVec(r, idling, "k"), func(c *Counter) { c.AddFloat(0.5) })
	},
	"gauge add": func(r *Registry) expiring { return expiringOf(MustStringGaugeVec(r, idling, "k"), (*Gauge).Inc) },
	"gauge set": func(r *Registry) expiring {
		var n atomic.Int64
		return expiringOf(MustStringGaugeVec(r, idling, "k"), func(g *Gauge) { g.Set(float64(n.Add(1))) })
	},
	"recent gauge": func(r *Registry) expiring {
		o := idling
		o.Mode = GaugeMostRecent
		return expiringOf(MustStringGaugeVec(r, o, "k"), func(g *Gauge) { g.Set(7) })
	},
	"updown": func(r *Registry) expiring { return expiringOf(MustStringUpDownVec(r, idling, "k"), (*UpDown).Inc) },
	"there and back": func(r *Registry) expiring {
		return expiringOf(MustStringUpDownVec(r, idling, "k"), func(u *UpDown) { u.Inc(); u.Dec() })
	},
	"histogram": func(r *Registry) expiring {
		return expiringOf(MustStringHistogramVec(r, HistogramOpts{Opts: idling}, "k"), func(h *Histogram) { h.Observe(0) })
	},
	"summary": func(r *Registry) expiring {
		o := SummaryOpts{Opts: idling, Quantiles: []float64{0.5}}
		return expiringOf(MustStringSummaryVec(r, o, "k"), func(s *Summary) { s.Observe(0) })
	},
	"native": func(r *Registry) expiring {
		return expiringOf(MustStringHistogramVec(r, HistogramOpts{Opts: idling, Native: NativeOpts{Factor: 1.1}}, "k"), func(h *Histogram) { h.Observe(0) })
	},
	"hot native": func(r *Registry) expiring {
		o := HistogramOpts{Opts: idling, Native: NativeOpts{Factor: 1.1}, Buckets: DefaultBuckets()}
		return expiringOf(MustStringHistogramVec(r, o, "k"), func(h *Histogram) {
			for range 1000 {
				h.Observe(0.5)
			}
		})
	},
}

func eachExpiring(t *testing.T, test func(t *testing.T, r *Registry, store *strictStore, v expiring)) {
	for kind, make := range expiringKinds {
		t.Run(kind, func(t *testing.T) {
			store := new(strictStore)
			r := registryOn(store)
			test(t, r, store, make(r))
			store.check(t)
		})
	}
}

// shows says whether a scrape has the series of a key. It steps the clock.
func shows(r *Registry, v expiring, key string, step time.Duration) bool {
	v.clock.advance(step)
	return strings.Contains(exposure(r), `k="`+key+`"`)
}

// An idle series leaves the exposition after its time, counted from the first scrape
// that finds it unchanged; a recording through the handle brings it back as it was,
// time after time.
func TestIdleSeriesAreHidden(t *testing.T) {
	eachExpiring(t, func(t *testing.T, r *Registry, _ *strictStore, v expiring) {
		handle, record := v.with("a")
		record()
		if !shows(r, v, "a", time.Hour) {
			t.Fatal("a new series is hidden before any scrape had it")
		}
		start := v.start("a")
		for round := range 3 {
			if !shows(r, v, "a", idleTime-1) {
				t.Fatal("hidden too early")
			}
			record()
			if !shows(r, v, "a", 1) || !shows(r, v, "a", idleTime-1) {
				t.Fatal("hidden though it has changed")
			}
			before := exposure(r)
			if shows(r, v, "a", 1) || shows(r, v, "a", time.Hour) || v.len() != 1 {
				t.Fatal("not hidden")
			}
			runtime.GC()
			runtime.GC()
			shows(r, v, "a", 0)
			record()
			if !shows(r, v, "a", time.Hour) || v.start("a") != start || v.len() != 1 {
				t.Fatalf("round %d: a recording did not bring it back, or with start %d, not %d", round, v.start("a"), start)
			}
			if got, _ := v.with("a"); got != handle {
				t.Error("it has another handle now")
			}
			if len(exposure(r)) < len(before) {
				t.Errorf("it comes back as\n%s\nand was\n%s", exposure(r), before)
			}
		}
		runtime.KeepAlive(handle)
	})
}

// A lookup brings a series back, too, as the object that the handle has.
func TestLookupsWake(t *testing.T) {
	eachExpiring(t, func(t *testing.T, r *Registry, _ *strictStore, v expiring) {
		handle, record := v.with("a")
		record()
		shows(r, v, "a", 0)
		start, before := v.start("a"), exposure(r)
		if shows(r, v, "a", idleTime) {
			t.Fatal("not hidden")
		}
		again, _ := v.with("a")
		if again != handle || exposure(r) != before || v.start("a") != start {
			t.Errorf("found again as another series: %v, exposed\n%s", again != handle, exposure(r))
		}
		if !shows(r, v, "a", idleTime-1) || shows(r, v, "a", 1) {
			t.Error("its time does not begin with the scrape after the lookup")
		}
	})
}

// What a handle records is not lost when it is dropped right after, while the series
// is hidden.
func TestLastWordsAreKept(t *testing.T) {
	eachExpiring(t, func(t *testing.T, r *Registry, store *strictStore, v expiring) {
		_, record := v.with("a")
		record()
		shows(r, v, "a", 0)
		start := v.start("a")
		if shows(r, v, "a", idleTime) {
			t.Fatal("not hidden")
		}
		record()
		record = nil
		collectUntil(t, "the object is not collected", v.orphaned)
		if !shows(r, v, "a", time.Hour) || v.start("a") != start {
			t.Fatal("what was recorded last is lost")
		}
		text := exposure(r)
		handle, record := v.with("a")
		record()
		if after := exposure(r); after == text && !strings.Contains(t.Name(), "back") && !strings.Contains(t.Name(), "recent") {
			t.Errorf("the series that came back does not record: %s", after)
		}
		settle(t)
		if n := store.freed(); n != 0 {
			t.Errorf("%d slabs are free", n)
		}
		if again, _ := v.with("a"); again != handle {
			t.Error("two handles for one series")
		}
	})
}

// With no handle left, a hidden series goes, its cells return to the store, and the
// next lookup makes a new one, from zero.
func TestForgottenSeriesReturnTheirMemory(t *testing.T) {
	eachExpiring(t, func(t *testing.T, r *Registry, store *strictStore, v expiring) {
		for i := range 50 {
			_, record := v.with(strconv.Itoa(i))
			record()
		}
		shows(r, v, "7", 0)
		start := v.start("7")
		if shows(r, v, "7", idleTime) || exposure(r) != "" {
			t.Fatal("not hidden")
		}
		collectUntil(t, "hidden series without handles are still there", func() bool { exposure(r); return v.len() == 0 })
		collectUntil(t, "their cells are not back", func() bool { store.mu.Lock(); defer store.mu.Unlock(); return len(store.held) == 0 })
		v.with("7")
		if !shows(r, v, "7", 0) || v.start("7") <= start {
			t.Error("the new series is not new")
		}
	})
}

// Deletion of a hidden series orphans its handle; the cells return when that is gone.
func TestHiddenSeriesAreDeleted(t *testing.T) {
	for _, reset := range []bool{false, true} {
		eachExpiring(t, func(t *testing.T, r *Registry, store *strictStore, v expiring) {
			handle, record := v.with("a")
			record()
			shows(r, v, "a", 0)
			shows(r, v, "a", idleTime)
			if reset {
				v.reset()
			} else if !v.delete("a") || v.delete("a") {
				t.Fatal("not deleted once")
			}
			record()
			if v.len() != 0 || shows(r, v, "a", time.Hour) {
				t.Fatal("still there")
			}
			settle(t)
			if n := store.freed(); n != 0 {
				t.Fatalf("%d slabs were freed under a handle", n)
			}
			if other, _ := v.with("a"); other == handle {
				t.Error("With returns the orphan")
			}
			v.reset()
			runtime.KeepAlive(handle)
			runtime.KeepAlive(record)
			handle, record = nil, nil
			exposure(r)
			collectUntil(t, "cells of a deleted series are not back", func() bool {
				exposure(r)
				store.mu.Lock()
				defer store.mu.Unlock()
				return len(store.held) == 0
			})
		})
	}
}

// A gauge that is set to the value that it has is not idle, asleep or awake.
func TestGaugesAreTouchedByTheSameValue(t *testing.T) {
	r := NewRegistry()
	v := MustStringGaugeVec(r, idling, "k")
	e := expiringOf(v, func(g *Gauge) { g.Set(5) })
	_, set := e.with("a")
	set()
	for range 10 {
		if !shows(r, e, "a", idleTime) {
			t.Fatal("hidden though it is set")
		}
		set()
	}
	shows(r, e, "a", 0)
	if shows(r, e, "a", idleTime) {
		t.Fatal("not hidden")
	}
	set()
	if !shows(r, e, "a", idleTime) {
		t.Error("the value that it has does not bring it back")
	}
}

// One half of the fractions of a counter may be added before it sleeps and one after;
// a whole number is exposed as one, whatever cells there are.
func TestSleepingCountersStayExact(t *testing.T) {
	r := NewRegistry()
	v := MustStringCounterVec(r, idling, "k")
	e := expiringOf(v, (*Counter).Inc)
	c := v.With("a")
	c.Add(1<<63 + 1)
	shows(r, e, "a", 0)
	shows(r, e, "a", idleTime)
	c.Inc()
	wantExposure(t, r, "# TYPE c counter", `c{k="a"} 9223372036854775810`)
	c.AddFloat(0.5)
	wantExposure(t, r, "# TYPE c counter", `c{k="a"} 9.223372036854776e+18`)
}

// Where the store has no cells for what sleep takes, a counter stays awake.
func TestNoSleepWithoutCells(t *testing.T) {
	store := new(strictStore)
	r := registryOn(store)
	e := expiringOf(MustStringCounterVec(r, idling, "k"), (*Counter).Inc)
	e.with("a")
	shows(r, e, "a", 0)
	store.setErr(errNoRoom)
	once := shows(r, e, "a", idleTime)
	if twice := shows(r, e, "a", idleTime); !once || !twice {
		t.Error("hidden, though its fractions would be lost")
	}
	wantDrops(t, r, "")
	store.setErr(nil)
	if shows(r, e, "a", 0) {
		t.Error("not hidden")
	}
}

// A hidden series keeps its place under the limit, is found there at it, and makes room
// when it is forgotten.
func TestLimitCountsHiddenSeries(t *testing.T) {
	r := NewRegistry()
	v := MustStringCounterVec(r, Opts{Name: "c", MaxSeries: 2, ExpireAfter: idleTime}, "k")
	e := expiringOf(v, (*Counter).Inc)
	a := v.With("a")
	a.Inc()
	v.With("b").Inc()
	over := v.With("c")
	shows(r, e, "a", 0)
	if shows(r, e, "a", idleTime) || shows(r, e, "b", 0) || !shows(r, e, OverflowValue, time.Hour) {
		t.Fatalf("exposed:\n%s", exposure(r))
	}
	if v.With("d") != over || v.With("a") != a || v.Len() != 3 {
		t.Error("at the limit a hidden series is not found, or is no series")
	}
	collectUntil(t, "the other one is still there", func() bool { exposure(r); return v.Len() == 2 })
	if v.With("d") == over || v.With("e") != over {
		t.Error("a forgotten series makes no room, or too much")
	}
	runtime.KeepAlive(a)
}

// Where String methods give one text to several keys, a hidden series is found by all.
func TestHiddenSeriesAreFoundByText(t *testing.T) {
	r := NewRegistry()
	v := MustCounterVec[methodLabels](r, idling)
	clock := clockOf(&v.core)
	c := v.With(methodLabels{"get", 1})
	c.Inc()
	for _, k := range []methodLabels{{"GET", 1}, {"get", 1}, {"Get", 1}} {
		exposure(r)
		clock.advance(idleTime)
		if exposure(r) != "" {
			t.Fatal("not hidden")
		}
		if v.With(k) != c || v.Len() != 1 {
			t.Errorf("%v is another series", k)
		}
	}
	exposure(r)
	clock.advance(idleTime)
	exposure(r)
	if !v.Delete(methodLabels{"GET", 1}) || v.Len() != 0 || v.With(methodLabels{"get", 1}) == c {
		t.Error("a hidden series is not deleted by its text")
	}
}

// DeleteMatch sees hidden series.
func TestDeleteMatchOfHiddenSeries(t *testing.T) {
	r := NewRegistry()
	v := MustCounterVec[route](r, idling)
	clock := clockOf(&v.core)
	keep := v.With(route{"GET", "/", 1})
	exposure(r)
	clock.advance(idleTime)
	exposure(r)
	v.With(route{"GET", "/", 2})
	v.With(route{"PUT", "/", 1})
	if n := v.DeleteMatch(func(l route) bool { return l.Method == "GET" }); n != 2 || v.Len() != 1 {
		t.Errorf("%d dropped, %d left", n, v.Len())
	}
	keep.Inc()
	if strings.Contains(exposure(r), "GET") {
		t.Error("the orphan is exposed")
	}
}

// Families of two vecs expire each by its own time.
func TestVecsOfOneFamilyExpireApart(t *testing.T) {
	r := NewRegistry()
	vec := func(env string, after time.Duration) (*StringVec[Counter], *fakeClock) {
		v := MustStringCounterVec(r, Opts{Name: "c", ExpireAfter: after, ConstLabels: map[string]string{"env": env}}, "k")
		clock := new(fakeClock)
		if after > 0 {
			v.clock = clock.read
		}
		return v, clock
	}
	a, clockA := vec("a", time.Minute)
	b, clockB := vec("b", time.Hour)
	c, _ := vec("c", 0)
	for _, v := range []*StringVec[Counter]{a, b, c} {
		v.With("x")
	}
	exposure(r)
	clockA.advance(time.Minute)
	clockB.advance(time.Minute)
	wantExposure(t, r, "# TYPE c counter", `c{env="b",k="x"} 0`, `c{env="c",k="x"} 0`)
	clockB.advance(time.Hour)
	wantExposure(t, r, "# TYPE c counter", `c{env="c",k="x"} 0`)
}

// A scrape of a family without expiry does nothing that it did not do before, and one
// with expiry allocates nothing while nobody falls asleep.
func TestWatchingAllocatesNothing(t *testing.T) {
	if raced {
		return
	}
	r := NewRegistry()
	v := MustStringCounterVec(r, idling, "k")
	e := expiringOf(v, (*Counter).Inc)
	for i := range 1000 {
		v.With(strconv.Itoa(i))
	}
	dst := r.AppendText(nil)
	dst = append(dst, dst...)
	if n := testing.AllocsPerRun(100, func() { dst = r.AppendText(dst[:0]) }); n != 0 {
		t.Errorf("%v allocations a scrape", n)
	}
	e.clock.advance(time.Hour)
	if v.asleep.Load() == nil || MustStringCounterVec(r, named("d"), "k").asleep.Load() != nil {
		t.Error("a vec is watched for no reason, or not for one")
	}
}

// The vec by a model: a map of what each key counts, and when a scrape last saw it
// change. The handles of half of the keys are kept; of the others nobody knows when they
// are forgotten, so that With may return what was hidden or a new series.
func TestExpiryIsAMap(t *testing.T) {
	type state struct {
		value, seen uint64
		at          time.Duration
		start       int64
		hidden      bool
	}
	eachHash(t, func(t *testing.T, tamper func(*hasher)) {
		rng := rand.New(rand.NewPCG(12, 13))
		r := NewRegistry()
		v := MustStringCounterVec(r, idling, "k")
		tamper(&v.hasher)
		clock := clockOf(&v.core)
		model, kept := map[string]*state{}, map[string]*Counter{}
		check := func(step int) {
			now := clock.read()
			for k, s := range model {
				switch {
				case s.at < 0 || s.seen != s.value:
					s.at, s.seen, s.hidden = now, s.value, false
				case now-s.at >= idleTime:
					s.hidden = true
				}
				_ = k
			}
			var want []string
			for k, s := range model {
				if !s.hidden {
					want = append(want, fmt.Sprintf("c{k=%q} %d", k, s.value))
				}
			}
			slices.Sort(want)
			if len(want) > 0 {
				want = append([]string{"# TYPE c counter"}, want...)
			}
			if got := exposure(r); got != strings.Join(append(want, ""), "\n") {
				t.Fatalf("step %d: exposed\n%s\nwant\n%s", step, got, strings.Join(want, "\n"))
			}
			for _, p := range v.series.list() {
				s := model[strings.Split(p.s.text.String(), `"`)[1]]
				if s.start == 0 {
					s.start = p.start
				} else if s.start != p.start {
					t.Fatalf("step %d: %s began at %d, now at %d", step, p.s.text.String(), s.start, p.start)
				}
			}
		}
		for step := range scaled(5000) {
			n := rng.IntN(20)
			k := "k" + strconv.Itoa(n)
			s := model[k]
			switch op := rng.IntN(100); {
			case op == 0 && rng.IntN(10) == 0:
				v.Reset()
				clear(model)
				clear(kept)
			case op < 5:
				if v.Delete(k) != (s != nil) && (s == nil || !s.hidden || n%2 == 0) {
					t.Fatalf("step %d: delete of %s", step, k)
				}
				delete(model, k)
				delete(kept, k)
			case op < 30:
				c := v.With(k)
				switch {
				case s == nil:
					model[k] = &state{at: -1}
				case s.hidden && n%2 == 1 && c.whole() == 0 && s.value > 0: // forgotten
					model[k] = &state{at: -1}
				case s.hidden:
					s.at, s.hidden = -1, false
				}
				if n%2 == 0 {
					if was := kept[k]; was != nil && was != c {
						t.Fatalf("step %d: another handle", step)
					}
					kept[k] = c
				}
				c.Inc()
				if model[k].value++; c.whole() != model[k].value {
					t.Fatalf("step %d: %s is %d, want %d", step, k, c.whole(), model[k].value)
				}
			case op < 50 && kept[k] != nil:
				kept[k].Inc()
				s.value++
			case op < 52 && rng.IntN(5) == 0:
				runtime.GC()
			case op < 70:
				clock.advance(time.Duration(rng.Int64N(int64(idleTime) / 2)))
				check(step)
			}
		}
		clock.advance(idleTime)
		check(-1)
	})
}

func eachHash(t *testing.T, test func(*testing.T, func(*hasher))) {
	for name, tamper := range hashes {
		t.Run(name, func(t *testing.T) { test(t, tamper) })
	}
}

// What a scrape has noted as seen is in that scrape, though another one comes in between
// for which the series is idle: here, while the first is at the family's second vec.
func TestNotedValuesAreExposed(t *testing.T) {
	r := NewRegistry()
	vec := func(env string) *StringVec[Counter] {
		return MustStringCounterVec(r, Opts{Name: "c", ExpireAfter: idleTime, ConstLabels: map[string]string{"env": env}}, "k")
	}
	a, b := vec("a"), vec("b")
	clock := clockOf(&a.core)
	a.With("x").Add(7)
	var other sync.WaitGroup
	var once sync.Once
	b.clock = func() time.Duration {
		once.Do(func() {
			clock.advance(idleTime)
			other.Go(func() { exposure(r) })
			for range 10000 { // room for the other one to go wrong
				runtime.Gosched()
			}
		})
		return 0
	}
	wantExposure(t, r, "# TYPE c counter", `c{env="a",k="x"} 7`)
	other.Wait()
	wantExposure(t, r)
}

// Lookups, recordings, scrapes, expiry and collections at once. Every increment is in
// some scrape: a series is hidden only after one that has its last value, so the greatest
// values that scrapes have seen of each life of each series, by its start timestamp, add
// up to all that was ever recorded, whoever kept handles and whoever did not. That counts
// what all scrapes have seen: whichever found a series changed may be the only one that
// has its last value.
func TestStressExpiryLosesNothing(t *testing.T) {
	const keys = 40
	eachHash(t, func(t *testing.T, tamper func(*hasher)) {
		r := NewRegistry()
		v := MustStringCounterVec(r, Opts{Name: "c", ExpireAfter: 3, MaxSeries: keys + 5}, "k")
		tamper(&v.hasher)
		clock := clockOf(&v.core)
		var kept [keys]atomic.Pointer[Counter]
		var done atomic.Uint64
		seen := lives{values: map[life]float64{}}
		look := func() {
			clock.advance(1)
			seen.scrape(t, r)
		}
		round := func(rng *rand.Rand) {
			i := rng.IntN(keys)
			k := "k" + strconv.Itoa(i)
			switch rng.IntN(100) {
			case 0:
				kept[i].Store(v.With(k))
			case 1:
				kept[i].Store(nil)
			case 2:
				look()
			case 3:
				if rng.IntN(4) == 0 {
					runtime.GC()
				}
			default:
				c := kept[i].Load()
				if c == nil && rng.IntN(50) == 0 {
					c = v.With(k)
				}
				if c != nil {
					if text := c.text.String(); text != `{k="`+k+`"} ` {
						t.Errorf("With(%s) gave %s", k, text)
					}
					c.Inc()
					done.Add(1)
				}
			}
		}
		concurrently(4, scaled(8000), round, look)
		look()
		if total := seen.total(); total != float64(done.Load()) {
			t.Errorf("%v of %d increments in %d lives", total, done.Load(), len(seen.values))
		}
		t.Logf("%d lives of %d series", len(seen.values), keys)
	})
}

// life is a series from its making until it is forgotten.
type life struct {
	key   string
	start encode.Timestamp
}

// lives are the greatest values of the counter c that scrapes have seen.
type lives struct {
	mu     sync.Mutex
	values map[life]float64
}

// scrape notes what a scrape has, each series once and in order.
func (l *lives) scrape(t *testing.T, r *Registry) {
	err := r.Gather(t.Context(), func(f *Family) error {
		if f.Name != "c" {
			return nil
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		last := ""
		for i := range f.Samples {
			s := &f.Samples[i]
			now := s.Labels[0].Value
			if now <= last {
				t.Errorf("%q stands after %q", now, last)
			}
			last = now
			at := life{strings.Clone(now), s.Start}
			l.values[at] = max(l.values[at], s.Value)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func (l *lives) total() (sum float64) {
	for _, n := range l.values {
		sum += n
	}
	return sum
}

// The same beside deletions and resets, of all instruments: cells are freed once, and
// not under a handle, and once all is quiet the vec is empty when it is emptied.
func TestStressExpiryAndDeletion(t *testing.T) {
	eachExpiring(t, func(t *testing.T, r *Registry, store *strictStore, v expiring) {
		round := func(rng *rand.Rand) {
			k := strconv.Itoa(rng.IntN(10))
			switch rng.IntN(60) {
			case 0:
				v.reset()
			case 1, 2, 3:
				v.delete(k)
			case 4, 5:
				shows(r, v, k, idleTime/2)
			case 6:
				if rng.IntN(5) == 0 {
					runtime.GC()
				}
			default:
				_, record := v.with(k)
				record()
			}
		}
		concurrently(3, scaled(1000), round, func() {
			v.clock.advance(idleTime / 3)
			parse(t, string(r.AppendText(nil)))
		})
		v.reset()
		collectUntil(t, "cells are not back", func() bool {
			exposure(r)
			store.mu.Lock()
			defer store.mu.Unlock()
			return len(store.held) == 0
		})
		if v.len() != 0 || exposure(r) != "" {
			t.Errorf("%d series after a reset", v.len())
		}
	})
}
