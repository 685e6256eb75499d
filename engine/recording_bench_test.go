package engine

import (
	"runtime"
	"sort"
	"sync/atomic"
	"testing"

	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/shard"
)

// BenchmarkIncParts says where an increment's time goes, and what other designs of
// it would cost on one goroutine. docs/performance.md draws the conclusions.
//
//	impl=now        Counter.Inc
//	impl=inlined    its body, written out in the loop: what the call costs
//	impl=pin        Pin and Unpin alone: the floor of every pinned design
//	impl=locked     a shared word with LOCK XADD: what peers do
//	impl=pinlocked  a word of the P's own, with LOCK XADD all the same
func BenchmarkIncParts(b *testing.B) {
	c := MustCounter(NewRegistry(), Opts{Name: "c"})
	c.Inc()
	var word atomic.Uint64
	b.Run("impl=now", func(b *testing.B) {
		for range b.N {
			c.Inc()
		}
	})
	b.Run("impl=inlined", func(b *testing.B) {
		for range b.N {
			cell, ready := c.cell, c.cell.Ready()
			if p := shard.Pin(); uint(p) < ready {
				atomicf.Add(cell.Word(p), 1)
			}
			shard.Unpin()
			runtime.KeepAlive(c)
		}
	})
	b.Run("impl=pin", func(b *testing.B) {
		for range b.N {
			shard.Pin()
			shard.Unpin()
		}
	})
	b.Run("impl=locked", func(b *testing.B) {
		for range b.N {
			word.Add(1)
		}
	})
	b.Run("impl=pinlocked", func(b *testing.B) {
		for range b.N {
			cell, ready := c.cell, c.cell.Ready()
			if p := shard.Pin(); uint(p) < ready {
				atomic.AddUint64(cell.Word(p), 1)
			}
			shard.Unpin()
		}
	})
}

// BenchmarkObserveParts does the same for an observation in eleven buckets.
//
//	impl=now       Histogram.Observe
//	impl=nomarks   without begin and end: a scrape would see torn histograms
//	impl=nosum     without the sum
//	impl=noindex   the bucket is known
//	impl=search    the bucket is found by sort.SearchFloat64s
//	impl=index     the bucket search alone
func BenchmarkObserveParts(b *testing.B) {
	h := MustHistogram(NewRegistry(), HistogramOpts{Opts: Opts{Name: "h"}})
	h.Observe(1)
	values := make([]float64, 1024)
	for i := range values {
		values[i] = float64(i*7919%1024) / 200
	}
	for _, part := range []struct {
		impl    string
		observe func(h *Histogram, v float64)
	}{
		{"now", (*Histogram).Observe}, {"nomarks", observeNoMarks}, {"nosum", observeNoSum}, {"noindex", observeNoIndex},
		{"search", observeSearch}, {"index", observeIndex},
	} {
		b.Run("impl="+part.impl, func(b *testing.B) {
			for i := range b.N {
				part.observe(h, values[i&1023])
			}
		})
	}
}

func observeNoMarks(h *Histogram, v float64) {
	bucket := bucketWord + h.ladder.index(v)
	cells, ready := h.cells.Slab, h.cells.Ready()
	if p := shard.Pin(); uint(p) < ready && !h.cells.Held() {
		s := cells.Section(p)
		atomicf.Add(s.Word(bucket), 1)
		atomicf.AddFloat(s.Word(sumWord), v)
	}
	shard.Unpin()
	runtime.KeepAlive(h)
}

func observeNoSum(h *Histogram, v float64) {
	bucket := bucketWord + h.ladder.index(v)
	cells, ready := h.cells.Slab, h.cells.Ready()
	if p := shard.Pin(); uint(p) < ready && !h.cells.Held() {
		s := cells.Section(p)
		n := s.Begin()
		atomicf.Add(s.Word(bucket), 1)
		s.End(n)
	}
	shard.Unpin()
	runtime.KeepAlive(h)
}

func observeNoIndex(h *Histogram, v float64) { observeIn(h, bucketWord+3, v) }

func observeSearch(h *Histogram, v float64) {
	observeIn(h, bucketWord+sort.SearchFloat64s(h.ladder.bounds, v), v)
}

func observeIn(h *Histogram, bucket int, v float64) {
	cells, ready := h.cells.Slab, h.cells.Ready()
	if p := shard.Pin(); uint(p) < ready && !h.cells.Held() {
		s := cells.Section(p)
		n := s.Begin()
		atomicf.Add(s.Word(bucket), 1)
		atomicf.AddFloat(s.Word(sumWord), v)
		s.End(n)
	}
	shard.Unpin()
	runtime.KeepAlive(h)
}

func observeIndex(h *Histogram, v float64) { indexed += h.ladder.index(v) }

var indexed int
