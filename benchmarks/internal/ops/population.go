package ops

// population is a family of counters by route, of which no handles are kept: each
// use is a lookup, and the first of a route makes its series.
type population struct {
	scraper
	inc  func(r route)
	drop func(r route) // nil where a series cannot be dropped
}

var populations = map[string]func() population{
	Pawl:       populationPawl,
	Prom:       populationProm,
	PawlCompat: populationCompat,
	Victoria:   populationVictoria,
	Otel:       populationOtel,

	nativePawl:   populationNativePawl,
	nativeProm:   populationNativeProm,
	nativeCompat: populationNativeCompat,
}

func populationPawl() population {
	p := newPawl()
	vec := p.counters()
	return population{p,
		func(r route) { vec.With(r).Inc() },
		func(r route) { vec.Delete(r) }}
}

func populationProm() population {
	p := newProm()
	vec := p.counters(routeLabels...)
	return population{p,
		func(r route) { vec.WithLabelValues(r.Method, r.Path, r.Code).Inc() },
		func(r route) { vec.DeleteLabelValues(r.Method, r.Path, r.Code) }}
}

func populationVictoria() population {
	v := newVictoria()
	return population{v,
		func(r route) { v.set.GetOrCreateCounter(victoriaName(r)).Inc() },
		func(r route) { v.set.UnregisterMetric(victoriaName(r)) }}
}

func populationOtel() population {
	o := newOtel()
	c := o.counter()
	return population{scraper: o, inc: func(r route) { c.Add(background, 1, attributes(r)) }}
}
