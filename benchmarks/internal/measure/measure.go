// Package measure times things: loops that several goroutines run at once, steps
// with untimed work between them, single recordings while a scrape runs, and
// resident memory.
//
// The unit of time is the op as one goroutine sees it: the time that passed
// divided by the ops that each goroutine did, all of them running at once. On
// two CPUs two goroutines that do not hinder each other see the same ns per op as
// one alone; four of them see twice as much, because each runs half the time.
package measure

import (
	"runtime"
	"time"
)

// Reading is one result of one sample.
type Reading struct {
	Unit   string  // "ns" unless the op says otherwise
	Value  float64 // per op
	Allocs float64 // per op
	Bytes  float64 // per op
}

// Subject is one implementation, set up to do one op.
type Subject interface {
	// Run does the op iters times on each of p goroutines and returns what it
	// measured.
	Run(p, iters int) []Reading
}

// Preparer is a Subject that makes something for each goroutine, at the latest in
// its first Run, outside the time.
type Preparer interface{ Prepare(p int) }

// OneShot marks a Subject whose Run does the same whatever iters is.
type OneShot interface{ OneShot() }

// Checker is a Subject that can tell whether all that was recorded is there.
type Checker interface{ Check() error }

// Settle leaves nothing of earlier work behind: no garbage, no collection half
// done.
func Settle() { runtime.GC() }

var epoch = time.Now()

// now is the monotonic clock alone, which is cheaper than time.Now.
func now() time.Duration { return time.Since(epoch) }

// heap counts allocations since the start of the process.
type heap struct{ mallocs, bytes uint64 }

func readHeap() heap {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return heap{m.Mallocs, m.TotalAlloc}
}

// since returns the allocations after h, spread over ops.
func (h heap) since(ops float64) (allocs, bytes float64) {
	end := readHeap()
	return float64(end.mallocs-h.mallocs) / ops, float64(end.bytes-h.bytes) / ops
}
