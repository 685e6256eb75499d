package engine

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/nativehist"
)

func summaryOf(name string, quantiles ...float64) SummaryOpts {
	return SummaryOpts{Opts: named(name), Quantiles: quantiles}
}

func TestSummary(t *testing.T) {
	r := NewRegistry()
	plain := MustSummary(r, summaryOf("plain"))
	s := MustSummary(r, summaryOf("s", 0.5, 1))
	for _, v := range []float64{2, 0, 0, 4} {
		plain.Observe(v)
		s.Observe(v)
	}
	s.Observe(nan)
	plain.ObserveDuration(1500 * time.Millisecond)
	wantExposure(t, r, "# TYPE plain summary", "plain_sum 7.5", "plain_count 5",
		"# TYPE s summary", `s{quantile="0.5"} 0`, `s{quantile="1"} 4`, "s_sum 6", "s_count 4")
	wantDrops(t, r, "nan=1")
	text := string(r.AppendExposition(nil, ExpositionOptions{Format: Format{Syntax: encode.OpenMetrics200}}))
	if !strings.Contains(text, "s {count:4,sum:6,quantile:[0.5:0,1.0:4]} st@") {
		t.Errorf("OpenMetrics 2.0:\n%s", text)
	}
	if d := plain.Start().Stop(); d < 0 || plain.Snapshot().Count != 6 {
		t.Error("a timer did not observe")
	}
}

func TestSummaryVecs(t *testing.T) {
	r := NewRegistry()
	MustSummaryVec[route](r, summaryOf("v")).With(route{"GET", "/", 1}).Observe(1)
	v := MustStringSummaryVec(r, summaryOf("w", 0.5), "a")
	v.With("b")
	v.With().Observe(1)
	wantExposure(t, r, "# TYPE v summary", `v_sum{code="1",method="GET",path="/"} 1`, `v_count{code="1",method="GET",path="/"} 1`,
		"# TYPE w summary", `w{a="b",quantile="0.5"} NaN`, `w_sum{a="b"} 0`, `w_count{a="b"} 0`)
	wantDrops(t, r, "labels=1")
}

func TestSummaryOptionsAreChecked(t *testing.T) {
	r := NewRegistry()
	for _, change := range []func(*SummaryOpts){
		func(o *SummaryOpts) { o.Quantiles = []float64{-0.1} },
		func(o *SummaryOpts) { o.Quantiles = []float64{1.1} },
		func(o *SummaryOpts) { o.Quantiles = []float64{nan} },
		func(o *SummaryOpts) { o.Quantiles = []float64{0.5, 0.5} },
		func(o *SummaryOpts) { o.Quantiles = []float64{0.9, 0.5} },
		func(o *SummaryOpts) { o.MaxAge = -1 },
		func(o *SummaryOpts) { o.MaxAge = time.Millisecond },
		func(o *SummaryOpts) { o.AgeBuckets = 1 },
		func(o *SummaryOpts) { o.Error = 0.0001 },
		func(o *SummaryOpts) { o.Error = nan },
		func(o *SummaryOpts) { o.Error = inf },
	} {
		o := summaryOf("s", 0.5)
		change(&o)
		if _, err := NewSummary(r, o); !errors.Is(err, ErrQuantiles) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := NewStringSummaryVec(r, summaryOf("s"), "quantile"); !errors.Is(err, ErrReserved) {
		t.Errorf("a label quantile: %v", err)
	}
	if _, err := NewSummaryVec[route](r, summaryOf("s", 2)); !errors.Is(err, ErrQuantiles) {
		t.Errorf("a vec: %v", err)
	}
}

// distributions are latencies as they are and as they should not be.
var distributions = map[string]func(*rand.Rand) float64{
	"uniform":     func(r *rand.Rand) float64 { return r.Float64() },
	"exponential": func(r *rand.Rand) float64 { return r.ExpFloat64() * 0.05 },
	"normal":      func(r *rand.Rand) float64 { return r.NormFloat64() },
	"lognormal":   func(r *rand.Rand) float64 { return math.Exp(r.NormFloat64() * 2) },
	"pareto":      func(r *rand.Rand) float64 { return math.Pow(1-r.Float64(), -1/1.1) },
	"two humps":   func(r *rand.Rand) float64 { return 0.001 + 10*float64(r.IntN(2)) + r.Float64()/1000 },
	"one value":   func(*rand.Rand) float64 { return 0.123 },
	"integers":    func(r *rand.Rand) float64 { return float64(r.IntN(10) - 5) },
	"every scale": func(r *rand.Rand) float64 { return math.Ldexp(1+r.Float64(), r.IntN(100)-50) },
	"infinities":  func(r *rand.Rand) float64 { return []float64{-inf, 0, 1, inf}[r.IntN(4)] },
	"tiny":        func(r *rand.Rand) float64 { return tiniest * float64(1+r.IntN(1000)) },
	"huge":        func(r *rand.Rand) float64 { return math.MaxFloat64 / float64(1+r.IntN(10)) },
}

var probes = []float64{0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1}

// Quantiles are those of the observation of their rank, within the error.
func TestSummaryErrorIsBounded(t *testing.T) {
	for name, draw := range distributions {
		for _, share := range []float64{0.01, 0.003, 0.1} {
			for _, n := range []int{1, 2, 10, 1000, 20000} {
				rnd := rand.New(rand.NewPCG(uint64(n), 1))
				o := summaryOf("s", probes...)
				o.Error = share
				s := MustSummary(NewRegistry(), o)
				values := make([]float64, n)
				for i := range values {
					values[i] = draw(rnd)
					s.Observe(values[i])
				}
				worst := wantQuantiles(t, fmt.Sprintf("%s, %v, %d", name, share, n), s, values, share)
				if n == 20000 {
					t.Logf("%-12s error %.3f: the worst is %.4f", name, share, worst)
				}
			}
		}
	}
}

// wantQuantiles compares a summary with the observations in its window, and returns
// the worst error.
func wantQuantiles(t *testing.T, what string, s *Summary, values []float64, share float64) (worst float64) {
	t.Helper()
	slices.Sort(values)
	for _, q := range s.Snapshot().Quantiles {
		if len(values) == 0 {
			if q.Value == q.Value {
				t.Errorf("%s: quantile %v of nothing is %v", what, q.Quantile, q.Value)
			}
			continue
		}
		rank := max(1, int(math.Ceil(q.Quantile*float64(len(values)))))
		want := values[rank-1]
		wrong := math.Abs(q.Value-want) / math.Abs(want)
		if q.Value == want {
			wrong = 0
		}
		// Subnormal numbers are too far apart for any share.
		if slack := tiniest / math.Abs(want); !(wrong <= share+slack) {
			t.Errorf("%s: quantile %v is %v, want %v", what, q.Quantile, q.Value, want)
		}
		worst = max(worst, wrong)
	}
	return worst
}

// The window moves on: observations count for at most MaxAge, and at least a step
// less, in quantiles; for ever in count and sum.
func TestSummaryWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry()
		o := summaryOf("s", probes...)
		o.MaxAge, o.AgeBuckets = 10*time.Minute, 5
		s := MustSummary(r, o)
		start, rnd := time.Now(), rand.New(rand.NewPCG(1, 2))
		type seen struct {
			at time.Time
			v  float64
		}
		var all []seen
		time.Sleep(time.Second)
		for minute := range 40 {
			scale := math.Ldexp(1, minute)
			for range 50 {
				v := scale * (1 + rnd.Float64())
				s.Observe(v)
				all = append(all, seen{time.Now(), v})
			}
			if minute == 25 {
				time.Sleep(9 * time.Minute) // idle
			}
			// Steps end at 2, 4, 6... minutes; the window begins four whole steps ago.
			begin := start.Add(time.Since(start).Truncate(2*time.Minute) - 8*time.Minute)
			var in []float64
			for _, o := range all {
				if !o.at.Before(begin) {
					in = append(in, o.v)
				}
			}
			wantQuantiles(t, fmt.Sprint("minute ", minute), s, in, 0.01)
			if n := s.Snapshot().Count; n != uint64(len(all)) {
				t.Errorf("count %d, want %d", n, len(all))
			}
			time.Sleep(time.Minute)
		}
		time.Sleep(11 * time.Minute)
		if v := s.Snapshot().Quantiles[0].Value; v == v {
			t.Errorf("after a quiet window: %v", v)
		}
	})
}

// The timer does not keep a dropped registry.
func TestSummaryTimerLetsGo(t *testing.T) {
	done := make(chan struct{})
	func() {
		o := summaryOf("s", 0.5)
		o.MaxAge, o.AgeBuckets = 10*time.Millisecond, 2
		s := MustSummary(NewRegistry(), o)
		s.Observe(1)
		runtime.AddCleanup(s, func(c chan struct{}) { close(c) }, done)
	}()
	collectUntil(t, "the summary", func() bool { return closed(done) })
}

// Cells of quantiles return when no handle is left.
func TestSummaryReturnsItsCells(t *testing.T) {
	store := new(strictStore)
	r := NewRegistryWith(RegistryOptions{Store: store})
	v := MustStringSummaryVec(r, summaryOf("s", 0.5), "a")
	for i := range 2000 {
		v.With("x").Observe(float64(i))
	}
	v.Delete("x")
	collectUntil(t, "the cells", func() bool { return store.freed() == 1 })
	store.check(t)
}

// Count, sum and quantiles while everybody observes and the window turns.
func TestStressSummary(t *testing.T) {
	r := NewRegistry()
	s := MustSummary(r, summaryOf("s", 0, 0.5, 1))
	stress(3, func(w int, stop <-chan struct{}) {
		for !closed(stop) {
			s.Observe(1)
		}
	}, func() {
		s.window.turn()
		v := s.Snapshot()
		if v.Sum != float64(v.Count) {
			t.Errorf("count %d, sum %v", v.Count, v.Sum)
		}
		for _, q := range v.Quantiles {
			if q.Value == q.Value && math.Abs(q.Value-1) > 0.01 {
				t.Errorf("quantile %v is %v", q.Quantile, q.Value)
			}
		}
	})
}

// A cursor sees every bucket once, in the order of values.
func TestCursor(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		config, err := nativehist.Options{Schema: int32(rnd.IntN(13) - 4), ZeroThreshold: -1}.Config()
		if err != nil {
			t.Fatal(err)
		}
		rec := nativehist.NewRecorder(NewRegistry().memory, config)
		for range rnd.IntN(50) {
			rec.Observe(math.Ldexp(float64(rnd.IntN(3)-1), rnd.IntN(40)-20), -1)
		}
		var h NativeHistogram
		rec.Snapshot(&h, nil)
		var c cursor
		n, last := uint64(0), math.Inf(-1)
		for c.begin(&h); c.n > 0; c.next() {
			if c.lower > c.upper || c.upper <= last && !(c.upper == 0 && last == 0) {
				t.Fatalf("bucket (%v, %v] after %v", c.lower, c.upper, last)
			}
			n, last = n+c.n, c.upper
		}
		if n != h.Count {
			t.Fatalf("saw %d of %d observations", n, h.Count)
		}
	}
}
