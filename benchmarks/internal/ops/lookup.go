package ops

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/engine"
)

// lookedUp is how many series the tables of the lookup ops hold.
var lookedUp = []int{1000}

var lookup3 = Op{
	Name: "lookup3_inc", Title: "Lookup by three labels, and Inc",
	About: "From three strings to an increment of the series that they name, which exists. The strings are copies, as those " +
		"of a request are, never the ones that the table has stored. VictoriaMetrics looks series up by their whole name, which " +
		"is concatenated in the time; OpenTelemetry builds an attribute set in the time. Both are the only way.",
	Workers: Few,
	Quick:   lookedUp,
	Peers: []Peer{
		{Impl: Pawl, Make: lookup3Pawl},
		{Impl: Prom, Make: lookup3Prom},
		{Impl: PawlCompat, Make: lookup3Compat},
		{Impl: Victoria, Make: lookup3Victoria},
		{Impl: Otel, Make: lookup3Otel},
	},
}

// routesFor gives each worker its own fresh label sets of n series.
func routesFor(n int) func(worker int) []route {
	return func(worker int) []route { return freshRoutes(n, worker) }
}

func lookup3Pawl(n int) measure.Subject {
	p := newPawl()
	vec := p.counters()
	for i := range n {
		vec.With(routeOf(i))
	}
	return loopOver(1, totalOf(p, name), routesFor(n), func(routes []route, iters int) {
		for i := range iters {
			vec.With(routes[i&(len(routes)-1)]).Inc()
		}
	})
}

func lookup3Prom(n int) measure.Subject {
	p := newProm()
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

func lookup3Victoria(n int) measure.Subject {
	v := newVictoria()
	for i := range n {
		v.set.GetOrCreateCounter(victoriaName(routeOf(i)))
	}
	return loopOver(1, totalOf(v, name), routesFor(n), func(routes []route, iters int) {
		for i := range iters {
			v.set.GetOrCreateCounter(victoriaName(routes[i&(len(routes)-1)])).Inc()
		}
	})
}

func lookup3Otel(n int) measure.Subject {
	o := newOtel()
	c := o.counter()
	for i := range n {
		c.Add(background, 0, attributes(routeOf(i)))
	}
	return loopOver(1, totalOf(o, name), routesFor(n), func(routes []route, iters int) {
		for i := range iters {
			c.Add(background, 1, attributes(routes[i&(len(routes)-1)]))
		}
	})
}

var lookup1 = Op{
	Name: "lookup1_inc", Title: "Lookup by one label, and Inc",
	About:   "As the lookup by three labels, with the path alone.",
	Workers: Few,
	Quick:   lookedUp,
	Peers: []Peer{
		{Impl: Pawl, Make: lookup1Pawl},
		{Impl: Prom, Make: lookup1Prom},
		{Impl: PawlCompat, Make: lookup1Compat},
		{Impl: Victoria, Make: lookup1Victoria},
		{Impl: Otel, Make: lookup1Otel},
	},
}

// endpoint is the label set of lookup1: pathOf(i) for series i.
type endpoint struct{ Path string }

func pathOf(i int) string { return routeOf(i * len(methods) * len(codes)).Path }

func pathsFor(n int) func(worker int) []string {
	return func(worker int) []string {
		paths := make([]string, fresh)
		for i := range paths {
			paths[i] = pathOf((i*7 + worker) % n)
		}
		return paths
	}
}

func lookup1Pawl(n int) measure.Subject {
	p := newPawl()
	vec := engine.MustCounterVec[endpoint](p.reg, pawlOpts)
	for i := range n {
		vec.With(endpoint{pathOf(i)})
	}
	return loopOver(1, totalOf(p, name), pathsFor(n), func(paths []string, iters int) {
		for i := range iters {
			vec.With(endpoint{paths[i%fresh]}).Inc()
		}
	})
}

func lookup1Prom(n int) measure.Subject {
	p := newProm()
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

func lookup1Victoria(n int) measure.Subject {
	v := newVictoria()
	nameOf := func(path string) string { return name + `{path="` + path + `"}` }
	for i := range n {
		v.set.GetOrCreateCounter(nameOf(pathOf(i)))
	}
	return loopOver(1, totalOf(v, name), pathsFor(n), func(paths []string, iters int) {
		for i := range iters {
			v.set.GetOrCreateCounter(nameOf(paths[i%fresh])).Inc()
		}
	})
}

func lookup1Otel(n int) measure.Subject {
	o := newOtel()
	c := o.counter()
	labels := func(path string) metric.MeasurementOption {
		return metric.WithAttributeSet(attribute.NewSet(attribute.String("path", path)))
	}
	for i := range n {
		c.Add(background, 0, labels(pathOf(i)))
	}
	return loopOver(1, totalOf(o, name), pathsFor(n), func(paths []string, iters int) {
		for i := range iters {
			c.Add(background, 1, labels(paths[i%fresh]))
		}
	})
}

// growthLookup: the size is the number of series in the table.
var growthLookup = Op{
	Name: "growth_lookup", Title: "Lookup by three labels, by number of series",
	About: "As the lookup by three labels, on one goroutine, in tables of more and more series. From 10k series on 65,536 label sets " +
		"are looked up in turn instead of 512, so that what they find is no longer in the CPU's nearest caches.",
	Quick:  []int{10, 100, 1000},
	Full:   []int{10, 100, 1000, 10_000, 100_000, 1_000_000},
	Growth: true,
	Peers: []Peer{
		{Impl: Pawl, Make: lookup3Pawl},
		{Impl: Prom, Make: lookup3Prom},
		{Impl: PawlCompat, Make: lookup3Compat},
		{Impl: Victoria, Make: lookup3Victoria},
		{Impl: Otel, Make: lookup3Otel, Most: 100_000},
	},
}
