package fuzz

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	client "github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	server "github.com/prometheus/prometheus/model/histogram"

	"github.com/pawl-metrics/pawl/nativehist"
	"github.com/pawl-metrics/pawl/shard"
)

// FuzzNative gives the same observations, at the same times, to a recorder and to
// client_golang's histogram, and compares what they expose: schema, zero bucket,
// spans, deltas, count and start, after limit steps too. The first bytes choose
// the options; then each observation is a byte that says how its value is made,
// and eight that it is made of.
func FuzzNative(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 120 {
		program := make([]byte, 8+9*(20+40*i%1600))
		for j := range program {
			program[j] = byte(r.Uint32())
		}
		f.Add(program)
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		synctest.Test(t, func(t *testing.T) { compareNative(t, program) })
	})
}

// nativeOptions decodes the options that a program begins with.
func nativeOptions(b []byte) nativehist.Options {
	factors := []float64{1.1, 1.0001, 1.01, 1.2, 1.5, 2, 4, 17, 65536, 1e9}
	thresholds := []float64{0, 0, -1, 1e-9, 0.5, 2.5, 1, 1e300}
	most := []float64{0, 0, 1e-6, 0.5, 10, 1e9, math.MaxFloat64, math.Inf(1)}
	durations := []time.Duration{0, 0, 1, time.Millisecond, 100 * time.Millisecond, time.Second, time.Hour}
	return nativehist.Options{
		Factor:           factors[int(b[0])%len(factors)],
		ZeroThreshold:    thresholds[int(b[1])%len(thresholds)],
		MaxZeroThreshold: most[int(b[2])%len(most)],
		MinResetDuration: durations[int(b[3])%len(durations)],
		MaxBuckets:       int(b[4]) % 50 * int(b[5]%4) / 2,
	}
}

// nativeValue makes a value of a kind and eight bytes. Sums are compared too, so
// most kinds are small multiples of a power of two, which add up without rounding.
func nativeValue(kind byte, bits uint64) float64 {
	small := float64(int64(bits>>40)) / 1024
	switch kind % 8 {
	case 0:
		return math.Float64frombits(bits)
	case 1:
		return -small
	case 2:
		return math.Ldexp(1, int(bits%2098)-1074)
	case 3:
		return []float64{0, math.Copysign(0, -1), 1, -1, math.Inf(1), math.Inf(-1), math.MaxFloat64, 5e-324}[bits%8]
	case 4:
		return float64(bits % 16)
	}
	return small / 64
}

const classicBounds = 2

func compareNative(t *testing.T, program []byte) {
	if len(program) < 8 {
		return
	}
	o := nativeOptions(program)
	o.Extra = classicBounds + 1
	c, err := o.Config()
	if err != nil {
		t.Fatal(err)
	}
	ours := nativehist.NewRecorder(new(shard.Arena), c)
	theirs := client.NewHistogram(client.HistogramOpts{
		Name: "h", Buckets: []float64{1, 100},
		NativeHistogramBucketFactor:     o.Factor,
		NativeHistogramZeroThreshold:    o.ZeroThreshold,
		NativeHistogramMaxBucketNumber:  uint32(o.MaxBuckets),
		NativeHistogramMinResetDuration: o.MinResetDuration,
		NativeHistogramMaxZeroThreshold: o.MaxZeroThreshold,
	})
	var h nativehist.Histogram
	repeat := 1 + int(program[6]%8) // so that programs reach the per-P cells
	for n, rest := 0, program[8:]; len(rest) >= 9; n, rest = n+1, rest[9:] {
		v := nativeValue(rest[0], binary.LittleEndian.Uint64(rest[1:]))
		if v != v {
			continue
		}
		if rest[0]>>3%8 == 0 {
			time.Sleep(time.Duration(rest[1]) * 10 * time.Millisecond)
			synctest.Wait()
		}
		bucket := classicBounds
		switch {
		case v <= 1:
			bucket = 0
		case v <= 100:
			bucket = 1
		}
		for range repeat {
			ours.Observe(v, bucket)
			theirs.Observe(v)
		}
		if n%16 != 15 && len(rest) >= 18 {
			continue
		}
		if diff := nativeDiff(ours, theirs, &h); diff != "" {
			t.Fatalf("options %+v, after %d observations, the last %v: %s", o, n+1, v, diff)
		}
		compareServer(t, &h)
	}
	time.Sleep(2 * time.Hour) // for timers
}

func nativeDiff(ours *nativehist.Recorder, theirs client.Histogram, h *nativehist.Histogram) string {
	extra := make([]uint64, classicBounds+1)
	start := ours.Snapshot(h, extra)
	var m dto.Metric
	if err := theirs.Write(&m); err != nil {
		return err.Error()
	}
	w := m.Histogram
	positive := spansOf(w.PositiveSpan)
	if h.NoOp() && slices.Equal(positive, []nativehist.Span{{}}) {
		positive = nil
	}
	want := nativehist.Histogram{Schema: w.GetSchema(), ZeroThreshold: w.GetZeroThreshold(), ZeroCount: w.GetZeroCount(), Count: w.GetSampleCount(),
		PositiveSpans: positive, NegativeSpans: spansOf(w.NegativeSpan)}
	switch {
	case h.Schema != want.Schema, h.ZeroThreshold != want.ZeroThreshold, h.ZeroCount != want.ZeroCount, h.Count != want.Count,
		!slices.Equal(h.PositiveSpans, want.PositiveSpans), !slices.Equal(h.NegativeSpans, want.NegativeSpans):
		return fmt.Sprintf("\n got %+v\nwant %+v", *h, want)
	case !slices.Equal(nativehist.AppendDeltas(nil, h.PositiveCounts), w.PositiveDelta):
		return fmt.Sprintf("positive counts %v, want deltas %v", h.PositiveCounts, w.PositiveDelta)
	case !slices.Equal(nativehist.AppendDeltas(nil, h.NegativeCounts), w.NegativeDelta):
		return fmt.Sprintf("negative counts %v, want deltas %v", h.NegativeCounts, w.NegativeDelta)
	case start != w.CreatedTimestamp.AsTime().UnixNano():
		return fmt.Sprintf("start %d, want %v", start, w.CreatedTimestamp.AsTime())
	case extra[0] != w.Bucket[0].GetCumulativeCount(), extra[0]+extra[1] != w.Bucket[1].GetCumulativeCount(), extra[0]+extra[1]+extra[2] != h.Count:
		return fmt.Sprintf("classic buckets %v, want %v of %d", extra, w.Bucket, w.GetSampleCount())
	case !closeEnough(h.Sum, w.GetSampleSum()):
		return fmt.Sprintf("sum %v, want %v", h.Sum, w.GetSampleSum())
	}
	if err := h.Validate(); err != nil {
		return err.Error()
	}
	return ""
}

// closeEnough allows for sums that were added up in another order, of values that
// may be of any size.
func closeEnough(a, b float64) bool {
	if a == b || a != a || b != b || math.IsInf(a, 0) || math.IsInf(b, 0) {
		return true // infinities and NaN depend on the order as well
	}
	return math.Abs(a-b) <= 1e-6*max(math.Abs(a), math.Abs(b)) || max(math.Abs(a), math.Abs(b)) > 1e15
}

func spansOf(list []*dto.BucketSpan) (spans []nativehist.Span) {
	for _, s := range list {
		spans = append(spans, nativehist.Span{Offset: s.GetOffset(), Length: s.GetLength()})
	}
	return spans
}

// compareServer asks the Prometheus server's code the same questions.
func compareServer(t *testing.T, h *nativehist.Histogram) {
	s := serverHistogram(h)
	if err := s.Validate(); err != nil {
		t.Fatalf("the server refuses %+v: %v", *h, err)
	}
	for _, q := range []float64{-1, 0, 0.01, 0.3, 0.5, 0.77, 1, 2} {
		want := serverQuantile(q, s)
		if got := h.Quantile(q); !same(got, want) {
			t.Fatalf("quantile %v is %v, want %v, of %+v", q, got, want, *h)
		}
	}
	for _, r := range [][2]float64{{math.Inf(-1), 1}, {0, 10}, {-3, 0.7}, {0.1, math.Inf(1)}, {1, 0}, {1e-300, 1e300}} {
		want := serverFraction(r[0], r[1], s)
		if got := h.CountInRange(r[0], r[1]) / float64(h.Count); !same(got, want) {
			t.Fatalf("fraction in %v is %v, want %v, of %+v", r, got, want, *h)
		}
	}
}

// serverQuantile follows promql.HistogramQuantile over the server's own iterators;
// importing promql itself would bring half the server into this module.
func serverQuantile(q float64, h *server.FloatHistogram) float64 {
	switch {
	case q < 0:
		return math.Inf(-1)
	case q > 1:
		return math.Inf(1)
	case h.Count == 0:
		return math.NaN()
	}
	forward := math.IsNaN(h.Sum) || q < 0.5
	it, rank := h.AllReverseBucketIterator(), (1-q)*h.Count
	if forward {
		it, rank = h.AllBucketIterator(), q*h.Count
	}
	var b server.Bucket[float64]
	count := 0.0
	for it.Next() {
		if b = it.At(); b.Count == 0 {
			continue
		}
		if count += b.Count; count >= rank {
			break
		}
	}
	b = oneSided(b, h)
	if count < rank {
		if math.IsNaN(h.Sum) {
			return math.NaN()
		}
		return b.Upper
	}
	if forward {
		rank -= count - b.Count
	} else {
		rank = count - rank
	}
	fraction := rank / b.Count
	if b.Lower <= 0 && b.Upper >= 0 {
		return b.Lower + (b.Upper-b.Lower)*fraction
	}
	lower, upper := math.Log2(math.Abs(b.Lower)), math.Log2(math.Abs(b.Upper))
	if b.Lower > 0 {
		return math.Exp2(lower + (upper-lower)*fraction)
	}
	return -math.Exp2(upper + (lower-upper)*(1-fraction))
}

// oneSided ends the zero bucket at 0 where all others are of one sign.
func oneSided(b server.Bucket[float64], h *server.FloatHistogram) server.Bucket[float64] {
	if b.Lower <= 0 && b.Upper >= 0 {
		switch {
		case len(h.NegativeBuckets) == 0 && len(h.PositiveBuckets) > 0:
			b.Lower = 0
		case len(h.PositiveBuckets) == 0 && len(h.NegativeBuckets) > 0:
			b.Upper = 0
		}
	}
	return b
}

// serverFraction follows promql.HistogramFraction in the same way.
func serverFraction(lower, upper float64, h *server.FloatHistogram) float64 {
	if h.Count == 0 {
		return math.NaN()
	}
	if lower >= upper {
		return 0
	}
	return (serverRank(upper, h) - serverRank(lower, h)) / h.Count
}

func serverRank(v float64, h *server.FloatHistogram) (rank float64) {
	for it := h.AllBucketIterator(); it.Next(); {
		b := oneSided(it.At(), h)
		if b.Lower >= v {
			return rank
		}
		if b.Upper > v {
			return rank + b.Count*b.FractionBelow(v, b.Lower <= 0 && b.Upper >= 0)
		}
		rank += b.Count
	}
	return rank
}

func same(a, b float64) bool {
	return a == b || a != a && b != b || math.Abs(a-b) <= 1e-9*max(1, math.Abs(a))
}

func serverHistogram(h *nativehist.Histogram) *server.FloatHistogram {
	s := &server.FloatHistogram{Schema: h.Schema, ZeroThreshold: h.ZeroThreshold, ZeroCount: float64(h.ZeroCount), Count: float64(h.Count), Sum: h.Sum}
	for _, span := range h.PositiveSpans {
		s.PositiveSpans = append(s.PositiveSpans, server.Span(span))
	}
	for _, span := range h.NegativeSpans {
		s.NegativeSpans = append(s.NegativeSpans, server.Span(span))
	}
	for _, n := range h.PositiveCounts {
		s.PositiveBuckets = append(s.PositiveBuckets, float64(n))
	}
	for _, n := range h.NegativeCounts {
		s.NegativeBuckets = append(s.NegativeBuckets, float64(n))
	}
	return s
}

// The bounds of every bucket of every schema are the server's.
func TestNativeBounds(t *testing.T) {
	for schema := int32(nativehist.MinSchema); schema <= nativehist.MaxSchema; schema++ {
		first, last := nativehist.Index(schema, 5e-324), nativehist.Index(schema, math.Inf(1))
		s := server.FloatHistogram{Schema: schema, PositiveSpans: []server.Span{{Offset: first, Length: uint32(last - first + 1)}},
			PositiveBuckets: make([]float64, last-first+1)}
		for it := s.PositiveBucketIterator(); it.Next(); {
			b := it.At()
			if got := nativehist.Bound(schema, b.Index); got != b.Upper {
				t.Fatalf("schema %d: bucket %d ends at %v, want %v", schema, b.Index, got, b.Upper)
			}
		}
	}
}

// Merging is what the server's Add does, for as long as it counts each observation
// once: where schemas and thresholds both differ, it may not.
func TestNativeMerge(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		pair := [2]nativehist.Histogram{}
		schema := int32(r.IntN(13) - 4)
		for i := range pair {
			o := nativehist.Options{Schema: schema, ZeroThreshold: math.Exp(3 * r.NormFloat64())}
			if r.IntN(2) == 0 {
				o.Schema, o.ZeroThreshold = int32(r.IntN(13)-4), 0
			}
			c, err := o.Config()
			if err != nil {
				t.Fatal(err)
			}
			rec := nativehist.NewRecorder(new(shard.Arena), c)
			for range r.IntN(50) {
				rec.Observe(r.NormFloat64()*math.Exp(2*r.NormFloat64()), -1)
			}
			rec.Snapshot(&pair[i], nil)
		}
		a, b := &pair[0], &pair[1]
		if a.Schema != b.Schema && a.ZeroThreshold != b.ZeroThreshold {
			continue
		}
		want, _, _, err := serverHistogram(a).Add(serverHistogram(b))
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Merge(b); err != nil {
			t.Fatal(err)
		}
		if got := serverHistogram(a); !got.Compact(0).Equals(want.Compact(0)) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}
