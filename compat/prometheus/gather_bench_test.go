package prometheus_test

import (
	"fmt"
	"testing"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// BenchmarkGather is Gather of counters in vecs, of ours as they are and of ours passed on
// by a collector of others, per series.
func BenchmarkGather(b *testing.B) {
	for _, series := range []int{100, 10_000} {
		vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "x_total", Help: "help"}, []string{"method", "path", "code"})
		for i := range series {
			vec.WithLabelValues([]string{"GET", "PUT"}[i%2], fmt.Sprintf("/path/%d", i*7919%series), "200").Inc()
		}
		for name, c := range map[string]prometheus.Collector{
			"ours": vec, "others": struct{ prometheus.Collector }{vec}, "wrapped": prometheus.WrapCollectorWith(prometheus.Labels{"a": "b"}, vec),
		} {
			b.Run(fmt.Sprintf("from=%s/series=%d", name, series), func(b *testing.B) {
				reg := prometheus.NewRegistry()
				reg.MustRegister(c)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := reg.Gather(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*series), "ns/series")
			})
		}
	}
}
