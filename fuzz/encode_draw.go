package fuzz

import (
	"fmt"
	"math"
	"strconv"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/nativehist"
)

// drawing makes families from a Source: any type, and everything hostile that the
// pools have.
type drawing struct{ *Source }

// families draws a few. They have different beginnings, so that names do not
// clash: that is a registry's business.
func (d drawing) families() []encode.Family {
	list := make([]encode.Family, 1+d.Pick(3))
	for i := range list {
		list[i] = d.family()
		if i > 0 {
			list[i].Name = fmt.Sprintf("z%d_%s", i, list[i].Name)
		}
	}
	return list
}

var encodeNames = []string{"x", "x_total", "x_seconds", "x_seconds_total", "a:b", "a.b", "a.b_total", "x_info", "a.b_info",
	"é", "1x", "a b", `a"b`, `a\b`, "a\nb", "U__x", "_", "x.seconds", "x_ratio", "", "a\x00", "\xff", "😀_total"}

var encodeLabels = []string{"a", "b", "code", "a.b", "a_b", "a:b", "é", "1", "__name__", "_.name__", "le", "quantile",
	"x", "a b", `"`, `\`, "a\nb", "", "a\x00", "\xff", "_", "U__a"}

func (d drawing) name(pool []string) string {
	if i := d.Pick(256); i < 224 {
		return pool[i%len(pool)]
	}
	return d.Text()
}

func (d drawing) family() encode.Family {
	f := encode.Family{Name: d.name(encodeNames), Help: d.Text(), Unit: units[d.Pick(len(units))],
		Type: encode.Type(d.Pick(9))}
	for i := range d.Pick(4) {
		s := d.sample(f.Type)
		s.Labels = append(s.Labels, encode.Label{Name: "i", Value: strconv.Itoa(i)})
		f.Samples = append(f.Samples, s)
	}
	return f
}

func (d drawing) labels() (list []encode.Label) {
	for range d.Pick(4) {
		list = append(list, encode.Label{Name: d.name(encodeLabels), Value: d.Text()})
	}
	return list
}

func (d drawing) sample(t encode.Type) encode.Sample {
	s := encode.Sample{Labels: d.labels(), Timestamp: d.timestamp(), Start: d.timestamp()}
	switch t {
	case encode.Histogram, encode.GaugeHistogram:
		s.Histogram = d.histogram()
	case encode.Summary:
		s.Summary = d.summary()
	case encode.StateSet:
		for range d.Pick(4) {
			s.States = append(s.States, encode.State{Name: d.Text(), On: d.Pick(2) == 1})
		}
	default:
		s.Value = d.Float()
		s.Exemplars = d.exemplars()
	}
	return s
}

var seconds = []int64{0, 1, -1, 1_520_430_000, 1_764_000_000, -62_135_596_800, 253_402_300_799, 1 << 40, math.MaxInt64 / 1000, math.MinInt64}

var nanoseconds = []int64{0, 1, 999_999_999, 500_000_000, 789_000_000, 1_000_000, 123_456_789}

func (d drawing) timestamp() encode.Timestamp {
	b := d.Pick(256)
	if b < 128 {
		return encode.Timestamp{}
	}
	return encode.UnixTimestamp(seconds[b%len(seconds)], nanoseconds[d.Pick(len(nanoseconds))])
}

func (d drawing) exemplars() (list []encode.Exemplar) {
	for range d.Pick(6) - 3 {
		list = append(list, encode.Exemplar{Labels: d.labels(), Value: d.Float(), Timestamp: d.timestamp()})
	}
	return list
}

func (d drawing) histogram() *encode.HistogramValue {
	h := &encode.HistogramValue{Sum: d.Float(), Exemplars: d.exemplars()}
	for range d.Pick(5) {
		b := encode.Bucket{UpperBound: d.Float(), Count: h.Count}
		if d.Pick(2) == 1 { // mostly in order
			b.UpperBound = float64(len(h.Buckets)) / 8
			b.Count += d.Uint() >> 2
		}
		if list := d.exemplars(); len(list) > 0 {
			b.Exemplar = &list[0]
		}
		h.Count = max(h.Count, b.Count)
		h.Buckets = append(h.Buckets, b)
	}
	if d.Pick(4) == 0 {
		h.Count = d.Uint()
	}
	if d.Pick(2) == 1 {
		h.Native = d.native()
		h.Native.Sum = h.Sum
	}
	return h
}

// native draws a native histogram that is mostly a right one.
func (d drawing) native() *nativehist.Histogram {
	h := &nativehist.Histogram{Schema: int32(d.Pick(13)) - 4, ZeroCount: d.Uint() >> (d.Pick(4) * 16)}
	h.PositiveSpans, h.PositiveCounts = d.side()
	h.NegativeSpans, h.NegativeCounts = d.side()
	h.ZeroThreshold = []float64{0, 0x1p-128, 1e-4, 1}[d.Pick(4)]
	h.Count = h.ZeroCount
	for _, n := range append(h.PositiveCounts[:len(h.PositiveCounts):len(h.PositiveCounts)], h.NegativeCounts...) {
		h.Count += n
	}
	switch d.Pick(32) {
	case 1:
		h.Count++
	case 2:
		h.Schema = 9
	case 3:
		h.ZeroThreshold = d.Float()
	case 4:
		h.PositiveSpans = append(h.PositiveSpans, nativehist.Span{Offset: -1, Length: 1})
	case 5:
		h.PositiveCounts = append(h.PositiveCounts, 0)
	case 6:
		h.Count = d.Uint()
	}
	return h
}

var offsets = []int32{0, 1, -1, 5, -300, 1<<29 - 2, -1 << 29, -1<<29 + 1, math.MinInt32, math.MaxInt32}

func (d drawing) side() (spans []nativehist.Span, counts []uint64) {
	for range d.Pick(4) {
		s := nativehist.Span{Offset: offsets[d.Pick(len(offsets))], Length: uint32(d.Pick(4))}
		if len(spans) > 0 && s.Offset < 0 {
			s.Offset = 2
		}
		spans = append(spans, s)
		for range s.Length {
			counts = append(counts, d.Uint()>>(d.Pick(4)*16))
		}
	}
	return spans, counts
}

func (d drawing) summary() *encode.SummaryValue {
	q := &encode.SummaryValue{Count: d.Uint(), Sum: d.Float()}
	for i := range d.Pick(4) {
		at := float64(i) / 4
		if d.Pick(4) == 0 {
			at = d.Float()
		}
		q.Quantiles = append(q.Quantiles, encode.Quantile{Quantile: at, Value: d.Float()})
	}
	return q
}
