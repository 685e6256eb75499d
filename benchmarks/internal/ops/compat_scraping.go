package ops

import compat "github.com/pawl-metrics/pawl/compat/prometheus"

// The registries of pawl-compat that are filled and scraped: client_golang's with
// another import.

func countersCompat(n int) exposition {
	p := newCompat()
	vec := p.counters(routeLabels...)
	list := make([]compat.Counter, n)
	for i := range list {
		r := routeOf(i)
		list[i] = vec.WithLabelValues(r.Method, r.Path, r.Code)
		list[i].Add(float64(startOf(i)))
	}
	return exposition{p, n, func(i, _ int) { list[i].Inc() }}.recordEach(1)
}

// countersCompatIn are countersCompat in another format.
func countersCompatIn(accept string) func(n int) exposition {
	return func(n int) exposition {
		e := countersCompat(n)
		e.scraper = e.scraper.(compatible).in(accept)
		return e
	}
}

func histogramsCompat(n int) exposition {
	p := newCompat()
	return recordedIn(p, p.histograms(compatHistogram(bounds11)), n, sampled)
}

func nativesCompat(n int) exposition {
	p := newCompat()
	return recordedIn(p.in(acceptProtobuf), p.histograms(compatNative(factor3)), n, nativeSampled)
}

// recordedIn makes n histograms of a vec and observes in each on each P.
func recordedIn(s scraper, vec *compat.HistogramVec, n, times int) exposition {
	list := make([]compat.Observer, n)
	for i := range list {
		r := routeOf(i)
		list[i] = vec.WithLabelValues(r.Method, r.Path, r.Code)
	}
	return exposition{s, n, func(i, k int) { list[i].Observe(observation(i, k)) }}.recordEach(times)
}

func populationCompat() population {
	p := newCompat()
	vec := p.counters(routeLabels...)
	return population{p,
		func(r route) { vec.WithLabelValues(r.Method, r.Path, r.Code).Inc() },
		func(r route) { vec.DeleteLabelValues(r.Method, r.Path, r.Code) }}
}

func populationNativeCompat() population {
	p := newCompat()
	vec := p.histograms(compatNative(factor3))
	return population{scraper: p, inc: func(r route) {
		h := vec.WithLabelValues(r.Method, r.Path, r.Code)
		for i := range nativeEach {
			h.Observe(observations[i])
		}
	}}
}
