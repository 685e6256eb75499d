// Package goruntime collects what the Go runtime says about itself, under the names
// that dashboards know from Prometheus' Go client library.
//
//	reg.Register(goruntime.New(goruntime.Options{}))
//
// # Where the numbers come from
//
// All but a few come from runtime/metrics, which reads them without stopping the
// world; runtime.ReadMemStats, the older source of the same names, stops it. One read
// serves all of a scrape, so that numbers of one scrape fit together as far as the
// runtime keeps them so.
//
// The classic names (go_goroutines, go_memstats_heap_alloc_bytes and so on) are always
// there. Options.Runtime adds any of the runtime's own metrics by their keys; their names
// are made from the keys as client_golang makes them:
//
//	/gc/heap/allocs:bytes         go_gc_heap_allocs_bytes_total
//	/sched/latencies:seconds      go_sched_latencies_seconds
//
// The runtime's histograms have hundreds of buckets. They are joined to powers of two
// (bytes) or ten (seconds), as client_golang has them. The runtime knows no sums of
// them; those given are estimates, from the middle of each bucket.
package goruntime

import (
	"context"
	"regexp"
	"runtime/metrics"
	"sync"

	"github.com/pawl-metrics/pawl/engine"
)

// Options configures a collector. The zero value gives the classic names alone.
type Options struct {
	// Runtime chooses metrics of runtime/metrics by their keys, such as
	// /sched/latencies:seconds, besides the classic names; nil chooses none.
	// regexp.MustCompile("^/(gc|sched)/") is a good choice.
	Runtime *regexp.Regexp
}

// Collector is an engine.Collector. Collections take turns.
//
// Model. What New has made does not change. samples, and what is read into them, belong
// to mu.
type Collector struct {
	at       map[string]int // key to index in samples
	families []family

	mu      sync.Mutex
	samples []metrics.Sample
}

// family is one of the families.
type family struct {
	engine.Desc
	write func(s *engine.Sink, d *engine.Desc)
}

// New returns a collector. It is registered with a registry like any other.
func New(o Options) *Collector {
	c := &Collector{at: make(map[string]int)}
	c.addClassic()
	if o.Runtime != nil {
		c.addRuntime(o.Runtime)
	}
	return c
}

// Collect reads the runtime's metrics once and makes the families.
func (c *Collector) Collect(_ context.Context, s *engine.Sink) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	metrics.Read(c.samples)
	for i := range c.families {
		f := &c.families[i]
		f.write(s, &f.Desc)
	}
	return nil
}

// Describe claims the names.
func (c *Collector) Describe() []engine.Desc {
	descs := make([]engine.Desc, len(c.families))
	for i := range c.families {
		descs[i] = c.families[i].Desc
	}
	return descs
}

// String names the collector where its errors are counted.
func (c *Collector) String() string { return "go" }

// add adds a family.
func (c *Collector) add(name, help string, typ engine.Type, write func(s *engine.Sink, d *engine.Desc)) {
	c.families = append(c.families, family{engine.Desc{Name: name, Help: help, Type: typ}, write})
}

// addValue adds a family of one number.
func (c *Collector) addValue(name, help string, typ engine.Type, value func() float64) {
	c.add(name, help, typ, func(s *engine.Sink, d *engine.Desc) {
		if d.Type == engine.CounterType {
			s.Counter(d.Name, d.Help).Add(value())
		} else {
			s.Gauge(d.Name, d.Help).Add(value())
		}
	})
}

// need asks for one of the runtime's metrics with each read, and returns its place. One
// that this runtime does not have reads as 0.
func (c *Collector) need(key string) int {
	if i, ok := c.at[key]; ok {
		return i
	}
	i := len(c.samples)
	c.at[key], c.samples = i, append(c.samples, metrics.Sample{Name: key})
	return i
}

// value returns a number that was read.
func (c *Collector) value(i int) float64 {
	switch v := c.samples[i].Value; v.Kind() {
	case metrics.KindUint64:
		return float64(v.Uint64())
	case metrics.KindFloat64:
		return v.Float64()
	}
	return 0
}
