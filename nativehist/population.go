package nativehist

import "slices"

// A window is a few neighbouring buckets. Values that lie far apart cost a window
// each, not the buckets between them; latencies at schema 3 fill five or six.
const (
	windowShift = 4
	windowSize  = 1 << windowShift
)

type window struct {
	key    int32  // the buckets' indices, less their last windowShift bits
	slot   uint32 // where an image has it (slotOf), for whoever keeps one
	counts [windowSize]uint64
}

// population is the buckets of one sign. A bucket is populated when its count is
// not 0. Whoever owns the population guards it.
type population struct {
	windows   []window // ascending by key
	populated int      // buckets
	last      int      // window of the last add, where the next one looks first
}

// add adds n > 0 observations to a bucket.
func (p *population) add(index int32, n uint64) {
	c := &p.window(index >> windowShift).counts[index&(windowSize-1)]
	if *c == 0 {
		p.populated++
	}
	*c += n
}

// window returns the window with that key, new if need be.
func (p *population) window(key int32) *window {
	if p.last < len(p.windows) && p.windows[p.last].key == key {
		return &p.windows[p.last]
	}
	at, found := p.search(key)
	if !found {
		p.windows = slices.Insert(p.windows, at, window{key: key})
	}
	p.last = at
	return &p.windows[at]
}

func (p *population) search(key int32) (at int, found bool) {
	return slices.BinarySearchFunc(p.windows, key, func(w window, key int32) int { return int(w.key) - int(key) })
}

func (p *population) has(index int32) bool {
	at, found := p.search(index >> windowShift)
	return found && p.windows[at].counts[index&(windowSize-1)] != 0
}

// take empties a bucket and returns what it had.
func (p *population) take(index int32) (n uint64) {
	if !p.has(index) {
		return 0
	}
	c := &p.window(index >> windowShift).counts[index&(windowSize-1)]
	n, *c = *c, 0
	p.populated--
	return n
}

// each calls f for the populated buckets, ascending.
func (p *population) each(f func(index int32, n uint64) (more bool)) {
	for i := range p.windows {
		w := &p.windows[i]
		for j, n := range w.counts {
			if n != 0 && !f(w.key<<windowShift+int32(j), n) {
				return
			}
		}
	}
}

// smallest returns the lowest populated index.
func (p *population) smallest() (index int32, ok bool) {
	p.each(func(i int32, _ uint64) bool {
		index, ok = i, true
		return false
	})
	return index, ok
}

// halve joins pairs of buckets, as the next lower schema has them.
func (p *population) halve() {
	var halved population
	p.each(func(i int32, n uint64) bool {
		halved.add(coarsen(i, 1), n)
		return true
	})
	*p = halved
}

// reset empties the population and keeps its memory.
func (p *population) reset() { p.windows, p.populated, p.last = p.windows[:0], 0, 0 }

// copyFrom makes p a copy of o, without allocating when p has the room.
func (p *population) copyFrom(o *population) {
	p.windows, p.populated, p.last = append(p.windows[:0], o.windows...), o.populated, 0
}

// largest returns the highest populated index of a population that has one.
func (p *population) largest() (index int32) {
	p.each(func(i int32, _ uint64) bool {
		index = i
		return true
	})
	return index
}
