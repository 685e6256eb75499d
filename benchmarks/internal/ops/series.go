package ops

import "github.com/pawl-metrics/pawl/benchmarks/internal/measure"

var seriesCreate = Op{
	Name: "series_create", Title: "Series creation, three labels",
	About: "One new series of a family, and its first increment, on the way from an empty family to n series: growing of " +
		"tables included. Label strings are made outside the time. pawl and VictoriaMetrics put the sorting off to the next " +
		"scrape, client_golang and OpenTelemetry sort in every scrape: that is in series_churn and the scrapes.",
	Quick: []int{1000, 100_000},
	Full:  []int{1000, 10_000, 100_000, 1_000_000},
	Peers: []Peer{
		{Impl: Pawl, Make: creating(Pawl)},
		{Impl: Prom, Make: creating(Prom)},
		{Impl: PawlCompat, Make: creating(PawlCompat)},
		{Impl: Victoria, Make: creating(Victoria)},
		{Impl: Otel, Make: creating(Otel), Most: 100_000, Quick: 10_000},
	},
}

func creating(impl string) func(n int) measure.Subject {
	return func(n int) measure.Subject {
		routes := routesFrom(0, n)
		var p population
		return &measure.Steps{Per: n,
			Before: func() { p = populations[impl]() },
			Step:   func() { each(routes, p.inc) },
		}
	}
}

func each(routes []route, f func(route)) {
	for _, r := range routes {
		f(r)
	}
}

// routesFrom returns the label sets of n series, of which first is the first.
func routesFrom(first, n int) []route {
	list := make([]route, n)
	for i := range list {
		list[i] = routeOf(first + i)
	}
	return list
}

var seriesChurn = Op{
	Name: "series_churn", Title: "Series churn",
	About: "Between two scrapes each of n series is dropped and a new one takes its place; the second scrape is in the time, and " +
		"with it what was put off until then. One op is one series: a removal, a creation, an increment and a line. " +
		"OpenTelemetry cannot drop a series.",
	Quick: []int{1000},
	Full:  []int{1000, 10_000},
	Peers: []Peer{
		{Impl: Pawl, Make: churning(Pawl)},
		{Impl: Prom, Make: churning(Prom)},
		{Impl: PawlCompat, Make: churning(PawlCompat)},
		{Impl: Victoria, Make: churning(Victoria)},
	},
}

func churning(impl string) func(n int) measure.Subject {
	return func(n int) measure.Subject {
		p, w := populations[impl](), discard()
		first := 0
		old, next := []route(nil), routesFrom(0, n)
		return &measure.Steps{Per: n,
			Before: func() {
				first += n
				old, next = next, routesFrom(first, n)
			},
			Step: func() {
				for i := range next {
					p.drop(old[i])
					p.inc(next[i])
				}
				p.scrape(w)
				check(w.Flush())
			},
		}
	}
}
