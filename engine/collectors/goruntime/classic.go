package goruntime

import (
	"runtime"
	"runtime/debug"
	"time"

	"github.com/pawl-metrics/pawl/engine"
)

// classic is a family whose value is the sum of some of the runtime's metrics.
type classic struct {
	name, help string
	keys       []string
}

const (
	objects   = "/memory/classes/heap/objects:bytes"
	unused    = "/memory/classes/heap/unused:bytes"
	released  = "/memory/classes/heap/released:bytes"
	free      = "/memory/classes/heap/free:bytes"
	stacks    = "/memory/classes/heap/stacks:bytes"
	osStacks  = "/memory/classes/os-stacks:bytes"
	spans     = "/memory/classes/metadata/mspan/inuse:bytes"
	spansFree = "/memory/classes/metadata/mspan/free:bytes"
	cache     = "/memory/classes/metadata/mcache/inuse:bytes"
	cacheFree = "/memory/classes/metadata/mcache/free:bytes"
	tiny      = "/gc/heap/tiny/allocs:objects" // allocated within others; in both of the counts of objects
)

// The names are those of runtime.MemStats, in which some are sums. What MemStats
// counts as mallocs includes the tiny ones.
var classicGauges = []classic{
	{"go_goroutines", "Goroutines that exist.", []string{"/sched/goroutines:goroutines"}},
	{"go_gc_gogc_percent", "Target of heap growth, as set by GOGC or debug.SetGCPercent.", []string{"/gc/gogc:percent"}},
	{"go_gc_gomemlimit_bytes", "Memory limit, as set by GOMEMLIMIT or debug.SetMemoryLimit.", []string{"/gc/gomemlimit:bytes"}},
	{"go_sched_gomaxprocs_threads", "GOMAXPROCS.", []string{"/sched/gomaxprocs:threads"}},
	{"go_memstats_alloc_bytes", "Bytes of heap objects, live ones and those not yet swept.", []string{objects}},
	{"go_memstats_heap_alloc_bytes", "The same as go_memstats_alloc_bytes.", []string{objects}},
	{"go_memstats_heap_sys_bytes", "Bytes of heap memory obtained from the system.", []string{objects, unused, released, free}},
	{"go_memstats_heap_idle_bytes", "Bytes of heap memory that hold no objects.", []string{released, free}},
	{"go_memstats_heap_inuse_bytes", "Bytes of heap memory that hold objects.", []string{objects, unused}},
	{"go_memstats_heap_released_bytes", "Bytes of heap memory given back to the system.", []string{released}},
	{"go_memstats_heap_objects", "Heap objects, live ones and those not yet swept.", []string{"/gc/heap/objects:objects"}},
	{"go_memstats_stack_inuse_bytes", "Bytes of goroutine stacks.", []string{stacks}},
	{"go_memstats_stack_sys_bytes", "Bytes of stacks obtained from the system, those of threads included.", []string{stacks, osStacks}},
	{"go_memstats_mspan_inuse_bytes", "Bytes of mspan structures in use.", []string{spans}},
	{"go_memstats_mspan_sys_bytes", "Bytes of mspan structures obtained from the system.", []string{spans, spansFree}},
	{"go_memstats_mcache_inuse_bytes", "Bytes of mcache structures in use.", []string{cache}},
	{"go_memstats_mcache_sys_bytes", "Bytes of mcache structures obtained from the system.", []string{cache, cacheFree}},
	{"go_memstats_buck_hash_sys_bytes", "Bytes of the profiler's hash tables.", []string{"/memory/classes/profiling/buckets:bytes"}},
	{"go_memstats_gc_sys_bytes", "Bytes of the garbage collector's metadata.", []string{"/memory/classes/metadata/other:bytes"}},
	{"go_memstats_other_sys_bytes", "Bytes of other memory obtained from the system.", []string{"/memory/classes/other:bytes"}},
	{"go_memstats_sys_bytes", "Bytes obtained from the system, in all.", []string{"/memory/classes/total:bytes"}},
	{"go_memstats_next_gc_bytes", "Size of the heap at which the next collection is to end.", []string{"/gc/heap/goal:bytes"}},
}

var classicCounters = []classic{
	{"go_memstats_alloc_bytes_total", "Bytes of heap objects ever allocated.", []string{"/gc/heap/allocs:bytes"}},
	{"go_memstats_mallocs_total", "Heap objects ever allocated.", []string{"/gc/heap/allocs:objects", tiny}},
	{"go_memstats_frees_total", "Heap objects ever freed.", []string{"/gc/heap/frees:objects", tiny}},
}

// addClassic adds the classic families.
func (c *Collector) addClassic() {
	for _, m := range classicGauges {
		c.addValue(m.name, m.help, engine.GaugeType, c.sumOf(m.keys))
	}
	for _, m := range classicCounters {
		c.addValue(m.name, m.help, engine.CounterType, c.sumOf(m.keys))
	}
	c.addValue("go_threads", "Threads of the operating system that were made.", engine.GaugeType, func() float64 {
		n, _ := runtime.ThreadCreateProfile(nil)
		return float64(n)
	})
	c.add("go_info", "The version of Go, as a label.", engine.GaugeType, func(s *engine.Sink, d *engine.Desc) {
		s.Gauge(d.Name, d.Help, "version").Add(1, runtime.Version())
	})
	c.addCollections()
}

// sumOf returns what adds up metrics of the runtime.
func (c *Collector) sumOf(keys []string) func() float64 {
	var at []int
	for _, key := range keys {
		at = append(at, c.need(key))
	}
	return func() (sum float64) {
		for _, i := range at {
			sum += c.value(i)
		}
		return sum
	}
}

// addCollections adds what debug.GCStats knows: the pauses of the latest collections,
// as a summary, and when the last one was.
func (c *Collector) addCollections() {
	stats := &debug.GCStats{PauseQuantiles: make([]time.Duration, 5)}
	quantiles := make([]engine.Quantile, len(stats.PauseQuantiles))
	c.add("go_gc_duration_seconds", "Pauses of the program by garbage collections; the quantiles are of the latest 256.",
		engine.SummaryType, func(s *engine.Sink, d *engine.Desc) {
			debug.ReadGCStats(stats)
			for i, pause := range stats.PauseQuantiles {
				rank := float64(i) / float64(len(quantiles)-1)
				quantiles[i] = engine.Quantile{Quantile: rank, Value: pause.Seconds()}
			}
			s.Summary(d.Name, d.Help).Add(engine.SummaryValue{Count: uint64(stats.NumGC), Sum: stats.PauseTotal.Seconds(), Quantiles: quantiles})
		})
	c.addValue("go_memstats_last_gc_time_seconds", "When the last garbage collection ended, in Unix time; 0 is never.",
		engine.GaugeType, func() float64 {
			debug.ReadGCStats(stats)
			if stats.NumGC == 0 {
				return 0
			}
			return float64(stats.LastGC.UnixNano()) / 1e9
		})
}
