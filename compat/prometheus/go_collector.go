package prometheus

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/pawl-metrics/pawl/compat/prometheus/internal"
)

// goCollector collects what the Go runtime says about itself. Names, help texts and
// units are those of client_golang: dashboards and files of expected output have them.
//
// Model. What NewGoCollector has made does not change. samples, what is read into
// them, and what the families' read functions keep, belong to mu.
type goCollector struct {
	at       map[string]int // key of runtime/metrics to index in samples
	families []goFamily

	mu      sync.Mutex
	samples []metrics.Sample
}

// goFamily is a family of one metric. read is called after the samples are read.
type goFamily struct {
	desc *Desc
	read func() Metric
}

// NewGoCollector returns the collector that collectors.NewGoCollector returns.
//
// Deprecated: call it there.
func NewGoCollector(opts ...func(o *internal.GoCollectorOptions)) Collector {
	o := internal.DefaultGoCollectorOptions()
	for _, set := range opts {
		set(&o)
	}
	c := &goCollector{at: make(map[string]int)}
	c.addBase()
	if !o.DisableMemStatsLikeMetrics {
		c.addMemStats()
	}
	c.addRuntime(&o)
	return c
}

// Describe sends the descriptors of all families.
func (c *goCollector) Describe(ch chan<- *Desc) {
	for _, f := range c.families {
		ch <- f.desc
	}
}

// Collect sends metrics that are all of one reading of the runtime. Nobody waits for a
// slow receiver: the reading is over when the first is sent.
func (c *goCollector) Collect(ch chan<- Metric) {
	for _, m := range c.read() {
		ch <- m
	}
}

func (c *goCollector) read() []Metric {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.samples) > 0 {
		metrics.Read(c.samples)
	}
	list := make([]Metric, len(c.families))
	for i, f := range c.families {
		list[i] = f.read()
	}
	return list
}

func (c *goCollector) add(desc *Desc, read func() Metric) {
	c.families = append(c.families, goFamily{desc, read})
}

// addValue adds a family of one number.
func (c *goCollector) addValue(name, help string, typ ValueType, value func() float64) {
	desc := NewDesc(name, help, nil, nil)
	c.add(desc, func() Metric { return MustNewConstMetric(desc, typ, value()) })
}

// need asks for one of the runtime's metrics with each reading, and returns its place.
func (c *goCollector) need(key string) int {
	if i, ok := c.at[key]; ok {
		return i
	}
	i := len(c.samples)
	c.at[key], c.samples = i, append(c.samples, metrics.Sample{Name: key})
	return i
}

// value returns a number that was read; 0 for what this runtime does not have.
func (c *goCollector) value(i int) float64 {
	switch v := c.samples[i].Value; v.Kind() {
	case metrics.KindUint64:
		return float64(v.Uint64())
	case metrics.KindFloat64:
		return v.Float64()
	}
	return 0
}

// addBase adds the families that no option leaves out.
func (c *goCollector) addBase() {
	c.addValue("go_goroutines", "Number of goroutines that currently exist.", GaugeValue,
		func() float64 { return float64(runtime.NumGoroutine()) })
	c.addValue("go_threads", "Number of OS threads created.", GaugeValue, func() float64 {
		n, _ := runtime.ThreadCreateProfile(nil)
		return float64(n)
	})
	c.addCollections()
	info := NewDesc("go_info", "Information about the Go environment.", nil, Labels{"version": runtime.Version()})
	c.add(info, func() Metric { return MustNewConstMetric(info, GaugeValue, 1) })
}

// addCollections adds what the runtime says of its garbage collections: the pauses of
// the latest 256 as quantiles, all in count and sum, and the time of the last.
func (c *goCollector) addCollections() {
	stats := &debug.GCStats{PauseQuantiles: make([]time.Duration, 5)}
	desc := NewDesc("go_gc_duration_seconds", "A summary of the wall-time pause (stop-the-world) duration in garbage collection cycles.", nil, nil)
	c.add(desc, func() Metric {
		debug.ReadGCStats(stats)
		quantiles := make(map[float64]float64, len(stats.PauseQuantiles))
		for i, pause := range stats.PauseQuantiles {
			quantiles[float64(i)/float64(len(stats.PauseQuantiles)-1)] = pause.Seconds()
		}
		return MustNewConstSummary(desc, uint64(stats.NumGC), stats.PauseTotal.Seconds(), quantiles)
	})
	c.addValue("go_memstats_last_gc_time_seconds", "Number of seconds since 1970 of last garbage collection.", GaugeValue,
		func() float64 { return float64(stats.LastGC.UnixNano()) / 1e9 }) // read by the family before
}
