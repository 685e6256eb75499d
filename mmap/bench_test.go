//go:build linux || darwin || freebsd

package mmap

import (
	"os"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/mmap/internal/sys"
	"github.com/pawl-metrics/pawl/shard"
)

// stores are what recording is compared on, in one run: benchstat -col /store.
func stores(b *testing.B, run func(b *testing.B, s shard.Store)) {
	b.Run("store=arena", func(b *testing.B) { run(b, new(shard.Arena)) })
	b.Run("store=tmpfs", func(b *testing.B) { run(b, benchStore(b, memoryDir(b))) })
	b.Run("store=disk", func(b *testing.B) { run(b, benchStore(b, b.TempDir())) })
}

func benchStore(b *testing.B, dir string) *Store {
	s := openStore(b, dir, Options{})
	b.Logf("on %s", s.Stats().FileSystem)
	return s
}

func benchAlloc(b *testing.B, s shard.Store, l shard.Layout) shard.Slab {
	slab, err := s.Alloc(counter("c_total"), l)
	if err != nil {
		b.Fatal(err)
	}
	return slab
}

func BenchmarkInc(b *testing.B) {
	stores(b, func(b *testing.B, s shard.Store) {
		c := benchAlloc(b, s, one)
		for b.Loop() {
			inc(c)
		}
	})
}

func BenchmarkIncParallel(b *testing.B) {
	stores(b, func(b *testing.B, s shard.Store) {
		c := benchAlloc(b, s, one)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				inc(c)
			}
		})
	})
}

// Observe is that of a histogram with a dozen buckets.
func BenchmarkObserve(b *testing.B) {
	stores(b, func(b *testing.B, s shard.Store) {
		g := new(shard.Group)
		g.Init(benchAlloc(b, s, shard.GroupLayout(13)))
		for b.Loop() {
			ready := g.Ready()
			p := shard.Pin()
			if uint(p) >= ready || g.Held() {
				b.Fatal("no stripe")
			}
			w := g.Section(p)
			n := w.Begin()
			atomicf.Add(w.Word(5), 1)
			atomicf.AddFloat(w.Word(0), 0.5)
			w.End(n)
			shard.Unpin()
		}
	})
}

// Spread records in 100,000 counters one after the other: what the pages' tables, and
// the processor's memory of them, cost.
func BenchmarkSpread(b *testing.B) {
	stores(b, func(b *testing.B, s shard.Store) {
		slabs := make([]shard.Slab, 100_000)
		for i := range slabs {
			slabs[i] = benchAlloc(b, s, one)
			inc(slabs[i])
		}
		for i := 0; b.Loop(); i++ {
			inc(slabs[i%len(slabs)])
		}
	})
}

// FirstTouch is the first store to a page: of memory, of a mapped file with disk space,
// and of one whose pages were made present with it.
func BenchmarkFirstTouch(b *testing.B) {
	const size = 16 << 20
	page := os.Getpagesize()
	// Each iteration touches all pages of a new region; ns/page is what counts.
	touch := func(b *testing.B, fresh func() sys.Region) {
		var spent time.Duration
		n := 0
		for b.Loop() {
			r := fresh()
			mem := r.Bytes()
			start := time.Now()
			for at := 0; at < size; at += page {
				mem[at] = 1
			}
			spent += time.Since(start)
			n += size / page
			r.Release()
		}
		b.ReportMetric(float64(spent.Nanoseconds())/float64(n), "ns/page")
	}
	inFile := func(dir string, prefault bool) func(b *testing.B) {
		return func(b *testing.B) {
			touch(b, func() sys.Region {
				f, err := os.CreateTemp(dir, "touch")
				if err != nil {
					b.Fatal(err)
				}
				defer f.Close()
				defer os.Remove(f.Name())
				if err := f.Truncate(size); err != nil {
					b.Fatal(err)
				}
				if err := sys.Allocate(f, 0, size); err != nil {
					b.Fatal(err)
				}
				r, err := sys.Map(f, 0, size)
				if err != nil {
					b.Fatal(err)
				}
				if prefault {
					if err := sys.Prefault(r.Bytes()); err != nil {
						b.Fatal(err)
					}
				}
				return r
			})
		}
	}
	memory, disk := memoryDir(b), b.TempDir()
	b.Run("page=anonymous", func(b *testing.B) {
		touch(b, func() sys.Region {
			r, err := sys.Anonymous(size)
			if err != nil {
				b.Fatal(err)
			}
			return r
		})
	})
	b.Run("page=tmpfs", inFile(memory, false))
	b.Run("page=tmpfs-prefaulted", inFile(memory, true))
	b.Run("page=disk", inFile(disk, false))
	b.Run("page=disk-prefaulted", inFile(disk, true))
}

// Alloc is a new series' part in the store: cells and record.
func BenchmarkAlloc(b *testing.B) {
	stores(b, func(b *testing.B, s shard.Store) {
		desc := counter("some_requests_of_a_kind_total")
		n := 0
		for b.Loop() {
			if n++; n == 2_000_000 {
				b.Fatal("too many")
			}
			if _, err := s.Alloc(desc, one); err != nil {
				b.Fatal(err)
			}
		}
	})
}
