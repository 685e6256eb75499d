package shard

import (
	"errors"
	"fmt"
)

// Store hands out the memory that series record in. The engine is built on this
// seam: [Arena] keeps cells in anonymous memory, package mmap keeps them in
// files. (If golang/go#80645, a sharded counter in the standard library, lands,
// it would come in here too.)
//
// All methods may be called concurrently.
type Store interface {
	// Alloc returns a zeroed slab. desc describes it to whoever reads the store
	// without the process that wrote it (package engine/descriptor); a store that
	// is not [Persistent] gets none.
	Alloc(desc []byte, l Layout) (Slab, error)

	// Free takes back a slab that Alloc returned. The caller promises that no
	// goroutine can reach the slab any more.
	Free(s Slab, l Layout)
}

// Persistent is a store whose slabs have other readers than the process that
// records in them, and outlive it.
type Persistent interface {
	Store

	// Replace is Alloc of a slab that takes over from others. fill writes what it
	// holds at first. Then, in one step, readers see the new slab and no longer see
	// the old ones, which the caller goes on owning, and returns by Free.
	Replace(desc []byte, l Layout, fill func(Slab), old []Slab) (Slab, error)

	// Withdraw hides a slab from readers. Handles may go on recording in it.
	Withdraw(s Slab)
}

// Layout is the shape of a slab.
type Layout struct {
	Words  int  // cells per stripe, from 1 to MaxWords
	Shared bool // the shared stripe is enough: no P has cells of its own
}

// MaxWords is the largest slab: one whole stripe.
const MaxWords = stripeWords

// ErrTooLarge is what Alloc wraps when a slab would not fit in a stripe.
var ErrTooLarge = errors.New("slab larger than a stripe")

func (l Layout) check() error {
	switch {
	case l.Words < 1:
		return fmt.Errorf("shard: a slab of %d words", l.Words)
	case l.Words > MaxWords:
		return fmt.Errorf("shard: %d words: %w (%d words)", l.Words, ErrTooLarge, MaxWords)
	}
	return nil
}
