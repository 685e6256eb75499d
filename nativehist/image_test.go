package nativehist

import (
	"maps"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// large are options whose base outgrows a slab.
func large() map[string]Options {
	return map[string]Options{
		"large":         {Schema: 8},
		"large, halve":  {Schema: 8, MaxBuckets: 700, Extra: 2},
		"large, widen":  {Schema: 8, MaxBuckets: 600, MaxZeroThreshold: 1e200},
		"large, reset":  {Schema: 8, MaxBuckets: 600, MinResetDuration: 500 * time.Millisecond},
		"many counters": {Schema: 8, MaxBuckets: 300, Extra: MaxExtra},
	}
}

// killed is a recorder that could be killed after any of its stores: each time
// readers of what is left find the observations that had returned, and perhaps the
// one under way, its sum and extra counter perhaps not.
type killed struct {
	t       *testing.T
	store   *ledger
	rec     *Recorder
	model   *model
	mu      sync.Mutex // timers reset recorders, on a goroutine of their own
	before  *model     // the operation under way
	allowed []*model   // what a kill may leave of it
	dice    *rand.Rand
	looks   int
	quiet   bool
}

// maybe looks at one moment of so many.
func (k *killed) maybe(often int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.quiet && !k.t.Failed() && k.dice.IntN(often) == 0 {
		k.look()
	}
}

func (k *killed) look() {
	k.looks++
	sum := k.store.sum(k.store.dead())
	var got Histogram
	sum.Histogram(&got)
	extra := make([]uint64, k.rec.config.Extra)
	sum.Extra(extra)
	for _, m := range k.allowed {
		want := m.histogram()
		short := want
		short.Sum = k.before.sum
		if (equal(got, want) || equal(got, short)) && nearly(extra, m.extra) {
			return
		}
	}
	k.t.Errorf("a kill leaves\n     %+v, extra counters %v", got, extra)
	for _, m := range k.allowed {
		k.t.Errorf("not  %+v, extra counters %v", m.histogram(), m.extra)
	}
}

// nearly says whether the counters differ by one observation that went to the last,
// at most.
func nearly(got, want []uint64) bool {
	n := len(want)
	if n == 0 || slices.Equal(got, want) {
		return true
	}
	missing := uint64(0)
	for i := range want[:n-1] {
		missing += want[i] - got[i]
	}
	return missing == 1 && got[n-1] == want[n-1]+1
}

func (m *model) clone() *model {
	c := *m
	c.positive, c.negative, c.extra = maps.Clone(m.positive), maps.Clone(m.negative), slices.Clone(m.extra)
	return &c
}

// do does something to the recorder, looking all the while; after is the model then,
// and what else a kill may leave on the way.
func (k *killed) do(recorder func(), after *model, also ...*model) {
	k.expect(k.model, append(also, k.model, after))
	recorder()
	k.model = after
	k.expect(after, []*model{after})
}

func (k *killed) expect(before *model, allowed []*model) {
	k.mu.Lock()
	k.before, k.allowed = before, allowed
	k.mu.Unlock()
}

func (k *killed) observe(v float64, i int) {
	counted, after := k.model.clone(), k.model.clone()
	counted.add(v, max(i, 0))
	after.observe(v, max(i, 0))
	k.do(func() { k.rec.Observe(v, i) }, after, counted)
}

func TestAKillLosesNothing(t *testing.T) {
	all := options()
	maps.Copy(all, large())
	for name, o := range all {
		for stream, next := range streams {
			t.Run(name+"/"+stream, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { killEverywhere(t, config(t, o), next) })
			})
		}
	}
}

func killEverywhere(t *testing.T, c *Config, next func(*rand.Rand) float64) {
	r := rand.New(rand.NewPCG(3, 4))
	k := &killed{t: t, store: &ledger{t: t}, model: newModel(c), dice: rand.New(rand.NewPCG(5, 4))}
	k.expect(k.model, []*model{k.model})
	stores, publications := 20, 3
	if c.MaxBuckets == 0 || c.MaxBuckets >= 300 {
		stores, publications = 400, 40
	}
	if raced {
		stores, publications = 10*stores, 10*publications
	}
	k.rec = NewRecorder(k.store, c)
	k.rec.Persist(describe)
	written, k.store.published = func() { k.maybe(stores) }, func() { k.maybe(publications) }
	defer func() {
		synctest.Wait()
		written = nil
	}()
	for n := range max(scaled(1000), 2*hotAfter) {
		switch r.IntN(300) {
		case 0:
			after := k.model.clone()
			after.sleep(time.Second)
			k.do(func() { time.Sleep(time.Second); synctest.Wait() }, after)
		case 1:
			runtime.GC()
		}
		i := -1
		if c.Extra > 0 {
			i = r.IntN(min(c.Extra, 3))
		}
		k.observe(next(r), i)
		if n%250 == 0 {
			k.maybe(1)
		}
		if t.Failed() {
			return
		}
	}
	k.maybe(1)
	k.mu.Lock()
	k.quiet = true
	k.mu.Unlock()
	time.Sleep(time.Hour)
	synctest.Wait()
	if n := len(k.rec.image.segments); k.looks == 0 || n == 0 {
		t.Errorf("%d looks, %d segments", k.looks, n)
	}
}

// sleep lets a reset happen that is due by then.
func (m *model) sleep(d time.Duration) {
	if due := m.due; !due.IsZero() && !due.After(time.Now().Add(d)) {
		m.reset()
		m.start = due
	}
}

// While the store has no room nothing in it is lost or counted twice, the process
// itself sees all, and as soon as there is room so do readers.
func TestAFullStoreLosesNothing(t *testing.T) {
	all := options()
	maps.Copy(all, large())
	for name, o := range all {
		for stream, next := range streams {
			t.Run(name+"/"+stream, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { fillUp(t, config(t, o), next) })
			})
		}
	}
}

func fillUp(t *testing.T, c *Config, next func(*rand.Rand) float64) {
	r := rand.New(rand.NewPCG(5, 6))
	var full atomic.Bool // timers ask too
	full.Store(r.IntN(2) == 0)
	l := &ledger{t: t, refuse: full.Load}
	rec := NewRecorder(l, c)
	rec.Persist(describe)
	observed, often := uint64(0), 30
	if raced {
		often = 300
	}
	check := func(n int) {
		var mine, theirs Histogram
		start := rec.Snapshot(&mine, nil)
		sum := l.sum(l.dead())
		sum.Histogram(&theirs)
		owed := uint64(0)
		if rec.image.owing {
			owed = rec.image.debt.count()
		}
		if theirs.Count+owed != mine.Count {
			t.Fatalf("after %d: readers see %d observations and %d are owed, of %d", n, theirs.Count, owed, mine.Count)
		}
		if owed > 0 || len(rec.image.segments) == 0 {
			return
		}
		if theirs.Schema < mine.Schema { // a debt that had to be made coarser
			if err := mine.ReduceResolution(theirs.Schema); err != nil {
				t.Fatal(err)
			}
		}
		if !equal(mine, theirs) || sum.Start() != start {
			t.Fatalf("after %d:\nreaders %+v\nprocess %+v", n, theirs, mine)
		}
		if c.MinResetDuration == 0 && mine.Count != observed {
			t.Fatalf("count %d, of %d", mine.Count, observed)
		}
	}
	for n := range max(scaled(1200), 2*hotAfter) {
		switch r.IntN(100) {
		case 0:
			full.Store(!full.Load())
		case 1:
			time.Sleep(300 * time.Millisecond)
			synctest.Wait()
		case 2:
			runtime.GC()
		}
		rec.Observe(next(r), r.IntN(max(1, c.Extra)))
		if observed++; r.IntN(often) == 0 {
			check(n)
		}
	}
	full.Store(false)
	time.Sleep(2 * lastReminder)
	synctest.Wait()
	if rec.image.owing {
		t.Fatal("the debt is never paid")
	}
	check(-1)
	time.Sleep(time.Hour)
}

// Many goroutines, ranges and limits and GOMAXPROCS that change, and readers as
// another process has them.
func TestStressPersistent(t *testing.T) {
	for name, o := range map[string]Options{
		"plain": {Schema: 3, Extra: 2},
		"halve": {Schema: 8, MaxBuckets: 12, Extra: 2},
		"widen": {Schema: 8, MaxBuckets: 12, MaxZeroThreshold: 3, Extra: 2},
	} {
		t.Run(name, func(t *testing.T) { stressPersistent(t, o) })
	}
}

func stressPersistent(t *testing.T, o Options) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	const writers = 64
	each := scaled(20_000)
	l := &ledger{t: t}
	rec := NewRecorder(l, config(t, o))
	rec.Persist(describe)
	var writing, reading sync.WaitGroup
	var begun, done atomic.Uint64
	var stop atomic.Bool
	for w := range writers {
		writing.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 2))
			for i := range each {
				v, extra := float64(1+r.IntN(8)), 0
				if i%300 == 299 {
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
	extra := make([]uint64, 2)
	var h Histogram
	read := func(before uint64) (count uint64) {
		sum := l.sum(l.live())
		after := begun.Load()
		sum.Histogram(&h)
		sum.Extra(extra)
		switch {
		case h.Count < before || h.Count > after:
			t.Errorf("count %d, of at least %d and at most %d", h.Count, before, after)
		case total(extra) != h.Count:
			t.Errorf("extra counters %v, count %d", extra, h.Count)
		case h.ZeroCount == 0 && (total(h.PositiveCounts) != extra[0] || total(h.NegativeCounts) != extra[1]):
			t.Errorf("%d positive, %d negative, extra counters %v", total(h.PositiveCounts), total(h.NegativeCounts), extra)
		case math.Abs(h.Sum) > 1000*float64(h.Count):
			t.Errorf("sum %v of %d", h.Sum, h.Count)
		}
		return h.Count
	}
	reading.Go(func() {
		for last := uint64(0); !stop.Load() && !t.Failed(); {
			count := read(done.Load())
			if count < last {
				t.Errorf("count %d after %d", count, last)
			}
			last = count
		}
	})
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
	if read(uint64(writers*each)) != uint64(writers*each) {
		t.Errorf("count %d", h.Count)
	}
}

func TestWithdrawHidesEverything(t *testing.T) {
	l := &ledger{t: t}
	rec := NewRecorder(l, config(t, Options{Schema: 3, MaxBuckets: 40}))
	rec.Persist(describe)
	for _, v := range latencies(2000) {
		rec.Observe(v, -1)
	}
	if len(l.live()) < 2 {
		t.Fatal("neither base nor block")
	}
	rec.Withdraw()
	for i, v := range latencies(2000) {
		rec.Observe(v*float64(i), -1)
	}
	runtime.GC()
	var h Histogram
	if rec.Snapshot(&h, nil); h.Count != 4000 {
		t.Errorf("count %d, want 4000", h.Count)
	}
	if n := len(l.live()); n != 0 {
		t.Errorf("%d sections after Withdraw", n)
	}
	l.closing = true
	rec.Cells().Free()
	if n := len(l.records); n != 0 {
		t.Errorf("%d slabs after Free", n)
	}
}
