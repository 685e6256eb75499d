package promhttp_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/promhttp"
)

// ask sends a request to a handler and returns the body of the answer.
func ask(h http.Handler, method, target string) string {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w.Body.String()
}

// show prints the lines of a registry's scrape that are samples and have a prefix.
func show(reg *prometheus.Registry, prefix string) {
	for line := range strings.Lines(ask(promhttp.HandlerFor(reg, promhttp.HandlerOpts{}), "GET", "/metrics")) {
		if strings.HasPrefix(line, prefix) {
			fmt.Print(line)
		}
	}
}

// The metrics of a registry, not of the default one.
func ExampleHandlerFor() {
	reg := prometheus.NewRegistry()
	jobs := prometheus.NewCounter(prometheus.CounterOpts{Name: "jobs_total", Help: "Jobs done."})
	reg.MustRegister(jobs)
	jobs.Add(3)

	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{
		MaxRequestsInFlight: 2,
		Timeout:             10 * time.Second,
		EnableOpenMetrics:   true,
		Registry:            reg, // counts errors of this handler
	}))
	fmt.Print(ask(mux, "GET", "/metrics?name[]=jobs_total"))
	// Output:
	// # HELP jobs_total Jobs done.
	// # TYPE jobs_total counter
	// jobs_total 3
}

// A handler that counts its own scrapes, in the registry that it serves.
func ExampleInstrumentMetricHandler() {
	reg := prometheus.NewRegistry()
	h := promhttp.InstrumentMetricHandler(reg, promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	ask(h, "GET", "/metrics")
	show(reg, "promhttp_metric_handler_requests_total")
	// Output:
	// promhttp_metric_handler_requests_total{code="200"} 1
	// promhttp_metric_handler_requests_total{code="500"} 0
	// promhttp_metric_handler_requests_total{code="503"} 0
}

// Two handlers share their metrics. Currying gives each its value of the label "handler".
func ExampleInstrumentHandlerDuration() {
	inFlight := prometheus.NewGauge(prometheus.GaugeOpts{Name: "in_flight_requests", Help: "Requests being served."})
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "api_requests_total", Help: "Requests served."},
		[]string{"code", "method"})
	durations := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "request_duration_seconds",
		Help: "How long requests took.", Buckets: []float64{.25, .5, 1, 2.5, 5, 10}}, []string{"handler", "method"})
	sizes := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "response_size_bytes",
		Help: "How long bodies are.", Buckets: []float64{200, 500, 900, 1500}}, nil)
	reg := prometheus.NewRegistry()
	reg.MustRegister(inFlight, requests, durations, sizes)

	instrument := func(name string, h http.HandlerFunc) http.Handler {
		return promhttp.InstrumentHandlerInFlight(inFlight,
			promhttp.InstrumentHandlerDuration(durations.MustCurryWith(prometheus.Labels{"handler": name}),
				promhttp.InstrumentHandlerCounter(requests,
					promhttp.InstrumentHandlerResponseSize(sizes, h))))
	}
	mux := http.NewServeMux()
	mux.Handle("/push", instrument("push", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "Push") }))
	mux.Handle("/pull", instrument("pull", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))

	ask(mux, "POST", "/push")
	ask(mux, "GET", "/pull")
	ask(mux, "GET", "/pull")
	show(reg, "api_requests_total")
	show(reg, "request_duration_seconds_count")
	show(reg, "response_size_bytes_sum")
	// Output:
	// api_requests_total{code="200",method="post"} 1
	// api_requests_total{code="418",method="get"} 2
	// request_duration_seconds_count{handler="pull",method="get"} 2
	// request_duration_seconds_count{handler="push",method="post"} 1
	// response_size_bytes_sum 4
}

// Methods that are not usual count as "unknown", unless they are named.
func ExampleWithExtraMethods() {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total", Help: "Requests served."}, []string{"method"})
	reg := prometheus.NewRegistry()
	reg.MustRegister(requests)
	h := promhttp.InstrumentHandlerCounter(requests, http.NotFoundHandler(), promhttp.WithExtraMethods("PURGE"))
	for _, method := range []string{"GET", "PURGE", "COPY", "HACK"} {
		ask(h, method, "/")
	}
	show(reg, "requests_total")
	// Output:
	// requests_total{method="get"} 1
	// requests_total{method="purge"} 1
	// requests_total{method="unknown"} 2
}

type tenantKey struct{}

// Who asks is known to a middleware further out, which puts it into the context.
func ExampleWithLabelFromCtx() {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total", Help: "Requests served."}, []string{"tenant", "code"})
	reg := prometheus.NewRegistry()
	reg.MustRegister(requests)
	tenant := promhttp.WithLabelFromCtx("tenant", func(ctx context.Context) string { return ctx.Value(tenantKey{}).(string) })

	counted := promhttp.InstrumentHandlerCounter(requests, http.NotFoundHandler(), tenant)
	outer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), tenantKey{}, r.URL.Query().Get("tenant"))
		counted.ServeHTTP(w, r.WithContext(ctx))
	})
	ask(outer, "GET", "/?tenant=acme")
	ask(outer, "GET", "/?tenant=initech")
	ask(outer, "GET", "/?tenant=acme")
	show(reg, "requests_total")
	// Output:
	// requests_total{code="404",tenant="acme"} 2
	// requests_total{code="404",tenant="initech"} 1
}

// A client whose requests are counted, timed by path, and whose lookups of names are watched.
func ExampleInstrumentRoundTripperDuration() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }))
	defer server.Close()

	inFlight := prometheus.NewGauge(prometheus.GaugeOpts{Name: "client_in_flight_requests", Help: "Requests on their way."})
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "client_requests_total", Help: "Requests answered."},
		[]string{"code", "method"})
	durations := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "client_duration_seconds", Help: "How long requests took."},
		[]string{"path"})
	lookups := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "dns_duration_seconds", Help: "When steps of lookups came.",
		Buckets: []float64{.005, .01, .025, .05}}, []string{"event"})
	reg := prometheus.NewRegistry()
	reg.MustRegister(inFlight, requests, durations, lookups)

	trace := &promhttp.InstrumentTrace{
		DNSStart: func(t float64) { lookups.WithLabelValues("start").Observe(t) },
		DNSDone:  func(t float64) { lookups.WithLabelValues("done").Observe(t) },
	}
	path := promhttp.WithLabelFromRequest("path", func(r *http.Request) string { return r.URL.Path })
	client := &http.Client{Transport: promhttp.InstrumentRoundTripperInFlight(inFlight,
		promhttp.InstrumentRoundTripperCounter(requests,
			promhttp.InstrumentRoundTripperTrace(trace,
				promhttp.InstrumentRoundTripperDuration(durations, http.DefaultTransport, path))))}

	resp, err := client.Get(server.URL + "/jobs")
	if err != nil {
		fmt.Println(err)
		return
	}
	resp.Body.Close()
	show(reg, "client_requests_total")
	show(reg, "client_duration_seconds_count")
	show(reg, "client_in_flight_requests")
	// Output:
	// client_requests_total{code="202",method="get"} 1
	// client_duration_seconds_count{path="/jobs"} 1
	// client_in_flight_requests 0
}
