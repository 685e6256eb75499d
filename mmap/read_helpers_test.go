//go:build linux || darwin || freebsd

package mmap

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/mmap/internal/file"
	"github.com/pawl-metrics/pawl/mmap/internal/lock"
)

// made is a file as tests make them: all records in the one directory extent, all
// cells in chunks with the same number of stripes.
type made struct {
	file.Header
	stripes int // at least 1
	slabs   []madeSlab
}

// madeSlab is a record. cells has its words in each stripe; missing stripes are zero.
type madeSlab struct {
	d        descriptor.Descriptor
	cells    [][]uint64
	status   file.Status // Live if 0
	replaces []int       // numbers of earlier slabs
}

// bytes lays the file out.
func (m *made) bytes(t testing.TB) []byte {
	t.Helper()
	stripes := max(m.stripes, 1)
	var dir []byte
	var at []uint64
	var chunks [][]byte
	used := file.StripeWords
	for _, s := range m.slabs {
		r := file.Record{State: file.NewState(max(s.status, file.Live), 1), Desc: descriptor.Append(nil, &s.d)}
		for _, i := range s.replaces {
			r.Replaced = append(r.Replaced, file.Replaced{At: at[i], State: file.NewState(file.Live, 1)})
		}
		if len(s.cells) > 0 {
			n := len(s.cells[0])
			if used+n > file.StripeWords {
				chunks, used = append(chunks, make([]byte, stripes*file.StripeBytes)), 0
			}
			r.Chunk, r.First, r.Words = uint32(len(chunks)-1), uint32(used), uint32(n)
			for stripe, words := range s.cells {
				for i, w := range words {
					binary.NativeEndian.PutUint64(chunks[r.Chunk][stripe*file.StripeBytes+(used+i)*8:], w)
				}
			}
			used += n
		}
		b, err := r.Encode()
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, uint64(len(dir)))
		dir = append(dir, b...)
	}
	room := (max(len(dir), 1) + file.Unit - 1) / file.Unit * file.Unit
	b := make([]byte, file.ExtentsAt)
	extents := []file.Extent{{Kind: file.Directory, Offset: file.ExtentsAt, Length: uint64(room)}}
	b = append(append(b, dir...), make([]byte, room-len(dir))...)
	for i, c := range chunks {
		extents = append(extents, file.Extent{Kind: file.Cells, Chunk: uint32(i), Stripes: uint32(stripes), Offset: uint64(len(b)), Length: uint64(len(c))})
		b = append(b, c...)
	}
	for i, e := range extents {
		copy(b[file.ExtentAt(i):], e.Encode())
	}
	copy(b[file.HeaderA:], m.Encode())
	copy(b[file.HeaderB:], m.Encode())
	binary.NativeEndian.PutUint64(b[file.ExtentCountAt:], uint64(len(extents)))
	binary.NativeEndian.PutUint64(b[file.DirectoryBytesAt:], uint64(len(dir)))
	return b
}

// header returns the header of a process of this machine.
func header(n int) file.Header {
	h := file.Header{Generation: 1, Kind: file.Process, Made: int64(1e18) + int64(n), PID: uint64(1000 + n), Boot: thisMachine().boot, Host: thisMachine().host}
	binary.BigEndian.PutUint64(h.ID[:], uint64(n)+1)
	return h
}

// write puts the file into dir, sparse, under its own name, and returns its path.
func (m *made) write(t testing.TB, dir string) string {
	t.Helper()
	name := "p-" + m.ID.String() + suffix
	if m.Slot != "" {
		name = "slot-" + m.Slot + suffix
	}
	path := filepath.Join(dir, name)
	writeSparse(t, path, m.bytes(t))
	return path
}

func writeSparse(t testing.TB, path string, b []byte) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(int64(len(b))); err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(b); at += 4096 {
		page := b[at:min(at+4096, len(b))]
		for _, c := range page {
			if c != 0 {
				if _, err := f.WriteAt(page, int64(at)); err != nil {
					t.Fatal(err)
				}
				break
			}
		}
	}
}

// alive makes the writer of a file live until the returned function is called.
func alive(t testing.TB, path string) (die func()) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err == nil {
		err = lock.Take(f)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return func() { f.Close() }
}

func bits(v float64) uint64 { return math.Float64bits(v) }

func counterSlab(name string, perStripe ...uint64) madeSlab {
	return slabOf(descriptor.Descriptor{Family: name, Kind: descriptor.Counter, Type: encode.Counter, Help: "Help."}, perStripe...)
}

func slabOf(d descriptor.Descriptor, perStripe ...uint64) madeSlab {
	s := madeSlab{d: d}
	for _, v := range perStripe {
		s.cells = append(s.cells, []uint64{v})
	}
	return s
}

func fractionSlab(name string, perStripe ...float64) madeSlab {
	s := madeSlab{d: descriptor.Descriptor{Family: name, Kind: descriptor.Fraction, Type: encode.Counter, Help: "Help."}}
	for _, v := range perStripe {
		s.cells = append(s.cells, []uint64{bits(v)})
	}
	return s
}

func gaugeSlab(name string, mode descriptor.Mode, v float64) madeSlab {
	return slabOf(descriptor.Descriptor{Family: name, Kind: descriptor.Gauge, Type: encode.Gauge, Mode: mode}, bits(v))
}

func recentSlab(name string, mode descriptor.Mode, pairs ...[2]float64) madeSlab {
	s := madeSlab{d: descriptor.Descriptor{Family: name, Kind: descriptor.Recent, Type: encode.Gauge, Mode: mode}}
	for _, p := range pairs {
		s.cells = append(s.cells, []uint64{1, 1, bits(p[0]), uint64(int64(p[1]))})
	}
	return s
}

func histogramSlab(name string, bounds []float64, sum float64, counts ...uint64) madeSlab {
	return madeSlab{d: descriptor.Descriptor{Family: name, Kind: descriptor.Histogram, Type: encode.Histogram, Bounds: bounds},
		cells: [][]uint64{append([]uint64{7, 7, bits(sum)}, counts...)}}
}

// text returns families as text, for comparison; whole numbers without .0 at their ends.
func text(families []encode.Family) string {
	var b []byte
	for i := range families {
		b = encode.AppendFamily(b, encode.Format{Syntax: encode.OpenMetrics100}, encode.Options{Exemplars: true, Created: true}, &families[i])
	}
	return strings.ReplaceAll(string(b), ".0\n", "\n")
}

func mergeDir(t testing.TB, dir string) string {
	t.Helper()
	families, err := MergeDir(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	return text(families)
}

// sameText compares and shows both.
func sameText(t testing.TB, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func nativeWord(b [8]byte) uint64 { return binary.NativeEndian.Uint64(b[:]) }
