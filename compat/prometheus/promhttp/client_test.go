package promhttp_test

import (
	"context"
	"errors"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"sync"
	"testing"

	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/promhttp"
)

var quiet = log.New(io.Discard, "", 0)

func TestRoundTripper(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new", http.StatusFound)
		}
	}))
	defer server.Close()
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total"}, []string{"path", "code", "method"})
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h"}, []string{"method", "code"})
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "g"})
	path := promhttp.WithLabelFromRequest("path", func(r *http.Request) string { return r.URL.Path })
	inner := promhttp.RoundTripperFunc(func(r *http.Request) (*http.Response, error) {
		if got := collected(t, g)[""]; got != 1 {
			t.Errorf("%v in flight", got)
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	client := &http.Client{Transport: promhttp.InstrumentRoundTripperInFlight(g,
		promhttp.InstrumentRoundTripperCounter(c, promhttp.InstrumentRoundTripperDuration(h, inner), path))}
	resp, err := client.Get(server.URL + "/old")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got := collected(t, c); !maps.Equal(got, map[string]float64{"code=302,method=get,path=/old": 1, "code=200,method=get,path=/new": 1}) {
		t.Error(got)
	}
	if got := collected(t, h); !maps.Equal(got, map[string]float64{"code=302,method=get": 1, "code=200,method=get": 1}) {
		t.Error(got)
	}
	if got := collected(t, g)[""]; got != 0 {
		t.Errorf("%v in flight afterwards", got)
	}
}

// Labels are those of the request that the response answers, exemplars of the one that
// was sent.
func TestRoundTripperRequests(t *testing.T) {
	other := httptest.NewRequest("GET", "/other", nil)
	next := promhttp.RoundTripperFunc(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Request: other}, nil
	})
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total"}, []string{"path"})
	opts := []promhttp.Option{promhttp.WithLabelFromRequest("path", func(r *http.Request) string { return r.URL.Path }),
		promhttp.WithExemplarFromRequest(func(r *http.Request) prometheus.Labels { return prometheus.Labels{"path": r.URL.Path} })}
	_, err := promhttp.InstrumentRoundTripperCounter(c, next, opts...)(httptest.NewRequest("GET", "/sent", nil))
	reg := prometheus.NewRegistry()
	reg.MustRegister(c)
	m := families(t, reg)["c_total"].GetMetric()[0]
	if label, exemplar := m.GetLabel()[0].GetValue(), m.GetCounter().GetExemplar().GetLabel()[0].GetValue(); err != nil || label != "/other" || exemplar != "/sent" {
		t.Error(label, exemplar, err)
	}
}

// Without a response nothing is counted, and the error is passed on.
func TestRoundTripperError(t *testing.T) {
	failure := errors.New("no route")
	next := promhttp.RoundTripperFunc(func(*http.Request) (*http.Response, error) { return nil, failure })
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total"}, []string{"code"})
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h"}, nil)
	for _, rt := range []http.RoundTripper{promhttp.InstrumentRoundTripperCounter(c, next), promhttp.InstrumentRoundTripperDuration(h, next)} {
		if resp, err := rt.RoundTrip(httptest.NewRequest("GET", "/", nil)); resp != nil || err != failure {
			t.Error(resp, err)
		}
	}
	if c, h := collected(t, c), collected(t, h); len(c)+len(h) != 0 {
		t.Error(c, h)
	}
}

func TestTrace(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }))
	defer server.Close()
	var mu sync.Mutex
	seen := make(map[string]int)
	note := func(step string) func(float64) {
		return func(seconds float64) {
			mu.Lock()
			defer mu.Unlock()
			if seconds >= 0 {
				seen[step]++
			}
		}
	}
	trace := &promhttp.InstrumentTrace{GotConn: note("conn"), PutIdleConn: note("idle"), GotFirstResponseByte: note("byte"),
		Got100Continue: note("100"), DNSStart: note("dns"), DNSDone: note("dns done"), ConnectStart: note("connect"),
		ConnectDone: note("connected"), TLSHandshakeStart: note("tls"), TLSHandshakeDone: note("tls done"),
		WroteHeaders: note("headers"), Wait100Continue: note("wait"), WroteRequest: note("request")}
	client := server.Client()
	client.Transport = promhttp.InstrumentRoundTripperTrace(trace, client.Transport)
	own := 0
	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { own++ }})
	for range 2 {
		r, err := http.NewRequestWithContext(ctx, "GET", server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	client.CloseIdleConnections()
	mu.Lock()
	defer mu.Unlock()
	for step, want := range map[string]int{"conn": 2, "byte": 2, "headers": 2, "request": 2, "connect": 1, "connected": 1, "tls": 1, "tls done": 1} {
		if seen[step] != want {
			t.Errorf("%s: %d times, want %d", step, seen[step], want)
		}
	}
	if own != 2 {
		t.Errorf("the request's own trace was called %d times", own)
	}
}

// What is missing is not called.
func TestTraceOfNothing(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	client := &http.Client{Transport: promhttp.InstrumentRoundTripperTrace(new(promhttp.InstrumentTrace), http.DefaultTransport)}
	resp, err := client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

// The hooks, called as net/http does and as it does after failures.
func TestTraceFailures(t *testing.T) {
	calls := make(map[string]int)
	note := func(step string) func(float64) { return func(float64) { calls[step]++ } }
	it := &promhttp.InstrumentTrace{PutIdleConn: note("idle"), ConnectDone: note("connected"), TLSHandshakeDone: note("tls"),
		DNSStart: note("dns"), DNSDone: note("dns done"), WroteRequest: note("request"), Got100Continue: note("100"), Wait100Continue: note("wait")}
	failure := errors.New("failed")
	next := promhttp.RoundTripperFunc(func(r *http.Request) (*http.Response, error) {
		trace := httptrace.ContextClientTrace(r.Context())
		for _, err := range []error{failure, nil} {
			trace.PutIdleConn(err)
			trace.ConnectDone("tcp", "x", err)
			trace.DNSStart(httptrace.DNSStartInfo{})
			trace.DNSDone(httptrace.DNSDoneInfo{Err: err})
			trace.WroteRequest(httptrace.WroteRequestInfo{Err: err})
		}
		trace.Got100Continue()
		trace.Wait100Continue()
		return nil, failure
	})
	promhttp.InstrumentRoundTripperTrace(it, next)(httptest.NewRequest("GET", "/", nil))
	if want := map[string]int{"idle": 1, "connected": 1, "dns": 2, "dns done": 2, "request": 2, "100": 1, "wait": 1}; !maps.Equal(calls, want) {
		t.Errorf("%v, want %v", calls, want)
	}
}
