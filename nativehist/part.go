package nativehist

import (
	"errors"

	"github.com/pawl-metrics/pawl/shard"
)

// Reach is a dense range of buckets of one sign.
type Reach struct {
	First int32  // index of the first bucket
	Cells uint32 // buckets
}

// Part says what the words of one slab of a recorder mean. A histogram is the sum
// of its parts, at the coarsest schema and the widest threshold among them.
type Part struct {
	Block     bool     // cells for each P; otherwise an image of the base, in the shared stripe
	Schema    int32    // of the buckets
	Threshold float64  // of the zero bucket
	Extra     int      // extra counters
	Reaches   [2]Reach // of a block: its buckets of positive values, of negative ones
}

// ErrPart is what errors about parts wrap that do not fit together, or whose words
// do not fit what they are said to be.
var ErrPart = errors.New("not a part of a native histogram")

// Persist makes the recorder keep everything that it has counted in its store,
// where others read it (see [Sum]), and a kill does not reach it. Call it once,
// after Init and before the recorder is shared, and only if the store is a
// [shard.Persistent]; recorders of other stores go on as they are.
//
// describe writes the descriptor of a part. It is called with the recorder's mutex
// held: it must not use the recorder.
func (r *Recorder) Persist(describe func(Part) []byte) {
	if store, ok := r.cells.store.(shard.Persistent); ok {
		r.image = newImage(store, r, describe)
	}
}

// Withdraw hides the recorder from the readers of its store: its series has been
// deleted. Handles may go on observing.
func (r *Recorder) Withdraw() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.image != nil {
		r.image = nil
		r.cells.withdraw()
	}
}
