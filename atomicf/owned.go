package atomicf

import "sync/atomic"

// Load reads an owned word from any goroutine: the value before the update that
// may be under way, or the value after it.
func Load(p *uint64) uint64 { return atomic.LoadUint64(p) }
