package file

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/cespare/xxhash/v2"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
)

// memory is a file that is none.
type memory struct{ b []byte }

func (m *memory) Truncate(n int64) error {
	m.b = append(m.b, make([]byte, max(0, n-int64(len(m.b))))...)[:n]
	return nil
}

func (m *memory) WriteAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > int64(len(m.b)) {
		return 0, io.ErrShortWrite
	}
	return copy(m.b[at:], p), nil
}

// aligned returns a copy of b that begins at a multiple of 8.
func aligned(b []byte) []byte {
	words := make([]uint64, len(b)/8+1)
	c := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(words)*8)[:len(b)]
	copy(c, b)
	return c
}

func view(t testing.TB, b []byte) View {
	t.Helper()
	v, err := NewView(aligned(b))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func desc(name string, labels ...encode.Label) []byte {
	return descriptor.Append(nil, &descriptor.Descriptor{Family: name, Labels: labels, Kind: descriptor.Counter, Type: encode.Counter})
}

var someHeader = Header{
	Generation: 3, Kind: Process, Made: 1700000000123456789, ID: ID{1, 2, 15: 0xff}, PID: 4711, Started: 99,
	Boot: [16]byte{7, 15: 8}, Host: "host", Slot: "worker-1",
}

// built returns a file with two records, and its bytes.
func built(t testing.TB) []byte {
	t.Helper()
	b := NewBuilder(someHeader)
	for i, name := range []string{"first_total", "second_total"} {
		cells, err := b.Add(desc(name), 3)
		if err != nil {
			t.Fatal(err)
		}
		copy(cells, []uint64{uint64(10 * i), uint64(10*i + 1), uint64(10*i + 2)})
	}
	var m memory
	if err := b.WriteTo(&m); err != nil {
		t.Fatal(err)
	}
	return m.b
}

// The bytes are where FORMAT.md has them: offsets are written out here, and no
// constant of the package is used.
func TestBytes(t *testing.T) {
	b := built(t)
	ne := binary.NativeEndian
	if len(b) != 0x10000+0x10000+0x10000 {
		t.Fatalf("%d bytes", len(b))
	}
	for _, at := range []int{0, 0x400} {
		h := b[at:]
		if string(h[:8]) != "pawlmmap" || ne.Uint32(h[8:]) != 1 || ne.Uint32(h[12:]) != 0x01020304 {
			t.Errorf("at %#x: begins %q", at, h[:16])
		}
		if ne.Uint64(h[16:]) != 3 || ne.Uint32(h[24:]) != 1 || ne.Uint32(h[28:]) != 65536 || ne.Uint64(h[32:]) != 1700000000123456789 {
			t.Errorf("at %#x: generation, kind, stripe, time are %q", at, h[16:40])
		}
		if h[40] != 1 || h[55] != 0xff || ne.Uint64(h[56:]) != 4711 || ne.Uint64(h[64:]) != 99 || h[72] != 7 || h[87] != 8 {
			t.Errorf("at %#x: identity is %q", at, h[40:88])
		}
		if ne.Uint16(h[88:]) != 4 || string(h[90:95]) != "host\x00" || ne.Uint16(h[344:]) != 8 || string(h[346:355]) != "worker-1\x00" {
			t.Errorf("at %#x: names are %q, %q", at, h[88:100], h[344:360])
		}
		if !bytes.Equal(h[474:504], make([]byte, 30)) || ne.Uint64(h[504:]) != xxhash.Sum64(h[:504]) {
			t.Errorf("at %#x: ends %q", at, h[474:512])
		}
	}
	r1, r2 := 0x10000, 0x10000+int(ne.Uint32(b[0x10008:]))
	if ne.Uint64(b[0x800:]) != 2 || ne.Uint64(b[0x808:]) != uint64(r2-r1)+uint64(ne.Uint32(b[r2+8:])) || ne.Uint64(b[0x810:]) != 0 {
		t.Errorf("published words: %q", b[0x800:0x840])
	}
	for i, want := range [][6]uint64{{1, 0, 0, 0, 0x10000, 0x10000}, {2, 0, 0, 1, 0x20000, 0x10000}} {
		e := b[0x1000+32*i:]
		got := [6]uint64{uint64(ne.Uint32(e)), uint64(ne.Uint32(e[4:])), uint64(ne.Uint32(e[8:])), uint64(ne.Uint32(e[12:])), ne.Uint64(e[16:]), ne.Uint64(e[24:])}
		if got != want {
			t.Errorf("extent %d: %v, want %v", i, got, want)
		}
	}
	for i, at := range []int{r1, r2} {
		r := b[at:]
		d := desc([]string{"first_total", "second_total"}[i])
		key := append([]byte{byte(len("first_total") + i)}, []string{"first_total\x00", "second_total\x00"}[i]...)
		if ne.Uint64(r) != 1|1<<8 || ne.Uint32(r[12:]) != uint32(len(d)) || ne.Uint64(r[16:]) != xxhash.Sum64(key) {
			t.Errorf("record %d begins %x", i, r[:24])
		}
		if ne.Uint32(r[24:]) != 0 || ne.Uint32(r[28:]) != uint32(3*i) || ne.Uint32(r[32:]) != 3 || ne.Uint32(r[36:]) != 0 {
			t.Errorf("record %d: place %x", i, r[24:40])
		}
		h := xxhash.NewWithSeed(1)
		h.Write(r[8:40])
		h.Write(r[48:ne.Uint32(r[8:])])
		if ne.Uint64(r[40:]) != h.Sum64() || !bytes.Equal(r[48:48+len(d)], d) {
			t.Errorf("record %d: %x", i, r[40:ne.Uint32(r[8:])])
		}
	}
	for i, want := range []uint64{0, 1, 2, 10, 11, 12, 0} {
		if got := ne.Uint64(b[0x20000+8*i:]); got != want {
			t.Errorf("cell %d is %d, want %d", i, got, want)
		}
	}
}

// contents reads a whole file: what a reader does, without its locks.
func contents(v View) (x Index, records []Record, err error) {
	if _, err = v.Header(); err != nil {
		return
	}
	p, err := v.Published()
	if err != nil {
		return
	}
	if err = x.Extend(v, p.Extents); err != nil {
		return
	}
	for e, err := range x.Walk(0, p.Directory) {
		if err != nil {
			return x, records, err
		}
		var r Record
		if err := x.Record(e.At, &r); err != nil {
			return x, records, err
		}
		records = append(records, r)
	}
	return x, records, nil
}

func TestBuilder(t *testing.T) {
	v := view(t, built(t))
	h, err := v.Header()
	if err != nil || !reflect.DeepEqual(*h, someHeader) {
		t.Errorf("header %+v, %v", h, err)
	}
	x, records, err := contents(v)
	if err != nil || len(records) != 2 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for i, r := range records {
		at, ok := x.Shared(r.Chunk)
		cells := make([]uint64, r.Words)
		if !ok || !x.CopyCells(cells, at+uint64(r.First)*8) || !slices.Equal(cells, []uint64{uint64(10 * i), uint64(10*i + 1), uint64(10*i + 2)}) {
			t.Errorf("record %d: cells %v", i, cells)
		}
	}
}

// Many records, more than one chunk, more than one unit of directory.
func TestBuilderGrows(t *testing.T) {
	b := NewBuilder(someHeader)
	const n, words = 3000, 17
	name := strings.Repeat("n", 100)
	for i := range n {
		cells, err := b.Add(desc(name, encode.Label{Name: "l", Value: string(rune('a' + i%26))}), words)
		if err != nil {
			t.Fatal(err)
		}
		for j := range cells {
			cells[j] = uint64(i*words + j)
		}
	}
	var m memory
	if err := b.WriteTo(&m); err != nil || int64(len(m.b)) != b.Size() {
		t.Fatal(err, len(m.b), b.Size())
	}
	x, records, err := contents(view(t, m.b))
	if err != nil || len(records) != n || b.Chunks() < 2 {
		t.Fatalf("%d records, %d chunks, %v", len(records), b.Chunks(), err)
	}
	for i, r := range records {
		at, _ := x.Shared(r.Chunk)
		var cells [words]uint64
		x.CopyCells(cells[:], at+uint64(r.First)*8)
		for j := range cells {
			if cells[j] != uint64(i*words+j) {
				t.Fatalf("record %d, cell %d is %d", i, j, cells[j])
			}
		}
	}
}

func TestTwins(t *testing.T) {
	b := built(t)
	newer := someHeader
	newer.Generation++
	copy(b[HeaderB:], newer.Encode())
	if h, err := view(t, b).Header(); err != nil || h.Generation != newer.Generation {
		t.Errorf("of two valid twins: %+v, %v", h, err)
	}
	b[HeaderB+100]++
	if h, err := view(t, b).Header(); err != nil || h.Generation != someHeader.Generation {
		t.Errorf("of one valid twin: %+v, %v", h, err)
	}
	b[HeaderA+100]++
	if _, err := view(t, b).Header(); !errors.Is(err, ErrDamaged) {
		t.Errorf("of none: %v", err)
	}
}

func TestHeaderErrors(t *testing.T) {
	change := func(at int, with ...byte) func([]byte) { return func(b []byte) { copy(b[at:], with) } }
	other := someHeader.Encode()
	slices.Reverse(other[8:12])
	slices.Reverse(other[12:16])
	for _, c := range []struct {
		change func([]byte)
		want   error
		text   string
	}{
		{change(0, []byte("SQLite")...), ErrForeign, "SQLite"},
		{func(b []byte) { copy(b, other) }, ErrForeign, "other byte order"},
		{func(b []byte) { native.PutUint32(b[8:], 2) }, ErrForeign, "version 2"},
		{change(12, 9, 9, 9, 9), ErrDamaged, "byte order mark"},
		{change(60, 9), ErrDamaged, "checksum"},
		{func(b []byte) { native.PutUint16(b[88:], 255); reseal(b) }, ErrDamaged, "string of 255"},
		{func(b []byte) { native.PutUint16(b[344:], 129); reseal(b) }, ErrDamaged, "string of 129"},
		{func(b []byte) { native.PutUint32(b[24:], 3); reseal(b) }, ErrForeign, "kind 3"},
		{func(b []byte) { native.PutUint32(b[28:], 4096); reseal(b) }, ErrForeign, "4096"},
	} {
		b := someHeader.Encode()
		c.change(b)
		if _, err := ParseHeader(b); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("want %v with %q, got %v", c.want, c.text, err)
		}
	}
	for n := range HeaderBytes {
		if _, err := ParseHeader(someHeader.Encode()[:n]); !errors.Is(err, ErrTruncated) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func reseal(b []byte) { native.PutUint64(b[504:], xxhash.Sum64(b[:504])) }

func TestLongNamesAreCut(t *testing.T) {
	h := Header{Kind: Archive, Host: strings.Repeat("h", 300), Slot: strings.Repeat("s", 300)}
	got, err := ParseHeader(h.Encode())
	if err != nil || len(got.Host) != 254 || len(got.Slot) != 128 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRecordRoundTrip(t *testing.T) {
	long := NewBuilder(someHeader)
	if _, err := long.Add(desc(strings.Repeat("long", 30)), 1); err != nil {
		t.Fatal(err)
	}
	var m memory
	if err := long.WriteTo(&m); err != nil {
		t.Fatal(err)
	}
	v := view(t, m.b)
	_, records, err := contents(v)
	if err != nil {
		t.Fatal(err)
	}
	// The record, written anew in place, and replacing others.
	want := Record{State: NewState(Live, 1<<40), Length: records[0].Length, Chunk: 7, First: 5, Words: StripeWords - 5,
		Desc: desc("f"), Replaced: []Replaced{{At: 64, State: NewState(Live, 1)}}}
	b, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	v.PutRecord(ExtentsAt, b)
	_, records, err = contents(v)
	if err != nil {
		t.Fatal(err)
	}
	got := records[0]
	got.buf = nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("wrote %+v\nread %+v", want, got)
	}
	if _, err := (&Record{Desc: desc("f"), Length: 48}).Encode(); !errors.Is(err, ErrFull) {
		t.Errorf("a record that does not fit: %v", err)
	}
	if _, err := (&Record{Desc: []byte{200}}).Encode(); !errors.Is(err, descriptor.ErrMalformed) {
		t.Errorf("a malformed descriptor: %v", err)
	}
}

func TestFiller(t *testing.T) {
	b := built(t)
	v := view(t, b)
	first := uint64(native.Uint32(b[ExtentsAt+8:]))
	v.PutFiller(ExtentsAt, first)
	_, records, err := contents(v)
	if err != nil || len(records) != 1 || !bytes.Equal(records[0].Desc, desc("second_total")) {
		t.Errorf("%d records, %v", len(records), err)
	}
}

// What every bit of a record guards.
func TestRecordDamage(t *testing.T) {
	good := built(t)
	n := int(native.Uint32(good[ExtentsAt+8:]))
	for bit := 8 * 8; bit < n*8; bit++ {
		b := bytes.Clone(good)
		b[ExtentsAt+bit/8] ^= 1 << (bit % 8)
		if _, _, err := contents(view(t, b)); !errors.Is(err, ErrDamaged) {
			t.Errorf("bit %d of byte %d changed: %v", bit%8, bit/8, err)
		}
	}
}

func TestExtentErrors(t *testing.T) {
	for _, c := range []struct {
		e    Extent
		want error
	}{
		{Extent{Kind: 3, Offset: 0x10000, Length: 0x10000}, ErrDamaged},
		{Extent{Kind: Directory, Offset: 0, Length: 0x10000}, ErrDamaged},
		{Extent{Kind: Directory, Offset: 0x10008, Length: 0x10000}, ErrDamaged},
		{Extent{Kind: Directory, Offset: 0x10000, Length: 0}, ErrDamaged},
		{Extent{Kind: Directory, Offset: 0x10000, Length: 0x10001}, ErrDamaged},
		{Extent{Kind: Directory, Offset: 1<<64 - 0x10000, Length: 0x20000}, ErrDamaged},
		{Extent{Kind: Directory, Offset: 0x30000, Length: 0x10000}, ErrTruncated},
		{Extent{Kind: Cells, Offset: 0x10000, Length: 0x10000, Stripes: 2}, ErrDamaged},
		{Extent{Kind: Cells, Offset: 0x10000, Length: 0x10000, Stripes: 1 << 31}, ErrDamaged},
		{Extent{Kind: Cells, Offset: 0x10000, Length: 0x10000, Stripe: 1<<32 - 1, Stripes: 1}, ErrDamaged},
		{Extent{Kind: Cells, Chunk: 0, Offset: 0x20000, Length: 0x10000, Stripes: 1}, ErrDamaged}, // a second shared stripe
		{Extent{Kind: Cells, Chunk: 9, Offset: 0x20000, Length: 0x10000, Stripes: 1}, ErrDamaged}, // more than the file has
	} {
		b := built(t)
		copy(b[ExtentAt(2):], c.e.Encode())
		native.PutUint64(b[ExtentCountAt:], 3)
		if _, _, err := contents(view(t, b)); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.e, err, c.want)
		}
	}
}

func TestTruncatedAtEveryUnit(t *testing.T) {
	b := built(t)
	for n := 0; n < len(b); n += 4096 {
		v, err := NewView(aligned(b[:n]))
		if err == nil {
			_, _, err = contents(v)
		}
		if !errors.Is(err, ErrTruncated) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
}

// Anything may be in a file: it gives an error or data, and never more than it has.
func FuzzContents(f *testing.F) {
	b := built(f)
	f.Add(b[:HeaderBytes], b[PublishedAt:PublishedAt+64], b[TableAt:TableAt+64], b[ExtentsAt:ExtentsAt+256])
	f.Fuzz(func(t *testing.T, head, published, table, directory []byte) {
		b := built(t)
		copy(b[HeaderB:PublishedAt], head)
		copy(b[PublishedAt:TableAt], published)
		copy(b[TableAt:ExtentsAt], table)
		copy(b[ExtentsAt:], directory)
		x, records, _ := contents(view(t, b))
		bytes := 0
		for _, r := range records {
			bytes += len(r.Desc) + len(r.Replaced)*16
			for _, at := range x.Stripes(r.Chunk) {
				if !x.CopyCells(make([]uint64, r.Words), at+uint64(r.First)*8) {
					t.Errorf("record %+v has cells out of view", r)
				}
			}
			for _, old := range r.Replaced {
				x.State(old.At)
			}
		}
		if bytes > len(b) {
			t.Errorf("%d bytes of records in a file of %d", bytes, len(b))
		}
	})
}

// Any bytes, any offset: no access out of view.
func FuzzIndex(f *testing.F) {
	f.Add(built(f)[TableAt:TableAt+96], uint64(0), uint64(0x10000))
	f.Fuzz(func(t *testing.T, table []byte, from, to uint64) {
		b := built(t)
		copy(b[TableAt:ExtentsAt], table)
		v := view(t, b)
		var x Index
		_ = x.Extend(v, len(table)/ExtentBytes)
		var r Record
		for e := range x.Walk(from, to) {
			_ = x.Record(e.At, &r)
		}
		_ = x.Record(from, &r)
		x.State(to)
		v.Word(from)
		x.CopyCells(make([]uint64, 8), to)
	})
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte("name"), []byte("value"), uint64(1), uint8(2))
	f.Fuzz(func(t *testing.T, name, value []byte, uses uint64, replaced uint8) {
		want := Record{State: NewState(Live, uses), Chunk: 1, First: 2, Words: 3,
			Desc: desc(string(name), encode.Label{Name: "l", Value: string(value)})}
		for i := range replaced {
			want.Replaced = append(want.Replaced, Replaced{uint64(i) * 16, NewState(Live, rand.Uint64())})
		}
		b, err := want.Encode()
		if err != nil {
			if len(b) < MaxRecord && len(name)+len(value) < MaxRecord/2 {
				t.Fatal(err)
			}
			return
		}
		got := Record{State: want.State, Length: len(b)}
		if err := got.decode(b); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("wrote %+v\nread %+v", want, got)
		}
	})
}
