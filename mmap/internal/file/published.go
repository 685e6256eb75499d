package file

import (
	"fmt"
	"sync/atomic"
)

// Where the published words stand.
const (
	ExtentCountAt    = PublishedAt      // extents in the table
	DirectoryBytesAt = PublishedAt + 8  // bytes of the directory
	ClosedAt         = PublishedAt + 16 // 1: closed by its writer
)

// Published is the words that make the rest of a file visible.
type Published struct {
	Extents   int
	Directory uint64 // bytes, over all its extents
	Closed    bool
}

// Published loads them: the directory's length first, so that the extents include
// those that it lies in.
func (v View) Published() (Published, error) {
	p := Published{Closed: v.load(ClosedAt) != 0, Directory: v.load(DirectoryBytesAt)}
	n := v.load(ExtentCountAt)
	if n > MaxExtents {
		return Published{}, fmt.Errorf("published words: %d extents, where there is room for %d: %w", n, MaxExtents, ErrDamaged)
	}
	p.Extents = int(n)
	return p, nil
}

// Publish stores one of the published words, after everything that was stored
// before. Only the writer calls it.
func (v View) Publish(at, n uint64) { atomic.StoreUint64(v.Word(at), n) }
