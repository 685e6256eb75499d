package nativehist

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/shard"
)

// Recorder counts observations in exponential buckets. Any number of goroutines
// may use it; it must not be copied after Init.
//
// # Two temperatures
//
// A recorder begins cold: observations take a mutex and go into base, a few
// windows of buckets that all Ps share. After hotAfter of them it becomes hot: it
// gets a block, which is cells for a range of buckets on every P, and from then on
// an observation of a known bucket is a plain add to the P's own cell. What does
// not fit the block (values outside its range, infinities, subnormals, the first
// observation of a bucket) keeps going into base.
//
// # Model
//
//	mu       owns base, image, current, retired, dropped and everything below them.
//	layout   names the block that writers record in; nil while cold. It is
//	         stored under mu, after everything that it points to.
//	block    belongs, P by P, to whoever has the P pinned (see shard.Group).
//
// Every bucket's first observation goes into base, under mu, and sets its bit in
// the layout. So the buckets populated in base are all that are populated at all,
// a bucket limit is checked on exactly the observation that exceeds it, and what a
// limit step does depends on base alone. A step takes the layout away and
// retires its block. A writer that had loaded the layout may still add one
// observation there; it is not lost, because readers go on summing a retired
// block, with its buckets mapped to the schema and threshold of the day. When no
// writer can hold the layout any more, which the garbage collector tells (the
// recorder keeps only a weak pointer, writers end in KeepAlive), and no reader is
// copying, the block is added to base and its slab returned. After a reset,
// blocks are dropped instead: an observation that lands in one took place before
// the reset.
//
// Writers do not look at the layout a second time once they are pinned. It would
// shorten the time in which one may be late, not rule it out, and nothing above
// needs it to be short.
//
// A reader copies base and the list of blocks under mu, then the blocks, each
// P's section as its owner left it between two observations. An observation is
// wholly in base or wholly in one section, and moves only while no reader is
// copying, so a snapshot is a set of whole observations, with all in it that had
// returned before.
//
// In a store with other readers (Persist) base has an image, which they add to the
// blocks: the model is at that type.
type Recorder struct {
	layout  atomic.Pointer[layout]
	readers atomic.Int32 // copying blocks; raised under mu

	mu      sync.Mutex
	config  *Config
	cells   *Cells
	base    sparse
	image   *image    // of base, in a store with other readers; nil elsewhere
	start   time.Time // of counting: the last reset, or Init
	pending bool      // a reset is scheduled
	taken   uint64    // observations ever taken by base, or by blocks that are gone

	seen    uint32 // observations since it became cold
	outside uint64 // since it became hot: in base for want of a cell
	look    uint64 // value of outside at which the range is looked at again
	current *block
	retired []retired // summed by readers
	dropped []retired // read by nobody: a reset came after
}

// hotAfter is how many observations a recorder takes before it becomes hot. They
// cost some 20 ns more than hot ones do, a few microseconds in all; a block costs
// a kilobyte or more on each P, which a service with many series that are
// seldom observed would pay for nothing.
const hotAfter = 256

// NewRecorder returns a recorder whose blocks come from store.
func NewRecorder(store shard.Store, c *Config) *Recorder {
	r := new(Recorder)
	r.Init(store, c)
	return r
}

// Init readies a recorder that is part of a larger object. Call it once, before
// the recorder is shared.
func (r *Recorder) Init(store shard.Store, c *Config) {
	r.config, r.cells, r.start = c, &Cells{store: store}, time.Now()
	if c.Extra > 0 {
		r.base.extra = make([]uint64, c.Extra)
	}
	r.base.reset(c)
}

// Cells returns the recorder's slabs, which are to be freed when no handle can
// reach it any more.
func (r *Recorder) Cells() *Cells { return r.cells }

// Observe counts v, and in the extra counter i where the recorder has any: out of
// range means the last. Without extra counters i is ignored; pass -1. A NaN does
// nothing: it is for the caller to refuse, and count.
//
// It never fails. Where there is no memory for a block the recorder stays cold.
func (r *Recorder) Observe(v float64, i int) {
	l := r.layout.Load()
	if l == nil {
		r.observeSlow(v, i)
		return
	}
	word := zeroWord
	if math.Abs(v) > l.threshold {
		word = l.word(v)
		if word == 0 || l.known[word>>6].Load()>>(word&63)&1 == 0 {
			r.observeSlow(v, i)
			return
		}
	} else if v != v {
		return
	}
	count := extraWord + min(uint(i), uint(l.extra)-1)
	slab, block, ready := l.slab, l.block, l.slab.Ready()
	if p := shard.Pin(); uint(p) < ready && !block.cells.Held() {
		s := slab.Section(p)
		n := s.Begin()
		atomicf.Add(s.Word(word), 1)
		if l.extra > 0 {
			atomicf.Add(s.Word(int(count)), 1)
		}
		atomicf.AddFloat(s.Word(sumWord), v)
		s.End(n)
		shard.Unpin()
		runtime.KeepAlive(l)
		runtime.KeepAlive(r)
		return
	}
	shard.Unpin()
	l.update(word, int(count), v)
	runtime.KeepAlive(l)
	runtime.KeepAlive(r)
}

// update is the section of Observe at a raised gate, or on a P without a stripe.
func (l *layout) update(word, count int, v float64) {
	l.block.cells.Update(func(s *shard.Section) {
		atomicf.Add(s.Word(word), 1)
		if l.extra > 0 {
			atomicf.Add(s.Word(count), 1)
		}
		atomicf.AddFloat(s.Word(sumWord), v)
	})
}

// observeSlow is Observe into base.
func (r *Recorder) observeSlow(v float64, i int) {
	if v != v {
		return
	}
	i = int(min(uint(i), uint(r.config.Extra)-1))
	r.mu.Lock()
	r.taken++
	r.base.observe(v, i)
	if r.image != nil {
		r.image.observe(&r.base, v, i)
	}
	switch l := r.layout.Load(); {
	case r.over():
		r.limit(v, i)
	case l == nil:
		r.warm()
	default:
		r.learn(l, v)
	}
	r.mu.Unlock()
}

// learn lets the fast path have a bucket that base has now counted once.
func (r *Recorder) learn(l *layout, v float64) {
	word := zeroWord
	if math.Abs(v) > l.threshold {
		word = l.word(v)
	}
	l.learn(word)
	if word == 0 {
		r.strayed()
	}
}
