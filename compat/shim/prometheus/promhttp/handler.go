package promhttp

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
)

// Handler serves DefaultGatherer with default options, and counts its requests in
// DefaultRegisterer: both as package prometheus beside it has them at the call.
func Handler() http.Handler {
	return InstrumentMetricHandler(prometheus.DefaultRegisterer, HandlerFor(prometheus.DefaultGatherer, HandlerOpts{}))
}
