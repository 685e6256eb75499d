package testutil

import (
	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// CollectAndCount returns how many metrics a collector has, or has in the families
// named. It panics where registering or gathering fails.
func CollectAndCount(c prometheus.Collector, metricNames ...string) int {
	reg, err := registered(c)
	if err != nil {
		panic(err)
	}
	n, err := GatherAndCount(reg, metricNames...)
	if err != nil {
		panic(err)
	}
	return n
}

// GatherAndCount returns how many metrics g gathers, or gathers in the families named.
func GatherAndCount(g prometheus.Gatherer, metricNames ...string) (int, error) {
	families, err := gather(g)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, mf := range chosen(families, metricNames) {
		n += len(mf.GetMetric())
	}
	return n, nil
}
