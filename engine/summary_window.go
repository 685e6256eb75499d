package engine

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/pawl-metrics/pawl/nativehist"
	"github.com/pawl-metrics/pawl/shard"
)

// aging is what the windows of a family have in common: which quantiles, and how the
// window moves. Nil for summaries without quantiles. Immutable.
type aging struct {
	quantiles []float64
	step      time.Duration
	steps     int
	config    *nativehist.Config
}

const (
	defaultMaxAge     = 10 * time.Minute
	defaultAgeBuckets = 5
	defaultError      = 0.01
	// maxWindowBuckets bounds what values from everywhere can make a window take: some
	// hundred KiB for each step. At the default error it is 128 doublings.
	maxWindowBuckets = 1 << 14
)

// newAging checks the options.
func newAging(o SummaryOpts) (*aging, error) {
	if len(o.Quantiles) == 0 {
		return nil, nil
	}
	for i, q := range o.Quantiles {
		if !(q >= 0 && q <= 1) || i > 0 && q <= o.Quantiles[i-1] {
			return nil, refuse(o.Name, ErrQuantiles, "%v: want numbers from 0 to 1, ascending", o.Quantiles)
		}
	}
	age, steps, share := o.MaxAge, o.AgeBuckets, o.Error
	if age == 0 {
		age = defaultMaxAge
	}
	if steps == 0 {
		steps = defaultAgeBuckets
	}
	if share == 0 {
		share = defaultError
	}
	switch finest := nativehist.Bound(nativehist.MaxSchema, 1) - 1; {
	case age < 0 || steps < 2 || age/time.Duration(steps) < time.Millisecond:
		return nil, refuse(o.Name, ErrQuantiles, "%v in %d steps; want at least 2, of a millisecond at least", age, steps)
	case !(share >= finest && share <= 1):
		return nil, refuse(o.Name, ErrQuantiles, "an error of %v; want %.3g to 1", share, finest)
	}
	config, err := nativehist.Options{Factor: 1 + share, ZeroThreshold: -1, MaxBuckets: maxWindowBuckets}.Config()
	if err != nil {
		return nil, refuse(o.Name, ErrQuantiles, "%v", err)
	}
	return &aging{slices.Clone(o.Quantiles), age / time.Duration(steps), steps, config}, nil
}

// shape renders the options for comparison between registrations.
func (a *aging) shape() string {
	if a == nil {
		return ""
	}
	return fmt.Sprintf(", quantiles %v over %v in %d steps, error %v", a.quantiles, a.step*time.Duration(a.steps), a.steps, a.config.Factor-1)
}

// begin moves the windows of a new family on, for as long as the family is there: the
// timer holds it weakly.
func (a *aging) begin(b *series[Summary]) {
	if a == nil {
		return
	}
	held := weak.Make(b)
	var timer *time.Timer
	started := make(chan struct{}) // timer is set
	timer = time.AfterFunc(a.step, func() {
		<-started
		if b := held.Value(); b != nil {
			for _, p := range b.list() {
				p.s.window.turn()
			}
			timer.Reset(a.step)
		}
	})
	close(started)
}

// window is the observations of the last minutes, step by step:
//
//	|  step  |  step  |  step  |  step  |  step  |
//	          \_______ past ________/
//	                            before   current
//
// Model. Whoever observes loads current and records there; a turn replaces it. A
// writer that had loaded it before may still record in before, which is a recorder
// for one more step; one that takes longer than that is not in the window any more.
// Everything but current belongs to mu, which only turns and readers take.
type window struct {
	of      *aging
	store   shard.Store
	current atomic.Pointer[nativehist.Recorder]

	mu     sync.Mutex
	before *nativehist.Recorder
	steps  []*NativeHistogram // older ones, in turn; nil where nothing was observed
	oldest int                // of steps
	past   NativeHistogram    // all of steps
	reader quantileReader
}

func newWindow(store shard.Store, of *aging) *window {
	w := &window{of: of, store: store, steps: make([]*NativeHistogram, of.steps-2)}
	w.current.Store(nativehist.NewRecorder(store, of.config))
	w.past = emptyHistogram(of)
	return w
}

func emptyHistogram(of *aging) NativeHistogram {
	return NativeHistogram{Schema: nativehist.SchemaOf(of.config.Factor)}
}

// observe enters v, which is a number.
func (w *window) observe(v float64) { w.current.Load().Observe(v, -1) }

// turn moves the window on by a step. Recorders that have nothing in them stay where
// they are: idle series cost nothing.
func (w *window) turn() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.age(w.before)
	w.before = nil
	if current := w.current.Load(); current != nil && snapshotOf(current) != nil {
		w.before = current
		w.current.Store(nativehist.NewRecorder(w.store, w.of.config))
	}
}

// age makes plain data of a step, in place of the oldest.
func (w *window) age(r *nativehist.Recorder) {
	var step *NativeHistogram
	if r != nil {
		step = snapshotOf(r)
		freeRecorder(r)
	}
	if len(w.steps) == 0 {
		return
	}
	if step == nil && w.steps[w.oldest] == nil {
		w.oldest = (w.oldest + 1) % len(w.steps)
		return
	}
	w.steps[w.oldest] = step
	w.oldest = (w.oldest + 1) % len(w.steps)
	w.past = emptyHistogram(w.of)
	for _, s := range w.steps {
		if s != nil {
			_ = w.past.Merge(s) // both are valid
		}
	}
}

// snapshotOf returns what a recorder has; nil when that is nothing.
func snapshotOf(r *nativehist.Recorder) *NativeHistogram {
	h := new(NativeHistogram)
	if r.Snapshot(h, nil); h.Count == 0 {
		return nil
	}
	return h
}

// freeRecorder returns a recorder's cells when no writer can be under way to it.
func freeRecorder(r *nativehist.Recorder) {
	runtime.AddCleanup(r, (*nativehist.Cells).Free, r.Cells())
}

// giveUp sees to it that the cells return to the store when no handle is left. The
// window turns no more.
func (w *window) giveUp() {
	w.mu.Lock()
	defer w.mu.Unlock()
	freeRecorder(w.current.Load())
	if w.before != nil {
		freeRecorder(w.before)
	}
}

// read estimates the quantiles.
func (w *window) read(dst []Quantile) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := &w.reader
	r.begin(&w.past)
	r.add(w.current.Load())
	if w.before != nil {
		r.add(w.before)
	}
	r.read(w.of.quantiles, dst)
}

// quantileReader finds quantiles in several histograms at once.
//
// Model. It belongs to the window's mutex, and keeps its memory.
type quantileReader struct {
	recent  [2]NativeHistogram // of recorders
	used    int
	cursors [3]cursor
	count   uint64
}

func (r *quantileReader) begin(past *NativeHistogram) {
	r.used = 0
	r.cursors[0].begin(past)
	r.count = past.Count
}

func (r *quantileReader) add(recorder *nativehist.Recorder) {
	h := &r.recent[r.used]
	r.used++
	recorder.Snapshot(h, nil)
	r.cursors[r.used].begin(h)
	r.count += h.Count
}

// read walks all buckets once, from the lowest values up, and stops for each quantile at
// the bucket that has the observation of its rank.
func (r *quantileReader) read(quantiles []float64, dst []Quantile) {
	var at cursor
	below, last := uint64(0), math.Inf(-1)
	for i, q := range quantiles {
		dst[i] = Quantile{Quantile: q, Value: math.NaN()}
		if r.count == 0 {
			continue
		}
		rank := q * float64(r.count)
		for below == 0 || float64(below) < rank && below < r.count {
			at = r.take()
			below += at.n
		}
		// Where buckets of different widths overlap, estimates might go down.
		last = max(last, at.value(1-(float64(below)-rank)/float64(at.n)))
		dst[i].Value = last
	}
}

// take returns the bucket of the lowest values that are left, with what all
// histograms have in it.
func (r *quantileReader) take() cursor {
	all := r.cursors[:1+r.used]
	lowest := cursor{upper: math.Inf(1)}
	for i := range all {
		if c := &all[i]; c.n > 0 && (lowest.n == 0 || c.upper < lowest.upper) {
			lowest = *c
		}
	}
	lowest.n = 0
	for i := range all {
		if c := &all[i]; c.n > 0 && c.upper == lowest.upper {
			lowest.n += c.n
			c.next()
		}
	}
	return lowest
}
