package testutil

import (
	"fmt"
	"slices"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// registered returns a pedantic registry that has the collector.
func registered(c prometheus.Collector) (*prometheus.Registry, error) {
	reg := prometheus.NewPedanticRegistry()
	if err := reg.Register(c); err != nil {
		return nil, fmt.Errorf("registering collector failed: %w", err)
	}
	return reg, nil
}

func gather(g prometheus.Gatherer) ([]*dto.MetricFamily, error) {
	families, err := g.Gather()
	if err != nil {
		return nil, fmt.Errorf("gathering metrics failed: %w", err)
	}
	return families, nil
}

// chosen returns the families of these names; all if there are no names at all.
func chosen(families []*dto.MetricFamily, names []string) []*dto.MetricFamily {
	if names == nil {
		return families
	}
	return named(families, names)
}

// named returns the families of these names.
func named(families []*dto.MetricFamily, names []string) (list []*dto.MetricFamily) {
	for _, mf := range families {
		if slices.Contains(names, mf.GetName()) {
			list = append(list, mf)
		}
	}
	return list
}
