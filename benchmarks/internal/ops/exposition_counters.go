package ops

import (
	"github.com/VictoriaMetrics/metrics"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/metric"

	"github.com/pawl-metrics/pawl/engine"
)

// startOf is the value with which counter i begins: up to five digits.
func startOf(i int) int { return i * 7919 % 99_991 }

func countersPawl(n int) exposition {
	p := newPawl()
	vec := p.counters()
	list := make([]*engine.Counter, n)
	for i := range list {
		list[i] = vec.With(routeOf(i))
		list[i].Add(uint64(startOf(i)))
	}
	return exposition{p, n, func(i, _ int) { list[i].Inc() }}.recordEach(1)
}

func countersProm(n int) exposition {
	p := newProm()
	vec := p.counters(routeLabels...)
	list := make([]prometheus.Counter, n)
	for i := range list {
		r := routeOf(i)
		list[i] = vec.WithLabelValues(r.Method, r.Path, r.Code)
		list[i].Add(float64(startOf(i)))
	}
	return exposition{p, n, func(i, _ int) { list[i].Inc() }}.recordEach(1)
}

func countersVictoria(n int) exposition {
	v := newVictoria()
	list := make([]*metrics.Counter, n)
	for i := range list {
		list[i] = v.set.NewCounter(victoriaName(routeOf(i)))
		list[i].Add(startOf(i))
	}
	return exposition{v, n, func(i, _ int) { list[i].Inc() }}.recordEach(1)
}

func countersOtel(n int) exposition {
	o := newOtel()
	c := o.counter()
	list := make([][]metric.AddOption, n)
	for i := range list {
		list[i] = []metric.AddOption{attributes(routeOf(i))}
		c.Add(background, int64(startOf(i)), list[i]...)
	}
	return exposition{o, n, func(i, _ int) { c.Add(background, 1, list[i]...) }}.recordEach(1)
}
