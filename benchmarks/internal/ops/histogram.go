package ops

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
)

var observeClassic = Op{
	Name: "observe_classic11", Title: "Histogram.Observe, 11 buckets",
	About: "One observation in one classic histogram that all goroutines share, through a kept handle, of values that " +
		"fall in most of the buckets. In all four a scrape sees count, sum and buckets of the same observations.",
	Workers: Many,
	Peers:   observers(bounds11),
}

// observers are the peers' classic histograms with these bounds.
func observers(bounds []float64) []Peer {
	return []Peer{
		{Impl: Pawl, Make: func(int) measure.Subject { return observePawl(bounds) }},
		{Impl: Prom, Make: func(int) measure.Subject { return observeProm(bounds) }},
		{Impl: PawlCompat, Make: func(int) measure.Subject { return observeCompat(compatHistogram(bounds)) }},
		{Impl: Victoria, Make: func(int) measure.Subject { return observeVictoria(bounds) }},
		{Impl: Otel, Make: func(int) measure.Subject { return observeOtel(bounds) }},
	}
}

func observePawl(bounds []float64) measure.Subject {
	p := newPawl()
	h := p.histogram(bounds)
	return loop(1, totalOf(p, name+"_count"), func(iters int) {
		for i := range iters {
			h.Observe(observations[i%observed])
		}
	})
}

func observeProm(bounds []float64) measure.Subject {
	p := newProm()
	h := p.histogram(bounds)
	return loop(1, totalOf(p, name+"_count"), func(iters int) {
		for i := range iters {
			h.Observe(observations[i%observed])
		}
	})
}

func observeVictoria(bounds []float64) measure.Subject {
	v := newVictoria()
	h := v.histogram(bounds)
	return loop(1, totalOf(v, name+"_count"), func(iters int) {
		for i := range iters {
			h.Update(observations[i%observed])
		}
	})
}

func observeOtel(bounds []float64) measure.Subject {
	o := newOtelWith(bounds)
	h := o.histogram()
	return loop(1, totalOf(o, name+"_count"), func(iters int) {
		for i := range iters {
			h.Record(background, observations[i%observed])
		}
	})
}

// growthBuckets: the size is the number of bounds.
var growthBuckets = Op{
	Name: "growth_buckets", Title: "Histogram.Observe by number of buckets",
	About: "One observation on one goroutine, by number of bounds, which are spread evenly, on a logarithmic scale, " +
		"from 1 ms to 10 s.",
	Quick:  []int{5, 20, 80},
	Full:   []int{5, 10, 20, 40, 80, 160},
	Growth: true,
	Peers: []Peer{
		{Impl: Pawl, Make: func(n int) measure.Subject { return observePawl(spreadBounds(n)) }},
		{Impl: Prom, Make: func(n int) measure.Subject { return observeProm(spreadBounds(n)) }},
		{Impl: PawlCompat, Make: func(n int) measure.Subject { return observeCompat(compatHistogram(spreadBounds(n))) }},
		{Impl: Victoria, Make: func(n int) measure.Subject { return observeVictoria(spreadBounds(n)) }},
		{Impl: Otel, Make: func(n int) measure.Subject { return observeOtel(spreadBounds(n)) }},
	},
}

func spreadBounds(n int) []float64 { return prometheus.ExponentialBucketsRange(0.001, 10, n) }
