package collectors_test

import (
	"expvar"
	"fmt"
	"regexp"

	"github.com/prometheus/common/expfmt"

	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/collectors"
	"github.com/pawl-metrics/pawl/compat/prometheus/testutil"
)

// A registry of one's own has no collectors until they are registered.
func ExampleNewGoCollector() {
	reg := prometheus.NewRegistry()
	reg.MustRegister(
		collectors.NewGoCollector(
			collectors.WithGoCollectorMemStatsMetricsDisabled(),
			collectors.WithGoCollectorRuntimeMetrics(
				collectors.MetricsScheduler,
				collectors.GoRuntimeMetricsRule{Matcher: regexp.MustCompile("^/gc/heap/live:bytes$")},
			),
			collectors.WithoutGoCollectorRuntimeMetrics(regexp.MustCompile("^/sched/latencies:")),
		),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	n, err := testutil.GatherAndCount(reg, "go_gc_heap_live_bytes", "go_sched_goroutines_goroutines", "go_sched_latencies_seconds")
	fmt.Println(n, err)
	// Output: 2 <nil>
}

// The default registry has a Go collector without options. One with options takes its
// place.
func ExampleNewGoCollector_default() {
	prometheus.Unregister(collectors.NewGoCollector())
	prometheus.MustRegister(collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsGC)))
	n, err := testutil.GatherAndCount(prometheus.DefaultGatherer, "go_gc_pauses_seconds")
	fmt.Println(n, err)
	// Output: 1 <nil>
}

func ExampleNewExpvarCollector() {
	pages := expvar.NewMap("example.pages")
	pages.Add("index", 3)
	pages.Add("about", 1)

	text, err := testutil.CollectAndFormat(collectors.NewExpvarCollector(map[string]*prometheus.Desc{
		"example.pages": prometheus.NewDesc("pages_served", "Pages served.", []string{"page"}, nil),
	}), expfmt.TypeTextPlain, "pages_served")
	fmt.Printf("%s%v\n", text, err)
	// Output:
	// # HELP pages_served Pages served.
	// # TYPE pages_served untyped
	// pages_served{page="about"} 1
	// pages_served{page="index"} 3
	// <nil>
}
