package nativehist

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"sort"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawl-metrics/pawl/shard"
)

// model is a native histogram as client_golang keeps it, in maps and without a
// thought for speed.
type model struct {
	c                  *Config
	schema             int32
	threshold          float64
	zero, count        uint64
	sum                float64
	positive, negative map[int32]uint64
	extra              []uint64
	start              time.Time
	due                time.Time // of the pending reset, if any
}

func newModel(c *Config) *model {
	m := &model{c: c}
	m.reset()
	return m
}

func (m *model) reset() {
	m.schema, m.threshold = m.c.schema, m.c.threshold
	m.zero, m.count, m.sum = 0, 0, 0
	m.positive, m.negative = map[int32]uint64{}, map[int32]uint64{}
	m.extra = make([]uint64, m.c.Extra)
	m.start, m.due = time.Now(), time.Time{}
}

// tick lets a due reset happen.
func (m *model) tick() {
	if due := m.due; !due.IsZero() && !time.Now().Before(due) {
		m.reset()
		m.start = due
	}
}

func (m *model) observe(v float64, i int) {
	m.add(v, i)
	if m.c.MaxBuckets == 0 || len(m.positive)+len(m.negative) <= m.c.MaxBuckets {
		return
	}
	if wait := m.c.MinResetDuration; wait > 0 && m.due.IsZero() {
		if age := time.Since(m.start); age >= wait {
			m.reset()
			m.add(v, i)
			return
		} else {
			m.due = time.Now().Add(wait - age)
		}
	}
	if m.threshold < m.c.MaxZeroThreshold {
		smallest := int32(math.MaxInt32)
		for _, side := range []map[int32]uint64{m.positive, m.negative} {
			for k := range side {
				smallest = min(smallest, k)
			}
		}
		if b := Bound(m.schema, smallest); smallest != math.MaxInt32 && b <= m.c.MaxZeroThreshold {
			m.threshold = b
			for _, side := range []map[int32]uint64{m.positive, m.negative} {
				m.zero += side[smallest]
				delete(side, smallest)
			}
			return
		}
	}
	if m.schema == MinSchema {
		return
	}
	m.schema--
	m.positive, m.negative = halved(m.positive), halved(m.negative)
}

func halved(side map[int32]uint64) map[int32]uint64 {
	out := map[int32]uint64{}
	for k, n := range side {
		if k > 0 {
			k++
		}
		out[k/2] += n
	}
	return out
}

func (m *model) add(v float64, i int) {
	m.count++
	m.sum += v
	if m.c.Extra > 0 {
		m.extra[i]++
	}
	key := slowIndex(m.schema, v)
	switch v = max(min(v, math.MaxFloat64), -math.MaxFloat64); {
	case v > m.threshold:
		m.positive[key]++
	case v < -m.threshold:
		m.negative[key]++
	default:
		m.zero++
	}
}

func (m *model) histogram() Histogram {
	h := Histogram{Schema: m.schema, ZeroThreshold: m.threshold, ZeroCount: m.zero, Count: m.count, Sum: m.sum}
	h.PositiveSpans, h.PositiveCounts = spansOf(m.positive)
	h.NegativeSpans, h.NegativeCounts = spansOf(m.negative)
	return h
}

// spansOf lays out a map by client_golang's makeBuckets.
func spansOf(side map[int32]uint64) (spans []Span, counts []uint64) {
	var keys []int
	for k := range side {
		keys = append(keys, int(k))
	}
	sort.Ints(keys)
	next := 0
	for n, k := range keys {
		gap := k - next
		if n == 0 || gap > 2 {
			spans = append(spans, Span{Offset: int32(gap)})
		} else {
			for range gap {
				counts = append(counts, 0)
				spans[len(spans)-1].Length++
			}
		}
		counts = append(counts, side[int32(k)])
		spans[len(spans)-1].Length++
		next = k + 1
	}
	return spans, counts
}

// equal compares two histograms; sums of the same values in another order may
// differ by rounding.
func equal(a, b Histogram) bool {
	if !(a.Sum == b.Sum || a.Sum != a.Sum && b.Sum != b.Sum || math.Abs(a.Sum-b.Sum) <= 1e-9*math.Abs(a.Sum)) {
		return false
	}
	a.Sum, b.Sum = 0, 0
	for _, h := range []*Histogram{&a, &b} {
		h.PositiveSpans, h.NegativeSpans = emptyNil(h.PositiveSpans), emptyNil(h.NegativeSpans)
		h.PositiveCounts, h.NegativeCounts = emptyNil(h.PositiveCounts), emptyNil(h.NegativeCounts)
	}
	return reflect.DeepEqual(a, b)
}

func emptyNil[E any](s []E) []E {
	if len(s) == 0 {
		return nil
	}
	return s
}

func config(t testing.TB, o Options) *Config {
	t.Helper()
	c, err := o.Config()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// streams are ways to choose values.
var streams = map[string]func(r *rand.Rand) float64{
	"latency": func(r *rand.Rand) float64 { return 0.01 * math.Exp(r.NormFloat64()) },
	"wide":    func(r *rand.Rand) float64 { return math.Exp(40 * r.NormFloat64()) },
	"signed":  func(r *rand.Rand) float64 { return r.NormFloat64() },
	"integer": func(r *rand.Rand) float64 { return float64(r.IntN(40) - 10) },
	"few":     func(r *rand.Rand) float64 { return float64(uint(1) << r.IntN(5)) },
	"bits": func(r *rand.Rand) float64 {
		for {
			if v := math.Float64frombits(r.Uint64()); v == v {
				return v
			}
		}
	},
	"odd": func(r *rand.Rand) float64 {
		odd := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), 5e-324, -1e-310, math.MaxFloat64, 1, -1, 2, 0x1p-128, 0x1p-129}
		return odd[r.IntN(len(odd))]
	},
	"drift": func() func(r *rand.Rand) float64 {
		at := 0.0
		return func(r *rand.Rand) float64 { at += 0.01; return math.Exp(math.Mod(at, 60) + r.NormFloat64()) }
	}(),
}

func options() map[string]Options {
	return map[string]Options{
		"plain":           {Schema: 3},
		"fine":            {Schema: 8, Extra: 3},
		"coarse":          {Schema: -4},
		"no zero":         {Schema: 2, ZeroThreshold: -1},
		"big zero":        {Schema: 2, ZeroThreshold: 2.5},
		"halve":           {Schema: 8, MaxBuckets: 20, Extra: 2},
		"halve to one":    {Schema: 3, MaxBuckets: 1},
		"widen":           {Schema: 3, MaxBuckets: 10, MaxZeroThreshold: 0.5},
		"widen to max":    {Schema: 1, MaxBuckets: 2, MaxZeroThreshold: math.MaxFloat64},
		"widen to inf":    {Schema: 1, MaxBuckets: 2, MaxZeroThreshold: math.Inf(1)},
		"reset":           {Schema: 3, MaxBuckets: 10, MinResetDuration: 500 * time.Millisecond, Extra: 2},
		"reset in time":   {Schema: 5, MaxBuckets: 30, MinResetDuration: 5 * time.Second},
		"reset each time": {Schema: 3, MaxBuckets: 12, MinResetDuration: 1},
		"reset or widen":  {Schema: 4, MaxBuckets: 16, MinResetDuration: time.Second, MaxZeroThreshold: 0.01},
	}
}

// Everything that a recorder does, on one goroutine and with a clock of the test's,
// is what the model does: after every observation, cold or hot.
func TestAgainstModel(t *testing.T) {
	for name, o := range options() {
		for stream, next := range streams {
			t.Run(name+"/"+stream, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { compare(t, config(t, o), next) })
			})
		}
	}
}

// The same with a store that has other readers, which see no less.
func TestPersistentAgainstModel(t *testing.T) {
	for name, o := range options() {
		for stream, next := range streams {
			t.Run(name+"/"+stream, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { compareIn(t, &ledger{t: t}, config(t, o), next) })
			})
		}
	}
}

func compare(t *testing.T, c *Config, next func(*rand.Rand) float64) {
	compareIn(t, new(shard.Arena), c, next)
}

func compareIn(t *testing.T, store shard.Store, c *Config, next func(*rand.Rand) float64) {
	r := rand.New(rand.NewPCG(7, 8))
	rec, m := NewRecorder(store, c), newModel(c)
	rec.Persist(describe)
	var got Histogram
	extra := make([]uint64, c.Extra)
	for n := range scaled(4000) {
		if r.IntN(8) == 0 {
			time.Sleep(time.Duration(r.IntN(100)) * time.Millisecond)
			synctest.Wait()
			m.tick()
		}
		v, i := next(r), -1
		if c.Extra > 0 {
			i = r.IntN(c.Extra)
		}
		rec.Observe(v, i)
		m.observe(v, i)
		if n > 20 && r.IntN(10) != 0 {
			continue
		}
		start := rec.Snapshot(&got, extra)
		want := m.histogram()
		if !equal(got, want) {
			t.Fatalf("after %d observations, the last %v:\n got %+v\nwant %+v", n+1, v, got, want)
		}
		if !slices.Equal(extra, m.extra) {
			t.Fatalf("after %d observations: extra counters %v, want %v", n+1, extra, m.extra)
		}
		if start != m.start.UnixNano() {
			t.Fatalf("after %d observations: start %v, want %v", n+1, time.Unix(0, start), m.start)
		}
		if err := got.Validate(); err != nil {
			t.Fatal(err)
		}
		if l, ok := store.(*ledger); ok && r.IntN(4) == 0 {
			l.sum(l.live()).Histogram(&got)
			if !equal(got, want) {
				t.Fatalf("after %d observations, the last %v:\nreaders %+v\n   want %+v", n+1, v, got, want)
			}
		}
	}
	time.Sleep(time.Hour) // let the timer go
}

func TestOptions(t *testing.T) {
	nan := math.NaN()
	for field, o := range map[string]Options{
		"Factor is 1,":                      {Factor: 1},
		"Factor is NaN":                     {Factor: nan},
		"Schema is 9":                       {Schema: 9},
		"Schema is -5":                      {Schema: -5},
		"ZeroThreshold is NaN":              {ZeroThreshold: nan},
		"MaxBuckets is -1":                  {MaxBuckets: -1},
		"MinResetDuration is -1":            {MinResetDuration: -1},
		"MaxZeroThreshold is NaN":           {MaxZeroThreshold: nan},
		"Extra is -1":                       {Extra: -1},
		fmt.Sprint("Extra is ", MaxExtra+1): {Extra: MaxExtra + 1},
	} {
		if _, err := o.Config(); !wraps(err, ErrOptions, field) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	c := config(t, Options{Factor: 1.1})
	if c.schema != 3 || c.threshold != 0x1p-128 {
		t.Errorf("factor 1.1: schema %d, threshold %v", c.schema, c.threshold)
	}
}
