package engine

import (
	"math/bits"
	"sync/atomic"
	"unsafe"
)

// table is an open-addressing hash table from label values to series, read
// without locks. K is a label struct, or a slice of values.
//
// Ownership. Slots are written by whoever holds the vec's mutex and read by
// anyone. An insertion stores the entry, then the hash: a reader that sees the
// hash sees the entry. A removal stores the hash "dead", then drops the entry; a
// reader between the two finds a nil entry and goes on. A slot is never used a
// second time: a table that fills with dead slots is copied, and readers of
// the old one find in it what was true when the copy began.
//
// The number of slots need not be a power of two: a hash is scaled to it by a
// multiplication. So the table grows by half, and a series costs 21 to 32 bytes
// in it, where doubling would make that 21 to 43.
type table[K, S any] struct {
	slots []slot[K, S]
	used  int // slots that are not empty, dead ones included
	live  int
}

type slot[K, S any] struct {
	hash  atomic.Uint64 // emptySlot, deadSlot, or a hash, which has its top bit set
	entry atomic.Pointer[entry[K, S]]
}

const (
	emptySlot = 0
	deadSlot  = 1
)

// entry is one series: its instrument, and its key. It is one allocation; the
// handle that users hold points to the instrument and keeps the entry.
type entry[K, S any] struct {
	inst S
	key  K
}

const minSlots = 8

func newTable[K, S any](slots int) *table[K, S] {
	return &table[K, S]{slots: make([]slot[K, S], slots)}
}

// find returns the entry with this key, or nil. Keys of n strings side by side
// are compared as such; n is 0 for others.
func find[K comparable, S any](t *table[K, S], hash uint64, key *K, n int) *entry[K, S] {
	slots := t.slots
	for i := t.start(hash); ; i++ {
		if i >= len(slots) {
			i = 0
		}
		s := &slots[i]
		switch s.hash.Load() {
		case hash:
			if e := s.entry.Load(); e != nil && sameKey(&e.key, key, n) {
				return e
			}
		case emptySlot:
			return nil
		}
	}
}

func sameKey[K comparable](a, b *K, n int) bool {
	if n > 0 {
		return sameStrings(unsafe.Pointer(a), unsafe.Pointer(b), n)
	}
	return *a == *b
}

// findValues is find for keys that are slices.
func findValues[S any](t *table[[]string, S], hash uint64, values []string) *entry[[]string, S] {
	slots := t.slots
	for i := t.start(hash); ; i++ {
		if i >= len(slots) {
			i = 0
		}
		s := &slots[i]
		switch s.hash.Load() {
		case hash:
			if e := s.entry.Load(); e != nil && sameValues(e.key, values) {
				return e
			}
		case emptySlot:
			return nil
		}
	}
}

// sameValues compares two slices of one length.
func sameValues(a, b []string) bool {
	return sameStrings(unsafe.Pointer(unsafe.SliceData(a)), unsafe.Pointer(unsafe.SliceData(b)), len(a))
}

// start returns the slot where the search for a hash begins.
func (t *table[K, S]) start(hash uint64) int {
	i, _ := bits.Mul64(hash<<1, uint64(len(t.slots))) // without the live bit
	return int(i)
}

func (t *table[K, S]) next(i int) int {
	if i++; i == len(t.slots) {
		return 0
	}
	return i
}

// full says whether the table must be copied before another insertion: at three
// quarters, where a hit looks at two neighbouring slots. Between a half and three
// quarters the time of a lookup does not change measurably.
func (t *table[K, S]) full() bool { return t.used >= len(t.slots)/4*3 }

// grown returns a copy without the dead slots and with room for more.
func (t *table[K, S]) grown() *table[K, S] {
	g := newTable[K, S](max(minSlots, 2*(t.live+1)))
	t.each(func(hash uint64, e *entry[K, S]) { g.insert(hash, e) })
	return g
}

// insert adds an entry whose key is not in the table, which is not full.
func (t *table[K, S]) insert(hash uint64, e *entry[K, S]) {
	i := t.start(hash)
	for t.slots[i].hash.Load() != emptySlot {
		i = t.next(i)
	}
	t.slots[i].entry.Store(e)
	t.slots[i].hash.Store(hash)
	t.used++
	t.live++
}

// remove takes the entry out of the table.
func (t *table[K, S]) remove(hash uint64, e *entry[K, S]) {
	for i := t.start(hash); ; i = t.next(i) {
		if t.slots[i].entry.Load() == e {
			t.slots[i].hash.Store(deadSlot)
			t.slots[i].entry.Store(nil)
			t.live--
			return
		}
	}
}

// each calls f for every live entry.
func (t *table[K, S]) each(f func(hash uint64, e *entry[K, S])) {
	for i := range t.slots {
		if hash := t.slots[i].hash.Load(); hash >= live {
			f(hash, t.slots[i].entry.Load())
		}
	}
}
