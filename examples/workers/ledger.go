//go:build unix

package main

import (
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ledger is a worker's own account of what it has done, in a file of its own that is
// mapped as the metrics are: the kernel keeps it when the worker is killed, to the last
// store. It is there to check pawl, and shares no code with it.
type ledger struct {
	lines *[goroutines]line
}

// line is what one goroutine has done. It alone writes it.
type line struct {
	gets, posts, observations atomic.Uint64
	_                         [5]uint64 // a cache line for each
}

const ledgerBytes = int(unsafe.Sizeof([goroutines]line{}))

// openLedger maps the ledger at path, which it makes if need be.
func openLedger(path string) (*ledger, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := f.Truncate(int64(ledgerBytes)); err != nil {
		return nil, err
	}
	mem, err := unix.Mmap(int(f.Fd()), 0, ledgerBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping %s: %w", path, err)
	}
	return &ledger{(*[goroutines]line)(unsafe.Pointer(&mem[0]))}, nil
}

// totals is what workers have done, or what a scrape says of it.
type totals struct{ gets, posts, observations uint64 }

func (t *totals) add(o totals) {
	t.gets += o.gets
	t.posts += o.posts
	t.observations += o.observations
}

// total adds up the lines.
func (l *ledger) total() (t totals) {
	for i := range l.lines {
		line := &l.lines[i]
		t.add(totals{line.gets.Load(), line.posts.Load(), line.observations.Load()})
	}
	return t
}
