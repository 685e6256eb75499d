package testutil

import (
	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/testutil/promlint"
)

// CollectAndLint returns what package promlint says of a collector's metrics, or of the
// families named.
func CollectAndLint(c prometheus.Collector, metricNames ...string) ([]promlint.Problem, error) {
	reg, err := registered(c)
	if err != nil {
		return nil, err
	}
	return GatherAndLint(reg, metricNames...)
}

// GatherAndLint returns what package promlint says of what g gathers, or of the families
// named.
func GatherAndLint(g prometheus.Gatherer, metricNames ...string) ([]promlint.Problem, error) {
	families, err := gather(g)
	if err != nil {
		return nil, err
	}
	return promlint.NewWithMetricFamilies(chosen(families, metricNames)).Lint()
}
