package ops

import (
	compat "github.com/pawl-metrics/pawl/compat/prometheus"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
)

// The recordings of pawl-compat, which are client_golang's in the other files with
// another import. They stand apart because reading them twice proves nothing.

func incCompat(int) measure.Subject {
	p := newCompat()
	c := p.counter()
	return loop(1, totalOf(p, name), func(iters int) {
		for range iters {
			c.Inc()
		}
	})
}

func addFloatCompat(int) measure.Subject {
	p := newCompat()
	c := p.counter()
	return loop(fraction, totalOf(p, name), func(iters int) {
		for range iters {
			c.Add(fraction)
		}
	})
}

func gaugeSetCompat(int) measure.Subject {
	g := newCompat().gauge()
	return loop(0, nil, func(iters int) {
		for i := range iters {
			g.Set(float64(i))
		}
	})
}

func gaugeAddCompat(int) measure.Subject {
	p := newCompat()
	g := p.gauge()
	return loop(fraction, totalOf(p, name), func(iters int) {
		for range iters {
			g.Add(fraction)
		}
	})
}

func upDownCompat(int) measure.Subject {
	p := newCompat()
	g := p.gauge()
	return swing(totalOf(p, name), func(iters int) {
		for range iters {
			g.Add(up)
			g.Add(down)
		}
	})
}

func observeCompat(opts compat.HistogramOpts) measure.Subject {
	p := newCompat()
	h := p.histogram(opts)
	return loop(1, totalOf(p, name+"_count"), func(iters int) {
		for i := range iters {
			h.Observe(observations[i%observed])
		}
	})
}

func exemplarCompat(int) measure.Subject {
	p := newCompat()
	h := p.histogram(compatHistogram(bounds11)).(compat.ExemplarObserver)
	return loop(1, totalOf(p, name+"_count"), func(iters int) {
		for i := range iters {
			h.ObserveWithExemplar(observations[i%observed], compat.Labels{"trace_id": traceID})
		}
	})
}

func summaryCompat(objectives map[float64]float64) measure.Subject {
	p := newCompat()
	s := compatRegistered(p, compat.NewSummary(compat.SummaryOpts{Name: name, Help: help, Objectives: objectives, MaxAge: window}))
	return loop(1, totalOf(p, name+"_count"), func(iters int) {
		for i := range iters {
			s.Observe(observations[i%observed])
		}
	})
}

func lookup3Compat(n int) measure.Subject {
	p := newCompat()
	vec := p.counters(routeLabels...)
	for i := range n {
		r := routeOf(i)
		vec.WithLabelValues(r.Method, r.Path, r.Code)
	}
	return loopOver(1, totalOf(p, name), routesFor(n), func(routes []route, iters int) {
		for i := range iters {
			r := &routes[i&(len(routes)-1)]
			vec.WithLabelValues(r.Method, r.Path, r.Code).Inc()
		}
	})
}

func lookup1Compat(n int) measure.Subject {
	p := newCompat()
	vec := p.counters("path")
	for i := range n {
		vec.WithLabelValues(pathOf(i))
	}
	return loopOver(1, totalOf(p, name), pathsFor(n), func(paths []string, iters int) {
		for i := range iters {
			vec.WithLabelValues(paths[i%fresh]).Inc()
		}
	})
}

func labelsCompat(k int) measure.Subject {
	p := newCompat()
	vec := p.counters(labelNames(k)...)
	for i := range labelled {
		vec.WithLabelValues(labelValues(k, i)...)
	}
	return loopOver(1, totalOf(p, name), valuesFor(k), func(list [][]string, iters int) {
		for i := range iters {
			vec.WithLabelValues(list[i%fresh]...).Inc()
		}
	})
}
