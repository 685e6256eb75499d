package goruntime

import (
	"math"
	"regexp"
	"runtime/metrics"
	"strings"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

// addRuntime adds the runtime's metrics whose keys match, unless a classic family has
// the name.
func (c *Collector) addRuntime(keys *regexp.Regexp) {
	taken := make(map[string]bool)
	for i := range c.families {
		taken[c.families[i].Name] = true
	}
	for _, d := range metrics.All() {
		name, ok := nameOf(&d)
		if !ok || taken[name] || !keys.MatchString(d.Name) {
			continue
		}
		taken[name] = true
		c.addMetric(name, &d)
	}
}

func (c *Collector) addMetric(name string, d *metrics.Description) {
	i, help, typ := c.need(d.Name), d.Description+" Sourced from "+d.Name+".", engine.GaugeType
	switch {
	case d.Kind == metrics.KindFloat64Histogram:
		c.addHistogram(name, help, i, unitOf(d.Name))
		return
	case d.Cumulative:
		typ = engine.CounterType
	}
	c.addValue(name, help, typ, func() float64 { return c.value(i) })
}

// nameOf makes a family's name from a key. ok is false for kinds of metrics that did
// not exist when this was written.
func nameOf(d *metrics.Description) (name string, ok bool) {
	path, unit, _ := strings.Cut(d.Name, ":")
	name = "go_" + strings.NewReplacer("/", "_", "-", "_").Replace(strings.TrimPrefix(path, "/")) +
		"_" + strings.NewReplacer("-", "_", "*", "_", "/", "_per_").Replace(unit)
	switch d.Kind {
	case metrics.KindUint64, metrics.KindFloat64:
		if d.Cumulative {
			name += "_total"
		}
	case metrics.KindFloat64Histogram:
	default:
		return "", false
	}
	return name, encode.ValidName(name)
}

func unitOf(key string) string {
	_, unit, _ := strings.Cut(key, ":")
	return unit
}

// addHistogram adds a histogram of the runtime's, with fewer buckets.
func (c *Collector) addHistogram(name, help string, i int, unit string) {
	var j joined
	c.add(name, help, engine.HistogramType, func(s *engine.Sink, d *engine.Desc) {
		if v := c.samples[i].Value; v.Kind() == metrics.KindFloat64Histogram {
			s.Histogram(d.Name, d.Help).Add(j.read(v.Float64Histogram(), unit))
		}
	})
}

// joined is which of the runtime's buckets go together. The runtime's bounds never
// change while a program runs.
type joined struct {
	to     []int // by the runtime's bucket: which of ours
	bounds []float64
}

// read adds up the runtime's buckets. The result shares no memory with the next one.
func (j *joined) read(from *metrics.Float64Histogram, unit string) (h engine.HistogramValue) {
	if j.to == nil {
		j.plan(from.Buckets, unit)
	}
	h.Buckets = make([]engine.Bucket, len(j.bounds))
	for i, n := range from.Counts {
		h.Buckets[j.to[i]].Count += n
		if n > 0 {
			h.Sum += float64(n) * middle(from.Buckets[i], from.Buckets[i+1])
		}
	}
	for i := range h.Buckets {
		h.Count += h.Buckets[i].Count
		h.Buckets[i] = engine.Bucket{UpperBound: j.bounds[i], Count: h.Count}
	}
	return h
}

// middle is where the observations of a bucket are taken to lie.
func middle(low, high float64) float64 {
	switch {
	case math.IsInf(low, -1):
		return high
	case math.IsInf(high, 1):
		return low
	}
	return low/2 + high/2
}

// plan chooses bounds: of the runtime's own each that is at least so many times the one
// before it. Those of seconds end at one second.
func (j *joined) plan(bounds []float64, unit string) {
	factor, most := 1.0, math.Inf(1)
	switch unit {
	case "bytes":
		factor = 2
	case "seconds":
		factor, most = 10, 1
	}
	j.to = make([]int, len(bounds)-1)
	last := math.Inf(-1)
	for i, upper := range bounds[1:] {
		j.to[i] = len(j.bounds)
		if upper <= most && upper < math.Inf(1) && upper >= step(last, factor) {
			j.bounds, last = append(j.bounds, upper), upper
		}
	}
	j.bounds = append(j.bounds, math.Inf(1))
}

// step is the least bound that may follow v.
func step(v, factor float64) float64 {
	switch {
	case math.IsInf(v, -1):
		return v
	case v < 0:
		return v / factor
	}
	return v * factor
}
