package promhttp_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"google.golang.org/protobuf/proto"

	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/promhttp"
)

// sample is a registry with something of everything.
func sample() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total", Help: "Requests \\ by\ncode.",
		ConstLabels: prometheus.Labels{"app": "x"}}, []string{"code"})
	requests.WithLabelValues("200").Add(7)
	requests.WithLabelValues(`a"b`).Add(0.5)
	bare := prometheus.NewCounter(prometheus.CounterOpts{Name: "bare", Help: "A counter without suffix."})
	bare.Add(1 << 53)
	temperature := prometheus.NewGauge(prometheus.GaugeOpts{Name: "room.temperature", Help: "A name that needs escaping."})
	temperature.Set(21.5)
	durations := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "durations_seconds", Help: "Classic.",
		Buckets: []float64{.1, 1, 10}}, []string{"path"})
	for _, v := range []float64{.05, 3, 100} {
		durations.WithLabelValues("/").Observe(v)
	}
	durations.WithLabelValues("/a").(prometheus.ExemplarObserver).ObserveWithExemplar(.5, prometheus.Labels{"trace": "abc"})
	native := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "native", NativeHistogramBucketFactor: 1.1})
	native.Observe(3)
	sizes := prometheus.NewSummary(prometheus.SummaryOpts{Name: "sizes_bytes", Help: "Without quantiles."})
	sizes.Observe(12)
	empty := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "empty"}, []string{"l"})
	reg.MustRegister(requests, bare, temperature, durations, native, sizes, empty,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "answer"}, func() float64 { return 42 }),
		prometheus.NewUntypedFunc(prometheus.UntypedOpts{Name: "whatever"}, func() float64 { return -1 }))
	return reg
}

// foreign is a collector that is not of package prometheus.
type foreign struct{}

var foreignDesc = prometheus.NewDesc("foreign", "Of a third party.", []string{"l"}, nil)

func (foreign) Describe(ch chan<- *prometheus.Desc) { ch <- foreignDesc }
func (foreign) Collect(ch chan<- prometheus.Metric) {
	ch <- prometheus.MustNewConstMetric(foreignDesc, prometheus.GaugeValue, 2, "b")
	ch <- prometheus.MustNewConstMetric(foreignDesc, prometheus.GaugeValue, 1, "a")
}

var accepts = []string{
	"", "*/*", "text/plain", "text/plain;version=0.0.4;escaping=allow-utf-8", "text/plain;escaping=dots",
	"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
	"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=values",
	"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text",
	"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=compact-text",
	"application/openmetrics-text;version=1.0.0", "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;q=0.4",
	"application/openmetrics-text", "application/openmetrics-text;version=2.0.0",
}

// Whether a handler may take the short road or not, it answers with the same bytes.
func TestBothRoads(t *testing.T) {
	alone, mixed := sample(), sample()
	mixed.MustRegister(foreign{})
	for name, reg := range map[string]*prometheus.Registry{"empty": prometheus.NewRegistry(), "ours": alone, "mixed": mixed} {
		for _, opts := range []promhttp.HandlerOpts{
			{}, {EnableOpenMetrics: true}, {EnableOpenMetrics: true, EnableOpenMetricsTextCreatedSamples: true},
			{AcceptedFormats: []expfmt.Format{expfmt.FmtOpenMetrics_2_0_0, expfmt.FmtText}},
			{EnableOpenMetrics: true, CoalesceGather: true},
		} {
			short, long := promhttp.HandlerFor(reg, opts), promhttp.HandlerFor(plain(reg), opts)
			for _, accept := range accepts {
				for range 2 { // the second time, with memory of the first
					got, want := get(short, "/", "Accept", accept), get(long, "/", "Accept", accept)
					if got.Code != want.Code || !maps.EqualFunc(got.Header(), want.Header(), slices.Equal) {
						t.Errorf("%s, %+v, %q: %d %v, want %d %v", name, opts, accept, got.Code, got.Header(), want.Code, want.Header())
					}
					if d := difference(t, got, want); d != "" {
						t.Errorf("%s, coalesce %v, created %v, %q:\n%s", name, opts.CoalesceGather, opts.EnableOpenMetricsTextCreatedSamples, accept, d)
					}
				}
			}
		}
	}
}

// difference compares bodies: text by its lines, protobuf by its messages. Its text form has
// random spaces.
func difference(t *testing.T, got, want *httptest.ResponseRecorder) string {
	var a, b []string
	switch expfmt.ResponseFormat(want.Header()).FormatType() {
	case expfmt.TypeProtoText, expfmt.TypeProtoCompact:
		a, b = strings.Fields(got.Body.String()), strings.Fields(want.Body.String())
	case expfmt.TypeProtoDelim:
		a, b = messages(t, got), messages(t, want)
	default:
		a, b = strings.SplitAfter(normal(got.Body.String()), "\n"), strings.SplitAfter(normal(want.Body.String()), "\n")
	}
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			return "lacks " + b[i]
		case i >= len(b):
			return "has " + a[i]
		case a[i] != b[i]:
			return a[i] + "\nin place of\n" + b[i]
		}
	}
	return ""
}

// normal undoes what the engine and expfmt write differently though it means the same: numbers,
// 1000000 and 1e+06; help that says nothing; the order of HELP and TYPE; times, which expfmt
// rounds. expfmt gives a start timestamp to a counter without _total, too, which in OpenMetrics
// is of a type that has none.
func normal(text string) string {
	var lines []string
	meta := 0 // how many lines of a family's metadata are last
	for line := range strings.Lines(text) {
		words := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if len(words) == 4 && words[1] == "HELP" && words[3] == "" || words[0] == "bare_created" {
			continue
		}
		for i, w := range words {
			if v, err := strconv.ParseFloat(w, 64); err == nil {
				if v > 1e9 && v < 1e10 {
					v = math.Floor(v)
				}
				words[i] = strconv.FormatFloat(v, 'g', -1, 64)
			}
		}
		lines = append(lines, strings.Join(words, " ")+"\n")
		if meta++; words[0] != "#" || words[1] == "EOF" {
			meta = 0
		}
		slices.Sort(lines[len(lines)-meta:])
	}
	return strings.Join(lines, "")
}

// messages returns the messages of a delimited body, as JSON, and without help that is empty.
func messages(t *testing.T, w *httptest.ResponseRecorder) (all []string) {
	t.Helper()
	d := expfmt.NewDecoder(bytes.NewReader(w.Body.Bytes()), expfmt.ResponseFormat(w.Header()))
	for {
		var f dto.MetricFamily
		switch err := d.Decode(&f); {
		case err == io.EOF:
			return all
		case err != nil:
			t.Fatal(err)
		}
		text, err := json.Marshal(&f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.ReplaceAll(string(text), `"help":"",`, ""))
	}
}

// Collections are of the moment of the request.
func TestFresh(t *testing.T) {
	reg := prometheus.NewRegistry()
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: "c_total"})
	reg.MustRegister(c)
	for _, opts := range []promhttp.HandlerOpts{{}, {CoalesceGather: true}} {
		h := promhttp.HandlerFor(reg, opts)
		for range 3 {
			c.Inc()
			var m dto.Metric
			if err := c.Write(&m); err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf("# TYPE c_total counter\nc_total %v\n", m.GetCounter().GetValue())
			if got := normal(get(h, "/").Body.String()); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
	}
}

func TestContentType(t *testing.T) {
	const (
		text = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
		om1  = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
		om0  = "application/openmetrics-text; version=0.0.1; charset=utf-8; escaping=underscores"
		om2  = "application/openmetrics-text; version=2.0.0; charset=utf-8; escaping=underscores"
		pb   = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores"
	)
	open := promhttp.HandlerOpts{EnableOpenMetrics: true}
	two := promhttp.HandlerOpts{AcceptedFormats: []expfmt.Format{expfmt.FmtOpenMetrics_2_0_0, expfmt.FmtText}, EnableOpenMetrics: true}
	for _, c := range []struct {
		opts         promhttp.HandlerOpts
		accept, want string
	}{
		{promhttp.HandlerOpts{}, "", text},
		{promhttp.HandlerOpts{}, "text/html", text},
		{promhttp.HandlerOpts{}, "application/openmetrics-text;version=1.0.0", text},
		{promhttp.HandlerOpts{}, "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,text/plain;q=0.3", pb},
		{promhttp.HandlerOpts{}, "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.3,text/plain;q=0.7", text},
		{promhttp.HandlerOpts{}, "text/plain;escaping=allow-utf-8", strings.Replace(text, "underscores", "allow-utf-8", 1)},
		{promhttp.HandlerOpts{}, "text/plain;escaping=nonsense", text},
		{open, "application/openmetrics-text;version=1.0.0", om1},
		{open, "application/openmetrics-text", om0},
		{open, "application/openmetrics-text;version=2.0.0", text},
		{open, "", text},
		{two, "application/openmetrics-text;version=2.0.0", om2},
		{two, "application/openmetrics-text;version=1.0.0", text},
		{two, "", text},
	} {
		w := get(promhttp.HandlerFor(sample(), c.opts), "/", "Accept", c.accept)
		if got := w.Header().Get("Content-Type"); got != c.want || w.Code != 200 {
			t.Errorf("%q: %d %q, want %q", c.accept, w.Code, got, c.want)
		}
	}
}

func TestCreatedSamples(t *testing.T) {
	for _, created := range []bool{false, true} {
		h := promhttp.HandlerFor(sample(), promhttp.HandlerOpts{EnableOpenMetrics: true, EnableOpenMetricsTextCreatedSamples: created})
		body := get(h, "/", "Accept", "application/openmetrics-text;version=1.0.0").Body.String()
		for _, name := range []string{`requests_created{`, `durations_seconds_created{path="/"} `, "sizes_bytes_created "} {
			if strings.Contains(body, name) != created {
				t.Errorf("created %v: %q in\n%s", created, name, body)
			}
		}
		if !strings.HasSuffix(body, "# EOF\n") || !strings.Contains(body, `le="1.0"`) {
			t.Errorf("no OpenMetrics:\n%s", body)
		}
	}
}

func TestCompression(t *testing.T) {
	const zstd = "zstd;q=1"
	for _, c := range []struct {
		accept, want string
		offered      []promhttp.Compression
		refused      string // what the log says of it
	}{
		{"", "", nil, ""}, {"gzip", "gzip", nil, ""}, {"*", "", nil, ""}, {"deflate", "", nil, ""}, {"GZIP", "", nil, ""},
		{"gzip;q=0.5, identity", "", nil, ""}, {"gzip, identity", "", nil, ""}, {"identity;q=0.5,gzip;q=0.6", "gzip", nil, ""},
		{"deflate, gzip;q=0.1", "gzip", nil, ""}, {"gzip;level=1", "", nil, ""}, {"br;x=y, gzip", "", nil, ""}, {" gzip", "", nil, ""},
		{"gzip;q=2", "", nil, ""}, {"gzip; q=1.000", "gzip", nil, ""}, {"gzip ; q=0.3 , identity;q=0.2", "gzip", nil, ""},
		{"gzip", "", []promhttp.Compression{promhttp.Identity}, ""},
		{"gzip, identity", "gzip", []promhttp.Compression{promhttp.Gzip, promhttp.Identity}, ""},
		{"*", "gzip", []promhttp.Compression{promhttp.Gzip, promhttp.Identity}, ""},
		{"gzip;q=0", "", nil, "content compression format not recognized: . Valid formats are: [identity gzip]"},
		{"*;q=0", "", nil, "content compression format not recognized: . Valid formats are: [identity gzip]"},
		{"br", "", []promhttp.Compression{"br"}, "content compression format not recognized: br. Valid formats are: [identity gzip]"},
		{zstd, "", nil, ""}, // package zstd is not imported here
		{zstd, "", []promhttp.Compression{promhttp.Zstd}, "content compression format not recognized: zstd. Valid formats are: [identity gzip]"},
	} {
		reg := sample()
		for _, g := range []prometheus.Gatherer{reg, plain(reg)} {
			log := new(logged)
			w := get(promhttp.HandlerFor(g, promhttp.HandlerOpts{OfferedCompressions: c.offered, ErrorLog: log}), "/", "Accept-Encoding", c.accept)
			if got := w.Header().Get("Content-Encoding"); got != c.want || w.Code != 200 {
				t.Errorf("%q of %v: %d %q, want %q", c.accept, c.offered, w.Code, got, c.want)
				continue
			}
			if got := w.Header().Values("Vary"); !slices.Equal(got, []string{"Accept", "Accept-Encoding"}) {
				t.Errorf("Vary: %q", got)
			}
			body := w.Body.String()
			if c.want == "gzip" {
				body = gunzip(t, w.Body.Bytes())
			}
			if !strings.Contains(body, "answer 42\n") {
				t.Errorf("%q: %s", c.accept, body)
			}
			var want []string
			if c.refused != "" {
				want = []string{"error getting writer " + c.refused}
			}
			if !slices.Equal(log.lines, want) {
				t.Errorf("%q: logged %q, want %q", c.accept, log.lines, want)
			}
		}
	}
}

func TestDisableCompression(t *testing.T) {
	h := promhttp.HandlerFor(sample(), promhttp.HandlerOpts{DisableCompression: true, OfferedCompressions: []promhttp.Compression{promhttp.Gzip}})
	w := get(h, "/", "Accept-Encoding", "gzip")
	if vary := w.Header().Values("Vary"); !slices.Equal(vary, []string{"Accept"}) || w.Header().Get("Content-Encoding") != "" {
		t.Error(w.Header())
	}
	if !strings.Contains(w.Body.String(), "answer 42\n") {
		t.Error(w.Body)
	}
}

// A body without families is a valid one in every coding.
func TestEmpty(t *testing.T) {
	h := promhttp.HandlerFor(prometheus.NewRegistry(), promhttp.HandlerOpts{})
	if w := get(h, "/"); w.Code != 200 || w.Body.Len() != 0 {
		t.Error(w.Code, w.Body)
	}
	if w := get(h, "/", "Accept-Encoding", "gzip"); w.Code != 200 || gunzip(t, w.Body.Bytes()) != "" {
		t.Error(w.Code, w.Body)
	}
}

func TestNames(t *testing.T) {
	reg := sample()
	reg.MustRegister(foreign{})
	for query, want := range map[string]string{
		"":                                "*",
		"?name=answer":                    "*",
		"?name[]=answer":                  "answer",
		"?name[]=answer&name[]=bare":      "answer bare",
		"?name%5B%5D=foreign&name[]=none": "foreign",
		"?name[]=none":                    "",
		"?name[]=":                        "",
		"?name[]=durations_seconds_count": "",
		"?name[]=durations_seconds&x[]=":  "durations_seconds",
		"?name[]=answer&name[]=answer":    "answer",
		"?name[]=room.temperature":        "room_temperature",
		"?name[]=room_temperature":        "",
		"?names[]=answer&x=%":             "*",
		"?name[]=empty":                   "",
	} {
		w := get(promhttp.HandlerFor(reg, promhttp.HandlerOpts{}), "/metrics"+query)
		var got []string
		for line := range strings.Lines(w.Body.String()) {
			if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
				got = append(got, strings.Fields(rest)[0])
			}
		}
		if want == "*" && len(got) != 9 || want != "*" && strings.Join(got, " ") != want || w.Code != 200 {
			t.Errorf("%q: %d %q, want %q", query, w.Code, got, want)
		}
	}
}

// Requests that were made by hand may have next to nothing.
func TestBareRequest(t *testing.T) {
	for _, opts := range []promhttp.HandlerOpts{{}, {CoalesceGather: true}} {
		w := httptest.NewRecorder()
		promhttp.HandlerFor(sample(), opts).ServeHTTP(w, new(http.Request))
		if w.Code != 200 || !strings.Contains(w.Body.String(), "answer 42\n") {
			t.Error(w.Code, w.Body)
		}
	}
}

const gatherError = `error collecting metric Desc{fqName: "failing", help: "", unit: "", constLabels: {}, variableLabels: {}}: no such file`

func TestErrorModes(t *testing.T) {
	const failed = "An error has occurred while serving metrics:\n\n" + gatherError + "\n"
	for _, c := range []struct {
		mode promhttp.HandlerErrorHandling
		some bool // whether there is anything beside the error
		code int  // 0: a panic
		body string
	}{
		{promhttp.HTTPErrorOnError, true, 500, failed}, {promhttp.HTTPErrorOnError, false, 500, failed},
		{promhttp.ContinueOnError, true, 200, "# TYPE some gauge\nsome 1\n"}, {promhttp.ContinueOnError, false, 500, failed},
		{promhttp.PanicOnError, true, 0, ""}, {promhttp.PanicOnError, false, 0, ""},
	} {
		reg := prometheus.NewRegistry()
		reg.MustRegister(failing{})
		if c.some {
			g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "some"})
			g.Set(1)
			reg.MustRegister(g)
		}
		for road, g := range map[string]prometheus.Gatherer{"short": reg, "long": plain(reg)} {
			for _, coalesce := range []bool{false, true} {
				log, counts := new(logged), prometheus.NewRegistry()
				h := promhttp.HandlerFor(g, promhttp.HandlerOpts{ErrorLog: log, ErrorHandling: c.mode, Registry: counts, CoalesceGather: coalesce})
				for n := 1.0; n <= 2; n++ {
					var w *httptest.ResponseRecorder
					p := panicOf(func() { w = get(h, "/", "Accept-Encoding", "identity") })
					if err, _ := p.(error); (p != nil) != (c.code == 0) || p != nil && !errors.Is(err, errFailing) {
						t.Errorf("%s, %+v: panic with %v", road, c, p)
					}
					if p == nil && (w.Code != c.code || normal(w.Body.String()) != normal(c.body)) {
						t.Errorf("%s, %+v: %d %q", road, c, w.Code, w.Body)
					}
					want := map[string]float64{"cause=encoding": 0, "cause=gathering": n}
					if got := series(families(t, counts)["promhttp_metric_handler_errors_total"]); !maps.Equal(got, want) {
						t.Errorf("%s, %+v: %v", road, c, got)
					}
				}
				if len(log.lines) != 2 || log.lines[1] != "error gathering metrics: "+gatherError {
					t.Errorf("%s, %+v: logged %q", road, c, log.lines)
				}
			}
		}
	}
}

// An answer that is an error is not said to be compressed.
func TestErrorIsPlain(t *testing.T) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(failing{})
	w := httptest.NewRecorder()
	w.Header().Set("Content-Encoding", "gzip")
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	promhttp.HandlerFor(reg, promhttp.HandlerOpts{}).ServeHTTP(w, r)
	if w.Code != 500 || w.Header().Get("Content-Encoding") != "" || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Error(w.Code, w.Header())
	}
}

// wrong are three families, of which the second cannot be written.
func wrong() ([]*dto.MetricFamily, error) {
	gauge := func(name string) *dto.MetricFamily {
		return &dto.MetricFamily{Name: proto.String(name), Type: dto.MetricType_GAUGE.Enum(),
			Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: proto.Float64(1)}}}}
	}
	bad := gauge("b")
	bad.Type = dto.MetricType_COUNTER.Enum()
	return []*dto.MetricFamily{gauge("a"), bad, gauge("c")}, nil
}

func TestEncodingErrors(t *testing.T) {
	const a, c = "# TYPE a gauge\na 1\n", "# TYPE c gauge\nc 1\n"
	for mode, want := range map[promhttp.HandlerErrorHandling][]string{
		promhttp.HTTPErrorOnError: {a}, promhttp.ContinueOnError: {a, c}, promhttp.PanicOnError: nil,
	} {
		g := &transaction{gather: wrong}
		log, counts := new(logged), prometheus.NewRegistry()
		h := promhttp.HandlerForTransactional(g, promhttp.HandlerOpts{ErrorLog: log, ErrorHandling: mode, Registry: counts})
		var w *httptest.ResponseRecorder
		p := panicOf(func() { w = get(h, "/") })
		if (p != nil) != (want == nil) {
			t.Errorf("%v: panic with %v", mode, p)
		}
		if p == nil {
			body := w.Body.String()
			if strings.Contains(body, "c 1") != (len(want) == 2) || !strings.HasPrefix(body, a) || w.Code != 200 {
				t.Errorf("%v: %d %q", mode, w.Code, w.Body)
			}
		}
		if len(log.lines) != 1 || !strings.HasPrefix(log.lines[0], "error encoding and sending metric family: expected counter in metric ") {
			t.Errorf("%v: logged %q", mode, log.lines)
		}
		if got := series(families(t, counts)["promhttp_metric_handler_errors_total"]); got["cause=encoding"] != 1 || got["cause=gathering"] != 0 {
			t.Errorf("%v: %v", mode, got)
		}
		if gathered, settled := g.counts(); gathered != 1 || settled != 1 {
			t.Errorf("%v: %d gathered, %d settled", mode, gathered, settled)
		}
	}
}

// deaf is a client that has gone.
type deaf struct{ http.ResponseWriter }

func (deaf) Write([]byte) (int, error) { return 0, errors.New("gone") }

func TestSendingErrors(t *testing.T) {
	for _, coding := range []string{"identity", "gzip"} {
		for _, mode := range []promhttp.HandlerErrorHandling{promhttp.HTTPErrorOnError, promhttp.PanicOnError} {
			log, counts := new(logged), prometheus.NewRegistry()
			h := promhttp.HandlerFor(sample(), promhttp.HandlerOpts{ErrorLog: log, Registry: counts, ErrorHandling: mode})
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Accept-Encoding", coding)
			p := panicOf(func() { h.ServeHTTP(deaf{httptest.NewRecorder()}, r) })
			if (p != nil) != (mode == promhttp.PanicOnError) {
				t.Errorf("%s, %v: panic with %v", coding, mode, p)
			}
			if !slices.Equal(log.lines, []string{"error encoding and sending metric family: gone"}) {
				t.Errorf("%s, %v: logged %q", coding, mode, log.lines)
			}
			if got := series(families(t, counts)["promhttp_metric_handler_errors_total"]); got["cause=encoding"] != 1 {
				t.Errorf("%s, %v: %v", coding, mode, got)
			}
		}
	}
}

// A transaction is over when the answer is there, also when that is an error.
func TestTransaction(t *testing.T) {
	for _, err := range []error{nil, errFailing} {
		g := &transaction{gather: func() ([]*dto.MetricFamily, error) { return nil, err }}
		h := promhttp.HandlerForTransactional(g, promhttp.HandlerOpts{})
		for n := 1; n <= 3; n++ {
			get(h, "/")
			if gathered, settled := g.counts(); gathered != n || settled != n {
				t.Errorf("%v: %d gathered, %d settled, want %d", err, gathered, settled, n)
			}
		}
	}
}

func TestRegistryOption(t *testing.T) {
	reg := prometheus.NewRegistry()
	opts := promhttp.HandlerOpts{Registry: reg}
	promhttp.HandlerFor(reg, opts)
	h := promhttp.HandlerFor(reg, opts) // there is such a counter already
	want := `# HELP promhttp_metric_handler_errors_total Total number of internal errors encountered by the promhttp metric handler.
# TYPE promhttp_metric_handler_errors_total counter
promhttp_metric_handler_errors_total{cause="encoding"} 0
promhttp_metric_handler_errors_total{cause="gathering"} 0
`
	if got := get(h, "/").Body.String(); got != want {
		t.Errorf("%s", got)
	}
	taken := prometheus.NewRegistry()
	taken.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "promhttp_metric_handler_errors_total"}))
	if panicOf(func() { promhttp.HandlerFor(taken, promhttp.HandlerOpts{Registry: taken}) }) == nil {
		t.Error("no panic though the name is taken")
	}
}

func TestProcessStartTime(t *testing.T) {
	began := time.Unix(1234567890, 999)
	h := promhttp.HandlerFor(sample(), promhttp.HandlerOpts{ProcessStartTime: began})
	if got := get(h, "/").Header().Get("Process-Start-Time-Unix"); got != "1234567890" {
		t.Errorf("%q", got)
	}
	if got := get(promhttp.HandlerFor(sample(), promhttp.HandlerOpts{}), "/").Header().Values("Process-Start-Time-Unix"); got != nil {
		t.Errorf("%q", got)
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(failing{})
	w := get(promhttp.HandlerFor(reg, promhttp.HandlerOpts{ProcessStartTime: began}), "/")
	if got := w.Header().Get("Process-Start-Time-Unix"); got != "1234567890" || w.Code != 500 {
		t.Errorf("%d %q", w.Code, got)
	}
}

// blocker is a collector that waits.
type blocker struct{ entered, free chan struct{} }

func newBlocker() blocker { return blocker{make(chan struct{}, 100), make(chan struct{})} }

var blockerDesc = prometheus.NewDesc("blocked", "", nil, nil)

func (b blocker) Describe(ch chan<- *prometheus.Desc) { ch <- blockerDesc }
func (b blocker) Collect(ch chan<- prometheus.Metric) {
	b.entered <- struct{}{}
	<-b.free
	ch <- prometheus.MustNewConstMetric(blockerDesc, prometheus.GaugeValue, 1)
}

func TestMaxRequestsInFlight(t *testing.T) {
	reg, b := prometheus.NewRegistry(), newBlocker()
	reg.MustRegister(b)
	h := promhttp.HandlerFor(reg, promhttp.HandlerOpts{MaxRequestsInFlight: 1, ProcessStartTime: time.Unix(1, 0)})
	first := make(chan *httptest.ResponseRecorder)
	go func() { first <- get(h, "/") }()
	<-b.entered
	w := get(h, "/")
	if w.Code != 503 || w.Body.String() != "Limit of concurrent requests reached (1), try again later.\n" {
		t.Error(w.Code, w.Body)
	}
	if w.Header().Get("Process-Start-Time-Unix") != "1" {
		t.Error(w.Header())
	}
	close(b.free)
	if w := <-first; w.Code != 200 || !strings.Contains(w.Body.String(), "blocked 1\n") {
		t.Error(w.Code, w.Body)
	}
	if w := get(h, "/"); w.Code != 200 {
		t.Error(w.Code, w.Body)
	}
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg, b := prometheus.NewRegistry(), newBlocker()
		reg.MustRegister(b)
		h := promhttp.HandlerFor(reg, promhttp.HandlerOpts{Timeout: time.Second, MaxRequestsInFlight: 1})
		if w := get(h, "/"); w.Code != 503 || w.Body.String() != "Exceeded configured timeout of 1s.\n" {
			t.Error(w.Code, w.Body)
		}
		// The collection goes on, and counts as in flight.
		if w := get(h, "/"); w.Code != 503 || w.Body.String() != "Limit of concurrent requests reached (1), try again later.\n" {
			t.Error(w.Code, w.Body)
		}
		close(b.free)
		synctest.Wait()
		if w := get(h, "/"); w.Code != 200 || !strings.Contains(w.Body.String(), "blocked 1\n") {
			t.Error(w.Code, w.Body)
		}
	})
}

// A client that goes away while it is being answered is no error of gathering.
func TestTimeoutIsNoError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg, b, log := prometheus.NewRegistry(), newBlocker(), new(logged)
		reg.MustRegister(b)
		get(promhttp.HandlerFor(reg, promhttp.HandlerOpts{Timeout: time.Second, ErrorLog: log}), "/")
		close(b.free)
		synctest.Wait()
		for _, line := range log.lines {
			if strings.Contains(line, "gathering") {
				t.Error(line)
			}
		}
	})
}

// Requests that overlap share a collection; what comes behind gets its own.
func TestCoalesceGather(t *testing.T) {
	const n = 5
	for _, accept := range []string{"text/plain", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text"} {
		for _, target := range []string{"/", "/?name[]=blocked"} {
			synctest.Test(t, func(t *testing.T) {
				reg, b := prometheus.NewRegistry(), newBlocker()
				reg.MustRegister(b)
				h := promhttp.HandlerFor(reg, promhttp.HandlerOpts{CoalesceGather: true})
				answers := make(chan *httptest.ResponseRecorder, n)
				for range n {
					go func() { answers <- get(h, target, "Accept", accept) }()
				}
				synctest.Wait()
				close(b.free)
				for range n {
					if w := <-answers; w.Code != 200 || !strings.Contains(w.Body.String(), "blocked") {
						t.Error(w.Code, w.Body)
					}
				}
				if got := len(b.entered); got != 1 {
					t.Errorf("%d collections for %d requests", got, n)
				}
				get(h, target, "Accept", accept)
				if got := len(b.entered); got != 2 {
					t.Errorf("%d collections, want one more", got)
				}
			})
		}
	}
}

// Bodies that requests share, in several codings and formats, stay whole while others are made.
// Unless they share, clients see what they recorded themselves before they asked.
func TestStress(t *testing.T) {
	for _, coalesce := range []bool{false, true} {
		reg := sample()
		reg.MustRegister(foreign{})
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "clients_total"}, []string{"client"})
		reg.MustRegister(v)
		h := promhttp.HandlerFor(reg, promhttp.HandlerOpts{CoalesceGather: coalesce, EnableOpenMetrics: true})
		var all sync.WaitGroup
		for client := range 8 {
			all.Go(func() {
				name, coding := strconv.Itoa(client), []string{"identity", "gzip"}[client%2]
				accept := []string{"text/plain", "application/openmetrics-text;version=1.0.0"}[client/2%2]
				query := []string{"/", "/", "/?name[]=clients_total"}[client%3]
				for i := 1; i <= 50; i++ {
					v.WithLabelValues(name).Inc()
					w := get(h, query, "Accept", accept, "Accept-Encoding", coding)
					body := w.Body.String()
					if coding == "gzip" {
						body = gunzip(t, w.Body.Bytes())
					}
					want := fmt.Sprintf("clients_total{client=%q} ", name)
					_, rest, found := strings.Cut(body, want)
					value, _, _ := strings.Cut(rest, "\n")
					got, err := strconv.ParseFloat(value, 64)
					if !coalesce && got != float64(i) || coalesce && !(found || i == 1) || err != nil && found || w.Code != 200 {
						t.Errorf("no %s%d in\n%s", want, i, body)
						return
					}
				}
			})
		}
		all.Wait()
	}
}

// Those who share a collection that panics learn of it; the panic is for who ran it.
func TestCoalescedPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		g := &transaction{gather: func() ([]*dto.MetricFamily, error) { <-free; panic("boom") }}
		h := promhttp.HandlerForTransactional(g, promhttp.HandlerOpts{CoalesceGather: true})
		const n = 4
		codes, panics := make(chan int, n), make(chan any, n)
		for range n {
			go func() {
				if p := panicOf(func() {
					w := get(h, "/")
					if !strings.HasSuffix(w.Body.String(), "\n\ncoalesced gather panicked\n") {
						t.Error(w.Body)
					}
					codes <- w.Code
				}); p != nil {
					panics <- p
				}
			}()
		}
		synctest.Wait()
		close(free)
		synctest.Wait()
		if len(panics) != 1 || <-panics != "boom" {
			t.Error("the panic got lost")
		}
		for range n - 1 {
			if code := <-codes; code != 500 {
				t.Error(code)
			}
		}
		if panicOf(func() { get(h, "/") }) != "boom" {
			t.Error("the next request did not gather")
		}
	})
}

// The families that requests share are not changed, whatever those select, and are given
// back once.
func TestCoalescedTransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free, reg := make(chan struct{}), sample()
		g := &transaction{gather: func() ([]*dto.MetricFamily, error) { <-free; return reg.Gather() }}
		h := promhttp.HandlerForTransactional(g, promhttp.HandlerOpts{CoalesceGather: true})
		for _, name := range []string{"answer", "bare", "native", "sizes_bytes"} {
			go func() {
				w := get(h, "/?name[]="+name)
				if strings.Count(w.Body.String(), "# TYPE ") != 1 || !strings.Contains(w.Body.String(), "# TYPE "+name+" ") {
					t.Error(w.Body)
				}
			}()
		}
		synctest.Wait()
		close(free)
		synctest.Wait()
		if gathered, settled := g.counts(); gathered != 1 || settled != 1 {
			t.Errorf("%d gathered, %d settled", gathered, settled)
		}
	})
}

// Handler serves the default gatherer, and counts itself in the default registerer, in one
// place for all handlers.
func TestHandler(t *testing.T) {
	registerer, gatherer := prometheus.DefaultRegisterer, prometheus.DefaultGatherer
	defer func() { prometheus.DefaultRegisterer, prometheus.DefaultGatherer = registerer, gatherer }()
	reg := prometheus.NewRegistry()
	prometheus.DefaultRegisterer, prometheus.DefaultGatherer = reg, reg
	first, second := promhttp.Handler(), promhttp.Handler()
	get(first, "/")
	want := `# HELP promhttp_metric_handler_requests_in_flight Current number of scrapes being served.
# TYPE promhttp_metric_handler_requests_in_flight gauge
promhttp_metric_handler_requests_in_flight 1
# HELP promhttp_metric_handler_requests_total Total number of scrapes by HTTP status code.
# TYPE promhttp_metric_handler_requests_total counter
promhttp_metric_handler_requests_total{code="200"} 1
promhttp_metric_handler_requests_total{code="500"} 0
promhttp_metric_handler_requests_total{code="503"} 0
`
	if got := get(second, "/").Body.String(); got != want {
		t.Errorf("%s", got)
	}
}

func TestInstrumentMetricHandler(t *testing.T) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(failing{})
	wrapped := prometheus.WrapRegistererWith(prometheus.Labels{"app": "x"}, prometheus.WrapRegistererWithPrefix("p_", reg))
	promhttp.InstrumentMetricHandler(wrapped, http.NotFoundHandler())
	h := promhttp.InstrumentMetricHandler(wrapped, promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	get(h, "/")
	get(h, "/")
	list, _ := reg.Gather() // an error it has, of course
	for _, f := range list {
		if f.GetName() == "p_promhttp_metric_handler_requests_total" {
			if got := series(f); got["app=x,code=500"] != 2 || len(got) != 3 {
				t.Error(got)
			}
			return
		}
	}
	t.Error("the counter is not there")
}

// A scrape through a server, as Prometheus does it.
func TestServer(t *testing.T) {
	server := httptest.NewServer(promhttp.HandlerFor(sample(), promhttp.HandlerOpts{EnableOpenMetrics: true}))
	defer server.Close()
	for _, accept := range accepts {
		r, err := http.NewRequest("GET", server.URL+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", accept)
		resp, err := server.Client().Do(r) // asks for gzip, and unpacks it
		if err != nil {
			t.Fatal(err)
		}
		f := expfmt.ResponseFormat(resp.Header)
		readable := f.FormatType() == expfmt.TypeTextPlain && !strings.Contains(accept, "allow-utf-8") // expfmt's parser has no quoted names
		if readable || f.FormatType() == expfmt.TypeProtoDelim {
			var list []string
			for d := expfmt.NewDecoder(resp.Body, f); ; {
				var m dto.MetricFamily
				if d.Decode(&m) != nil {
					break
				}
				list = append(list, m.GetName())
			}
			if len(list) != 8 {
				t.Errorf("%q: %q", accept, list)
			}
		}
		if !resp.Uncompressed || resp.StatusCode != 200 {
			t.Errorf("%q: %d %v", accept, resp.StatusCode, resp.Header)
		}
		resp.Body.Close()
	}
}
