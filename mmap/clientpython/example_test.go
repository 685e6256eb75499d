//go:build linux

package clientpython_test

import (
	"encoding/binary"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/mmap/clientpython"
)

// An exporter in front of Python workers keeps one merger, and scans their folder for
// each scrape.
func ExampleMerger_Scan() {
	dir := workersFolder()
	defer os.RemoveAll(dir)

	merger := clientpython.NewMerger(clientpython.Options{DropDead: true})
	families, errs := merger.Scan(dir)
	for _, err := range errs {
		log.Print(err) // each is about one file or one family; the rest is there
	}
	var text []byte
	for i := range families {
		text = encode.AppendFamily(text, encode.Format{}, encode.Options{}, &families[i])
	}
	fmt.Printf("%s", text)
	// Output:
	// # HELP jobs_total Jobs done.
	// # TYPE jobs_total counter
	// jobs_total{queue="mail"} 7
}

// Now and then, what dead processes recorded is folded. The totals stay as they are.
func ExampleFold() {
	dir := workersFolder()
	defer os.RemoveAll(dir)

	result, err := clientpython.Fold(dir, clientpython.FoldOptions{})
	if err != nil {
		log.Fatal(err)
	}
	files, _ := clientpython.Files(dir)
	fmt.Println(result.Folded, "files folded, left is", filepath.Base(files[0]))
	// Output: 2 files folded, left is counter_pawl-archive.db
}

// workersFolder returns a folder as two Python workers left it that had counted 3 and 4
// jobs.
func workersFolder() string {
	dir, err := os.MkdirTemp("", "workers")
	if err != nil {
		log.Fatal(err)
	}
	key := `["jobs", "jobs_total", {"queue": "mail"}, "Jobs done."]`
	for pid, value := range map[string]float64{"17": 3, "18": 4} {
		file := binary.NativeEndian.AppendUint32(nil, 88) // bytes in use
		file = binary.NativeEndian.AppendUint32(file, 0)
		file = binary.NativeEndian.AppendUint32(file, uint32(len(key)))
		file = append(file, key+"     "...)
		file = binary.NativeEndian.AppendUint64(file, math.Float64bits(value))
		file = binary.NativeEndian.AppendUint64(file, 0) // no timestamp
		if err := os.WriteFile(filepath.Join(dir, "counter_"+pid+".db"), file, 0o600); err != nil {
			log.Fatal(err)
		}
	}
	return dir
}
