//go:build linux || darwin || freebsd

package mmap

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/engine"
)

// A registry on a store records in the file, and exposes what it would in memory.
func TestRegistry(t *testing.T) {
	s := openStore(t, memoryDir(t), Options{Slot: "web"})
	exposed := make(map[string]string)
	for where, reg := range map[string]*engine.Registry{
		"memory": engine.NewRegistry(),
		"file":   engine.NewRegistryWith(engine.RegistryOptions{Store: s}),
	} {
		requests, err := engine.NewStringCounterVec(reg, engine.Opts{Name: "requests_total", Help: "Requests."}, "code")
		if err != nil {
			t.Fatal(err)
		}
		seconds, err := engine.NewHistogram(reg, engine.HistogramOpts{Opts: engine.Opts{Name: "seconds"}, Buckets: []float64{.5, 1}})
		if err != nil {
			t.Fatal(err)
		}
		level, err := engine.NewGauge(reg, engine.Opts{Name: "level"})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			requests.With(fmt.Sprint(200 + i%2)).Inc()
			seconds.Observe(float64(i) / 8)
			level.Set(float64(i))
		}
		exposed[where] = string(reg.AppendText(nil))
	}
	if exposed["memory"] != exposed["file"] || !strings.Contains(exposed["file"], `requests_total{code="201"} 5`) {
		t.Errorf("in memory:\n%s\nin a file:\n%s", exposed["memory"], exposed["file"])
	}
	f := read(t, s.Stats().Path)
	if f.counter("requests_total") != 10 || float(f.counter("level")) != 9 {
		t.Errorf("the file has %d requests, level %v", f.counter("requests_total"), float(f.counter("level")))
	}
	h := f.family(t, "seconds")
	if got := [3]uint64{f.sum(h, 3), f.sum(h, 4), f.sum(h, 5)}; got != [3]uint64{5, 4, 1} {
		t.Errorf("buckets %v", got)
	}
}

// A series that is deleted is hidden at once; its cells and its record come back when
// no handle leads to it, and not before.
func TestDeletedSeries(t *testing.T) {
	s := openStore(t, memoryDir(t), Options{})
	reg := engine.NewRegistryWith(engine.RegistryOptions{Store: s})
	vec, err := engine.NewStringCounterVec(reg, engine.Opts{Name: "c_total"}, "l")
	if err != nil {
		t.Fatal(err)
	}
	kept := vec.With("kept")
	for i := range 50 {
		vec.With(fmt.Sprint(i)).Inc()
	}
	kept.Inc()
	vec.Reset()
	reg.AppendText(nil) // until a scrape, the list of series is as it was
	f := read(t, s.Stats().Path)
	if f.live != 0 {
		t.Errorf("%d live after Reset", f.live)
	}
	for deadline := time.Now().Add(5 * time.Second); s.Stats().Slabs > 1; runtime.GC() {
		if time.Now().After(deadline) {
			t.Fatalf("%d slabs in use", s.Stats().Slabs)
		}
	}
	kept.Inc()
	if n := s.Stats().Slabs; n != 1 {
		t.Errorf("%d slabs in use, want the one that a handle leads to", n)
	}
	used := s.Stats().Directory
	for i := range 50 {
		vec.With(fmt.Sprint(i)).Inc()
	}
	f = read(t, s.Stats().Path)
	if f.live != 50 || f.counter("c_total") != 50 || s.Stats().Directory != used {
		t.Errorf("%d live, %d counted, directory %d, was %d", f.live, f.counter("c_total"), s.Stats().Directory, used)
	}
	runtime.KeepAlive(kept)
}

// Where the store has no space the series records nothing and says so.
func TestRegistryWithoutSpace(t *testing.T) {
	s := openStore(t, memoryDir(t), Options{MaxBytes: 64 << 10})
	reg := engine.NewRegistryWith(engine.RegistryOptions{Store: s})
	reg.MustRegister(s)
	vec, err := engine.NewStringCounterVec(reg, engine.Opts{Name: "c_total"}, "l")
	if err != nil {
		t.Fatal(err)
	}
	const n = 1000
	for i := range n {
		vec.With(fmt.Sprint(i)).Inc()
	}
	live := read(t, s.Stats().Path).live
	text := string(reg.AppendText(nil))
	for _, want := range []string{
		fmt.Sprintf("pawl_dropped_observations_total{reason=\"store\"} %d\n", n-live),
		fmt.Sprintf("pawl_store_slabs{slot=\"\"} %d\n", live),
		fmt.Sprintf("pawl_store_bytes{slot=\"\"} %d\n", s.Stats().Bytes),
		"pawl_store_stripes_refused_total{slot=\"\"} 0\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if live == 0 || live == n {
		t.Errorf("%d of %d have cells", live, n)
	}
}
