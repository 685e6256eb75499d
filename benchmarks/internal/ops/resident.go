package ops

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
)

var bytesPerSeries = Op{
	Name: "bytes_per_series", Title: "Resident bytes per counter with three labels",
	About: "Growth of the memory that a fresh process alone holds, by n counters with their labels and the table that finds them, " +
		"after a recording in each of them on each P, one scrape, and a collection; divided by n. What is mapped outside the Go heap " +
		"is counted as well. Strings that a library keeps are counted, its caller's are not.",
	Workers: All,
	Quick:   []int{100_000},
	Peers: []Peer{
		{Impl: Pawl, Make: resident(Pawl)},
		{Impl: Prom, Make: resident(Prom)},
		{Impl: PawlCompat, Make: resident(PawlCompat)},
		{Impl: Victoria, Make: resident(Victoria)},
		{Impl: Otel, Make: resident(Otel), Quick: 10_000},
	},
}

// residentOps are measured where the system says what a process holds.
func residentOps() []Op {
	if runtime.GOOS != "linux" {
		return nil
	}
	return []Op{bytesPerSeries, bytesPerNative}
}

// footprint is a Subject that measures in a child process: this same program, told
// by its environment what to do.
type footprint struct {
	impl string
	n    int
}

func resident(impl string) func(n int) measure.Subject {
	return func(n int) measure.Subject { return footprint{impl, n} }
}

const childEnv = "PAWL_BENCHMARKS_CHILD"

// OneShot: one child is one measurement.
func (footprint) OneShot() {}

// Run starts a child and returns what it found.
func (f footprint) Run(p, _ int) []measure.Reading {
	cmd := exec.Command(must(os.Executable()))
	cmd.Env = append(os.Environ(), childEnv+"="+f.impl, "GOMAXPROCS="+strconv.Itoa(p), childEnv+"_N="+strconv.Itoa(f.n))
	cmd.Stderr = os.Stderr
	var r measure.Reading
	check(json.Unmarshal(must(cmd.Output()), &r))
	return []measure.Reading{r}
}

// Child does the work of a child process and reports whether this is one. Programs
// that measure call it before anything else.
func Child() bool {
	impl := os.Getenv(childEnv)
	if impl == "" {
		return false
	}
	n := must(strconv.Atoi(os.Getenv(childEnv + "_N")))
	check(json.NewEncoder(os.Stdout).Encode(footprintOf(impl, n)))
	return true
}

// footprintOf measures what n series add to a process that has two of them.
func footprintOf(impl string, n int) measure.Reading {
	warm := populate(impl, 2)
	before := must(measure.Resident())
	p := populate(impl, n)
	after := must(measure.Resident())
	runtime.KeepAlive(warm)
	runtime.KeepAlive(p)
	return measure.Reading{Unit: "bytes", Value: (after - before) / float64(n)}
}

// populate makes n series, records in each of them on each P, and scrapes once.
func populate(impl string, n int) population {
	p := populations[impl]()
	record := func(int) {
		for i := range n {
			p.inc(routeOf(i))
		}
	}
	record(0)
	measure.OnEachP(record)
	var seen lines
	p.scrape(&seen)
	if int(seen) < n {
		panic(fmt.Sprintf("benchmarks: %s has %d lines for %d series", impl, seen, n))
	}
	return p
}

// lines counts the lines that are written to it.
type lines int

func (l *lines) Write(p []byte) (int, error) {
	*l += lines(bytes.Count(p, []byte{'\n'}))
	return len(p), nil
}
