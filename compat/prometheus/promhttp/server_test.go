package promhttp_test

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/promhttp"
)

func answers(status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if status != 0 {
			w.WriteHeader(status)
		}
	})
}

func request(h http.Handler, method string) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Method = method
	h.ServeHTTP(httptest.NewRecorder(), r)
}

func TestCodes(t *testing.T) {
	for status, want := range map[int]string{0: "200", 200: "200", 100: "100", 103: "103", 204: "204", 299: "299", 404: "404", 418: "418",
		511: "511", 599: "599", 600: "unknown", 999: "unknown"} {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total"}, []string{"code"})
		request(promhttp.InstrumentHandlerCounter(v, answers(status)), "GET")
		if got := collected(t, v); !maps.Equal(got, map[string]float64{"code=" + want: 1}) {
			t.Errorf("%d: %v", status, got)
		}
	}
}

func TestMethods(t *testing.T) {
	extra := promhttp.WithExtraMethods("purge", "LiSt", "GET")
	for method, want := range map[string]string{
		"GET": "get", "get": "get", "Get": "get", "POST": "post", "put": "put", "HEAD": "head", "DELETE": "delete", "CONNECT": "connect",
		"OPTIONS": "options", "NOTIFY": "notify", "trace": "trace", "PATCH": "patch", "PURGE": "purge", "pUrGe": "purge", "LIST": "list",
		"Post": "unknown", "COPY": "unknown", "": "unknown",
	} {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total"}, []string{"method"})
		request(promhttp.InstrumentHandlerCounter(v, answers(0), extra), method)
		if got := collected(t, v); !maps.Equal(got, map[string]float64{"method=" + want: 1}) {
			t.Errorf("%q: %v", method, got)
		}
	}
}

// Whatever the order of the labels in the vec, each gets its own value, and curried ones
// keep theirs.
func TestLabelOrder(t *testing.T) {
	path := promhttp.WithLabelFromRequest("path", func(r *http.Request) string { return r.URL.Path })
	for _, labels := range []string{"code method path app", "app path method code", "path app code method", "method app path code"} {
		names := strings.Fields(labels)
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total"}, names)
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h"}, names)
		s := prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: "s"}, names)
		app := prometheus.Labels{"app": "x"}
		var chain http.Handler = promhttp.InstrumentHandlerCounter(c.MustCurryWith(app), answers(201), path)
		chain = promhttp.InstrumentHandlerDuration(h.MustCurryWith(app), chain, path)
		chain = promhttp.InstrumentHandlerDuration(s.MustCurryWith(app), chain, path)
		request(chain, "POST")
		for _, v := range []prometheus.Collector{c, h, s} {
			if got := collected(t, v); !maps.Equal(got, map[string]float64{"app=x,code=201,method=post,path=/": 1}) {
				t.Errorf("%s: %v", labels, got)
			}
		}
	}
}

// Constraints of a vec hold for what a middleware puts into it.
func TestConstrainedVec(t *testing.T) {
	class := func(v string) string { return v[:1] + "xx" }
	v := prometheus.V2.NewCounterVec(prometheus.CounterVecOpts{CounterOpts: prometheus.CounterOpts{Name: "c_total"},
		VariableLabels: prometheus.ConstrainedLabels{{Name: "code", Constraint: class}, {Name: "user", Constraint: strings.ToLower}}})
	user := promhttp.WithLabelFromRequest("user", func(r *http.Request) string { return r.Header.Get("User") })
	get(promhttp.InstrumentHandlerCounter(v, answers(404), user), "/", "User", "Ann")
	get(promhttp.InstrumentHandlerCounter(v, answers(410), user), "/", "User", "ANN")
	if got := collected(t, v); !maps.Equal(got, map[string]float64{"code=4xx,user=ann": 2}) {
		t.Error(got)
	}
}

// The options may give a value to a label that has a meaning of its own.
func TestCodeFromContext(t *testing.T) {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total"}, []string{"code"})
	get(promhttp.InstrumentHandlerCounter(v, answers(404), promhttp.WithLabelFromCtx("code", func(context.Context) string { return "mine" })), "/")
	if got := collected(t, v); !maps.Equal(got, map[string]float64{"code=mine": 1}) {
		t.Error(got)
	}
}

// A value that cannot be a label's panics as With does: net/http logs that.
func TestInvalidValue(t *testing.T) {
	bad := promhttp.WithLabelFromCtx("l", func(context.Context) string { return "\xff" })
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total"}, []string{"l"})
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h"}, []string{"l"})
	s := prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: "s"}, []string{"l"})
	for name, handler := range map[string]http.Handler{
		"counter": promhttp.InstrumentHandlerCounter(c, nothing, bad), "histogram": promhttp.InstrumentHandlerDuration(h, nothing, bad),
		"summary": promhttp.InstrumentHandlerDuration(s, nothing, bad),
	} {
		if err, ok := panicOf(func() { get(handler, "/") }).(error); !ok || err.Error() != `label l: value "\xff" is not valid UTF-8` {
			t.Errorf("%s: panic with %v", name, err)
		}
	}
}

// A vec that is reset starts again: middlewares keep no handles.
func TestReset(t *testing.T) {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total"}, []string{"code"})
	h := promhttp.InstrumentHandlerCounter(v, nothing)
	get(h, "/")
	get(h, "/")
	v.Reset()
	get(h, "/")
	if got := collected(t, v); !maps.Equal(got, map[string]float64{"code=200": 1}) {
		t.Error(got)
	}
}

// What panics is not counted.
func TestPanickingHandler(t *testing.T) {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total"}, nil)
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h"}, nil)
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "g"})
	boom := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") })
	for name, handler := range map[string]http.Handler{
		"counter": promhttp.InstrumentHandlerCounter(c, boom), "duration": promhttp.InstrumentHandlerDuration(h, boom),
		"header": promhttp.InstrumentHandlerTimeToWriteHeader(h, boom), "request": promhttp.InstrumentHandlerRequestSize(h, boom),
		"response": promhttp.InstrumentHandlerResponseSize(h, boom), "in flight": promhttp.InstrumentHandlerInFlight(g, boom),
	} {
		if p := panicOf(func() { get(handler, "/") }); p != "boom" {
			t.Errorf("%s: panic with %v", name, p)
		}
	}
	if c, h, g := collected(t, c), collected(t, h), collected(t, g); len(c) != 0 || len(h) != 0 || g[""] != 0 {
		t.Error(c, h, g)
	}
}

func TestInFlight(t *testing.T) {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "g"})
	get(promhttp.InstrumentHandlerInFlight(g, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if got := collected(t, g)[""]; got != 1 {
			t.Errorf("%v while it is served", got)
		}
	})), "/")
	if got := collected(t, g)[""]; got != 0 {
		t.Errorf("%v afterwards", got)
	}
}

// sum returns the sum of a vec's only series.
func sum(t *testing.T, v prometheus.Collector) float64 {
	t.Helper()
	reg := prometheus.NewRegistry()
	reg.MustRegister(v)
	for _, f := range families(t, reg) {
		if len(f.GetMetric()) != 1 {
			t.Fatalf("%d series", len(f.GetMetric()))
		}
		m := f.GetMetric()[0]
		return m.GetHistogram().GetSampleSum() + m.GetSummary().GetSampleSum()
	}
	t.Fatal("no series")
	return 0
}

func TestResponseSize(t *testing.T) {
	for name, write := range map[string]func(w http.ResponseWriter){
		"12":     func(w http.ResponseWriter) { io.WriteString(w, "Hello, "); io.WriteString(w, "you!\n") },
		"0":      func(http.ResponseWriter) {},
		"100000": func(w http.ResponseWriter) { io.Copy(w, strings.NewReader(strings.Repeat("x", 100000))) },
	} {
		v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h"}, []string{"code"})
		server := httptest.NewServer(promhttp.InstrumentHandlerResponseSize(v, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { write(w) })))
		resp, err := http.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		server.Close() // waits for the handler
		if got := int(sum(t, v)); err != nil || got != len(body) || name != strings.TrimSpace(name) {
			t.Errorf("%s: %d bytes, observed %d, %v", name, len(body), got, err)
		}
	}
}

func TestRequestSize(t *testing.T) {
	for _, target := range []string{"/", "/a%20b?c=d", "http://example.com/x#y"} {
		v := prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: "s"}, []string{"method"})
		r := httptest.NewRequest("POST", target, strings.NewReader("0123456789"))
		r.Header = http.Header{"A": {"12", "3"}, "Bc": {""}}
		want := len("POST"+"HTTP/1.1"+"example.com") + len(r.URL.String()) + len("A"+"12"+"3"+"Bc") + 10
		promhttp.InstrumentHandlerRequestSize(v, nothing).ServeHTTP(httptest.NewRecorder(), r)
		if got := int(sum(t, v)); got != want {
			t.Errorf("%s: %d, want %d", target, got, want)
		}
	}
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h"}, []string{"code"})
	promhttp.InstrumentHandlerRequestSize(v, nothing).ServeHTTP(httptest.NewRecorder(), &http.Request{Method: "GET", ContentLength: -1})
	if got := sum(t, v); got != 3 {
		t.Errorf("a bare request has %v", got)
	}
}

// The header is observed once, whichever way it comes to be written, with its status.
func TestTimeToWriteHeader(t *testing.T) {
	for name, c := range map[string]struct {
		write func(w http.ResponseWriter)
		want  map[string]float64
	}{
		"nothing":     {func(http.ResponseWriter) {}, map[string]float64{}},
		"WriteHeader": {func(w http.ResponseWriter) { w.WriteHeader(404); w.WriteHeader(500) }, map[string]float64{"code=404": 1}},
		"Write":       {func(w http.ResponseWriter) { w.Write(nil); w.Write(nil) }, map[string]float64{"code=200": 1}},
		"both":        {func(w http.ResponseWriter) { w.WriteHeader(201); w.Write([]byte("x")) }, map[string]float64{"code=201": 1}},
		"Flush":       {func(w http.ResponseWriter) { w.(http.Flusher).Flush(); w.Write([]byte("x")) }, map[string]float64{"code=200": 1}},
		"ReadFrom": {func(w http.ResponseWriter) { w.(io.ReaderFrom).ReadFrom(strings.NewReader("x")) },
			map[string]float64{"code=200": 1}},
		"panic": {func(w http.ResponseWriter) { w.WriteHeader(202); panic(http.ErrAbortHandler) }, map[string]float64{"code=202": 1}},
	} {
		v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h"}, []string{"code"})
		server := httptest.NewUnstartedServer(promhttp.InstrumentHandlerTimeToWriteHeader(v,
			http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { c.write(w) })))
		server.Config.ErrorLog = quiet
		server.Start()
		if resp, err := http.Get(server.URL); err == nil {
			resp.Body.Close()
		}
		server.Close()
		if got := collected(t, v); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

type traceID struct{}

// Exemplars go to what can have them: summaries go on without.
func TestExemplars(t *testing.T) {
	for name, opt := range map[string]promhttp.Option{
		"context": promhttp.WithExemplarFromContext(func(ctx context.Context) prometheus.Labels {
			return prometheus.Labels{"trace": ctx.Value(traceID{}).(string)}
		}),
		"request": promhttp.WithExemplarFromRequest(func(r *http.Request) prometheus.Labels {
			return prometheus.Labels{"trace": r.Context().Value(traceID{}).(string)}
		}),
		"none":    promhttp.WithExemplarFromContext(func(context.Context) prometheus.Labels { return nil }),
		"no func": promhttp.WithExemplarFromRequest(func(*http.Request) prometheus.Labels { return nil }),
	} {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total"}, []string{"code"})
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h", Buckets: []float64{100}}, []string{"method"})
		s := prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: "s"}, nil)
		chain := promhttp.InstrumentHandlerCounter(c, promhttp.InstrumentHandlerDuration(h, promhttp.InstrumentHandlerDuration(s, nothing, opt), opt), opt)
		r := httptest.NewRequest("GET", "/", nil)
		chain.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithValue(r.Context(), traceID{}, "abc")))

		reg := prometheus.NewRegistry()
		reg.MustRegister(c, h, s)
		got := families(t, reg)
		counter, histogram := got["c_total"].GetMetric()[0].GetCounter(), got["h"].GetMetric()[0].GetHistogram()
		for what, e := range map[string]*dto.Exemplar{"counter": counter.GetExemplar(), "histogram": histogram.GetBucket()[0].GetExemplar()} {
			if has := len(e.GetLabel()) == 1 && e.GetLabel()[0].GetValue() == "abc"; has != strings.HasSuffix(name, "t") || has != (e != nil) {
				t.Errorf("%s of a %s: %v", name, what, e)
			}
		}
		if counter.GetValue() != 1 || histogram.GetSampleCount() != 1 || got["s"].GetMetric()[0].GetSummary().GetSampleCount() != 1 {
			t.Errorf("%s: %v", name, got)
		}
	}
}
