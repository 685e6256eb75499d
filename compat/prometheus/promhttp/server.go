package promhttp

import (
	"net/http"
	"time"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// InstrumentHandlerInFlight counts in a gauge how many requests a handler is serving.
func InstrumentHandlerInFlight(g prometheus.Gauge, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.Inc()
		defer g.Dec()
		next.ServeHTTP(w, r)
	})
}

// InstrumentHandlerDuration observes how long a handler takes, in seconds.
//
// Labels. Those of the vec that are neither const nor curried may be "code", the status,
// which is 200 if the handler does not set it, "method", in lower case and "unknown" if it is
// none of the usual ones or those of [WithExtraMethods], and what [WithLabelFromRequest]
// and [WithLabelFromCtx] name; a vec without any is fine. With other labels, or
// with a descriptor that is not valid, this function panics. This goes for all
// InstrumentHandler functions that take a vec.
//
// Nothing is observed when the handler panics.
func InstrumentHandlerDuration(obs prometheus.ObserverVec, next http.Handler, opts ...Option) http.HandlerFunc {
	o := newObserving(obs, opts)
	return func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		status := o.serve(next, w, r)
		o.observe(time.Since(began).Seconds(), r, status, r)
	}
}

// InstrumentHandlerCounter counts requests that a handler has served. For the vec's labels see
// [InstrumentHandlerDuration]. Requests whose handler panics are not counted.
func InstrumentHandlerCounter(counter *prometheus.CounterVec, next http.Handler, opts ...Option) http.HandlerFunc {
	c := newCounting(counter, opts)
	return func(w http.ResponseWriter, r *http.Request) {
		status := c.serve(next, w, r)
		c.count(r, status, r)
	}
}

// InstrumentHandlerTimeToWriteHeader observes how long it takes until a handler writes the
// header of its answer, in seconds. For the vec's labels see [InstrumentHandlerDuration].
// Nothing is observed when the handler panics before, or writes nothing.
func InstrumentHandlerTimeToWriteHeader(obs prometheus.ObserverVec, next http.Handler, opts ...Option) http.HandlerFunc {
	o := newObserving(obs, opts)
	return func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		_, upgraded := newResponse(w, func(status int) {
			o.observe(time.Since(began).Seconds(), r, status, r)
		})
		next.ServeHTTP(upgraded, r)
	}
}

// InstrumentHandlerRequestSize observes the approximate size of requests, in bytes: request
// line, header, and the body's length if it is known beforehand. For the vec's labels see
// [InstrumentHandlerDuration]. Nothing is observed when the handler panics.
func InstrumentHandlerRequestSize(obs prometheus.ObserverVec, next http.Handler, opts ...Option) http.HandlerFunc {
	o := newObserving(obs, opts)
	return func(w http.ResponseWriter, r *http.Request) {
		status := o.serve(next, w, r)
		o.observe(float64(requestSize(r)), r, status, r)
	}
}

// InstrumentHandlerResponseSize observes the size of the bodies that a handler writes, in
// bytes. For the vec's labels see [InstrumentHandlerDuration]. Nothing is observed when the
// handler panics.
func InstrumentHandlerResponseSize(obs prometheus.ObserverVec, next http.Handler, opts ...Option) http.Handler {
	o := newObserving(obs, opts)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		noted, upgraded := newResponse(w, nil)
		next.ServeHTTP(upgraded, r)
		o.observe(float64(noted.written), r, noted.status, r)
	})
}

// serve serves a request and returns the status, if it is a label. If it is not, nothing
// is put in front of w.
func (p *partition) serve(next http.Handler, w http.ResponseWriter, r *http.Request) (status int) {
	if !p.code {
		next.ServeHTTP(w, r)
		return 0
	}
	noted, upgraded := newResponse(w, nil)
	next.ServeHTTP(upgraded, r)
	return noted.status
}
