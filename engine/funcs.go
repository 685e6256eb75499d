package engine

import (
	"math"

	"github.com/pawl-metrics/pawl/encode"
)

// callback is a series whose value is computed when it is scraped.
//
// Model. Immutable. The function is called by whichever goroutine scrapes, and by
// several at once when scrapes overlap.
type callback struct {
	call func() float64
	fam  *family
	text seriesText
}

// NewCounterFunc registers a counter whose value f returns when it is scraped. f
// must never return less than before, must be safe for concurrent use, and is
// called in the scrape: a slow f makes slow scrapes. A negative, NaN or infinite
// result costs its sample and is counted in pawl_dropped_observations_total; a
// panic costs the family's samples in that scrape and is counted in
// pawl_callback_panics_total.
func NewCounterFunc(reg *Registry, opts Opts, f func() float64) error {
	return newFunc(reg, opts, f, counterFuncOps)
}

// MustCounterFunc is NewCounterFunc that panics on an error.
func MustCounterFunc(reg *Registry, opts Opts, f func() float64) {
	must(0, NewCounterFunc(reg, opts, f))
}

// NewGaugeFunc registers a gauge whose value f returns when it is scraped. See
// NewCounterFunc for what is asked of f; any value is accepted.
func NewGaugeFunc(reg *Registry, opts Opts, f func() float64) error {
	return newFunc(reg, opts, f, gaugeFuncOps)
}

// MustGaugeFunc is NewGaugeFunc that panics on an error.
func MustGaugeFunc(reg *Registry, opts Opts, f func() float64) {
	must(0, NewGaugeFunc(reg, opts, f))
}

func newFunc(reg *Registry, opts Opts, f func() float64, o *ops[callback]) error {
	if f == nil {
		return refuse(opts.Name, ErrFunc, "the function is nil")
	}
	m, err := register(reg, opts, nil, o)
	if err != nil {
		return err
	}
	_, err = m.addOnly(&callback{call: f})
	return err
}

var (
	counterFuncOps = funcOps(encode.Counter)
	gaugeFuncOps   = funcOps(encode.Gauge)
)

func funcOps(typ encode.Type) *ops[callback] {
	return &ops[callback]{
		typ:   typ,
		shape: ", computed",
		text:  func(c *callback) *seriesText { return &c.text },
		init:  func(c *callback, f *family, _ int64) error { c.fam = f; return nil },
		rows:  writeCallbacks,
		read:  readCallback,
	}
}

// writeCallbacks asks every function before it writes a line, because a panic
// costs the whole family and what is written may be on its way.
func writeCallbacks(t *exposition, f *family, list []placed[callback]) {
	t.values = t.values[:0]
	for _, p := range list {
		v, ok := p.s.value()
		if !ok {
			t.undo()
			return
		}
		t.values = append(t.values, v)
	}
	for i, p := range list {
		if f.typ == encode.Gauge {
			t.gauge(&p.s.text, t.values[i])
		} else {
			p.s.count(t, t.values[i])
		}
	}
}

// readCallback is writeCallbacks for plain data.
func readCallback(g *gatherer, s *Sample, p placed[callback]) bool {
	v, ok := p.s.value()
	if g.failed = !ok; g.failed {
		return false
	}
	if p.s.fam.typ == encode.Gauge {
		s.Value = v
		return true
	}
	s.Value = v + 0 // -0 becomes 0
	return p.s.counts(v)
}

// counts says whether v can be a counter's value, and counts it if not.
func (c *callback) counts(v float64) bool {
	if v >= 0 && v <= math.MaxFloat64 {
		return true
	}
	c.fam.drop(counterDrop(v))
	return false
}

// count writes what a counter's function returned.
func (c *callback) count(t *exposition, v float64) {
	if !c.counts(v) {
		return
	}
	v += 0 // -0 becomes 0
	if !t.proto {
		t.gauge(&c.text, v)
		return
	}
	m := t.openMetric(&c.text)
	t.buf = encode.AppendCounterMessage(t.buf, v, encode.Timestamp{}, nil, t.format.Scheme)
	t.closeMetric(m)
}

// value calls the function and survives it.
func (c *callback) value() (v float64, ok bool) {
	defer func() {
		if recover() != nil {
			c.fam.reg.panics.With(c.fam.opts.Name).Inc()
			ok = false
		}
	}()
	return c.call(), true
}
