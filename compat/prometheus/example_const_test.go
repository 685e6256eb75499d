package prometheus_test

import (
	"fmt"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

type family = dto.MetricFamily

const utf8Names = model.UTF8Validation

// one is a collector of one metric that was made elsewhere, which is how constant
// metrics are used.
func one(m prometheus.Metric) prometheus.Collector {
	return prometheus.CollectorFunc(func(ch chan<- prometheus.Metric) { ch <- m })
}

// printed prints a metric as a message.
func printed(m prometheus.Metric) {
	var out dto.Metric
	if err := m.Write(&out); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("labels:", len(out.Label), "count:", out.GetHistogram().GetSampleCount()+out.GetSummary().GetSampleCount(),
		"began:", began(&out))
}

func began(m *dto.Metric) string {
	for _, t := range []interface{ AsTime() time.Time }{m.GetCounter().GetCreatedTimestamp(), m.GetSummary().GetCreatedTimestamp(), m.GetHistogram().GetCreatedTimestamp()} {
		if t.AsTime().Unix() != 0 {
			return t.AsTime().Format(time.RFC3339)
		}
	}
	return "unknown"
}

var durations = prometheus.NewDesc("http_request_duration_seconds", "Durations.", []string{"code", "method"}, prometheus.Labels{"owner": "example"})

func ExampleNewConstSummary() {
	show(one(prometheus.MustNewConstSummary(durations, 4711, 403.34, map[float64]float64{0.5: 42.3, 0.9: 323.3}, "200", "get")))
	// Output:
	// # HELP http_request_duration_seconds Durations.
	// # TYPE http_request_duration_seconds summary
	// http_request_duration_seconds{code="200",method="get",owner="example",quantile="0.5"} 42.3
	// http_request_duration_seconds{code="200",method="get",owner="example",quantile="0.9"} 323.3
	// http_request_duration_seconds_sum{code="200",method="get",owner="example"} 403.34
	// http_request_duration_seconds_count{code="200",method="get",owner="example"} 4711
}

func ExampleNewConstSummaryWithCreatedTimestamp() {
	printed(prometheus.MustNewConstSummaryWithCreatedTimestamp(durations, 4711, 403.34, nil, time.Unix(1257894000, 0), "200", "get"))
	// Output: labels: 3 count: 4711 began: 2009-11-10T23:00:00Z
}

func ExampleNewConstHistogram() {
	show(one(prometheus.MustNewConstHistogram(durations, 4711, 403.34, map[float64]uint64{25: 121, 50: 2403, 100: 3221, 200: 4233}, "200", "get")))
	// Output:
	// # HELP http_request_duration_seconds Durations.
	// # TYPE http_request_duration_seconds histogram
	// http_request_duration_seconds_bucket{code="200",method="get",owner="example",le="25"} 121
	// http_request_duration_seconds_bucket{code="200",method="get",owner="example",le="50"} 2403
	// http_request_duration_seconds_bucket{code="200",method="get",owner="example",le="100"} 3221
	// http_request_duration_seconds_bucket{code="200",method="get",owner="example",le="200"} 4233
	// http_request_duration_seconds_bucket{code="200",method="get",owner="example",le="+Inf"} 4711
	// http_request_duration_seconds_sum{code="200",method="get",owner="example"} 403.34
	// http_request_duration_seconds_count{code="200",method="get",owner="example"} 4711
}

func ExampleNewConstHistogramWithCreatedTimestamp() {
	printed(prometheus.MustNewConstHistogramWithCreatedTimestamp(durations, 4711, 403.34, nil, time.Unix(1257894000, 0), "200", "get"))
	// Output: labels: 3 count: 4711 began: 2009-11-10T23:00:00Z
}

// Each exemplar goes to the bucket of its value.
func ExampleNewConstHistogram_withExemplar() {
	h := prometheus.MustNewConstHistogram(durations, 4711, 403.34, map[float64]uint64{25: 121, 50: 2403}, "200", "get")
	h = prometheus.MustNewMetricWithExemplars(h,
		prometheus.Exemplar{Value: 24, Labels: prometheus.Labels{"trace": "a"}},
		prometheus.Exemplar{Value: 51, Labels: prometheus.Labels{"trace": "b"}},
	)
	var m dto.Metric
	h.Write(&m)
	for _, b := range m.Histogram.Bucket {
		fmt.Println(b.GetUpperBound(), b.GetCumulativeCount(), b.GetExemplar().GetValue())
	}
	// Output:
	// 25 121 24
	// 50 2403 0
	// +Inf 4711 51
}

// A timestamp is for numbers that were true at another time than that of the scrape. There
// is seldom a reason for one.
func ExampleNewMetricWithTimestamp() {
	desc := prometheus.NewDesc("temperature_kelvin", "Temperature, as of the last reading.", nil, nil)
	reading := prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, 298.15)
	show(one(prometheus.NewMetricWithTimestamp(time.UnixMilli(1257894000012), reading)))
	// Output:
	// # HELP temperature_kelvin Temperature, as of the last reading.
	// # TYPE temperature_kelvin gauge
	// temperature_kelvin 298.15 1257894000012
}

func ExampleNewConstMetricWithCreatedTimestamp() {
	desc := prometheus.NewDesc("requests_total", "Requests.", nil, nil)
	printed(prometheus.MustNewConstMetricWithCreatedTimestamp(desc, prometheus.CounterValue, 17, time.Unix(1257894000, 0)))
	// Output: labels: 0 count: 0 began: 2009-11-10T23:00:00Z
}

// A function is a collector: here of numbers that another system keeps.
func ExampleCollectorFunc() {
	desc := prometheus.NewDesc("jobs_queued", "Jobs that wait, by queue.", []string{"queue"}, nil)
	queues := func() map[string]int { return map[string]int{"mail": 3, "video": 1} }
	show(prometheus.CollectorFunc(func(ch chan<- prometheus.Metric) {
		for queue, n := range queues() {
			ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n), queue)
		}
	}))
	// Output:
	// # HELP jobs_queued Jobs that wait, by queue.
	// # TYPE jobs_queued gauge
	// jobs_queued{queue="mail"} 3
	// jobs_queued{queue="video"} 1
}
