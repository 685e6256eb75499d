package engine

import (
	"runtime"
	"sync/atomic"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/shard"
)

// counterMore is what a counter has that has counted a fraction, or been given an
// exemplar; most never do, and pay one word for both.
//
// Model. Immutable but for the exemplar: a fraction's cell comes in a new
// counterMore, with the same box.
type counterMore struct {
	frac     shard.Slab // no slab until a fraction has been added
	exemplar *exemplarBox
}

// exemplarBox holds the latest exemplar. Whoever records stores an immutable one;
// the last wins, and nobody waits.
type exemplarBox struct {
	atomic.Pointer[encode.Exemplar]
	file *exemplarFile
}

// value returns the counter's value, of which n is the integer part.
func (m *counterMore) value(n uint64) float64 {
	if m == nil || !m.frac.Valid() {
		return float64(n)
	}
	return float64(n) + m.frac.SumFloat(0)
}

func (m *counterMore) appendValue(dst []byte, n uint64) []byte {
	if m == nil || !m.frac.Valid() || m.frac.SumFloat(0) == 0 { // a cell without a fraction: see counterIdle
		return encode.AppendUint(dst, n)
	}
	return encode.AppendFloat(dst, m.value(n))
}

// latest returns the exemplar, or nil.
func (m *counterMore) latest() *encode.Exemplar {
	if m == nil {
		return nil
	}
	return m.exemplar.Load()
}

// moreLocked returns the counter's counterMore, made at the first call. The caller
// holds fam.mu.
func (c *Counter) moreLocked() *counterMore {
	more := c.more.Load()
	if more == nil {
		more = &counterMore{frac: shard.NoSlab(), exemplar: &exemplarBox{file: c.fam.newExemplarFile(&c.text)}}
		c.more.Store(more)
	}
	return more
}

// box returns where the counter keeps its exemplar.
func (c *Counter) box() *exemplarBox {
	if more := c.more.Load(); more != nil {
		return more.exemplar
	}
	c.fam.mu.Lock()
	defer c.fam.mu.Unlock()
	return c.moreLocked().exemplar
}

// AddWithExemplar is AddFloat with a link to an example of what was counted, mostly
// a trace:
//
//	requests.AddWithExemplar(1, engine.Label{Name: "trace_id", Value: id})
//
// Only the latest exemplar is kept; scrapers get it in OpenMetrics and protobuf. The
// strings are copied. An exemplar that formats could not carry (see policy.go) is
// left out and counted in pawl_dropped_exemplars_total; v is added all the same.
// It allocates, and takes no lock but at the first call.
func (c *Counter) AddWithExemplar(v float64, labels ...Label) {
	e := c.fam.newExemplar(v, labels)
	c.AddFloat(v)
	if e != nil && c.takes(v) {
		box := c.box()
		box.Store(e)
		box.file.put(counterExemplar, e)
	}
	runtime.KeepAlive(c)
}

// takes says whether v was added: it is refused by an instrument that only refuses,
// for its value, or when it is a fraction and there was no cell for it.
func (c *Counter) takes(v float64) bool {
	if _, void := c.text.void(); void || !(v >= 0 && v <= maxFloat) {
		return false
	}
	_, whole := wholeCount(v)
	more := c.more.Load()
	return whole || more != nil && more.frac.Valid()
}
