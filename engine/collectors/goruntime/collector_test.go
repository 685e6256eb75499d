package goruntime

import (
	"math"
	"regexp"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/enginetest"
)

func exposition(t *testing.T, o Options) string {
	t.Helper()
	reg := engine.NewRegistry()
	if err := reg.Register(New(o)); err != nil {
		t.Fatal(err)
	}
	return string(reg.AppendText(nil))
}

// The names are those that client_golang v1.25.0 exposes by default: dashboards and
// alerts are built on them.
func TestNames(t *testing.T) {
	text := exposition(t, Options{})
	for _, want := range strings.Fields(`go_gc_duration_seconds go_gc_duration_seconds_sum go_gc_duration_seconds_count
		go_gc_gogc_percent go_gc_gomemlimit_bytes go_goroutines go_info go_memstats_alloc_bytes go_memstats_alloc_bytes_total
		go_memstats_buck_hash_sys_bytes go_memstats_frees_total go_memstats_gc_sys_bytes go_memstats_heap_alloc_bytes
		go_memstats_heap_idle_bytes go_memstats_heap_inuse_bytes go_memstats_heap_objects go_memstats_heap_released_bytes
		go_memstats_heap_sys_bytes go_memstats_last_gc_time_seconds go_memstats_mallocs_total go_memstats_mcache_inuse_bytes
		go_memstats_mcache_sys_bytes go_memstats_mspan_inuse_bytes go_memstats_mspan_sys_bytes go_memstats_next_gc_bytes
		go_memstats_other_sys_bytes go_memstats_stack_inuse_bytes go_memstats_stack_sys_bytes go_memstats_sys_bytes
		go_sched_gomaxprocs_threads go_threads`) {
		if !regexp.MustCompile(`(?m)^` + want + `[ {]`).MatchString(text) {
			t.Errorf("%s is not exposed", want)
		}
	}
}

// The numbers are those of runtime.MemStats, as near as two readings can be.
func TestValuesAreThoseOfMemStats(t *testing.T) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	reg := engine.NewRegistry()
	reg.MustRegister(New(Options{}))
	for name, want := range map[string]uint64{
		"go_memstats_sys_bytes": m.Sys, "go_memstats_heap_sys_bytes": m.HeapSys, "go_memstats_heap_alloc_bytes": m.HeapAlloc,
		"go_memstats_mallocs_total": m.Mallocs, "go_memstats_frees_total": m.Frees, "go_memstats_alloc_bytes_total": m.TotalAlloc,
		"go_memstats_next_gc_bytes": m.NextGC, "go_memstats_mspan_sys_bytes": m.MSpanSys, "go_memstats_mcache_sys_bytes": m.MCacheSys,
		"go_memstats_heap_objects": m.HeapObjects, "go_memstats_buck_hash_sys_bytes": m.BuckHashSys, "go_memstats_other_sys_bytes": m.OtherSys,
	} {
		if got := enginetest.Value(t, reg, name); math.Abs(got-float64(want)) > 0.5*float64(want)+1<<20 {
			t.Errorf("%s is %v, MemStats has %d", name, got, want)
		}
	}
	if got := enginetest.Value(t, reg, "go_sched_gomaxprocs_threads"); got != float64(runtime.GOMAXPROCS(0)) {
		t.Errorf("GOMAXPROCS is %v", got)
	}
	var gc debug.GCStats
	debug.ReadGCStats(&gc)
	if last := enginetest.Value(t, reg, "go_memstats_last_gc_time_seconds"); last < float64(gc.LastGC.Unix()-60) || last == 0 {
		t.Errorf("the last collection was at %v", last)
	}
}

// Every metric of this Go release has a name, or is of a kind that is new.
func TestAllRuntimeMetrics(t *testing.T) {
	text := exposition(t, Options{Runtime: regexp.MustCompile("")})
	for _, want := range []string{"go_sched_latencies_seconds_bucket{le=", "go_gc_heap_allocs_by_size_bytes_bucket{le=",
		"go_cgo_go_to_c_calls_calls_total ", "go_cpu_classes_gc_total_cpu_seconds_total ", "go_gc_pauses_seconds_count "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	for _, d := range metrics.All() {
		if name, ok := nameOf(&d); !ok || !strings.Contains(text, "# TYPE "+name+" ") {
			t.Errorf("%s is not exposed as %q", d.Name, name)
		}
	}
}

func TestJoinedBuckets(t *testing.T) {
	inf := math.Inf(1)
	var j joined
	h := j.read(&metrics.Float64Histogram{
		Buckets: []float64{math.Inf(-1), 1e-9, 2e-9, 1e-8, 3e-8, 0.5, 1, 1.5, 20, inf},
		Counts:  []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9},
	}, "seconds")
	want := []engine.Bucket{{UpperBound: 1e-9, Count: 1}, {UpperBound: 1e-8, Count: 6}, {UpperBound: 0.5, Count: 15}, {UpperBound: inf, Count: 45}}
	if len(h.Buckets) != len(want) {
		t.Fatalf("%+v, want %+v", h.Buckets, want)
	}
	for i := range want {
		if h.Buckets[i] != want[i] {
			t.Errorf("bucket %d: %+v, want %+v", i, h.Buckets[i], want[i])
		}
	}
	if h.Count != 45 || !(h.Sum > 9*20) || math.IsInf(h.Sum, 0) {
		t.Errorf("count %d, sum %v", h.Count, h.Sum)
	}
}
