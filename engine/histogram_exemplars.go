package engine

import (
	"math"
	"runtime"
	"slices"
	"sync/atomic"
)

// ObserveWithExemplar is Observe with a link to an example of such an observation,
// mostly a trace:
//
//	latency.ObserveWithExemplar(d.Seconds(), engine.Label{Name: "trace_id", Value: id})
//
// The latest exemplar of each classic bucket is kept, and of a native histogram some
// that are spread over its range; scrapers get them in OpenMetrics and protobuf. The
// strings are copied. An exemplar that formats could not carry (see policy.go) is
// left out and counted in pawl_dropped_exemplars_total; v is observed all the same.
// It allocates, and takes no lock but at the first call.
func (h *Histogram) ObserveWithExemplar(v float64, labels ...Label) {
	e := h.fam.newExemplar(v, labels)
	h.Observe(v)
	if _, void := h.text.void(); e != nil && !void && v == v {
		h.keep(e)
	}
	runtime.KeepAlive(h)
}

// histogramExemplars is the latest exemplar of each classic bucket, and for a native
// histogram some that are spread over its range. Made with the first exemplar.
// Whoever records stores an immutable exemplar; nobody waits.
type histogramExemplars struct {
	buckets []atomic.Pointer[Exemplar]
	spread  spread
	file    *exemplarFile
}

// keep stores an exemplar.
func (h *Histogram) keep(e *Exemplar) {
	x := h.exemplars.Load()
	if x == nil {
		x = h.makeExemplars()
	}
	bucket := h.ladder.index(e.Value)
	x.buckets[bucket].Store(e)
	if h.ladder.classic() {
		x.file.put(bucket, e)
	}
	if x.spread.most > 0 && !math.IsInf(e.Value, 0) {
		x.spread.add(e)
		x.file.putSpread(x.spread.all(), e)
	}
}

// makeExemplars makes room for exemplars, if another has not done so.
func (h *Histogram) makeExemplars() *histogramExemplars {
	h.fam.mu.Lock()
	defer h.fam.mu.Unlock()
	if x := h.exemplars.Load(); x != nil {
		return x
	}
	x := &histogramExemplars{buckets: make([]atomic.Pointer[Exemplar], len(h.ladder.bounds)), file: h.fam.newExemplarFile(&h.text)}
	if h.native != nil {
		x.spread.most, x.spread.ttl = h.native.exemplars, h.native.ttl
	}
	h.exemplars.Store(x)
	return x
}

// dropExemplars is what the exemplars need when the series is dropped.
func (h *Histogram) dropExemplars() {
	h.fam.mu.Lock()
	defer h.fam.mu.Unlock()
	h.text.flags.Or(freeing)
	if x := h.exemplars.Load(); x != nil {
		giveUpExemplars(h, x.file)
	}
}

// bucketExemplar returns the exemplar of a classic bucket, or nil.
func (h *Histogram) bucketExemplar(i int) *Exemplar {
	if x := h.exemplars.Load(); x != nil {
		return x.buckets[i].Load()
	}
	return nil
}

// spreadExemplars copies the exemplars of a native histogram.
func (t *exposition) spreadExemplars(h *Histogram) []Exemplar {
	x := h.exemplars.Load()
	if x == nil {
		return nil
	}
	t.exemplars = slices.Grow(t.exemplars[:0], max(0, x.spread.most))
	for _, e := range x.spread.all() {
		t.exemplars = append(t.exemplars, *e)
	}
	return t.exemplars
}
