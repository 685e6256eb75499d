package clientpython

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestDecodeOfEmptyFiles has what client_python leaves of a file when it is killed early,
// and what it takes for a file without entries.
func TestDecodeOfEmptyFiles(t *testing.T) {
	for name, data := range map[string][]byte{
		"no bytes":          {},
		"zeros":             make([]byte, 65536),
		"used is 8":         fileOf(withStamp),
		"used is 8, 8 long": fileOf(withStamp)[:8],
	} {
		if entries, err := Decode(data); err != nil || len(entries) != 0 {
			t.Errorf("%s: %v, %v; want none", name, entries, err)
		}
	}
}

// TestDecodeOfDamage has the table of section 2.9 of the reference, and more.
func TestDecodeOfDamage(t *testing.T) {
	good := fileOf(withStamp, counterOf(1), counterOf(2))
	used := int(binary.NativeEndian.Uint32(good))
	set := func(at int, v uint32) []byte {
		b := slices.Clone(good)
		binary.NativeEndian.PutUint32(b[at:], v)
		return b
	}
	for name, c := range map[string]struct {
		data   []byte
		offset int
		err    error
	}{
		"3 bytes":                 {good[:3], 3, ErrTruncated},
		"7 bytes":                 {good[:7], 7, ErrTruncated},
		"used is negative":        {set(0, 0xffffffff), 0, ErrCorrupt},
		"used is 7":               {set(0, 7), 0, ErrCorrupt},
		"used past the end":       {set(0, 1<<30), len(good), ErrTruncated},
		"used is the largest":     {set(0, math.MaxInt32), len(good), ErrTruncated},
		"used within an entry":    {set(0, uint32(used-8)), 8 + (used-8)/2, ErrCorrupt},
		"key longer than used":    {set(8, uint32(used)), 8, ErrCorrupt},
		"key of negative length":  {set(8, 0x80000001), 8, ErrCorrupt},
		"key of no length":        {set(8, 0), 8, ErrCorrupt},
		"second key of no length": {set(8+(used-8)/2, 0), 8 + (used-8)/2, ErrCorrupt},
		"no JSON":                 {set(12, 0x20202020), 8, ErrCorrupt},
		"a database of SQLite":    {append([]byte("SQLite format 3\x00"), good...), len(good) + 16, ErrTruncated},
	} {
		entries, err := Decode(c.data)
		var d *damage
		if !errors.As(err, &d) || !errors.Is(err, c.err) || d.offset != c.offset || entries != nil {
			t.Errorf("%s: %v, error %v; want %v at %d", name, entries, err, c.err, c.offset)
		}
	}
}

// TestDecodeOfBothLayouts has files of one to many entries, keys of every length.
func TestDecodeOfBothLayouts(t *testing.T) {
	for _, n := range []numbers{valueOnly, withStamp} {
		var want []Entry
		for i := range 200 {
			e := Entry{Key: keyOf("c", "_total", "l", strings.Repeat("x", i)), Value: float64(i) + 0.5}
			if n == withStamp {
				e.Timestamp = 1.7e9 + float64(i)
			}
			want = append(want, e)
			got, err := Decode(fileOf(n, want...))
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("layout %d, %d entries: error %v", n, len(want), err)
			}
		}
	}
}

// corpus is files worth damaging.
func corpus() map[string][]byte {
	histogram := histogramOf("h", 2.5, "0.5", "1", "1.0", "3", "+Inf", "1")
	return map[string][]byte{
		"counter_1.db":              fileOf(withStamp, counterOf(1), Entry{Key: keyOf("c", "_total", "é", "x"), Value: 3}),
		"counter_2.db":              fileOf(valueOnly, counterOf(1), Entry{Key: keyOf("c", "_total", "a", "x"), Value: 3}),
		"histogram_3.db":            fileOf(withStamp, histogram...),
		"histogram_4.db":            fileOf(valueOnly, histogram...),
		"gauge_livemostrecent_5.db": fileOf(withStamp, Entry{keyOf("g", "", "l", "v"), 7, 1700000000.25}),
	}
}

// TestTruncatedAtEachLength cuts files at each length: an error that says where, as long
// as bytes in use are missing, and the truth after that. Other files do not suffer.
func TestTruncatedAtEachLength(t *testing.T) {
	dir := t.TempDir()
	good := putEntries(t, dir, "summary_9.db", Entry{Key: keyOf("s", "_sum"), Value: 9})
	m := NewMerger(Options{})
	for name, data := range corpus() {
		used := int(binary.NativeEndian.Uint32(data))
		whole, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		for n := range used + 8 {
			entries, err := Decode(data[:n])
			switch {
			case n == 0 || n >= used:
				if err != nil || n > 0 && !slices.Equal(entries, whole) {
					t.Fatalf("%s, %d bytes: %v, %v", name, n, entries, err)
				}
			case !errors.Is(err, ErrTruncated):
				t.Fatalf("%s, %d bytes: %v, %v, want an error", name, n, entries, err)
			}
			families, errs := m.Merge([]string{put(t, dir, name, data[:n]), good}, true)
			if got := flat(families)["s_sum"]; got != 9 {
				t.Fatalf("%s, %d bytes: the other file's sum is %v", name, n, got)
			}
			var e *FileError
			if wrong := n > 0 && n < used; wrong != (len(errs) == 1) ||
				wrong && (!errors.As(errs[0], &e) || filepath.Base(e.Path) != name) {
				t.Fatalf("%s, %d bytes: errors %v", name, n, errs)
			}
		}
	}
}

// TestMutated changes bytes of files at random. Nothing may happen to the others, and
// what comes out of the damaged ones must be theirs.
func TestMutated(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	dir := t.TempDir()
	good := putEntries(t, dir, "summary_9.db", Entry{Key: keyOf("s", "_sum"), Value: 9})
	m := NewMerger(Options{})
	for name, data := range corpus() {
		used := int(binary.NativeEndian.Uint32(data))
		for range 1500 {
			b := slices.Clone(data[:used+16])
			for range 1 + r.IntN(4) {
				b[r.IntN(used)] = byte(r.Uint32())
			}
			checkDecode(t, b)
			families, errs := m.Merge([]string{put(t, dir, name, b), good}, true)
			if got := flat(families)["s_sum"]; got != 9 {
				t.Fatalf("%s: %x: the other file's sum is %v, errors %v", name, b, got, errs)
			}
		}
	}
}

// checkDecode compares Decode with a walk that is as plain as can be.
func checkDecode(t *testing.T, data []byte) {
	entries, err := Decode(data)
	if err != nil && entries != nil {
		t.Fatalf("%x: entries and error %v", data, err)
	}
	for _, n := range []numbers{withStamp, valueOnly} {
		if plain, ok := plainDecode(data, n); ok {
			if err != nil || !slices.EqualFunc(entries, plain, sameEntry) {
				t.Fatalf("%x: %v, error %v; want %v", data, entries, err, plain)
			}
			return
		}
	}
	if err == nil {
		t.Fatalf("%x: %v, want an error", data, entries)
	}
}

func sameEntry(a, b Entry) bool {
	bits := math.Float64bits
	return a.Key == b.Key && bits(a.Value) == bits(b.Value) && bits(a.Timestamp) == bits(b.Timestamp)
}

// plainDecode decodes as client_python does, one field after the other.
func plainDecode(data []byte, n numbers) (entries []Entry, ok bool) {
	if len(data) == 0 {
		return nil, true
	}
	defer func() {
		if recover() != nil { // out of bounds
			entries, ok = nil, false
		}
	}()
	used := int(int32(binary.NativeEndian.Uint32(data[:8])))
	if used < 0 || used > 0 && used < 8 {
		return nil, false
	}
	pos := 8
	for data = data[:max(used, 8):len(data)]; pos < used; {
		size := int(int32(binary.NativeEndian.Uint32(data[pos:])))
		key := data[pos+4 : pos+4+size]
		pos += 4 + size
		pos += 8 - pos%8
		e := Entry{Key: string(key), Value: float(data[pos:])}
		if n == withStamp {
			e.Timestamp = float(data[pos+8:])
		}
		if key[0] != '[' {
			return nil, false
		}
		entries = append(entries, e)
		pos += int(n)
	}
	return entries, pos == max(used, 8)
}

func FuzzDecode(f *testing.F) {
	for _, data := range corpus() {
		f.Add(data[:binary.NativeEndian.Uint32(data)])
		f.Add(data[:100])
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkDecode(t, data) })
}

func FuzzArchive(f *testing.F) {
	p := newPile(File{Type: 1})
	b, _ := parse(fileOf(withStamp, counterOf(0.1), counterOf(1e17), counterOf(0.3)))
	p.add(File{}, &b, nil)
	data, _ := p.encode([]string{"counter_1.db_pawl-dead-0123456789abcdef.db"})
	f.Add(data, false)
	f.Add(data, true)
	f.Fuzz(func(t *testing.T, data []byte, sealed bool) {
		if used, err := usedOf(data); sealed && err == nil && used >= 8 && used <= len(data)-trailerSize {
			binary.NativeEndian.PutUint32(data[used+8:], checksum(data, used))
		}
		a, err := parseArchive(data)
		if err != nil {
			return
		}
		members, _ := a.members()
		for _, m := range members {
			if filepath.Base(m) != m || !strings.Contains(m, deadMark) {
				t.Fatalf("would remove %q", m)
			}
		}
	})
}

// TestReadOfWhatIsNoFile has a name that should be a file's but is something else's.
func TestReadOfWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "counter_1.db")
	check := func(what string, want error) {
		t.Helper()
		_, err := Read(path)
		var e *FileError
		if !errors.As(err, &e) || e.Path != path || !errors.Is(err, want) {
			t.Errorf("%s: error %v, want %v", what, err, want)
		}
		os.RemoveAll(path)
	}
	check("nothing", os.ErrNotExist)
	os.Mkdir(path, 0o777)
	check("a folder", ErrNotRegular)
	os.Symlink(os.DevNull, path)
	check("a device", ErrNotRegular)
}

// TestReadKeepsToWhatThereIs has files that claim a lot: no memory is made for it.
func TestReadKeepsToWhatThereIs(t *testing.T) {
	path := put(t, t.TempDir(), "counter_1.db", fileOf(withStamp, counterOf(1)))
	claim := func(used uint32, size int64) error {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		f.WriteAt(binary.NativeEndian.AppendUint32(nil, used), 0)
		if err := f.Truncate(size); err != nil {
			t.Fatal(err)
		}
		_, err = Read(path)
		return err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	small := claim(math.MaxInt32&^7, 65536)
	large := claim(math.MaxInt32&^7, 1<<33)
	runtime.ReadMemStats(&after)
	if !errors.Is(small, ErrTruncated) || !errors.Is(large, ErrTooBig) {
		t.Errorf("errors %v and %v, want truncated and too big", small, large)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes of memory for a file of 65536", n)
	}
}

func TestParseName(t *testing.T) {
	dead := "_pawl-dead-0123456789abcdef.db"
	for name, want := range map[string]string{
		"counter_123.db":                 "{counter all 123 false false}",
		"/a/b_c/summary_1.db":            "{summary all 1 false false}",
		"histogram_worker_1.db":          "{histogram all worker_1 false false}",
		"gauge_livesum_12.db":            "{gauge livesum 12 false false}",
		"gauge_all_worker_1.db":          "{gauge all worker_1 false false}",
		"gauge_livemostrecent_" + "a.db": "{gauge livemostrecent a false false}",
		"counter_pawl-archive.db":        "{counter all  true false}",
		"gauge_sum_pawl-archive.db":      "{gauge sum  true false}",
		"gauge_all_pawl-archive.pawl":    "{gauge all  true false}",
		"counter_7.db" + dead:            "{counter all 7 false true}",
		"gauge_all_worker_1.db" + dead:   "{gauge all worker_1 false true}",
		"counter_7.db_pawl-dead-0123.db": "{counter all 7.db_pawl-dead-0123 false false}",
		"counter_.db":                    "",
		"counter.db":                     "",
		"gauge_1.db":                     "",
		"gauge_weird_1.db":               "",
		"gauge_sum.db":                   "",
		"x.db":                           "",
		".db":                            "",
		"":                               "",
		dead:                             "",
		"counter_1.dbx":                  "",
		"counter_1":                      "",
		"info_1.db":                      "",
		"gauge_sum_pawl-archive.pawl":    "",
		"counter_pawl-archive.db.tmp":    "",
	} {
		f, ok := ParseName(name)
		got := ""
		if ok {
			got = fmt.Sprintf("{%v %v %v %v %v}", f.Type, f.Mode, f.PID, f.Archive, f.Dead)
		}
		if got != want {
			t.Errorf("%q parses as %q, want %q", name, got, want)
		}
	}
}
