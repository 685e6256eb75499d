package engine

import (
	"time"

	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/encode"
)

// Gauge is a value that goes up and down. It is also a handle, as [Counter] is.
//
// Model. One word in the gauge's own allocation, shared by all goroutines: Set is
// last writer wins and costs a store, Add is exact and costs a
// compare-and-swap, which many goroutines adding to one gauge at once will feel.
// For that, in-flight requests for example, there is [UpDown].
type Gauge struct {
	value atomicf.Float64
	fam   *family
	text  seriesText
}

// NewGauge registers a gauge without variable labels.
func NewGauge(reg *Registry, opts Opts) (*Gauge, error) {
	m, err := register(reg, opts, nil, gaugeOps)
	if err != nil {
		return nil, err
	}
	return m.addOnly(new(Gauge))
}

// MustGauge is NewGauge that panics on an error.
func MustGauge(reg *Registry, opts Opts) *Gauge { return must(NewGauge(reg, opts)) }

// Set replaces the value.
func (g *Gauge) Set(v float64) {
	if !g.refuses() {
		g.value.Set(v)
	}
}

// Add adds v, which may be negative. No concurrent Add is lost.
func (g *Gauge) Add(v float64) {
	if !g.refuses() {
		g.value.Add(v)
	}
}

// Sub subtracts v.
func (g *Gauge) Sub(v float64) { g.Add(-v) }

// Inc adds 1.
func (g *Gauge) Inc() { g.Add(1) }

// Dec subtracts 1.
func (g *Gauge) Dec() { g.Add(-1) }

// SetToCurrentTime sets the gauge to the present Unix time in seconds.
func (g *Gauge) SetToCurrentTime() { g.Set(float64(time.Now().UnixNano()) / 1e9) }

// Value returns the value.
func (g *Gauge) Value() float64 { return g.value.Load() }

// refuses says whether g is an instrument that only refuses, and if so counts.
func (g *Gauge) refuses() bool {
	why, void := g.text.void()
	if void {
		g.fam.drop(why)
	}
	return void
}

var gaugeOps = &ops[Gauge]{
	typ:   encode.Gauge,
	modes: modes{usual: GaugeLiveAll, recent: true},
	text:  func(g *Gauge) *seriesText { return &g.text },
	init:  func(g *Gauge, f *family, _ int64) error { g.fam = f; return nil },
	drop:  func(*Gauge) {}, // its word is its own
	void:  func(g *Gauge, f *family) { g.fam = f },
	rows: func(t *exposition, _ *family, list []placed[Gauge]) {
		for _, p := range list {
			t.gauge(&p.s.text, p.s.Value())
		}
	},
	read: func(_ *gatherer, s *Sample, p placed[Gauge]) bool { s.Value = p.s.Value(); return true },
}

// gauge writes one sample that is a number.
func (t *exposition) gauge(text *seriesText, v float64) {
	if t.proto {
		m := t.openMetric(text)
		t.buf = encode.AppendGaugeMessage(t.buf, v)
		t.closeMetric(m)
		return
	}
	t.line(noSuffix, text)
	t.buf = append(encode.AppendFloat(t.buf, v), '\n')
	t.flush()
}
