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
// Both methods may be called concurrently.
type Store interface {
	// Alloc returns a zeroed slab of l.Words cells. desc describes the series
	// to whoever reads the store without the process that wrote it; its bytes
	// are the caller's business, and a store that keeps no description
	// (see Describes) ignores them.
	Alloc(desc []byte, l Layout) (Slab, error)

	// Free takes back a slab that Alloc returned. The caller promises that no
	// goroutine can reach the slab any more.
	Free(s Slab, l Layout)

	// Describes says whether Alloc wants a description.
	Describes() bool
}

// Layout is the shape of a slab.
type Layout struct {
	Words int // cells per stripe, from 1 to MaxWords
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
