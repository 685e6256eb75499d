package nativehist

import (
	"math"
	"time"
	"weak"

	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/shard"
)

// image is a recorder's base as the readers of its store have it: in slabs of the
// store, in the shared stripe, a section each. The recorder's mutex guards it.
//
// # Model
//
// The base is the sum of the segments, and of what is owed. Nearly always that is
// one segment and no debt.
//
// An observation is an addition in place, to one segment, between its marks. If its
// window is new, key and count are written before the number of windows in use
// takes them in. So whoever reads after a kill finds the observation, or all
// before it; the count comes from the buckets, and what may be short of it is an
// extra counter and the sum.
//
// Everything else is a new segment, which readers come to see in one step in place of
// others (shard.Persistent's Replace):
//
//	a window more than there is room for   the base        for the segments
//	halve, widen                           the base after  for the segments
//	fold                                   the base after  for the segments and the block
//	reset                                  an empty base   for the segments and all blocks
//
// The store may refuse, a disk be full. Then the step is not taken, and nothing has
// changed: the recorder goes on past its limit, the block waits. An observation
// whose window has no room is owed: it is in the base, its own process exposes it,
// and readers of the store get it with the next segment, which a timer sees to. A kill
// before that loses it, and nothing that was in the store. Attempts become rarer: in
// the end one a minute, and one for each 4096 times that one is wanted.
//
// A base that outgrows a slab (some 480 windows: only without a limit on buckets, or
// with a large one) has several segments, at their own schemas and thresholds, and
// windows that are in more than one. Readers sum them, at the scale of the
// coarsest, so that a limit step is the publication of the first segment of the new
// scale, and the others follow one by one. A block is folded into a segment of its
// own.
//
// The slabs that a step replaces go back to the store at once: nobody in this process
// reads images, or writes them without the mutex.
type image struct {
	store    shard.Persistent
	cells    *Cells
	describe func(Part) []byte
	extra    int
	start    int64 // of counting, Unix nanoseconds
	segments []segment

	debt     sparse // not in any segment
	owing    bool   // there is a debt
	failures int    // in a row
	skip     int    // attempts to leave out

	owner    weak.Pointer[Recorder]
	reminder bool // a timer is set
}

// segment is one slab of an image.
type segment struct {
	slab shard.Slab
	part Part
	room int // windows
	used int // those of them that have a key
}

// firstRoom is how many windows the first segment has room for: 600 bytes, which is
// enough for the values of many series, and half of what latencies take.
const firstRoom = 4

func newImage(store shard.Persistent, r *Recorder, describe func(Part) []byte) *image {
	m := &image{store: store, cells: r.cells, describe: describe, extra: r.config.Extra,
		start: r.start.UnixNano(), owner: weak.Make(r)}
	if !m.rewrite(&r.base, nil) {
		m.remind(firstReminder)
	}
	return m
}

// observe adds an observation that the base has just counted.
func (m *image) observe(base *sparse, v float64, i int) {
	if m.place(base, v, i) {
		return
	}
	m.owe(base, v, i)
	if !m.waits() {
		m.pay(base)
	}
	if m.owing {
		m.remind(firstReminder)
	}
}

// pay brings in what is owed, and says whether nothing is any more.
func (m *image) pay(base *sparse) bool {
	switch {
	case len(m.segments) > 0 && !m.owing:
	case base.used() <= mostWindows(m.extra):
		m.rewrite(base, nil)
	default:
		m.extend(base)
	}
	return len(m.segments) > 0 && !m.owing
}

// How long a debt is left before another attempt to pay it: a recorder whose buckets
// are all known may never take the mutex again.
const (
	firstReminder = time.Second
	lastReminder  = time.Minute
)

// remind sees to it that there is another attempt. The timer does not keep a recorder
// that nobody uses any more.
func (m *image) remind(wait time.Duration) {
	if m.reminder {
		return
	}
	m.reminder = true
	owner := m.owner
	time.AfterFunc(wait, func() {
		r := owner.Value()
		if r == nil {
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		m := r.image
		if m == nil { // withdrawn
			return
		}
		m.reminder = false
		if !m.pay(&r.base) {
			m.remind(min(2*wait, lastReminder))
		}
	})
}

// place adds an observation in place, and says whether there was one.
func (m *image) place(base *sparse, v float64, i int) bool {
	p, index := base.place(v)
	if p == nil {
		g := m.last(base)
		if g != nil {
			g.update(zeroWord, v, i)
		}
		return g != nil
	}
	w := p.window(index >> windowShift)
	if w.slot == 0 {
		g := m.last(base)
		if g == nil || g.used == g.room {
			return false
		}
		side := 0
		if p == &base.negative {
			side = 1
		}
		w.slot = slotOf(len(m.segments)-1, g.used)
		g.open(keyWord(side, w.key), int(index&(windowSize-1)), v, i)
		return true
	}
	g := &m.segments[w.slot>>16]
	g.update(g.word(int(w.slot&0xffff)-1)+1+int(index&(windowSize-1)), v, i)
	return true
}

// last is the segment that new windows go to: the last, if it has the scale of the
// base.
func (m *image) last(base *sparse) *segment {
	if len(m.segments) == 0 {
		return nil
	}
	g := &m.segments[len(m.segments)-1]
	if g.part.Schema != base.schema || g.part.Threshold != base.threshold {
		return nil
	}
	return g
}

// slotOf is where a window is, as the window notes it; 0 is nowhere.
func slotOf(segment, at int) uint32 { return uint32(segment)<<16 | uint32(at+1) }

// update counts v in a data word.
func (g *segment) update(word int, v float64, i int) {
	n := g.begin()
	g.add(word, 1)
	g.finish(n, v, i)
}

// open counts v in a new window.
func (g *segment) open(key uint64, bucket int, v float64, i int) {
	n, word := g.begin(), g.word(g.used)
	g.used++
	g.set(word, key)
	g.set(word+1+bucket, 1)
	g.set(usedWord, uint64(g.used))
	g.finish(n, v, i)
}

// word is the first data word of a window.
func (g *segment) word(at int) int { return imageWords(g.part.Extra, at) }

// begin and finish are the marks of shard.Section, in the shared stripe.
func (g *segment) begin() (n uint64) {
	mark := g.slab.Shared(0)
	n = atomicf.Load(mark) + 1
	write(mark, n)
	return n
}

func (g *segment) finish(n uint64, v float64, i int) {
	if g.part.Extra > 0 {
		g.add(imageExtra+i, 1)
	}
	sum := math.Float64frombits(atomicf.Load(g.data(sumWord)))
	g.set(sumWord, math.Float64bits(sum+v))
	write(g.slab.Shared(1), n)
}

func (g *segment) data(word int) *uint64  { return g.slab.Shared(shard.SectionWords + word) }
func (g *segment) set(word int, v uint64) { write(g.data(word), v) }
func (g *segment) add(word int, n uint64) { g.set(word, atomicf.Load(g.data(word))+n) }
func (g *segment) layout() shard.Layout   { return g.part.imageLayout(g.room) }
func (p *Part) imageLayout(room int) shard.Layout {
	return shard.Layout{Words: shard.SectionWords + imageWords(p.Extra, room), Shared: true}
}

// write stores a word that readers of the store see. Each of these stores may be the
// last before a kill, which is what tests look at.
func write(p *uint64, v uint64) {
	atomicf.Store(p, v)
	if written != nil {
		written()
	}
}

var written func() // set by tests

// step makes the base what a limit step makes of it, and says whether it could.
func (m *image) step(next *sparse) bool {
	switch {
	case m.waits():
		return false
	case next.used() <= mostWindows(m.extra):
		return m.rewrite(next, nil)
	}
	return m.spread(next)
}

// fold takes a block in, which next has already, and says whether it could.
func (m *image) fold(next *sparse, b *block) bool {
	gone := []shard.Slab{b.cells.Slab}
	switch {
	case m.waits():
		return false
	case next.used() <= mostWindows(m.extra):
		return m.rewrite(next, gone)
	}
	alone := next.blank()
	alone.addBlock(b)
	m.fit(&alone)
	g, ok := m.publish(&alone, gone)
	if ok {
		m.segments = append(m.segments, g)
	}
	return ok
}

// restart makes the base a new one, and says whether it could.
func (m *image) restart(next *sparse, start int64, gone []shard.Slab) bool {
	if m.waits() {
		return false
	}
	before := m.start
	m.start = start
	if !m.rewrite(next, gone) {
		m.start = before
		return false
	}
	return true
}

// rewrite makes the base one segment, in place of all and of the slabs that are gone
// with them.
func (m *image) rewrite(next *sparse, gone []shard.Slab) bool {
	g, ok := m.publish(next, append(slabs(m.segments), gone...))
	if !ok {
		return false
	}
	m.release(m.segments)
	m.segments = append(m.segments[:0], g)
	number(next, next, 0)
	m.owing = false
	return true
}

// extend makes the debt a segment of its own.
func (m *image) extend(base *sparse) {
	g, ok := m.publish(&m.debt, nil)
	if !ok {
		return
	}
	m.segments = append(m.segments, g)
	if m.last(base) != nil {
		number(base, &m.debt, len(m.segments)-1)
	}
	m.owing = false
}

// spread brings the segments of a base that one has no room for to a new scale, each
// with as many of the next as fit. When the store refuses, those that are left stay
// as they are.
func (m *image) spread(next *sparse) bool {
	var done, kept, old []segment
	sum := next.blank()
	flush := func() bool {
		if len(old) == 0 {
			return true
		}
		g, ok := m.publish(&sum, slabs(old))
		if ok {
			m.release(old)
			done, old, sum = append(done, g), nil, next.blank()
		}
		return ok
	}
	for n, g := range m.segments {
		if g.part.Schema < next.schema {
			kept = append(kept, g)
			continue
		}
		if sum.used()+g.used > mostWindows(m.extra) && !flush() {
			old = append(old, m.segments[n:]...)
			break
		}
		sum.addPart(&g.part, g.words())
		old = append(old, g)
	}
	if flush(); len(done) == 0 {
		return false
	}
	m.segments = append(append(kept, old...), done...)
	unnumber(next)
	return true
}

// words copies the data of a segment.
func (g *segment) words() []uint64 {
	words := make([]uint64, imageWords(g.part.Extra, g.room))
	for i := range words {
		words[i] = atomicf.Load(g.data(i))
	}
	return words
}

// publish makes a segment that readers see in place of old slabs.
func (m *image) publish(s *sparse, old []shard.Slab) (g segment, ok bool) {
	g = segment{part: Part{Schema: s.schema, Threshold: s.threshold, Extra: m.extra}, used: s.used()}
	most := mostWindows(m.extra)
	for g.room = firstRoom; g.room < g.used; g.room *= 2 {
	}
	g.room = min(g.room, most)
	if len(m.segments) > 1 {
		g.room = most
	}
	slab, err := m.store.Replace(m.describe(g.part), g.layout(), func(to shard.Slab) {
		s.writeImage(m.start, func(word int, v uint64) { write(to.Shared(shard.SectionWords+word), v) })
	}, old)
	if err != nil {
		m.failures++
		m.skip = 1 << min(m.failures, 12)
		return g, false
	}
	m.failures, m.skip = 0, 0
	g.slab = slab
	m.cells.add(slab, g.layout())
	return g, true
}

// waits says whether this attempt is to be left out.
func (m *image) waits() bool {
	if m.skip > 0 {
		m.skip--
		return true
	}
	return false
}

// owe notes an observation that no segment has room for.
func (m *image) owe(base *sparse, v float64, i int) {
	if !m.owing {
		m.debt, m.owing = base.blank(), true
	}
	m.debt.observe(v, i)
	m.fit(&m.debt)
}

// fit halves the resolution until a slab has room. Only blocks with nearly as many
// extra counters as may be come to it, and debts of more windows than a slab has.
func (m *image) fit(s *sparse) {
	for len(s.positive.windows)+len(s.negative.windows) > mostWindows(m.extra) && s.halve() {
	}
}

// release gives the slabs of segments back.
func (m *image) release(list []segment) {
	for _, g := range list {
		m.cells.free(g.slab, g.layout())
	}
}

func slabs(list []segment) (all []shard.Slab) {
	for _, g := range list {
		all = append(all, g.slab)
	}
	return all
}

// number notes in the windows of base where those of a segment are, which was written
// from s.
func number(base, s *sparse, at int) {
	if s == base {
		unnumber(base)
	}
	s.eachWindow(func(n, side int, w *window) {
		base.sides()[side].window(w.key).slot = slotOf(at, n)
	})
}

func unnumber(s *sparse) {
	for _, p := range s.sides() {
		for i := range p.windows {
			p.windows[i].slot = 0
		}
	}
}
