package remotewrite

import (
	"math"
	"slices"
	"strings"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/nativehist"
)

// message2 is a request of version 2.0, io.prometheus.write.v2.Request:
//
//	Request    4 symbols, the first of them "", 5 timeseries
//	TimeSeries 1 labels_refs, 2 samples, 3 histograms, 4 exemplars, 5 metadata
//	Sample     1 value, 2 timestamp, 3 start_timestamp
//	Exemplar   1 labels_refs, 2 value, 3 timestamp
//	Metadata   1 type, 3 help_ref, 4 unit_ref
//
// A ref is the index of a symbol: every string is in a request once. Symbols are known
// only when the series are; the two grow apart and are put together at the end.
type message2 struct {
	symbols map[string]uint32
	names   []byte // the symbols, as fields
	series  []byte // the timeseries

	part, refs, inner []byte
	exemplar          []encode.Label // sorted

	family     int // to which meta belongs
	help, unit uint32
}

func newMessage2() *message2 {
	m := &message2{symbols: make(map[string]uint32)}
	m.begin()
	return m
}

func (m *message2) begin() {
	clear(m.symbols)
	m.names, m.series, m.family = m.names[:0], m.series[:0], 0
	m.ref("")
}

func (m *message2) size() int { return len(m.names) + len(m.series) }

func (m *message2) bytes() []byte {
	m.part = append(append(m.part[:0], m.names...), m.series...)
	m.begin()
	return m.part
}

// ref returns the index of a symbol. The map keeps a copy: a family's strings are its
// collector's.
func (m *message2) ref(s string) uint32 {
	if n, ok := m.symbols[s]; ok {
		return n
	}
	n := uint32(len(m.symbols))
	m.symbols[strings.Clone(s)] = n
	m.names = appendString(m.names, 4, s)
	return n
}

func (m *message2) add(s *series) {
	m.part = m.appendLabels(m.part[:0], s.labels)
	if s.native != nil {
		m.histograms(s)
	} else {
		m.samples(s)
	}
	for i := range s.exemplars {
		if at, ok := millis(s.exemplars[i].Timestamp); ok && at >= s.since && at < s.until {
			m.appendExemplar(&s.exemplars[i], at)
		}
	}
	m.metadata(s)
	m.series = appendBytes(m.series, 5, m.part)
}

func (m *message2) appendLabels(dst []byte, labels []encode.Label) []byte {
	m.refs = m.refs[:0]
	for i := range labels {
		m.refs = encode.AppendVarint(m.refs, uint64(m.ref(labels[i].Name)))
		m.refs = encode.AppendVarint(m.refs, uint64(m.ref(labels[i].Value)))
	}
	return appendBytes(dst, 1, m.refs)
}

func (m *message2) samples(s *series) {
	m.sample(bitsOf(s.value), s.time, s.start)
	if s.stale {
		m.sample(staleNaN, s.time+1, s.start)
	}
}

func bitsOf(v float64) uint64 {
	if v != v {
		return normalNaN
	}
	return math.Float64bits(v)
}

func (m *message2) sample(bits uint64, at, start int64) {
	m.inner = appendInt(appendInt(appendBits(m.inner[:0], 1, bits), 2, at), 3, start)
	m.part = appendBytes(m.part, 2, m.inner)
}

// appendExemplar appends an exemplar, which must have a timestamp.
func (m *message2) appendExemplar(e *encode.Exemplar, at int64) {
	m.exemplar = append(m.exemplar[:0], e.Labels...)
	slices.SortFunc(m.exemplar, byName)
	for i := range m.exemplar {
		m.exemplar[i].Name = strings.ToValidUTF8(m.exemplar[i].Name, "\uFFFD")
		m.exemplar[i].Value = strings.ToValidUTF8(m.exemplar[i].Value, "\uFFFD")
	}
	m.inner = m.appendLabels(m.inner[:0], m.exemplar)
	m.inner = appendInt(appendDouble(m.inner, 2, e.Value), 3, at)
	m.part = appendBytes(m.part, 4, m.inner)
}

func (m *message2) metadata(s *series) {
	if s.number != m.family {
		m.help = m.ref(strings.ToValidUTF8(s.family.Help, "\uFFFD"))
		m.unit = m.ref(strings.ToValidUTF8(s.family.Unit, "\uFFFD"))
		m.family = s.number
	}
	m.inner = appendUint(m.inner[:0], 1, typeNumber(s.family.Type))
	m.inner = appendUint(appendUint(m.inner, 3, uint64(m.help)), 4, uint64(m.unit))
	m.part = appendBytes(m.part, 5, m.inner)
}

func (m *message2) histograms(s *series) {
	m.inner = appendHistogram(m.inner[:0], s.native, bitsOf(s.native.Sum), s)
	m.part = appendBytes(m.part, 3, m.inner)
	if s.stale {
		end := *s
		end.time++
		m.inner = appendHistogram(m.inner[:0], &nativehist.Histogram{}, staleNaN, &end)
		m.part = appendBytes(m.part, 3, m.inner)
	}
}

// appendHistogram appends a native histogram of whole counts:
//
//	Histogram  1 count_int, 3 sum, 4 schema, 5 zero_threshold, 6 zero_count_int,
//	           8 negative_spans, 9 negative_deltas, 11 positive_spans, 12 positive_deltas,
//	           14 reset_hint, 15 timestamp, 17 start_timestamp
//	BucketSpan 1 offset, 2 length
//
// Which of its two kinds a count is shows in the field that is there, so zero is written.
func appendHistogram(dst []byte, h *nativehist.Histogram, sum uint64, s *series) []byte {
	dst = encode.AppendVarint(appendTag(dst, 1, wireVarint), h.Count)
	dst = appendBits(dst, 3, sum)
	dst = appendSint(dst, 4, int64(h.Schema))
	dst = appendDouble(dst, 5, h.ZeroThreshold)
	dst = encode.AppendVarint(appendTag(dst, 6, wireVarint), h.ZeroCount)
	dst = appendDeltas(appendSpans(dst, 8, h.NegativeSpans), 9, h.NegativeCounts)
	dst = appendDeltas(appendSpans(dst, 11, h.PositiveSpans), 12, h.PositiveCounts)
	if s.gauge {
		dst = appendUint(dst, 14, resetGauge)
	}
	return appendInt(appendInt(dst, 15, s.time), 17, s.start)
}

// resetGauge is RESET_HINT_GAUGE: counts may fall.
const resetGauge = 3

func appendSpans(dst []byte, field uint64, spans []nativehist.Span) []byte {
	for _, s := range spans {
		n := 0
		if s.Offset != 0 {
			n += 1 + varintSize(zigzag(int64(s.Offset)))
		}
		if s.Length != 0 {
			n += 1 + varintSize(uint64(s.Length))
		}
		dst = encode.AppendVarint(appendTag(dst, field, wireBytes), uint64(n))
		dst = appendUint(appendSint(dst, 1, int64(s.Offset)), 2, uint64(s.Length))
	}
	return dst
}

// appendDeltas appends counts as what each has more than the one before.
func appendDeltas(dst []byte, field uint64, counts []uint64) []byte {
	if len(counts) == 0 {
		return dst
	}
	size, last := 0, uint64(0)
	for _, n := range counts {
		size += varintSize(zigzag(int64(n - last)))
		last = n
	}
	dst = encode.AppendVarint(appendTag(dst, field, wireBytes), uint64(size))
	last = 0
	for _, n := range counts {
		dst = encode.AppendVarint(dst, zigzag(int64(n-last)))
		last = n
	}
	return dst
}
