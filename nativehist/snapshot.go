package nativehist

import (
	"math"
	"runtime"
	"sync"

	"github.com/pawl-metrics/pawl/shard"
)

// Snapshot puts the recorder's state into dst, in the memory that its slices
// have, and the extra counters into extra, and returns when counting started, in
// nanoseconds since 1970: the last reset, or Init.
//
// The state is a set of whole observations: every one that had returned before
// the call, perhaps some that came during it. So dst is valid, and the extra
// counters add up to its count. One snapshot after another never goes down in any
// count, but for a later start, and for what moves to wider buckets by a limit
// step. Any number may be taken at once, and none makes a writer wait for longer
// than a copy takes.
func (r *Recorder) Snapshot(dst *Histogram, extra []uint64) (start int64) {
	s := takeScratch()
	start = s.begin(r)
	for _, b := range s.blocks {
		s.add(b)
	}
	r.readers.Add(-1)
	s.state.write(dst)
	copy(extra, s.state.extra)
	if s.waiting && r.mu.TryLock() {
		r.fold()
		r.mu.Unlock()
	}
	s.put()
	runtime.KeepAlive(r)
	return start
}

// begin copies base and the list of blocks. The mutex is held only while pinned: a
// reader that were preempted with it would park the writers behind it.
func (s *scratch) begin(r *Recorder) (start int64) {
	for tries := 0; ; tries++ {
		shard.Pin()
		if !r.mu.TryLock() {
			shard.Unpin()
			runtime.Gosched()
			if tries < patience {
				continue
			}
			r.mu.Lock()
			shard.Pin()
		}
		room, need := s.room(), r.need()
		fits := need.within(room)
		if fits {
			r.readers.Add(1)
			s.state.copyFrom(&r.base)
			s.blocks = r.blocks(s.blocks[:0])
			s.waiting = len(r.retired)+len(r.dropped) > 0
			start = r.start.UnixNano()
		}
		r.mu.Unlock()
		shard.Unpin()
		if fits {
			return start
		}
		s.grow(need) // not while pinned
	}
}

// patience is how often a reader tries for the mutex before it waits in line:
// saturating writers of a cold recorder hold it most of the time.
const patience = 1000

// sizes is how much room a copy takes.
type sizes struct{ positive, negative, extra, blocks int }

func (n sizes) within(o sizes) bool {
	return n.positive <= o.positive && n.negative <= o.negative && n.extra <= o.extra && n.blocks <= o.blocks
}

// need is what a copy of the recorder takes. The mutex is held.
func (r *Recorder) need() sizes {
	b := &r.base
	return sizes{len(b.positive.windows), len(b.negative.windows), len(b.extra), 1 + len(r.retired)}
}

// scratch is what a reader works in.
type scratch struct {
	state         sparse
	words, totals []uint64 // of one section; of all of a block
	blocks        []*block
	waiting       bool // blocks of the recorder wait to be folded
}

func (s *scratch) room() sizes {
	b := &s.state
	return sizes{cap(b.positive.windows), cap(b.negative.windows), cap(b.extra), cap(s.blocks)}
}

func (s *scratch) grow(n sizes) {
	b := &s.state
	b.positive.windows = room(b.positive.windows, n.positive)
	b.negative.windows = room(b.negative.windows, n.negative)
	b.extra = room(b.extra, n.extra)
	s.blocks = room(s.blocks, n.blocks)
}

// room returns a slice with capacity for n elements, whatever they are.
func room[E any](s []E, n int) []E {
	if cap(s) >= n {
		return s
	}
	return make([]E, 0, n)
}

// add adds what a block has counted to the state.
func (s *scratch) add(b *block) {
	s.sum(b)
	s.state.merge(b, s.totals)
}

// sum adds up the sections of a block: floats in the word of the sum, counts in
// the others.
func (s *scratch) sum(b *block) {
	s.words, s.totals = room(s.words, b.words)[:b.words], room(s.totals, b.words)[:b.words]
	clear(s.totals)
	sum := 0.0
	for i := range b.cells.Sections() {
		if !b.cells.Copy(i, s.words) {
			continue
		}
		sum += math.Float64frombits(s.words[sumWord])
		for j, n := range s.words {
			s.totals[j] += n
		}
	}
	s.totals[sumWord] = math.Float64bits(sum)
}

// merge adds a block's totals, at the schema and threshold that the state has: those
// of the block, or coarser. It is put for each bucket, written out, because there may
// be thousands.
func (s *sparse) merge(b *block, totals []uint64) {
	s.sum += math.Float64frombits(totals[sumWord])
	s.zero += totals[zeroWord]
	for i := range s.extra {
		s.extra[i] += totals[extraWord+i]
	}
	steps, wider := b.schema-s.schema, s.threshold > b.threshold
	for i, p := range []*population{&s.positive, &s.negative} {
		reach := &b.reaches[i]
		for j, n := range totals[reach.word : reach.word+int(reach.cells)] {
			switch index := int32(reach.first + j); {
			case n == 0:
			case wider && Bound(b.schema, index) <= s.threshold:
				s.zero += n
			default:
				p.add(coarsen(index, steps), n)
			}
		}
	}
}

func (s *sparse) copyFrom(o *sparse) {
	s.schema, s.threshold, s.zero, s.sum = o.schema, o.threshold, o.zero, o.sum
	s.positive.copyFrom(&o.positive)
	s.negative.copyFrom(&o.negative)
	s.extra = append(s.extra[:0], o.extra...)
}

// spare keeps the scratch of readers that are done, a few at most. A sync.Pool
// would be emptied by every other collection, and a scrape allocate again.
var spare struct {
	mu   sync.Mutex
	list [4]*scratch
}

func takeScratch() *scratch {
	spare.mu.Lock()
	defer spare.mu.Unlock()
	for i, s := range spare.list {
		if s != nil {
			spare.list[i] = nil
			return s
		}
	}
	return new(scratch)
}

func (s *scratch) put() {
	clear(s.blocks[:cap(s.blocks)])
	spare.mu.Lock()
	defer spare.mu.Unlock()
	for i, other := range spare.list {
		if other == nil {
			spare.list[i] = s
			return
		}
	}
}
