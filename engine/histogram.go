package engine

import (
	"math"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/nativehist"
	"github.com/pawl-metrics/pawl/shard"
)

// DefaultBuckets are bounds for the duration of a network service, in seconds:
// those of every Prometheus client library. The caller may change the slice that
// it gets.
func DefaultBuckets() []float64 {
	return []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
}

// LinearBuckets returns n bounds, start, start+width, and so on, by repeated
// addition: client_golang's bounds to the last bit, which are part of a series'
// identity.
func LinearBuckets(start, width float64, n int) []float64 {
	bounds := make([]float64, max(n, 0))
	for i := range bounds {
		bounds[i] = start
		start += width
	}
	return bounds
}

// ExponentialBuckets returns n bounds, each factor times the one before it.
func ExponentialBuckets(start, factor float64, n int) []float64 {
	bounds := make([]float64, max(n, 0))
	for i := range bounds {
		bounds[i] = start
		start *= factor
	}
	return bounds
}

// HistogramOpts describes a family of histograms.
type HistogramOpts struct {
	Opts
	// Buckets are the upper bounds, inclusive and ascending; a bucket for +Inf is
	// added. Nil means DefaultBuckets, or for a native histogram none. The slice is
	// copied.
	Buckets []float64
	// Native asks for a native histogram, with Buckets beside it or without.
	Native NativeOpts
}

// Histogram counts observations in buckets with fixed bounds, and sums them. It
// is also a handle, as [Counter] is.
//
// Model. Each P has a section of sum and buckets, which belongs to whoever has
// the P pinned; the shared section belongs to a mutex (see [shard.Group]). A read
// takes from every section a state that it really had, so the count, the sum and
// all buckets are of the same observations: every one that had finished when the
// read began, perhaps some that came during it, each wholly or not at all. The
// count is the buckets' sum, and is nowhere stored.
type Histogram struct {
	ladder *ladder
	cells  shard.Group // data words: sum, then a count for each bucket
	fam    *family
	text   seriesText

	native    *native              // what a native histogram shares with its family
	recorder  *nativehist.Recorder // of a native histogram; then cells has no slab
	exemplars atomic.Pointer[histogramExemplars]
}

const (
	sumWord    = 0
	bucketWord = 1
)

// NewHistogram registers a histogram without variable labels.
func NewHistogram(reg *Registry, opts HistogramOpts) (*Histogram, error) {
	o, err := histogramOps(opts)
	if err != nil {
		return nil, err
	}
	m, err := register(reg, opts.Opts, nil, o)
	if err != nil {
		return nil, err
	}
	return m.addOnly(new(Histogram))
}

// MustHistogram is NewHistogram that panics on an error.
func MustHistogram(reg *Registry, opts HistogramOpts) *Histogram {
	return must(NewHistogram(reg, opts))
}

// Observe counts v in its bucket and adds it to the sum. A NaN is refused and
// counted in pawl_dropped_observations_total.
func (h *Histogram) Observe(v float64) {
	if v != v {
		h.observeNaN()
		return
	}
	if h.recorder != nil {
		h.observeNative(v)
		return
	}
	bucket := bucketWord + h.ladder.index(v)
	cells, ready := h.cells.Slab, h.cells.Ready()
	if p := shard.Pin(); uint(p) < ready && !h.cells.Held() {
		s := cells.Section(p)
		n := s.Begin()
		atomicf.Add(s.Word(bucket), 1)
		atomicf.AddFloat(s.Word(sumWord), v)
		s.End(n)
		shard.Unpin()
		runtime.KeepAlive(h)
		return
	}
	shard.Unpin()
	h.observeSlow(bucket, v)
}

// observeSlow is Observe at a raised gate, or on a P without a stripe.
func (h *Histogram) observeSlow(bucket int, v float64) {
	if !h.refuses() {
		h.cells.Update(func(s *shard.Section) {
			atomicf.Add(s.Word(bucket), 1)
			atomicf.AddFloat(s.Word(sumWord), v)
		})
	}
	runtime.KeepAlive(h)
}

func (h *Histogram) observeNaN() {
	if !h.refuses() {
		h.fam.drop(dropNaN)
	}
}

// refuses says whether h is an instrument that only refuses, and if so counts.
func (h *Histogram) refuses() bool {
	why, void := h.text.void()
	if void {
		h.fam.drop(why)
	}
	return void
}

// HistogramSnapshot is a histogram at one moment.
type HistogramSnapshot struct {
	Count   uint64    // observations: the sum of Buckets
	Sum     float64   // of the observed values
	Bounds  []float64 // upper bounds, ascending; the last is +Inf
	Buckets []uint64  // observations in each bucket alone, not cumulated

	Native *NativeHistogram // of the same observations; nil when the histogram is not native
}

// Snapshot returns the histogram's state. See the type's comment for what it
// holds.
func (h *Histogram) Snapshot() HistogramSnapshot {
	bounds := slices.Clone(h.ladder.bounds)
	s := HistogramSnapshot{Bounds: bounds, Buckets: make([]uint64, len(bounds))}
	if h.recorder != nil {
		s.Native = new(NativeHistogram)
		h.readNative(s.Native, s.Buckets)
		s.Count, s.Sum = s.Native.Count, s.Native.Sum
		return s
	}
	s.Sum = h.collect(make([]uint64, 1+len(bounds)), s.Buckets)
	for _, n := range s.Buckets {
		s.Count += n
	}
	return s
}

// collect adds up the buckets of all sections into totals and returns the sum.
// words is room for one section.
func (h *Histogram) collect(words, totals []uint64) (sum float64) {
	clear(totals)
	if !h.cells.Valid() {
		return 0
	}
	for i := range h.cells.Sections() {
		if !h.cells.Copy(i, words) {
			continue
		}
		sum += math.Float64frombits(words[sumWord])
		for b, n := range words[bucketWord:] {
			totals[b] += n
		}
	}
	runtime.KeepAlive(h)
	return sum
}

func histogramOps(opts HistogramOpts) (*ops[Histogram], error) {
	l, err := ladderOf(opts)
	if err != nil {
		return nil, err
	}
	o := &ops[Histogram]{
		typ:   encode.Histogram,
		shape: l.shape() + opts.Native.shape(),
		idle:  histogramIdle,
		text:  func(h *Histogram) *seriesText { return &h.text },
		void:  func(h *Histogram, f *family) { h.fam, h.ladder = f, l; h.cells.Init(shard.NoSlab()) },
		rows: func(t *exposition, _ *family, list []placed[Histogram]) {
			for _, p := range list {
				t.histogram(p.s, p.begun())
			}
		},
		read: readHistogram,
	}
	if opts.Native.Factor != 0 {
		return o, nativeOps(o, opts, l)
	}
	layout, holds := shard.GroupLayout(1+len(l.bounds)), &descriptor.Descriptor{Kind: descriptor.Histogram, Bounds: l.finite()}
	o.init = func(h *Histogram, f *family, start int64) error {
		h.fam, h.ladder = f, l
		slab, err := f.alloc(&h.text, start, holds, layout)
		h.cells.Init(slab)
		return err
	}
	o.drop = func(h *Histogram) {
		giveUp(h, h.fam, h.cells.Slab, layout)
		h.dropExemplars()
	}
	return o, nil
}

// ladderOf returns the classic buckets that the options ask for.
func ladderOf(opts HistogramOpts) (*ladder, error) {
	switch {
	case opts.Buckets != nil:
		return newLadder(opts.Name, opts.Buckets)
	case opts.Native.Factor != 0:
		return noLadder(), nil
	}
	return newLadder(opts.Name, DefaultBuckets())
}
