package engine

import (
	"slices"
	"sync"

	"github.com/pawl-metrics/pawl/encode"
)

// placed is a series in its order, with the moment at which it began: what is
// needed of every series at each scrape and by no recording, and so lies here, in
// the order in which it is read, and not in the series.
type placed[S any] struct {
	s     *S
	start int64 // Unix nanoseconds
}

func (p placed[S]) begun() encode.Timestamp { return encode.UnixTimestamp(0, p.start) }

// order keeps the series of one family in label order for the scrape.
//
// A new series goes to an unsorted tail, so that making one costs nothing more
// than an append; the next scrape sorts the tail and merges it. Scrapes walk an
// immutable slice and hold nothing.
//
// Ownership. tail, total and gone belong to mu, which is held for an instant only: a new
// series never waits for a sort. sorted belongs to merging, which only scrapes
// take; the slice is never changed once it is there, and merging makes a new one.
type order[S any] struct {
	text func(*S) *seriesText

	mu    sync.Mutex
	tail  []placed[S]
	total int // series in sorted and tail
	gone  int // of them, buried since the last merge

	merging sync.Mutex
	sorted  []placed[S]
}

func (o *order[S]) add(s *S, start int64) {
	o.mu.Lock()
	o.tail = append(o.tail, placed[S]{s, start})
	o.total++
	o.mu.Unlock()
}

// bury marks a series dead. It leaves the exposition with the next scrape; where
// nobody scrapes, it is let go when half of all series are dead.
func (o *order[S]) bury(s *S) {
	o.mu.Lock()
	o.text(s).flags.Or(dead)
	o.gone++
	crowded := o.gone >= minGone && 2*o.gone >= o.total
	o.mu.Unlock()
	if crowded {
		o.list()
	}
}

// revive undoes bury, or adds another object of a buried series, which began at start.
// A merge may come upon the series at the same time: whose change of the flags comes
// first decides whether the series is still in its place or has to be added.
func (o *order[S]) revive(s *S, start int64) {
	flags := &o.text(s).flags
	for {
		was := flags.Load()
		if !flags.CompareAndSwap(was, was&^(dead|out)) {
			continue
		}
		if was&(dead|out) != dead {
			o.add(s, start)
		}
		return
	}
}

// leave says whether a merge is to leave the series out, which is noted if so.
func (t *seriesText) leave() bool {
	for {
		was := t.flags.Load()
		if was&dead == 0 {
			return false
		}
		if t.flags.CompareAndSwap(was, was|out) {
			return true
		}
	}
}

// minGone keeps small families from merging at every removal.
const minGone = 32

// list returns the live series in label order. The caller must not change it.
func (o *order[S]) list() []placed[S] {
	o.merging.Lock()
	defer o.merging.Unlock()
	o.mu.Lock()
	tail, gone := o.tail, o.gone
	o.tail, o.gone = nil, 0
	o.mu.Unlock()
	if len(tail) > 0 || gone > 0 {
		before := len(o.sorted) + len(tail)
		o.sorted = o.merge(o.sorted, tail)
		o.mu.Lock()
		o.total -= before - len(o.sorted)
		o.mu.Unlock()
	}
	return o.sorted
}

// merge returns the live series of old, which is sorted, and of tail, which is not.
func (o *order[S]) merge(old, tail []placed[S]) []placed[S] {
	isDead := func(p placed[S]) bool { return o.text(p.s).leave() }
	tail = slices.DeleteFunc(tail, isDead)
	slices.SortFunc(tail, o.compare)
	merged := make([]placed[S], 0, len(old)+len(tail))
	for _, p := range old {
		if isDead(p) {
			continue
		}
		for len(tail) > 0 && o.compare(tail[0], p) < 0 {
			merged, tail = append(merged, tail[0]), tail[1:]
		}
		merged = append(merged, p)
	}
	return append(merged, tail...)
}

func (o *order[S]) compare(a, b placed[S]) int {
	return compareText(o.text(a.s).String(), o.text(b.s).String())
}
