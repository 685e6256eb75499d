//go:build linux || darwin || freebsd

package mmap

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"

	"github.com/pawl-metrics/pawl/mmap/internal/file"
)

// patient is a directory with a sound file, whose numbers must stay what they are
// whatever is the matter with the other one.
type patient struct {
	dir, path string
	whole     []byte
	alone     string // what the sound file says
	both      string // what both say, while the other one is whole
}

func newPatient(t testing.TB, living bool) *patient {
	t.Helper()
	p := &patient{dir: t.TempDir()}
	sound := made{Header: header(0), slabs: []madeSlab{counterSlab("sound_total", 41), counterSlab("both_total", 1)}}
	sound.write(t, p.dir)
	p.alone = mergeDir(t, p.dir)
	sick := made{Header: header(1), stripes: 2, slabs: append(everything(3, rand.New(rand.NewPCG(1, 2))), counterSlab("both_total", 1))}
	p.whole = sick.bytes(t)
	p.path = sick.write(t, p.dir)
	if living {
		alive(t, p.path)
	}
	p.both = mergeDir(t, p.dir)
	return p
}

// check merges, and wants the truth: of the sound file alone, with an error about the
// other, or something with the sound file's numbers in it and no error.
func (p *patient) check(t testing.TB, what string) {
	t.Helper()
	families, err := MergeDir(p.dir, true)
	got := text(families)
	for _, e := range fileErrors(err) {
		if e.Path != p.path || strings.Contains(e.Error(), "runtime error") {
			t.Fatalf("%s: %v", what, e)
		}
	}
	switch {
	case err != nil && got != p.alone:
		t.Fatalf("%s: %v, and\n%s", what, err, got)
	case err == nil && !strings.Contains(got, "\nsound_total 41\n"):
		t.Fatalf("%s: no error, and\n%s", what, got)
	}
	in, err := Inspect(p.path)
	if err != nil && in != nil || err != nil && len(fileErrors(err)) != 1 {
		t.Fatalf("%s: inspection: %v, %v", what, in, err)
	}
}

// Truncated at each length that matters: at every byte of the head and of the
// directory, at every page behind.
func TestEveryTruncation(t *testing.T) {
	for _, living := range []bool{false, true} {
		p := newPatient(t, living)
		published := int(binary.NativeEndian.Uint64(p.whole[file.DirectoryBytesAt:]))
		for n := 0; n < len(p.whole); n += stride() {
			if n > 100 && n < file.ExtentsAt-16 || n > file.ExtentsAt+published+100 && n < len(p.whole)-100 {
				n += 1021
			} else if n > file.ExtentsAt && n < file.ExtentsAt+published {
				n += 12
			}
			if n >= len(p.whole) {
				break
			}
			if err := os.Truncate(p.path, int64(n)); err != nil {
				t.Fatal(err)
			}
			p.check(t, "cut")
			// Grown again: zeros where there were cells, directory or header.
			if err := os.Truncate(p.path, int64(len(p.whole))); err != nil {
				t.Fatal(err)
			}
			p.check(t, "cut and grown")
			restore(t, p.path, p.whole)
		}
		sameText(t, mergeDir(t, p.dir), p.both)
	}
}

// stride is how far apart are the places that are damaged: with -short, as under the race
// detector, not every one is.
func stride() int {
	if testing.Short() {
		return 11
	}
	return 1
}

// restore writes a file's bytes again where it has others.
func restore(t testing.TB, path string, b []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	now := make([]byte, len(b))
	n, _ := f.ReadAt(now, 0)
	for at := 0; at < len(b); at += 4096 {
		end := min(at+4096, len(b))
		if end > n || !bytes.Equal(now[at:end], b[at:end]) {
			if _, err := f.WriteAt(b[at:end], int64(at)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A bit that is another one, everywhere but in cells (where it is a number like any
// other) and where nobody looks.
func TestEveryFlip(t *testing.T) {
	for _, living := range []bool{false, true} {
		p := newPatient(t, living)
		f, err := os.OpenFile(p.path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		published := int(binary.NativeEndian.Uint64(p.whole[file.DirectoryBytesAt:]))
		r := rand.New(rand.NewPCG(5, 5))
		flip := func(at int) {
			b := []byte{p.whole[at] ^ 1<<r.IntN(8)}
			if _, err := f.WriteAt(b, int64(at)); err != nil {
				t.Fatal(err)
			}
			p.check(t, "flipped")
			f.WriteAt(p.whole[at:at+1], int64(at))
		}
		for at := 0; at < file.HeaderBytes; at += 7 * stride() {
			flip(at)
		}
		for at := file.PublishedAt; at < file.PublishedAt+24; at += stride() {
			flip(at)
		}
		for at := file.TableAt; at < file.TableAt+3*file.ExtentBytes; at += stride() {
			flip(at)
		}
		for at := file.ExtentsAt; at < file.ExtentsAt+published; at += 3 * stride() {
			flip(at)
		}
		f.Close()
		sameText(t, mergeDir(t, p.dir), p.both)
	}
}

// Both twins of the header damaged, then one: the other does.
func TestHeaderTwins(t *testing.T) {
	p := newPatient(t, false)
	for _, twins := range [][]int{{file.HeaderA}, {file.HeaderB}, {file.HeaderA, file.HeaderB}} {
		b := bytes.Clone(p.whole)
		for _, at := range twins {
			b[at+60] ^= 0xff
		}
		restore(t, p.path, b)
		if len(twins) == 1 {
			sameText(t, mergeDir(t, p.dir), p.both)
		} else {
			p.check(t, "both twins")
		}
	}
}

// Claims of which each would cost time or memory if it were believed, with checksums
// that are right.
func TestHostileClaims(t *testing.T) {
	record := func(b []byte, i int) []byte {
		at := file.ExtentsAt
		for range i {
			at += int(binary.NativeEndian.Uint32(b[at+file.LengthAt:]))
		}
		return b[at : at+int(binary.NativeEndian.Uint32(b[at+file.LengthAt:]))]
	}
	seal := func(r []byte) {
		binary.NativeEndian.PutUint64(r[file.CheckAt:], file.Checksum(r, file.State(binary.NativeEndian.Uint64(r))))
	}
	put32 := binary.NativeEndian.PutUint32
	put64 := binary.NativeEndian.PutUint64
	for name, claim := range map[string]func(b []byte){
		"extents":          func(b []byte) { put64(b[file.ExtentCountAt:], 1<<40) },
		"all extents":      func(b []byte) { put64(b[file.ExtentCountAt:], file.MaxExtents) },
		"directory":        func(b []byte) { put64(b[file.DirectoryBytesAt:], 1<<50) },
		"directory's end":  func(b []byte) { put64(b[file.DirectoryBytesAt:], 1<<16) },
		"extent's length":  func(b []byte) { put64(b[file.ExtentAt(1)+24:], 1<<60) },
		"extent's offset":  func(b []byte) { put64(b[file.ExtentAt(1)+16:], ^uint64(0)&^0xffff) },
		"extent's stripes": func(b []byte) { put32(b[file.ExtentAt(1)+12:], 1<<31) },
		"extents overlap": func(b []byte) {
			copy(b[file.ExtentAt(2):file.ExtentAt(3)], b[file.ExtentAt(1):file.ExtentAt(2)])
			put32(b[file.ExtentAt(2)+4:], 7)
			put64(b[file.ExtentCountAt:], 3)
		},
		"no shared stripe": func(b []byte) { put32(b[file.ExtentAt(1)+8:], 1) },
		"record's length":  func(b []byte) { put32(record(b, 1)[file.LengthAt:], 0) },
		"chunk":            func(b []byte) { r := record(b, 1); put32(r[file.ChunkAt:], 1<<31); seal(r) },
		"words":            func(b []byte) { r := record(b, 1); put32(r[file.WordsAt:], 8192); seal(r) },
		"no words":         func(b []byte) { r := record(b, 1); put32(r[file.WordsAt:], 0); seal(r) },
		"descriptor":       func(b []byte) { r := record(b, 1); put32(r[file.DescLenAt:], 1<<31-1); seal(r) },
		"replaced":         func(b []byte) { r := record(b, 1); put32(r[file.ReplacesAt:], 1<<28); seal(r) },
		"key's hash":       func(b []byte) { r := record(b, 1); r[file.KeyHashAt]++; seal(r) },
		"another kind": func(b []byte) {
			copy(b[24:28], []byte{9, 0, 0, 0})
			put64(b[504:], xxhash.Sum64(b[:504]))
			copy(b[0x400:0x600], b[:512])
		},
	} {
		for _, living := range []bool{false, true} {
			p := newPatient(t, living)
			b := bytes.Clone(p.whole)
			claim(b)
			restore(t, p.path, b)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			p.check(t, name)
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
				t.Errorf("%s: %d MiB allocated", name, used>>20)
			}
			if _, err := MergeDir(p.dir, true); err == nil {
				t.Errorf("%s (living %v): believed", name, living)
			}
		}
	}
}

// Records that replace each other, or themselves, end no reader.
func TestReplacedInCircles(t *testing.T) {
	dir := t.TempDir()
	a := counterSlab("a_total", 1)
	a.replaces = []int{0}
	m := made{Header: header(0), slabs: []madeSlab{counterSlab("b_total", 2), a}}
	b := m.bytes(t)
	path := filepath.Join(dir, "p-0"+suffix)
	at := file.ExtentsAt + int(binary.NativeEndian.Uint32(b[file.ExtentsAt+file.LengthAt:]))
	r := b[at : at+int(binary.NativeEndian.Uint32(b[at+file.LengthAt:]))]
	list := r[len(r)-16:]
	for i := len(r) - 16; i > 48; i -= 8 {
		if binary.NativeEndian.Uint64(r[i+8:]) == uint64(file.NewState(file.Live, 1)) {
			list = r[i : i+16]
			break
		}
	}
	binary.NativeEndian.PutUint64(list, uint64(at-file.ExtentsAt)) // itself
	binary.NativeEndian.PutUint64(r[file.CheckAt:], file.Checksum(r, file.NewState(file.Live, 1)))
	writeSparse(t, path, b)
	for _, living := range []bool{false, true} {
		if living {
			alive(t, path)
		}
		sameText(t, mergeDir(t, dir), "# TYPE b counter\n# HELP b Help.\nb_total 2\n")
	}
}

// A file of which half is taken away while it is mapped.
func TestCutWhileMapped(t *testing.T) {
	dir := t.TempDir()
	sound := made{Header: header(0), slabs: []madeSlab{counterSlab("sound_total", 41)}}
	sound.write(t, dir)
	m := made{Header: header(1), stripes: 3, slabs: everything(1, rand.New(rand.NewPCG(1, 1)))}
	path := m.write(t, dir)
	alive(t, path)
	c, err := NewCollector(dir, CollectorOptions{OnError: func(e *FileError) { t.Log(e) }})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	wantLines(t, scrape(t, c), "sound_total 41", `pawl_files{state="alive"} 1`)
	for _, size := range []int64{file.ExtentsAt + 1<<16, file.ExtentsAt, 4096, 0} {
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		got := scrape(t, c)
		wantLines(t, got, "sound_total 41", `pawl_file_errors{kind="truncated"} 1`)
		if strings.Contains(got, "c_total") {
			t.Errorf("half of a file:\n%s", got)
		}
	}
	restore(t, path, m.bytes(t))
	wantLines(t, scrape(t, c), `pawl_file_errors{kind="truncated"} 0`, `pawl_files{state="alive"} 1`)
}

// FuzzRead gives a reader any bytes at all in the place of a file's head, directory and
// first cells.
func FuzzRead(f *testing.F) {
	p := newPatient(f, false)
	published := int(binary.NativeEndian.Uint64(p.whole[file.DirectoryBytesAt:]))
	f.Add(p.whole[:file.TableAt+128], p.whole[file.ExtentsAt:file.ExtentsAt+published], true)
	f.Fuzz(func(t *testing.T, head, directory []byte, seal bool) {
		b := bytes.Clone(p.whole)
		copy(b, head[:min(len(head), file.ExtentsAt)])
		copy(b[file.ExtentsAt:file.ExtentsAt+1<<16], directory)
		if seal { // get past the checksums
			for _, at := range []int{file.HeaderA, file.HeaderB} {
				binary.NativeEndian.PutUint64(b[at+504:], xxhash.Sum64(b[at:at+504]))
			}
			for at := file.ExtentsAt; at+file.RecordHead < file.ExtentsAt+published; {
				n := int(binary.NativeEndian.Uint32(b[at+file.LengthAt:]))
				if n < file.RecordHead || n%16 != 0 || at+n > file.ExtentsAt+published {
					break
				}
				r := b[at : at+n]
				binary.NativeEndian.PutUint64(r[file.CheckAt:], file.Checksum(r, file.State(binary.NativeEndian.Uint64(r))))
				at += n
			}
		}
		restore(t, p.path, b)
		p.checkFuzzed(t)
	})
}

// checkFuzzed is check where the fuzzer may have made a file that is in order and says
// anything, of sound_total as well.
func (p *patient) checkFuzzed(t testing.TB) {
	t.Helper()
	families, err := MergeDir(p.dir, true)
	got := text(families)
	mentioned := false
	for _, e := range fileErrors(err) {
		if strings.Contains(e.Error(), "runtime error") {
			t.Fatal(e)
		}
		mentioned = mentioned || e.Kind != Conflict && e.Kind != Layout
	}
	if mentioned && got != p.alone {
		t.Fatalf("%v, and\n%s", err, got)
	}
	if !strings.Contains(got, "\nsound_total ") {
		t.Fatalf("%v, and\n%s", err, got)
	}
	if in, err := Inspect(p.path); (in == nil) == (err == nil) {
		t.Fatal(in, err)
	}
}
