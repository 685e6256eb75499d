package engine

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/encode"
)

// Everybody records, natively too, with exemplars, while scrapes in every format
// run, series come and go, and GOMAXPROCS changes. A snapshot is of whole
// observations, and at the end nothing is missing.
func TestStressFormats(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	r := NewRegistry()
	dual := MustHistogram(r, nativeNamed("dual", 1.1, 1, 4))
	alone := MustHistogram(r, HistogramOpts{Opts: named("alone"), Native: NativeOpts{Factor: 1.003, MaxBuckets: 40}})
	count := MustCounter(r, named("count_total"))
	coming, err := NewStringHistogramVec(r, nativeNamed("coming.and.going", 2), "a.b")
	if err != nil {
		t.Fatal(err)
	}
	var recorded atomic.Uint64
	var stop atomic.Bool
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for i := w; !stop.Load(); i++ {
				v := float64(1 + i%8) // sums of small integers are exact
				dual.Observe(v)
				alone.Observe(v)
				if i%64 == 0 {
					count.AddWithExemplar(1, Label{Name: "id", Value: "x"})
					alone.ObserveWithExemplar(v, Label{Name: "id", Value: "y"})
					recorded.Add(1 << 32)
				}
				recorded.Add(1)
			}
		})
	}
	wg.Go(func() {
		var body []byte
		for i := 0; !stop.Load(); i++ {
			f := Format{Syntax: encode.Syntax(i % syntaxes), Scheme: encode.Scheme(i % schemes)}
			body = r.AppendExposition(body[:0], ExpositionOptions{Format: f, CreatedSamples: true})
			coming.With(fmt.Sprint(i % 5)).Observe(1)
			coming.Delete(fmt.Sprint((i + 2) % 5))
			runtime.GOMAXPROCS(1 + i%4)
		}
	})
	for end := time.Now().Add(stressTime()); time.Now().Before(end); {
		wantWhole(t, dual.Snapshot())
		wantWhole(t, alone.Snapshot())
	}
	stop.Store(true)
	wg.Wait()
	n, exemplars := recorded.Load()&(1<<32-1), recorded.Load()>>32
	if got := dual.Snapshot(); got.Count != n {
		t.Errorf("%d observations, recorded %d", got.Count, n)
	}
	if got := alone.Snapshot(); got.Count != n+exemplars {
		t.Errorf("%d observations, recorded %d", got.Count, n+exemplars)
	}
	if got := count.whole(); got != exemplars {
		t.Errorf("counted %d, want %d", got, exemplars)
	}
	t.Logf("%d observations, %d exemplars", n, exemplars)
}

// wantWhole checks that a snapshot is of whole observations of integers from 1 to 8.
func wantWhole(t *testing.T, s HistogramSnapshot) {
	t.Helper()
	if err := s.Native.Validate(); err != nil {
		t.Error(err)
	}
	classic := uint64(0)
	for _, n := range s.Buckets {
		classic += n
	}
	if classic != s.Count || s.Sum < float64(s.Count) || s.Sum > 8*float64(s.Count) {
		t.Errorf("count %d, %d in classic buckets, sum %v", s.Count, classic, s.Sum)
	}
}
