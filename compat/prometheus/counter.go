package prometheus

import (
	"errors"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/engine"
)

// Counter is a value that only grows, such as the number of requests served. For what
// also falls there is [Gauge].
//
// NewCounter makes counters, and so does the WithLabelValues of a [CounterVec]. All methods may be
// called concurrently; recording takes no lock and allocates nothing.
type Counter interface {
	Metric
	Collector

	// Inc adds 1.
	Inc()
	// Add adds an amount, which may be a fraction. It panics when that is negative. NaN and
	// infinities, which would end all counting, are refused.
	Add(float64)
}

// CounterOpts are the options of a counter; see [Opts].
type CounterOpts Opts

// counter is a series in the engine: the handle is the engine's own, so that a
// recording costs no more than the call through the interface.
type counter engine.Counter

// NewCounter makes a counter. It also implements [ExemplarAdder].
//
// Whole amounts are counted exactly up to 2^64-1, and exposed as a float64.
func NewCounter(opts CounterOpts) Counter {
	f := newFamily(Opts(opts).desc(nil))
	return (*counter)(enter(f, func(f *family) (*engine.Counter, error) { return engine.NewCounter(f.reg, f.opts()) }))
}

var errDecrease = errors.New("counter cannot decrease in value")

// Inc implements Counter.
func (c *counter) Inc() { (*engine.Counter)(c).Inc() }

// Add implements Counter. Whole amounts, which nearly all are, are told here as the engine
// tells them, which saves a call.
func (c *counter) Add(v float64) {
	if v >= 0 && v < 1<<63 {
		if n := int64(v); float64(n) == v {
			(*engine.Counter)(c).Add(uint64(n))
			return
		}
	}
	c.addOther(v)
}

// addOther is Add of fractions, of very large amounts, and of what is none.
func (c *counter) addOther(v float64) {
	if v < 0 {
		panic(errDecrease)
	}
	(*engine.Counter)(c).AddFloat(v)
}

// AddWithExemplar implements ExemplarAdder.
func (c *counter) AddWithExemplar(v float64, exemplar Labels) {
	if v < 0 {
		panic(errDecrease)
	}
	if exemplar == nil {
		(*engine.Counter)(c).AddFloat(v)
		return
	}
	labels, err := exemplarLabels(exemplar)
	if err != nil {
		(*engine.Counter)(c).AddFloat(v) // as upstream: v has been counted when it panics
		panic(err)
	}
	(*engine.Counter)(c).AddWithExemplar(v, labels...)
}

// Desc implements Metric.
func (c *counter) Desc() *Desc { return c.owner().desc }

// Write implements Metric.
func (c *counter) Write(out *dto.Metric) error {
	s := (*engine.Counter)(c).Sample()
	out.Label = c.owner().pairs(s.Labels)
	out.Counter = &dto.Counter{Value: new(s.Value), Exemplar: lastExemplar(s.Exemplars), CreatedTimestamp: timestamp(s.Start)}
	return nil
}

// Describe implements Collector.
func (c *counter) Describe(ch chan<- *Desc) { ch <- c.Desc() }

// Collect implements Collector.
func (c *counter) Collect(ch chan<- Metric) { ch <- c }

func (c *counter) owner() *family           { return ownerOf((*engine.Counter)(c).Registry()) }
func (c *counter) each(f func(Metric))      { f(c) }
func (c *counter) source() *engine.Registry { return c.owner().handleSource() }
func (c *counter) family() *Desc            { return c.Desc() }
