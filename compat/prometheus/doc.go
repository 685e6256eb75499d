// Package prometheus has the API of client_golang's package of the same name, on pawl's
// engine. Package compat says how to move a program, and what is different.
//
// # Instruments
//
// A [Counter] only grows, a [Gauge] also falls, a [Histogram] and a [Summary] take
// observations. Each has a vec, of which the values of labels select one:
//
//	var requests = prometheus.NewCounterVec(prometheus.CounterOpts{
//		Name: "http_requests_total",
//		Help: "Requests served.",
//	}, []string{"method", "code"})
//
//	func init() { prometheus.MustRegister(requests) }
//
//	requests.WithLabelValues("GET", "200").Inc()
//
// Code that is hot should keep what WithLabelValues returns. [NewGaugeFunc] and
// [NewCounterFunc] are for numbers that somebody else keeps. Package promauto makes
// instruments and registers them in one step.
//
// # Registries
//
// A [Registry] holds collectors and gathers what they have; package promhttp serves it.
// [MustRegister] uses the one in [DefaultRegisterer], which also tells of the Go
// runtime and the process. [WrapRegistererWith] adds labels to what others register,
// [Gatherers] puts several registries together.
//
// # Collectors of one's own
//
// A program that passes on numbers from elsewhere implements [Collector]: it makes descriptors
// with [NewDesc] once, and in each Collect sends what [MustNewConstMetric] and its like
// make of the numbers.
//
//	func (c pool) Collect(ch chan<- prometheus.Metric) {
//		ch <- prometheus.MustNewConstMetric(openConns, prometheus.GaugeValue, float64(c.open()))
//	}
//
// One that wants vecs of metrics of its own kind embeds a [MetricVec].
//
// # How it works
//
// Our instruments are handles of the engine under other method sets (counter.go and its
// like); a vec looks up in the engine's table (vec_lookup.go). Each collector of ours has an engine
// registry of its own (family.go), since it may be registered with several of these or with
// none. Gather goes through Write for all (gathering.go), a scrape only for collectors of others
// (scrape.go).
package prometheus
