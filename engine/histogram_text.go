package engine

import (
	"slices"

	"github.com/pawl-metrics/pawl/encode"
)

// renderTails renders what ends each bucket line's prefix.
func (l *ladder) renderTails() {
	for _, b := range l.bounds {
		tail := append([]byte(nil), `le="`...)
		tail = encode.AppendBound(tail, b)
		l.tails = append(l.tails, string(append(tail, `"} `...)))
	}
}

// histogram appends the lines of one histogram: its buckets, cumulated, the last
// of which is the count; its sum; its count.
func (t *sink) histogram(name string, h *Histogram) {
	n := len(h.ladder.bounds)
	t.words = slices.Grow(t.words[:0], 1+n)[:1+n]
	t.totals = slices.Grow(t.totals[:0], n)[:n]
	sum := h.collect(t.words, t.totals)
	inner, count := h.text.inner(), uint64(0)
	for i, in := range t.totals {
		count += in
		t.buf = append(t.buf, name...)
		t.buf = append(t.buf, "_bucket{"...)
		if inner != "" {
			t.buf = append(t.buf, inner...)
			t.buf = append(t.buf, ',')
		}
		t.buf = append(t.buf, h.ladder.tails[i]...)
		t.buf = encode.AppendUint(t.buf, count)
		t.buf = append(t.buf, '\n')
	}
	t.sample(name, "_sum", &h.text, sum)
	t.buf = append(t.buf, name...)
	t.buf = append(t.buf, "_count"...)
	t.buf = append(t.buf, h.text.String()...)
	t.buf = encode.AppendUint(t.buf, count)
	t.buf = append(t.buf, '\n')
	t.flush()
}
