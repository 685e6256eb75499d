package prometheus

import (
	"math"
	"slices"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// buckets makes classic buckets of bounds and counts in turn.
func bucketList(bounds []float64, counts ...uint64) (list []*dto.Bucket) {
	for i, b := range bounds {
		list = append(list, &dto.Bucket{UpperBound: new(b), CumulativeCount: new(counts[i])})
	}
	return list
}

func TestHistogram(t *testing.T) {
	h := NewHistogram(HistogramOpts{Name: "h", Buckets: []float64{1, 2, 4}, ConstLabels: Labels{"a": "1"}})
	for _, v := range []float64{-1, 1, 1.5, 4, 100, math.Inf(1)} {
		h.Observe(v)
	}
	want := &dto.Metric{Label: labelled("a", "1"), Histogram: &dto.Histogram{SampleCount: new(uint64(6)), SampleSum: new(math.Inf(1)),
		Bucket: bucketList([]float64{1, 2, 4}, 2, 3, 4), CreatedTimestamp: now()}}
	wantWritten(t, h, want)

	h.(ExemplarObserver).ObserveWithExemplar(1.5, nil)
	h.(ExemplarObserver).ObserveWithExemplar(1.25, Labels{"id": "x"})
	want.Histogram.SampleCount = new(uint64(8))
	want.Histogram.Bucket = bucketList([]float64{1, 2, 4}, 2, 5, 6)
	want.Histogram.Bucket[1].Exemplar = exemplarAt(1.25, "id", "x")
	wantWritten(t, h, want)

	// An exemplar beyond the last bound brings the bucket for +Inf.
	h.(ExemplarObserver).ObserveWithExemplar(5, Labels{"id": "y"})
	want.Histogram.SampleCount = new(uint64(9))
	want.Histogram.Bucket = append(want.Histogram.Bucket, bucketList([]float64{math.Inf(1)}, 9)...)
	want.Histogram.Bucket[3].Exemplar = exemplarAt(5, "id", "y")
	wantWritten(t, h, want)
}

// A NaN is refused: it would be in no bucket and make the sum NaN for ever.
func TestHistogramRefusesNaN(t *testing.T) {
	h, c, s := NewHistogram(HistogramOpts{Name: "h"}), NewCounter(CounterOpts{Name: "c"}), NewSummary(SummaryOpts{Name: "s"})
	before := reports.Dropped()
	h.Observe(math.NaN())
	s.Observe(math.NaN())
	c.Add(math.NaN())
	c.Add(math.Inf(1))
	if n := written(t, h).Histogram; n.GetSampleCount() != 0 || n.GetSampleSum() != 0 {
		t.Error(n)
	}
	if n := written(t, s).Summary; n.GetSampleCount() != 0 || n.GetSampleSum() != 0 {
		t.Error(n)
	}
	if n := written(t, c).Counter; n.GetValue() != 0 {
		t.Error(n)
	}
	if n := reports.Dropped() - before; n != 4 {
		t.Errorf("%d dropped", n)
	}
}

func TestHistogramBounds(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, tt := range []struct {
		opts HistogramOpts
		want []float64
	}{
		{HistogramOpts{}, DefBuckets},
		{HistogramOpts{Buckets: []float64{}}, DefBuckets},
		{HistogramOpts{Buckets: []float64{1, inf}}, []float64{1}},
		{HistogramOpts{Buckets: []float64{inf}}, nil},
		{HistogramOpts{Buckets: []float64{-inf, 1}}, []float64{-inf, 1}},
		{HistogramOpts{Buckets: []float64{nan, 1}}, []float64{nan, 1}},
		{HistogramOpts{NativeHistogramBucketFactor: 1.1}, nil},
		{HistogramOpts{NativeHistogramBucketFactor: 1.1, Buckets: []float64{inf}}, nil},
		{HistogramOpts{NativeHistogramBucketFactor: 1.1, Buckets: []float64{1, 2}}, []float64{1, 2}},
		{HistogramOpts{NativeHistogramBucketFactor: 1}, DefBuckets},
	} {
		tt.opts.Name = "h"
		h := NewHistogram(tt.opts)
		h.Observe(0.5)
		var got []float64
		for _, b := range written(t, h).Histogram.Bucket {
			got = append(got, b.GetUpperBound())
			if in := b.GetUpperBound() >= 0.5; (b.GetCumulativeCount() == 1) != in {
				t.Errorf("%v: %v", tt.opts.Buckets, b)
			}
		}
		if !slices.EqualFunc(got, tt.want, func(a, b float64) bool { return a == b || a != a && b != b }) {
			t.Errorf("%v: bounds %v, want %v", tt.opts.Buckets, got, tt.want)
		}
		if n := written(t, h).Histogram.GetSampleCount(); n != 1 {
			t.Errorf("%v: count %d", tt.opts.Buckets, n)
		}
	}
}

// Without a finite bound all exemplars are those of +Inf.
func TestHistogramOfInfinityAlone(t *testing.T) {
	h := NewHistogram(HistogramOpts{Name: "h", Buckets: []float64{math.Inf(1)}})
	for i, v := range []float64{-1, 1, 0} {
		h.(ExemplarObserver).ObserveWithExemplar(v, Labels{"id": "x"})
		b := written(t, h).Histogram.Bucket
		if len(b) != 1 || b[0].GetCumulativeCount() != uint64(i+1) || b[0].Exemplar.GetValue() != v {
			t.Errorf("%v: %v", v, b)
		}
	}
}

// The caller's slice is copied, and DefBuckets read when the histogram is made.
func TestHistogramCopiesBuckets(t *testing.T) {
	bounds := []float64{1, 2}
	h := NewHistogram(HistogramOpts{Name: "h", Buckets: bounds})
	bounds[0] = 1.5
	saved := DefBuckets
	defer func() { DefBuckets = saved }()
	DefBuckets = []float64{7}
	d := NewHistogram(HistogramOpts{Name: "d"})
	if b := written(t, h).Histogram.Bucket[0].GetUpperBound(); b != 1 {
		t.Error(b)
	}
	if b := written(t, d).Histogram.Bucket; len(b) != 1 || b[0].GetUpperBound() != 7 {
		t.Error(b)
	}
}

func TestHistogramPanics(t *testing.T) {
	reserved := `"le" is not allowed as label name in histograms`
	wantPanic(t, reserved, func() { NewHistogram(HistogramOpts{Name: "h", ConstLabels: Labels{"le": "1"}}) })
	wantPanic(t, "histogram buckets must be in increasing order: +Inf >= +Inf", func() {
		NewHistogram(HistogramOpts{Name: "h", Buckets: []float64{1, 2, math.Inf(1), math.Inf(1)}})
	})
	wantPanic(t, "histogram buckets must be in increasing order: 1.000000 >= 1.000000", func() {
		NewHistogram(HistogramOpts{Name: "h", Buckets: []float64{1, 1, 2}})
	})
	// A vec panics when its first histogram is made.
	v := NewHistogramVec(HistogramOpts{Name: "h"}, []string{"le"})
	wantPanic(t, reserved, func() { v.WithLabelValues("1") })
	v = NewHistogramVec(HistogramOpts{Name: "h", Buckets: []float64{2, 1}}, []string{"a"})
	wantPanic(t, "histogram buckets must be in increasing order: 2.000000 >= 1.000000", func() { v.WithLabelValues("1") })
}

func TestBucketFunctions(t *testing.T) {
	if got := LinearBuckets(-15, 5, 4); !slices.Equal(got, []float64{-15, -10, -5, 0}) {
		t.Error(got)
	}
	if got := ExponentialBuckets(100, 1.5, 3); !slices.Equal(got, []float64{100, 150, 225}) {
		t.Error(got)
	}
	got := ExponentialBucketsRange(1, 1000, 4)
	for i, want := range []float64{1, 10, 100, 1000} {
		if math.Abs(got[i]/want-1) > 1e-12 {
			t.Error(got)
		}
	}
	for text, f := range map[string]func(){
		"LinearBuckets needs a positive count":                   func() { LinearBuckets(1, 1, 0) },
		"ExponentialBuckets needs a positive count":              func() { ExponentialBuckets(1, 2, 0) },
		"ExponentialBuckets needs a positive start value":        func() { ExponentialBuckets(0, 2, 1) },
		"ExponentialBuckets needs a factor greater than 1":       func() { ExponentialBuckets(1, 1, 1) },
		"ExponentialBucketsRange count needs a positive count":   func() { ExponentialBucketsRange(1, 2, 0) },
		"ExponentialBucketsRange min needs to be greater than 0": func() { ExponentialBucketsRange(0, 2, 1) },
	} {
		wantPanic(t, text, f)
	}
}

func spanList(pairs ...int) (list []*dto.BucketSpan) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, &dto.BucketSpan{Offset: new(int32(pairs[i])), Length: new(uint32(pairs[i+1]))})
	}
	return list
}

func TestNativeHistogram(t *testing.T) {
	for name, tt := range map[string]struct {
		opts     HistogramOpts
		observed []float64
		want     *dto.Histogram
	}{
		"empty": {
			HistogramOpts{NativeHistogramBucketFactor: 1.1}, nil,
			&dto.Histogram{Schema: new(int32(3)), ZeroThreshold: new(DefNativeHistogramZeroThreshold), ZeroCount: new(uint64(0))},
		},
		"empty, without a zero bucket": { // it would look like a classic one
			HistogramOpts{NativeHistogramBucketFactor: 1.1, NativeHistogramZeroThreshold: NativeHistogramZeroThresholdZero}, nil,
			&dto.Histogram{Schema: new(int32(3)), ZeroThreshold: new(0.0), ZeroCount: new(uint64(0)), PositiveSpan: spanList(0, 0)},
		},
		"both signs, zeros and gaps": {
			HistogramOpts{NativeHistogramBucketFactor: 2}, []float64{0, 1, 2, 2, 16, 1024, -1},
			&dto.Histogram{Schema: new(int32(0)), ZeroThreshold: new(DefNativeHistogramZeroThreshold), ZeroCount: new(uint64(1)),
				PositiveSpan: spanList(0, 5, 5, 1), PositiveDelta: []int64{1, 1, -2, 0, 1, 0},
				NegativeSpan: spanList(0, 1), NegativeDelta: []int64{1}},
		},
		"a small gap is filled": {
			HistogramOpts{NativeHistogramBucketFactor: 2}, []float64{1, 8},
			&dto.Histogram{Schema: new(int32(0)), ZeroThreshold: new(DefNativeHistogramZeroThreshold), ZeroCount: new(uint64(0)),
				PositiveSpan: spanList(0, 4), PositiveDelta: []int64{1, -1, 0, 1}},
		},
		"a coarse factor": {
			HistogramOpts{NativeHistogramBucketFactor: 17}, []float64{1},
			&dto.Histogram{Schema: new(int32(-2)), ZeroThreshold: new(DefNativeHistogramZeroThreshold), ZeroCount: new(uint64(0)),
				PositiveSpan: spanList(0, 1), PositiveDelta: []int64{1}},
		},
		"with classic buckets": {
			HistogramOpts{NativeHistogramBucketFactor: 2, Buckets: []float64{1, 2}}, []float64{1, 4},
			&dto.Histogram{Schema: new(int32(0)), ZeroThreshold: new(DefNativeHistogramZeroThreshold), ZeroCount: new(uint64(0)),
				PositiveSpan: spanList(0, 3), PositiveDelta: []int64{1, -1, 1}, Bucket: bucketList([]float64{1, 2}, 1, 1)},
		},
		"at the limit the resolution is halved": {
			HistogramOpts{NativeHistogramBucketFactor: 2, NativeHistogramMaxBucketNumber: 2}, []float64{1, 2, 4},
			&dto.Histogram{Schema: new(int32(-1)), ZeroThreshold: new(DefNativeHistogramZeroThreshold), ZeroCount: new(uint64(0)),
				PositiveSpan: spanList(0, 2), PositiveDelta: []int64{1, 1}},
		},
		"or the zero bucket widened": {
			HistogramOpts{NativeHistogramBucketFactor: 2, NativeHistogramMaxBucketNumber: 2, NativeHistogramMaxZeroThreshold: 1}, []float64{1, 2, 4},
			&dto.Histogram{Schema: new(int32(0)), ZeroThreshold: new(1.0), ZeroCount: new(uint64(1)),
				PositiveSpan: spanList(1, 2), PositiveDelta: []int64{1, 0}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			tt.opts.Name = "h"
			h := NewHistogram(tt.opts)
			sum := 0.0
			for _, v := range tt.observed {
				h.Observe(v)
				sum += v
			}
			tt.want.SampleCount, tt.want.SampleSum, tt.want.CreatedTimestamp = new(uint64(len(tt.observed))), new(sum), now()
			wantWritten(t, h, &dto.Metric{Histogram: tt.want})
		})
	}
}

// By default there is no limit to the number of buckets, unlike the engine's.
func TestNativeHistogramHasNoLimit(t *testing.T) {
	h := NewHistogram(HistogramOpts{Name: "h", NativeHistogramBucketFactor: 1.1})
	for i := range 1000 {
		h.Observe(math.Pow(1.2, float64(i-500)))
	}
	if m := written(t, h).Histogram; m.GetSchema() != 3 {
		t.Errorf("schema %d", m.GetSchema())
	}
}

func TestNativeHistogramReset(t *testing.T) {
	h := NewHistogram(HistogramOpts{Name: "h", Buckets: []float64{1}, NativeHistogramBucketFactor: 2, NativeHistogramMaxBucketNumber: 1, NativeHistogramMinResetDuration: 1})
	h.Observe(1)
	h.Observe(8) // over the limit, and a nanosecond has passed
	m := written(t, h).Histogram
	if m.GetSampleCount() != 1 || m.GetSampleSum() != 8 || m.Bucket[0].GetCumulativeCount() != 0 || m.GetSchema() != 0 {
		t.Error(m)
	}
}

func TestNativeHistogramExemplars(t *testing.T) {
	values := func(h Histogram) (list []float64) {
		for _, e := range written(t, h).Histogram.Exemplars {
			list = append(list, e.GetValue())
		}
		return list
	}
	observe := func(h Histogram, list ...float64) {
		for _, v := range list {
			h.(ExemplarObserver).ObserveWithExemplar(v, Labels{"id": "1"})
		}
	}
	h := NewHistogram(HistogramOpts{Name: "h", NativeHistogramBucketFactor: 1.1, NativeHistogramMaxExemplars: 3, NativeHistogramExemplarTTL: time.Hour})
	observe(h, 8, 1, 100)
	if got := values(h); !slices.Equal(got, []float64{1, 8, 100}) {
		t.Error(got)
	}
	observe(h, 9) // closest to 8, which is older
	if got := values(h); !slices.Equal(got, []float64{1, 9, 100}) {
		t.Error(got)
	}
	// Without classic buckets there is one for +Inf, with the latest exemplar.
	if b := written(t, h).Histogram.Bucket; len(b) != 1 || !math.IsInf(b[0].GetUpperBound(), 1) || b[0].GetCumulativeCount() != 4 || b[0].Exemplar.GetValue() != 9 {
		t.Error(b)
	}
	off := NewHistogram(HistogramOpts{Name: "h", NativeHistogramBucketFactor: 1.1, Buckets: []float64{10}, NativeHistogramMaxExemplars: -1})
	observe(off, 8)
	if m := written(t, off).Histogram; len(m.Exemplars) != 0 || m.Bucket[0].Exemplar.GetValue() != 8 {
		t.Error(m)
	}
	ten := NewHistogram(HistogramOpts{Name: "h", NativeHistogramBucketFactor: 1.1})
	for i := range 20 {
		observe(ten, float64(i+1))
	}
	if got := values(ten); len(got) != 10 || !slices.IsSorted(got) {
		t.Error(got)
	}
}
