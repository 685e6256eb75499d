package measure

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestBuckets(t *testing.T) {
	for v := uint64(0); v < 1<<20; v++ {
		b := bucket(v)
		if high := highest(b); high < v || float64(high-v) > float64(v)/128 {
			t.Fatalf("%d is in bucket %d, which ends at %d", v, b, high)
		}
		if b > 0 && highest(b-1) >= v {
			t.Fatalf("%d belongs in bucket %d, which ends at %d", v, b-1, highest(b-1))
		}
	}
	if b := bucket(math.MaxInt64); highest(b) != math.MaxInt64 {
		t.Errorf("the longest duration is in bucket %d, which ends at %d", b, highest(b))
	}
}

func TestQuantiles(t *testing.T) {
	var a, b Durations
	all := make([]time.Duration, 10_000)
	for i := range all {
		all[i] = time.Duration(math.Exp(rand.NormFloat64()*3 + 6))
		if i%2 == 0 {
			a.Add(all[i])
		} else {
			b.Add(all[i])
		}
	}
	a.Merge(&b)
	slices.Sort(all)
	for _, q := range []float64{0.0001, 0.5, 0.99, 0.999, 1} {
		want := all[max(int(math.Ceil(q*float64(len(all)))), 1)-1]
		if got := a.Quantile(q); got < want || float64(got-want) > float64(want)/100 {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if a.Max() != all[len(all)-1] {
		t.Errorf("maximum %v, want %v", a.Max(), all[len(all)-1])
	}
}

func TestQuantileOfNothing(t *testing.T) {
	if got := new(Durations).Quantile(0.99); got != 0 {
		t.Errorf("%v", got)
	}
}

func TestLoop(t *testing.T) {
	var total atomic.Int64
	workers := 0
	l := &Loop{Per: 2, Each: 1,
		Total: func() float64 { return float64(total.Load()) },
		Body: func(worker int) func(int) {
			workers++
			return func(iters int) {
				time.Sleep(time.Duration(iters) * time.Millisecond)
				total.Add(int64(iters))
			}
		}}
	for range 2 {
		r := l.Run(3, 10)
		// 10 iterations of 1 ms and 2 ops, whatever the number of workers.
		if len(r) != 1 || r[0].Unit != "ns" || r[0].Value < 0.5e6 {
			t.Errorf("%+v", r)
		}
	}
	if workers != 3 || total.Load() != 60 {
		t.Errorf("%d workers, total %d", workers, total.Load())
	}
	if err := l.Check(); err != nil {
		t.Error(err)
	}
	total.Add(-1)
	if l.Check() == nil {
		t.Error("a lost increment goes unnoticed")
	}
}

func TestSteps(t *testing.T) {
	var calls strings.Builder
	var kept [][]byte
	s := &Steps{Per: 10,
		Before: func() { calls.WriteByte('b'); time.Sleep(time.Millisecond) },
		Step: func() {
			calls.WriteByte('s')
			for range 20 {
				kept = append(kept, make([]byte, 100))
			}
		}}
	kept = make([][]byte, 0, 100)
	r := s.Run(7, 3)[0]
	if calls.String() != "bsbsbs" {
		t.Errorf("steps ran as %s", calls.String())
	}
	if r.Allocs < 2 || r.Allocs > 4 || r.Bytes < 200 || r.Value <= 0 || r.Value > 1e5 {
		t.Errorf("2 allocations and 224 bytes per op, in no time, read as %+v", r)
	}
}

func TestLatency(t *testing.T) {
	var scrapes, records atomic.Int64
	l := &Latency{
		Record: func(int) func() { return func() { records.Add(1) } },
		Scrape: func() { scrapes.Add(1); time.Sleep(time.Millisecond) },
	}
	readings := l.Run(2, 3)
	if scrapes.Load() != 3 || records.Load() < 2 {
		t.Errorf("%d scrapes, %d recordings", scrapes.Load(), records.Load())
	}
	units := []string{}
	for i, r := range readings {
		units = append(units, r.Unit)
		if i > 0 && r.Value < readings[i-1].Value {
			t.Errorf("quantiles go down: %+v", readings)
		}
	}
	if !slices.Equal(units, []string{P50, P99, P999, Max}) {
		t.Errorf("units %v", units)
	}
}

func TestOnEachP(t *testing.T) {
	seen := make([]bool, 1024)
	OnEachP(func(w int) { seen[w] = true })
	if !seen[0] {
		t.Error("ran on no P")
	}
}

func TestPrivateDirty(t *testing.T) {
	const rollup = "00400000-7ffc ---p 00000000 00:00 0 [rollup]\nPrivate_Clean:   40 kB\nPrivate_Dirty:  116 kB\nReferenced: 1 kB\n"
	if got, err := privateDirty([]byte(rollup)); got != 116<<10 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "Private_Dirty:", "Private_Dirty: 3 MB", "Private_Dirty: x kB"} {
		if _, err := privateDirty([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}
