package prometheus_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

func ExampleTimer() {
	durations := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "request_duration_seconds", Help: "Durations.", Buckets: prometheus.LinearBuckets(0.01, 0.01, 10)})
	func() {
		defer prometheus.NewTimer(durations).ObserveDuration()
		time.Sleep(time.Millisecond) // the request
	}()
	fmt.Println(countOf(durations))
	// Output: 1
}

// A gauge has no Observe, but its Set is a function that has one: the duration of a
// batch job that runs once a day.
func ExampleTimer_gauge() {
	duration := prometheus.NewGauge(prometheus.GaugeOpts{Name: "backup_duration_seconds", Help: "Duration of the last backup."})
	timer := prometheus.NewTimer(prometheus.ObserverFunc(duration.Set))
	time.Sleep(time.Millisecond) // the backup
	d := timer.ObserveDuration()
	var m dto.Metric
	duration.Write(&m)
	fmt.Println(m.Gauge.GetValue() == d.Seconds())
	// Output: true
}

// What is measured is known at the beginning, by which histogram only at the end.
func ExampleTimer_complex() {
	durations := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "request_duration_seconds", Help: "Durations, by class of answer."}, []string{"class"})
	handler := func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusOK
		timer := prometheus.NewTimer(prometheus.ObserverFunc(func(v float64) {
			durations.WithLabelValues(fmt.Sprintf("%dxx", status/100)).Observe(v)
		}))
		defer timer.ObserveDuration()
		if r.URL.Path != "/" {
			status = http.StatusNotFound
		}
		w.WriteHeader(status)
	}
	for _, path := range []string{"/", "/nothing", "/"} {
		handler(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
	}
	fmt.Println(countOf(durations.WithLabelValues("2xx").(prometheus.Metric)), countOf(durations.WithLabelValues("4xx").(prometheus.Metric)))
	// Output: 2 1
}

func countOf(h prometheus.Metric) uint64 {
	var m dto.Metric
	h.Write(&m)
	return m.Histogram.GetSampleCount()
}

// build is an instrument of one's own: a gauge that is always 1 and says something by
// its labels.
type build struct {
	desc   *prometheus.Desc
	labels []*dto.LabelPair
}

func (b *build) Desc() *prometheus.Desc { return b.desc }

func (b *build) Write(m *dto.Metric) error {
	m.Label, m.Gauge = b.labels, &dto.Gauge{Value: new(1.0)}
	return nil
}

// buildVec has the methods of a MetricVec, and With and WithLabelValues of the right type.
type buildVec struct{ *prometheus.MetricVec }

func newBuildVec(name, help string, labels []string) buildVec {
	desc := prometheus.NewDesc(name, help, labels, nil)
	return buildVec{prometheus.NewMetricVec(desc, func(values ...string) prometheus.Metric {
		if len(values) != len(labels) {
			panic("the vec has checked their number")
		}
		return &build{desc, prometheus.MakeLabelPairs(desc, values)}
	})}
}

func (v buildVec) WithLabelValues(values ...string) *build {
	m, err := v.GetMetricWithLabelValues(values...)
	if err != nil {
		panic(err)
	}
	return m.(*build)
}

func ExampleMetricVec() {
	v := newBuildVec("build", "What is running here.", []string{"version", "branch"})
	first := v.WithLabelValues("3.5", "main")
	fmt.Println(first == v.WithLabelValues("3.5", "main"))
	v.WithLabelValues("3.6", "next")
	v.DeleteLabelValues("3.6", "next")
	show(v)
	// Output:
	// true
	// # HELP build What is running here.
	// # TYPE build gauge
	// build{branch="main",version="3.5"} 1
}
