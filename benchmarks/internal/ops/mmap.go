package ops

import (
	"context"
	"os"
	"runtime"
	"slices"
	"strconv"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/mmap"
)

// mmapOps are measured where files can be recorded in.
func mmapOps() []Op {
	if runtime.GOOS != "linux" {
		return nil
	}
	return []Op{mmapInc, mmapObserve, mmapMerge, mmapMergeFirst, mmapMergeAgain, mmapMergeFolded}
}

var mmapInc = Op{
	Name: "mmap_inc", Title: "Counter.Inc in a mapped file",
	About: "One increment of one counter that all goroutines share and that lives in a file, in memory where there is /dev/shm. " +
		"pawl-heap is the same counter without the file. No other Go library records in files.",
	Workers: Few,
	Peers: []Peer{
		{Impl: Pawl, Make: func(int) measure.Subject { return incIn(newMapped()) }},
		{Impl: PawlHeap, Make: func(int) measure.Subject { return incIn(newPawl()) }},
	},
}

var mmapObserve = Op{
	Name: "mmap_observe", Title: "Histogram.Observe in a mapped file, 11 buckets",
	About:   "One observation, as in observe_classic11, of a histogram that lives in a file. pawl-heap is the same without the file.",
	Workers: Few,
	Peers: []Peer{
		{Impl: Pawl, Make: func(int) measure.Subject { return observeIn(newMapped()) }},
		{Impl: PawlHeap, Make: func(int) measure.Subject { return observeIn(newPawl()) }},
	},
}

// entriesPerFile is how many series each process of a fleet has.
const entriesPerFile = 183

var mmapMerge = Op{
	Name: "mmap_merge", Title: "Merging the files of many processes",
	About: "Opening and merging the files of processes that have ended, each with 183 counters that all processes have, into families (mmap.MergeDir); " +
		"divided by the number of entries in all files. client_python merges files of its own, with the same counters, into families of its own.",
	Workers: Single,
	Quick:   []int{100 * entriesPerFile},
	Full:    []int{100 * entriesPerFile, 6000 * entriesPerFile},
	Peers: withPython([]Peer{
		{Impl: Pawl, Make: func(n int) measure.Subject {
			dir := newFleet(n)
			return &measure.Steps{Per: n, Step: func() { mergeDir(dir) }}
		}},
		{Impl: Python, Make: newPythonFleet},
	}),
}

var mmapMergeFirst = Op{
	Name: "mmap_merge_first", Title: "First scrape of the files of many processes",
	About: "The same files, scraped by a collector that has not seen them before: it merges them, keeps what the next scrape can use, " +
		"and writes the exposition. client_python merges, and writes nothing.",
	Workers: Single,
	Quick:   mmapMerge.Quick,
	Full:    mmapMerge.Full,
	Peers: withPython([]Peer{
		{Impl: Pawl, Make: func(n int) measure.Subject {
			dir := newFleet(n)
			return &measure.Steps{Per: n, Step: func() { mergeOnce(newMerging(dir)) }}
		}},
		{Impl: Python, Make: newPythonFleet, Most: 100 * entriesPerFile},
	}),
}

var mmapMergeAgain = Op{
	Name: "mmap_merge_again", Title: "Every further scrape of them",
	About:   "The same, by one that has seen the files before and that keeps what it knows of them. client_python keeps nothing.",
	Workers: Single,
	Quick:   mmapMerge.Quick,
	Full:    mmapMerge.Full,
	Peers: withPython([]Peer{
		{Impl: Pawl, Make: func(n int) measure.Subject {
			reg := newMerging(newFleet(n))
			mergeOnce(reg)
			return &measure.Steps{Per: n, Step: func() { mergeOnce(reg) }}
		}},
		{Impl: Python, Make: newPythonFleet, Most: 100 * entriesPerFile},
	}),
}

var mmapMergeFolded = Op{
	Name: "mmap_merge_folded", Title: "Merging them once they are folded",
	About: "The same as mmap_merge, after the files have been folded into one, as an exporter does by itself; divided by the entries that there " +
		"were before. client_python folds nothing.",
	Workers: Single,
	Quick:   mmapMerge.Quick,
	Full:    mmapMerge.Full,
	Peers: withPython([]Peer{
		{Impl: Pawl, Make: func(n int) measure.Subject {
			dir := newFleet(n)
			must(mmap.Compact(dir, mmap.CompactOptions{}))
			return &measure.Steps{Per: n, Step: func() { mergeDir(dir) }}
		}},
		{Impl: Python, Make: newPythonFleet, Most: 100 * entriesPerFile},
	}),
}

// newMapped is a registry of ours that records in a file.
func newMapped() pawl {
	store := must(mmap.Open(tempDir(), mmap.Options{}))
	return pawl{engine.NewRegistryWith(engine.RegistryOptions{Store: store})}
}

func incIn(p pawl) measure.Subject {
	c := p.counter()
	return loop(1, totalOf(p, name), func(iters int) {
		for range iters {
			c.Inc()
		}
	})
}

func observeIn(p pawl) measure.Subject {
	h := p.histogram(bounds11)
	return loop(1, totalOf(p, name+"_count"), func(iters int) {
		for i := range iters {
			h.Observe(observations[i%observed])
		}
	})
}

// newFleet makes the files of processes that have ended, n entries in all.
func newFleet(n int) (dir string) {
	dir = tempDir()
	for range n / entriesPerFile {
		store := must(mmap.Open(dir, mmap.Options{}))
		v := engine.MustStringCounterVec(engine.NewRegistryWith(engine.RegistryOptions{Store: store}), pawlOpts, "series")
		for i := range entriesPerFile {
			v.With(strconv.Itoa(i)).Add(uint64(i))
		}
		check(store.Close())
	}
	return dir
}

// mergeDir merges all files of a directory into families.
func mergeDir(dir string) {
	if families := must(mmap.MergeDir(dir, true)); len(families) != 1 {
		panic("the files have one family")
	}
}

// newMerging returns a registry that merges the files of a directory, and folds none.
func newMerging(dir string) *engine.Registry {
	reg := engine.NewRegistry()
	reg.MustRegister(must(mmap.NewCollector(dir, mmap.CollectorOptions{FoldAfter: -1})))
	return reg
}

// mergeOnce merges, and makes sure that all of it is there.
func mergeOnce(reg *engine.Registry) {
	series := 0
	check(reg.Gather(context.Background(), func(f *engine.Family) error {
		if f.Name == name {
			series = len(f.Samples)
		}
		return nil
	}))
	if series != entriesPerFile {
		panic("benchmarks: series are missing in what was merged: there are " + strconv.Itoa(series))
	}
}

// temporary are the directories that this process has made.
var temporary []string

// tempDir makes a directory, in memory where that is possible.
func tempDir() string {
	dir, err := os.MkdirTemp("/dev/shm", "pawl-benchmarks-")
	if err != nil {
		dir = must(os.MkdirTemp("", "pawl-benchmarks-"))
	}
	temporary = append(temporary, dir)
	return dir
}

// RemoveTemporary removes what ops have left on disk. A process that has measured calls
// it before it ends.
func RemoveTemporary() {
	for _, dir := range slices.Backward(temporary) {
		_ = os.RemoveAll(dir) // nobody looks for it
	}
	temporary = nil
}
