package outbox

import (
	"context"
	"sync"
	"sync/atomic"
)

// Batch is delivered as a whole, or again as a whole.
type Batch struct {
	Body    []byte
	Samples int // in it, for counting
}

// Stats counts samples by what became of them. All but the last two only grow.
type Stats struct {
	Sent       uint64 // and taken
	Overflowed uint64 // dropped because there was no more room
	Refused    uint64 // dropped because the receiver will never take them
	Unsent     uint64 // dropped because the end came
	Retries    uint64 // of batches: how often one was not taken, and kept

	WaitingBytes   int // in batches that have not been taken yet
	WaitingBatches int
}

// Box is a bounded queue of batches.
//
// Ownership. The fields below mu belong to it, the counters are atomic. Put may be called by
// anyone; there is one sender. The oldest batch is the sender's from take to
// drop, and stays where it is meanwhile, so that it counts.
type Box struct {
	limit int

	sent, overflowed, refused, unsent, retries atomic.Uint64

	mu     sync.Mutex
	waits  []Batch // oldest first
	bytes  int     // of memory that they take
	taken  bool    // the oldest is being sent
	closed bool    // there will be no more
	more   chan struct{}
	ending chan struct{} // closed with the box
}

// New returns an empty box for so many bytes.
func New(limit int) *Box {
	return &Box{limit: limit, more: make(chan struct{}, 1), ending: make(chan struct{})}
}

// Put adds a batch, and drops the oldest ones while there are too many bytes.
func (b *Box) Put(batch Batch) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waits = append(b.waits, batch)
	b.bytes += cap(batch.Body)
	oldest := 0
	if b.taken {
		oldest = 1
	}
	for b.bytes > b.limit && oldest < len(b.waits)-1 {
		b.overflowed.Add(uint64(b.waits[oldest].Samples))
		b.remove(oldest)
	}
	b.wake()
}

func (b *Box) remove(i int) {
	b.bytes -= cap(b.waits[i].Body)
	copy(b.waits[i:], b.waits[i+1:])
	b.waits[len(b.waits)-1] = Batch{} // keep no hold of its bytes
	b.waits = b.waits[:len(b.waits)-1]
}

func (b *Box) wake() {
	select {
	case b.more <- struct{}{}:
	default:
	}
}

// close lets take return when the box is empty.
func (b *Box) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	close(b.ending)
	b.wake()
}

// reopen makes the box ready for another run. What no run has delivered is gone.
func (b *Box) reopen() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.waits) > 0 {
		b.unsent.Add(uint64(b.waits[0].Samples))
		b.remove(0)
	}
	b.closed, b.taken, b.ending = false, false, make(chan struct{})
}

// take waits for a batch and returns the oldest. ok is false when there is none and will
// be none, or when ctx ends.
func (b *Box) take(ctx context.Context) (batch Batch, ok bool) {
	for {
		if batch, ok, closed := b.oldest(); ok || closed {
			return batch, ok
		}
		select {
		case <-b.more:
		case <-ctx.Done():
			return Batch{}, false
		}
	}
}

func (b *Box) oldest() (batch Batch, ok, closed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waits) == 0 {
		return Batch{}, false, b.closed
	}
	b.taken = true
	return b.waits[0], true, b.closed
}

// drop takes out the batch that was taken.
func (b *Box) drop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.remove(0)
	b.taken = false
}

// Stats returns the counts.
func (b *Box) Stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	return Stats{b.sent.Load(), b.overflowed.Load(), b.refused.Load(), b.unsent.Load(), b.retries.Load(), b.bytes, len(b.waits)}
}
