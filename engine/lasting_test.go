package engine

import (
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/shard"
)

// population is instruments of every kind whose cells a store keeps.
type population struct {
	counters, fractions *StringVec[Counter]
	gauges, recents     *StringVec[Gauge]
	flights             *StringVec[UpDown]
	timings, natives    *StringVec[Histogram]
}

func populate(r *Registry) *population {
	o := func(name string, mode GaugeMode) Opts {
		return Opts{Name: name, Help: "All \"kinds\"\nof\\bytes.", ConstLabels: map[string]string{"env": "a\\b"}, Mode: mode}
	}
	return &population{
		counters:  MustStringCounterVec(r, o("m_c_total", GaugeDefault), "z", "a"),
		fractions: MustStringCounterVec(r, o("m_f", GaugeDefault), "z"),
		gauges:    MustStringGaugeVec(r, o("m_g", GaugeDefault), "z"),
		recents:   MustStringGaugeVec(r, o("m_r", GaugeMostRecent), "z"),
		flights:   MustStringUpDownVec(r, o("m_u", GaugeMax), "z"),
		timings:   MustStringHistogramVec(r, HistogramOpts{Opts: o("m_h", GaugeDefault), Buckets: []float64{-1, 0.5, 3}}, "z"),
		natives: MustStringHistogramVec(r, HistogramOpts{Opts: o("m_n", GaugeDefault), Buckets: []float64{0, 1},
			Native: NativeOpts{Factor: 1.1, MaxBuckets: 20, MaxZeroThreshold: 0.1}}, "z"),
	}
}

// record records something in every kind, under one of the keys.
func (p *population) record(rng *rand.Rand, keys []string) {
	k, n := keys[rng.IntN(len(keys))], rng.IntN(9)
	p.counters.With(k, "x").Add(uint64(n))
	p.fractions.With(k).AddFloat(float64(n) / 4)
	p.gauges.With(k).Set(float64(n) / 8)
	p.gauges.With(k).Add(float64(n))
	p.recents.With(k).Set(float64(n) - 4.5)
	p.flights.With(k).Add(int64(n) - 4)
	p.timings.With(k).Observe(float64(n) / 2)
	p.natives.With(k).Observe(float64(n-4) / float64(int(1)<<rng.IntN(12)))
}

// Whoever reads a store that persists, by descriptors and words alone, finds what a
// scrape of the process finds: of every instrument, whatever was recorded on which P.
func TestAnotherReaderFindsTheSame(t *testing.T) {
	file := new(memoryFile)
	r := registryOn(file)
	p := populate(r)
	keys := []string{"", "a\"\n", "ü", `\n`}
	stress(6, func(w int, stop <-chan struct{}) {
		rng := rand.New(rand.NewPCG(uint64(w), 7))
		for !closed(stop) {
			p.record(rng, keys)
		}
	}, func() {
		file.exposition(t)
	})
	if got, want := file.exposition(t), exposure(r); got != want {
		t.Errorf("in the store:\n%s\nexposed:\n%s", got, want)
	}
	file.check(t)
}

// A native histogram is in the store too, bucket by bucket, cold and hot.
func TestAnotherReaderFindsNativeBuckets(t *testing.T) {
	file := new(memoryFile)
	r := registryOn(file)
	h := MustHistogram(r, nativeNamed("h", 1.1, 1, 2))
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 5000 {
		h.Observe(math.Trunc(rng.NormFloat64()*float64(i)*8) / 8) // sums of which are exact
		if i%100 != 0 {
			continue
		}
		got, buckets := sumNative(file.live(t)[0])
		want := h.Snapshot()
		if !reflect.DeepEqual(got, *want.Native) || !slices.Equal(buckets, want.Buckets) {
			t.Fatalf("after %d: in the store %+v %v, want %+v", i, got, buckets, want)
		}
	}
	if file.live(t)[0][0].Start != r.byName["h"].body.(*series[Histogram]).list()[0].start {
		t.Error("the store says that the histogram began at another time")
	}
	file.check(t)
}

// Instruments without labels, special values, and what was never recorded.
func TestAnotherReaderFindsTheExtremes(t *testing.T) {
	file := new(memoryFile)
	r := registryOn(file)
	MustCounter(r, named("a")).Add(math.MaxUint64)
	MustCounter(r, named("b")).AddFloat(math.MaxFloat64)
	for i, v := range []float64{math.NaN(), inf, -inf, math.Copysign(0, -1), 5e-324} {
		MustGauge(r, named("g"+string(rune('0'+i)))).Set(v)
		MustGauge(r, Opts{Name: "r" + string(rune('0'+i)), Mode: GaugeLiveMostRecent}).Set(v)
	}
	MustHistogram(r, buckets("h", 1)).Observe(inf)
	MustUpDown(r, named("u")).Add(math.MinInt64)
	populate(r).record(rand.New(rand.NewPCG(1, 1)), []string{"x"})
	for _, o := range []string{"x_c", "x_g", "x_r", "x_u"} {
		MustCounter(r, named(o+"c_total"))
		MustGauge(r, named(o+"g"))
		MustGauge(r, Opts{Name: o + "r", Mode: GaugeMostRecent})
		MustUpDown(r, named(o+"u"))
		MustHistogram(r, buckets(o+"h", 1, 2))
	}
	if got, want := file.exposition(t), exposure(r); got != want {
		t.Errorf("in the store:\n%s\nexposed:\n%s", got, want)
	}
	file.check(t)
}

// While others record, a reader finds whole histograms, and sums that only grow.
func TestAnotherReaderFindsWholeGroups(t *testing.T) {
	file := new(memoryFile)
	r := registryOn(file)
	h, c := MustHistogram(r, buckets("h", 1, 2, 3)), MustCounter(r, named("c"))
	g := MustGauge(r, Opts{Name: "g", Mode: GaugeMostRecent})
	var last struct{ count, value uint64 }
	newest := 0.0
	var mu sync.Mutex // Sets in order, so that the newest value is the greatest
	set := 0.0
	stress(4, func(_ int, stop <-chan struct{}) {
		for !closed(stop) {
			for v := range 4 {
				h.Observe(float64(v) + 0.5)
				c.Inc()
			}
			mu.Lock()
			set++
			g.Set(set)
			mu.Unlock()
			runtime.Gosched()
		}
	}, func() {
		for _, one := range file.live(t) {
			switch d := one[0]; d.Kind {
			case descriptor.Histogram:
				sum, counts, count := d.histogram()
				want := 0.0
				for i, n := range counts {
					want += (float64(i) + 0.5) * float64(n)
				}
				if sum != want || count < last.count {
					t.Errorf("sum %v with buckets %v; the count was %d before", sum, counts, last.count)
				}
				last.count = count
			case descriptor.Counter:
				if v := d.rec.sum(0); v < last.value {
					t.Errorf("%d after %d", v, last.value)
				} else {
					last.value = v
				}
			case descriptor.Recent:
				v := d.newest()
				if v < newest || g.Value() < v {
					t.Errorf("%v after %v, then the gauge has %v", v, newest, g.Value())
				}
				newest = v
			}
		}
	})
	if v := g.Value(); v != set {
		t.Errorf("the newest value is %v, the last that was set %v", v, set)
	}
}

// When a series began is said once: to the store as to scrapes.
func TestStartIsTheStoresToo(t *testing.T) {
	file := new(memoryFile)
	r := registryOn(file)
	v := MustStringHistogramVec(r, buckets("h", 1), "k")
	c := MustStringCounterVec(r, named("c"), "k")
	for _, k := range []string{"a", "b", "c"} {
		v.With(k)
		c.With(k)
	}
	starts := map[string]int64{}
	for _, one := range file.live(t) {
		starts[one[0].Family+one[0].Labels[0].Value] = one[0].Start
	}
	for i, k := range []string{"a", "b", "c"} {
		if h, c := v.series.list()[i].start, c.series.list()[i].start; starts["h"+k] != h || starts["c"+k] != c || h == 0 || c == 0 {
			t.Errorf("%s: %d and %d, the store has %d and %d", k, h, c, starts["h"+k], starts["c"+k])
		}
	}
}

// A store that persists is told of a dropped series at once, and given its slabs when
// no handle is left. What a handle makes later is not for the store's readers.
func TestWithdrawal(t *testing.T) {
	for _, reset := range []bool{false, true} {
		file := new(memoryFile)
		r := registryOn(file)
		handles := withdrawn(t, file, r, reset)
		settle(t)
		if calls := file.called(); len(calls) > 0 {
			t.Errorf("under a handle: %q", calls)
		}
		runtime.KeepAlive(handles)
		collectUntil(t, "slabs of dropped series were not freed", func() bool { return file.count(withdrawnRecord) == 0 })
		settle(t)
		calls := file.called()
		slices.Sort(calls)
		if want := []string{"free counter", "free counter", "free exemplar", "free exemplar", "free fraction", "free gauge",
			"free histogram", "free recent", "free updown"}; !slices.Equal(calls, want) {
			t.Errorf("freed: %q, want %q", calls, want)
		}
		file.check(t)
	}
}

//go:noinline
func withdrawn(t *testing.T, file *memoryFile, r *Registry, reset bool) (handles []any) {
	label := Label{Name: "id", Value: "1"}
	cs, gs := MustStringCounterVec(r, named("c"), "k"), MustStringGaugeVec(r, named("g"), "k")
	rs := MustStringGaugeVec(r, Opts{Name: "r", Mode: GaugeMostRecent}, "k")
	us, hs := MustStringUpDownVec(r, named("u"), "k"), MustStringHistogramVec(r, buckets("h", 1), "k")
	c, late := cs.With("x"), cs.With("late")
	g, recent, u, h := gs.With("x"), rs.With("x"), us.With("x"), hs.With("x")
	c.AddWithExemplar(0.5, label)
	h.ObserveWithExemplar(0.5, label)
	want := []string{"alloc counter", "alloc counter", "alloc gauge", "alloc recent", "alloc updown", "alloc histogram",
		"alloc fraction", "replace exemplar", "replace exemplar"}
	if calls := file.called(); !slices.Equal(calls, want) {
		t.Errorf("made: %q, want %q", calls, want)
	}
	if reset {
		cs.Reset()
		gs.Reset()
		rs.Reset()
		us.Reset()
		hs.Reset()
	} else if !cs.Delete("x") || !cs.Delete("late") || !gs.Delete("x") || !rs.Delete("x") || !us.Delete("x") || !hs.Delete("x") {
		t.Error("not deleted")
	}
	if n := file.count(liveRecord); n != 0 || file.exposition(t) != "" {
		t.Errorf("%d records are left: %s", n, file.exposition(t))
	}
	calls := file.called()
	slices.Sort(calls)
	if want := []string{"withdraw counter", "withdraw counter", "withdraw exemplar", "withdraw exemplar", "withdraw fraction",
		"withdraw gauge", "withdraw histogram", "withdraw recent", "withdraw updown"}; !slices.Equal(calls, want) {
		t.Errorf("withdrawn: %q, want %q", calls, want)
	}
	late.AddWithExemplar(0.25, label)
	c.AddWithExemplar(3, label)
	g.Set(3)
	recent.Set(4)
	u.Inc()
	h.ObserveWithExemplar(2, label)
	if late.Value() != 0.25 || c.Value() != 3.5 || g.Value() != 3 || recent.Value() != 4 || u.Value() != 1 || h.Snapshot().Count != 2 {
		t.Error("handles of dropped series do not count")
	}
	if calls := file.called(); len(calls) > 0 {
		t.Errorf("handles of dropped series want of the store: %q", calls)
	}
	r.AppendText(nil)
	return []any{c, late, g, recent, u, h}
}

// A series that comes again is a record of its own, and begins at zero.
func TestASeriesComesAgain(t *testing.T) {
	file := new(memoryFile)
	r := registryOn(file)
	p := populate(r)
	rng := rand.New(rand.NewPCG(5, 5))
	for range 50 {
		p.record(rng, []string{"a", "b"})
		p.counters.Delete("a", "x")
		p.fractions.Delete("a")
		p.gauges.Delete("b")
		p.recents.Reset()
		p.flights.Delete("a")
		p.timings.Delete("a")
		p.natives.Delete("b")
		if got, want := file.exposition(t), exposure(r); got != want {
			t.Fatalf("in the store:\n%s\nexposed:\n%s", got, want)
		}
	}
	file.check(t)
}

// Recording, dropping and collecting, all at once.
func TestStressWithdrawal(t *testing.T) {
	file := new(memoryFile)
	r := registryOn(file)
	p := populate(r)
	keys := []string{"a", "b", "c"}
	stress(5, func(w int, stop <-chan struct{}) {
		rng := rand.New(rand.NewPCG(uint64(w), 3))
		for !closed(stop) {
			k := keys[rng.IntN(len(keys))]
			if w > 0 {
				p.record(rng, keys)
				p.fractions.With(k).AddWithExemplar(1, Label{Name: "id", Value: strings.Repeat("x", rng.IntN(100))})
				p.timings.With(k).ObserveWithExemplar(1, Label{Name: "id", Value: strings.Repeat("x", rng.IntN(100))})
				continue
			}
			p.counters.Delete(k, "x")
			p.fractions.Delete(k)
			p.gauges.Delete(k)
			p.recents.Delete(k)
			p.flights.Delete(k)
			p.timings.Delete(k)
			p.natives.Delete(k)
		}
	}, func() {
		r.AppendText(nil)
		runtime.GC()
	})
	if got, want := file.exposition(t), exposure(r); got != want {
		t.Errorf("in the store:\n%s\nexposed:\n%s", got, want)
	}
	for _, reset := range []func(){p.counters.Reset, p.fractions.Reset, p.gauges.Reset, p.recents.Reset, p.flights.Reset,
		p.timings.Reset, p.natives.Reset} {
		reset()
	}
	r.AppendText(nil)
	// Cleanups that were queued on a P that has gone since run when it comes back:
	// Go 1.26 leaves them there.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(pastReservation))
	collectUntil(t, "slabs of dropped series were not freed", func() bool { return file.count(withdrawnRecord) == 0 })
	if n := file.count(liveRecord); n != 0 {
		t.Errorf("%d records are live, of no series", n)
	}
	file.check(t)
}

// The file has the exemplars that scrapes get, and each slab is as large as its
// largest exemplar needs.
func TestExemplarsInAFile(t *testing.T) {
	file := new(memoryFile)
	r := registryOn(file)
	c, h := MustCounter(r, named("c_total")), MustHistogram(r, buckets("h", 1, 2))
	same := func(got []Exemplar, want *Exemplar) {
		t.Helper()
		if len(got) != 1 || !sameExemplar(got[0], *want) {
			t.Errorf("in the store: %+v, want %+v", got, want)
		}
	}
	for _, n := range []int{0, 1, 16, 78, 79, 100, 3, 120, 126} {
		for _, x := range []string{"x", "ü", "€", "\U0001F600"} {
			labels := []Label{{Name: x, Value: strings.Repeat(x, n)}, {Name: "a"}}
			c.AddWithExemplar(float64(n)+0.5, labels...)
			same(file.exemplars(t, "c_total")[counterExemplar], c.more.Load().latest())
			for i, v := range []float64{0.5, 1.5, inf} {
				h.ObserveWithExemplar(v, labels...)
				same(file.exemplars(t, "h")[i], h.bucketExemplar(i))
			}
		}
	}
	sizes := map[int]bool{}
	for _, one := range file.live(t) {
		for _, d := range one {
			if d.Kind == descriptor.Exemplar {
				sizes[d.rec.layout.Words] = true
			}
			if d.Kind == descriptor.Exemplar && !d.rec.layout.Shared {
				t.Error("an exemplar has cells on every P")
			}
		}
	}
	if !reflect.DeepEqual(sizes, map[int]bool{128: true}) {
		t.Errorf("slabs of %v words", sizes)
	}
	if n := file.count(withdrawnRecord); n != 0 {
		t.Errorf("%d smaller slabs were not given back", n)
	}
	file.check(t)
}

func sameExemplar(a, b Exemplar) bool {
	as, an := a.Timestamp.Unix()
	bs, bn := b.Timestamp.Unix()
	return a.Value == b.Value && as == bs && an == bn && slices.Equal(a.Labels, b.Labels)
}

// The longest exemplar that is let in: as many labels as there may be, of the longest
// characters.
func TestLongestExemplar(t *testing.T) {
	file := new(memoryFile)
	r := registryOn(file)
	c := MustCounter(r, named("c_total"))
	var labels []Label
	for i := range maxExemplarRunes {
		labels = append(labels, Label{Name: string(rune(0x10000 + i))})
	}
	c.AddWithExemplar(1, labels...)
	e := file.exemplars(t, "c_total")[counterExemplar]
	if r.exemplars.whole() != 0 || len(e) != 1 || !slices.Equal(e[0].Labels, labels) {
		t.Errorf("%d dropped, in the store %+v", r.exemplars.whole(), e)
	}
}

// A store that has no room for an exemplar leaves it out; everything else goes on.
func TestNoRoomForAnExemplar(t *testing.T) {
	file := new(memoryFile)
	r := registryOn(file)
	c := MustCounter(r, named("c_total"))
	c.AddWithExemplar(1, Label{Name: "id", Value: "short"})
	file.setErr(errNoRoom)
	c.AddWithExemplar(1, Label{Name: "id", Value: strings.Repeat("long", 30)})
	e := file.exemplars(t, "c_total")[counterExemplar]
	if len(e) != 1 || e[0].Labels[0].Value != "short" || c.Value() != 2 || len(c.more.Load().latest().Labels[0].Value) != 120 {
		t.Errorf("in the store %+v, in memory %+v", e, c.more.Load().latest())
	}
	file.check(t)
}

// A native histogram's exemplars are spread over its range in the store as well.
func TestSpreadExemplarsInAFile(t *testing.T) {
	file := new(memoryFile)
	r := registryOn(file)
	o := nativeNamed("h", 1.1)
	o.Native.MaxExemplars = 4
	h := MustHistogram(r, o)
	for i := range 100 {
		h.ObserveWithExemplar(math.Exp(float64(i*7%100)/10), Label{Name: "id", Value: strings.Repeat("x", i)})
		got := file.exemplars(t, "h")
		want := h.exemplars.Load().spread.all()
		if len(got) != 1 || len(got[spreadExemplar]) != len(want) {
			t.Fatalf("in the store %+v, want %d", got, len(want))
		}
		for _, e := range want {
			if !slices.ContainsFunc(got[spreadExemplar], func(g Exemplar) bool { return sameExemplar(g, *e) }) {
				t.Fatalf("%+v is not in the store", e)
			}
		}
	}
	file.check(t)
}

// Exemplars that come at the same moment: the store has whole ones, each of which was
// recorded.
func TestStressExemplarsInAFile(t *testing.T) {
	file := new(memoryFile)
	r := registryOn(file)
	c, h := MustCounter(r, named("c_total")), MustHistogram(r, nativeNamed("h", 1.1, 1, 2))
	label := func(v float64) Label {
		return Label{Name: "v", Value: strings.Repeat(string(encode.AppendFloat(nil, v)), 1+int(v*64)%16)}
	}
	stress(6, func(w int, stop <-chan struct{}) {
		rng := rand.New(rand.NewPCG(uint64(w), 3))
		for !closed(stop) {
			v := float64(1+rng.IntN(200)) / 64
			c.AddWithExemplar(v, label(v))
			h.ObserveWithExemplar(v, label(v))
		}
	}, func() {
		for _, family := range []string{"c_total", "h"} {
			for _, one := range file.live(t) {
				for _, d := range one {
					if d.Family != family || d.Kind != descriptor.Exemplar {
						continue
					}
					e, whole := d.exemplar()
					if d.rec.state.Load() != d.state {
						continue // it is another one's by now
					}
					if !whole || e.Labels[0] != label(e.Value) {
						t.Errorf("the exemplar of %v has %v", e.Value, e.Labels)
					}
				}
			}
		}
	})
	file.check(t)
}

// In memory a gauge takes no cells from the store, but for a recent mode.
func TestGaugesInMemory(t *testing.T) {
	store := new(strictStore)
	r := registryOn(store)
	v := MustStringGaugeVec(r, named("g"), "k")
	v.With("a").Set(1)
	if store.allocs != 0 || v.With("a").home != v.With("b").home {
		t.Errorf("%d slabs; the gauges share a home: %v", store.allocs, v.With("a").home == v.With("b").home)
	}
	recents := MustStringGaugeVec(r, Opts{Name: "r", Mode: GaugeMostRecent}, "k")
	recents.With("a").Set(2)
	if got := recents.With("a").Value(); store.allocs != 1 || got != 2 {
		t.Errorf("%d slabs, value %v", store.allocs, got)
	}
	recents.Reset()
	r.AppendText(nil)
	collectUntil(t, "the cells of a recent gauge were not freed", func() bool { return store.freed() == 1 })
	store.check(t)
}

// What is added to a gauge that can only be set is refused, and counted.
func TestRecentGaugesTakeNoAdd(t *testing.T) {
	r := NewRegistry()
	g := MustGauge(r, Opts{Name: "g", Mode: GaugeLiveMostRecent})
	g.Set(2)
	g.Add(1)
	g.Sub(1)
	g.Inc()
	g.Dec()
	if g.Value() != 2 {
		t.Errorf("value %v", g.Value())
	}
	g.SetToCurrentTime()
	wantDrops(t, r, "mode=4")
	v := MustStringGaugeVec(r, Opts{Name: "v", Mode: GaugeMostRecent}, "k")
	v.With("too", "many").Set(1)
	v.With("too", "many").Inc()
	if v.With("too", "many").Value() != 0 {
		t.Error("an instrument that refuses has a value")
	}
	wantDrops(t, r, "labels=2 mode=4")
}

// A store without cells: gauges then refuse, as counters do.
func TestNoCellsForAGauge(t *testing.T) {
	file := new(memoryFile)
	r := registryOn(file)
	v, recents := MustStringGaugeVec(r, named("g"), "k"), MustStringGaugeVec(r, Opts{Name: "r", Mode: GaugeMostRecent}, "k")
	file.setErr(errNoRoom)
	v.With("a").Set(1)
	v.With("a").Inc()
	recents.With("a").Set(1)
	wantDrops(t, r, "store=3")
	if v.With("a").Value() != 0 || recents.With("a").Value() != 0 || exposure(r) != "" {
		t.Error("a gauge without cells is exposed")
	}
	file.setErr(nil)
	v.With("a").Set(1)
	recents.With("a").Set(2)
	wantExposure(t, r, "# TYPE g gauge", `g{k="a"} 1`, "# TYPE r gauge", `r{k="a"} 2`)
}

// Sets of one gauge are in order, by whatever P and however coarse or wrong the clock.
func TestRecentSetsAreInOrder(t *testing.T) {
	g := MustGauge(NewRegistry(), Opts{Name: "g", Mode: GaugeMostRecent})
	g.home.recent.last.Store(1 << 62) // the clock was set back by many years
	for i := range 1000 {
		g.Set(float64(i))
		if v := g.Value(); v != float64(i) {
			t.Fatalf("set %d, read %v", i, v)
		}
		runtime.Gosched() // to another P, sometimes
	}
}

func TestLabelsOf(t *testing.T) {
	for _, labels := range [][]Label{nil, {{Name: "a"}}, {{Name: "a", Value: `}"\`}, {Name: "b.c", Value: "\n\\n"}, {Name: "q\"\\\n", Value: ","}}} {
		consts := map[string]string{}
		for _, l := range labels {
			consts[l.Name] = l.Value
		}
		sorted, err := sortedConsts("f", consts, "", UTF8Names)
		if err != nil {
			t.Fatal(err)
		}
		if got := labelsOf(newTemplate(nil, sorted).lits[0]); !slices.Equal(got, labels) {
			t.Errorf("%q came back as %q", labels, got)
		}
	}
}

var _ shard.Persistent = (*memoryFile)(nil)
