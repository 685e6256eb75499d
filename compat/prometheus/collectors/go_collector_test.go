package collectors_test

import (
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/collectors"
)

// gathered returns what a collector has, by name. The registry is pedantic.
func gathered(t *testing.T, c prometheus.Collector) map[string]*dto.MetricFamily {
	t.Helper()
	reg := prometheus.NewPedanticRegistry()
	if err := reg.Register(c); err != nil {
		t.Fatal(err)
	}
	list, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	byName := make(map[string]*dto.MetricFamily)
	for _, mf := range list {
		byName[mf.GetName()] = mf
	}
	return byName
}

// recorded returns the families that client_golang v1.25.0 has, a line for each: name,
// type, unit and help text, with tabs between them.
func recorded(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	byName := make(map[string]string)
	for line := range strings.Lines(string(text)) {
		name, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		byName[name] = rest
	}
	return byName
}

func equal(t *testing.T, got map[string]*dto.MetricFamily, want map[string]string) {
	t.Helper()
	for name, rest := range want {
		mf := got[name]
		if mf == nil {
			t.Errorf("%s is missing", name)
		} else if is := strings.Join([]string{mf.GetType().String(), mf.GetUnit(), mf.GetHelp()}, "\t"); is != rest {
			t.Errorf("%s\nhas  %s\nwant %s", name, is, rest)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("there is %s, which is not to be there", name)
		}
	}
}

func without(all map[string]string, drop func(name string) bool) map[string]string {
	kept := make(map[string]string)
	for name, rest := range all {
		if !drop(name) {
			kept[name] = rest
		}
	}
	return kept
}

const lastGC = "go_memstats_last_gc_time_seconds" // no option leaves it out

func isMemStat(name string) bool { return strings.HasPrefix(name, "go_memstats_") && name != lastGC }

func isSetting(name string) bool {
	return name == "go_gc_gogc_percent" || name == "go_gc_gomemlimit_bytes" || name == "go_sched_gomaxprocs_threads"
}

func TestGoCollector(t *testing.T) {
	all := recorded(t, "go.txt")
	equal(t, gathered(t, collectors.NewGoCollector()), all)
	equal(t, gathered(t, collectors.NewGoCollector(collectors.WithGoCollectorMemStatsMetricsDisabled())), without(all, isMemStat))
	equal(t, gathered(t, collectors.NewGoCollector(
		collectors.WithGoCollectorMemStatsMetricsDisabled(),
		collectors.WithoutGoCollectorRuntimeMetrics(regexp.MustCompile("/.*")))),
		without(all, func(name string) bool { return isMemStat(name) || isSetting(name) }))
}

// Of the rules that match, the last decides.
func TestGoCollectorRules(t *testing.T) {
	all, gc := collectors.MetricsAll, collectors.MetricsGC
	with, without := collectors.WithGoCollectorRuntimeMetrics, collectors.WithoutGoCollectorRuntimeMetrics
	for _, c := range []struct {
		name   string
		c      prometheus.Collector
		has    string
		hasNot string
	}{
		{"gc", collectors.NewGoCollector(with(gc)), "go_gc_heap_allocs_bytes_total go_gc_gogc_percent go_sched_gomaxprocs_threads", "go_sched_latencies_seconds"},
		{"memory", collectors.NewGoCollector(with(collectors.MetricsMemory)), "go_memory_classes_total_bytes", "go_gc_pauses_seconds"},
		{"scheduler", collectors.NewGoCollector(with(collectors.MetricsScheduler)), "go_sched_latencies_seconds", "go_gc_pauses_seconds"},
		{"debug", collectors.NewGoCollector(with(collectors.MetricsDebug)), "go_godebug_non_default_behavior_gocachetest_events_total", "go_gc_pauses_seconds"},
		{"all but gc", collectors.NewGoCollector(with(all), without(gc.Matcher)), "go_sched_latencies_seconds", "go_gc_pauses_seconds go_gc_gogc_percent"},
		{"all but gc but gc", collectors.NewGoCollector(without(gc.Matcher), with(all)), "go_gc_pauses_seconds", ""},
		{"two at once", collectors.NewGoCollector(with(gc, collectors.MetricsScheduler)), "go_gc_pauses_seconds go_sched_latencies_seconds", "go_memory_classes_total_bytes"},
		{"flags: none", collectors.NewGoCollector(collectors.WithGoCollections(0)), "go_goroutines " + lastGC, "go_memstats_sys_bytes go_gc_pauses_seconds"},
		{"flags: one", collectors.NewGoCollector(collectors.WithGoCollections(collectors.GoRuntimeMemStatsCollection)), "go_memstats_sys_bytes", "go_gc_pauses_seconds"},
		{"flags: the other", collectors.NewGoCollector(collectors.WithGoCollections(collectors.GoRuntimeMetricsCollection)), "go_gc_pauses_seconds", "go_memstats_sys_bytes"},
		{"flags: both", collectors.NewGoCollector(collectors.WithGoCollections(collectors.GoRuntimeMetricsCollection | collectors.GoRuntimeMemStatsCollection)),
			"go_gc_pauses_seconds go_memstats_sys_bytes", ""},
	} {
		got := gathered(t, c.c)
		for name := range strings.FieldsSeq(c.has) {
			if got[name] == nil {
				t.Errorf("%s: %s is missing", c.name, name)
			}
		}
		for name := range strings.FieldsSeq(c.hasNot) {
			if got[name] != nil {
				t.Errorf("%s: there is %s", c.name, name)
			}
		}
	}
}

// The numbers are those of the runtime, as near as two readings can be.
func TestGoCollectorValues(t *testing.T) {
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // no collection between the two
	got := gathered(t, collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsAll)))
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	value := func(name string) float64 {
		one := got[name].GetMetric()[0]
		return one.GetGauge().GetValue() + one.GetCounter().GetValue()
	}
	for name, want := range map[string]uint64{
		"sys_bytes": m.Sys, "heap_sys_bytes": m.HeapSys, "mallocs_total": m.Mallocs, "alloc_bytes_total": m.TotalAlloc, "stack_sys_bytes": m.StackSys,
		"mspan_sys_bytes": m.MSpanSys, "mcache_sys_bytes": m.MCacheSys, "gc_sys_bytes": m.GCSys, "buck_hash_sys_bytes": m.BuckHashSys,
	} {
		if v := value("go_memstats_" + name); v < float64(want)/2 || v > float64(want)*2 {
			t.Errorf("%s is %v, and MemStats has %d", name, v, want)
		}
	}
	for name, want := range map[string]float64{
		"go_memstats_alloc_bytes_total": value("go_gc_heap_allocs_bytes_total"),
		"go_memstats_sys_bytes":         value("go_memory_classes_total_bytes"),
		"go_memstats_heap_alloc_bytes":  value("go_memstats_alloc_bytes"),
		"go_memstats_heap_sys_bytes":    value("go_memstats_heap_idle_bytes") + value("go_memstats_heap_inuse_bytes"),
		"go_sched_gomaxprocs_threads":   float64(runtime.GOMAXPROCS(0)),
		lastGC:                          float64(m.LastGC) / 1e9,
	} {
		if v := value(name); v != want {
			t.Errorf("%s is %v, want %v: they are of one reading", name, v, want)
		}
	}
	var stats debug.GCStats
	debug.ReadGCStats(&stats)
	s := got["go_gc_duration_seconds"].GetMetric()[0].GetSummary()
	if s.GetSampleCount() != uint64(stats.NumGC) || s.GetSampleSum() != stats.PauseTotal.Seconds() || len(s.GetQuantile()) != 5 ||
		s.GetQuantile()[1].GetQuantile() != 0.25 || s.GetQuantile()[0].GetValue() > s.GetQuantile()[4].GetValue() {
		t.Errorf("%v, and the runtime has %v", s, stats)
	}
	info := got["go_info"].GetMetric()[0]
	if l := info.GetLabel(); info.GetGauge().GetValue() != 1 || len(l) != 1 || l[0].GetName() != "version" || l[0].GetValue() != runtime.Version() {
		t.Errorf("%v", info)
	}
	if value("go_goroutines") < 1 || value("go_threads") < 1 {
		t.Error("no goroutines or threads")
	}
}

// A histogram whose sum the runtime knows has it; its buckets are few, and grow.
func TestGoCollectorHistograms(t *testing.T) {
	got := gathered(t, collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsAll)))
	sum := got["go_gc_heap_allocs_by_size_bytes"].GetMetric()[0].GetHistogram().GetSampleSum()
	if want := got["go_gc_heap_allocs_bytes_total"].GetMetric()[0].GetCounter().GetValue(); sum != want || sum == 0 {
		t.Errorf("sum %v, want %v", sum, want)
	}
	n := 0
	for name, mf := range got {
		h := mf.GetMetric()[0].GetHistogram()
		if h == nil {
			continue
		}
		n++
		if len(h.GetBucket()) == 0 || len(h.GetBucket()) > 40 {
			t.Errorf("%s has %d buckets", name, len(h.GetBucket()))
		}
		for i, b := range h.GetBucket() {
			if i > 0 && b.GetUpperBound() <= h.GetBucket()[i-1].GetUpperBound() ||
				i > 0 && b.GetCumulativeCount() < h.GetBucket()[i-1].GetCumulativeCount() || b.GetCumulativeCount() > h.GetSampleCount() {
				t.Errorf("%s: bucket %d of %v", name, i, h)
			}
		}
	}
	if n < 5 {
		t.Errorf("%d histograms", n)
	}
}

// Collections at the same time do not disturb each other.
func TestGoCollectorConcurrently(t *testing.T) {
	c := collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsAll))
	counts := make(chan int)
	for range 4 {
		go func() {
			n := 0
			for range 10 {
				ch := make(chan prometheus.Metric)
				go func() { c.Collect(ch); close(ch) }()
				for m := range ch {
					if err := m.Write(new(dto.Metric)); err != nil {
						t.Error(err)
					}
					n++
				}
			}
			counts <- n
		}()
	}
	all := []int{<-counts, <-counts, <-counts, <-counts}
	if all[0] == 0 || slices.Max(all) != slices.Min(all) {
		t.Errorf("%v metrics", all)
	}
}

// The default collector can be replaced: another of the same names is the same to a
// registry.
func TestGoCollectorIsReplaced(t *testing.T) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector())
	if !reg.Unregister(collectors.NewGoCollector()) {
		t.Error("not unregistered")
	}
	if err := reg.Register(collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsAll))); err != nil {
		t.Error(err)
	}
}
