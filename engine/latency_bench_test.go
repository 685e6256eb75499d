package engine

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkObserveLatency reports how long single observations of one histogram
// take, with and without a goroutine that takes snapshots of it without a pause,
// which is the most that readers can do to writers. The clock's own cost is in
// every figure.
//
//	go test ./engine -run xxx -bench ObserveLatency -benchtime 3000000x
//
// With as many writers as Ps and a reader besides, somebody has to wait for a P:
// the maximum is then the scheduler's time slice. The writers' wait at a gate is
// seen with one writer less.
func BenchmarkObserveLatency(b *testing.B) {
	for _, writers := range []int{max(1, runtime.GOMAXPROCS(0)-1), runtime.GOMAXPROCS(0)} {
		for _, snapshots := range []bool{false, true} {
			b.Run(fmt.Sprintf("writers=%d/snapshots=%v", writers, snapshots), func(b *testing.B) {
				benchLatency(b, writers, snapshots)
			})
		}
	}
}

func benchLatency(b *testing.B, writers int, snapshots bool) {
	h := MustHistogram(NewRegistry(), HistogramOpts{Opts: named("h")})
	var stop atomic.Bool
	var reader, all sync.WaitGroup
	taken := 0
	if snapshots {
		reader.Go(func() {
			words, totals := make([]uint64, 1+len(h.ladder.bounds)), make([]uint64, len(h.ladder.bounds))
			for ; !stop.Load(); taken++ {
				h.collect(words, totals)
			}
		})
	}
	times := make([][]time.Duration, writers)
	for w := range writers {
		all.Go(func() { times[w] = observeTimed(h, b.N) })
	}
	all.Wait()
	stop.Store(true)
	reader.Wait()
	sorted := slices.Concat(times...)
	slices.Sort(sorted)
	for _, q := range []float64{0.5, 0.99, 0.999, 1} {
		at := min(int(q*float64(len(sorted))), len(sorted)-1)
		b.ReportMetric(float64(sorted[at]), fmt.Sprintf("ns-p%v", 100*q))
	}
	b.ReportMetric(float64(taken)/float64(b.N), "snapshots/op")
}

func observeTimed(h *Histogram, n int) []time.Duration {
	times := make([]time.Duration, n)
	for i := range times {
		start := time.Now()
		h.Observe(float64(i%12) / 2)
		times[i] = time.Since(start)
	}
	return times
}
