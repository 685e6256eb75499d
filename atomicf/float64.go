package atomicf

import (
	"math"
	"sync/atomic"
	"unsafe"
)

// Float64 is a shared float64 word: any number of goroutines may read and
// write it. The zero value is 0 and ready for use. It must not be copied after
// first use.
//
// The representation is the IEEE 754 bits in an atomic.Uint64, which keeps the
// word eight-byte aligned on 32-bit machines too.
type Float64 struct {
	bits atomic.Uint64
}

// At returns the word at w, which holds a float64's bits and is aligned to eight
// bytes, as a shared one: from then on nobody else stores there.
//
// Same as: a Float64 whose bits are at w.
// Safety: a Float64 is an atomic.Uint64, and that is one uint64 at offset 0.
func At(w *uint64) *Float64 { return (*Float64)(unsafe.Pointer(w)) }

var _ [unsafe.Sizeof(Float64{})]byte = [8]byte{}

// Load returns the value. It is one load.
func (f *Float64) Load() float64 { return math.Float64frombits(f.bits.Load()) }

// Set replaces the value; when several goroutines set, one of them is last and
// wins. On amd64 it is a plain store: a store of an aligned word cannot tear,
// and nothing is ordered after it, so XCHG's fence would buy nothing.
func (f *Float64) Set(v float64) { storeShared(&f.bits, math.Float64bits(v)) }

// Add adds d exactly: no concurrent Add is lost. It retries until no other
// write came between its load and its store, and so it is lock-free, not
// wait-free. It never sleeps: a back-off by sleeping is what client_golang
// shipped in v1.21.0 and took back in v1.21.1.
func (f *Float64) Add(d float64) {
	for {
		old := f.bits.Load()
		sum := math.Float64bits(math.Float64frombits(old) + d)
		if f.bits.CompareAndSwap(old, sum) {
			return
		}
	}
}
