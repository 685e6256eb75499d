package clientpython

import (
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
)

// fileOf returns the bytes of a file as client_python writes them.
func fileOf(n numbers, entries ...Entry) []byte {
	data := make([]byte, headerSize)
	for _, e := range entries {
		data = appendEntry(data, e, n)
	}
	binary.NativeEndian.PutUint32(data, uint32(len(data)))
	return append(data, make([]byte, max(0, 65536-len(data)))...)
}

// put writes a file and returns its path.
func put(t testing.TB, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// memoryDir is a folder in memory where there is one, for tests that fsync a lot.
func memoryDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "clientpython")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func putEntries(t testing.TB, dir, name string, entries ...Entry) string {
	t.Helper()
	return put(t, dir, name, fileOf(withStamp, entries...))
}

// keyOf is a key as client_python writes it, for labels given as pairs.
func keyOf(family, suffix string, labels ...string) string {
	var b strings.Builder
	for i := 0; i < len(labels); i += 2 {
		fmt.Fprintf(&b, `, "%s": "%s"`, labels[i], labels[i+1])
	}
	return fmt.Sprintf(`["%s", "%s%s", {%s}, "help"]`, family, family, suffix, strings.TrimPrefix(b.String(), ", "))
}

func counterOf(value float64) Entry { return Entry{Key: keyOf("c", "_total"), Value: value} }

// histogramOf returns the entries of a histogram with bounds and counts in turn.
func histogramOf(family string, sum float64, buckets ...string) []Entry {
	entries := []Entry{{Key: keyOf(family, "_sum"), Value: sum}}
	for i := 0; i < len(buckets); i += 2 {
		count, _ := strconv.ParseFloat(buckets[i+1], 64)
		entries = append(entries, Entry{Key: keyOf(family, "_bucket", "le", buckets[i]), Value: count})
	}
	return entries
}

// values is an exposition as client_python has it: samples and nothing else.
type values map[string]float64

func (v values) put(name string, labels []encode.Label, value float64, more ...string) {
	all := map[string]string{}
	for _, l := range labels {
		all[l.Name] = l.Value
	}
	for i := 0; i < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	v[sampleName(name, all)] = value
}

func sampleName(name string, labels map[string]string) string {
	for _, l := range slices.Sorted(maps.Keys(labels)) {
		name += fmt.Sprintf(" %s=%q", l, labels[l])
	}
	return name
}

func boundText(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// flat returns families as samples.
func flat(families []encode.Family) values {
	v := values{}
	for _, f := range families {
		for _, s := range f.Samples {
			switch f.Type {
			case encode.Summary:
				v.put(f.Name+"_count", s.Labels, float64(s.Summary.Count))
				v.put(f.Name+"_sum", s.Labels, s.Summary.Sum)
			case encode.Histogram:
				v.histogram(f.Name, s)
			default:
				v.put(f.Name, s.Labels, s.Value)
			}
		}
	}
	return v
}

func (v values) histogram(name string, s encode.Sample) {
	for _, b := range s.Histogram.Buckets {
		v.put(name+"_bucket", s.Labels, float64(b.Count), "le", boundText(b.UpperBound))
	}
	v.put(name+"_sum", s.Labels, s.Histogram.Sum)
	v.put(name+"_count", s.Labels, float64(s.Histogram.Count))
}

// same compares two expositions.
func same(t testing.TB, what string, got, want values) {
	t.Helper()
	for name, w := range want {
		if g, ok := got[name]; !ok {
			t.Errorf("%s: %s is missing, want %v", what, name, w)
		} else if g != w && !(g != g && w != w) {
			t.Errorf("%s: %s is %v, want %v", what, name, g, w)
		}
	}
	for name, g := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %s is %v, want none", what, name, g)
		}
	}
}

// scan merges a folder, and fails on an error.
func scan(t testing.TB, dir string) values {
	t.Helper()
	families, errs := NewMerger(Options{}).Scan(dir)
	for _, err := range errs {
		t.Error(err)
	}
	return flat(families)
}

func names(t testing.TB, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}
