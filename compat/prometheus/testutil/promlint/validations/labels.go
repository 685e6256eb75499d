package validations

import (
	"iter"
	"strconv"

	dto "github.com/prometheus/client_model/go"
)

// labelNames yields the names of all labels of all metrics.
func labelNames(mf *dto.MetricFamily) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, m := range mf.GetMetric() {
			for _, l := range m.GetLabel() {
				if !yield(l.GetName()) {
					return
				}
			}
		}
	}
}

// labelKey is the same for metrics of the same labels in the same order, and else not:
// quoting keeps a text apart from what follows it.
func labelKey(m *dto.Metric) string {
	var key []byte
	for _, l := range m.GetLabel() {
		key = strconv.AppendQuote(strconv.AppendQuote(key, l.GetName()), l.GetValue())
	}
	return string(key)
}
