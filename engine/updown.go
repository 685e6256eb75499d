package engine

import (
	"runtime"

	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/shard"
)

// UpDown is an integer that many goroutines raise and lower at once, such as a
// number of requests in flight: a gauge that costs what a counter does. It cannot
// be set. It is also a handle, as [Counter] is.
//
// Model. Two words per P, what went up and what came down, each belonging to
// whoever has that P pinned. A read returns a value that the UpDown really had
// at some instant of the read (see [shard.Balance]).
type UpDown struct {
	net  shard.Balance
	fam  *family
	text seriesText
}

// NewUpDown registers an UpDown without variable labels. It is exposed as a gauge.
func NewUpDown(reg *Registry, opts Opts) (*UpDown, error) {
	m, err := register(reg, opts, nil, upDownOps)
	if err != nil {
		return nil, err
	}
	return m.addOnly(new(UpDown))
}

// MustUpDown is NewUpDown that panics on an error.
func MustUpDown(reg *Registry, opts Opts) *UpDown { return must(NewUpDown(reg, opts)) }

// Inc adds 1.
func (u *UpDown) Inc() { u.Add(1) }

// Dec subtracts 1.
func (u *UpDown) Dec() { u.Add(-1) }

// Add adds d, which may be negative. The value wraps at 2^63.
func (u *UpDown) Add(d int64) {
	word, amount := shard.Side(d)
	cell, ready := u.net.Slab, u.net.Ready()
	if p := shard.Pin(); uint(p) < ready && !u.net.Held() {
		atomicf.Add(cell.WordAt(p, word), amount)
		shard.Unpin()
		runtime.KeepAlive(u)
		return
	}
	shard.Unpin()
	u.addSlow(d)
}

// addSlow is Add at a raised gate, or on a P without a stripe.
func (u *UpDown) addSlow(d int64) {
	if why, void := u.text.void(); void {
		u.fam.drop(why)
	} else {
		u.net.Move(d)
	}
	runtime.KeepAlive(u)
}

// Track adds 1 and returns a function that subtracts it again:
//
//	defer inFlight.Track()()
func (u *UpDown) Track() (done func()) {
	u.Inc()
	return u.Dec
}

// Value returns a value that the UpDown had during the call.
func (u *UpDown) Value() int64 {
	if !u.net.Valid() {
		return 0
	}
	v := u.net.Net()
	runtime.KeepAlive(u)
	return v
}

var balanceCells = &descriptor.Descriptor{Kind: descriptor.UpDown}

var upDownOps = &ops[UpDown]{
	typ:   encode.Gauge,
	text:  func(u *UpDown) *seriesText { return &u.text },
	modes: modes{usual: GaugeLiveSum},
	idle:  upDownIdle,
	init: func(u *UpDown, f *family, start int64) error {
		u.fam = f
		slab, err := f.alloc(&u.text, start, balanceCells, shard.BalanceLayout)
		u.net.Init(slab)
		return err
	},
	drop: func(u *UpDown) { giveUp(u, u.fam, u.net.Slab, shard.BalanceLayout) },
	void: func(u *UpDown, f *family) { u.fam = f; u.net.Init(shard.NoSlab()) },
	rows: func(t *exposition, _ *family, list []placed[UpDown]) {
		for _, p := range list {
			t.integer(&p.s.text, p.s.Value())
		}
	},
	read: func(_ *gatherer, s *Sample, p placed[UpDown]) bool { s.Value = float64(p.s.Value()); return true },
}

// integer writes one sample of a gauge that is an integer, every digit of it where
// the format has room for them.
func (t *exposition) integer(text *seriesText, n int64) {
	if t.proto {
		t.gauge(text, float64(n))
		return
	}
	t.line(noSuffix, text)
	t.buf = append(encode.AppendInt(t.buf, n), '\n')
	t.flush()
}
