package remotewrite

import (
	"strings"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/nativehist"
)

// series is one series of a push.
type series struct {
	labels []encode.Label // sorted
	value  float64
	native *nativehist.Histogram // in place of value
	gauge  bool                  // native may fall
	stale  bool                  // it ends with this sample
	time   int64                 // milliseconds
	start  int64                 // the same; 0 is none

	family    *encode.Family
	number    int // of the family, so that the next is known for another
	of        *encode.Sample
	exemplars []encode.Exemplar

	// Exemplars are sent from since on, before until: those that the push before had not.
	// Of a series with several, Prometheus refuses all that it has had but the last.
	since, until int64
}

// message1 is a request of version 1.0, prometheus.WriteRequest in remote.proto:
//
//	WriteRequest   1 timeseries, 3 metadata
//	TimeSeries     1 labels, 2 samples
//	Label          1 name, 2 value
//	Sample         1 value, 2 timestamp
//	MetricMetadata 1 type, 2 metric_family_name, 4 help, 5 unit
//
// The metadata stand in the request in which a family begins.
type message1 struct {
	dst    []byte
	part   []byte // one series
	family int    // the last one that has metadata
}

func (m *message1) size() int { return len(m.dst) }

func (m *message1) bytes() []byte {
	done := m.dst
	m.dst = m.dst[:0]
	return done
}

func (m *message1) add(s *series) {
	if s.number != m.family {
		m.metadata(s)
		m.family = s.number
	}
	part := m.part[:0]
	for i := range s.labels {
		l := &s.labels[i]
		n := stringSize(l.Name) + stringSize(l.Value)
		part = encode.AppendVarint(appendTag(part, 1, wireBytes), uint64(n))
		part = appendString(appendString(part, 1, l.Name), 2, l.Value)
	}
	part = appendSample1(part, bitsOf(s.value), s.time)
	if s.stale {
		part = appendSample1(part, staleNaN, s.time+1)
	}
	m.part = part
	m.dst = appendBytes(m.dst, 1, part)
}

// stringSize returns the size of a string field whose number is below 16.
func stringSize(s string) int { return 1 + varintSize(uint64(len(s))) + len(s) }

func varintSize(n uint64) (size int) {
	for size = 1; n >= 0x80; size++ {
		n >>= 7
	}
	return size
}

func appendSample1(dst []byte, bits uint64, at int64) []byte {
	n := 9
	if at != 0 {
		n += 1 + varintSize(uint64(at))
	}
	dst = encode.AppendVarint(appendTag(dst, 2, wireBytes), uint64(n))
	return appendInt(appendBits(dst, 1, bits), 2, at)
}

func (m *message1) metadata(s *series) {
	f := s.family
	part := appendUint(m.part[:0], 1, typeNumber(f.Type))
	part = appendString(part, 2, familyName(s))
	if f.Help != "" {
		part = appendString(part, 4, strings.ToValidUTF8(f.Help, "\uFFFD"))
	}
	if f.Unit != "" {
		part = appendString(part, 5, strings.ToValidUTF8(f.Unit, "\uFFFD"))
	}
	m.part = part
	m.dst = appendBytes(m.dst, 3, part)
}

// familyName returns the family's name as the series' names have it: theirs, less the
// suffix.
func familyName(s *series) string {
	var name string
	for i := range s.labels {
		if s.labels[i].Name == nameLabel {
			name = s.labels[i].Value
		}
	}
	switch s.family.Type {
	case encode.Histogram, encode.GaugeHistogram, encode.Summary:
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if base, ok := strings.CutSuffix(name, suffix); ok && !strings.HasSuffix(s.family.Name, suffix) {
				return base
			}
		}
	}
	return name
}

// typeNumber returns a type's number in the enums MetricType of both versions.
func typeNumber(t encode.Type) uint64 {
	switch t {
	case encode.Counter:
		return 1
	case encode.Gauge:
		return 2
	case encode.Histogram:
		return 3
	case encode.GaugeHistogram:
		return 4
	case encode.Summary:
		return 5
	case encode.Info:
		return 6
	case encode.StateSet:
		return 7
	}
	return 0
}
