package upstream

import (
	"bytes"
	"errors"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/prometheus/client_golang/prometheus/promhttp/zstd"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/pawl-metrics/pawl/fuzz/compat/record"
)

func handler(g prometheus.Gatherer) http.Handler {
	return promhttp.HandlerFor(g, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// get is a request for metrics. headers are names and values in turn, after what is
// accepted.
func get(accept string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// everything is a registry with each kind of metric in it, and nothing that depends
// on the time.
func everything() *prometheus.Registry { return everythingAt("/a\"b\\c\nd") }

// everythingAt has this path as the value of a label.
func everythingAt(path string) *prometheus.Registry {
	r := prometheus.NewRegistry()
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total", Help: "Counts \\ \"things\"\nin lines.", ConstLabels: constLabels}, []string{"method", "path"})
	plainCounter := counterNamed("requests", "without the suffix", nil)
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "g_bytes", Help: "h", Unit: "bytes"}, []string{"b", "a"})
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h_seconds", Help: "h", Unit: "seconds", Buckets: []float64{0.5, 1, 2.5, 1e6}}, []string{"x"})
	n := prometheus.NewHistogram(native(1.1))
	both := native(1.5)
	both.Name, both.Buckets = "both", []float64{1, 10}
	nb := prometheus.NewHistogramVec(both, []string{"y"})
	s := prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: "s", Objectives: map[float64]float64{0.5: 0.05, 0.99: 0.001}}, []string{"x"})
	u := prometheus.NewUntypedFunc(prometheus.UntypedOpts{Name: "u", Help: ""}, func() float64 { return 2.5 })
	f := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "f", Help: "h", ConstLabels: constLabels}, func() float64 { return -1 })
	utf8 := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "ünï.code", Help: "ünï"}, []string{"lä.bel"})
	r.MustRegister(c, plainCounter, g, h, n, nb, s, u, f, utf8)
	c.WithLabelValues("GET", path).Add(3)
	c.WithLabelValues("POST", "/ünï").(prometheus.ExemplarAdder).AddWithExemplar(1.5, prometheus.Labels{"trace_id": "x\"y"})
	plainCounter.Add(1e15)
	for i, v := range []string{"1", "2", "", "ü"} {
		g.WithLabelValues(v, "z").Set(float64(i) * 1e7)
		h.WithLabelValues(v).Observe(float64(i))
		s.WithLabelValues(v).Observe(float64(i))
		nb.WithLabelValues(v).Observe(float64(i))
		utf8.WithLabelValues(v).Set(float64(i))
		n.Observe(float64(i))
	}
	h.WithLabelValues("1").(prometheus.ExemplarObserver).ObserveWithExemplar(0.75, prometheus.Labels{"id": "1"})
	n.Observe(5)
	nb.WithLabelValues("1").(prometheus.ExemplarObserver).ObserveWithExemplar(50, prometheus.Labels{"id": "3"})
	s.WithLabelValues("none")
	return r
}

// accepts are what clients say they understand.
var accepts = []string{
	"", "*/*", "text/plain", "text/plain;version=0.0.4", "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,*/*;q=0.1",
	"text/plain;version=0.0.4;escaping=dots", "text/plain;version=0.0.4;escaping=values", "text/plain;version=0.0.4;escaping=allow-utf-8",
	"application/openmetrics-text", "application/openmetrics-text;version=1.0.0", "application/openmetrics-text; version=0.0.1",
	"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8", "application/openmetrics-text;version=2.0.0",
	"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
	"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=allow-utf-8",
	"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text",
	"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=compact-text",
	"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3",
	"application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.9", "image/png", "nonsense;;=",
}

func handlerFormats(l *record.Log) {
	r := everything()
	for _, accept := range accepts {
		l.Ask(accept, promhttp.HandlerFor(r, promhttp.HandlerOpts{}), get(accept))
		l.Ask("OpenMetrics "+accept, promhttp.HandlerFor(r, promhttp.HandlerOpts{EnableOpenMetrics: true}), get(accept))
	}
	l.Ask("created", promhttp.HandlerFor(r, promhttp.HandlerOpts{EnableOpenMetrics: true, EnableOpenMetricsTextCreatedSamples: true}), get("application/openmetrics-text;version=1.0.0"))
	l.Ask("created", promhttp.HandlerFor(r, promhttp.HandlerOpts{EnableOpenMetrics: true, EnableOpenMetricsTextCreatedSamples: true}), get("text/plain"))
	l.Ask("empty", handler(prometheus.NewRegistry()), get(""))
	l.Ask("empty", handler(prometheus.NewRegistry()), get("application/openmetrics-text;version=1.0.0"))
}

// nativeInProtobuf: without classic buckets, an exemplar is in the list and in a bucket
// up to +Inf.
func nativeInProtobuf(l *record.Log) {
	for _, most := range []int{0, -1} {
		opts := native(1.1)
		opts.NativeHistogramMaxExemplars = most
		h := prometheus.NewHistogram(opts)
		h.(prometheus.ExemplarObserver).ObserveWithExemplar(5, prometheus.Labels{"id": "2"})
		r := prometheus.NewRegistry()
		r.MustRegister(h)
		l.Ask("protobuf", handler(r), get(accepts[13]))
	}
}

func handlerOptions(l *record.Log) {
	r := everything()
	at := func(opts promhttp.HandlerOpts) http.Handler { return promhttp.HandlerFor(r, opts) }
	l.Ask("start", at(promhttp.HandlerOpts{ProcessStartTime: then}), get(""))
	l.Ask("timeout", at(promhttp.HandlerOpts{Timeout: time.Minute}), get(""))
	l.Ask("formats", at(promhttp.HandlerOpts{AcceptedFormats: []expfmt.Format{expfmt.NewFormat(expfmt.TypeProtoDelim)}}), get("text/plain"))
	l.Ask("formats", at(promhttp.HandlerOpts{AcceptedFormats: []expfmt.Format{expfmt.NewFormat(expfmt.TypeTextPlain), expfmt.NewFormat(expfmt.TypeProtoDelim)}}), get(accepts[13]))
	l.Ask("coalesce", at(promhttp.HandlerOpts{CoalesceGather: true}), get(""))
	post := httptest.NewRequest(http.MethodPost, "/metrics", strings.NewReader("x"))
	l.Ask("post", at(promhttp.HandlerOpts{}), post)
	head := httptest.NewRequest(http.MethodHead, "/metrics", nil)
	l.Ask("head", at(promhttp.HandlerOpts{}), head)

	// A request that waits holds the only place.
	enter, leave := make(chan bool), make(chan bool)
	slow := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { enter <- true; <-leave; return nil, nil })
	h := promhttp.HandlerFor(slow, promhttp.HandlerOpts{MaxRequestsInFlight: 1, ProcessStartTime: then})
	go h.ServeHTTP(httptest.NewRecorder(), get(""))
	<-enter
	l.Ask("full", h, get(""))
	leave <- true

	late := promhttp.HandlerFor(slow, promhttp.HandlerOpts{Timeout: 5 * time.Millisecond})
	go func() { <-enter }()
	l.Ask("late", late, get(""))
	leave <- true

	done := 0
	tx := transactional{r, func() { done++ }}
	l.Ask("transaction", promhttp.HandlerForTransactional(tx, promhttp.HandlerOpts{}), get(""))
	l.Printf("done %d", done)
	l.Ask("transaction", promhttp.HandlerForTransactional(tx, promhttp.HandlerOpts{CoalesceGather: true}), get(""))
	l.Printf("done %d", done)
	l.Ask("nil compression", at(promhttp.HandlerOpts{OfferedCompressions: []promhttp.Compression{}}), get("", "Accept-Encoding", "gzip"))
}

type transactional struct {
	prometheus.Gatherer
	done func()
}

func (t transactional) Gather() ([]*dto.MetricFamily, func(), error) {
	list, err := t.Gatherer.Gather()
	return list, t.done, err
}

func handlerErrors(l *record.Log) {
	good := everything()
	partly := prometheus.NewRegistry()
	partly.MustRegister(gaugeNamed("g", "h", nil), several{metrics: []prometheus.Metric{prometheus.NewInvalidMetric(plain, errors.New("no value"))}})
	nothing := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, errors.New("nothing") })
	unencodable := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		return []*dto.MetricFamily{{Name: new("a"), Type: new(dto.MetricType_GAUGE), Metric: []*dto.Metric{{}}}}, nil
	})
	for i, g := range []prometheus.Gatherer{good, partly, nothing, unencodable} {
		for _, mode := range []promhttp.HandlerErrorHandling{promhttp.HTTPErrorOnError, promhttp.ContinueOnError, promhttp.PanicOnError} {
			var logged bytes.Buffer
			counts := prometheus.NewRegistry()
			h := promhttp.HandlerFor(g, promhttp.HandlerOpts{ErrorHandling: mode, ErrorLog: log.New(&logged, "", 0), Registry: counts})
			if i > 0 {
				l.Ask("errors", h, get(""))
			}
			l.Printf("logged %q", logged.String())
			gather(l, "counted", counts)
			again := promhttp.HandlerFor(g, promhttp.HandlerOpts{Registry: counts})
			l.Printf("again: %t", again != nil)
		}
	}
	taken := prometheus.NewRegistry()
	taken.MustRegister(counterNamed("promhttp_metric_handler_errors_total", "another help", nil))
	l.Try("the name is taken", func() { promhttp.HandlerFor(good, promhttp.HandlerOpts{Registry: taken}) })
	panics := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { panic("gatherer") })
	l.Ask("panic", promhttp.HandlerFor(panics, promhttp.HandlerOpts{}), get(""))
	l.Ask("panic", promhttp.HandlerFor(panics, promhttp.HandlerOpts{CoalesceGather: true}), get(""))
}

func handlerFilter(l *record.Log) {
	h := handler(everything())
	for _, query := range []string{"?name[]=h_seconds", "?name[]=c_total&name[]=u", "?name[]=c", "?name[]=none", "?name[]=", "?name=u", "?name%5B%5D=u&x=y"} {
		for _, accept := range []string{"", "application/openmetrics-text;version=1.0.0"} {
			r := httptest.NewRequest(http.MethodGet, "/metrics"+query, nil)
			r.Header.Set("Accept", accept)
			l.Ask(query, h, r)
		}
	}
}

func handlerCompression(l *record.Log) {
	r := prometheus.NewRegistry()
	r.MustRegister(gaugeNamed("g", "h", nil))
	for _, coding := range []string{"", "gzip", "zstd", "gzip, zstd", "zstd, gzip", "gzip;q=0.5, zstd;q=0.9", "identity", "*", "br", "br, gzip", "gzip;q=0", "deflate, gzip;q=1.0, *;q=0.5", "GZIP", "x-gzip"} {
		for what, opts := range map[string]promhttp.HandlerOpts{
			"default":   {},
			"off":       {DisableCompression: true},
			"zstd":      {OfferedCompressions: []promhttp.Compression{promhttp.Zstd}},
			"zstd gzip": {OfferedCompressions: []promhttp.Compression{promhttp.Zstd, promhttp.Gzip}},
			"identity":  {OfferedCompressions: []promhttp.Compression{promhttp.Identity}},
			"unknown":   {OfferedCompressions: []promhttp.Compression{"br"}},
		} {
			sub := new(record.Log)
			var logged bytes.Buffer
			opts.ErrorLog = log.New(&logged, "", 0)
			sub.Ask(what+" "+coding, promhttp.HandlerFor(r, opts), get("", "Accept-Encoding", coding))
			sub.Printf("logged %q", logged.String())
			l.Add(what+" "+coding, sub)
		}
	}
}

func handlerInstruments(l *record.Log) {
	r := prometheus.NewRegistry()
	h := promhttp.InstrumentMetricHandler(r, promhttp.HandlerFor(r, promhttp.HandlerOpts{}))
	l.Ask("first", h, get(""))
	l.Ask("second", h, get(""))
	h = promhttp.InstrumentMetricHandler(r, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(418) }))
	l.Ask("teapot", h, get(""))
	gather(l, "counted", r)
	taken := prometheus.NewRegistry()
	taken.MustRegister(gaugeNamed("promhttp_metric_handler_requests_in_flight", "another", nil))
	l.Try("the name is taken", func() { promhttp.InstrumentMetricHandler(taken, h) })
	defer func(a prometheus.Registerer, b prometheus.Gatherer) {
		prometheus.DefaultRegisterer, prometheus.DefaultGatherer = a, b
	}(prometheus.DefaultRegisterer, prometheus.DefaultGatherer)
	mine := prometheus.NewRegistry()
	prometheus.DefaultRegisterer, prometheus.DefaultGatherer = mine, mine
	l.Ask("default", promhttp.Handler(), get(""))
	l.Err("default", prometheus.Register(gaugeNamed("g", "h", nil)))
	l.Try("default", func() { prometheus.MustRegister(gaugeNamed("g", "h", nil)) })
	l.Printf("%t", prometheus.Unregister(gaugeNamed("g", "h", nil)))
	gather(l, "default", mine)
}
