package encode

import "github.com/pawl-metrics/pawl/nativehist"

// This file writes samples as OpenMetrics 2.0 has them: one line for a whole
// histogram or summary. No blanks within the braces; counts are digits always,
// because a point or an exponent turns an integer histogram into one of floats.
//
//	foo {count:17,sum:324.5,bucket:[0.1:8,1.0:11,+Inf:17]} st@1520430000.123

func (w *writer) om2Sample(s *Sample) {
	switch w.typ {
	case Histogram, GaugeHistogram:
		w.om2Histogram(s)
	case Summary:
		w.om2Summary(s)
	case StateSet:
		w.states(s)
	default:
		w.om2Value(s)
	}
}

func (w *writer) om2Value(s *Sample) {
	if w.typ != Counter {
		w.textValue(s)
		return
	}
	if !countable(s.Value) {
		return
	}
	w.series("", s)
	w.float(s.Value)
	w.om2End(s, s.Exemplars, nil)
}

// om2End ends a line: timestamp, start timestamp, exemplars. Those of the buckets
// are written when there are no others.
func (w *writer) om2End(s *Sample, exemplars []Exemplar, h *HistogramValue) {
	w.timestamp(s)
	if w.typ.cumulative() {
		w.dst = AppendStart(w.dst, s.Start)
	}
	for i := range exemplars {
		w.exemplar(&exemplars[i])
	}
	if h != nil && len(exemplars) == 0 {
		w.bucketExemplars(h)
	}
	w.dst = append(w.dst, '\n')
}

func (w *writer) bucketExemplars(h *HistogramValue) {
	for r := h.buckets(); r.next(); {
		if r.ended {
			r.Exemplar = h.infExemplar()
		}
		w.exemplar(r.Exemplar)
	}
}

func (w *writer) om2Histogram(s *Sample) {
	if s.Histogram == nil {
		return
	}
	w.series("", s)
	w.dst = AppendComposite(w.dst, s.Histogram, w.typ == GaugeHistogram)
	w.om2End(s, s.Histogram.Exemplars, s.Histogram)
}

func (w *writer) om2Summary(s *Sample) {
	if s.Summary == nil {
		return
	}
	w.series("", s)
	w.dst = AppendSummaryComposite(w.dst, s.Summary)
	w.om2End(s, nil, nil)
}

// AppendComposite appends a histogram's value as OpenMetrics 2.0 has it, the
// native part before the classic one. A native histogram that the format cannot
// carry goes out as its classic buckets, if only +Inf.
func AppendComposite(dst []byte, h *HistogramValue, gauge bool) []byte {
	count, sum := h.total()
	native := h.native()
	if native != nil && count > maxExact { // Prometheus reads the count as a float64, and then finds it wrong
		native = nil
	}
	dst = append(dst, '{')
	dst = AppendUint(append(dst, compositeKey("count:", "gcount:", gauge)...), count)
	dst = AppendFloat(append(dst, compositeKey(",sum:", ",gsum:", gauge)...), sum)
	if native != nil {
		dst = appendNative(dst, native)
	}
	if native == nil || len(h.Buckets) > 0 {
		dst = appendClassic(dst, h)
	}
	return append(dst, '}')
}

func compositeKey(key, gaugeKey string, gauge bool) string {
	if gauge {
		return gaugeKey
	}
	return key
}

func appendClassic(dst []byte, h *HistogramValue) []byte {
	dst = append(dst, ",bucket:["...)
	for r := h.buckets(); r.next(); {
		dst = append(AppendCanonicalBound(dst, r.UpperBound), ':')
		dst = AppendUint(dst, r.Count)
		if !r.ended {
			dst = append(dst, ',')
		}
	}
	return append(dst, ']')
}

func appendNative(dst []byte, h *nativehist.Histogram) []byte {
	dst = AppendInt(append(dst, ",schema:"...), int64(h.Schema))
	dst = AppendFloat(append(dst, ",zero_threshold:"...), h.ZeroThreshold)
	dst = AppendUint(append(dst, ",zero_count:"...), h.ZeroCount)
	dst = appendSide(dst, ",negative_spans:[", "],negative_buckets:[", h.NegativeSpans, h.NegativeCounts)
	return appendSide(dst, ",positive_spans:[", "],positive_buckets:[", h.PositiveSpans, h.PositiveCounts)
}

// appendSide appends the buckets of one sign, with absolute counts; nothing when
// there are none.
func appendSide(dst []byte, spansKey, countsKey string, spans []nativehist.Span, counts []uint64) []byte {
	if len(counts) == 0 {
		return dst
	}
	dst = append(dst, spansKey...)
	for i, s := range spans {
		dst = AppendInt(comma(dst, i), int64(s.Offset))
		dst = AppendUint(append(dst, ':'), uint64(s.Length))
	}
	dst = append(dst, countsKey...)
	for i, n := range counts {
		dst = AppendUint(comma(dst, i), n)
	}
	return append(dst, ']')
}

func comma(dst []byte, i int) []byte {
	if i == 0 {
		return dst
	}
	return append(dst, ',')
}

// AppendSummaryComposite appends a summary's value as OpenMetrics 2.0 has it.
func AppendSummaryComposite(dst []byte, q *SummaryValue) []byte {
	dst = AppendUint(append(dst, "{count:"...), q.Count)
	dst = AppendFloat(append(dst, ",sum:"...), q.Sum)
	dst = append(dst, ",quantile:["...)
	i := 0
	for r := q.quantiles(true); r.next(); i++ {
		dst = AppendCanonicalBound(comma(dst, i), r.Quantile.Quantile)
		dst = AppendFloat(append(dst, ':'), r.Value)
	}
	return append(dst, "]}"...)
}
