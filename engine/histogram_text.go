package engine

import (
	"slices"

	"github.com/pawl-metrics/pawl/encode"
)

// renderTails renders what ends each bucket line's prefix, in text and in
// OpenMetrics, which spells the bounds in one way only.
func (l *ladder) renderTails() {
	tail := func(b float64, bound func([]byte, float64) []byte) string {
		return string(append(bound([]byte(`le="`), b), `"} `...))
	}
	for _, b := range l.bounds {
		l.tails = append(l.tails, tail(b, encode.AppendBound))
		l.strictTails = append(l.strictTails, tail(b, encode.AppendCanonicalBound))
	}
}

// histogram writes one histogram.
func (t *exposition) histogram(h *Histogram, start encode.Timestamp) {
	n := len(h.ladder.bounds)
	t.totals = slices.Grow(t.totals[:0], n)[:n]
	var sum float64
	if h.recorder != nil {
		start = encode.UnixTimestamp(0, h.readNative(&t.native, t.totals))
		sum = t.native.Sum
	} else {
		t.words = slices.Grow(t.words[:0], 1+n)[:1+n]
		sum = h.collect(t.words, t.totals)
	}
	switch {
	case t.proto:
		m, v := t.openMetric(&h.text), t.histogramValue(h, sum)
		t.buf = encode.AppendHistogramMessage(t.buf, &v, start, true, t.format.Scheme)
		t.closeMetric(m)
	case t.format.Syntax == encode.OpenMetrics200:
		t.histogramComposite(h, sum, start)
	default:
		t.histogramLines(h, sum)
		t.created(&h.text, start)
	}
	t.flush()
}

// histogramLines appends the lines of one histogram: its buckets, cumulated, the
// last of which is the count; its sum; its count.
func (t *exposition) histogramLines(h *Histogram, sum float64) {
	tails, count := h.ladder.tails, uint64(0)
	if t.strict {
		tails = h.ladder.strictTails
	}
	for i, in := range t.totals {
		count += in
		t.numbered(bucketSuffix, &h.text, tails[i])
		t.buf = encode.AppendUint(t.buf, count)
		t.exemplar(h.bucketExemplar(i))
		t.buf = append(t.buf, '\n')
	}
	if t.strict && !h.summable(sum) {
		return
	}
	t.line(sumSuffix, &h.text)
	t.buf = append(encode.AppendFloat(t.buf, sum), '\n')
	t.line(countSuffix, &h.text)
	t.buf = append(encode.AppendUint(t.buf, count), '\n')
}

// summable says whether OpenMetrics 1.0 allows a sum, and with it a count: a sum
// must count up, which it does not where values may be negative.
func (h *Histogram) summable(sum float64) bool {
	return sum >= 0 && h.ladder.bounds[0] >= 0
}

// histogramComposite appends the one line that OpenMetrics 2.0 has for a histogram.
func (t *exposition) histogramComposite(h *Histogram, sum float64, start encode.Timestamp) {
	v := t.histogramValue(h, sum)
	t.line(noSuffix, &h.text)
	t.buf = encode.AppendComposite(t.buf, &v, false)
	t.buf = encode.AppendStart(t.buf, start)
	for i := range v.Exemplars {
		t.exemplar(&v.Exemplars[i])
	}
	for i := range v.Buckets {
		if len(v.Exemplars) == 0 {
			t.exemplar(v.Buckets[i].Exemplar)
		}
	}
	t.buf = append(t.buf, '\n')
}

// histogramValue puts what was collected into the form that encode takes. It is
// good until the next histogram.
func (t *exposition) histogramValue(h *Histogram, sum float64) encode.HistogramValue {
	v := encode.HistogramValue{Sum: sum}
	t.buckets = t.buckets[:0]
	for i, in := range t.totals {
		v.Count += in
		t.buckets = append(t.buckets, encode.Bucket{UpperBound: h.ladder.bounds[i], Count: v.Count, Exemplar: h.bucketExemplar(i)})
	}
	if h.ladder.classic() {
		v.Buckets = t.buckets
	}
	if h.recorder != nil {
		v.Native, v.Exemplars = &t.native, t.spreadExemplars(h)
	}
	return v
}

// readHistogram makes plain data of a histogram.
func readHistogram(g *gatherer, s *Sample, p placed[Histogram]) bool {
	h, v := p.s, g.histograms.one()
	n := len(h.ladder.bounds)
	g.totals = slices.Grow(g.totals[:0], n)[:n]
	s.Histogram, s.Start = v, p.begun()
	if h.recorder != nil {
		v.Native = g.native()
		s.Start = encode.UnixTimestamp(0, h.readNative(v.Native, g.totals))
		v.Sum = v.Native.Sum
		v.Exemplars = g.spreadExemplars(h)
	} else {
		g.words = slices.Grow(g.words[:0], 1+n)[:1+n]
		v.Sum = h.collect(g.words, g.totals)
	}
	if h.ladder.classic() {
		v.Buckets = g.buckets.take(n)
	}
	for i, in := range g.totals {
		v.Count += in
		if v.Buckets != nil {
			v.Buckets[i] = Bucket{UpperBound: h.ladder.bounds[i], Count: v.Count, Exemplar: h.bucketExemplar(i)}
		}
	}
	return true
}

// spreadExemplars copies the exemplars of a native histogram.
func (g *gatherer) spreadExemplars(h *Histogram) []Exemplar {
	x := h.exemplars.Load()
	if x == nil {
		return nil
	}
	list := x.spread.all()
	own := g.exemplars.take(len(list))
	for i, e := range list {
		own[i] = *e
	}
	return own
}
