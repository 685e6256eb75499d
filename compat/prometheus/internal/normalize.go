package internal

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// NormalizeMetricFamilies brings families into the order in which a registry gathers
// them: by name, and the metrics of each as CompareMetrics has them. Families without
// metrics are left out. The metrics are sorted in place.
func NormalizeMetricFamilies(byName map[string]*dto.MetricFamily) []*dto.MetricFamily {
	list := make([]*dto.MetricFamily, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		if mf := byName[name]; len(mf.Metric) > 0 {
			slices.SortFunc(mf.Metric, CompareMetrics)
			list = append(list, mf)
		}
	}
	return list
}

// CompareMetrics orders the metrics of a family: those with fewer labels first, then by
// the labels' values, then by timestamp, of which none is last. Names are compared at the
// end, where client_golang leaves the order open: so those that are equal are the same
// series.
func CompareMetrics(a, b *dto.Metric) int {
	if c := cmp.Compare(len(a.Label), len(b.Label)); c != 0 {
		return c
	}
	for i, l := range a.Label {
		if c := strings.Compare(l.GetValue(), b.Label[i].GetValue()); c != 0 {
			return c
		}
	}
	if c := compareTimes(a, b); c != 0 {
		return c
	}
	return slices.CompareFunc(a.Label, b.Label, func(a, b *dto.LabelPair) int {
		return strings.Compare(a.GetName(), b.GetName())
	})
}

func compareTimes(a, b *dto.Metric) int {
	switch {
	case a.TimestampMs == nil && b.TimestampMs == nil:
		return 0
	case a.TimestampMs == nil:
		return 1
	case b.TimestampMs == nil:
		return -1
	}
	return cmp.Compare(*a.TimestampMs, *b.TimestampMs)
}
