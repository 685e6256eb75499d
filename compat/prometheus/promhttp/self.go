package promhttp

import (
	"net/http"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// InstrumentMetricHandler instruments a handler of metrics, such as [HandlerFor] returns,
// with two metrics that it registers, if reg does not have them already:
//
//	promhttp_metric_handler_requests_total{code}  scrapes that have been answered, by status
//	promhttp_metric_handler_requests_in_flight    scrapes being answered, this one included
//
// It panics if the registration fails. How long scrapes take is Prometheus' own
// scrape_duration_seconds.
func InstrumentMetricHandler(reg prometheus.Registerer, handler http.Handler) http.Handler {
	scrapes := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "promhttp_metric_handler_requests_total",
		Help: "Total number of scrapes by HTTP status code.",
	}, []string{"code"})
	for _, code := range []string{"200", "500", "503"} {
		scrapes.WithLabelValues(code)
	}
	scrapes = registered(reg, scrapes)
	inFlight := registered(reg, prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "promhttp_metric_handler_requests_in_flight",
		Help: "Current number of scrapes being served.",
	}))
	return InstrumentHandlerCounter(scrapes, InstrumentHandlerInFlight(inFlight, handler))
}
