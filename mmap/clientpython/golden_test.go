package clientpython

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
)

type recorded struct {
	Keys []struct {
		Args []any
		Key  string
	} `json:"mmap_key"`
	Merge []recordedMerge
}

type recordedMerge struct {
	Case       string
	Accumulate bool
	Files      []struct {
		Name    string
		Size    int
		UsedHex string `json:"used_hex"`
		Entries [][3]any
	}
	Result []struct {
		Name, Type, Help string
		Samples          [][3]any
	}
}

func loadRecorded(t *testing.T) (r recorded) {
	data, err := os.ReadFile("testdata/recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Merge) != 10 || len(r.Keys) != 3 {
		t.Fatalf("%d merges and %d keys, want 10 and 3", len(r.Merge), len(r.Keys))
	}
	return r
}

// deliberate has what we make of the recorded cases in which we differ; doc.go says why.
var deliberate = map[string]values{
	"mostrecent never set":                 {"g": 0},
	"pid identifier containing underscore": {`p pid="worker_1"`: 1},
}

// TestRecordedMerges merges files that client_python wrote, and compares with what it
// makes of them.
func TestRecordedMerges(t *testing.T) {
	for _, c := range loadRecorded(t).Merge {
		t.Run(c.Case, func(t *testing.T) {
			families, errs := Merge(c.write(t, t.TempDir()), c.Accumulate)
			c.checkErrors(t, errs)
			want := c.result()
			if ours, ok := deliberate[c.Case]; ok {
				want = ours
			}
			same(t, c.Case, flat(families), want)
			for i, w := range c.Result {
				if f := families[i]; f.Type.String() != w.Type || f.Help != w.Help {
					t.Errorf("%s is a %s with help %q, want %s, %q", f.Name, f.Type, f.Help, w.Type, w.Help)
				}
			}
		})
	}
}

// checkErrors wants none, but for buckets that differ.
func (c *recordedMerge) checkErrors(t *testing.T, errs []error) {
	if c.Case != "histogram bucket union" {
		if len(errs) > 0 {
			t.Error(errs)
		}
		return
	}
	if len(errs) != 1 || !errors.Is(errs[0], ErrLayout) {
		t.Errorf("errors are %v, want one of different buckets", errs)
	}
}

// write writes the recorded files, and checks that they decode to what was recorded.
func (c *recordedMerge) write(t *testing.T, dir string) (paths []string) {
	for _, f := range c.Files {
		data, err := hex.DecodeString(f.UsedHex)
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, make([]byte, f.Size-len(data))...)
		paths = append(paths, put(t, dir, f.Name, data))
		entries, err := Read(paths[len(paths)-1])
		if err != nil || len(entries) != len(f.Entries) {
			t.Fatalf("%s has %d entries, error %v; want %d", f.Name, len(entries), err, len(f.Entries))
		}
		for i, w := range f.Entries {
			if want := (Entry{w[0].(string), w[1].(float64), w[2].(float64)}); entries[i] != want {
				t.Errorf("%s: entry %d is %v, want %v", f.Name, i, entries[i], want)
			}
		}
		if again := fileOf(withStamp, entries...); !slices.Equal(again, data) {
			t.Errorf("%s comes out differently when it is written", f.Name)
		}
	}
	return paths
}

func (c *recordedMerge) result() values {
	v := values{}
	for _, f := range c.Result {
		for _, s := range f.Samples {
			labels := map[string]string{}
			for name, value := range s[1].(map[string]any) {
				labels[name] = value.(string)
			}
			if le, ok := labels["le"]; ok {
				bound, _ := strconv.ParseFloat(le, 64)
				labels["le"] = boundText(bound)
			}
			v[sampleName(s[0].(string), labels)], _ = strconv.ParseFloat(s[2].(string), 64)
		}
	}
	return v
}

// TestRecordedKeys parses keys that client_python wrote: escapes, surrogates, DEL.
func TestRecordedKeys(t *testing.T) {
	for _, c := range loadRecorded(t).Keys {
		var k key
		labels, err := k.decode([]byte(c.Key))
		if err != nil {
			t.Fatal(c.Key, err)
		}
		if k.family != c.Args[0] || k.sample != c.Args[1] || k.help != c.Args[4] {
			t.Errorf("%s parses as %+v", c.Key, k)
		}
		for i, name := range c.Args[2].([]any) {
			if got, want := labels[name.(string)], c.Args[3].([]any)[i]; got != want {
				t.Errorf("%s: label %s is %q, want %q", c.Key, name, got, want)
			}
		}
	}
}

// TestRawBuckets merges without accumulating: each bucket by itself, and no count.
func TestRawBuckets(t *testing.T) {
	dir := t.TempDir()
	a := putEntries(t, dir, "histogram_1.db", histogramOf("h", 1, "1.0", "1", "5.0", "0", "+Inf", "0")...)
	b := putEntries(t, dir, "histogram_2.db", histogramOf("h", 5, "1.0", "0", "5.0", "1", "+Inf", "0")...)
	families, errs := Merge([]string{a, b}, false)
	if len(errs) > 0 || len(families) != 1 {
		t.Fatal(families, errs)
	}
	h := families[0].Samples[0].Histogram
	if h.Count != 0 || h.Sum != 6 {
		t.Errorf("count %d, sum %v; want 0, 6", h.Count, h.Sum)
	}
	for i, want := range []uint64{1, 1, 0} {
		if h.Buckets[i].Count != want {
			t.Errorf("bucket %d is %d, want %d", i, h.Buckets[i].Count, want)
		}
	}
}

// TestExposition writes merged families in a format, as a scrape does.
func TestExposition(t *testing.T) {
	dir := t.TempDir()
	putEntries(t, dir, "counter_1.db", Entry{Key: keyOf("c", "_total", "a", "x"), Value: 2.5})
	putEntries(t, dir, "gauge_all_7.db", Entry{Key: keyOf("g", "", "z", "x"), Value: 7})
	putEntries(t, dir, "histogram_1.db", histogramOf("h", 1, "1.0", "1", "+Inf", "2")...)
	families, errs := NewMerger(Options{}).Scan(dir)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var text []byte
	for i := range families {
		text = encode.AppendFamily(text, encode.Format{}, encode.Options{}, &families[i])
	}
	want := `# HELP c_total help
# TYPE c_total counter
c_total{a="x"} 2.5
# HELP g help
# TYPE g gauge
g{pid="7",z="x"} 7
# HELP h help
# TYPE h histogram
h_bucket{le="1"} 1
h_bucket{le="+Inf"} 3
h_sum 1
h_count 3
`
	if string(text) != want {
		t.Errorf("got\n%swant\n%s", text, want)
	}
}
