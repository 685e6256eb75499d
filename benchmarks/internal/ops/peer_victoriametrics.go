package ops

import (
	"io"

	"github.com/VictoriaMetrics/metrics"
)

// victoria is a set of VictoriaMetrics/metrics. A series there is its whole name,
// labels included, as one string, and so labels that are known only at run time
// mean building that string; concatenation is the fastest way.
type victoria struct{ set *metrics.Set }

func newVictoria() victoria { return victoria{metrics.NewSet()} }

func (v victoria) scrape(w io.Writer) { v.set.WritePrometheus(w) }

func (v victoria) histogram(bounds []float64) *metrics.PrometheusHistogram {
	return v.set.NewPrometheusHistogramExt(name, bounds)
}

// victoriaName is the name of a route's series.
func victoriaName(r route) string {
	return name + `{code="` + r.Code + `",method="` + r.Method + `",path="` + r.Path + `"}`
}
