package prometheus

import (
	"cmp"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// This file holds the order of what is gathered: labels by name, metrics by the values of
// their labels.

func sortPairs(pairs []*dto.LabelPair) { slices.SortFunc(pairs, comparePairs) }

func comparePairs(a, b *dto.LabelPair) int { return strings.Compare(a.GetName(), b.GetName()) }

// compareMetrics orders the metrics of a family: those with fewer labels first, then by
// values, then by timestamp, of which none is last. Names are compared at the end, where
// client_golang leaves the order open: so those that are equal are the same series.
func compareMetrics(a, b *dto.Metric) int {
	if c := cmp.Compare(len(a.Label), len(b.Label)); c != 0 {
		return c
	}
	for i, p := range a.Label {
		if c := strings.Compare(p.GetValue(), b.Label[i].GetValue()); c != 0 {
			return c
		}
	}
	if c := compareTimes(a, b); c != 0 {
		return c
	}
	return slices.CompareFunc(a.Label, b.Label, comparePairs)
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
