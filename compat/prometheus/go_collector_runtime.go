package prometheus

import (
	"math"
	"runtime/metrics"
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"

	"github.com/pawl-metrics/pawl/compat/prometheus/internal"
)

// addRuntime adds the metrics of runtime/metrics that the options choose.
func (c *goCollector) addRuntime(o *internal.GoCollectorOptions) {
	for _, d := range metrics.All() {
		name, unit, ok := runtimeName(&d)
		if !ok || !o.Chosen(d.Name) {
			continue
		}
		desc := newDesc(name, d.Description+" Sourced from "+d.Name+".", unit, &variableLabels{}, nil)
		switch i := c.need(d.Name); {
		case d.Kind == metrics.KindFloat64Histogram:
			c.addRuntimeHistogram(desc, i, unit, o.RuntimeMetricSumForHist[d.Name])
		case d.Cumulative:
			c.addRuntimeCounter(desc, i)
		default:
			c.add(desc, func() Metric { return MustNewConstMetric(desc, GaugeValue, c.value(i)) })
		}
	}
}

// addRuntimeCounter adds a counter. Some that are cumulative are estimates of the
// runtime: one that falls keeps its height.
func (c *goCollector) addRuntimeCounter(desc *Desc, i int) {
	created, highest := time.Now(), 0.0
	c.add(desc, func() Metric {
		highest = max(highest, c.value(i))
		return MustNewConstMetricWithCreatedTimestamp(desc, CounterValue, highest, created)
	})
}

// runtimeName makes a family's name and unit from a key:
//
//	/gc/heap/allocs:bytes    go_gc_heap_allocs_bytes_total    bytes
//
// ok is false for what has no such name, and for kinds of metrics that did not exist
// when this was written.
func runtimeName(d *metrics.Description) (name, unit string, ok bool) {
	path, unit, _ := strings.Cut(d.Name, ":")
	unit = strings.NewReplacer("-", "_", "*", "_", "/", "_per_").Replace(unit)
	name = "go" + strings.NewReplacer("/", "_", "-", "_").Replace(path) + "_" + unit
	switch d.Kind {
	case metrics.KindUint64, metrics.KindFloat64:
		if d.Cumulative {
			name += "_total"
		}
	case metrics.KindFloat64Histogram:
	default:
		return "", "", false
	}
	return name, unit, model.LegacyValidation.IsValidMetricName(name)
}

// addRuntimeHistogram adds a histogram of the runtime's, with fewer buckets. Of some,
// the runtime knows the sum: sumKey.
func (c *goCollector) addRuntimeHistogram(desc *Desc, i int, unit, sumKey string) {
	joined := joinedBuckets{unit: unit}
	exact := func() (float64, bool) { return 0, false }
	if sumKey != "" {
		at := c.need(sumKey)
		exact = func() (float64, bool) { return c.value(at), true }
	}
	c.add(desc, func() Metric {
		h := joined.read(c.samples[i].Value.Float64Histogram())
		if sum, ok := exact(); ok {
			h.SampleSum = new(sum)
		}
		return &runtimeHistogram{desc, h}
	})
}

// runtimeHistogram is a Metric of one reading. Immutable.
type runtimeHistogram struct {
	desc  *Desc
	value *dto.Histogram
}

// Desc returns the descriptor.
func (h *runtimeHistogram) Desc() *Desc { return h.desc }

// Write hands out the histogram, which every Write shares.
func (h *runtimeHistogram) Write(out *dto.Metric) error {
	out.Histogram = h.value
	return nil
}

// joinedBuckets is which of the runtime's buckets, of which there are hundreds, go
// together. The runtime's bounds do not change while a program runs.
type joinedBuckets struct {
	unit   string
	bounds []float64 // the lower one of each joined bucket, then +Inf; nil before the first reading
}

// read adds up the runtime's buckets. The runtime's upper bounds are exclusive and
// Prometheus' are not, so each becomes the number before it. The sum is taken from the
// lower bounds: it is less than the true one.
func (j *joinedBuckets) read(from *metrics.Float64Histogram) *dto.Histogram {
	if j.bounds == nil {
		j.bounds = runtimeBounds(from.Buckets, j.unit)
	}
	counts := j.join(from)
	h := &dto.Histogram{}
	var count uint64
	var sum float64
	for i, n := range counts {
		low, high := j.bounds[i], j.bounds[i+1]
		count += n
		if n > 0 {
			sum += low * float64(n)
		}
		if !math.IsInf(high, 1) {
			h.Bucket = append(h.Bucket, &dto.Bucket{CumulativeCount: new(count), UpperBound: new(math.Nextafter(high, low))})
		}
	}
	h.SampleCount, h.SampleSum = new(count), new(sum)
	return h
}

// join counts by joined bucket. What lies below the lowest bound is in the first.
func (j *joinedBuckets) join(from *metrics.Float64Histogram) []uint64 {
	counts := make([]uint64, len(j.bounds)-1)
	at := 0
	for i, n := range from.Counts {
		if at+1 < len(counts) && from.Buckets[i] >= j.bounds[at+1] {
			at++
		}
		counts[at] += n
	}
	return counts
}

// runtimeBounds chooses from the runtime's bounds: of bytes, powers of two; of seconds,
// powers of ten up to one second; else all. Minus infinity, by which the runtime says
// that nothing is below, is no bound.
func runtimeBounds(bounds []float64, unit string) []float64 {
	if math.IsInf(bounds[0], -1) {
		bounds = bounds[1:]
	}
	switch unit {
	case "bytes":
		return spaced(bounds, 2)
	case "seconds":
		kept := spaced(bounds, 10)
		long := slices.IndexFunc(kept, func(b float64) bool { return b > 1 })
		if long < 0 {
			return kept
		}
		return append(kept[:long], math.Inf(1))
	}
	return bounds
}

// spaced keeps the first bound, and each that is at least so many times the one kept
// before it.
func spaced(bounds []float64, factor float64) []float64 {
	kept := bounds[:1:1]
	for _, b := range bounds[1:] {
		last := kept[len(kept)-1]
		if last >= 0 && b >= last*factor || last < 0 && b >= last/factor {
			kept = append(kept, b)
		}
	}
	return kept
}
