package ops

import (
	"github.com/puzpuzpuz/xsync/v4"
	"go.opentelemetry.io/otel/metric"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
)

var counterInc = Op{
	Name: "counter_inc", Title: "Counter.Inc",
	About:   "One increment of one counter that all goroutines share, through a kept handle.",
	Workers: Many,
	Peers: []Peer{
		{Impl: Pawl, Make: func(int) measure.Subject {
			p := newPawl()
			c := p.counter()
			return loop(1, totalOf(p, name), func(iters int) {
				for range iters {
					c.Inc()
				}
			})
		}},
		{Impl: Prom, Make: func(int) measure.Subject {
			p := newProm()
			c := p.counter()
			return loop(1, totalOf(p, name), func(iters int) {
				for range iters {
					c.Inc()
				}
			})
		}},
		{Impl: PawlCompat, Make: incCompat},
		{Impl: Victoria, Make: func(int) measure.Subject {
			v := newVictoria()
			c := v.set.NewCounter(name)
			return loop(1, totalOf(v, name), func(iters int) {
				for range iters {
					c.Inc()
				}
			})
		}},
		{Impl: Xsync, Make: func(int) measure.Subject {
			c := xsync.NewCounter()
			return loop(1, xsyncTotal(c), func(iters int) {
				for range iters {
					c.Inc()
				}
			})
		}},
		{Impl: Otel, Make: func(int) measure.Subject {
			o := newOtel()
			c := o.counter()
			return loop(1, totalOf(o, name), func(iters int) {
				for range iters {
					c.Add(background, 1)
				}
			})
		}},
		{Impl: Floor, Make: floorOf(floorInc)},
	},
}

// fraction is what counter_add_float adds: no whole number, and exact in sums.
const fraction = 0.5

var counterAddFloat = Op{
	Name: "counter_add_float", Title: "Counter.Add(0.5)",
	About:   "One addition of a fraction to one counter that all goroutines share.",
	Workers: Few,
	Peers: []Peer{
		{Impl: Pawl, Make: func(int) measure.Subject {
			p := newPawl()
			c := p.counter()
			return loop(fraction, totalOf(p, name), func(iters int) {
				for range iters {
					c.AddFloat(fraction)
				}
			})
		}},
		{Impl: Prom, Make: func(int) measure.Subject {
			p := newProm()
			c := p.counter()
			return loop(fraction, totalOf(p, name), func(iters int) {
				for range iters {
					c.Add(fraction)
				}
			})
		}},
		{Impl: PawlCompat, Make: addFloatCompat},
		{Impl: Victoria, Make: func(int) measure.Subject {
			v := newVictoria()
			c := v.set.NewFloatCounter(name)
			return loop(fraction, totalOf(v, name), func(iters int) {
				for range iters {
					c.Add(fraction)
				}
			})
		}},
		{Impl: Otel, Make: func(int) measure.Subject {
			o := newOtel()
			c := must(o.meter.Float64Counter(name, metric.WithDescription(help)))
			return loop(fraction, totalOf(o, name), func(iters int) {
				for range iters {
					c.Add(background, fraction)
				}
			})
		}},
		{Impl: Floor, Make: floorOf(floorAddFloat)},
	},
}

func xsyncTotal(c *xsync.Counter) func() float64 {
	return func() float64 { return float64(c.Value()) }
}
