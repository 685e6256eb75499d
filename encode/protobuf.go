package encode

import (
	"github.com/pawl-metrics/pawl/nativehist"
)

// The numbers of fields are those of io.prometheus.client, metrics.proto.
const (
	familyName, familyHelp, familyType, familyMetric, familyUnit = 1, 2, 3, 4, 5

	metricLabel, metricGauge, metricCounter, metricSummary, metricUntyped = 1, 2, 3, 4, 5
	metricTimestamp, metricHistogram                                      = 6, 7

	counterExemplar, counterStart = 2, 3

	summaryCount, summarySum, summaryQuantile, summaryStart = 1, 2, 3, 4

	histogramCount, histogramSum, histogramBucket      = 1, 2, 3
	histogramSchema, histogramThreshold, histogramZero = 5, 6, 7
	histogramNegativeSpan, histogramNegativeDelta      = 9, 10
	histogramPositiveSpan, histogramPositiveDelta      = 12, 13
	histogramStart, histogramExemplar                  = 15, 16
	bucketCount, bucketBound, bucketExemplar           = 1, 2, 3
	exemplarLabel, exemplarValue, exemplarTime         = 1, 2, 3
)

// Mark is where an unfinished message begins, for what is to be closed by the
// function that takes it.
type Mark struct{ at message }

// OpenFamily begins a family of the delimited protobuf format: its length, which
// [CloseFamily] puts in, its name, help, type and unit. ok is false when it has no name
// that can be written. In the family come metrics: [OpenMetric], labels, a value,
// [CloseMetric].
func OpenFamily(dst []byte, f Format, fam *Family) (out []byte, m Mark, ok bool) {
	names, ok := spell(f, fam)
	if !ok {
		return dst, Mark{}, false
	}
	w := writer{dst: dst, f: f, fam: fam, spelling: names}
	m = w.openFamily()
	return w.dst, m, true
}

func (w *writer) openFamily() Mark {
	w.dst = append(w.dst, 0)
	m := Mark{message(len(w.dst))}
	w.dst = append(AppendVarint(appendTag(w.dst, familyName, wireBytes), uint64(len(w.name()))), w.name()...)
	if w.fam.Help != "" {
		w.dst = appendString(w.dst, familyHelp, w.fam.Help)
	}
	w.dst = appendVarintField(w.dst, familyType, uint64(protoTypes[w.typ]))
	if w.fam.Unit != "" {
		w.dst = appendString(w.dst, familyUnit, w.fam.Unit)
	}
	return m
}

// CloseFamily ends a family.
func CloseFamily(dst []byte, m Mark) []byte { return m.at.close(dst) }

// OpenMetric begins a metric, which is a series with its value.
func OpenMetric(dst []byte) (out []byte, m Mark) {
	dst, at := openMessage(dst, familyMetric)
	return dst, Mark{at}
}

// CloseMetric appends a metric's timestamp, if there is one, and ends it. The
// epoch is left out: to Prometheus 0 is no timestamp.
func CloseMetric(dst []byte, m Mark, t Timestamp) []byte {
	if ms, ok := t.millis(); ok && ms != 0 {
		dst = appendVarintField(dst, metricTimestamp, uint64(ms))
	}
	return m.at.close(dst)
}

// AppendLabelPairs appends a metric's labels.
func AppendLabelPairs(dst []byte, labels []Label, scheme Scheme) []byte {
	return appendPairs(dst, metricLabel, labels, scheme)
}

func appendPairs(dst []byte, field byte, labels []Label, scheme Scheme) []byte {
	for i := range labels {
		var pair, name message
		dst, pair = openMessage(dst, field)
		dst, name = openMessage(dst, 1)
		dst = name.close(AppendLabelName(dst, labels[i].Name, scheme))
		dst = pair.close(appendString(dst, 2, labels[i].Value))
	}
	return dst
}

// appendTime appends a google.protobuf.Timestamp, or nothing.
func appendTime(dst []byte, field byte, t Timestamp) []byte {
	if !t.set {
		return dst
	}
	dst, m := openMessage(dst, field)
	dst = appendVarintField(dst, 1, uint64(t.sec))
	if t.nsec != 0 {
		dst = appendVarintField(dst, 2, uint64(t.nsec))
	}
	return m.close(dst)
}

func appendExemplar(dst []byte, field byte, e *Exemplar, scheme Scheme) []byte {
	if e == nil || !e.fits(ProtobufDelimited, scheme) {
		return dst
	}
	dst, m := openMessage(dst, field)
	dst = appendPairs(dst, exemplarLabel, e.Labels, scheme)
	dst = appendDouble(dst, exemplarValue, e.Value)
	return m.close(appendTime(dst, exemplarTime, e.Timestamp))
}

// AppendGaugeMessage appends a metric's value of the types Gauge, Info and StateSet.
func AppendGaugeMessage(dst []byte, v float64) []byte {
	return appendDouble(append(dst, metricGauge<<3|wireBytes, 9), 1, v)
}

// AppendUntypedMessage appends a metric's value of type Untyped.
func AppendUntypedMessage(dst []byte, v float64) []byte {
	return appendDouble(append(dst, metricUntyped<<3|wireBytes, 9), 1, v)
}

// AppendCounterMessage appends a metric's value of type Counter. e may be nil.
func AppendCounterMessage(dst []byte, v float64, start Timestamp, e *Exemplar, scheme Scheme) []byte {
	dst, m := openMessage(dst, metricCounter)
	dst = appendDouble(dst, 1, v)
	dst = appendExemplar(dst, counterExemplar, e, scheme)
	return m.close(appendTime(dst, counterStart, start))
}

// AppendSummaryMessage appends a metric's value of type Summary.
func AppendSummaryMessage(dst []byte, q *SummaryValue, start Timestamp) []byte {
	dst, m := openMessage(dst, metricSummary)
	dst = appendVarintField(dst, summaryCount, q.Count)
	dst = appendDouble(dst, summarySum, q.Sum)
	for r := q.quantiles(false); r.next(); {
		dst = append(dst, summaryQuantile<<3|wireBytes, 18)
		dst = appendDouble(appendDouble(dst, 1, r.Quantile.Quantile), 2, r.Value)
	}
	return m.close(appendTime(dst, summaryStart, start))
}

// AppendHistogramMessage appends a metric's value of the types Histogram and
// GaugeHistogram, which has no start. Exemplars are left out unless they are wanted.
func AppendHistogramMessage(dst []byte, h *HistogramValue, start Timestamp, exemplars bool, scheme Scheme) []byte {
	count, sum := h.total()
	dst, m := openMessage(dst, metricHistogram)
	dst = appendVarintField(dst, histogramCount, count)
	dst = appendDouble(dst, histogramSum, sum)
	dst = appendBuckets(dst, h, exemplars, scheme)
	if native := h.native(); native != nil {
		dst = appendNativeFields(dst, native)
	}
	dst = appendTime(dst, histogramStart, start)
	for i := range h.Exemplars {
		if e := &h.Exemplars[i]; exemplars && e.Timestamp.set { // or the server skips it
			dst = appendExemplar(dst, histogramExemplar, e, scheme)
		}
	}
	return m.close(dst)
}

// appendBuckets appends classic buckets. +Inf, which is the count, goes without
// saying, unless it has an exemplar.
func appendBuckets(dst []byte, h *HistogramValue, exemplars bool, scheme Scheme) []byte {
	for r := h.buckets(); r.next(); {
		if r.ended {
			r.Exemplar = h.infExemplar()
		}
		if !exemplars {
			r.Exemplar = nil
		}
		if r.ended && r.Exemplar == nil {
			continue
		}
		var m message
		dst, m = openMessage(dst, histogramBucket)
		dst = appendVarintField(dst, bucketCount, r.Count)
		dst = appendDouble(dst, bucketBound, r.UpperBound)
		dst = m.close(appendExemplar(dst, bucketExemplar, r.Exemplar, scheme))
	}
	return dst
}

// appendNativeFields appends what makes a histogram a native one. The server knows
// it by a span or a zero threshold, not by its schema; so one that has neither,
// which is how it begins, gets a span of nothing.
func appendNativeFields(dst []byte, h *nativehist.Histogram) []byte {
	dst = appendVarintField(dst, histogramSchema, zigzag(int64(h.Schema)))
	dst = appendDouble(dst, histogramThreshold, h.ZeroThreshold)
	dst = appendVarintField(dst, histogramZero, h.ZeroCount)
	dst = appendSpans(dst, histogramNegativeSpan, h.NegativeSpans)
	dst = appendDeltas(dst, histogramNegativeDelta, h.NegativeCounts)
	if len(h.PositiveSpans)+len(h.NegativeSpans) == 0 && h.ZeroThreshold == 0 {
		dst = appendSpans(dst, histogramPositiveSpan, noSpan[:])
	}
	dst = appendSpans(dst, histogramPositiveSpan, h.PositiveSpans)
	return appendDeltas(dst, histogramPositiveDelta, h.PositiveCounts)
}

var noSpan [1]nativehist.Span

func appendSpans(dst []byte, field byte, spans []nativehist.Span) []byte {
	for _, s := range spans {
		var m message
		dst, m = openMessage(dst, field)
		dst = appendVarintField(dst, 1, zigzag(int64(s.Offset)))
		dst = m.close(appendVarintField(dst, 2, uint64(s.Length)))
	}
	return dst
}

// appendDeltas appends absolute counts as what each has more than the one before.
func appendDeltas(dst []byte, field byte, counts []uint64) []byte {
	if len(counts) == 0 {
		return dst
	}
	dst, m := openMessage(dst, field)
	last := uint64(0)
	for _, n := range counts {
		dst = AppendVarint(dst, zigzag(int64(n-last)))
		last = n
	}
	return m.close(dst)
}
