package mmap

import (
	"os"
	"runtime"

	"github.com/pawl-metrics/pawl/mmap/internal/sys"
)

// mapping is a part of a file in memory, until it is released or nothing leads to it:
// a store that is forgotten without Close leaves nothing behind but its file.
type mapping struct {
	sys.Region
	cleanup runtime.Cleanup
}

func mapFile(f *os.File, offset int64, size int) (*mapping, error) {
	r, err := sys.Map(f, offset, size)
	if err != nil {
		return nil, err
	}
	m := &mapping{Region: r}
	m.cleanup = runtime.AddCleanup(m, sys.Region.Release, r)
	return m, nil
}

func (m *mapping) release() {
	m.cleanup.Stop()
	m.Release()
}
