package engine

import "sync/atomic"

// bucketExemplars is the latest exemplar of each bucket, made with the first one.
// Whoever records stores an immutable exemplar; the last wins, and nobody waits.
type bucketExemplars []atomic.Pointer[Exemplar]

// ObserveWithExemplar is Observe with a link to an example of such an observation,
// mostly a trace:
//
//	latency.ObserveWithExemplar(d.Seconds(), engine.Label{Name: "trace_id", Value: id})
//
// The latest exemplar of each bucket is kept; scrapers get them in OpenMetrics and
// protobuf. The strings are copied. An exemplar that formats could not carry (see
// policy.go) is left out and counted in pawl_dropped_exemplars_total; v is observed
// all the same. It allocates, and takes no lock.
func (h *Histogram) ObserveWithExemplar(v float64, labels ...Label) {
	e := h.fam.newExemplar(v, labels)
	h.Observe(v)
	if _, void := h.text.void(); e != nil && !void && v == v {
		h.keep(e)
	}
}

func (h *Histogram) keep(e *Exemplar) {
	list := h.exemplars.Load()
	if list == nil {
		fresh := make(bucketExemplars, len(h.ladder.bounds))
		h.exemplars.CompareAndSwap(nil, &fresh) // or another was quicker
		list = h.exemplars.Load()
	}
	(*list)[h.ladder.index(e.Value)].Store(e)
}

// bucketExemplar returns the exemplar of a bucket, or nil.
func (h *Histogram) bucketExemplar(i int) *Exemplar {
	if list := h.exemplars.Load(); list != nil {
		return (*list)[i].Load()
	}
	return nil
}
