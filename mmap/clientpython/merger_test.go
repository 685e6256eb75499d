package clientpython

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mergeAll merges files given as name and entries.
func mergeAll(t *testing.T, files ...any) (values, []error) {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for i := 0; i < len(files); i += 2 {
		paths = append(paths, putEntries(t, dir, files[i].(string), files[i+1].([]Entry)...))
	}
	families, errs := Merge(paths, true)
	return flat(families), errs
}

// one wants a single error of a kind.
func one(t *testing.T, errs []error, kind error, words ...string) {
	t.Helper()
	if len(errs) != 1 || !errors.Is(errs[0], kind) {
		t.Fatalf("errors are %v, want one: %v", errs, kind)
	}
	for _, w := range words {
		if !strings.Contains(errs[0].Error(), w) {
			t.Errorf("error %q does not say %q", errs[0], w)
		}
	}
}

func gauge(value, stamp float64) []Entry { return []Entry{{keyOf("g", ""), value, stamp}} }

func TestGaugeModes(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		mode string
		a, b []Entry
		want float64
	}{
		{"min", gauge(5, 0), gauge(-3, 0), -3},
		{"livemin", gauge(1, 0), gauge(2, 0), 1},
		{"min", gauge(nan, 0), gauge(2, 0), 2}, // a NaN that comes first used to stick
		{"min", gauge(2, 0), gauge(nan, 0), 2},
		{"max", gauge(5, 0), gauge(-3, 0), 5},
		{"livemax", gauge(nan, 0), gauge(-3, 0), -3},
		{"max", gauge(nan, 0), gauge(nan, 0), nan},
		{"sum", gauge(5, 0), gauge(-3, 0), 2},
		{"sum", gauge(math.Inf(1), 0), gauge(1, 0), math.Inf(1)},
		{"sum", gauge(math.Inf(1), 0), gauge(math.Inf(-1), 0), nan},
		{"livesum", gauge(0.1, 0), gauge(0.2, 0), 0.30000000000000004},
		{"mostrecent", gauge(5, 100), gauge(-3, 200), -3},
		{"mostrecent", gauge(5, 200), gauge(-3, 100), 5},
		{"mostrecent", gauge(5, 100), gauge(-3, 100), 5}, // the first file's
		{"livemostrecent", gauge(5, -2), gauge(-3, -1), -3},
		{"mostrecent", gauge(0, 0), gauge(0, 0), 0}, // never set: it used to vanish
		{"mostrecent", gauge(0, 0), gauge(7, 1), 7},
	} {
		got, errs := mergeAll(t, "gauge_"+c.mode+"_1.db", c.a, "gauge_"+c.mode+"_2.db", c.b)
		if len(errs) > 0 {
			t.Error(errs)
		}
		same(t, fmt.Sprint(c.mode, c.a, c.b), got, values{"g": c.want})
	}
}

// TestPIDLabel: processes by number, a label pid of the user's gives way.
func TestPIDLabel(t *testing.T) {
	mine := []Entry{{Key: keyOf("g", "", "pid", "mine", "z", "1"), Value: 4}}
	got, errs := mergeAll(t, "gauge_all_12.db", mine, "gauge_liveall_9.db", mine, "gauge_all_100.db", mine)
	if len(errs) > 0 {
		t.Error(errs)
	}
	same(t, "pids", got, values{`g pid="9" z="1"`: 4, `g pid="12" z="1"`: 4, `g pid="100" z="1"`: 4})
}

// TestSumsDoNotFall: a file that comes to stand between others must not make a sum of
// fractions smaller than it was, as plain addition does.
func TestSumsDoNotFall(t *testing.T) {
	fell := false
	for i := range 200 {
		a, b, c := 0.1*float64(i), 0.3+float64(i)/7, 1e3/3.
		if a+b+c < a+c+b {
			fell = true
		}
		abc, _ := mergeAll(t, "counter_1.db", []Entry{counterOf(a)}, "counter_2.db", []Entry{counterOf(b)}, "counter_3.db", []Entry{counterOf(c)})
		acb, _ := mergeAll(t, "counter_1.db", []Entry{counterOf(a)}, "counter_2.db", []Entry{counterOf(c)}, "counter_3.db", []Entry{counterOf(b)})
		same(t, "order", abc, acb)
	}
	if !fell {
		t.Error("no sum was one that falls when it is added up plainly")
	}
}

// TestEachFileByItself has one bad file of every kind beside a good one.
func TestEachFileByItself(t *testing.T) {
	good := fileOf(withStamp, counterOf(1))
	bad := func(keys ...string) []byte {
		var entries []Entry
		for _, k := range keys {
			entries = append(entries, Entry{Key: k, Value: 1})
		}
		return fileOf(withStamp, entries...)
	}
	for _, c := range []struct {
		name string
		data []byte
		kind error
		also float64 // what the good entries of the bad file add
	}{
		{"counter_2.db", good[:3], ErrTruncated, 0},
		{"counter_2.db", good[:20], ErrTruncated, 0},
		{"x.db", good, ErrForeign, 0},
		{"gauge_1.db", good, ErrForeign, 0},
		{"sessions.db", []byte("SQLite format 3\x00"), ErrForeign, 0},
		{"counter_pawl-archive.db", good, ErrArchive, 0},
		{"counter_2.db", bad(`[1, 2, 3, 4]`), ErrKey, 0},
		{"counter_2.db", bad(`["c", "c_total", {}, "h"`), ErrKey, 0},
		{"counter_2.db", bad(`["c", "c_total"]`), ErrKey, 0},
		{"counter_2.db", bad(`["c", "c_total", {}, "h", "i"]`), ErrKey, 0},
		{"counter_2.db", bad(`["c", null, {}, "h"]`), ErrKey, 0},
		{"counter_2.db", bad(`["c", "c_total", {"a": 1}, "h"]`), ErrKey, 0},
		{"counter_2.db", bad("[\"c\", \"c_total\", {\"a\": \"\xff\"}, \"h\"]"), ErrKey, 0},
		{"counter_2.db", bad(`["c", "c", {}, "h"]`), ErrKey, 0},
		{"counter_2.db", bad(`["c", "d_total", {}, "h"]`), ErrKey, 0},
		{"counter_2.db", bad(strings.Repeat("[", 20000)), ErrKey, 0},
		{"counter_2.db", bad(`["x", "y", {}, ""]`, keyOf("c", "_total"), `[]`), ErrKey, 1},
		{"histogram_2.db", bad(`["c", "c_bucket", {"le": "many"}, "h"]`), ErrKey, 0},
		{"histogram_2.db", bad(`["c", "c_bucket", {"le": "nan"}, "h"]`), ErrKey, 0},
		{"histogram_2.db", bad(`["c", "c_bucket", {}, "h"]`), ErrKey, 0},
		{"summary_2.db", bad(`["c", "c_sum", {}, "h"]`), ErrConflict, 0},
		{"gauge_sum_2.db", bad(`["c", "c", {}, "h"]`, `["c", "c", {"a": "b"}, "h"]`), ErrConflict, 0},
		{"counter_3.db", nil, nil, 0},
		{"x.db", nil, nil, 0},
		{"counter_2.db", bad(`["c", "c_total", {}]`), nil, 1}, // before release 0.16
	} {
		dir := t.TempDir()
		paths := []string{put(t, dir, "counter_1.db", good), put(t, dir, c.name, c.data)}
		families, errs := Merge(paths, true)
		same(t, c.name, flat(families), values{"c_total": 1 + c.also})
		if c.kind == nil {
			if len(errs) > 0 {
				t.Errorf("%s: %v", c.name, errs)
			}
			continue
		}
		one(t, errs, c.kind, c.name)
	}
}

// TestMissingFiles: those of live modes may go at any time; another is an error.
func TestMissingFiles(t *testing.T) {
	families, errs := Merge([]string{"/nowhere/gauge_liveall_1.db", "/nowhere/gauge_livesum_2.db"}, true)
	if len(families) > 0 || len(errs) > 0 {
		t.Error(families, errs)
	}
	for _, name := range []string{"counter_1.db", "gauge_all_1.db"} {
		_, errs := Merge([]string{"/nowhere/" + name}, true)
		one(t, errs, os.ErrNotExist, name)
	}
}

// TestFirstFileWins: help, and mode where files disagree, which is reported.
func TestFirstFileWins(t *testing.T) {
	dir := t.TempDir()
	a := putEntries(t, dir, "gauge_sum_1.db", Entry{Key: `["g", "g", {}, "one"]`, Value: 1})
	b := putEntries(t, dir, "gauge_sum_2.db", Entry{Key: `["g", "g", {}, "two"]`, Value: 2})
	c := putEntries(t, dir, "gauge_min_3.db", Entry{Key: `["g", "g", {}, "one"]`, Value: -5})
	families, errs := Merge([]string{a, b, c}, true)
	one(t, errs, ErrConflict, "gauge_min_3.db", `"g"`)
	if len(families) != 1 || families[0].Help != "one" || families[0].Samples[0].Value != 3 {
		t.Errorf("families are %+v", families)
	}
	families, _ = Merge([]string{b, a}, true)
	if families[0].Help != "two" {
		t.Errorf("help is %q", families[0].Help)
	}
}

// TestBucketsThatDiffer are reported; ones that a process has only begun are not.
func TestBucketsThatDiffer(t *testing.T) {
	full := histogramOf("h", 1, "1.0", "1", "5.0", "0", "+Inf", "0")
	begun := full[:2]
	got, errs := mergeAll(t, "histogram_1.db", full, "histogram_2.db", begun)
	if len(errs) > 0 || got[`h_bucket le="1"`] != 2 {
		t.Error(got, errs)
	}
	_, errs = mergeAll(t, "histogram_1.db", full, "histogram_2.db", histogramOf("h", 1, "1.0", "1", "+Inf", "0"))
	one(t, errs, ErrLayout, `"h"`)
}

// TestCountsThatAreNone cost their series.
func TestCountsThatAreNone(t *testing.T) {
	for _, bad := range []float64{-1, 0.5, math.NaN(), math.Inf(1), 0x1p64} {
		got, errs := mergeAll(t, "summary_1.db", []Entry{
			{Key: keyOf("s", "_count"), Value: bad}, {Key: keyOf("s", "_sum"), Value: 1},
			{Key: keyOf("s", "_count", "a", "b"), Value: 2}, {Key: keyOf("s", "_sum", "a", "b"), Value: 3}})
		one(t, errs, ErrCount, `"s"`)
		same(t, fmt.Sprint(bad), got, values{`s_count a="b"`: 2, `s_sum a="b"`: 3})
	}
	_, errs := mergeAll(t, "histogram_1.db", histogramOf("h", 1, "1.0", "1e19", "+Inf", "1e19"))
	one(t, errs, ErrCount, `"h"`)
}

// TestScanAgain: a merger that has seen a folder knows its keys, sees new values, new
// keys and files that are gone, and forgets what has not been there for long.
func TestScanAgain(t *testing.T) {
	dir := t.TempDir()
	m := NewMerger(Options{})
	check := func(what string, keys int, want values) {
		t.Helper()
		families, errs := m.Scan(dir)
		if len(errs) > 0 {
			t.Error(errs)
		}
		same(t, what, flat(families), want)
		if m.keys != keys {
			t.Errorf("%s: %d keys are known, want %d", what, m.keys, keys)
		}
	}
	x := Entry{Key: keyOf("c", "_total", "a", "x"), Value: 4}
	g := Entry{Key: keyOf("g", "", "a", "x"), Value: 4}
	putEntries(t, dir, "counter_1.db", counterOf(1))
	putEntries(t, dir, "counter_2.db", counterOf(2))
	check("first", 1, values{"c_total": 3})
	check("unchanged", 1, values{"c_total": 3})
	putEntries(t, dir, "counter_2.db", counterOf(5))
	check("other value", 1, values{"c_total": 6})
	putEntries(t, dir, "counter_2.db", counterOf(5), x)
	check("new key", 2, values{"c_total": 6, `c_total a="x"`: 4})
	putEntries(t, dir, "gauge_sum_2.db", g)
	check("new file", 3, values{"c_total": 6, `c_total a="x"`: 4, `g a="x"`: 4})
	os.Remove(filepath.Join(dir, "counter_2.db"))
	os.Remove(filepath.Join(dir, "gauge_sum_2.db"))
	check("files gone", 3, values{"c_total": 1})
	putEntries(t, dir, "gauge_max_2.db", g)
	check("another mode", 4, values{"c_total": 1, `g a="x"`: 4})
}

func TestForgetting(t *testing.T) {
	dir := t.TempDir()
	m := NewMerger(Options{})
	for i := range 20 {
		var entries []Entry
		for j := range 1000 {
			entries = append(entries, Entry{Key: keyOf("c", "_total", "l", fmt.Sprint(i, j))})
		}
		putEntries(t, dir, "counter_1.db", entries...)
		families, errs := m.Scan(dir)
		if len(errs) > 0 || len(families) != 1 || len(families[0].Samples) != 1000 {
			t.Fatal(len(families), errs)
		}
	}
	if m.keys > 8000 {
		t.Errorf("%d keys are known, of which 1000 are there", m.keys)
	}
}

// TestScanAllocates little when it has seen the folder: for its result, not for entries.
func TestScanAllocates(t *testing.T) {
	dir := t.TempDir()
	for i := range 50 {
		var entries []Entry
		for j := range 100 {
			entries = append(entries, Entry{Key: keyOf("c", "_total", "l", fmt.Sprint(j)), Value: 1})
		}
		putEntries(t, dir, fmt.Sprintf("counter_%d.db", i), entries...)
	}
	paths, _ := Files(dir)
	m := NewMerger(Options{})
	m.Merge(paths, true)
	if n := testing.AllocsPerRun(5, func() { m.Merge(paths, true) }); n > 3*50 {
		t.Errorf("%v allocations for 5000 entries in 50 files", n)
	}
}

// TestReadWhileItGrows reads a file that its process is adding keys to, and making larger:
// what it reads has no error, and is what there was at some moment.
func TestReadWhileItGrows(t *testing.T) {
	const most = 3000
	entry := func(i int) Entry { return Entry{Key: keyOf("c", "_total", "l", fmt.Sprint(i)), Value: float64(i)} }
	path := putEntries(t, t.TempDir(), "counter_1.db")
	w, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		used, size := headerSize, 65536
		for i := range most {
			e := appendEntry(nil, entry(i), withStamp)
			for used+len(e) > size {
				size *= 2
				w.Truncate(int64(size))
			}
			w.WriteAt(e, int64(used))
			used += len(e)
			w.WriteAt(binary.NativeEndian.AppendUint32(nil, uint32(used)), 0)
		}
	}()
	for last, end := 0, false; last < most; {
		select {
		case <-done:
			end = true
		default:
		}
		entries, err := Read(path)
		if err != nil || len(entries) < last || end && len(entries) < most {
			t.Fatalf("%d entries after %d, error %v", len(entries), last, err)
		}
		last = len(entries)
		for i, e := range entries {
			if e != entry(i) {
				t.Fatalf("entry %d is %v", i, e)
			}
		}
	}
}

// TestOrderOfResult: families by name, series by labels, whatever the files' order.
func TestOrderOfResult(t *testing.T) {
	dir := t.TempDir()
	a := putEntries(t, dir, "counter_1.db", Entry{Key: keyOf("z", "_total", "l", "b")}, Entry{Key: keyOf("z", "_total", "l", "a")})
	b := putEntries(t, dir, "gauge_sum_1.db", Entry{Key: keyOf("a", "")}, Entry{Key: keyOf("m", "")})
	for _, paths := range [][]string{{a, b}, {b, a}} {
		families, _ := Merge(paths, true)
		var got []string
		for _, f := range families {
			for _, s := range f.Samples {
				got = append(got, fmt.Sprint(f.Name, s.Labels))
			}
		}
		if want := []string{"a[]", "m[]", "z_total[{l a}]", "z_total[{l b}]"}; !slices.Equal(got, want) {
			t.Errorf("order is %v, want %v", got, want)
		}
	}
}

// TestScanOfAMissingFolder is one error that names it.
func TestScanOfAMissingFolder(t *testing.T) {
	families, errs := NewMerger(Options{}).Scan("/nowhere")
	one(t, errs, os.ErrNotExist, "/nowhere")
	if len(families) > 0 {
		t.Error(families)
	}
}
