package engine

import (
	"math"
	"runtime"
	"time"

	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/shard"
)

// SummaryOpts describes a family of summaries.
type SummaryOpts struct {
	Opts
	// Quantiles are those to be exposed, such as 0.5, 0.9 and 0.99, ascending. Without
	// any a summary is a count and a sum. The slice is copied.
	Quantiles []float64
	// MaxAge is how far back quantiles look: over at most this long, and at least
	// MaxAge less an AgeBuckets-th. 0 means 10 minutes.
	MaxAge time.Duration
	// AgeBuckets is in how many steps observations age, at least 2. 0 means 5.
	AgeBuckets int
	// Error is the most by which a quantile may be wrong, as a share of its value. 0
	// means 0.01; the least is 0.0028. Memory goes with its inverse. See Summary.
	Error float64
}

// Summary counts observations, sums them up, and estimates their quantiles of the last
// minutes. It is also a handle, as [Counter] is. Where Prometheus can do the estimating
// a [Histogram] is the better choice: the quantiles of several processes cannot be
// put together to one.
//
// # Error
//
// A quantile q is the value of the observation of rank ceil(q·n) among the n of the
// window, with a relative error of at most Error: an estimate of 0.2 s with the
// default of 0.01 means a latency between 0.198 and 0.202 s. That holds for every
// distribution and every q, while the observations of a step fall into no more than
// 16,384 buckets; at the default that is when the greatest is 2^128 times the smallest.
// Beyond that the buckets become twice as wide, and the error with them. Observations
// of 0 and of infinities are exact. The test on a dozen distributions (summary_test.go)
// finds at most 0.0054 where 0.01 is asked for. (client_golang bounds the rank instead:
// its value may lie anywhere between those of q-ε and q+ε, which far out in the tail
// is very far.)
//
// # Model
//
// Count and sum are of the same observations, as a histogram's are. The quantiles
// are of a window that moves on in steps, for all series of a family at once: a
// timer begins a new recorder of exponential buckets (package nativehist), and lets
// go of the oldest. An observation that takes place as it moves is counted on
// either side of the step.
type Summary struct {
	cells  shard.Group // data words: sum, count
	window *window     // nil without quantiles
	fam    *family
	text   seriesText
}

const (
	summarySum = iota
	summaryCount
	summaryWords
)

var (
	summaryLayout = shard.GroupLayout(summaryWords)
	summaryCells  = &descriptor.Descriptor{Kind: descriptor.Summary}
)

// NewSummary registers a summary without variable labels.
func NewSummary(reg *Registry, opts SummaryOpts) (*Summary, error) {
	o, err := summaryOps(opts)
	return newOne(reg, opts.Opts, o, err)
}

// MustSummary is NewSummary that panics on an error.
func MustSummary(reg *Registry, opts SummaryOpts) *Summary { return must(NewSummary(reg, opts)) }

// NewSummaryVec registers a family of summaries labelled by L.
func NewSummaryVec[L comparable](reg *Registry, opts SummaryOpts) (*SummaryVec[L], error) {
	o, err := summaryOps(opts)
	if err != nil {
		return nil, err
	}
	return newVec[L](reg, opts.Opts, o)
}

// MustSummaryVec is NewSummaryVec that panics on an error.
func MustSummaryVec[L comparable](reg *Registry, opts SummaryOpts) *SummaryVec[L] {
	return must(NewSummaryVec[L](reg, opts))
}

// NewStringSummaryVec registers a family of summaries with these labels.
func NewStringSummaryVec(reg *Registry, opts SummaryOpts, labels ...string) (*StringVec[Summary], error) {
	o, err := summaryOps(opts)
	if err != nil {
		return nil, err
	}
	return newStringVec(reg, opts.Opts, labels, o)
}

// MustStringSummaryVec is NewStringSummaryVec that panics on an error.
func MustStringSummaryVec(reg *Registry, opts SummaryOpts, labels ...string) *StringVec[Summary] {
	return must(NewStringSummaryVec(reg, opts, labels...))
}

// Observe counts v, adds it to the sum, and enters it into the window. A NaN is
// refused and counted in pawl_dropped_observations_total.
func (s *Summary) Observe(v float64) {
	if v != v {
		s.observeNaN()
		return
	}
	if s.window != nil {
		s.window.observe(v)
	}
	cells, ready := s.cells.Slab, s.cells.Ready()
	if p := shard.Pin(); uint(p) < ready && !s.cells.Held() {
		section := cells.Section(p)
		n := section.Begin()
		atomicf.Add(section.Word(summaryCount), 1)
		atomicf.AddFloat(section.Word(summarySum), v)
		section.End(n)
		shard.Unpin()
		runtime.KeepAlive(s)
		return
	}
	shard.Unpin()
	s.observeSlow(v)
}

// observeSlow is Observe at a raised gate, or on a P without a stripe.
func (s *Summary) observeSlow(v float64) {
	if !s.fam.refuses(&s.text) {
		s.cells.Update(func(section *shard.Section) {
			atomicf.Add(section.Word(summaryCount), 1)
			atomicf.AddFloat(section.Word(summarySum), v)
		})
	}
	runtime.KeepAlive(s)
}

func (s *Summary) observeNaN() {
	if !s.fam.refuses(&s.text) {
		s.fam.drop(dropNaN)
	}
}

// Start begins a measurement of time; see [Histogram.Start].
func (s *Summary) Start() Timer { return startTimer(s) }

// ObserveDuration observes d in seconds.
func (s *Summary) ObserveDuration(d time.Duration) { s.Observe(d.Seconds()) }

// Snapshot returns the count, the sum and the quantiles. Without observations in the
// window quantiles are NaN.
func (s *Summary) Snapshot() SummaryValue {
	v := SummaryValue{}
	v.Count, v.Sum = s.read()
	if s.window != nil {
		v.Quantiles = make([]Quantile, len(s.window.of.quantiles))
		s.window.read(v.Quantiles)
	}
	return v
}

// read returns the count and the sum of one set of observations.
func (s *Summary) read() (count uint64, sum float64) {
	if !s.cells.Valid() {
		return 0, 0
	}
	var words [summaryWords]uint64
	for i := range s.cells.Sections() {
		if s.cells.Copy(i, words[:]) {
			count += words[summaryCount]
			sum += math.Float64frombits(words[summarySum])
		}
	}
	runtime.KeepAlive(s)
	return count, sum
}

func summaryOps(opts SummaryOpts) (*ops[Summary], error) {
	of, err := newAging(opts)
	if err != nil {
		return nil, err
	}
	return &ops[Summary]{
		typ:   encode.Summary,
		shape: of.shape(),
		begin: of.begin,
		idle:  summaryIdle,
		text:  func(s *Summary) *seriesText { return &s.text },
		init: func(s *Summary, f *family, start int64) error {
			s.fam = f
			slab, err := f.alloc(&s.text, start, summaryCells, summaryLayout)
			if s.cells.Init(slab); err == nil && of != nil {
				s.window = newWindow(f.reg.memory, of)
			}
			return err
		},
		drop: func(s *Summary) {
			giveUp(s, s.fam, s.cells.Slab, summaryLayout)
			if s.window != nil {
				s.window.giveUp()
			}
		},
		void: func(s *Summary, f *family) { s.fam = f; s.cells.Init(shard.NoSlab()) },
		read: func(g *gatherer, sample *Sample, p placed[Summary]) bool {
			v := g.summaries.one()
			v.Count, v.Sum = p.s.read()
			if of != nil {
				v.Quantiles = g.quantiles.take(len(of.quantiles))
				p.s.window.read(v.Quantiles)
			}
			sample.Summary, sample.Start = v, p.begun()
			return true
		},
	}, nil
}
