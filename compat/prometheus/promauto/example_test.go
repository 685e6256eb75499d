package promauto_test

import (
	"fmt"

	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/promauto"
)

// A part of a program gets its registry from who makes it, and has its metrics at once.
func ExampleWith() {
	reg := prometheus.NewRegistry()
	factory := promauto.With(reg)
	hits := factory.NewCounter(prometheus.CounterOpts{Name: "cache_hits_total", Help: "Lookups that found something."})
	size := factory.NewGaugeVec(prometheus.GaugeOpts{Name: "cache_bytes", Help: "What the cache takes."}, []string{"tier"})

	hits.Add(3)
	size.WithLabelValues("memory").Set(4096)

	families, err := reg.Gather()
	for _, f := range families {
		fmt.Println(f.GetName(), f.GetType(), len(f.GetMetric()))
	}
	fmt.Println(err)
	// Output:
	// cache_bytes GAUGE 1
	// cache_hits_total COUNTER 1
	// <nil>
}

// Numbers that come from a normal distribution, in buckets of one tenth.
func ExampleFactory_NewHistogram() {
	reg := prometheus.NewRegistry()
	numbers := promauto.With(reg).NewHistogram(prometheus.HistogramOpts{
		Name:    "random_numbers",
		Help:    "Numbers from a normal distribution.",
		Buckets: prometheus.LinearBuckets(-3, .1, 61),
	})
	for _, x := range []float64{-1.2, .3, 5} {
		numbers.Observe(x)
	}
	families, _ := reg.Gather()
	h := families[0].GetMetric()[0].GetHistogram()
	fmt.Println(h.GetSampleCount(), len(h.GetBucket()))
	// Output: 3 61
}

// Without a registry the metrics work as well. They are in no scrape.
func ExampleWith_nil() {
	c := promauto.With(nil).NewCounter(prometheus.CounterOpts{Name: "jobs_total"})
	c.Inc()
	fmt.Println(prometheus.NewRegistry().Register(c))
	// Output: <nil>
}
