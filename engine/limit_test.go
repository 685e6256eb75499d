package engine

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

type (
	plainLabels struct{ Client, Path string }
	mixedLabels struct {
		Client string
		Code   int
		Cached bool
	}
	methodLabels struct {
		Client method
		Code   int
	}
)

// limited is a vec of counters with a limit, and a label that takes any string.
type limited struct {
	with     func(string) *Counter
	delete   func(string) bool
	reset    func()
	len      func() int
	named    func() *Counter // asks for the overflow series by its labels; nil when it has none
	overflow string          // its labels, as they are exposed
	slots    func() int
	lock     func() (unlock func())
}

func limitedOf[K any](c *core[K, Counter]) limited {
	return limited{reset: c.Reset, len: c.Len, slots: func() int { return len(c.table.Load().slots) },
		lock: func() func() { c.mu.Lock(); return c.mu.Unlock }}
}

// limitedKinds are all ways in which a vec finds its series.
var limitedKinds = map[string]func(*Registry, Opts) limited{
	"plain": func(r *Registry, o Opts) limited {
		v := MustCounterVec[plainLabels](r, o)
		l := limitedOf(&v.core)
		l.with = func(s string) *Counter { return v.With(plainLabels{s, "/"}) }
		l.delete = func(s string) bool { return v.Delete(plainLabels{s, "/"}) }
		l.named = func() *Counter { return v.With(plainLabels{OverflowValue, OverflowValue}) }
		l.overflow = `{client="__overflow__",path="__overflow__"}`
		return l
	},
	"mixed": func(r *Registry, o Opts) limited {
		v := MustCounterVec[mixedLabels](r, o)
		l := limitedOf(&v.core)
		l.with = func(s string) *Counter { return v.With(mixedLabels{s, 0, false}) }
		l.delete = func(s string) bool { return v.Delete(mixedLabels{s, 0, false}) }
		l.overflow = `{cached="__overflow__",client="__overflow__",code="__overflow__"}`
		return l
	},
	"strings": func(r *Registry, o Opts) limited {
		v := MustStringCounterVec(r, o, "client", "path")
		l := limitedOf(&v.core)
		l.with = func(s string) *Counter { return v.With(s, "/") }
		l.delete = func(s string) bool { return v.Delete(s, "/") }
		l.named = func() *Counter { return v.With(OverflowValue, OverflowValue) }
		l.overflow = `{client="__overflow__",path="__overflow__"}`
		return l
	},
	"methods": func(r *Registry, o Opts) limited {
		v := MustCounterVec[methodLabels](r, o)
		l := limitedOf(&v.core)
		l.with = func(s string) *Counter { return v.With(methodLabels{method(s), 7}) }
		l.delete = func(s string) bool { return v.Delete(methodLabels{method(s), 7}) }
		l.overflow = `{client="__overflow__",code="__overflow__"}`
		return l
	},
}

func eachLimited(t *testing.T, o Opts, test func(t *testing.T, r *Registry, v limited)) {
	for kind, make := range limitedKinds {
		t.Run(kind, func(t *testing.T) {
			r := NewRegistry()
			test(t, r, make(r, o))
		})
	}
}

// valueOf returns the value of the sample that begins so, "" when there is none.
func valueOf(r *Registry, series string) string {
	for line := range strings.Lines(string(r.AppendText(nil))) {
		if rest, ok := strings.CutPrefix(line, series+" "); ok {
			return strings.TrimSuffix(rest, "\n")
		}
	}
	return ""
}

func wantValue(t *testing.T, r *Registry, series, want string) {
	t.Helper()
	if got := valueOf(r, series); got != want {
		t.Errorf("%s is %q, want %q", series, got, want)
	}
}

const overflowLookups = `pawl_overflow_lookups_total{family="c"}`

func TestOverflowTakesWhatHasNoRoom(t *testing.T) {
	eachLimited(t, Opts{Name: "c", MaxSeries: 3}, func(t *testing.T, r *Registry, v limited) {
		wantValue(t, r, overflowLookups, "0")
		a, b, c := v.with("a"), v.with("b"), v.with("c")
		over := v.with("d")
		if over == a || over == b || over == c || v.with("e") != over || v.with("d") != over {
			t.Fatal("what has no room does not have the one overflow series")
		}
		over.Add(10)
		if v.with("b") != b || v.len() != 4 {
			t.Errorf("%d series", v.len())
		}
		wantValue(t, r, "c"+v.overflow, "10")
		wantValue(t, r, overflowLookups, "3")

		if !v.delete("a") {
			t.Fatal("not deleted")
		}
		d := v.with("d")
		if d == over || v.with("d") != d || v.with("f") != over || v.len() != 4 {
			t.Error("a deletion makes no room, or too much")
		}
		wantValue(t, r, "c"+v.overflow, "10")
		wantValue(t, r, overflowLookups, "4")

		v.reset()
		if v.len() != 0 || exposure(r) != "" {
			t.Errorf("after a reset: %d series, exposed:\n%s", v.len(), exposure(r))
		}
		for _, k := range []string{"a", "b", "c"} {
			v.with(k)
		}
		if fresh := v.with("d"); fresh == over || fresh.Value() != 0 || v.with("e") != fresh {
			t.Error("the overflow series outlived the reset")
		}
	})
}

// Who uses the overflow series' own labels has the overflow series: there is one of
// that name, before the limit, at it, and after it has been deleted.
func TestOverflowByName(t *testing.T) {
	eachLimited(t, Opts{Name: "c", MaxSeries: 2}, func(t *testing.T, r *Registry, v limited) {
		if v.named == nil { // an integer is never spelled so
			v.named = func() *Counter { return v.with("past the limit") }
			v.with("a")
			v.with("b")
		}
		over := v.named()
		v.with("a")
		v.with("b").Inc()
		if over != v.named() || over != v.with("c") || v.len() != 3 {
			t.Errorf("%d series, or two for one name", v.len())
		}
		over.Inc()
		parse(t, string(r.AppendText(nil)))
		wantValue(t, r, "c"+v.overflow, "1")
	})
	v := MustStringCounterVec(NewRegistry(), Opts{Name: "c", MaxSeries: 1}, "a")
	v.With("x")
	v.With("y").Inc()
	if !v.Delete(OverflowValue) || v.Delete(OverflowValue) || v.Len() != 1 {
		t.Error("the overflow series is not deleted once")
	}
	if over := v.With("y"); over.Value() != 0 || over != v.With(OverflowValue) || over != v.With("z") {
		t.Error("a deleted overflow series comes back")
	}
}

// Without a limit the value means nothing; const labels are no part of the overflow.
func TestOverflowValueIsAValue(t *testing.T) {
	r := NewRegistry()
	free := MustStringCounterVec(r, named("free"), "a")
	free.With(OverflowValue).Inc()
	for _, env := range []string{"test", "prod"} {
		v := MustStringCounterVec(r, Opts{Name: "c", MaxSeries: 1, ConstLabels: map[string]string{"env": env}}, "a")
		v.With("x")
		v.With("y").Inc()
	}
	wantExposure(t, r,
		"# TYPE c counter",
		`c{a="__overflow__",env="prod"} 1`, `c{a="__overflow__",env="test"} 1`, `c{a="x",env="prod"} 0`, `c{a="x",env="test"} 0`,
		"# TYPE free counter", `free{a="__overflow__"} 1`)
	wantValue(t, r, overflowLookups, "2")
}

// At the limit a series is found by values that clean to its own, and by another label
// struct with its text.
func TestLookupsOfSeriesAtTheLimit(t *testing.T) {
	eachLimited(t, Opts{Name: "c", MaxSeries: 2}, func(t *testing.T, r *Registry, v limited) {
		a, b := v.with("a\xffb"), v.with("b")
		over := v.with("c")
		two := "a\xfe\xffb"
		if strings.Contains(t.Name(), "methods") {
			two = "a\xffb" // to strings.ToUpper each byte is a rune
		}
		if v.with("a\xffb") != a || v.with(two) != a || v.with("a\uFFFDb") != a || v.with("b") != b || v.with("b\xff") != over {
			t.Error("a lookup goes astray")
		}
	})
}

func TestLimitsOfARegistry(t *testing.T) {
	r := NewRegistryWith(RegistryOptions{MaxSeries: 2})
	for o, want := range map[*Opts]int{
		{Name: "default"}:                  3,
		{Name: "more", MaxSeries: 5}:       6,
		{Name: "unlimited", MaxSeries: -1}: 100,
	} {
		v := MustStringGaugeVec(r, *o, "a")
		for i := range 100 {
			v.With(strconv.Itoa(i))
		}
		if v.Len() != want {
			t.Errorf("%s: %d series, want %d", o.Name, v.Len(), want)
		}
	}
	MustStringGaugeVec(r, named("none")).With().Set(1)
	MustGauge(r, named("one")).Set(1)
	for i := range 5 {
		MustGaugeFunc(r, named(fmt.Sprint("panics", i)), func() float64 { panic("boo") })
	}
	r.AppendText(nil)
	if n := len(own(t, r, "pawl_callback_panics_total")); n != 5 {
		t.Errorf("a registry's own family is limited, to %d", n)
	}
}

func TestBadLifetimesAreRefused(t *testing.T) {
	for i, m := range makers {
		for _, c := range []struct {
			opts Opts
			word string
			vecs bool // refused for vecs too
		}{
			{Opts{Name: "m", MaxSeries: 3}, "MaxSeries is 3", false},
			{Opts{Name: "m", ExpireAfter: 3e9}, "ExpireAfter is 3s", false},
			{Opts{Name: "m", ExpireAfter: -1}, "ExpireAfter is -1ns", true},
		} {
			r := NewRegistry()
			err := m.make(r, c.opts)
			if strings.HasSuffix(m.kind, "Vec") && !c.vecs {
				if err != nil {
					t.Errorf("%s: %v", m.kind, err)
				}
				continue
			}
			wantRefused(t, err, ErrLifetime, "m", c.word)
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("the Must form of %s does not panic", m.kind)
					}
				}()
				musts[i](r, c.opts)
			}()
		}
	}
	_, err := NewStringEnumVec(NewRegistry(), StatesOpts{Opts: Opts{Name: "m", ExpireAfter: 1}, States: []string{"a"}}, "k")
	wantRefused(t, err, ErrLifetime, "m", "do not expire")
	_, err = NewStringCounterVec(NewRegistry(), Opts{Name: "m", MaxSeries: 1})
	wantRefused(t, err, ErrLifetime, "m", "no variable labels")
}

// Where the store has no cells for the overflow series either, lookups get an
// instrument that refuses, and the next one tries again.
func TestOverflowWithoutCells(t *testing.T) {
	store := new(strictStore)
	r := registryOn(store)
	v := MustStringCounterVec(r, Opts{Name: "c", MaxSeries: 1}, "a")
	v.With("x")
	store.setErr(errNoRoom)
	v.With("y").Inc()
	v.With(OverflowValue).Inc()
	wantDrops(t, r, "store=2")
	wantValue(t, r, overflowLookups, "0")
	store.setErr(nil)
	v.With("y").Inc()
	wantValue(t, r, `c{a="__overflow__"}`, "1")
}

// A miss at the limit allocates nothing, and does not wait for who holds the lock.
func TestOverflowLookupsAreFree(t *testing.T) {
	eachLimited(t, Opts{Name: "c", MaxSeries: 10}, func(t *testing.T, r *Registry, v limited) {
		if strings.Contains(t.Name(), "methods") {
			return // documented: String methods allocate, and their text is looked up under the lock
		}
		keys := make([]string, 1000)
		for i := range keys {
			keys[i] = strconv.Itoa(i)
			v.with(keys[i])
		}
		over := v.with("x")
		defer v.lock()()
		i := 0
		look := func() {
			if c := v.with(keys[i]); (c == over) != (i >= 10) {
				t.Errorf("%s has the overflow series: %v", keys[i], c == over)
			}
			i = (i + 1) % len(keys)
		}
		for range keys {
			look()
		}
		if n := testing.AllocsPerRun(1000, look); n != 0 && !raced {
			t.Errorf("%v allocations", n)
		}
	})
}

// A flood of a million label values: memory stays as it is, the series that were there
// first count exactly what is theirs, and the overflow series the rest.
func TestFloodDoesNotGrowMemory(t *testing.T) {
	const most, workers = 100, 4
	flood := 1_000_000 / workers
	if raced || testing.Short() {
		flood /= 20
	}
	for kind, make := range limitedKinds {
		t.Run(kind, func(t *testing.T) {
			store := new(strictStore)
			r := registryOn(store)
			v := make(r, Opts{Name: "c", MaxSeries: most})
			for i := range most {
				v.with("good " + strconv.Itoa(i))
			}
			v.with("the first to have no room")
			before, slots, slabs := heapInUse(), v.slots(), store.allocs
			var good [most]atomic.Uint64
			var bad atomic.Uint64
			var wg sync.WaitGroup
			for w := range workers {
				wg.Go(func() {
					rng := rand.New(rand.NewPCG(uint64(w), 1))
					key := []byte("flood ")
					for i := range flood {
						if i%10 == 0 {
							k := rng.IntN(most)
							v.with("good " + strconv.Itoa(k)).Inc()
							good[k].Add(1)
						}
						key = strconv.AppendInt(key[:6], int64(w*flood+i), 36)
						v.with(string(key)).Inc()
						bad.Add(1)
					}
				})
			}
			wg.Wait()
			if after := heapInUse(); after > before+64<<10 {
				t.Errorf("the heap grew from %d to %d", before, after)
			}
			if v.len() != most+1 || v.slots() != slots || store.allocs != slabs {
				t.Errorf("%d series, %d slots, %d slabs; before the flood %d, %d, %d", v.len(), v.slots(), store.allocs, most+1, slots, slabs)
			}
			for i := range good {
				if n := v.with("good " + strconv.Itoa(i)).whole(); n != good[i].Load() {
					t.Errorf("series %d has %d, want %d", i, n, good[i].Load())
				}
			}
			wantValue(t, r, "c"+v.overflow, fmt.Sprint(bad.Load()))
			wantValue(t, r, overflowLookups, fmt.Sprint(bad.Load()+1))
			store.check(t)
		})
	}
}

func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Lookups that race for the last places never exceed the limit, while others make
// room: and each handle is the series of its key, or the overflow series.
func TestRacingInsertsKeepTheLimit(t *testing.T) {
	const most, keys = 20, 60
	eachLimited(t, Opts{Name: "c", MaxSeries: most}, func(t *testing.T, r *Registry, v limited) {
		var done atomic.Uint64
		round := func(rng *rand.Rand) {
			k := "k" + strconv.Itoa(rng.IntN(keys))
			if rng.IntN(4) == 0 {
				v.delete(k)
				return
			}
			c := v.with(k)
			if text := strings.ToLower(c.text.String()); !strings.Contains(text, `client="`+k+`"`) && text != v.overflow+" " {
				t.Errorf("With(%s) gave the series %s", k, text)
			}
			c.Inc()
			done.Add(1)
		}
		concurrently(4, scaled(5000), round, func() {
			if n := v.len(); n > most+1 {
				t.Errorf("%d series", n)
			}
			parse(t, string(r.AppendText(nil)))
		})
		for i := range keys {
			v.delete("k" + strconv.Itoa(i))
		}
		if n := v.len(); n > 1 {
			t.Errorf("%d series when all but the overflow series are deleted", n)
		}
		for i := range most {
			if v.with("k"+strconv.Itoa(i)).text.String() == v.overflow+" " {
				t.Error("there is no room, and nothing has it")
			}
		}
	})
}

// The limit by a model: a map, and what goes past it.
func TestLimitIsAMap(t *testing.T) {
	const most = 15
	eachLimited(t, Opts{Name: "c", MaxSeries: most}, func(t *testing.T, r *Registry, v limited) {
		rng := rand.New(rand.NewPCG(5, 6))
		model, spilled, lookups := map[string]uint64{}, uint64(0), 0
		for step := range scaled(20_000) {
			k := "k" + strconv.Itoa(rng.IntN(30))
			_, there := model[k]
			switch op := rng.IntN(1000); {
			case op == 0:
				v.reset()
				clear(model)
				spilled = 0
			case op < 200:
				if v.delete(k) != there {
					t.Fatalf("step %d: delete of %s", step, k)
				}
				delete(model, k)
			default:
				c := v.with(k)
				c.Inc()
				if !there && len(model) == most {
					spilled++
					lookups++
					if c.whole() != spilled {
						t.Fatalf("step %d: the overflow series has %d, want %d", step, c.whole(), spilled)
					}
					continue
				}
				model[k]++
				if c.whole() != model[k] {
					t.Fatalf("step %d: %s has %d, want %d", step, k, c.whole(), model[k])
				}
			}
		}
		wantValue(t, r, overflowLookups, strconv.Itoa(lookups))
	})
}
