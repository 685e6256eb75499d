package ops

import (
	"github.com/VictoriaMetrics/metrics"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/metric"

	"github.com/pawl-metrics/pawl/engine"
)

// sampled is how many observations each P makes in a histogram before the first
// scrape.
const sampled = 10

// observation is the k-th value for series i.
func observation(i, k int) float64 { return observations[(i+k)%observed] }

func histogramsPawl(n int) exposition {
	p := newPawl()
	vec := p.histograms()
	list := make([]*engine.Histogram, n)
	for i := range list {
		list[i] = vec.With(routeOf(i))
	}
	return exposition{p, n, func(i, k int) { list[i].Observe(observation(i, k)) }}.recordEach(sampled)
}

func histogramsProm(n int) exposition {
	p := newProm()
	vec := p.histograms()
	list := make([]prometheus.Observer, n)
	for i := range list {
		r := routeOf(i)
		list[i] = vec.WithLabelValues(r.Method, r.Path, r.Code)
	}
	return exposition{p, n, func(i, k int) { list[i].Observe(observation(i, k)) }}.recordEach(sampled)
}

func histogramsVictoria(n int) exposition {
	v := newVictoria()
	list := make([]*metrics.PrometheusHistogram, n)
	for i := range list {
		list[i] = v.set.NewPrometheusHistogramExt(victoriaName(routeOf(i)), bounds11)
	}
	return exposition{v, n, func(i, k int) { list[i].Update(observation(i, k)) }}.recordEach(sampled)
}

func histogramsOtel(n int) exposition {
	o := newOtel()
	h := o.histogram()
	list := make([][]metric.RecordOption, n)
	for i := range list {
		list[i] = []metric.RecordOption{attributes(routeOf(i))}
	}
	return exposition{o, n, func(i, k int) { h.Record(background, observation(i, k), list[i]...) }}.recordEach(sampled)
}
