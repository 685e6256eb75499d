package prometheus

// Keys of runtime/metrics that make up the numbers of runtime.MemStats.
const (
	heapAllocs        = "/gc/heap/allocs:bytes"
	heapAllocObjects  = "/gc/heap/allocs:objects"
	heapFreeObjects   = "/gc/heap/frees:objects"
	heapTinyObjects   = "/gc/heap/tiny/allocs:objects" // allocated within others; MemStats has them in both counts of objects
	heapGoal          = "/gc/heap/goal:bytes"
	heapLive          = "/gc/heap/objects:objects"
	memoryObjects     = "/memory/classes/heap/objects:bytes"
	memoryUnused      = "/memory/classes/heap/unused:bytes"
	memoryReleased    = "/memory/classes/heap/released:bytes"
	memoryFree        = "/memory/classes/heap/free:bytes"
	memoryStacks      = "/memory/classes/heap/stacks:bytes"
	memoryOSStacks    = "/memory/classes/os-stacks:bytes"
	memorySpans       = "/memory/classes/metadata/mspan/inuse:bytes"
	memorySpansFree   = "/memory/classes/metadata/mspan/free:bytes"
	memoryCaches      = "/memory/classes/metadata/mcache/inuse:bytes"
	memoryCachesFree  = "/memory/classes/metadata/mcache/free:bytes"
	memoryProfiling   = "/memory/classes/profiling/buckets:bytes"
	memoryMetadata    = "/memory/classes/metadata/other:bytes"
	memoryOther       = "/memory/classes/other:bytes"
	memoryTotal       = "/memory/classes/total:bytes"
	memStatsNamespace = "go_memstats_"
)

// memStat is a family under a name of MemStats, whose value is the sum of some of the
// runtime's metrics. MemStats itself would stop the world.
type memStat struct {
	name, help string
	typ        ValueType
	keys       []string
}

var memStats = []memStat{
	{"alloc_bytes", "Number of bytes allocated in heap and currently in use. Equals to /memory/classes/heap/objects:bytes.",
		GaugeValue, []string{memoryObjects}},
	{"alloc_bytes_total", "Total number of bytes allocated in heap until now, even if released already. Equals to /gc/heap/allocs:bytes.",
		CounterValue, []string{heapAllocs}},
	{"sys_bytes", "Number of bytes obtained from system. Equals to /memory/classes/total:byte.",
		GaugeValue, []string{memoryTotal}},
	{"mallocs_total", "Total number of heap objects allocated, both live and gc-ed. Semantically a counter version for go_memstats_heap_objects gauge. Equals to /gc/heap/allocs:objects + /gc/heap/tiny/allocs:objects.",
		CounterValue, []string{heapAllocObjects, heapTinyObjects}},
	{"frees_total", "Total number of heap objects frees. Equals to /gc/heap/frees:objects + /gc/heap/tiny/allocs:objects.",
		CounterValue, []string{heapFreeObjects, heapTinyObjects}},
	{"heap_alloc_bytes", "Number of heap bytes allocated and currently in use, same as go_memstats_alloc_bytes. Equals to /memory/classes/heap/objects:bytes.",
		GaugeValue, []string{memoryObjects}},
	{"heap_sys_bytes", "Number of heap bytes obtained from system. Equals to /memory/classes/heap/objects:bytes + /memory/classes/heap/unused:bytes + /memory/classes/heap/released:bytes + /memory/classes/heap/free:bytes.",
		GaugeValue, []string{memoryObjects, memoryUnused, memoryReleased, memoryFree}},
	{"heap_idle_bytes", "Number of heap bytes waiting to be used. Equals to /memory/classes/heap/released:bytes + /memory/classes/heap/free:bytes.",
		GaugeValue, []string{memoryReleased, memoryFree}},
	{"heap_inuse_bytes", "Number of heap bytes that are in use. Equals to /memory/classes/heap/objects:bytes + /memory/classes/heap/unused:bytes",
		GaugeValue, []string{memoryObjects, memoryUnused}},
	{"heap_released_bytes", "Number of heap bytes released to OS. Equals to /memory/classes/heap/released:bytes.",
		GaugeValue, []string{memoryReleased}},
	{"heap_objects", "Number of currently allocated objects. Equals to /gc/heap/objects:objects.",
		GaugeValue, []string{heapLive}},
	{"stack_inuse_bytes", "Number of bytes obtained from system for stack allocator in non-CGO environments. Equals to /memory/classes/heap/stacks:bytes.",
		GaugeValue, []string{memoryStacks}},
	{"stack_sys_bytes", "Number of bytes obtained from system for stack allocator. Equals to /memory/classes/heap/stacks:bytes + /memory/classes/os-stacks:bytes.",
		GaugeValue, []string{memoryStacks, memoryOSStacks}},
	{"mspan_inuse_bytes", "Number of bytes in use by mspan structures. Equals to /memory/classes/metadata/mspan/inuse:bytes.",
		GaugeValue, []string{memorySpans}},
	{"mspan_sys_bytes", "Number of bytes used for mspan structures obtained from system. Equals to /memory/classes/metadata/mspan/inuse:bytes + /memory/classes/metadata/mspan/free:bytes.",
		GaugeValue, []string{memorySpans, memorySpansFree}},
	{"mcache_inuse_bytes", "Number of bytes in use by mcache structures. Equals to /memory/classes/metadata/mcache/inuse:bytes.",
		GaugeValue, []string{memoryCaches}},
	{"mcache_sys_bytes", "Number of bytes used for mcache structures obtained from system. Equals to /memory/classes/metadata/mcache/inuse:bytes + /memory/classes/metadata/mcache/free:bytes.",
		GaugeValue, []string{memoryCaches, memoryCachesFree}},
	{"buck_hash_sys_bytes", "Number of bytes used by the profiling bucket hash table. Equals to /memory/classes/profiling/buckets:bytes.",
		GaugeValue, []string{memoryProfiling}},
	{"gc_sys_bytes", "Number of bytes used for garbage collection system metadata. Equals to /memory/classes/metadata/other:bytes.",
		GaugeValue, []string{memoryMetadata}},
	{"other_sys_bytes", "Number of bytes used for other system allocations. Equals to /memory/classes/other:bytes.",
		GaugeValue, []string{memoryOther}},
	{"next_gc_bytes", "Number of heap bytes when next garbage collection will take place. Equals to /gc/heap/goal:bytes.",
		GaugeValue, []string{heapGoal}},
}

// addMemStats adds the families that go by MemStats' names.
func (c *goCollector) addMemStats() {
	for _, m := range memStats {
		var at []int
		for _, key := range m.keys {
			at = append(at, c.need(key))
		}
		c.addValue(memStatsNamespace+m.name, m.help, m.typ, func() (sum float64) {
			for _, i := range at {
				sum += c.value(i)
			}
			return sum
		})
	}
}
