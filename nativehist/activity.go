package nativehist

import (
	"runtime"

	"github.com/pawl-metrics/pawl/shard"
)

// Observations returns how many observations the recorder has ever taken: every one
// that had returned before the call, perhaps some that came during it. Unlike a
// snapshot's count it never goes down, whatever a limit resets. It costs less than a
// snapshot, and is for telling whether there was anything.
func (r *Recorder) Observations() (n uint64) {
	defer runtime.KeepAlive(r)
	for range patience {
		shard.Pin() // see scratch.begin
		if r.mu.TryLock() {
			n = r.observations()
			r.mu.Unlock()
			shard.Unpin()
			return n
		}
		shard.Unpin()
		runtime.Gosched()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.observations()
}

// observations adds up base and all blocks, read or not. The mutex is held.
func (r *Recorder) observations() uint64 {
	n := r.taken
	if r.current != nil {
		n += r.current.cells.Updates()
	}
	for _, b := range r.retired {
		n += b.block.cells.Updates()
	}
	for _, b := range r.dropped {
		n += b.block.cells.Updates()
	}
	return n
}
