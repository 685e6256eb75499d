package upstream

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/fuzz/compat/record"
)

func histogramVec(labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h", Help: "h", Buckets: []float64{1e9}}, labels)
}

func sizeVec(labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h", Help: "h", Buckets: []float64{10, 100}}, labels)
}

func counterVec(labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c", Help: "h"}, labels)
}

// counts writes down how often each series was observed, and not what, where it is a duration.
func counts(l *record.Log, what string, c prometheus.Collector) {
	r := prometheus.NewRegistry()
	r.MustRegister(c)
	list, err := r.Gather()
	for _, f := range list {
		for _, m := range f.Metric {
			if m.Histogram != nil {
				m.Histogram.SampleSum = nil
				for _, b := range m.Histogram.Bucket {
					if b.Exemplar != nil {
						b.Exemplar = &dto.Exemplar{Label: b.Exemplar.Label, Timestamp: b.Exemplar.Timestamp}
					}
				}
			}
			if m.Summary != nil {
				m.Summary.SampleSum = nil
			}
		}
	}
	l.Families(what, list, err)
}

func answering(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status > 0 {
			w.WriteHeader(status)
		}
		io.WriteString(w, body)
	})
}

type ctxKey struct{}

func serverMiddleware(l *record.Log) {
	requests := func() []*http.Request {
		ctx := context.WithValue(context.Background(), ctxKey{}, "tenant1")
		return []*http.Request{
			httptest.NewRequest("GET", "/a", nil).WithContext(ctx), httptest.NewRequest("POST", "/a?b=c", strings.NewReader("0123456789")),
			httptest.NewRequest("put", "/", nil), httptest.NewRequest("PROPFIND", "/", nil), httptest.NewRequest("WEIRD", "/", nil),
			httptest.NewRequest("OPTIONS", "/", nil), httptest.NewRequest("TRACE", "/", nil), httptest.NewRequest("NOTIFY", "/", nil),
		}
	}
	serve := func(h http.Handler) {
		for _, r := range requests() {
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
	}
	fromCtx := promhttp.WithLabelFromCtx("tenant", func(ctx context.Context) string { s, _ := ctx.Value(ctxKey{}).(string); return s })
	fromRequest := promhttp.WithLabelFromRequest("path", func(r *http.Request) string { return r.URL.Path })
	exemplar := promhttp.WithExemplarFromContext(func(context.Context) prometheus.Labels { return prometheus.Labels{"id": "1"} })
	fromHeader := promhttp.WithExemplarFromRequest(func(r *http.Request) prometheus.Labels { return prometheus.Labels{"id": r.URL.Path} })
	extra := promhttp.WithExtraMethods("WEIRD", "PROPFIND")
	for _, status := range []int{0, 200, 404, 500, 299, 999} {
		for _, labels := range [][]string{nil, {"code"}, {"method"}, {"method", "code"}, {"code", "method"}} {
			next := answering(status, "hello")
			c := counterVec(labels...)
			serve(promhttp.InstrumentHandlerCounter(c, next))
			counts(l, "counter", c)
			h := histogramVec(labels...)
			serve(promhttp.InstrumentHandlerDuration(h, next))
			counts(l, "duration", h)
			h = histogramVec(labels...)
			serve(promhttp.InstrumentHandlerTimeToWriteHeader(h, next))
			counts(l, "time to header", h)
			h = sizeVec(labels...)
			serve(promhttp.InstrumentHandlerRequestSize(h, next))
			counts(l, "request size", h)
			h = sizeVec(labels...)
			serve(promhttp.InstrumentHandlerResponseSize(h, next))
			counts(l, "response size", h)
		}
	}
	next := answering(200, "hello")
	for _, tc := range []struct {
		labels []string
		opts   []promhttp.Option
	}{
		{[]string{"tenant"}, []promhttp.Option{fromCtx}},
		{[]string{"path"}, []promhttp.Option{fromRequest}},
		{[]string{"path", "tenant"}, []promhttp.Option{fromCtx, fromRequest, extra}},
		{nil, []promhttp.Option{extra}},
		{nil, []promhttp.Option{exemplar}},
		{nil, []promhttp.Option{fromHeader}},
		{[]string{"tenant"}, []promhttp.Option{fromCtx, exemplar}},
	} {
		labels, opts := append(tc.labels, "method", "code"), tc.opts
		l.Try("options", func() {
			c := counterVec(labels...)
			serve(promhttp.InstrumentHandlerCounter(c, next, opts...))
			counts(l, "counter", c)
			h := histogramVec(labels...)
			serve(promhttp.InstrumentHandlerDuration(h, next, opts...))
			counts(l, "duration", h)
			s := prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: "s", Help: "h"}, labels)
			serve(promhttp.InstrumentHandlerRequestSize(s, next, opts...))
			counts(l, "request size", s)
		})
	}
	c := counterVec("code", "method", "handler").MustCurryWith(prometheus.Labels{"handler": "x"})
	serve(promhttp.InstrumentHandlerCounter(c, next))
	counts(l, "curried", c)
	g := gaugeNamed("g", "h", nil)
	serve(promhttp.InstrumentHandlerInFlight(g, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { write(l, "in flight", g) })))
	write(l, "after", g)
	l.Try("panic", func() {
		promhttp.InstrumentHandlerInFlight(g, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("handler") })).ServeHTTP(httptest.NewRecorder(), get(""))
	})
	write(l, "after a panic", g)
	interfaces(l)
}

// interfaces: what a ResponseWriter can do it can do behind a middleware, and no
// more.
func interfaces(l *record.Log) {
	for _, w := range []http.ResponseWriter{httptest.NewRecorder(), plainWriter{httptest.NewRecorder()}, richWriter{httptest.NewRecorder()}} {
		promhttp.InstrumentHandlerCounter(counterVec("code"), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, flusher := w.(http.Flusher)
			_, hijacker := w.(http.Hijacker)
			_, reader := w.(io.ReaderFrom)
			_, pusher := w.(http.Pusher)
			_, unwraps := w.(interface{ Unwrap() http.ResponseWriter })
			l.Printf("flusher %t hijacker %t reader %t pusher %t unwraps %t", flusher, hijacker, reader, pusher, unwraps)
			if f, ok := w.(http.Flusher); ok {
				f.Flush()
			}
			if p, ok := w.(http.Pusher); ok {
				l.Err("push", p.Push("x", nil))
			}
			if r, ok := w.(io.ReaderFrom); ok {
				n, err := r.ReadFrom(strings.NewReader("hello"))
				l.Err("read", err)
				l.Printf("%d", n)
			}
			l.Err("controller", http.NewResponseController(w).Flush())
		})).ServeHTTP(w, get(""))
	}
}

type plainWriter struct{ http.ResponseWriter }

type richWriter struct{ *httptest.ResponseRecorder }

func (w richWriter) Push(string, *http.PushOptions) error { return errors.New("pushed") }
func (w richWriter) ReadFrom(r io.Reader) (int64, error)  { return io.Copy(w.ResponseRecorder, r) }

func middlewareMisuse(l *record.Log) {
	next := answering(200, "x")
	for _, labels := range [][]string{{"handler"}, {"code", "handler"}, {"code", "method", "x"}, {"x", "y", "z"}, {"Code"}} {
		l.Try("counter", func() { promhttp.InstrumentHandlerCounter(counterVec(labels...), next) })
		l.Try("duration", func() { promhttp.InstrumentHandlerDuration(histogramVec(labels...), next) })
		l.Try("header", func() { promhttp.InstrumentHandlerTimeToWriteHeader(histogramVec(labels...), next) })
		l.Try("request", func() { promhttp.InstrumentHandlerRequestSize(histogramVec(labels...), next) })
		l.Try("response", func() { promhttp.InstrumentHandlerResponseSize(histogramVec(labels...), next) })
		l.Try("client counter", func() { promhttp.InstrumentRoundTripperCounter(counterVec(labels...), nil) })
		l.Try("client duration", func() { promhttp.InstrumentRoundTripperDuration(histogramVec(labels...), nil) })
	}
	l.Try("const labels", func() {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c", ConstLabels: prometheus.Labels{"handler": "x"}}, []string{"code"})
		promhttp.InstrumentHandlerCounter(v, next).ServeHTTP(httptest.NewRecorder(), get(""))
		counts(l, "const labels", v)
	})
	l.Try("a label of an option is missing", func() {
		promhttp.InstrumentHandlerCounter(counterVec("code"), next, promhttp.WithLabelFromCtx("tenant", func(context.Context) string { return "" })).ServeHTTP(httptest.NewRecorder(), get(""))
	})
	l.Try("curried code", func() {
		promhttp.InstrumentHandlerCounter(counterVec("code", "method").MustCurryWith(prometheus.Labels{"code": "x"}), next).ServeHTTP(httptest.NewRecorder(), get(""))
	})
}

func clientMiddleware(l *record.Log) {
	answer := promhttp.RoundTripperFunc(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/error" {
			return nil, errors.New("no answer")
		}
		return &http.Response{StatusCode: 202, Body: http.NoBody, Request: r}, nil
	})
	send := func(rt http.RoundTripper) {
		for _, r := range []*http.Request{httptest.NewRequest("GET", "/", nil), httptest.NewRequest("POST", "/error", nil), httptest.NewRequest("WEIRD", "/x", nil)} {
			_, err := rt.RoundTrip(r)
			l.Err("sent", err)
		}
	}
	extra := promhttp.WithExtraMethods("WEIRD")
	exemplar := promhttp.WithExemplarFromRequest(func(r *http.Request) prometheus.Labels { return prometheus.Labels{"id": r.URL.Path} })
	for _, labels := range [][]string{nil, {"code"}, {"method"}, {"method", "code"}} {
		c := counterVec(labels...)
		send(promhttp.InstrumentRoundTripperCounter(c, answer, extra, exemplar))
		counts(l, "counter", c)
		h := histogramVec(labels...)
		send(promhttp.InstrumentRoundTripperDuration(h, answer, extra, exemplar))
		counts(l, "duration", h)
	}
	g := gaugeNamed("g", "h", nil)
	send(promhttp.InstrumentRoundTripperInFlight(g, promhttp.RoundTripperFunc(func(r *http.Request) (*http.Response, error) {
		write(l, "in flight", g)
		return answer(r)
	})))
	write(l, "after", g)
	server := httptest.NewServer(answering(200, "x"))
	defer server.Close()
	seen := make(map[string]bool)
	hook := func(what string) func(float64) { return func(v float64) { seen[what] = v >= 0 } }
	trace := &promhttp.InstrumentTrace{GotConn: hook("got conn"), GotFirstResponseByte: hook("first byte"), ConnectStart: hook("connect start"),
		ConnectDone: hook("connect done"), WroteHeaders: hook("headers"), WroteRequest: hook("request"), DNSStart: hook("dns")}
	client := &http.Client{Transport: promhttp.InstrumentRoundTripperTrace(trace, http.DefaultTransport)}
	resp, err := client.Get(server.URL)
	l.Err("traced", err)
	if err == nil {
		resp.Body.Close()
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	for _, what := range []string{"got conn", "first byte", "connect start", "connect done", "headers", "request", "dns"} {
		l.Printf("%s: %t", what, seen[what])
	}
}
