//go:build !amd64 || race || purego

package atomicf

import (
	"math"
	"sync/atomic"
)

// Plain says whether owned stores are plain machine stores in this build.
const Plain = false

// Store stores v into the owned word p. Only its owner may call it.
func Store(p *uint64, v uint64) { atomic.StoreUint64(p, v) }

// Add adds d to the owned word p. Only its owner may call it: the load and the
// store are two steps, and a second writer between them would be lost.
func Add(p *uint64, d uint64) { atomic.StoreUint64(p, atomic.LoadUint64(p)+d) }

// AddFloat adds d to the float64 whose bits the owned word p holds. Only its
// owner may call it.
func AddFloat(p *uint64, d float64) {
	atomic.StoreUint64(p, math.Float64bits(math.Float64frombits(atomic.LoadUint64(p))+d))
}

func storeShared(w *atomic.Uint64, v uint64) { w.Store(v) }
