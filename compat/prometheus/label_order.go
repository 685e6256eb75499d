package prometheus

import (
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/compat/prometheus/internal"
)

// This file holds the order of what is gathered: labels by name, metrics by the values of
// their labels.

func sortPairs(pairs []*dto.LabelPair) { slices.SortFunc(pairs, comparePairs) }

func comparePairs(a, b *dto.LabelPair) int { return strings.Compare(a.GetName(), b.GetName()) }

// compareMetrics orders the metrics of a family. Those that are equal are the same series.
func compareMetrics(a, b *dto.Metric) int { return internal.CompareMetrics(a, b) }
