//go:build linux || darwin || freebsd

package mmap

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
)

// busyProcess is a file with so many counters, on two Ps.
func busyProcess(n, series int) *made {
	m := &made{Header: header(n), stripes: 3}
	for i := range series {
		m.slabs = append(m.slabs, slabOf(descriptor.Descriptor{
			Family: fmt.Sprintf("http_requests_%d_total", i/20), Help: "Requests served, by route and status.",
			Labels: []encode.Label{{Name: "route", Value: fmt.Sprintf("/users/%d", i%20)}, {Name: "status", Value: "200"}},
			Kind:   descriptor.Counter, Type: encode.Counter, Start: int64(n),
		}, 0, uint64(i), uint64(n)))
	}
	return m
}

const (
	benchFiles  = 6000
	benchSeries = 183
)

// TestMakeBenchDir makes the files of the benchmark in PAWL_BENCH_MAKE, so that another
// process can read them: this one's heap is full of what it took to make them.
func TestMakeBenchDir(t *testing.T) {
	dir := os.Getenv("PAWL_BENCH_MAKE")
	if dir == "" {
		return
	}
	for n := range benchFiles {
		busyProcess(n, benchSeries).write(t, dir)
	}
}

func benchDir(b *testing.B, files, series int) string {
	if dir := os.Getenv("PAWL_BENCH_DIR"); dir != "" {
		return dir
	}
	dir, err := os.MkdirTemp("/dev/shm", "pawl-bench-")
	if err != nil {
		dir = b.TempDir()
	}
	b.Cleanup(func() { os.RemoveAll(dir) })
	for n := range files {
		busyProcess(n, series).write(b, dir)
	}
	return dir
}

// cpuTime begins to count what the process uses on all CPUs, and returns how to report
// it for each entry of the benchmark's files: unlike the time that passes, it says
// something on a machine that others use too.
func cpuTime(b *testing.B) (report func()) {
	used := func() int64 {
		var u unix.Rusage
		if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return u.Utime.Nano() + u.Stime.Nano()
	}
	before := used()
	return func() {
		b.ReportMetric(float64(used()-before)/float64(b.N*benchFiles*benchSeries), "cpu-ns/entry")
	}
}

// BenchmarkMerge is 6000 files of dead processes, 1.1 million series in all: merged once,
// scanned by a new collector, by one that has scanned them before, and merged once they
// are folded.
func BenchmarkMerge(b *testing.B) {
	dir := benchDir(b, benchFiles, benchSeries)
	b.Run("what=first", func(b *testing.B) {
		b.ReportAllocs()
		defer cpuTime(b)()
		for b.Loop() {
			d := newScanner(dir, Limits{})
			var r result
			if err := d.scan(&r); err != nil || len(r.families) != (benchSeries+19)/20 {
				b.Fatal(len(r.families), err)
			}
			d.close()
		}
	})
	b.Run("what=cold", func(b *testing.B) {
		b.ReportAllocs()
		defer cpuTime(b)()
		for b.Loop() {
			families, err := MergeDir(dir, true)
			if err != nil || len(families) != (benchSeries+19)/20 {
				b.Fatal(len(families), err)
			}
		}
	})
	b.Run("what=again", func(b *testing.B) {
		d := newScanner(dir, Limits{})
		defer d.close()
		var r result
		if err := d.scan(&r); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		defer cpuTime(b)()
		for b.Loop() {
			r.reset(true)
			if err := d.scan(&r); err != nil {
				b.Fatal(err)
			}
		}
	})
	if os.Getenv("PAWL_BENCH_DIR") != "" {
		return
	}
	if _, err := Compact(dir, CompactOptions{}); err != nil {
		b.Fatal(err)
	}
	b.Run("what=folded", func(b *testing.B) {
		for b.Loop() {
			if families, err := MergeDir(dir, true); err != nil || len(families) != (benchSeries+19)/20 {
				b.Fatal(err)
			}
		}
	})
}
