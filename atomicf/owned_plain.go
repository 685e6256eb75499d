//go:build amd64 && !race && !purego

package atomicf

import (
	"sync/atomic"
	"unsafe"
)

// Plain says whether owned stores are plain machine stores in this build.
const Plain = true

// Store stores v into the owned word p. Only its owner may call it.
func Store(p *uint64, v uint64) { *p = v }

// Add adds d to the owned word p. Only its owner may call it.
func Add(p *uint64, d uint64) { *p += d }

// AddFloat adds d to the float64 whose bits the owned word p holds. Only its
// owner may call it.
func AddFloat(p *uint64, d float64) {
	// Same as: *p = math.Float64bits(math.Float64frombits(*p) + d)
	// Safety: uint64 and float64 have one size and alignment on amd64.
	*(*float64)(unsafe.Pointer(p)) += d
}

// storeShared stores into a word with many writers.
//
// Same as: w.Store(v), but for the fence.
// Safety: atomic.Uint64 is one uint64 at offset 0 (asserted below).
func storeShared(w *atomic.Uint64, v uint64) { *(*uint64)(unsafe.Pointer(w)) = v }

var _ [unsafe.Sizeof(atomic.Uint64{})]byte = [8]byte{}
