//go:build linux || darwin || freebsd

package mmap

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/cespare/xxhash/v2"

	"github.com/pawl-metrics/pawl/engine/descriptor"
)

// A reader written from FORMAT.md and nothing else: offsets are numbers here, and it
// uses no code of this package. It reads files of the dead, or of processes that hold
// still.

var ne = binary.NativeEndian

type readFile struct {
	kind, pid   uint64
	id          [16]byte
	host, slot  string
	closed      bool
	extents     []readExtent
	directory   uint64
	records     []readRecord
	bytes       []byte
	live, dead  int
	fillers     int
	replacement int // records that a live one replaces, and that count
}

type readExtent struct{ kind, chunk, stripe, stripes, offset, length uint64 }

type readRecord struct {
	at, state, length  uint64
	chunk, first, word uint64
	desc               *descriptor.Descriptor
	replaced           [][2]uint64
}

// read reads a whole file and checks what can be checked.
func read(t testing.TB, path string) *readFile {
	t.Helper()
	f, err := readPath(path)
	if err != nil {
		t.Fatalf("%s: %v", filepath.Base(path), err)
	}
	return f
}

func readPath(path string) (*readFile, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(b) < 0x20000 || len(b)%0x10000 != 0 {
		return nil, fmt.Errorf("%d bytes long", len(b))
	}
	f := &readFile{bytes: b}
	for _, at := range []int{0, 0x400} {
		if err := f.header(b[at : at+512]); err != nil {
			return nil, fmt.Errorf("header at %#x: %w", at, err)
		}
	}
	f.closed = ne.Uint64(b[0x810:]) == 1
	f.directory = ne.Uint64(b[0x808:])
	end := uint64(0x10000)
	for i := range ne.Uint64(b[0x800:]) {
		e := b[0x1000+32*i:]
		x := readExtent{u32(e, 0), u32(e, 4), u32(e, 8), u32(e, 12), ne.Uint64(e[16:]), ne.Uint64(e[24:])}
		if x.offset != end || x.length%0x10000 != 0 || x.kind == 2 && x.length != x.stripes*0x10000 {
			return nil, fmt.Errorf("extent %d: %+v", i, x)
		}
		end += x.length
		f.extents = append(f.extents, x)
	}
	if end > uint64(len(b)) { // it is longer where the kill came before an extent was published
		return nil, fmt.Errorf("extents up to %#x, and %#x bytes", end, len(b))
	}
	return f, f.walk()
}

func u32(b []byte, at int) uint64 { return uint64(ne.Uint32(b[at:])) }

func (f *readFile) header(h []byte) error {
	if string(h[:8]) != "pawlmmap" || u32(h, 8) != 1 || u32(h, 12) != 0x01020304 || u32(h, 28) != 65536 {
		return fmt.Errorf("begins %q", h[:32])
	}
	if ne.Uint64(h[504:]) != xxhash.Sum64(h[:504]) {
		return fmt.Errorf("wrong checksum")
	}
	f.kind, f.pid = u32(h, 24), ne.Uint64(h[56:])
	copy(f.id[:], h[40:])
	f.host, f.slot = string(h[90:90+ne.Uint16(h[88:])]), string(h[346:346+ne.Uint16(h[344:])])
	return nil
}

// walk reads the directory.
func (f *readFile) walk() error {
	at := uint64(0) // in the directory
	for _, x := range f.extents {
		if x.kind != 1 {
			continue
		}
		for in := uint64(0); in < x.length && at < f.directory; {
			b := f.bytes[x.offset+in : x.offset+x.length]
			n := u32(b, 8)
			if n < 16 || n%16 != 0 || n > x.length-in {
				return fmt.Errorf("record at %#x: %d bytes", at, n)
			}
			if err := f.record(at, b[:n]); err != nil {
				return fmt.Errorf("record at %#x: %w", at, err)
			}
			in, at = in+n, at+n
		}
	}
	if at != f.directory {
		return fmt.Errorf("records up to %#x, and %#x bytes of directory", at, f.directory)
	}
	f.replace()
	return nil
}

func (f *readFile) record(at uint64, b []byte) error {
	state := ne.Uint64(b)
	switch state & 0xff {
	case 3:
		f.dead++
		return nil
	case 4:
		f.fillers++
		return nil
	case 1, 2:
	default:
		return fmt.Errorf("state %#x", state)
	}
	h := xxhash.NewWithSeed(state >> 8)
	h.Write(b[8:40])
	h.Write(b[48:])
	if ne.Uint64(b[40:]) != h.Sum64() {
		return fmt.Errorf("wrong checksum")
	}
	desc := b[48 : 48+u32(b, 12)]
	d, err := descriptor.Parse(desc)
	if err != nil {
		return err
	}
	if key := descriptor.AppendKey(nil, d.Family, d.Labels); ne.Uint64(b[16:]) != xxhash.Sum64(key) {
		return fmt.Errorf("wrong hash of the key")
	}
	r := readRecord{at, state, uint64(len(b)), u32(b, 24), u32(b, 28), u32(b, 32), d, nil}
	rest := b[48+(len(desc)+7)/8*8:]
	for i := range u32(b, 36) {
		r.replaced = append(r.replaced, [2]uint64{ne.Uint64(rest[16*i:]), ne.Uint64(rest[16*i+8:])})
	}
	f.records = append(f.records, r)
	return nil
}

// replace leaves the records that are exposed.
func (f *readFile) replace() {
	gone := make(map[uint64]uint64)
	for _, r := range f.records {
		if r.state&0xff == 1 {
			for _, old := range r.replaced {
				gone[old[0]] = old[1]
			}
		}
	}
	var live []readRecord
	for _, r := range f.records {
		if s, ok := gone[r.at]; ok && s == r.state {
			f.replacement++
		} else if r.state&0xff == 1 {
			live = append(live, r)
		}
	}
	f.records, f.live = live, len(live)
}

// cells returns a record's words in every stripe that it has, the shared one first.
func (f *readFile) cells(r readRecord) (stripes [][]uint64) {
	for _, x := range f.extents {
		if x.kind != 2 || x.chunk != r.chunk {
			continue
		}
		for i := range x.stripes {
			words := make([]uint64, r.word)
			for w := range words {
				words[w] = ne.Uint64(f.bytes[x.offset+i*0x10000+(r.first+uint64(w))*8:])
			}
			stripes = append(stripes, words)
		}
	}
	return stripes
}

// sum adds up word i of a record.
func (f *readFile) sum(r readRecord, i int) (n uint64) {
	for _, s := range f.cells(r) {
		n += s[i]
	}
	return n
}

// family returns the one exposed record of a family that was not carried over.
func (f *readFile) family(t testing.TB, name string) readRecord {
	t.Helper()
	for _, r := range f.records {
		if r.desc.Family == name && !r.desc.Carried {
			return r
		}
	}
	t.Fatalf("no record of %s among %d", name, len(f.records))
	return readRecord{}
}

// counter returns the sum over all records of a family, carried ones too.
func (f *readFile) counter(name string) (n uint64) {
	for _, r := range f.records {
		if r.desc.Family == name {
			n += f.sum(r, 0)
		}
	}
	return n
}

func float(w uint64) float64 { return math.Float64frombits(w) }
