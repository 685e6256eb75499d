package nativehist

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func wraps(err, rule error, text string) bool {
	return errors.Is(err, rule) && strings.Contains(err.Error(), text)
}

func TestValidate(t *testing.T) {
	good := func() Histogram {
		return Histogram{Schema: 3, Count: 6, ZeroCount: 1, PositiveSpans: []Span{{-4, 1}, {3, 2}}, PositiveCounts: []uint64{1, 0, 2},
			NegativeSpans: []Span{{0, 1}}, NegativeCounts: []uint64{2}}
	}
	h := good()
	if err := h.Validate(); err != nil {
		t.Fatal(err)
	}
	for text, c := range map[string]struct {
		rule   error
		change func(h *Histogram)
	}{
		"schema 9":                      {ErrSchema, func(h *Histogram) { h.Schema = 9 }},
		"schema -53":                    {ErrSchema, func(h *Histogram) { h.Schema = -53 }},
		"zero threshold -1":             {ErrZeroThreshold, func(h *Histogram) { h.ZeroThreshold = -1 }},
		"zero threshold NaN":            {ErrZeroThreshold, func(h *Histogram) { h.ZeroThreshold = math.NaN() }},
		"span 1 has offset -1":          {ErrSpanOffset, func(h *Histogram) { h.PositiveSpans[1].Offset = -1 }},
		"begins at bucket -2147483648":  {ErrSpanIndex, func(h *Histogram) { h.NegativeSpans[0].Offset = math.MinInt32 }},
		"ends at bucket 2147483649":     {ErrSpanIndex, func(h *Histogram) { h.PositiveSpans[0].Offset, h.PositiveSpans[1].Offset = 0, math.MaxInt32 }},
		"positive spans have 4 buckets": {ErrSpanLength, func(h *Histogram) { h.PositiveSpans[1].Length++ }},
		"negative spans have 1 buckets": {ErrSpanLength, func(h *Histogram) { h.NegativeCounts = nil }},
		"6 observations in buckets":     {ErrCount, func(h *Histogram) { h.Count = 7 }},
		"6 observations in buckets, co": {ErrCount, func(h *Histogram) { h.Count, h.Sum = 5, math.NaN() }},
		"positive spans have 4294967295 ": {ErrSpanLength, func(h *Histogram) {
			h.PositiveSpans = []Span{{math.MinInt32 + 1, 1}, {0, math.MaxUint32 - 1}}
		}},
	} {
		h := good()
		c.change(&h)
		err := h.Validate()
		var typed *InvalidError
		if !wraps(err, c.rule, text) || !errors.As(err, &typed) {
			t.Errorf("%s: %v", text, err)
		}
	}
	h.Count, h.Sum = 7, math.NaN()
	if err := h.Validate(); err != nil {
		t.Errorf("with a NaN observation: %v", err)
	}
}

func TestNoOpAndDeltas(t *testing.T) {
	for _, h := range []Histogram{{ZeroThreshold: 1}, {ZeroCount: 1}, {PositiveSpans: []Span{{0, 1}}}, {NegativeSpans: []Span{{0, 1}}}} {
		if h.NoOp() {
			t.Errorf("%+v needs no span", h)
		}
	}
	if h := (Histogram{}); !h.NoOp() {
		t.Error("an empty histogram needs a span")
	}
	if got := AppendDeltas([]int64{9}, []uint64{5, 7, 0, 1}); !slices.Equal(got, []int64{9, 5, 2, -7, 1}) {
		t.Errorf("deltas %v", got)
	}
}

func observed(t *testing.T, o Options, values []float64) Histogram {
	m := newModel(config(t, o))
	for _, v := range values {
		m.observe(v, 0)
	}
	return m.histogram()
}

// Merging histograms of two streams is the histogram of both, as far as the larger
// zero bucket can be told from outside.
func TestMergeIsObservingBoth(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		a, b := make([]float64, r.IntN(60)), make([]float64, r.IntN(60))
		for _, values := range [][]float64{a, b} {
			for i := range values {
				values[i] = r.NormFloat64() * math.Exp(3*r.NormFloat64())
			}
		}
		sa, sb := int32(r.IntN(13)-4), int32(r.IntN(13)-4)
		h := observed(t, Options{Schema: sa, ZeroThreshold: -1}, a)
		o := observed(t, Options{Schema: sb, ZeroThreshold: -1}, b)
		want := observed(t, Options{Schema: min(sa, sb), ZeroThreshold: -1}, append(a, b...))
		if err := h.Merge(&o); err != nil {
			t.Fatal(err)
		}
		if !equal(h, want) {
			t.Fatalf("schemas %d and %d:\n got %+v\nwant %+v", sa, sb, h, want)
		}
	}
}

func TestMergeWidensUntilNothingIsCut(t *testing.T) {
	h := observed(t, Options{Schema: 0, ZeroThreshold: 0.75}, []float64{0.5, 3, 9})
	o := observed(t, Options{Schema: 0, ZeroThreshold: 2.5}, []float64{2, -3, -6})
	// 2.5 cuts through (2,4] of h, where 3 is; 4 is a bound of both.
	if err := h.Merge(&o); err != nil {
		t.Fatal(err)
	}
	want := Histogram{ZeroThreshold: 4, ZeroCount: 4, Count: 6, Sum: 5.5, PositiveSpans: []Span{{4, 1}}, PositiveCounts: []uint64{1},
		NegativeSpans: []Span{{3, 1}}, NegativeCounts: []uint64{1}}
	if !equal(h, want) {
		t.Fatalf("got %+v\nwant %+v", h, want)
	}
}

func TestMergeOfItselfAndOfInvalid(t *testing.T) {
	h := observed(t, Options{Schema: 3}, latencies(100))
	one := h
	if err := h.Merge(&h); err != nil || h.Count != 200 || h.Validate() != nil {
		t.Fatalf("merged with itself: %v, %+v", err, h)
	}
	if err := one.Merge(&Histogram{Count: 1}); !errors.Is(err, ErrCount) || one.Count != 100 {
		t.Errorf("merged with an invalid one: %v, count %d", err, one.Count)
	}
}

func TestReduceResolution(t *testing.T) {
	values := latencies(300)
	for fine := int32(MinSchema); fine <= MaxSchema; fine++ {
		for schema := int32(MinSchema - 1); schema <= MaxSchema+1; schema++ {
			h := observed(t, Options{Schema: fine}, values)
			err := h.ReduceResolution(schema)
			if schema < MinSchema || schema >= fine {
				if !errors.Is(err, ErrSchema) {
					t.Errorf("from %d to %d: %v", fine, schema, err)
				}
				continue
			}
			if want := observed(t, Options{Schema: schema}, values); err != nil || !equal(h, want) {
				t.Errorf("from %d to %d: %v\n got %+v\nwant %+v", fine, schema, err, h, want)
			}
		}
	}
}

// An estimate is in the bucket of the true quantile.
func TestQuantileIsInTheRightBucket(t *testing.T) {
	values := latencies(2000)
	h := observed(t, Options{Schema: 5}, values)
	slices.Sort(values)
	for _, q := range []float64{0.001, 0.1, 0.5, 0.9, 0.999} {
		got, want := h.Quantile(q), values[int(math.Ceil(q*2000))-1]
		if ratio := got / want; ratio > 1.025 || ratio < 0.975 {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
		if n := h.CountInRange(math.Inf(-1), got); math.Abs(n-q*2000) > 1e-6 {
			t.Errorf("%v observations below quantile %v, want %v", n, q, q*2000)
		}
	}
	for q, want := range map[float64]float64{-1: math.Inf(-1), 2: math.Inf(1)} {
		if got := h.Quantile(q); got != want {
			t.Errorf("quantile %v is %v", q, got)
		}
	}
	empty := Histogram{}
	if got := empty.Quantile(0.5); got == got {
		t.Errorf("of nothing: %v", got)
	}
}
