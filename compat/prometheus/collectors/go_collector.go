package collectors

import (
	"regexp"

	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/internal"
)

// Rules for WithGoCollectorRuntimeMetrics: parts of runtime/metrics.
var (
	// MetricsAll takes in all of them, some hundred.
	MetricsAll = GoRuntimeMetricsRule{regexp.MustCompile("/.*")}
	// MetricsGC takes in what the garbage collector tells, but for its CPU time, which is
	// among /cpu/classes/gc/.
	MetricsGC = GoRuntimeMetricsRule{regexp.MustCompile(`^/gc/.*`)}
	// MetricsMemory takes in what the runtime's memory is used for.
	MetricsMemory = GoRuntimeMetricsRule{regexp.MustCompile(`^/memory/.*`)}
	// MetricsScheduler takes in what the scheduler tells: goroutines, threads, latencies.
	MetricsScheduler = GoRuntimeMetricsRule{regexp.MustCompile(`^/sched/.*`)}
	// MetricsDebug takes in how often a GODEBUG setting changed what the program did.
	MetricsDebug = GoRuntimeMetricsRule{regexp.MustCompile(`^/godebug/.*`)}
)

// GoRuntimeMetricsRule chooses metrics of runtime/metrics.
type GoRuntimeMetricsRule struct {
	// Matcher is matched with keys such as /gc/heap/allocs:bytes.
	Matcher *regexp.Regexp
}

// NewGoCollector returns a collector of what the Go runtime says about itself. It has
//
//   - go_goroutines, go_threads, go_info, go_gc_duration_seconds and
//     go_memstats_last_gc_time_seconds, always;
//   - the numbers of runtime.MemStats as go_memstats_*, which are made up from
//     runtime/metrics: nothing stops the world;
//   - metrics of runtime/metrics, of which the settings GOGC, GOMEMLIMIT and GOMAXPROCS
//     are on from the beginning.
//
// The options change the last two. The names of the last are made from their keys,
// which change from one release of Go to the next:
//
//	/gc/heap/allocs:bytes         go_gc_heap_allocs_bytes_total
//	/sched/latencies:seconds      go_sched_latencies_seconds
//
// The runtime's histograms are given with fewer buckets than they have.
func NewGoCollector(opts ...func(o *internal.GoCollectorOptions)) prometheus.Collector {
	//lint:ignore SA1019 it is deprecated because it is better called from here
	return prometheus.NewGoCollector(opts...)
}

// WithGoCollectorMemStatsMetricsDisabled leaves out go_memstats_*, but for
// go_memstats_last_gc_time_seconds. runtime/metrics has the same numbers under names of
// its own; most dashboards have these.
func WithGoCollectorMemStatsMetricsDisabled() func(options *internal.GoCollectorOptions) {
	return func(o *internal.GoCollectorOptions) { o.DisableMemStatsLikeMetrics = true }
}

// WithGoCollectorRuntimeMetrics takes in metrics of runtime/metrics. Of all rules that
// match a metric, those of WithoutGoCollectorRuntimeMetrics among them, the last decides.
func WithGoCollectorRuntimeMetrics(rules ...GoRuntimeMetricsRule) func(options *internal.GoCollectorOptions) {
	return func(o *internal.GoCollectorOptions) {
		for _, r := range rules {
			o.RuntimeMetricRules = append(o.RuntimeMetricRules, internal.GoCollectorRule{Matcher: r.Matcher})
		}
	}
}

// WithoutGoCollectorRuntimeMetrics leaves out metrics of runtime/metrics whose keys
// match, those that are on from the beginning among them.
func WithoutGoCollectorRuntimeMetrics(matchers ...*regexp.Regexp) func(options *internal.GoCollectorOptions) {
	return func(o *internal.GoCollectorOptions) {
		for _, m := range matchers {
			o.RuntimeMetricRules = append(o.RuntimeMetricRules, internal.GoCollectorRule{Matcher: m, Deny: true})
		}
	}
}

// GoCollectionOption is a set of flags for WithGoCollections.
//
// Deprecated: use the options of NewGoCollector that name what they change.
type GoCollectionOption uint32

const (
	// GoRuntimeMemStatsCollection keeps go_memstats_*.
	//
	// Deprecated: see WithGoCollectorMemStatsMetricsDisabled.
	GoRuntimeMemStatsCollection GoCollectionOption = 1 << iota
	// GoRuntimeMetricsCollection takes in all of runtime/metrics.
	//
	// Deprecated: see WithGoCollectorRuntimeMetrics and MetricsAll.
	GoRuntimeMetricsCollection
)

// WithGoCollections leaves out go_memstats_* unless it has the flag for them, and takes
// in all of runtime/metrics if it has the flag for that.
//
// Deprecated: use WithGoCollectorMemStatsMetricsDisabled and
// WithGoCollectorRuntimeMetrics.
func WithGoCollections(flags GoCollectionOption) func(options *internal.GoCollectorOptions) {
	return func(o *internal.GoCollectorOptions) {
		if flags&GoRuntimeMemStatsCollection == 0 {
			WithGoCollectorMemStatsMetricsDisabled()(o)
		}
		if flags&GoRuntimeMetricsCollection != 0 {
			WithGoCollectorRuntimeMetrics(MetricsAll)(o)
		}
	}
}
