package engine

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// Goroutines that ask for a new key at once get one series.
func TestRacingWithsGetOneSeries(t *testing.T) {
	const racers, rounds = 4, 100
	vecs(t, func(t *testing.T, r *Registry, v vecUnderTest) {
		got := make([][racers]*Counter, rounds)
		var at [rounds]atomic.Int32 // how many racers have come to round i
		var wg sync.WaitGroup
		for w := range racers {
			wg.Go(func() {
				for i := range rounds {
					at[i].Add(1)
					for at[i].Load() < racers {
						runtime.Gosched()
					}
					got[i][w] = v.with(route{"m", "p", i})
					got[i][w].Inc()
				}
			})
		}
		wg.Wait()
		for i, c := range got {
			if c[0].Value() != racers || !slices.Equal(c[:], []*Counter{c[0], c[0], c[0], c[0]}) {
				t.Errorf("key %d has handles %v, the first with %v", i, c, c[0].Value())
			}
		}
		if v.len() != rounds {
			t.Errorf("%d series, want %d", v.len(), rounds)
		}
	})
}

// belongsTo checks that c is the series of k.
func belongsTo(t *testing.T, c *Counter, k route) {
	if text, want := c.text.String(), fmt.Sprintf(`{code="%d",method="%s",path="%s"} `, k.Status, k.Method, k.Path); text != want {
		t.Errorf("With(%v) gave the series %s", k, text)
	}
}

// wantOrdered checks that a scrape has each series once, in order.
func wantOrdered(t *testing.T, r *Registry) {
	var last []string
	for _, f := range scrape(t, r) {
		for _, s := range f.samples {
			now := []string{s.label("code"), s.label("method"), s.label("path")}
			if last != nil && slices.Compare(last, now) >= 0 {
				t.Fatalf("%q stands after %q", now, last)
			}
			last = now
		}
	}
}

// Some series stay, others come and go: those that stay have one handle all the
// time and lose nothing, every handle belongs to its key, and every scrape is in
// order.
func TestStressChurn(t *testing.T) {
	const writers, stay, churn = 4, 50, 200
	vecs(t, func(t *testing.T, r *Registry, v vecUnderTest) {
		var handles [stay]*Counter
		for i := range handles {
			handles[i] = v.with(route{"stay", "p", i})
		}
		var done atomic.Uint64
		var missing atomic.Int32
		round := func(rng *rand.Rand) {
			i := rng.IntN(stay)
			c := v.with(route{"stay", "p", i})
			if c != handles[i] {
				missing.Add(1)
			}
			c.Inc()
			done.Add(1)
			k := route{"go", "p", rng.IntN(churn)}
			if rng.IntN(3) == 0 {
				v.delete(k)
			} else {
				c := v.with(k)
				belongsTo(t, c, k)
				c.Inc()
			}
		}
		concurrently(writers, scaled(3000), round, func() { wantOrdered(t, r) })
		var total uint64
		for _, c := range handles {
			total += c.whole()
		}
		if total != done.Load() || missing.Load() != 0 {
			t.Errorf("%d of %d increments, %d lookups found another series", total, done.Load(), missing.Load())
		}
	})
}

// The same beside resets: handles belong to their keys, and once all is quiet the
// vec is a map again.
func TestStressReset(t *testing.T) {
	vecs(t, func(t *testing.T, r *Registry, v vecUnderTest) {
		round := func(rng *rand.Rand) {
			k := route{"m", strconv.Itoa(rng.IntN(5)), rng.IntN(30)}
			switch rng.IntN(200) {
			case 0:
				v.reset()
			case 1, 2, 3:
				v.delete(k)
			default:
				c := v.with(k)
				belongsTo(t, c, k)
				c.Inc()
			}
		}
		concurrently(4, scaled(3000), round, func() { wantOrdered(t, r) })
		v.reset()
		if v.len() != 0 || exposure(r) != "" {
			t.Errorf("%d series after a reset, exposed:\n%s", v.len(), exposure(r))
		}
		k := route{"m", "1", 1}
		if c := v.with(k); c.Value() != 0 || v.with(k) != c || v.len() != 1 {
			t.Error("after it all, the vec is no map")
		}
	})
}

// concurrently runs round n times in each of so many goroutines, and meanwhile
// all the time in this one.
func concurrently(goroutines, n int, round func(*rand.Rand), meanwhile func()) {
	var wg sync.WaitGroup
	var left atomic.Int32
	left.Store(int32(goroutines))
	for w := range goroutines {
		wg.Go(func() {
			defer left.Add(-1)
			rng := rand.New(rand.NewPCG(uint64(w), 7))
			for range n {
				round(rng)
			}
		})
	}
	for left.Load() > 0 {
		meanwhile()
	}
	wg.Wait()
}
