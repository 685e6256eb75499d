package upstream

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/pawl-metrics/pawl/fuzz/compat/record"
)

// examples does what the examples in client_golang's documentation are about, in
// its own words; those that other programs do already are left out.
func examples(l *record.Log) {
	queueOfJobs(l)
	processorsAndPing(l)
	seasons(l)
	taskCounter(l)
	clusters(l)
	timersOfAllKinds(l)
	groups(l)
	mergedSources(l)
	instrumentedServer(l)
}

// queueOfJobs: a gauge, and one by owner.
func queueOfJobs(l *record.Log) {
	queued := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "company", Subsystem: "store", Name: "jobs_queued", Help: "Jobs that wait."})
	byOwner := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "company", Subsystem: "store", Name: "jobs_by_owner", Help: "Jobs that wait."}, []string{"owner", "kind"})
	r := prometheus.NewRegistry()
	r.MustRegister(queued, byOwner)
	queued.Add(10)
	queued.Dec()
	queued.Dec()
	byOwner.WithLabelValues("ann", "compaction").Add(4)
	byOwner.With(prometheus.Labels{"kind": "deletion", "owner": "ben"}).Inc()
	gather(l, "queue", r)
}

// processorsAndPing: what a function says, and one function for each value of a const
// label.
func processorsAndPing(l *record.Log) {
	r := prometheus.NewRegistry()
	l.Err("goroutines", r.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Subsystem: "runtime", Name: "goroutines", Help: "h"}, func() float64 { return 7 })))
	for i, db := range []string{"primary", "replica"} {
		l.Err(db, r.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "mysql", Name: "connections_open", Help: "h", ConstLabels: prometheus.Labels{"destination": db}}, func() float64 { return float64(10 * i) })))
	}
	gather(l, "functions", r)
}

// seasons: a year of temperatures in a summary, in one by species, and in a histogram.
func seasons(l *record.Log) {
	temps := prometheus.NewSummary(prometheus.SummaryOpts{Name: "pond_temperature_celsius", Help: "h", Objectives: map[float64]float64{0.5: 0.05, 0.9: 0.01, 0.99: 0.001}})
	bySpecies := prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: "pond_temperature_by_species_celsius", Help: "h", Objectives: map[float64]float64{0.5: 0.05}}, []string{"species"})
	buckets := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "pond_temperature", Help: "h", Buckets: prometheus.LinearBuckets(20, 5, 5)})
	for i := range 1000 {
		v := 30 + math.Floor(120*math.Sin(float64(i)*0.1))/8
		temps.Observe(v)
		bySpecies.WithLabelValues("litoria-caerulea").Observe(v)
		bySpecies.WithLabelValues("lithobates-catesbeianus").Observe(v + 8)
		buckets.Observe(v)
	}
	bySpecies.WithLabelValues("leiopelma-hochstetteri")
	r := prometheus.NewRegistry()
	r.MustRegister(temps, bySpecies, buckets)
	gather(l, "seasons", r)
}

// taskCounter: a collector that is registered, refused for another one of its name,
// unregistered, and followed by a vec.
func taskCounter(l *record.Log) {
	r := prometheus.NewRegistry()
	count := prometheus.NewCounter(prometheus.CounterOpts{Subsystem: "pool", Name: "completed_tasks_total", Help: "h"})
	l.Err("first", r.Register(count))
	byWorker := prometheus.NewCounterVec(prometheus.CounterOpts{Subsystem: "pool", Name: "completed_tasks_total", Help: "h"}, []string{"worker_id"})
	l.Err("by worker", r.Register(byWorker))
	l.Printf("%t", r.Unregister(count))
	l.Err("the name is remembered with its labels", r.Register(prometheus.NewCounterVec(prometheus.CounterOpts{Subsystem: "pool", Name: "tasks_by_id_total", Help: "h"}, []string{"worker_id"})))
	again := prometheus.NewCounter(prometheus.CounterOpts{Name: "requests_total", Help: "h"})
	l.Err("requests", r.Register(again))
	err := r.Register(prometheus.NewCounter(prometheus.CounterOpts{Name: "requests_total", Help: "h"}))
	var already prometheus.AlreadyRegisteredError
	if errors.As(err, &already) {
		already.ExistingCollector.(prometheus.Counter).Inc()
	}
	write(l, "the one that was there", again)
}

// cluster is a manager that is asked at the scrape what its hosts saw.
type cluster struct{ zone string }

var (
	crashes = prometheus.NewDesc("cluster_oom_crashes_total", "Crashes.", []string{"host"}, nil)
	memory  = prometheus.NewDesc("cluster_ram_usage_bytes", "Memory.", []string{"host"}, nil)
)

func (c cluster) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

func (c cluster) Collect(ch chan<- prometheus.Metric) {
	for i, host := range []string{"foo.example.org", "bar.example.org"} {
		ch <- prometheus.MustNewConstMetric(crashes, prometheus.CounterValue, float64(42*i+len(c.zone)), host)
		ch <- prometheus.MustNewConstMetric(memory, prometheus.GaugeValue, 6.023e23/float64(i+1), host)
	}
}

func clusters(l *record.Log) {
	r := prometheus.NewPedanticRegistry()
	for _, zone := range []string{"db", "ca"} {
		l.Err(zone, prometheus.WrapRegistererWith(prometheus.Labels{"zone": zone}, r).Register(cluster{zone}))
	}
	gather(l, "clusters", r)
}

func timersOfAllKinds(l *record.Log) {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "request_duration_seconds", Help: "h", Buckets: []float64{3600}})
	func() { defer prometheus.NewTimer(h).ObserveDuration() }()
	last := prometheus.NewGauge(prometheus.GaugeOpts{Name: "example_function_duration_seconds", Help: "h"})
	func() { defer prometheus.NewTimer(prometheus.ObserverFunc(last.Set)).ObserveDuration() }()
	byStatus := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "api_request_duration_seconds", Help: "h", Buckets: []float64{3600}}, []string{"status"})
	for _, code := range []int{200, 404, 503} {
		func() {
			status := ""
			timer := prometheus.NewTimer(prometheus.ObserverFunc(func(v float64) { byStatus.WithLabelValues(status).Observe(v) }))
			defer timer.ObserveDuration()
			status = fmt.Sprintf("%dxx", code/100)
		}()
	}
	counts(l, "timed", h)
	counts(l, "timed by status", byStatus)
}

// groups: collectors that come and go together have a registry of their own, which is
// itself a collector.
func groups(l *record.Log) {
	all := prometheus.NewRegistry()
	for _, tenant := range []string{"a", "b"} {
		group := prometheus.NewRegistry()
		g := prometheus.WrapRegistererWith(prometheus.Labels{"tenant": tenant}, group)
		requests := counterNamed("requests_total", "h", nil)
		g.MustRegister(requests, gaugeNamed("sessions", "h", nil))
		requests.Inc()
		l.Err(tenant, all.Register(group))
		if tenant == "b" {
			gather(l, "both", all)
			l.Printf("%t", all.Unregister(group))
		}
	}
	gather(l, "one", all)
}

// mergedSources: a registry and families out of a text file, served as one.
func mergedSources(l *record.Log) {
	r := prometheus.NewRegistry()
	own := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "temperature_kelvin", Help: "Temperature in Kelvin."}, []string{"location"})
	r.MustRegister(own)
	own.WithLabelValues("outside").Set(273.125)
	for _, text := range []string{
		"# TYPE humidity_percent gauge\n# HELP humidity_percent Humidity.\nhumidity_percent{location=\"outside\"} 45.5\nhumidity_percent{location=\"inside\"} 33.5\n",
		"# TYPE temperature_kelvin gauge\n# HELP temperature_kelvin Temperature in Kelvin.\ntemperature_kelvin{location=\"somewhere else\"} 4.5\n",
		"# TYPE temperature_kelvin gauge\n# HELP temperature_kelvin Temperature in Kelvin.\ntemperature_kelvin{location=\"outside\"} 265.5\n",
		"# TYPE temperature_kelvin gauge\n# HELP temperature_kelvin Something else.\ntemperature_kelvin{location=\"x\"} 265.5\n",
		"# TYPE temperature_kelvin counter\ntemperature_kelvin{location=\"x\"} 265.5\n",
	} {
		parsed := prometheus.GathererFunc(func() (list []*dto.MetricFamily, err error) {
			p := textParser()
			families, err := p.TextToMetricFamilies(strings.NewReader(text))
			for _, f := range families {
				list = append(list, f)
			}
			return list, err
		})
		gather(l, "merged", prometheus.Gatherers{r, parsed})
	}
}

func instrumentedServer(l *record.Log) {
	r := prometheus.NewRegistry()
	inFlight := gaugeNamed("in_flight_requests", "h", nil)
	counter := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "api_requests_total", Help: "h"}, []string{"code", "method"})
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "request_duration_seconds", Help: "h", Buckets: []float64{3600}}, []string{"handler", "method"})
	size := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "response_size_bytes", Help: "h", Buckets: []float64{200, 500, 900, 1500}}, []string{})
	r.MustRegister(inFlight, counter, duration, size)
	chain := func(name string, h http.Handler) http.Handler {
		return promhttp.InstrumentHandlerInFlight(inFlight, promhttp.InstrumentHandlerDuration(duration.MustCurryWith(prometheus.Labels{"handler": name}),
			promhttp.InstrumentHandlerCounter(counter, promhttp.InstrumentHandlerResponseSize(size, h))))
	}
	mux := http.NewServeMux()
	mux.Handle("/push", chain("push", answering(200, "Push")))
	mux.Handle("/pull", chain("pull", answering(500, "Pull")))
	for range 3 {
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/push", nil))
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/pull", nil))
	}
	list, err := r.Gather()
	for _, f := range list {
		for _, m := range f.Metric {
			if f.GetName() == "request_duration_seconds" {
				m.Histogram.SampleSum = nil
			}
		}
	}
	l.Families("server", list, err)
	info := prometheus.NewMetricWithTimestamp(time.Date(2009, 11, 10, 23, 0, 0, 12345678, time.UTC), prometheus.MustNewConstMetric(
		prometheus.NewDesc("temperature_kelvin", "Current temperature.", nil, nil), prometheus.CounterValue, 298.125))
	write(l, "with a time", info)
}

func textParser() expfmt.TextParser { return expfmt.NewTextParser(model.UTF8Validation) }
