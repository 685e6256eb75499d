package shard

import (
	"unsafe"

	"github.com/pawl-metrics/pawl/atomicf"
)

// Section is one P's words of a group that change together: two marks, then the
// data.
//
//	+-------+-----+--------+--------+----
//	| begin | end | data 0 | data 1 | ...
//	+-------+-----+--------+--------+----
//
// The writer, alone on its P, does
//
//	begin = n+1;  data...;  end = n+1
//
// and a reader, at any time,
//
//	e = end;  copy data...;  b = begin;  accept if b == e
//
// Stores become visible in the order they were made and loads happen in the order
// they were written: by the machine on amd64, by release stores and acquire
// loads elsewhere. So a reader that sees end == e sees every store of the first
// e updates; and if its copy holds any store of a later update, then that
// update's begin was stored earlier still, and the reader's last load sees
// begin > e and refuses the copy. An accepted copy is the state after exactly e
// updates. order_test.go enumerates every execution of this that the two memory
// models allow.
//
// Two marks, because with one (odd while writing, even after) the compiler
// drops the first of the two stores to it.
type Section struct {
	begin, end uint64
}

// SectionWords is how many words of a slab the two marks take. Data word i of a
// section is word SectionWords+i of the slab.
const SectionWords = 2

// endWord is the word of a slab that is its section's end.
const endWord = 1

const _ = -(unsafe.Sizeof(Section{}) - SectionWords*8) // compile-time size check

// Section returns P p's section at the head of the slab. The caller has p
// pinned and p < Ready.
func (s Slab) Section(p int) *Section {
	return (*Section)(unsafe.Add(s.shared, stripeBytes+p<<stripeShift))
}

// SharedSection returns the section at the head of the slab in the shared stripe.
// Nobody owns it: who changes it holds a lock of the series.
func (s Slab) SharedSection() *Section { return (*Section)(s.shared) }

// Begin opens an update and returns its number, which End takes. Only the owner
// may call it.
func (s *Section) Begin() uint64 {
	n := atomicf.Load(&s.begin) + 1
	atomicf.Store(&s.begin, n)
	return n
}

// End closes the update that Begin numbered n.
func (s *Section) End(n uint64) { atomicf.Store(&s.end, n) }

// Word returns data word i. Nothing checks i: a bounds check that fails while
// pinned could not be survived.
func (s *Section) Word(i int) *uint64 {
	return nth(unsafe.Pointer(s), SectionWords+i)
}

// copyTo tries once to copy the data words, and reports whether dst now holds a
// state that the section really had.
func (s *Section) copyTo(dst []uint64) bool {
	end := atomicf.Load(&s.end)
	for i := range dst {
		dst[i] = atomicf.Load(s.Word(i))
	}
	return atomicf.Load(&s.begin) == end
}
