package ops

import (
	"github.com/puzpuzpuz/xsync/v4"
	"go.opentelemetry.io/otel/metric"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/engine"
)

// One iteration goes up and down again, which is two ops. It ends 1 higher, so
// that the total can be checked.
const (
	up   = 3
	down = -2
)

// swing is loop for such iterations.
func swing(total func() float64, body func(iters int)) measure.Subject {
	return &measure.Loop{Body: func(int) func(int) { return body }, Total: total, Each: up + down, Per: 2}
}

var upDownAdd = Op{
	Name: "updown_add", Title: "UpDown.Add",
	About: "One addition or subtraction of a whole number, in turn, as a number of requests in flight needs it, to one value " +
		"that all goroutines share. Where a library has no such instrument, its gauge.",
	Workers: Few,
	Peers: []Peer{
		{Impl: Pawl, Make: func(int) measure.Subject {
			p := newPawl()
			u := engine.MustUpDown(p.reg, pawlOpts)
			return swing(totalOf(p, name), func(iters int) {
				for range iters {
					u.Add(up)
					u.Add(down)
				}
			})
		}},
		{Impl: Prom, Make: func(int) measure.Subject {
			p := newProm()
			g := p.gauge()
			return swing(totalOf(p, name), func(iters int) {
				for range iters {
					g.Add(up)
					g.Add(down)
				}
			})
		}},
		{Impl: PawlCompat, Make: upDownCompat},
		{Impl: Victoria, Make: func(int) measure.Subject {
			v := newVictoria()
			g := v.set.NewGauge(name, nil)
			return swing(totalOf(v, name), func(iters int) {
				for range iters {
					g.Add(up)
					g.Add(down)
				}
			})
		}},
		{Impl: Xsync, Make: func(int) measure.Subject {
			c := xsync.NewCounter()
			return swing(xsyncTotal(c), func(iters int) {
				for range iters {
					c.Add(up)
					c.Add(down)
				}
			})
		}},
		{Impl: Otel, Make: func(int) measure.Subject {
			o := newOtel()
			c := must(o.meter.Int64UpDownCounter(name, metric.WithDescription(help)))
			return swing(totalOf(o, name), func(iters int) {
				for range iters {
					c.Add(background, up)
					c.Add(background, down)
				}
			})
		}},
		{Impl: Floor, Make: floorOf(floorInc)},
	},
}
