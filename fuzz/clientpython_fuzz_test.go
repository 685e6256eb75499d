package fuzz

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/mmap/clientpython"
)

// FuzzClientPython gives any bytes as a file of client_python's to a merger, beside a good
// file. The good one must be merged as if it were alone; of the other there is an error,
// or entries that lie in it; and what was merged can be written in every format.
func FuzzClientPython(f *testing.F) {
	kinds := []string{"counter_1.db", "summary_1.db", "histogram_1.db", "gauge_all_1.db", "gauge_min_1.db",
		"gauge_mostrecent_1.db", "gauge_livesum_1.db", "counter_pawl-archive.db", "gauge_all_pawl-archive.pawl"}
	for i, key := range []string{
		`["c", "c_total", {"a": "x"}, "h"]`, `["s", "s_sum", {}, "h"]`, `["h", "h_bucket", {"le": "+Inf"}, "h"]`,
		`["g", "g", {"l": "\u00e9\ud83d\ude31"}, "h\\x"]`, `["g", "g", {"pid": "1"}, ""]`, `["g", "g", {}]`, `["g"]`,
	} {
		f.Add(byte(i), clientPythonFile(key, key))
		f.Add(byte(i), clientPythonFile(key))
	}
	dir := f.TempDir()
	good := filepath.Join(dir, "counter_2.db")
	if err := os.WriteFile(good, clientPythonFile(`["good", "good_total", {}, ""]`), 0o600); err != nil {
		f.Fatal(err)
	}
	m := clientpython.NewMerger(clientpython.Options{MaxFileSize: 1 << 20})
	f.Fuzz(func(t *testing.T, kind byte, data []byte) {
		path := filepath.Join(dir, kinds[int(kind)%len(kinds)])
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		defer os.Remove(path)
		checkEntries(t, path, data)
		families, errs := m.Merge([]string{path, good}, true)
		checkGood(t, families, errs, path)
		for i := range families {
			for syntax := encode.Text004; syntax <= encode.ProtobufDelimited; syntax++ {
				encode.AppendFamily(nil, encode.Format{Syntax: syntax}, encode.Options{}, &families[i])
			}
		}
	})
}

// clientPythonFile returns a file with an entry of value 1.5 for each key.
func clientPythonFile(keys ...string) []byte {
	data := make([]byte, 8)
	for _, k := range keys {
		data = append(binary.NativeEndian.AppendUint32(data, uint32(len(k))), k...)
		for pad := 8 - len(data)%8; pad > 0; pad-- {
			data = append(data, ' ')
		}
		data = binary.NativeEndian.AppendUint64(data, math.Float64bits(1.5))
		data = binary.NativeEndian.AppendUint64(data, 0)
	}
	binary.NativeEndian.PutUint32(data, uint32(len(data)))
	return data
}

// checkEntries wants an error that names the file, or entries of no more bytes than it has.
func checkEntries(t *testing.T, path string, data []byte) {
	entries, err := clientpython.Read(path)
	var e *clientpython.FileError
	if err != nil && (!errors.As(err, &e) || e.Path != path || e.Offset < 0 || e.Offset > int64(len(data)) || entries != nil) {
		t.Fatalf("%x: entries %v, error %v", data, entries, err)
	}
	total := 0
	for _, e := range entries {
		total += len(e.Key) + 8
	}
	if total > len(data) {
		t.Fatalf("%x: %d bytes of entries", data, total)
	}
}

// checkGood wants the good file's counter, unless the other file has it too, and every
// error to be about a file or a family.
func checkGood(t *testing.T, families []encode.Family, errs []error, path string) {
	found := false
	for _, f := range families {
		if f.Name == "good_total" && len(f.Samples) > 0 {
			found = true
		}
	}
	for _, err := range errs {
		var file *clientpython.FileError
		var family *clientpython.FamilyError
		switch {
		case errors.As(err, &file) && file.Path == path:
		case errors.As(err, &family):
			found = found || family.Family == "good"
		default:
			t.Fatalf("error %v", err)
		}
	}
	if !found {
		t.Fatalf("the good file's counter is missing: %+v, %v", families, errs)
	}
}
