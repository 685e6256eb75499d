package promhttp

import (
	"net/http"
	"time"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// RoundTripperFunc is a function as an http.RoundTripper.
type RoundTripperFunc func(req *http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (rt RoundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) {
	return rt(r)
}

// InstrumentRoundTripperInFlight counts in a gauge how many requests wait for the header of
// their response.
func InstrumentRoundTripperInFlight(gauge prometheus.Gauge, next http.RoundTripper) RoundTripperFunc {
	return func(r *http.Request) (*http.Response, error) {
		gauge.Inc()
		defer gauge.Dec()
		return next.RoundTrip(r)
	}
}

// InstrumentRoundTripperCounter counts requests that got a response. For the vec's labels
// see [InstrumentHandlerDuration]; functions for labels are given the response's Request.
// Requests that end with an error or a panic are not counted.
func InstrumentRoundTripperCounter(counter *prometheus.CounterVec, next http.RoundTripper, opts ...Option) RoundTripperFunc {
	c := newCounting(counter, opts)
	return func(r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err == nil {
			c.count(r, resp.StatusCode, resp.Request)
		}
		return resp, err
	}
}

// InstrumentRoundTripperDuration observes how long it takes until the header of a response
// is there, in seconds. For the vec's labels see [InstrumentHandlerDuration]; functions
// for labels are given the response's Request. Nothing is observed for requests that end
// with an error or a panic.
func InstrumentRoundTripperDuration(obs prometheus.ObserverVec, next http.RoundTripper, opts ...Option) RoundTripperFunc {
	o := newObserving(obs, opts)
	return func(r *http.Request) (*http.Response, error) {
		began := time.Now()
		resp, err := next.RoundTrip(r)
		if err == nil {
			o.observe(time.Since(began).Seconds(), r, resp.StatusCode, resp.Request)
		}
		return resp, err
	}
}
