package main

import (
	"net/http"
	"time"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/export/scrape"
)

// route is the label set of the service's metrics: each field is a label, here
// method, route and code.
type route struct {
	Method string
	Route  string
	Status int `label:"code"`
}

// service is an HTTP service with three routes, and its metrics.
type service struct {
	http.ServeMux
	reg *engine.Registry

	requests *engine.CounterVec[route]
	latency  *engine.HistogramVec[route]
	size     *engine.Histogram
	inFlight *engine.UpDown
}

func newService() *service {
	reg := engine.NewRegistry()
	s := &service{
		reg: reg,
		requests: engine.MustCounterVec[route](reg, engine.Opts{
			Name: "http_requests_total",
			Help: "Requests served.",
		}),
		latency: engine.MustHistogramVec[route](reg, engine.HistogramOpts{Opts: engine.Opts{
			Name: "http_request_duration_seconds",
			Help: "Time to serve a request.",
			Unit: "seconds",
		}}),
		size: engine.MustHistogram(reg, engine.HistogramOpts{
			Opts: engine.Opts{
				Name: "http_response_size_bytes",
				Help: "Bytes of a response's body.",
				Unit: "bytes",
			},
			Buckets: []float64{1, 8, 64, 512},
		}),
		inFlight: engine.MustUpDown(reg, engine.Opts{
			Name: "http_requests_in_flight",
			Help: "Requests being served.",
		}),
	}
	started := time.Now()
	engine.MustGaugeFunc(reg, engine.Opts{
		Name: "uptime_seconds",
		Help: "Time since the service started.",
		Unit: "seconds",
	}, func() float64 { return time.Since(started).Seconds() })

	s.Handle("GET /users", s.measure(text(http.StatusOK, "ann\nbob\n")))
	s.Handle("POST /users", s.measure(text(http.StatusCreated, "created\n")))
	s.Handle("GET /missing", s.measure(text(http.StatusNotFound, "no such thing\n")))
	s.Handle("/metrics", scrape.New(reg, scrape.Options{}))
	return s
}

// measure is the middleware: everything that the service records is here.
func (s *service) measure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		defer s.inFlight.Track()()
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(rec, r)

		labels := route{r.Method, r.URL.Path, rec.status}
		s.requests.With(labels).Inc()
		s.latency.With(labels).ObserveDuration(time.Since(start))
		s.size.Observe(float64(rec.bytes))
	})
}

// recorder remembers what a handler answered.
type recorder struct {
	http.ResponseWriter
	status, bytes int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	n, err := r.ResponseWriter.Write(b)
	r.bytes += n
	return n, err
}

func text(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		w.Write([]byte(body))
	})
}
