package fuzz

import (
	"fmt"
	"slices"
	"time"

	"github.com/pawl-metrics/pawl/engine"
)

// handle is an instrument of the engine and its series in the model. It outlives
// Delete and Reset, as users' handles do.
type handle struct {
	name   string
	inst   any
	series *series // nil when the instrument refuses everything
	void   Reason  // why it does
}

// record runs one recording method on both.
func (w *World) record(h *handle) error {
	switch inst := h.inst.(type) {
	case *engine.Counter:
		w.recordCounter(h, inst)
	case *engine.Gauge:
		w.recordGauge(h, inst)
	case *engine.UpDown:
		w.recordUpDown(h, inst)
	case *engine.Histogram:
		w.recordHistogram(h, inst)
	}
	return h.read()
}

// refuses counts what an instrument without cells, or for a wrong number of
// labels, is given.
func (w *World) refuses(h *handle) bool {
	if h.series == nil {
		w.Model.Drop(h.void)
	}
	return h.series == nil
}

func (w *World) recordCounter(h *handle, c *engine.Counter) {
	switch w.src.Pick(4) {
	case 0:
		w.log.line("%s.Inc()", h.name)
		c.Inc()
		if !w.refuses(h) {
			h.series.whole++
		}
	case 1:
		n := w.src.Uint()
		w.log.line("%s.Add(%d)", h.name, n)
		c.Add(n)
		if !w.refuses(h) {
			h.series.whole += n
		}
	case 2:
		v := w.src.Float()
		w.log.line("%s.AddFloat(%s)", h.name, number(v))
		c.AddFloat(v)
		if !w.refuses(h) {
			h.series.addFloat(v)
		}
	default:
		v := w.src.Float()
		x := w.exemplar(v)
		w.log.line("%s.AddWithExemplar(%s%s)", h.name, number(v), x.shown())
		lent, spoil := lendLabels(x.labels)
		c.AddWithExemplar(v, lent...)
		spoil()
		if !w.refuses(h) && h.series.addFloat(v) {
			h.series.keep(0, x)
		}
	}
}

func (w *World) recordGauge(h *handle, g *engine.Gauge) {
	op, v := w.src.Pick(5), 1.0
	if op < 3 {
		v = w.src.Float()
	}
	w.log.line("%s.%s(%s)", h.name, []string{"Set", "Add", "Sub", "Inc", "Dec"}[op], argument(op < 3, v))
	switch op {
	case 0:
		g.Set(v)
	case 1:
		g.Add(v)
	case 2:
		g.Sub(v)
	case 3:
		g.Inc()
	case 4:
		g.Dec()
	}
	if w.refuses(h) {
		return
	}
	switch op {
	case 0:
		h.series.value = v
	case 1, 3:
		h.series.value += v
	default:
		h.series.value -= v
	}
}

func (w *World) recordUpDown(h *handle, u *engine.UpDown) {
	op, n := w.src.Pick(4), int64(1)
	if op == 0 {
		n = int64(w.src.Uint())
	}
	w.log.line("%s.%s(%s)", h.name, []string{"Add", "Inc", "Dec", "Track()"}[op], argument(op == 0, n))
	moves := []int64{n}
	switch op {
	case 0:
		u.Add(n)
	case 1:
		u.Inc()
	case 2:
		u.Dec()
		moves[0] = -1
	case 3:
		u.Track()()
		moves = append(moves, -1)
	}
	for _, d := range moves {
		if !w.refuses(h) {
			h.series.net += d
		}
	}
}

func (w *World) recordHistogram(h *handle, inst *engine.Histogram) {
	v := w.src.Float()
	b := w.src.Byte()
	if b >= 0xd0 && b < 0xe0 && h.series != nil && h.series.fam.native() && v == v {
		w.log.line("for range %d { %s.Observe(%s) }", many, h.name, number(v))
		for range many {
			inst.Observe(v)
			h.series.observe(v)
		}
		return
	}
	if b >= 0xe0 && b < 0xf0 {
		w.observeWithExemplar(h, inst, v)
		return
	}
	if b >= 0xf0 {
		d := time.Duration(w.src.Uint())
		v = d.Seconds()
		w.log.line("%s.ObserveDuration(%d)", h.name, d)
		inst.ObserveDuration(d)
	} else {
		w.log.line("%s.Observe(%s)", h.name, number(v))
		inst.Observe(v)
	}
	switch {
	case w.refuses(h):
	case v != v:
		w.Model.Drop(NotANumber)
	default:
		h.series.observe(v)
	}
}

// read compares what the instrument's own methods return.
func (h *handle) read() error {
	s := h.series
	if s == nil {
		s = new(series)
	}
	switch inst := h.inst.(type) {
	case *engine.Counter:
		return h.same(inst.Value(), s.count())
	case *engine.Gauge:
		return h.same(inst.Value(), s.value)
	case *engine.UpDown:
		if got := inst.Value(); got != s.net {
			return fmt.Errorf("%s.Value() = %d, want %d", h.name, got, s.net)
		}
	case *engine.Histogram:
		return h.readHistogram(inst)
	}
	return nil
}

func (h *handle) same(got, want float64) error {
	if bits(got) != bits(want) {
		return fmt.Errorf("%s has the value %s, want %s", h.name, number(got), number(want))
	}
	return nil
}

func (h *handle) readHistogram(inst *engine.Histogram) error {
	got := inst.Snapshot()
	want, sum, count := make([]uint64, len(got.Buckets)), 0.0, uint64(0)
	if h.series != nil {
		want, sum = h.series.histogram(), h.series.sum
		if bounds := h.series.fam.bounds(); !slices.EqualFunc(got.Bounds, bounds, sameBits) {
			return fmt.Errorf("%s has the bounds %v, want %v", h.name, got.Bounds, bounds)
		}
	}
	for _, n := range want {
		count += n
	}
	if !slices.Equal(got.Buckets, want) || got.Count != count {
		return fmt.Errorf("%s has %v, in all %d, want %v", h.name, got.Buckets, got.Count, want)
	}
	if h.series != nil && h.series.fam.native() {
		if err := h.series.checkNative(got.Native); err != nil {
			return fmt.Errorf("%s: %w", h.name, err)
		}
		return nil
	}
	return h.same(got.Sum, sum)
}

func sameBits(a, b float64) bool { return bits(a) == bits(b) }
