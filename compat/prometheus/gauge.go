package prometheus

import (
	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/engine"
)

// Gauge is a value that goes up and down, such as a temperature, or the number of
// requests in flight.
//
// NewGauge makes gauges, and so does the WithLabelValues of a [GaugeVec]. All methods may be called
// concurrently; recording takes no lock and allocates nothing. Of values that are set
// concurrently the last wins; no addition is lost.
type Gauge interface {
	Metric
	Collector

	// Set replaces the value.
	Set(float64)
	// Inc adds 1.
	Inc()
	// Dec subtracts 1.
	Dec()
	// Add adds an amount, which may be negative.
	Add(float64)
	// Sub subtracts an amount, which may be negative.
	Sub(float64)

	// SetToCurrentTime sets the gauge to the present Unix time in seconds.
	SetToCurrentTime()
}

// GaugeOpts are the options of a gauge; see [Opts].
type GaugeOpts Opts

// gauge is a series in the engine, as counter is.
type gauge engine.Gauge

// NewGauge makes a gauge. Set is a store; Add and its like cost a compare-and-swap.
func NewGauge(opts GaugeOpts) Gauge {
	f := newFamily(Opts(opts).desc(nil))
	return (*gauge)(enter(f, func(f *family) (*engine.Gauge, error) { return engine.NewGauge(f.reg, f.opts()) }))
}

// Set implements Gauge.
func (g *gauge) Set(v float64) { (*engine.Gauge)(g).Set(v) }

// Inc implements Gauge.
func (g *gauge) Inc() { (*engine.Gauge)(g).Add(1) }

// Dec implements Gauge.
func (g *gauge) Dec() { (*engine.Gauge)(g).Add(-1) }

// Add implements Gauge.
func (g *gauge) Add(v float64) { (*engine.Gauge)(g).Add(v) }

// Sub implements Gauge.
func (g *gauge) Sub(v float64) { (*engine.Gauge)(g).Add(-v) }

// SetToCurrentTime implements Gauge.
func (g *gauge) SetToCurrentTime() { (*engine.Gauge)(g).SetToCurrentTime() }

// Desc implements Metric.
func (g *gauge) Desc() *Desc { return g.owner().desc }

// Write implements Metric.
func (g *gauge) Write(out *dto.Metric) error {
	s := (*engine.Gauge)(g).Sample()
	out.Label = g.owner().pairs(s.Labels)
	out.Gauge = &dto.Gauge{Value: new(s.Value)}
	return nil
}

// Describe implements Collector.
func (g *gauge) Describe(ch chan<- *Desc) { ch <- g.Desc() }

// Collect implements Collector.
func (g *gauge) Collect(ch chan<- Metric) { ch <- g }

func (g *gauge) owner() *family           { return ownerOf((*engine.Gauge)(g).Registry()) }
func (g *gauge) each(f func(Metric))      { f(g) }
func (g *gauge) source() *engine.Registry { return g.owner().handleSource() }
func (g *gauge) family() *Desc            { return g.Desc() }
