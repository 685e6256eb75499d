//go:build go1.26 && !go1.27

package collectors_test

import (
	"testing"

	"github.com/pawl-metrics/pawl/compat/prometheus/collectors"
)

// With everything that this release of Go's runtime has.
func TestGoCollectorAll(t *testing.T) {
	equal(t, gathered(t, collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsAll))), recorded(t, "go_all_1.26.txt"))
}
