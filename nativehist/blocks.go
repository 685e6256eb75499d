package nativehist

import (
	"slices"
	"weak"

	"github.com/pawl-metrics/pawl/shard"
)

// retired is a block that no new writer can find.
type retired struct {
	block  *block
	layout weak.Pointer[layout] // nil once no old writer can be under way
}

// maxRetired is how many blocks wait to be folded before a recorder stays cold:
// collections are seconds apart, limit steps need not be.
const maxRetired = 2

// The methods below are called with the mutex held.

// warm counts an observation of a cold recorder, and makes it hot in time.
func (r *Recorder) warm() {
	if r.seen++; r.seen%hotAfter == 0 {
		r.heat()
	}
}

// heat gives the recorder a block for the buckets that it knows, if there is
// memory and not too many blocks are waiting.
func (r *Recorder) heat() {
	if r.fold(); len(r.retired)+len(r.dropped) < maxRetired {
		positive, negative := r.reaches()
		r.install(positive, negative)
	}
}

// reaches chooses the ranges by everything recorded so far.
func (r *Recorder) reaches() (positive, negative reach) {
	s := takeScratch()
	defer s.put()
	s.state.copyFrom(&r.base)
	for _, b := range r.blocks(nil) {
		s.add(b)
	}
	most := maxCells
	if s.state.positive.populated > 0 && s.state.negative.populated > 0 {
		most /= 2
	}
	return choose(&s.state.positive, most), choose(&s.state.negative, most)
}

// install makes a block the one to record in, in place of the current one.
func (r *Recorder) install(positive, negative reach) {
	b := newBlock(&r.base, r.config.Extra, positive, negative)
	slab, err := r.cells.alloc(r.describe(b), shard.GroupLayout(b.words))
	if err != nil {
		return // as it is: it works, and the next try is hotAfter observations away
	}
	b.cells.Init(slab)
	r.retire()
	r.current, r.outside, r.look = b, 0, hotAfter
	r.layout.Store(newLayout(b, &r.base))
}

// strayed counts an observation that the block has no cell for. When a quarter of
// all are such, the range is chosen anew. Looking costs a pass over the block, so
// each look waits for twice as many as the one before.
func (r *Recorder) strayed() {
	if r.outside++; r.outside < r.look {
		return
	}
	r.look = 2 * r.outside
	if r.fold(); len(r.retired)+len(r.dropped) >= maxRetired || r.outside < r.inBlock()/4 {
		return
	}
	positive, negative := r.reaches()
	now := r.current.reaches
	if positive.same(now[0]) && negative.same(now[1]) {
		return
	}
	r.install(positive, negative)
}

// describe is what a store with other readers is told about a block.
func (r *Recorder) describe(b *block) []byte {
	if r.image == nil {
		return nil
	}
	return r.image.describe(b.part())
}

func (b *block) part() Part {
	p := Part{Block: true, Schema: b.schema, Threshold: b.threshold, Extra: b.extra}
	for i, r := range b.reaches {
		p.Reaches[i] = Reach{First: int32(r.first), Cells: uint32(r.cells)}
	}
	return p
}

func (r reach) same(o reach) bool { return r.first == o.first && r.cells == o.cells }

// inBlock returns how many observations the current block has.
func (r *Recorder) inBlock() uint64 {
	s := takeScratch()
	defer s.put()
	s.sum(r.current)
	return s.totals[zeroWord] + total(s.totals[extraWord+r.current.extra:])
}

// blocks appends the blocks that a reader has to sum.
func (r *Recorder) blocks(dst []*block) []*block {
	if r.current != nil {
		dst = append(dst, r.current)
	}
	for _, b := range r.retired {
		dst = append(dst, b.block)
	}
	return dst
}

// retire makes the recorder cold.
func (r *Recorder) retire() {
	r.seen = 0
	if l := r.layout.Swap(nil); l != nil {
		r.retired = append(r.retired, retired{r.current, weak.Make(l)})
		r.current = nil
	}
}

// fold adds to base, and frees, the blocks that no writer can be under way to. A
// reader that is copying holds it off.
func (r *Recorder) fold() {
	if r.readers.Load() != 0 {
		return
	}
	r.retired = slices.DeleteFunc(r.retired, func(b retired) bool {
		if b.layout.Value() != nil || !r.absorb(b.block) {
			return false
		}
		r.taken += b.block.cells.Updates()
		r.cells.free(b.block.cells.Slab, shard.GroupLayout(b.block.words))
		return true
	})
	r.dropped = slices.DeleteFunc(r.dropped, func(b retired) bool {
		gone := b.layout.Value() == nil
		if gone {
			r.taken += b.block.cells.Updates()
			r.cells.free(b.block.cells.Slab, shard.GroupLayout(b.block.words))
		}
		return gone
	})
}

// absorb makes a block part of base, if a store with other readers has room for what
// comes of it.
func (r *Recorder) absorb(b *block) bool {
	if r.image == nil {
		r.base.addBlock(b)
		return true
	}
	next := r.base.clone()
	next.addBlock(b)
	ok := r.image.fold(&next, b)
	if ok {
		r.base = next
	}
	return ok
}

// addBlock adds what a block has counted.
func (s *sparse) addBlock(b *block) {
	t := takeScratch()
	defer t.put()
	t.sum(b)
	s.merge(b, t.totals)
}
