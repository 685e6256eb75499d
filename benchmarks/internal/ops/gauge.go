package ops

import (
	"go.opentelemetry.io/otel/metric"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/engine"
)

var gaugeSet = Op{
	Name: "gauge_set", Title: "Gauge.Set",
	About:   "One Set of one gauge that all goroutines share.",
	Workers: Few,
	Peers: []Peer{
		{Impl: Pawl, Make: func(int) measure.Subject {
			g := engine.MustGauge(newPawl().reg, pawlOpts)
			return loop(0, nil, func(iters int) {
				for i := range iters {
					g.Set(float64(i))
				}
			})
		}},
		{Impl: Prom, Make: func(int) measure.Subject {
			g := newProm().gauge()
			return loop(0, nil, func(iters int) {
				for i := range iters {
					g.Set(float64(i))
				}
			})
		}},
		{Impl: PawlCompat, Make: gaugeSetCompat},
		{Impl: Victoria, Make: func(int) measure.Subject {
			g := newVictoria().set.NewGauge(name, nil)
			return loop(0, nil, func(iters int) {
				for i := range iters {
					g.Set(float64(i))
				}
			})
		}},
		{Impl: Otel, Make: func(int) measure.Subject {
			g := must(newOtel().meter.Float64Gauge(name, metric.WithDescription(help)))
			return loop(0, nil, func(iters int) {
				for i := range iters {
					g.Record(background, float64(i))
				}
			})
		}},
		{Impl: Floor, Make: floorOf(floorSet)},
	},
}

var gaugeAdd = Op{
	Name: "gauge_add", Title: "Gauge.Add(0.5)",
	About:   "One addition to one gauge that all goroutines share, by instruments that can also be set.",
	Workers: Few,
	Peers: []Peer{
		{Impl: Pawl, Make: func(int) measure.Subject {
			p := newPawl()
			g := engine.MustGauge(p.reg, pawlOpts)
			return loop(fraction, totalOf(p, name), func(iters int) {
				for range iters {
					g.Add(fraction)
				}
			})
		}},
		{Impl: Prom, Make: func(int) measure.Subject {
			p := newProm()
			g := p.gauge()
			return loop(fraction, totalOf(p, name), func(iters int) {
				for range iters {
					g.Add(fraction)
				}
			})
		}},
		{Impl: PawlCompat, Make: gaugeAddCompat},
		{Impl: Victoria, Make: func(int) measure.Subject {
			v := newVictoria()
			g := v.set.NewGauge(name, nil)
			return loop(fraction, totalOf(v, name), func(iters int) {
				for range iters {
					g.Add(fraction)
				}
			})
		}},
		{Impl: Floor, Make: floorOf(floorAddFloat)},
	},
}
