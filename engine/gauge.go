package engine

import (
	"runtime"
	"time"

	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/encode"
)

// Gauge is a value that goes up and down. It is also a handle, as [Counter] is.
//
// Model. One word, shared by all goroutines: Set is last writer wins and costs a
// store, Add is exact and costs a compare-and-swap, which many goroutines adding to
// one gauge at once will feel. For that, in-flight requests for example, there is
// [UpDown]. The word is in the gauge's own allocation, or in a store that persists,
// where it costs the same.
//
// With the modes GaugeMostRecent and GaugeLiveMostRecent each Set also notes its
// time, which costs as much as reading the clock does; the newest wins. There is no
// Add then: of the values of two processes one counts, so that what one of them
// added would be lost.
type Gauge struct {
	word *atomicf.Float64 // own, or a cell of a store; of a recent mode never used
	own  atomicf.Float64
	home *gaugeHome
	text seriesText
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
	if g.text.is(unusual) {
		g.setSlow(v)
		return
	}
	g.word.Set(v)
	runtime.KeepAlive(g)
}

// Add adds v, which may be negative. No concurrent Add is lost. With a recent mode it
// is refused, and counted in pawl_dropped_observations_total.
func (g *Gauge) Add(v float64) {
	if g.text.is(unusual) {
		g.addSlow(v)
		return
	}
	g.word.Add(v)
	runtime.KeepAlive(g)
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
func (g *Gauge) Value() (v float64) {
	if r := g.home.recent; r != nil {
		v = r.value()
	} else {
		v = g.word.Load()
	}
	runtime.KeepAlive(g)
	return v
}

// setSlow is Set of a recent mode, of a gauge that only refuses, or of one that is
// watched.
func (g *Gauge) setSlow(v float64) {
	switch {
	case g.refuses():
	case g.home.recent != nil:
		g.home.recent.set(v)
	default:
		g.touch()
		g.word.Set(v)
	}
	runtime.KeepAlive(g)
}

// addSlow is Add of the same gauges, of which those of a recent mode refuse it.
func (g *Gauge) addSlow(v float64) {
	switch {
	case g.refuses():
	case g.home.recent != nil:
		g.home.fam.drop(dropMode)
	default:
		g.touch()
		g.word.Add(v)
	}
	runtime.KeepAlive(g)
}

// refuses says whether g is an instrument that only refuses, and if so counts.
func (g *Gauge) refuses() bool {
	why, void := g.text.void()
	if void {
		g.home.fam.drop(why)
	}
	return void
}

var gaugeOps = &ops[Gauge]{
	typ:   encode.Gauge,
	modes: modes{usual: GaugeLiveAll, recent: true},
	text:  func(g *Gauge) *seriesText { return &g.text },
	init:  (*Gauge).settle,
	idle:  gaugeIdle,
	drop:  func(g *Gauge) { giveUp(g, g.home.fam, g.home.cells(), g.home.layout()) },
	void:  func(g *Gauge, f *family) { g.home, g.word = &f.gauges, &g.own },
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
